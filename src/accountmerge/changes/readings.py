"""The rows that a change set needs, found by asking a store in rounds."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import TypeVar

from accountmerge.changes.applying import check
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.compiling import Compiled, Progress, compiled_steps, named_in
from accountmerge.changes.conflicts import Planned, planned_steps
from accountmerge.changes.edits import Key
from accountmerge.changes.excerpts import Excerpt, Watched
from accountmerge.changes.expected_rows import expected_rows
from accountmerge.changes.questions import NO_QUESTIONS, Asked, Questions
from accountmerge.changes.receipts import Receipt, receipts_in
from accountmerge.changes.step_checks import StepCheck, checked_step
from accountmerge.model.entities import KINDS, Entity, EntityName
from accountmerge.model.instants import utc
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.value_rules import argument, listed

A = TypeVar("A")
Reading = Generator[Questions, Iterable[Entity] | Snapshot, Excerpt]
"""A generator that yields questions, is sent the rows that answer them, and returns an excerpt."""


def reading(
    change_set: ChangeSet | Planned,
    *,
    through: int | None = None,
    step: int | None = None,
    receipts: Iterable[Receipt] = (),
    taken_at: datetime | None = None,
) -> Reading:
    """Ask for the rows that a change set needs, and return them as an excerpt.

    The generator yields `Questions` and is sent the rows that answer them, in any order; a store may send more rows
    than it is asked for. After at most three rounds (one more for each further hop of merged customers) it returns an
    `Excerpt`. On it, `check`, `apply` and `resume` give the same answers as on all data for the change set, and
    `check_step` for the step.

    Args:
        change_set: A change set, or a plan.
        through: The number of steps to apply, as in `ChangeSet.prefix`. Default: all.
        step: The ordinal of the only step to check, while the earlier ones are done. Default: every step.
        receipts: The store's receipts of earlier steps.
        taken_at: The instant of the excerpt, which guards compare with the times of bookings. Default: that of a
            snapshot that is sent, or else the time on the clock when the first rows arrive.

    Returns:
        A generator; its return value is the excerpt.

    Raises:
        InvalidValueError: There is no such step, `taken_at` is naive, an argument is of the wrong type, or a row is not
            an entity.
        ApplyRefused: `step` is given, and the plan is blocked or its images do not join.
    """
    change_set = planned_steps(change_set)
    receipts = receipts_in(receipts)
    if taken_at is not None:
        taken_at = utc(taken_at, "taken_at")
    wanted = change_set if through is None else argument("through", change_set.prefix, through)
    if step is None:
        return read_rows(lambda data: check(data, wanted, receipts), taken_at)
    progress = Progress(compiled_steps(wanted), receipts)
    argument("step", progress.compiled.step, step)
    return _excerpt(step_answer(progress, step, taken_at))


def read_rows(evaluate: Callable[[Snapshot], object], taken_at: datetime | None) -> Reading:
    """Ask for the rows that an evaluation looks up, and return them as an excerpt."""
    return _excerpt(read_answer(evaluate, taken_at))


Answering = Generator[Questions, Iterable[Entity] | Snapshot, tuple[Callable[[], Excerpt], A]]
"""A generator like `Reading`, whose value is a function that makes the excerpt, and the answer of an evaluation.

A step does not need its excerpt.
"""


def _excerpt(answering: Answering[object]) -> Reading:
    excerpt, _ = yield from answering
    return excerpt()


def step_answer(
    progress: Progress, n: int, taken_at: datetime | None, seen: Snapshot | None = None
) -> Answering[StepCheck]:
    """Ask for the rows of one step, and return them with its check.

    If the data are as the change set expects, all questions are asked at once.

    Args:
        progress: The change set, with the store's ids.
        n: The ordinal of the step.
        taken_at: As in `reading`.
        seen: Data that were read before.
    """
    expected = list(expected_rows(progress, n, seen))
    return read_answer(lambda data: checked_step(data, progress, n), taken_at, expected)


def named_questions(compiled: Compiled, told: Mapping[Key, str]) -> Questions:
    """Return the questions about the entities that the wanted steps name. Those that they create are left out.

    Args:
        compiled: The change set.
        told: The store's own ids of created entities, by kind and planned id. These are asked about.
    """
    created = compiled.created.since
    named = {key for step in compiled.change_set.wanted_steps for key in named_in(step)}
    ids: dict[EntityName, list[str]] = {}
    for name, id in sorted(
        (key[0], told.get(key, key[1])) for key in named if key in told or key not in created
    ):
        ids.setdefault(name, []).append(id)
    return Questions(ids=tuple((name, tuple(found)) for name, found in ids.items()))


def read_answer(
    evaluate: Callable[[Snapshot], A],
    taken_at: datetime | None,
    expected: Sequence[Entity] = (),
    named: Questions = NO_QUESTIONS,
) -> Answering[A]:
    """Ask for the rows that an evaluation looks up, and return them with its answer on them.

    Args:
        evaluate: The evaluation, a function of the data.
        taken_at: The instant of the data. Default: as in `reading`.
        expected: Rows that the store is expected to have. The first questions are those that an evaluation of them asks.
            If the store answers with the same rows, the evaluation has the same answer.
        named: Questions that are asked before any evaluation. Their answers are then expected to be all rows, so that a
            large change set is evaluated once.
    """
    asked = Asked()
    rows: list[Entity] = []
    if named:
        taken_at = yield from _ask(named, asked, rows, taken_at)
        expected = tuple(rows)
    if expected:
        instant = taken_at or datetime.now(UTC)
        data = Watched(Excerpt(instant, expected, asked.questions()), is_expected=True)
        answer = evaluate(data)
        if data.watch.missing:
            instant = yield from _ask(data.watch.missing.questions(), asked, rows, taken_at)
        if instant == data.taken_at and asked.concerned(rows) == asked.concerned(expected):
            return lambda: Excerpt(instant, rows, asked.questions()), answer
        taken_at = instant
    while True:
        data = Watched(Excerpt(taken_at or datetime.now(UTC), rows, asked.questions()))
        answer = evaluate(data)
        if not data.watch.missing:
            return partial(attrgetter("excerpt"), data), answer
        taken_at = yield from _ask(data.watch.missing.questions(), asked, rows, taken_at)


def _ask(
    questions: Questions, asked: Asked, rows: list[Entity], taken_at: datetime | None
) -> Generator[Questions, Iterable[Entity] | Snapshot, datetime]:
    """Ask questions, and return the instant of the rows. The questions and the rows are added to the earlier ones."""
    sent = yield questions
    if isinstance(sent, Snapshot):
        taken_at = taken_at or sent.taken_at
        sent = [row for kind in KINDS for row in sent.table(kind.collection)]
    asked.add(questions)
    rows += argument("rows", listed, sent)
    return taken_at or datetime.now(UTC)
