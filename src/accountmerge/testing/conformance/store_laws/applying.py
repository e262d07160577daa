"""Laws of seeding, of applying whole change sets and prefixes, and of refusing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import KINDS
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import check
from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.conformance.comparisons import expect_one_of, expect_untouched, keyed
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.reference.written_data import edits_of, row_of

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Key
    from accountmerge.testing.adapters import Outcome
    from accountmerge.testing.conformance.drivers import Applied
    from accountmerge.testing.conformance.law_cases import LawCase

_GIVEN_MEANWHILE = 8_000_001


def seeded_data_are_read_back_whole(case: LawCase) -> None:
    """Seeded data are read back with every field, and no earlier data are left."""
    driver, snapshot = case.driver, case.seeded
    case.planned_as(None)
    driver.seed(Snapshot(case.now))
    expect_one_of([Snapshot(case.now)], driver.dump(), "seeded with nothing")
    for _ in range(2):
        driver.seed(case.base)
        stored = driver.dump()
        expect_one_of([snapshot], stored, "seeded")
    if case.subject.capabilities.durable_progress is True:
        driver.reopen()
        stored = driver.dump()
        expect_one_of([snapshot], stored, "seeded and opened again")
    if case.has_versions:
        when = "seeded (keep the versions that come with the data, or promise no versions)"
        expect_untouched(snapshot, stored, when, versions=True)
    case.count("rows", sum(len(snapshot.table(kind.collection)) for kind in KINDS))


def applying_does_what_the_set_says(case: LawCase) -> None:
    """A change set that fits is applied, with every row and every reported outcome as planned."""
    applied = case.fresh().apply(case.change_set, case.now)
    _expect_all(applied, case.change_set, "applied", "applying for the first time")
    case.driver.expect_told(case.change_set)
    expect_one_of([case.whole], case.look(), "applied")
    for step in case.change_set.steps:
        case.count(f"step {step.kind}")
        case.count("steps")


def _expect_all(applied: Applied, change_set: ChangeSet, outcome: Outcome, when: str) -> None:
    if applied.refused:
        raise LawBroken(f"{when}: the set was refused, and nothing stands against it")
    wanted = {step.ordinal: outcome for step in change_set.wanted_steps}
    if applied.outcomes != wanted:
        told = {ordinal: applied.outcomes.get(ordinal, "nothing") for ordinal in wanted}
        wrong = next((ordinal for ordinal in wanted if told[ordinal] != outcome), None)
        if wrong is None:
            raise LawBroken(f"{when}: something was told of steps that are not part of it")
        raise LawBroken(f"{when}: {told[wrong]!r} was told of step {wrong}, and it is {outcome!r}")


def preflight_says_what_stands_against_a_set_and_writes_nothing(case: LawCase) -> None:
    """The preflight says whether a change set fits, and writes no data."""
    driver = case.fresh()
    if not driver.fits(case.change_set, case.now):
        raise LawBroken("preflight says that something stands against a set that fits")
    expect_untouched(case.present, case.look(), "after a preflight", versions=case.has_versions)
    if case.subject.capabilities.compare_and_set is False:
        return
    rows = [row_of(case.present, edit) for edit in edits_of(case.change_set)]
    for row in case.some([row for row in rows if row is not None]):
        _preflight_after(case, ForeignWrite([case.scribbles(row)[0]]))


def _preflight_after(case: LawCase, write: ForeignWrite) -> None:
    driver = case.fresh()
    driver.foreign_write(write)
    state = case.look()
    fits = driver.fits(case.change_set, case.now)
    if fits and check(state, case.change_set):
        raise LawBroken(f"preflight says that nothing stands against the set after {write}")
    expect_untouched(state, case.look(), "after a preflight", versions=case.has_versions)
    case.count("preflights of drift")


def what_is_done_is_left_alone(case: LawCase) -> None:
    """Applying twice is applying once, with no row written, counted or numbered again."""
    driver = case.fresh()
    driver.apply(case.change_set, case.now)
    once = case.look()
    for again in ("again", "after opening it again"):
        applied = driver.apply(case.change_set, case.now)
        _expect_all(applied, case.change_set, "already", f"applied {again}")
        expect_untouched(once, case.look(), f"applied {again}", versions=case.has_versions)
        if case.subject.capabilities.durable_progress is not True:
            return
        driver.reopen()
    case.count("deliveries", 2)


def prefixes_add_up(case: LawCase) -> None:
    """A change set applied in prefixes, in any order, has the same result as applied at once."""
    steps = len(case.change_set.steps)
    for n in case.some(range(steps + 1)):
        driver = case.fresh()
        _expect_all(
            driver.apply(case.change_set.prefix(n), case.now),
            case.change_set.prefix(n),
            "applied",
            f"of {steps} steps the first {n}",
        )
        part = case.after_steps(n)
        expect_one_of([part], case.look(), f"of {steps} steps the first {n}")
        for m in {0, n // 2, n} if case.is_full else {n // 2}:
            driver.apply(case.change_set.prefix(m), case.now)
            expect_one_of([part], case.look(), f"after the first {n} steps the first {m} again")
        driver.apply(case.change_set, case.now)
        expect_one_of([case.whole], case.look(), f"after the first {n} steps all")
        case.count("prefixes")


def a_set_nobody_said_yes_to_is_refused(case: LawCase) -> None:
    """A blocked change set is refused; so is one without its own confirmation."""
    blocked = attrs.evolve(case.change_set, steps=(), blocked=("agreement_missing",), confirmation=None)
    refused = {"blocked": blocked}
    if case.change_set.needs_confirmation:
        refused["unconfirmed"] = attrs.evolve(case.change_set, confirmation=None)
        other: Any = case.change_set.confirmation
        elsewhere = attrs.evolve(other, plan_id="0" * 64)
        refused["confirmed for another plan"] = attrs.evolve(case.change_set, confirmation=elsewhere)
    for how, change_set in refused.items():
        driver = case.fresh()
        if driver.fits(change_set, case.now):
            raise LawBroken(f"{how}: preflight says that nothing stands against the set")
        applied = driver.apply(change_set, case.now)
        if change_set.steps and applied.is_done(change_set):
            raise LawBroken(f"{how}: the store says that the set is applied")
        expect_untouched(case.present, case.look(), f"{how} and applied", versions=case.has_versions)
        case.count(how)


def the_store_keeps_its_own_values(case: LawCase) -> None:
    """A number stays and is given once; a version changes only when its row is written."""
    is_durable = case.subject.capabilities.durable_progress is True
    for n in _telling_prefixes(case):
        driver = case.fresh()
        if is_durable:
            driver.reopen()
        driver.apply(case.change_set.prefix(n), case.now)
        part = case.look()
        _expect_kept(case.present, part)
        if is_durable:
            driver.reopen()
        driver.apply(case.change_set, case.now)
        whole = case.look()
        _expect_kept(part, whole)
        _expect_kept(case.present, whole)
        if case.has_versions:
            _expect_counted(case, whole)
    if case.has_versions and is_durable:
        _expect_counted_on(case)
    _expect_kept_from_others(case)
    _expect_given_once(case)
    case.count("rows written", len({edit.key for edit in edits_of(case.change_set)}))
    created = [edit for edit in edits_of(case.change_set) if edit.before is None]
    case.count("bookings made", sum(edit.entity == "appointment" for edit in created))


def _telling_prefixes(case: LawCase) -> list[int]:
    """Return the lengths of the prefixes to try.

    Below `full` they are those that end with a new booking, and the whole.
    """
    steps = case.change_set.steps
    if case.is_full:
        return case.some(range(len(steps) + 1))
    booking = [
        step.ordinal
        for step in steps
        if any(edit.entity == "appointment" and edit.before is None for edit in step.edits)
    ]
    return case.some(sorted({*booking, len(steps)}))


def _expect_kept(before: Snapshot, after: Snapshot) -> None:
    """Expect that no number changes, and that no two bookings get one number."""
    for row in before.appointments:
        now = after.appointments.get(row.id)
        if row.number is not None and now is not None and now.number != row.number:
            raise LawBroken(f"appointment {row.id} had a number, and has another one")
    known = {row.id for row in before.appointments if row.number is not None}
    numbers = Counter(row.number for row in after.appointments)
    for row in after.appointments:
        if row.id not in known and row.number is not None and numbers[row.number] > 1:
            raise LawBroken(f"appointment {row.id} was given a number that another one has")


def _expect_kept_from_others(case: LawCase) -> None:
    """Expect that a number given to a booking after planning, before its turn, stays."""
    rows = [row_of(case.present, edit) for edit in edits_of(case.change_set) if edit.entity == "appointment"]
    unnumbered = {row.id: row for row in rows if row is not None and row.number is None}
    if unnumbered:
        given = [
            attrs.evolve(row, number=f"APP-{_GIVEN_MEANWHILE + n}")
            for n, row in enumerate(unnumbered.values())
        ]
        driver = case.fresh()
        driver.foreign_write(ForeignWrite(given))
        numbered = case.look()
        driver.apply(case.change_set, case.now)
        _expect_kept(numbered, case.look())
        case.count("numbers given meanwhile", len(given))


def _expect_given_once(case: LawCase) -> None:
    """Expect that a number is not given again after its booking was removed.

    The change set is applied. Another program undoes it and puts other bookings in the place of the numbered
    ones. The same request is planned and applied again: its new bookings get other numbers than the first
    ones.
    """
    driver = case.fresh()
    driver.apply(case.change_set, case.now)
    given = {row.number: row.id for row in _made(case.change_set, case.look()) if row.number is not None}
    write = _taken_back_with_others(case)
    if not given or write is None or not write.is_possible_on(case.look()):
        return
    driver.foreign_write(write)
    _expect_no_id_again(case)
    again = case.replanned()
    if again is None:
        return
    driver.apply(again, case.now)
    _expect_no_id_again(case)
    case.planned_as(again)
    for row in _made(again, case.look()):
        if given.get(row.number, row.id) != row.id:
            raise LawBroken(
                f"appointment {row.id} was given the number of {given[row.number]}, which was removed"
            )
        case.count("numbers given after a removal")


def _expect_no_id_again(case: LawCase) -> None:
    """Expect that no row has the id of a row that the change set made and others removed."""
    case.planned_as(case.change_set)
    again = case.driver.ids_made()
    if again:
        raise LawBroken(f"{again[0]} has the id of a row that was removed")


def _made(change_set: ChangeSet, stored: Snapshot) -> list[Any]:
    """Return the bookings that a change set creates, as they are stored."""
    ids = [edit.id for edit in edits_of(change_set) if edit.before is None and edit.entity == "appointment"]
    rows = [stored.appointments.get(id) for id in dict.fromkeys(ids)]
    return [row for row in rows if row is not None]


def _taken_back_with_others(case: LawCase) -> ForeignWrite | None:
    """Return a write that undoes the change set, with new ids for the replaced bookings, or None."""
    made: list[Any] = [edit.after for edit in edits_of(case.change_set) if edit.before is None]
    moved = {
        row.replaces for row in made if isinstance(row, Appointment) and row.number is None and row.replaces
    }
    present = case.present.appointments
    renamed = [attrs.evolve(present[id], id=f"{id}-again") for id in sorted(moved) if id in present]
    if not renamed:
        return None
    touched = {edit.key: row_of(case.present, edit) for edit in edits_of(case.change_set)}
    old: dict[Key, Any] = {key: row for key, row in touched.items() if row is not None}
    kept = [row for key, row in old.items() if key != ("appointment", row.id) or row.id not in moved]
    return ForeignWrite(
        [*kept, *renamed],
        [*(key for key in touched if key not in old), *(("appointment", id) for id in sorted(moved))],
    )


def _expect_counted_on(case: LawCase) -> None:
    """Expect that no row gets a version twice, also if the store was opened again in between."""
    driver = case.fresh()
    driver.apply(case.change_set, case.now)
    for _ in range(2):
        before = case.look()
        touched = {edit.key: row_of(before, edit) for edit in edits_of(case.change_set)}
        rows = {key: row for key, row in touched.items() if row is not None}
        driver.reopen()
        driver.foreign_write(ForeignWrite(rows.values()))
        after = keyed(case.look())
        for key, row in rows.items():
            if after[key].version == row.version:
                raise LawBroken(f"{' '.join(key)} was written after a start, and its version is the same")


def _expect_counted(case: LawCase, after: Snapshot) -> None:
    touched = {edit.key for edit in edits_of(case.change_set)}
    for kind in KINDS:
        for row in case.present.table(kind.collection):
            now = after.table(kind.collection).get(row.id)
            if now is None:
                continue
            if (kind.name, row.id) in touched and now.version in (row.version, None):
                raise LawBroken(f"{kind.name} {row.id} was written, and its version is the same")
            if (kind.name, row.id) not in touched and now.version != row.version:
                raise LawBroken(f"{kind.name} {row.id} was not written, and has another version")
