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
from accountmerge.testing.conformance.broken_laws import LawBroken
from accountmerge.testing.conformance.comparisons import expect_one_of, expect_untouched, keyed
from accountmerge.testing.conformance.trials import evenly
from accountmerge.testing.reference.foreign_writes import scribbles
from accountmerge.testing.reference.written_data import edits_of, row_of

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Key
    from accountmerge.testing.adapters import Outcome
    from accountmerge.testing.conformance.drivers import Applied, Driver
    from accountmerge.testing.conformance.trials import Trial

_GIVEN_MEANWHILE = 8_000_001
MOST_PREFIXES = 12
"""The most prefixes of one plan that are tried, evenly chosen."""


def seeded_data_are_read_back_whole(trial: Trial) -> None:
    """Seeded data are read back with every field, and no earlier data are left."""
    driver, snapshot = trial.driver, trial.scenario.snapshot
    driver.seed(Snapshot(trial.now))
    expect_one_of([Snapshot(trial.now)], driver.dump(), "seeded with nothing")
    for _ in range(2):
        driver.seed(snapshot)
        expect_one_of([snapshot], driver.dump(), "seeded")
    if trial.subject.capabilities.durable_progress is True:
        driver.reopen()
        expect_one_of([snapshot], driver.dump(), "seeded and opened again")
    if trial.has_versions:
        when = "seeded (keep the versions that come with the data, or promise no versions)"
        expect_untouched(snapshot, driver.dump(), when, versions=True)
    trial.count("rows", sum(len(snapshot.table(kind.collection)) for kind in KINDS))


def applying_does_what_the_set_says(trial: Trial) -> None:
    """A change set that fits is applied, with every row and every reported outcome as planned."""
    applied = trial.fresh().apply(trial.change_set, trial.now)
    _expect_all(applied, trial.change_set, "applied", "applying for the first time")
    expect_one_of([trial.whole], trial.look(), "applied")
    for step in trial.change_set.steps:
        trial.count(f"step {step.kind}")
        trial.count("steps")


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


def preflight_says_what_stands_against_a_set_and_writes_nothing(trial: Trial) -> None:
    """The preflight says whether a change set fits, and writes no data."""
    driver = trial.fresh()
    if not driver.fits(trial.change_set, trial.now):
        raise LawBroken("preflight says that something stands against a set that fits")
    expect_untouched(trial.present, trial.look(), "after a preflight", versions=trial.has_versions)
    if trial.subject.capabilities.compare_and_set is False:
        return
    for edit in edits_of(trial.change_set):
        row = row_of(trial.present, edit)
        if row is not None:
            _preflight_after(trial, ForeignWrite([scribbles(row)[0]]))


def _preflight_after(trial: Trial, write: ForeignWrite) -> None:
    driver = trial.fresh()
    driver.foreign_write(write)
    state = trial.look()
    fits = driver.fits(trial.change_set, trial.now)
    if fits and check(state, trial.change_set):
        raise LawBroken(f"preflight says that nothing stands against the set after {write}")
    expect_untouched(state, trial.look(), "after a preflight", versions=trial.has_versions)
    trial.count("preflights of drift")


def what_is_done_is_left_alone(trial: Trial) -> None:
    """Applying twice is applying once, with no row written, counted or numbered again."""
    driver = trial.fresh()
    driver.apply(trial.change_set, trial.now)
    once = trial.look()
    for again in ("again", "after opening it again"):
        applied = driver.apply(trial.change_set, trial.now)
        _expect_all(applied, trial.change_set, "already", f"applied {again}")
        expect_untouched(once, trial.look(), f"applied {again}", versions=trial.has_versions)
        if trial.subject.capabilities.durable_progress is not True:
            return
        driver.reopen()
    trial.count("deliveries", 2)


