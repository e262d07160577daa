"""The application of a change set to a store, as a sequence of commands without input or output.

A driver of the caller executes each command, synchronously or not, and sends the answer.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Container, Generator, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Literal, TypeVar, cast, get_args

import attrs

from accountmerge.changes.applying import check
from accountmerge.changes.commands import (
    Begin,
    Command,
    Commit,
    Conflict,
    Fetch,
    Lock,
    LostAnswer,
    Note,
    Point,
    ReadReceipts,
    Rollback,
    Wait,
    Write,
)
from accountmerge.changes.compiling import Compiled, Progress, mentions, verified
from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.excerpts import Excerpt
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.moves import moves_of
from accountmerge.changes.obligations import due_by_step
from accountmerge.changes.readings import Answering, named_questions, read_answer, step_answer
from accountmerge.changes.receipts import Receipt, ReceiptOutcome, WrittenEntity
from accountmerge.changes.step_checks import StepCheck
from accountmerge.changes.store_ids import receipted_plans, renamed, told_ids
from accountmerge.errors import InvalidValueError
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import KINDS, Entity, kind_of
from accountmerge.model.instants import utc
from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import POSITIVE_INTEGER, TRUTH, each_of, instance, wrong_type
from accountmerge.model.values import Value, value_class

StepOutcome = Literal["applied", "already", "drifted"]
STEP_OUTCOMES: tuple[StepOutcome, ...] = get_args(StepOutcome)

LONGEST_WAIT = 2.0
"""The longest wait between two attempts, in seconds; after it, attempts come at about the same distance."""
FIRST_WAIT = 0.02
"""The longest wait before the second attempt, in seconds; about the time of one step on a database."""

_OPTIONAL_LINKS = frozenset(
    (kind.name, field)
    for kind in KINDS
    for field, _ in kind.references
    if attrs.fields_dict(kind.cls)[field].default is None
)
"""The fields of each kind of entity that may refer to another one, and may be empty."""

_WRITTEN_ENTITY = instance(WrittenEntity, "written_entity")

T = TypeVar("T")
Commands = Generator[Command, Any, "Applied"]


@value_class(eq=False, repr=False, kw_only=True)
class Applied(Value):
    """The result of applying a change set to a store.

    Attributes:
        steps: The ordinal and the outcome of each step: `applied` now, `already` there, or `drifted` and not written.
            No step after one that has drifted is tried.
        failures: The reasons of the step that has drifted.
        receipts: The receipts that were stored now.
    """

    steps: tuple[tuple[int, StepOutcome], ...]
    failures: tuple[Failure, ...] = ()
    receipts: tuple[Receipt, ...] = ()

    @property
    def outcomes(self) -> dict[int, StepOutcome]:
        """The outcome of each step by its ordinal."""
        return dict(self.steps)

    def __repr__(self) -> str:
        counts = {word: list(self.outcomes.values()).count(word) for word in STEP_OUTCOMES}
        return f"Applied({', '.join(f'{count} {word}' for word, count in counts.items())})"


class Applier:
    """Apply a change set to a store, step by step, by commands for a driver of the caller.

    First everything is checked in one transaction, so that a change set that does not fit is refused whole. Then each
    step is read, checked and written in a transaction, together with its receipt. A step that is done already is
    skipped, so a run after a crash does the rest.

    Args:
        compiled: The change set, from `compiled`.
        by: The person or program in the receipts.
        batch: The number of steps in one transaction. Default: 1.
        gives_ids: Whether the store gives its own ids to new rows. Then no row is written with the id of a row that
            does not exist yet: such a link is written after that row. Default: new rows get the planned ids.
        patience: The number of seconds after which a step that meets conflicts is given up. Default: 30.
        clock: A function that returns seconds. Default: `time.monotonic`.
        chance: The source of the random part of waits. Default: a new one.

    Raises:
        InvalidValueError: An argument is of the wrong type, `compiled` is a changed copy, or `by` is empty.
    """

    def __init__(
        self,
        compiled: Compiled,
        *,
        by: str,
        batch: int = 1,
        gives_ids: bool = False,
        patience: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        self._compiled = _accepted(verified, compiled, "compiled")
        self._progress = Progress(self._compiled)
        self._by = _accepted(IDENTIFIER.check, by, "by")
        self._batch = _accepted(POSITIVE_INTEGER.check, batch, "batch")
        self._gives_ids = _accepted(TRUTH.check, gives_ids, "gives_ids")
        self._patience = _accepted(_seconds, patience, "patience")
        self._clock = _accepted(_called, clock, "clock")
        self._chance = _accepted(_random, chance, "chance")
        self._due = due_by_step(self._compiled.change_set)
        self._outcomes: dict[int, StepOutcome] = {}
        self._receipts: list[Receipt] = []
        self._seen: Excerpt | None = None  # the rows of the first check, most of which each step finds again

    def commands(self) -> Commands:
        """Yield the commands; send the answer of each, or throw `Conflict` or `LostAnswer`.

        Returns:
            A generator; its return value is the `Applied`.

        Raises:
            ApplyRefused: The change set does not fit the data, and no row was written.
            Conflict: A step met conflicts until the patience was over; earlier steps are committed.
            LostAnswer: The store did not answer until the patience was over.
            InvalidValueError: The driver sent an answer of the wrong type, or a naive time.
        """
        self._progress = Progress(self._compiled)  # a run before may have ended inside a transaction
        self._outcomes, self._receipts = {}, []
        self._seen = None
        yield from self._repeated(self._rehearsal)
        failures: tuple[Failure, ...] = ()
        n = 1
        while n <= self._compiled.count and not failures:
            if n in self._progress.written:
                self._outcomes[n] = "already"
                n += 1
                continue
            last = min(n + self._batch - 1, self._compiled.count)
            steps, attempts = range(n, last + 1), list[list[Receipt]]()
            failures = yield from self._repeated(partial(self._transaction, steps, attempts))
            n = last + 1
        outcomes = tuple(sorted(self._outcomes.items()))
        return Applied(steps=outcomes, failures=failures, receipts=tuple(self._receipts))

    def _repeated(self, attempt: Callable[[], Generator[Command, Any, T]]) -> Generator[Command, Any, T]:
        """Try a transaction until it meets no conflict, or until the patience is over."""
        deadline = self._clock() + self._patience
        longest = FIRST_WAIT
        while True:
            try:
                return (yield from attempt())
            except (Conflict, LostAnswer):
                with suppress(Conflict, LostAnswer):  # the transaction is gone anyway
                    yield Rollback()
                seconds = self._chance.uniform(0, longest)
                if self._clock() + seconds > deadline:
                    raise
                yield Wait(seconds)
                longest = min(2 * longest, LONGEST_WAIT)

    def _rehearsal(self) -> Generator[Command, Any, None]:
        """Check the whole change set in a transaction that writes no row."""
        change_set = self._compiled.change_set
        now = utc((yield Begin(None)), "now")
        receipts = yield from self._read_receipts(None)
        excerpt, failures = yield from _fetched(
            read_answer(
                lambda data: check(data, change_set, receipts),
                now,
                named=named_questions(self._compiled, self._progress.told),
            )
        )
        self._seen = excerpt()
        yield Rollback()
        if failures:
            raise ApplyRefused(failures)

    def _read_receipts(self, ordinal: int | None) -> Generator[Command, Any, tuple[Receipt, ...]]:
        answer = yield ReadReceipts(receipted_plans(self._compiled.change_set), ordinal)
        receipts = _accepted(_receipts, answer, "ReadReceipts")
        self._progress.add(receipts)
        return receipts

    def _transaction(
        self, steps: range, attempts: list[list[Receipt]]
    ) -> Generator[Command, Any, tuple[Failure, ...]]:
        """Apply some steps in one transaction; return the failures of the first one that does not fit.

        `attempts` are the receipts of each earlier attempt, whose answer may have been lost; those of this one are added.
        """
        before = [receipt for attempt in attempts for receipt in attempt]
        self._progress.remove(before)  # each attempt was discarded, or its receipts are read again
        noted: list[Receipt] = []
        attempts.append(noted)
        own: list[Receipt] = []
        outcomes: dict[int, StepOutcome] = {}
        failures: tuple[Failure, ...] = ()
        yield Point(f"before {steps[0]}")
        now = utc((yield Begin(steps[0])), "now")
        yield Lock(self._lockable(steps))
        for n in steps:
            stored = yield from self._read_receipts(n)
            if n in self._progress.written:
                ours = [receipt for receipt in stored if receipt in before]
                outcomes[n] = "applied" if ours else "already"
                own += ours
                continue
            _, found = yield from _fetched(step_answer(self._progress, n, now, self._seen))
            if found.failures:
                outcomes[n], failures = "drifted", found.failures
                break
            outcomes[n] = "already" if found.done else "applied"
            receipt = yield from self._written(found, now)
            self._progress.add([receipt])
            noted.append(receipt)
        yield Commit() if noted else Rollback()
        done = [n for n, outcome in outcomes.items() if outcome != "drifted"]
        if done:
            yield Point(f"committed {done[-1]}")
        self._outcomes.update(outcomes)
        self._receipts += (*own, *noted)
        return failures

    def _lockable(self, steps: range) -> tuple[Key, ...]:
        """Return the profiles and customers that steps name, by the store's ids, without those that they create."""
        named = {key for n in steps for key in mentions(self._compiled.step(n))}
        created, told = self._compiled.created.since, self._progress.told
        known = {(key[0], told.get(key, key[1])) for key in named if created.get(key, 0) < steps[0]}
        return tuple(sorted(key for key in known if key[0] in ("profile", "customer")))

    def _written(self, found: StepCheck, now: datetime) -> Generator[Command, Any, Receipt]:
        """Write the edits of a step, then its receipt."""
        change_set = self._compiled.change_set
        step_id = f"{change_set.plan_id}/{found.ordinal}"
        planned = {(key[0], id): key[1] for key, id in found.store_ids}
        edited = self._compiled.stages[found.ordinal - 1]
        entries = {
            key: WrittenEntity(entity=key[0], id=key[1], store_id=id)
            for key, id in found.store_ids
            if key in edited
        }
        given: dict[Key, str] = {}
        edits = _releases_first(_links_later(found.edits) if self._gives_ids else found.edits)
        last = {edit.key: place for place, edit in enumerate(edits)}
        for place, edit in enumerate(edits):
            own = Edit(renamed(edit.before, given), renamed(edit.after, given))
            answer: WrittenEntity | None = yield Write(own, again=place < last[edit.key])
            key: Key = (edit.entity, planned.get(edit.key, edit.id))
            entry = entries.get(key, WrittenEntity(entity=key[0], id=key[1]))
            if answer is not None:
                _accepted(partial(_answer_to, own, key[1]), answer, "Write")
            if answer is not None and (answer.store_id, answer.number, answer.version) != (None, None, None):
                entry = attrs.evolve(
                    entry,
                    store_id=answer.store_id or entry.store_id,
                    number=entry.number if answer.number is None else answer.number,
                    version=entry.version if answer.version is None else answer.version,
                )
            if entry.store_id is not None:
                given[edit.key] = entry.store_id
            entries[key] = entry
            yield Point(f"inside {found.ordinal}: wrote {own.entity} {own.id}")
        outcome: ReceiptOutcome = "already" if found.done else "applied"
        receipt = Receipt(step_id=step_id, outcome=outcome, written=entries.values(), at=now, by=self._by)
        owed = tuple(self._due.get(found.ordinal, ()))
        step = self._compiled.step(found.ordinal)
        moved = tuple(moves_of(step, {**self._progress.told, **told_ids(change_set, [receipt])}, receipt.at))
        yield Note(receipt, owed, moved)
        return receipt


