"""The database as an oracle: no constraint fires when a store applies a plan; without guards or order, some do.

Plans that accept an overlap, or that follow one, are left out: these tables hold none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from good_snapshots import made_good
from hypothesis import assume, event, given, settings
from lasting_stores import DATABASES, lasting_store
from mapped_adapter import MappedAdapter
from oracle_rows import fill, read
from oracle_rules import violations
from replanned_questions import QUESTION_KINDS, bare, some_questions
from sqlalchemy.exc import IntegrityError
from written_rows import emptied

import accountmerge as am
from accountmerge.changes import step_checks
from accountmerge.sql import DatabaseError
from accountmerge.sql.writing import Writer
from accountmerge.testing.strategies import PlannedCase, planned_cases

pytestmark = pytest.mark.unmeasured

A_KIND = 60
"""The most stored questions of a kind; of all kinds together, about 180 are tried."""
DRAWN = settings(max_examples=2_000 if settings().max_examples > 1000 else 75)
"""With the stored questions, both databases together try more than 500 plans."""


@pytest.fixture(scope="module", params=DATABASES)
def adapter(request: pytest.FixtureRequest) -> Iterator[MappedAdapter]:
    """Return a store on the oracle, on each database in turn."""
    with lasting_store(request, request.param, "oracle_mapping") as made:
        yield made


def filled(adapter: MappedAdapter, data: am.Snapshot) -> None:
    """Write data by hand, into tables without receipts."""
    with adapter.engine.begin() as connection:
        emptied(connection, adapter.mapping.tables.added.sorted_tables[::-1])
        fill(connection, data)


def require_applied(adapter: MappedAdapter, data: am.Snapshot, change_set: am.ChangeSet) -> None:
    """Apply a change set step by step; no rule is broken after any, and the rows are those that are planned."""
    filled(adapter, data)
    committed = 0

    def verify(point: str) -> None:
        nonlocal committed
        if point.startswith("committed"):
            committed += 1
            with adapter.engine.connect() as connection:
                assert violations(connection) == ()

    adapter.store(data.taken_at).apply(change_set, by="a test", on_point=verify)
    assert committed == len(change_set.wanted_steps)
    with adapter.engine.connect() as connection:
        assert read(connection, data.taken_at) == am.apply(data, change_set)


def good_questions(kind: str, number: int = A_KIND) -> Iterator[Any]:
    """Yield stored questions on data without the faults that the oracle refuses, without accepted overlaps."""
    for question in some_questions(kind, number, lambda data: (made_good(data), {})):
        change_set = question.change_set
        if kind == "undo" and not change_set.tolerated:
            try:
                inverse = am.invert(change_set).confirm(by="Ann Example", at=change_set.at)
            except am.ApplyRefused:
                continue
            yield attrs.evolve(question, data=am.apply(question.data, change_set), change_set=inverse)
        elif not change_set.tolerated:
            yield question


LEAST = {"migration": 25, "merge": 40, "undo": 30}
"""The least number of tried questions of a kind; of the others there are fewer."""


@pytest.mark.parametrize("kind", QUESTION_KINDS)
def test_no_constraint_fires_when_a_stored_question_is_applied(adapter: MappedAdapter, kind: str) -> None:
    tried = 0
    for question in good_questions(kind):
        require_applied(adapter, question.data, question.change_set)
        tried += 1
    assert tried >= LEAST.get(kind, 10)


@DRAWN
@given(case=planned_cases())
def test_no_constraint_fires_when_a_drawn_plan_is_applied(adapter: MappedAdapter, case: PlannedCase) -> None:
    good = made_good(bare(case.snapshot))
    change_set = case.change_set_on(good)
    assume(change_set is not None)
    assert change_set is not None
    assume(not change_set.tolerated)
    event(f"intent: {change_set.intent}")
    require_applied(adapter, good, change_set)


def test_constraints_fire_if_steps_are_applied_backwards(adapter: MappedAdapter) -> None:
    fired: Counter[str] = Counter()
    for kind in ("migration", "merge", "undo"):
        for question in good_questions(kind, 12):
            filled(adapter, question.data)
            try:
                for step in reversed(question.change_set.wanted_steps):
                    with adapter.engine.begin() as connection:
                        writer = Writer(connection, adapter.mapping, {}, set())
                        for edit in step.edits:
                            writer.write(edit)
                        writer.flush()
            except (IntegrityError, am.changes.Conflict):
                fired[kind] += 1
    assert fired["migration"]
    assert sum(fired.values()) >= 5


@pytest.mark.parametrize("guarded", [True, False])
def test_a_booking_in_between_is_seen_by_a_guard_or_else_by_a_constraint(
    adapter: MappedAdapter, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(step_checks, "judged_guard", lambda *_: None)
    seen: Counter[str] = Counter()
    for question in good_questions("rebooking"):
        data = question.data
        made = [
            edit.after
            for step in question.change_set.wanted_steps
            for edit in step.edits
            if edit.before is None and isinstance(edit.after, am.Appointment)
        ]
        others = [row for row in data.customers if made and row.id != made[0].customer_id]
        if not others:
            continue
        theirs = attrs.evolve(
            made[0],
            id="theirs",
            number=None,
            customer_id=others[0].id,
            replaces=None,
            session_id=None,
            status="booked",
        )
        filled(adapter, data)
        booked = False

        def book(point: str, theirs: am.Appointment = theirs) -> None:
            nonlocal booked
            if point == "before 1":
                booked = booked or was_booked(adapter, theirs)  # a step is tried again

        try:
            done = adapter.store(data.taken_at).apply(question.change_set, by="a test", on_point=book)
        except DatabaseError as error:
            seen[error.code] += booked
        else:
            seen["guard" if done.failures else "none"] += booked
    assert +seen == Counter({"guard" if guarded else "sql_refused": seen.total()})
    assert seen.total() >= 3


def was_booked(adapter: MappedAdapter, theirs: am.Appointment) -> bool:
    """Write a booking as the program of the practice does, and return whether the tables allow it."""
    try:
        with adapter.engine.begin() as connection:
            Writer(connection, adapter.mapping, {}, set()).write(am.changes.Edit(None, theirs))
    except IntegrityError:
        return False  # the other person has no time then
    return True
