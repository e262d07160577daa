"""The applier: steps, receipts, own ids, conflicts, lost answers and crashes, through a driver in memory."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes import (
    Begin,
    Commit,
    Conflict,
    Fetch,
    LostAnswer,
    Note,
    Point,
    ReadReceipts,
    Wait,
    Write,
)
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.compiling import Progress
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.entities import references
from asked_rows import rows_of
from driven_store import DrivenStore
from small_values import NOON, access, appointment, customer, profile, record, request, slot, snapshot
from stored_questions import planned

MANY = 8
"""The number of stored questions of each kind that are tried."""


class Crash(BaseException):
    """The process ended."""


def cases() -> list[tuple[am.Snapshot, ChangeSet]]:
    return [case for kind in REQUEST_KINDS for case in planned(kind)[:MANY]]


def migration() -> tuple[am.Snapshot, ChangeSet]:
    """Return the stored migration with the most steps."""
    return max(planned("migration"), key=lambda case: len(case[1].steps))


def finished(store: DrivenStore, change_set: ChangeSet) -> bool:
    return am.resume(store.snapshot, change_set, store.receipts).is_finished


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_a_store_with_planned_ids_ends_with_what_apply_gives(batch: int) -> None:
    for data, change_set in cases():
        store = DrivenStore(data)
        applied = store.apply(change_set, batch=batch)
        assert set(applied.outcomes.values()) == {"applied"}
        assert store.snapshot == am.apply(data, change_set)
        assert [receipt.ordinal for receipt in store.receipts] == [step.ordinal for step in change_set.steps]
        commits = [command for command in store.log if isinstance(command, Commit)]
        assert len(commits) == -(-len(change_set.steps) // batch)


@pytest.mark.parametrize("batch", [1, 3])
def test_a_store_with_own_ids_writes_no_reference_before_its_target(batch: int) -> None:
    for data, change_set in cases():
        store = DrivenStore(data, gives_ids=True)
        store.apply(change_set, batch=batch)
        assert finished(store, change_set)
        whole = am.apply(data, change_set)
        assert len(rows_of(store.snapshot)) == len(rows_of(whole))
        known, given = {row.id for row in rows_of(data)}, 0
        for edit in (command.edit for command in store.log if isinstance(command, Write)):
            after = edit.after
            assert after is None or known.issuperset(target for _, _, target in references(after))
            if edit.before is None:
                given += 1
                known.add(f"given-{given}")
        am.Snapshot(whole.taken_at, **tables(store.snapshot))  # refused if a reference has no target


@pytest.mark.parametrize("gives_ids", [False, True])
def test_a_step_releases_the_time_of_a_booking_before_another_one_gets_it(*, gives_ids: bool) -> None:
    """No write of a migration, and none of its undo, leaves two live halves of one booking, or a link without its row."""
    writes = undone = 0
    for data, change_set in planned("migration"):
        if change_set.blocked:
            continue
        store = StrictStore(data, gives_ids=gives_ids, known=live_halves(data))
        store.apply(change_set)
        with suppress(am.ApplyRefused):
            undo = am.invert(change_set).confirm(by="Kim Example", at=change_set.at)
            undone += bool(store.apply(undo).outcomes)
        writes += store.writes
    assert writes
    assert undone


def live_halves(data: am.Snapshot) -> set[tuple[str, str]]:
    """Return the ids of rebooked bookings that are live together; refuse a link without its row."""
    rows = data.appointments
    links = {(row.id, id) for row in rows for id in (row.replaces, row.replaced_by) if id is not None}
    return {(one, other) for one, other in links if rows[one].is_live and rows[other].is_live}


@attrs.define
class StrictStore(DrivenStore):
    """A store that looks at its bookings after each write; the data may have had two live halves before."""

    known: set[tuple[str, str]] = attrs.Factory(set)
    writes: int = 0

    def carry_out(self, command: Any) -> Any:
        answer = super().carry_out(command)
        if isinstance(command, Write) and command.edit.entity == "appointment":
            assert self._open is not None
            self.writes += 1
            assert live_halves(self._open) <= self.known
        return answer


def tables(snapshot: am.Snapshot) -> Any:
    names = ("profiles", "customers", "appointments", "records", "access", "access_requests")
    return {name: list(snapshot.table(name)) for name in names}  # type: ignore[arg-type]


def test_applying_again_writes_nothing() -> None:
    data, change_set = migration()
    store = DrivenStore(data, gives_ids=True)
    store.apply(change_set)
    before, receipts = store.snapshot, list(store.receipts)
    store.log.clear()
    assert set(store.apply(change_set).outcomes.values()) == {"already"}
    assert (store.snapshot, store.receipts) == (before, receipts)
    assert not any(isinstance(command, Write) for command in store.log)


def test_what_is_there_without_receipts_is_noted_with_the_ids_of_the_store() -> None:
    data, change_set = migration()
    store = DrivenStore(data, gives_ids=True)
    store.apply(change_set)
    written = {
        (entry.entity, entry.id): entry.store_id for receipt in store.receipts for entry in receipt.written
    }
    store.receipts.clear()
    assert set(store.apply(change_set).outcomes.values()) == {"already"}
    again = {
        (entry.entity, entry.id): entry.store_id for receipt in store.receipts for entry in receipt.written
    }
    given = {key: id for key, id in written.items() if id is not None and key[0] != "record"}
    assert given
    assert {key: again[key] for key in given} == given


@pytest.mark.unmeasured
@pytest.mark.parametrize("intent", ["migration", "rebooking"])
def test_an_undo_without_receipts_recognises_the_rows_that_it_removes(intent: str) -> None:
    """A receipt of another plan does not count, and a row that a later step removes is there from the start."""
    tried = 0
    for data, change_set in planned(intent):
        kinds = {step.kind for step in change_set.steps}
        if change_set.blocked or "hand_over_records" in kinds:  # a copy is recognised only by a receipt
            continue
        try:
            undo = am.invert(change_set).confirm(by="Kim Example", at=change_set.at)
        except am.ApplyRefused:  # a new booking has a number
            continue
        store = DrivenStore(data, gives_ids=True)
        store.apply(change_set)
        store.receipts.clear()
        if am.check(store.snapshot, undo):
            continue
        tried += 1
        assert set(store.apply(undo).outcomes.values()) == {"applied"}
        assert len(rows_of(store.snapshot)) == len(rows_of(data))
    assert tried > 5


@pytest.mark.unmeasured
@pytest.mark.parametrize("each", [2, pytest.param(1, marks=pytest.mark.long)], ids=["half", "all"])
@pytest.mark.parametrize("gives_ids", [False, True])
def test_a_crash_at_every_command_is_resumed(*, gives_ids: bool, each: int) -> None:
    """At every other one if the store keeps the planned ids, at those between if it gives its own; `long`: at all."""
    data, change_set = migration()
    whole = DrivenStore(data, gives_ids=gives_ids)
    whole.apply(change_set)
    for place in range(gives_ids and each - 1, len(whole.log), each):
        store = DrivenStore(data, gives_ids=gives_ids)
        left = iter(range(place))

        def crash(_: Any, left: Iterator[int] = left) -> Crash | None:
            return Crash() if next(left, None) is None else None

        with pytest.raises(Crash):
            store.apply(change_set, after=crash)
        store.apply(change_set)
        assert finished(store, change_set)
        assert len(rows_of(store.snapshot)) == len(rows_of(whole.snapshot))
        assert [receipt.ordinal for receipt in store.receipts] == list(range(1, len(change_set.steps) + 1))


@pytest.mark.parametrize("batch", [1, 4])
def test_an_answer_lost_at_every_commit_stands_once(batch: int) -> None:
    data, change_set = migration()
    for really in (True, False):
        lost: set[int] = set()

        store = DrivenStore(data, gives_ids=True)

        def lose(command: Any, store: DrivenStore = store, lost: set[int] = lost) -> LostAnswer | None:
            place = len(store.receipts)
            if isinstance(command, Commit) and place not in lost:
                lost.add(place)
                return LostAnswer()
            return None

        how = {"after": lose} if really else {"interrupt": lose}
        applied = store.apply(change_set, batch=batch, **how)
        assert lost
        assert set(applied.outcomes.values()) == {"applied"}
        assert finished(store, change_set)
        assert len(store.receipts) == len(change_set.steps)
        assert len(rows_of(store.snapshot)) == len(rows_of(am.apply(data, change_set)))


def test_a_conflict_anywhere_is_tried_again() -> None:
    data, change_set = migration()
    chance = random.Random(7)  # noqa: S311 - nothing secret
    store = DrivenStore(data, gives_ids=True)

    def conflict(command: Any) -> Conflict | None:
        can_meet = not isinstance(command, Point | Wait | am.changes.Rollback)
        return Conflict() if can_meet and chance.random() < 0.1 else None

    store.apply(change_set, interrupt=conflict, clock=lambda: 0.0)
    assert finished(store, change_set)
    assert any(isinstance(command, Wait) for command in store.log)
    assert len(rows_of(store.snapshot)) == len(rows_of(am.apply(data, change_set)))


def test_conflicts_end_when_the_patience_is_over() -> None:
    data, change_set = migration()
    store = DrivenStore(data)
    now = 0.0
    waited: list[float] = []

    def clock() -> float:
        return now

    def conflict(command: Any) -> Conflict | None:
        nonlocal now
        if isinstance(command, Wait):
            now += command.seconds
            waited.append(command.seconds)
        return Conflict() if isinstance(command, Begin) and command.step is not None else None

    with pytest.raises(Conflict):
        store.apply(change_set, interrupt=conflict, clock=clock, patience=10.0, chance=random.Random(1))  # noqa: S311
    assert 5 < sum(waited) <= 10
    assert len(set(waited)) == len(waited) > 5
    assert store.snapshot == data


def test_what_another_program_applied_meanwhile_is_not_written_twice() -> None:
    """Both start with the same data; the other is first at every second step."""
    data, change_set = migration()
    store = DrivenStore(data, gives_ids=True)

    def other_first(command: Any) -> None:
        if isinstance(command, Point) and command.name.startswith("before") and int(command.name[7:]) % 2:
            other = DrivenStore(store.snapshot, gives_ids=True, receipts=store.receipts)
            other._given = 1000 + len(store.receipts) * 10
            other.apply(change_set.prefix(int(command.name[7:])))
            store.snapshot = other.snapshot

    applied = store.apply(change_set, after=other_first)
    assert set(applied.outcomes.values()) == {"applied", "already"}
    assert finished(store, change_set)
    assert len(rows_of(store.snapshot)) == len(rows_of(am.apply(data, change_set)))


def test_a_set_that_does_not_fit_is_refused_whole() -> None:
    data, change_set = migration()
    booked = next(
        edit.before
        for step in change_set.steps
        for edit in step.edits
        if edit.entity == "appointment" and edit.before
    )
    gone = data.changed(drop={"appointment": [booked.id]})
    store = DrivenStore(gone)
    with pytest.raises(am.ApplyRefused) as refused:
        store.apply(change_set)
    assert refused.value.failures == am.check(gone, change_set)
    assert store.snapshot == gone


def test_a_step_that_has_drifted_stops_the_rest() -> None:
    data, change_set = migration()
    rebook = next(step for step in change_set.steps if step.kind == "rebook")
    booked = next(edit.before for edit in rebook.edits if isinstance(edit.before, am.Appointment))
    store = DrivenStore(data)

    def cancel(command: Any) -> None:
        if command == Point(f"before {rebook.ordinal}"):
            store.snapshot = store.snapshot.changed([attrs.evolve(booked, status="missed")])

    applied = store.apply(change_set, after=cancel)
    assert applied.outcomes[rebook.ordinal] == "drifted"
    assert max(applied.outcomes) == rebook.ordinal
    assert {failure.code for failure in applied.failures} == {"drifted"}
    assert len(store.receipts) == rebook.ordinal - 1


def test_receipts_are_written_with_the_rows_and_read_before_them() -> None:
    data, change_set = migration()
    store = DrivenStore(data)
    store.apply(change_set)
    kinds = [type(command) for command in store.log if not isinstance(command, Point)]
    begins = [place for place, kind in enumerate(kinds) if kind is Begin]
    for start, end in zip(begins[1:], [*begins[2:], len(kinds)], strict=True):
        one = kinds[start:end]
        assert one.index(ReadReceipts) < one.index(Write) < one.index(Note) < one.index(Commit)


def test_an_applier_wants_a_compiled_set_and_says_so() -> None:
    _, change_set = migration()
    wrong: Any = change_set
    with pytest.raises(am.InvalidValueError) as refused:
        am.changes.Applier(wrong, by="a test")
    assert "compiled" in refused.value.describe()


def test_a_driver_says_why_it_stops_in_both_languages() -> None:
    for error in (Conflict(), LostAnswer()):
        assert error.describe("en") != error.describe("fr")


@pytest.mark.unmeasured
def test_what_is_owed_and_what_moved_is_committed_with_its_step() -> None:
    """However often the process ends, each obligation and each move is handed out once."""
    for data, change_set in (*planned("migration")[:MANY], *planned("merge")[:MANY]):
        store = DrivenStore(data, gives_ids=True)
        crashes = {step.ordinal for step in change_set.steps}

        def crash(command: Any, crashes: set[int] = crashes) -> Crash | None:
            if isinstance(command, Note) and command.receipt.ordinal in crashes:
                crashes.remove(command.receipt.ordinal)
                return Crash()
            return None

        while crashes:
            with suppress(Crash):
                store.apply(change_set, after=crash)
        store.apply(change_set)
        owed = [each for step in change_set.steps for each in am.changes.due(change_set, step.ordinal)]
        assert store.outbox == owed
        assert len(owed) == len(change_set.obligations)
        assert tuple(store.moved) == am.changes.moved(change_set, store.receipts)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("really", [True, False])
def test_an_answer_lost_before_a_conflict_is_reported_as_applied(batch: int, *, really: bool) -> None:
    """The receipts of every attempt count, not those of the last one alone."""
    data, change_set = migration()
    store = DrivenStore(data, gives_ids=True)
    lost: set[int] = set()
    met: set[int] = set()

    def lose(command: Any) -> LostAnswer | None:
        place = len(store.receipts)
        if not isinstance(command, Commit) or place in lost:
            return None
        lost.add(place)
        return LostAnswer()

    def conflict(command: Any) -> BaseException | None:
        if isinstance(command, Begin) and len(met) < len(lost):
            met.add(len(met))
            return Conflict()
        return None if really else lose(command)

    how = {"interrupt": conflict, "after": lose} if really else {"interrupt": conflict}
    applied = store.apply(change_set, batch=batch, **how)
    assert met
    assert set(applied.outcomes.values()) == {"applied"}
    assert list(applied.receipts) == store.receipts


def test_a_connection_that_breaks_at_the_rollback_is_tried_again() -> None:
    data, change_set = migration()
    store = DrivenStore(data)
    errors = [Conflict(), LostAnswer()]
    met: list[Any] = []

    def broken(command: Any) -> BaseException | None:
        if isinstance(command, Write) and len(met) < 2:
            met.append(command)
            return Conflict()
        if isinstance(command, am.changes.Rollback) and met and errors:
            store._open = None
            return errors.pop()
        return None

    assert set(store.apply(change_set, interrupt=broken).outcomes.values()) == {"applied"}
    assert not errors


@pytest.mark.parametrize("batch", [1, 3])
def test_an_applier_that_runs_again_forgets_what_was_not_committed(batch: int) -> None:
    data, change_set = migration()
    store = DrivenStore(data)
    applier = am.changes.Applier(am.changes.compiled(change_set), by="a test", batch=batch)
    commands = applier.commands()
    answer: Any = None
    while not isinstance(command := commands.send(answer), Commit):
        answer = store.carry_out(command)
    store._open = None  # an error of the driver, before the first commit
    commands.close()
    applied = store.run(applier.commands())
    assert set(applied.outcomes.values()) == {"applied"}
    assert list(applied.receipts) == store.receipts
    assert store.snapshot == am.apply(data, change_set)


def test_what_an_earlier_receipt_tells_stays_when_a_later_one_is_discarded() -> None:
    """An undo deletes a row by the store's id, which the receipt of the undone step tells; so does its own."""
    tried = 0
    for data, change_set in cases():
        store = DrivenStore(data, gives_ids=True)
        store.apply(change_set)
        undo = undone(change_set)
        if undo is None or not any(entry.store_id for note in store.receipts for entry in note.written):
            continue
        progress = Progress(am.changes.compiled(undo), store.receipts)
        told = dict(progress.told)
        for n in range(len(undo.steps), 0, -1):
            written = [
                am.changes.WrittenEntity(entity=key[0], id=key[1], store_id=id) for key, id in told.items()
            ]
            receipt = am.Receipt(
                step_id=f"{undo.plan_id}/{n}", outcome="applied", written=written, at=undo.at, by="a test"
            )
            progress.add([receipt])
            progress.remove([receipt])
            assert progress.told == told
            assert not progress.written
        tried += bool(told)
    assert tried