def _fetched(reading: Answering[T]) -> Generator[Command, Any, tuple[Callable[[], Excerpt], T]]:
    """Fetch the rows that an evaluation looks up by commands; return what makes their excerpt, and its answer."""
    try:
        questions = next(reading)
        while True:
            questions = reading.send((yield Fetch(questions)))
    except StopIteration as end:
        return cast("tuple[Callable[[], Excerpt], T]", end.value)


def _links_later(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield edits in their order, and at the end the links to rows that did not exist yet."""
    edits = tuple(edits)
    waiting = {edit.key for edit in edits if edit.before is None}
    later: list[Edit] = []
    for edit in edits:
        after = edit.after
        links = (
            []
            if after is None
            else [
                field
                for field, name in kind_of(after).references
                if (name, getattr(after, field)) in waiting and (edit.entity, field) in _OPTIONAL_LINKS
            ]
        )
        if after is None or not links:
            yield edit
        else:
            empty: dict[str, Any] = dict.fromkeys(links)
            bare = attrs.evolve(after, **empty)
            yield Edit(edit.before, bare)
            later.append(Edit(bare, after))
        waiting.discard(edit.key)
    yield from later


def _releases_first(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits in their order, but those that release the time of a booking before all others.

    A store may refuse two live bookings of one person at one time, also inside a step. A link between a released booking
    and one that takes its place is written when both may have it: to a new one at the end, from an old one at first.
    """
    edits = tuple(edits)
    count = Counter(edit.key for edit in edits)
    ends = (edit for edit in edits if _is_live(edit.before) and not _is_live(edit.after))
    releases = {edit.key for edit in ends if count[edit.key] == 1}
    if not releases or not any(_is_live(edit.after) for edit in edits):
        return edits
    created = {edit.key for edit in edits if edit.before is None}
    removed = {edit.key for edit in edits if edit.key in releases and edit.after is None}
    unlinks: list[Edit] = []
    first: list[Edit] = []
    rest: list[Edit] = []
    links: list[Edit] = []
    for edit in edits:
        before, after = edit.before, edit.after
        if edit.key in releases and after is not None:
            bare = _without(after, created)
            first.append(Edit(before, bare))
            if bare != after:
                links.append(Edit(bare, after))
        elif edit.key in releases:
            first.append(edit)
        else:
            start = before if before is None or after is None else _without(before, removed)
            if start != before:
                unlinks.append(Edit(before, start))
            rest.append(Edit(start, after))
    return (*unlinks, *first, *rest, *links)


def _is_live(image: Entity | None) -> bool:
    return isinstance(image, Appointment) and image.is_live


def _without(image: Entity, gone: Container[Key]) -> Entity:
    """Return an entity without its links to some others, as far as these may be empty."""
    links: dict[str, Any] = {
        field: None
        for field, name in kind_of(image).references
        if (name, getattr(image, field)) in gone and (kind_of(image).name, field) in _OPTIONAL_LINKS
    }
    return attrs.evolve(image, **links) if links else image


def _accepted(check: Callable[[Any], T], value: Any, name: str) -> T:
    """Return a value that a check accepts; its error names the argument, or the command that was answered."""
    try:
        return check(value)
    except InvalidValueError as error:
        raise error.at("Applier", name) from None


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not value >= 0:
        raise wrong_type("seconds")
    return float(value)


def _called(value: Any) -> Callable[[], float]:
    if not callable(value):
        raise wrong_type("function")
    clock: Callable[[], float] = value
    return clock


def _random(value: Any) -> random.Random:
    if value is None:
        return random.Random()  # noqa: S311 - it spreads waits, and hides nothing
    if not isinstance(value, random.Random):
        raise wrong_type("random")
    return value


def _answer_to(written: Edit, planned_id: str, answer: Any) -> WrittenEntity:
    """Return the answer to a write; refuse one about another row, or with another id."""
    entry: WrittenEntity = _WRITTEN_ENTITY.check(answer)
    is_about_it = entry.entity == written.entity and entry.id in (written.id, planned_id)
    keeps_id = written.before is None or entry.store_id in (None, written.id)
    if not (is_about_it and keeps_id):
        raise InvalidValueError("other_row_written", entity=written.entity, id=written.id)
    return entry


def _receipts(values: Any) -> tuple[Receipt, ...]:
    return tuple(each_of(values, Receipt, "receipt"))
