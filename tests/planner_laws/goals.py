"""What a plan leads to: what was asked, once, from wherever it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.kinds import rebase
from accountmerge.merges.requests import MergeRequest
from accountmerge.plans.executions import apply
from accountmerge.testing.conformance.comparisons import differences
from accountmerge.testing.conformance.law_cases import Inapplicable
from oracles.goals import unmet
from planner_laws.law_cases import CONFIRMED_BY, expect

if TYPE_CHECKING:
    from planner_laws.law_cases import PlannerLawCase


def applying_does_what_was_asked(case: PlannerLawCase) -> None:
    """When a ready plan is applied, what was asked is so."""
    question = case.question
    missing = unmet(question.request, case.snapshot, case.whole, question.at)
    expect(not missing, f"what was asked is not so: {'; '.join(missing[:5])}")
    case.count("requests met")
    case.count(f"{case.change_set.intent} met")


def planning_again_on_the_result_gives_an_empty_ready_plan(case: PlannerLawCase) -> None:
    """What was carried out is ready and leaves nothing to do, nothing to tell and nothing to list."""
    again = case.question.plan(case.planner, case.whole)
    named = ", ".join(finding.id for finding in again.blockers)
    expect(again.is_ready, f"what was carried out is blocked when it is planned again, by {named}")
    left = again.change_set
    expect(not left.steps, f"{len(left.steps)} steps are left of what was carried out")
    expect(not (left.ledger or left.obligations), "what was carried out is listed or told again")
    case.count("carried out")


def planning_on_the_result_of_any_prefix_reaches_the_same_end(case: PlannerLawCase) -> None:
    """What is planned when some steps are done is what is left: it is ready, and ends where the first plan does."""
    for n, part in case.parts():
        rest = case.planned_after(n)
        named = ", ".join(finding.id for finding in rest.blockers)
        expect(rest.is_ready, f"planned again after {n} steps, it is blocked by {named}")
        end = apply(part, rest.confirm(by=CONFIRMED_BY, at=case.question.at))
        differing = differences(case.whole, end)
        expect(not differing, f"planned again after {n} steps, it ends elsewhere: {'; '.join(differing[:5])}")
        left = len(rest.change_set.steps)
        expect(left == len(case.steps) - n, f"after {n} steps, {left} are left of {len(case.steps)}")
        case.count("prefixes")


def planning_after_a_crash_at_any_edit_reaches_the_same_end(case: PlannerLawCase) -> None:
    """A set that was lost within a step is made up for by planning again, or is for a person to accept.

    A merge that was lost within a step may keep another of two equal values: its own law sees that it loses none.
    """
    question = case.question
    if isinstance(question.request, MergeRequest):
        raise Inapplicable
    for n, part in case.moments:
        rest = question.plan(case.planner, part)
        named = {finding.code for finding in rest.blockers}
        expect(
            named <= {"destination_double_booking"},
            f"planned again after {n} edits, it is blocked by {named}",
        )
        if rest.is_ready:
            end = apply(part, rest.confirm(by=CONFIRMED_BY, at=question.at))
            differing = differences(case.whole, end)
            expect(
                not differing, f"planned again after {n} edits, it ends elsewhere: {'; '.join(differing[:5])}"
            )
            case.count("crashes made up for")


def planning_again_is_planning_the_request_on_the_present_data(case: PlannerLawCase) -> None:
    """On the same data nothing differs; after some steps, just these are dropped, and the rest is kept."""
    question = case.question
    plan: Any = case.plan
    same = rebase(case.snapshot, plan, at=question.at)
    expect(same.is_same and same.plan == plan, "planned again on the same data, it is another plan")
    for n, part in case.parts():
        again = rebase(part, plan, at=question.at)
        expect(again.plan == case.planned_after(n), "it is not what planning the request gives")
        now = {step.after for step in again.steps if step.after is not None}
        expect(now == {step.ordinal for step in again.plan.change_set.steps}, "a present step is not told")
        was = {step.before for step in again.steps if step.before is not None}
        expect(was == {step.ordinal for step in plan.change_set.steps}, "an earlier step is not told")
        dropped = {step.before for step in again.steps if step.difference == "dropped"}
        expect(set(range(1, n + 1)) <= dropped, f"after {n} steps, not all of them are told to be dropped")
        case.count("planned again")