@pytest.mark.parametrize("error", [Conflict, LostAnswer])
def test_an_undo_whose_commits_fail_once_removes_the_rows_of_the_store(error: Any) -> None:
    """Copies of records are known by receipts only, because equal records may be two."""
    tried = 0
    for data, change_set in copying():
        store = DrivenStore(data, gives_ids=True)
        store.apply(change_set)
        undo = undone(change_set)
        if undo is None:
            continue
        tried += 1
        met: set[int] = set()

        def fail(command: Any, store: DrivenStore = store, met: set[int] = met) -> BaseException | None:
            if isinstance(command, Commit) and len(store.receipts) not in met:
                met.add(len(store.receipts))
                return error()  # type: ignore[no-any-return]
            return None

        applied = store.apply(undo, interrupt=fail)
        assert met
        assert applied.failures == ()
        assert {row.id for row in rows_of(store.snapshot)} == {row.id for row in rows_of(data)}
    assert tried


def copying() -> list[tuple[am.Snapshot, ChangeSet]]:
    """Return a migration that copies records, two of which are equal."""
    declared = am.migrations.ProfileRecords(kind="signature", becomes="copied")
    rows: Any = [record(id, kind="signature", customer_id="C1", profile_id="P1") for id in ("R1", "R2", "R3")]
    data = snapshot(
        profiles=[profile()],
        customers=[customer("C1")],
        appointments=[appointment("A1", slot(600)), appointment("A2", slot(700))],
        access=[access("L1", customer_id="C1", profile_id="P1")],
        records=rows,
    )
    plan = am.plan_migration(data, request(), rules=am.MigrationRules(record_kinds=[declared]), at=NOON)
    return [(data, plan.confirm(by="Ann Example", at=NOON))]


