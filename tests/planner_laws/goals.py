"""What a plan leads to: what was asked, once, from wherever it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.plans.executions import apply
from accountmerge.testing.conformance.comparisons import differences
from oracles.goals import unmet
from planner_laws.trials import expect

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
        rest = trial.question.plan(trial.planner, part)
        named = ", ".join(finding.id for finding in rest.blockers)
        expect(rest.is_ready, f"planned again after {n} steps, it is blocked by {named}")
        end = apply(part, rest.confirm(by="Ann Example", at=trial.question.at))
        differing = differences(trial.whole, end)
        expect(not differing, f"planned again after {n} steps, it ends elsewhere: {'; '.join(differing[:5])}")
        done, left = n, len(rest.change_set.steps)
        expect(
            left <= len(trial.steps) - done,
            f"planned again after {n} steps, {left} are left of {len(trial.steps)}",
        )
        trial.count("prefixes")
