"""The shape that all plans share, and the explanation of a plan."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.plans.explanations import Explanation, Ground

__all__ = [
    "Explanation",
    "Ground",
]

_HOMES = {
    "Explanation": "plans.explanations",
    "Ground": "plans.explanations",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