def undone(change_set: ChangeSet) -> ChangeSet | None:
    """Return the confirmed undo, or None if there is none."""
    with suppress(am.ApplyRefused):
        return am.invert(change_set).confirm(by="Ann Example", at=change_set.at)
    return None


@pytest.mark.parametrize(
    ("options", "name"), [({"by": " "}, "by"), ({"batch": 0}, "batch"), ({"batch": 1.5}, "batch")]
)
def test_an_applier_refuses_wrong_options_before_it_starts(options: Any, name: str) -> None:
    compiled = am.changes.compiled(migration()[1])
    with pytest.raises(am.InvalidValueError) as refused:
        am.changes.Applier(compiled, **{"by": "a test", **options})
    assert refused.value.facts["field"] == name


@pytest.mark.parametrize(
    ("answered", "answer"),
    [
        (Begin, None),
        (Begin, datetime(2026, 1, 1)),  # noqa: DTZ001 - naive on purpose
        (ReadReceipts, "abc"),
        (ReadReceipts, [None]),
        (Fetch, None),
        (Fetch, ["a row"]),
        (Write, "an id"),
    ],
)
def test_a_wrong_answer_of_a_driver_is_refused(answered: type, answer: Any) -> None:
    data, change_set = migration()
    store = WrongStore(data)
    store.answered, store.answer = answered, answer
    with pytest.raises(am.InvalidValueError):
        store.apply(change_set)
    assert store.snapshot == data


