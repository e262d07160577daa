"""Laws about the end of the process at every point that the store reaches."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.conformance.broken_laws import LawBroken
from accountmerge.testing.conformance.comparisons import expect_one_of, keyed
from accountmerge.testing.conformance.trials import End, expect_end
from accountmerge.testing.reference.fault_plans import BETWEEN, COMMITTED, Points, crash, last_committed
from accountmerge.testing.reference.foreign_writes import scribbles
from accountmerge.testing.reference.written_data import crashed, edits_of, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.testing.conformance.trials import Trial


def crashes(trial: Trial) -> Iterator[Points]:
    """Yield the point of each crash, with the store opened again; a caught crash breaks the law."""
    for at in trial.places():
        driver = trial.fresh()
        points = Points(at, crash)
        applied = driver.apply(trial.change_set, trial.now, points)
        if points.name is None:
            continue
        if not applied.crashed:
            raise LawBroken(
                f"a crash at {points.name!r} was caught, as if a process could go on after its end"
            )
        driver.reopen()
        trial.count("crashes")
        trial.count("crashes between steps" if BETWEEN.fullmatch(points.name) else "crashes inside")
        yield points


def a_crash_leaves_no_trace(trial: Trial) -> None:
    """After a crash, reopening and applying again gives the same result as no crash, also twice.

    A store that cannot write a step whole writes its edits in their order.
    """
    whole = trial.whole
    for points in crashes(trial):
        if trial.subject.capabilities.atomic_step is not True:
            edits = edits_of(trial.change_set)
            ends = (crashed(trial.present, edits[:n]) for n in range(len(edits) + 1))
            expect_one_of(ends, trial.look(), f"after a crash at {points.name!r}")
        for at in (1, None):
            trial.driver.apply(trial.change_set, trial.now, Points(at, crash if at else None))
            trial.driver.reopen()
        when = f"after a crash at {points.name!r}, opened and applied again"
        expect_one_of([whole], trial.look(), when)
        if not trial.driver.apply(trial.change_set, trial.now).is_done(trial.change_set):
            raise LawBroken(f"{when}: not every step is told as done")


def a_step_is_whole_or_nothing(trial: Trial) -> None:
    """After a crash, every step is whole or not there, and committed steps are there."""
    for points in crashes(trial):
        done = last_committed(points.names)
        may_be_there = {done} if BETWEEN.fullmatch(points.name or "") else {done, done + 1}
        ends = [trial.after_steps(n) for n in sorted(may_be_there) if n <= len(trial.change_set.steps)]
        expect_one_of(ends, trial.look(), f"after a crash at {points.name!r}")


class _Failed(Exception):  # noqa: N818 - of no program that there is
    """A failure in the middle of a step, such as a lost connection."""


def a_failure_leaves_whole_steps(trial: Trial) -> None:
    """A failure in the middle of a step that is no crash rolls the step back."""
    for at, name in enumerate(trial.names_of_points):
        if BETWEEN.fullmatch(name):
            continue
        points = Points(at, _fail)
        with suppress(_Failed):
            trial.fresh().apply(trial.change_set, trial.now, points)
        steps = range(last_committed(points.names), len(trial.change_set.steps) + 1)
        ends = [trial.after_steps(n) for n in steps]  # a store may try once more
        expect_one_of(ends, trial.look(), f"after an exception at {name!r}")
        trial.count("failures inside")


def _fail() -> NoReturn:
    raise _Failed


def a_set_is_whole_or_nothing(trial: Trial) -> None:
    """After a crash, the whole change set is there or no part of it."""
    for points in crashes(trial):
        expect_one_of([trial.present, trial.whole], trial.look(), f"after a crash at {points.name!r}")
    if trial.subject.capabilities.compare_and_set is not False:
        _expect_nothing_of_what_does_not_fit(trial)


def _expect_nothing_of_what_does_not_fit(trial: Trial) -> None:
    """Expect no part of a change set after a foreign write to rows of only its last steps."""
    first = {edit.key for step in trial.change_set.steps[:1] for edit in step.edits}
    late = [row_of(trial.present, edit) for edit in edits_of(trial.change_set) if edit.key not in first]
    row = next((row for row in reversed(late) if row is not None), None)
    if row is None:
        return
    driver = trial.fresh()
    write = ForeignWrite([scribbles(row)[0]])
    points = Points(0, driver.interrupting(lambda meanwhile: meanwhile.foreign_write(write)))
    applied = driver.apply(trial.change_set, trial.now, points)
    end = End(write.on(trial.present), is_whole=False)
    expect_end([end], trial.look(), applied, trial.change_set, f"{write} at {points.name!r}")
    trial.count("sets that did not fit")


def an_answer_that_was_lost_is_found_out(trial: Trial) -> None:
    """After a crash right after a commit, the next process reports the step and does not repeat it."""
    for points in crashes(trial):
        if not COMMITTED.fullmatch(points.name or ""):
            continue
        before = keyed(trial.look())
        applied = trial.driver.apply(trial.change_set, trial.now)
        for ordinal in range(1, last_committed(points.names) + 1):
            outcome = applied.outcomes.get(ordinal, "nothing")
            if outcome != "already":
                raise LawBroken(f"step {ordinal} was committed before a crash, and {outcome!r} is told of it")
        later = {
            edit.key for step in trial.change_set.steps[last_committed(points.names) :] for edit in step.edits
        }
        now = keyed(trial.look())
        again = [key for key, row in before.items() if key not in later and now.get(key) != row]
        if again:
            raise LawBroken(f"{' '.join(again[0])} was written again after a crash at {points.name!r}")
        trial.count("lost answers")