def prefixes_add_up(trial: Trial) -> None:
    """A change set applied in prefixes, in any order, has the same result as applied at once."""
    steps = len(trial.change_set.steps)
    for n in evenly(steps + 1, MOST_PREFIXES):
        driver = trial.fresh()
        _expect_all(
            driver.apply(trial.change_set.prefix(n), trial.now),
            trial.change_set.prefix(n),
            "applied",
            f"of {steps} steps the first {n}",
        )
        part = trial.after_steps(n)
        expect_one_of([part], trial.look(), f"of {steps} steps the first {n}")
        for m in {0, n // 2, n}:
            driver.apply(trial.change_set.prefix(m), trial.now)
            expect_one_of([part], trial.look(), f"after the first {n} steps the first {m} again")
        driver.apply(trial.change_set, trial.now)
        expect_one_of([trial.whole], trial.look(), f"after the first {n} steps all")
        trial.count("prefixes")


def a_set_nobody_said_yes_to_is_refused(trial: Trial) -> None:
    """A blocked change set is refused; so is one without its own confirmation."""
    blocked = attrs.evolve(trial.change_set, steps=(), blocked=("agreement_missing",), confirmation=None)
    refused = {"blocked": blocked}
    if trial.change_set.needs_confirmation:
        refused["unconfirmed"] = attrs.evolve(trial.change_set, confirmation=None)
        other: Any = trial.change_set.confirmation
        elsewhere = attrs.evolve(other, plan_id="0" * 64)
        refused["confirmed for another plan"] = attrs.evolve(trial.change_set, confirmation=elsewhere)
    for how, change_set in refused.items():
        driver = trial.fresh()
        if driver.fits(change_set, trial.now):
            raise LawBroken(f"{how}: preflight says that nothing stands against the set")
        applied = driver.apply(change_set, trial.now)
        if change_set.steps and applied.is_done(change_set):
            raise LawBroken(f"{how}: the store says that the set is applied")
        expect_untouched(trial.present, trial.look(), f"{how} and applied", versions=trial.has_versions)
        trial.count(how)


def the_store_keeps_its_own_values(trial: Trial) -> None:
    """A number stays and is given once; a version changes only when its row is written."""
    is_durable = trial.subject.capabilities.durable_progress is True
    for n in evenly(len(trial.change_set.steps) + 1, MOST_PREFIXES):
        driver = trial.fresh()
        if is_durable:
            driver.reopen()
        driver.apply(trial.change_set.prefix(n), trial.now)
        part = trial.look()
        _expect_kept(trial.present, part)
        if is_durable:
            driver.reopen()
        driver.apply(trial.change_set, trial.now)
        _expect_kept(part, trial.look())
        _expect_kept(trial.present, trial.look())
        if trial.has_versions:
            _expect_counted(trial, driver)
    if trial.has_versions and is_durable:
        _expect_counted_on(trial)
    _expect_kept_from_others(trial)
    _expect_given_once(trial)
    trial.count("rows written", len({edit.key for edit in edits_of(trial.change_set)}))
    created = [edit for edit in edits_of(trial.change_set) if edit.before is None]
    trial.count("bookings made", sum(edit.entity == "appointment" for edit in created))


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


def _expect_kept_from_others(trial: Trial) -> None:
    """Expect that a number given to a booking after planning, before its turn, stays."""
    rows = [
        row_of(trial.present, edit) for edit in edits_of(trial.change_set) if edit.entity == "appointment"
    ]
    unnumbered = {row.id: row for row in rows if row is not None and row.number is None}
    if unnumbered:
        given = [
            attrs.evolve(row, number=f"APP-{_GIVEN_MEANWHILE + n}")
            for n, row in enumerate(unnumbered.values())
        ]
        driver = trial.fresh()
        driver.foreign_write(ForeignWrite(given))
        numbered = trial.look()
        driver.apply(trial.change_set, trial.now)
        _expect_kept(numbered, trial.look())
        trial.count("numbers given meanwhile", len(given))


def _expect_given_once(trial: Trial) -> None:
    """Expect that a number is not given again after its booking was removed.

    The change set is applied. Another program undoes it and puts other bookings in the place of the numbered
    ones. The same request is planned and applied again: its new bookings get other numbers than the first
    ones.
    """
    driver = trial.fresh()
    driver.apply(trial.change_set, trial.now)
    given = {row.number: row.id for row in _made(trial.change_set, trial.look()) if row.number is not None}
    write = _taken_back_with_others(trial)
    if not given or write is None or not write.is_possible_on(trial.look()):
        return
    driver.foreign_write(write)
    again = trial.scenario.change_set_on(trial.look())
    if again is None:
        return
    driver.apply(again, trial.now)
    for row in _made(again, trial.look()):
        if given.get(row.number, row.id) != row.id:
            raise LawBroken(
                f"appointment {row.id} was given the number of {given[row.number]}, which was removed"
            )
        trial.count("numbers given after a removal")


def _made(change_set: ChangeSet, found: Snapshot) -> list[Any]:
    """Return the bookings that a change set creates, as they are stored."""
    ids = [edit.id for edit in edits_of(change_set) if edit.before is None and edit.entity == "appointment"]
    rows = [found.appointments.get(id) for id in dict.fromkeys(ids)]
    return [row for row in rows if row is not None]


def _taken_back_with_others(trial: Trial) -> ForeignWrite | None:
    """Return a write that undoes the change set, with new ids for the replaced bookings, or None."""
    made: list[Any] = [edit.after for edit in edits_of(trial.change_set) if edit.before is None]
    moved = {
        row.replaces for row in made if isinstance(row, Appointment) and row.number is None and row.replaces
    }
    present = trial.present.appointments
    renamed = [attrs.evolve(present[id], id=f"{id}-again") for id in sorted(moved) if id in present]
    if not renamed:
        return None
    touched = {edit.key: row_of(trial.present, edit) for edit in edits_of(trial.change_set)}
    old: dict[Key, Any] = {key: row for key, row in touched.items() if row is not None}
    kept = [row for key, row in old.items() if key != ("appointment", row.id) or row.id not in moved]
    return ForeignWrite(
        [*kept, *renamed],
        [*(key for key in touched if key not in old), *(("appointment", id) for id in sorted(moved))],
    )


def _expect_counted_on(trial: Trial) -> None:
    """Expect that no row gets a version twice, also if the store was opened again in between."""
    driver = trial.fresh()
    driver.apply(trial.change_set, trial.now)
    for _ in range(2):
        before = trial.look()
        touched = {edit.key: row_of(before, edit) for edit in edits_of(trial.change_set)}
        rows = {key: row for key, row in touched.items() if row is not None}
        driver.reopen()
        driver.foreign_write(ForeignWrite(rows.values()))
        after = keyed(trial.look())
        for key, row in rows.items():
            if after[key].version == row.version:
                raise LawBroken(f"{' '.join(key)} was written after a start, and its version is the same")


def _expect_counted(trial: Trial, driver: Driver) -> None:
    after = driver.dump()
    touched = {edit.key for edit in edits_of(trial.change_set)}
    for kind in KINDS:
        for row in trial.present.table(kind.collection):
            now = after.table(kind.collection).get(row.id)
            if now is None:
                continue
            if (kind.name, row.id) in touched and now.version in (row.version, None):
                raise LawBroken(f"{kind.name} {row.id} was written, and its version is the same")
            if (kind.name, row.id) not in touched and now.version != row.version:
                raise LawBroken(f"{kind.name} {row.id} was not written, and has another version")
