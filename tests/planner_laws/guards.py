"""What a plan watches: no guard fails of its own doing, and whatever may not happen meanwhile is seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accountmerge.plans.executions import check
from accountmerge.testing.conformance.law_cases import evenly
from oracles.causes import lost_causes, lost_sources
from oracles.dangers import dangers
from planner_laws.law_cases import MOST_PARTS, expect
from rewritten_data import read_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.snapshots import Snapshot
    from oracles.dangers import Danger
    from planner_laws.law_cases import PlannerLawCase


def no_guard_fails_on_the_result_of_a_prefix(case: PlannerLawCase) -> None:
    """What is done stands against nothing that is left, and when all is done nothing does, at any time."""
    for n, part in case.parts():
        failures = check(part, case.change_set)
        told = ", ".join(f"{failure.code} at step {failure.step}" for failure in failures)
        expect(not failures, f"after {n} steps the rest cannot be applied: {told}")
        case.count("prefixes")
    late = read_at(case.whole, case.question.at + timedelta(days=400))
    expect(not check(late, case.change_set), "what is done counts as too late when it is delivered again")


def what_may_not_happen_meanwhile_is_seen(case: PlannerLawCase) -> None:
    """Whatever somebody else writes that a step, or the request, cannot stand is seen before anything is written."""
    for ordinal, danger in _happenings(case):
        told = f"before step {ordinal}: {danger.what} {danger.whom}".rstrip()
        expect(check(danger.then, case.change_set), f"{told}, and that is not seen")
        case.count("dangers")
        case.count(danger.what)


def _happenings(case: PlannerLawCase) -> Iterator[tuple[int, Danger]]:
    question, steps = case.question, case.steps
    for place in evenly(len(steps), MOST_PARTS):
        step = steps[place]
        for n in sorted({0, place}):
            present = case.after(n)
            for danger in _before(case, present, place, is_first=n == 0):
                yield step.ordinal, danger
    for n in sorted({0, len(steps) - 1}):
        for danger in lost_causes(question.request, case.after(n), question.at):
            yield n + 1, danger


def _before(case: PlannerLawCase, present: Snapshot, place: int, *, is_first: bool) -> Iterator[Danger]:
    step = case.steps[place]
    yield from dangers(present, case.change_set, step, is_first=is_first)
    yield from lost_sources(case.question.request, case.question.rules, present, step)
