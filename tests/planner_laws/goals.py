"""What a plan leads to: what was asked, once, from wherever it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.kinds import rebase
from accountmerge.merges.requests import MergeRequest
from accountmerge.plans.executions import apply
from accountmerge.testing.conformance.comparisons import differences
from accountmerge.testing.conformance.trials import Inapplicable
from oracles.goals import unmet
from planner_laws.trials import CONFIRMED_BY, expect

if TYPE_CHECKING:
    from planner_laws.trials import PlannerTrial


def applying_does_what_was_asked(trial: PlannerTrial) -> None:
    """When a ready plan is applied, what was asked is so."""
    question = trial.question
    missing = unmet(question.request, trial.snapshot, trial.whole, question.at)
    expect(not missing, f"what was asked is not so: {'; '.join(missing[:5])}")
    trial.count("requests met")
    trial.count(f"{trial.change_set.intent} met")


def planning_again_on_the_result_gives_an_empty_ready_plan(trial: PlannerTrial) -> None:
    """What was carried out is ready and leaves nothing to do, nothing to tell and nothing to list."""
    again = trial.question.plan(trial.planner, trial.whole)
    named = ", ".join(finding.id for finding in again.blockers)
    expect(again.is_ready, f"what was carried out is blocked when it is planned again, by {named}")
    left = again.change_set
    expect(not left.steps, f"{len(left.steps)} steps are left of what was carried out")
    expect(not (left.ledger or left.obligations), "what was carried out is listed or told again")
    trial.count("carried out")


def planning_on_the_result_of_any_prefix_reaches_the_same_end(trial: PlannerTrial) -> None:
    """What is planned when some steps are done is what is left: it is ready, and ends where the first plan does."""
    for n, part in trial.parts():
        rest = trial.planned_after(n)
        named = ", ".join(finding.id for finding in rest.blockers)
        expect(rest.is_ready, f"planned again after {n} steps, it is blocked by {named}")
        end = apply(part, rest.confirm(by=CONFIRMED_BY, at=trial.question.at))
        differing = differences(trial.whole, end)
        expect(not differing, f"planned again after {n} steps, it ends elsewhere: {'; '.join(differing[:5])}")
        left = len(rest.change_set.steps)
        expect(left == len(trial.steps) - n, f"after {n} steps, {left} are left of {len(trial.steps)}")
        trial.count("prefixes")


def planning_after_a_crash_at_any_edit_reaches_the_same_end(trial: PlannerTrial) -> None:
    """A set that was lost within a step is made up for by planning again, or is for a person to accept.

    A merge that was lost within a step may keep another of two equal values: its own law sees that it loses none.
    """
    question = trial.question
    if isinstance(question.request, MergeRequest):
        raise Inapplicable
    for n, part in trial.moments:
        rest = question.plan(trial.planner, part)
        named = {finding.code for finding in rest.blockers}
        expect(
            named <= {"destination_double_booking"},
            f"planned again after {n} edits, it is blocked by {named}",
        )
        if rest.is_ready:
            end = apply(part, rest.confirm(by=CONFIRMED_BY, at=question.at))
            differing = differences(trial.whole, end)
            expect(
                not differing, f"planned again after {n} edits, it ends elsewhere: {'; '.join(differing[:5])}"
            )
            trial.count("crashes made up for")


def planning_again_is_planning_the_request_on_the_present_data(trial: PlannerTrial) -> None:
    """On the same data nothing differs; after some steps, just these are dropped, and the rest is kept."""
    question = trial.question
    plan: Any = trial.plan
    same = rebase(trial.snapshot, plan, at=question.at)
    expect(same.is_same and same.plan == plan, "planned again on the same data, it is another plan")
    for n, part in trial.parts():
        again = rebase(part, plan, at=question.at)
        expect(again.plan == trial.planned_after(n), "it is not what planning the request gives")
        now = {step.after for step in again.steps if step.after is not None}
        expect(now == {step.ordinal for step in again.plan.change_set.steps}, "a present step is not told")
        was = {step.before for step in again.steps if step.before is not None}
        expect(was == {step.ordinal for step in plan.change_set.steps}, "an earlier step is not told")
        dropped = {step.before for step in again.steps if step.difference == "dropped"}
        expect(set(range(1, n + 1)) <= dropped, f"after {n} steps, not all of them are told to be dropped")
        trial.count("planned again")
