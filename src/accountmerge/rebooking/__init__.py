"""Book the next session of a customer with the new profile."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.rebooking.messages import (
        Question,
        RebookingReading,
        read_rebooking_message,
        rebooking_message,
    )
    from accountmerge.rebooking.planner import RebookingPlan, plan_rebooking
    from accountmerge.rebooking.requests import RebookingRequest

__all__ = [
    "Question",
    "RebookingPlan",
    "RebookingReading",
    "RebookingRequest",
    "plan_rebooking",
    "read_rebooking_message",
    "rebooking_message",
]

_HOMES = {
    "Question": "rebooking.messages",
    "RebookingPlan": "rebooking.planner",
    "RebookingReading": "rebooking.messages",
    "RebookingRequest": "rebooking.requests",
    "plan_rebooking": "rebooking.planner",
    "read_rebooking_message": "rebooking.messages",
    "rebooking_message": "rebooking.messages",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
