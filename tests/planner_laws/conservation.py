"""What a plan keeps: nothing is lost, doubled or touched without need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracles.conservation import losses
from planner_laws.law_cases import expect

if TYPE_CHECKING:
    from planner_laws.law_cases import PlannerLawCase


def nothing_is_lost(case: PlannerLawCase) -> None:
    """Everything that there was has one live home afterwards, or an entry in the ledger that says why not."""
    case.steps  # noqa: B018 - inapplicable if there is nothing to do
    question, change_set = case.question, case.change_set
    given = (case.snapshot, case.whole, question.at, change_set.ledger, question.rules)
    found = losses(question.request, *given)
    told = "; ".join(sorted(" ".join(map(str, loss)) for loss in found)[:5])
    expect(not found, f"not conserved: {told}")
    case.count("plans carried out")