@pytest.mark.parametrize("wrong", ["entity", "id", "store_id"])
def test_an_answer_about_another_row_than_was_written_is_refused(wrong: str) -> None:
    """Otherwise the receipt gives the ids and numbers of one row to another one."""
    data, change_set = migration()
    store = MixedUpStore(data, gives_ids=True)
    store.wrong = wrong
    with pytest.raises(am.InvalidValueError) as refused:
        store.apply(change_set)
    assert (refused.value.code, refused.value.facts["field"]) == ("other_row_written", "Write")
    written = next(command.edit for command in store.log[::-1] if isinstance(command, Write))
    assert refused.value.facts["id"] == written.id
    assert refused.value.describe("en") != refused.value.describe("fr")
    assert isinstance(store.log[-1], Write)  # no receipt is stored after it


class MixedUpStore(DrivenStore):
    """A store whose driver answers with a value of another row."""

    wrong: str

    def carry_out(self, command: Any) -> Any:
        answer = super().carry_out(command)
        if not isinstance(command, Write) or (self.wrong == "store_id" and command.edit.before is None):
            return answer
        kind, id = command.edit.entity, command.edit.id
        values: dict[str, Any] = {
            "entity": {"entity": "profile" if kind == "customer" else "customer", "id": id},
            "id": {"entity": kind, "id": f"{id}-2"},
            "store_id": {"entity": kind, "id": id, "store_id": f"{id}-2"},
        }
        return am.changes.WrittenEntity(**values[self.wrong])


