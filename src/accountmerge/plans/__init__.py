"""The shape that all plans share, and the explanation of a plan."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.plans.explanations import Cause, Explanation
    from accountmerge.plans.plan import Plan

__all__ = [
    "Cause",
    "Explanation",
    "Plan",
]

_HOMES = {
    "Explanation": "plans.explanations",
    "Cause": "plans.explanations",
    "Plan": "plans.plan",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
