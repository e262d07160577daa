"""Laws about repeated, reordered, late and simultaneous deliveries of a change set."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.conformance.broken_laws import LawBroken
from accountmerge.testing.conformance.comparisons import expect_one_of, expect_untouched
from accountmerge.testing.conformance.trials import End, evenly, expect_end, possible_ends
from accountmerge.testing.reference.fault_plans import Points
from accountmerge.testing.reference.foreign_writes import scribbles
from accountmerge.testing.reference.written_data import edits_of, row_of

if TYPE_CHECKING:
    from accountmerge.testing.conformance.drivers import Applied, Driver
    from accountmerge.testing.conformance.trials import Trial

MOST_MEETINGS = 12
"""The most points of one plan at which a second applier starts: each may have to wait for the first."""
HELD_OUT_AFTER = 0.05
"""Seconds after which a second applier counts as locked by the first."""
STUCK_AFTER = 20.0
"""Seconds after which two appliers count as deadlocked."""


def a_set_delivered_again_or_late_changes_nothing_more(trial: Trial) -> None:
    """A change set or prefix delivered again, after later changes, overwrites no data."""
    steps = len(trial.change_set.steps)
    driver = trial.fresh()
    driver.apply(trial.change_set, trial.now)
    for edit in edits_of(trial.change_set):
        row = row_of(trial.look(), edit)
        if row is not None:
            driver.foreign_write(ForeignWrite([scribbles(row)[0]]))
    state = trial.look()
    for n in evenly(steps + 1, MOST_MEETINGS)[::-1]:
        driver.apply(trial.change_set.prefix(n), trial.now)
        when = f"after the whole, and changes by others, the first {n} of {steps} steps again"
        expect_untouched(state, trial.look(), when, versions=trial.has_versions)
        trial.count("late deliveries")
    _expect_truth_of_what_was_taken_back(trial)


def _expect_truth_of_what_was_taken_back(trial: Trial) -> None:
    """Expect that an undone step is never reported as done."""
    driver = trial.fresh()
    driver.apply(trial.change_set, trial.now)
    last = trial.change_set.steps[-1].edits[::-1]
    before = {edit.key: edit.before for edit in last}
    write = ForeignWrite(
        [row for row in before.values() if row is not None],
        [key for key, row in before.items() if row is None],
    )
    if write.is_possible_on(trial.look()):
        driver.foreign_write(write)
        state = trial.look()
        applied = driver.apply(trial.change_set, trial.now)
        ends = (End(state, is_whole=False), *possible_ends(state, trial.change_set))
        expect_end(ends, trial.look(), applied, trial.change_set, f"applied again after {write}")
        trial.count("steps taken back")


def two_appliers_are_one(trial: Trial) -> None:
    """Two processes apply one change set at the same time, and no change is lost or doubled."""
    whole = trial.whole
    for at in evenly(len(trial.names_of_points), MOST_MEETINGS):
        driver = trial.fresh()
        second = _Second(trial, driver)
        points = Points(at, second.start)
        first = driver.apply(trial.change_set, trial.now, points)
        if points.name is None:
            continue
        when = f"a second applier at {points.name!r}"
        second.join(when)
        last = driver.apply(trial.change_set, trial.now)
        expect_one_of([whole], trial.look(), when)
        _expect_told(trial, (first, second.applied, last), when)
        trial.count("meetings")


def _expect_told(trial: Trial, told: tuple[Applied, ...], when: str) -> None:
    if not told[-1].is_done(trial.change_set):
        raise LawBroken(f"{when}: applied once more, not every step is told as done")
    if trial.subject.capabilities.atomic_step is not True:
        return  # each may have written a part of it
    for step in trial.change_set.steps:
        if sum(applied.outcomes.get(step.ordinal) == "applied" for applied in told) > 1:
            raise LawBroken(f"{when}: step {step.ordinal} is told as applied by both")


class _Second:
    """A second applier, in its own thread, that may have to wait for the first one."""

    def __init__(self, trial: Trial, driver: Driver) -> None:
        self._trial = trial
        self._driver = driver
        self._thread = threading.Thread(target=self._apply, daemon=True)
        self._error: BaseException | None = None
        self.applied: Applied

    def start(self) -> None:
        self._thread.start()
        self._thread.join(HELD_OUT_AFTER)

    def _apply(self) -> None:
        try:
            self.applied = self._driver.apply(self._trial.change_set, self._trial.now)
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