@pytest.mark.parametrize("gives_ids", [False, True])
def test_what_a_store_gave_to_a_row_stays_in_the_receipt_when_it_is_written_again(*, gives_ids: bool) -> None:
    """A link to a row that does not exist yet is written later, and that answer has no number."""
    twice = 0
    for data, change_set in cases():
        store = NumberingStore(data, gives_ids=gives_ids)
        store.apply(change_set)
        twice += store.again
    assert twice


class NumberingStore(DrivenStore):
    """A store that answers with a number and a version for the first write of a row in a step, and then with neither."""

    given: dict[Any, Any]
    again: int = 0

    def carry_out(self, command: Any) -> Any:
        answer = super().carry_out(command)
        if isinstance(command, Begin):
            self.given = {}
        if isinstance(command, Note):
            told = {
                (entry.entity, entry.store_id or entry.id): (entry.number, entry.version)
                for entry in command.receipt.written
            }
            assert told == self.given
        if not isinstance(command, Write):
            return answer
        kind, id = command.edit.entity, command.edit.id
        store_id = None if answer is None else answer.store_id
        key = (kind, store_id or id)
        if key in self.given:
            self.again += 1
            return am.changes.WrittenEntity(entity=kind, id=id)
        self.given[key] = (f"N-{len(self.given)}", len(self.given))
        number, version = self.given[key]
        return am.changes.WrittenEntity(entity=kind, id=id, store_id=store_id, number=number, version=version)


class WrongStore(DrivenStore):
    """A store that gives one wrong answer to every command of a class."""

    answered: type
    answer: Any

    def carry_out(self, command: Any) -> Any:
        answer = super().carry_out(command)
        return self.answer if isinstance(command, self.answered) else answer


def test_a_compiled_set_can_be_sent_to_another_process() -> None:
    data, change_set = migration()
    compiled = pickle.loads(pickle.dumps(am.changes.compiled(change_set)))  # noqa: S301 - our own bytes
    store = DrivenStore(data)
    store.run(am.changes.Applier(compiled, by="a test").commands())
    assert store.snapshot == am.apply(data, change_set)
