"""Laws about repeated, reordered, late and simultaneous deliveries of a change set."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.conformance.comparisons import expect_one_of, expect_untouched
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.law_cases import End, expect_end, possible_ends
from accountmerge.testing.reference.fault_plans import Points
from accountmerge.testing.reference.written_data import edits_of, row_of

if TYPE_CHECKING:
    from accountmerge.testing.conformance.drivers import Applied, Driver
    from accountmerge.testing.conformance.law_cases import LawCase

HELD_OUT_AFTER = 0.05
"""Seconds after which a second applier counts as locked by the first."""
STUCK_AFTER = 20.0
"""Seconds after which two appliers count as deadlocked."""


def a_set_delivered_again_or_late_changes_nothing_more(case: LawCase) -> None:
    """A change set or prefix delivered again, after later changes, overwrites no data."""
    steps = len(case.change_set.steps)
    driver = case.fresh()
    driver.apply(case.change_set, case.now)
    whole = case.look()
    touched = {edit.key: row_of(whole, edit) for edit in edits_of(case.change_set)}
    driver.foreign_write(ForeignWrite(case.scribbles(row)[0] for row in touched.values() if row is not None))
    state = case.look()
    for n in case.some(range(steps + 1))[::-1]:
        driver.apply(case.change_set.prefix(n), case.now)
        when = f"after the whole, and changes by others, the first {n} of {steps} steps again"
        expect_untouched(state, case.look(), when, versions=case.has_versions)
        case.count("late deliveries")
    _expect_truth_of_what_was_taken_back(case)


def _expect_truth_of_what_was_taken_back(case: LawCase) -> None:
    """Expect that an undone step is never reported as done."""
    driver = case.fresh()
    driver.apply(case.change_set, case.now)
    last = case.change_set.steps[-1].edits[::-1]
    if case.driver.own is not None and any(edit.after is None for edit in last):
        return  # what is removed comes back by another id, and is another row
    before = {edit.key: edit.before for edit in last}
    write = ForeignWrite(
        [row for row in before.values() if row is not None],
        [key for key, row in before.items() if row is None],
    )
    if write.is_possible_on(case.look()):
        driver.foreign_write(write)
        state = case.look()
        applied = driver.apply(case.change_set, case.now)
        ends = (End(state, is_whole=False), *possible_ends(state, case.change_set))
        expect_end(ends, case.look(), applied, case.change_set, f"applied again after {write}")
        case.count("steps taken back")


def two_appliers_are_one(case: LawCase) -> None:
    """Two processes apply one change set at the same time, and no change is lost or doubled."""
    whole = case.whole
    for at in case.places():
        driver = case.fresh()
        second = _Second(case, driver)
        points = Points(at, second.start)
        first = driver.apply(case.change_set, case.now, points)
        if points.name is None:
            continue
        when = f"a second applier at {points.name!r}"
        second.join(when)
        last = driver.apply(case.change_set, case.now)
        expect_one_of([whole], case.look(), when)
        _expect_told(case, (first, second.applied, last), when)
        case.count("meetings")


def _expect_told(case: LawCase, told: tuple[Applied, ...], when: str) -> None:
    if not told[-1].is_done(case.change_set):
        raise LawBroken(f"{when}: applied once more, not every step is told as done")
    if case.subject.capabilities.atomic_step is not True:
        return  # each may have written a part of it
    for step in case.change_set.steps:
        if sum(applied.outcomes.get(step.ordinal) == "applied" for applied in told) > 1:
            raise LawBroken(f"{when}: step {step.ordinal} is told as applied by both")


class _Second:
    """A second applier, in its own thread, that may have to wait for the first one."""

    def __init__(self, case: LawCase, driver: Driver) -> None:
        self._case = case
        self._driver = driver
        self._thread = threading.Thread(target=self._apply, daemon=True)
        self._error: BaseException | None = None
        self.applied: Applied

    def start(self) -> None:
        self._thread.start()
        self._thread.join(HELD_OUT_AFTER)

    def _apply(self) -> None:
        try:
            self.applied = self._driver.apply(self._case.change_set, self._case.now)
        except BaseException as error:  # noqa: BLE001 - reported by `join`
            self._error = error

    def join(self, when: str) -> None:
        self._thread.join(STUCK_AFTER)
        if self._thread.is_alive():
            raise LawBroken(f"{when}: the two wait for each other")
        if self._error is not None:
            raise LawBroken(
                f"{when}: it failed with {type(self._error).__name__}: {self._error}"
            ) from self._error
