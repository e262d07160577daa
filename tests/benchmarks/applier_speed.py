"""An applier over the SQLite example: the data of others and earlier steps cost next to no time, and few rows are read."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import accountmerge as am
from accountmerge.changes.compiling import Progress
from accountmerge.changes.step_checks import checked_step
from accountmerge.model.entities import KIND_OF_NAME
from migration_speed import planned
from practices import AT, practice, snapshot_of
from timing import Line, best_in_turns, shown

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
BOOKINGS = 9
"""The bookings of a migration with 14 steps."""
STORE, STEP, ROWS = 1.2, 1.5, 3
"""The marks."""


def store_lines(*, small: int, large: int, repeats: int) -> Iterator[Line]:
    """Measure one migration in a small and in a large store."""
    if str(EXAMPLES) not in sys.path:
        sys.path.append(str(EXAMPLES))
    from sqlite_store import SqliteStore

    with TemporaryDirectory() as folder:
        seeded = []
        for others in (large, small):
            snapshot = snapshot_of(practice(moving=BOOKINGS, others=others))
            seeded.append((Path(folder, f"{others}.db"), planned(snapshot)))
            SqliteStore(seeded[-1][0]).seed(snapshot)

        def copied() -> Any:
            """Return a fresh copy of each store."""
            return {path: shutil.copy(path, path.with_suffix(".copy")) for path, _ in seeded}

        def applied(path: Path, change_set: am.ChangeSet, copies: Any) -> None:
            outcomes = SqliteStore(copies[path]).apply(change_set, now=AT)
            assert set(outcomes.values()) == {"applied"}

        actions: list[Callable[..., Any]] = [partial(applied, *each) for each in seeded]
        beside, alone = best_in_turns(*actions, repeats=repeats, prepare=copied)
    figures = f"{shown(beside)} to {shown(alone)}, {len(seeded[0][1].steps)} steps, each in a transaction"
    yield Line(
        f"applying on SQLite among {large:,} appointments to {small:,}", beside / alone, STORE, figures
    )


def step_lines(*, late: int, early: int, repeats: int) -> Iterator[Line]:
    """Measure the check of a late step and of an early one, with the receipts of all steps before it."""
    snapshot = snapshot_of(practice(moving=late))
    change_set = planned(snapshot)
    compiled = am.changes.compiled(change_set)
    actions: list[Callable[..., Any]] = []
    for ordinal in (late, early):
        data = am.apply(snapshot, change_set.prefix(ordinal - 1))
        progress = Progress(compiled, [_receipt(change_set, n) for n in range(1, ordinal)])
        actions.append(partial(checked_step, data, progress, ordinal))
        assert actions[-1]().failures == ()
        assert actions[-1]().edits
    times = best_in_turns(*actions, repeats=repeats)
    figures = f"{shown(times[0])} to {shown(times[1])}, {len(change_set.steps)} steps"
    yield Line(f"check of step {late} to step {early}", times[0] / times[1], STEP, figures)


def _receipt(change_set: am.ChangeSet, ordinal: int) -> am.Receipt:
    step_id = f"{change_set.plan_id}/{ordinal}"
    return am.Receipt(step_id=step_id, outcome="applied", at=AT, by="a benchmark")


def row_lines(*, bookings: int, others: int) -> Iterator[Line]:
    """Count the rows that are read to check a whole migration."""
    snapshot = snapshot_of(practice(moving=bookings, others=others))
    reading = am.changes.reading(planned(snapshot), taken_at=AT)
    read: set[tuple[str, str]] = set()
    rounds = 0
    try:
        questions = next(reading)
        while True:
            rounds += 1
            rows = list(answers(snapshot, questions))
            read.update((type(row).__name__, row.id) for row in rows)
            questions = reading.send(rows)
    except StopIteration:
        pass
    figures = f"{len(read):,} rows in {rounds} rounds, among {others:,} appointments"
    yield Line(f"rows read to move {bookings} bookings", len(read) / bookings, ROWS, figures)


def answers(snapshot: am.Snapshot, questions: am.changes.Questions) -> Iterator[Any]:
    """Yield exactly the rows that answer questions."""
    for name, ids in questions.ids:
        yield from filter(None, map(snapshot.table(KIND_OF_NAME[name].collection).get, ids))
    for asked in questions.equalities:
        table = snapshot.table(KIND_OF_NAME[asked.entity].collection)
        for value in asked.values:
            yield from table.where(asked.attribute, value)
    for profile_id, customer_id in questions.access:
        rows = snapshot.access.where("customer_id", customer_id)
        yield from (row for row in rows if row.profile_id == profile_id)
    for booked in questions.bookings:
        only = am.changes.Questions(bookings=(booked,))
        yield from filter(only.matches, snapshot.appointments.where(booked.field, booked.id))
