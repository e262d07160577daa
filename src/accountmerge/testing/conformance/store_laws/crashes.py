"""Laws about the end of the process at every point that the store reaches."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.conformance.comparisons import expect_one_of, keyed
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.law_cases import End, expect_end
from accountmerge.testing.reference.fault_plans import (
    BETWEEN,
    COMMITTED,
    INSIDE,
    Points,
    crash,
    last_committed,
)
from accountmerge.testing.reference.written_data import crashed, edits_of, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.testing.conformance.law_cases import LawCase


def crashes(case: LawCase, kind: re.Pattern[str] | None = None) -> Iterator[Points]:
    """Yield the point of each crash, with the store opened again; a caught crash breaks the law."""
    for at in case.places(kind):
        driver = case.fresh()
        points = Points(at, crash)
        applied = driver.apply(case.change_set, case.now, points)
        if points.name is None:
            continue
        if not applied.crashed:
            raise LawBroken(
                f"a crash at {points.name!r} was caught, as if a process could go on after its end"
            )
        driver.reopen()
        case.count("crashes")
        case.count("crashes between steps" if BETWEEN.fullmatch(points.name) else "crashes inside")
        yield points


def a_crash_leaves_no_trace(case: LawCase) -> None:
    """After a crash, reopening and applying again gives the same result as no crash, also twice.

    A store that cannot write a step whole writes its edits in their order.
    """
    whole = case.whole
    for points in crashes(case):
        if case.subject.capabilities.atomic_step is not True:
            edits = edits_of(case.change_set)
            ends = (crashed(case.present, edits[:n]) for n in range(len(edits) + 1))
            expect_one_of(ends, case.look(), f"after a crash at {points.name!r}")
        case.driver.apply(case.change_set, case.now, Points(1, crash))
        case.driver.reopen()
        case.driver.apply(case.change_set, case.now)
        when = f"after a crash at {points.name!r}, opened and applied again"
        expect_one_of([whole], case.look(), when)
        if not case.driver.apply(case.change_set, case.now).is_done(case.change_set):
            raise LawBroken(f"{when}: not every step is told as done")


def a_step_is_whole_or_nothing(case: LawCase) -> None:
    """After a crash, every step is whole or not there, and committed steps are there."""
    for points in crashes(case):
        done = last_committed(points.names)
        may_be_there = {done} if BETWEEN.fullmatch(points.name or "") else {done, done + 1}
        ends = [case.after_steps(n) for n in sorted(may_be_there) if n <= len(case.change_set.steps)]
        expect_one_of(ends, case.look(), f"after a crash at {points.name!r}")


class _Failed(Exception):  # noqa: N818 - of no program that there is
    """A failure in the middle of a step, such as a lost connection."""


def a_failure_leaves_whole_steps(case: LawCase) -> None:
    """A failure in the middle of a step that is no crash rolls the step back."""
    for at in case.places(INSIDE):
        name = case.names_of_points[at]
        points = Points(at, _fail)
        with suppress(_Failed):
            case.fresh().apply(case.change_set, case.now, points)
        steps = range(last_committed(points.names), len(case.change_set.steps) + 1)
        ends = [case.after_steps(n) for n in steps]  # a store may try once more
        expect_one_of(ends, case.look(), f"after an exception at {name!r}")
        case.count("failures inside")


def _fail() -> NoReturn:
    raise _Failed


def a_set_is_whole_or_nothing(case: LawCase) -> None:
    """After a crash, the whole change set is there or no part of it."""
    for points in crashes(case):
        expect_one_of([case.present, case.whole], case.look(), f"after a crash at {points.name!r}")
    if case.subject.capabilities.compare_and_set is not False:
        _expect_nothing_of_what_does_not_fit(case)


def _expect_nothing_of_what_does_not_fit(case: LawCase) -> None:
    """Expect no part of a change set after a foreign write to rows of only its last steps."""
    first = {edit.key for step in case.change_set.steps[:1] for edit in step.edits}
    late = [row_of(case.present, edit) for edit in edits_of(case.change_set) if edit.key not in first]
    row = next((row for row in reversed(late) if row is not None), None)
    if row is None:
        return
    driver = case.fresh()
    write = ForeignWrite([case.scribbles(row)[0]])
    points = Points(0, driver.interrupting(lambda meanwhile: meanwhile.foreign_write(write)))
    applied = driver.apply(case.change_set, case.now, points)
    end = End(write.on(case.present), is_whole=False)
    expect_end([end], case.look(), applied, case.change_set, f"{write} at {points.name!r}")
    case.count("sets that did not fit")


def an_answer_that_was_lost_is_found_out(case: LawCase) -> None:
    """After a crash right after a commit, the next process reports the step and does not repeat it."""
    for points in crashes(case, COMMITTED):
        before = keyed(case.look())
        applied = case.driver.apply(case.change_set, case.now)
        for ordinal in range(1, last_committed(points.names) + 1):
            outcome = applied.outcomes.get(ordinal, "nothing")
            if outcome != "already":
                raise LawBroken(f"step {ordinal} was committed before a crash, and {outcome!r} is told of it")
        later = {
            edit.key for step in case.change_set.steps[last_committed(points.names) :] for edit in step.edits
        }
        now = keyed(case.look())
        again = [key for key, row in before.items() if key not in later and now.get(key) != row]
        if again:
            raise LawBroken(f"{' '.join(again[0])} was written again after a crash at {points.name!r}")
        case.count("lost answers")
