"""Change sets with their parts, and reports about applying them."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.changes.change_sets import Confirmation, LedgerEntry, Obligation
    from accountmerge.changes.compiling import Compiled
    from accountmerge.changes.conflicts import Dependence, dependence
    from accountmerge.changes.differences import Rebase, StepDifference
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.excerpts import Excerpt
    from accountmerge.changes.failures import Failure
    from accountmerge.changes.guards import Guard
    from accountmerge.changes.questions import Equality, LiveBookings, Questions
    from accountmerge.changes.readings import reading
    from accountmerge.changes.receipts import WrittenEntity
    from accountmerge.changes.resuming import EditProgress, Resumption
    from accountmerge.changes.step_checks import StepCheck, check_step
    from accountmerge.changes.steps import Reason, Step
    from accountmerge.plans.executions import (
        compiled,  # the door may look up: it loads nothing until it is used
    )

__all__ = [
    "Compiled",
    "Confirmation",
    "Dependence",
    "Edit",
    "EditProgress",
    "Equality",
    "Excerpt",
    "Failure",
    "Guard",
    "LedgerEntry",
    "LiveBookings",
    "Obligation",
    "Questions",
    "Reason",
    "Rebase",
    "Resumption",
    "Step",
    "StepCheck",
    "StepDifference",
    "WrittenEntity",
    "check_step",
    "compiled",
    "dependence",
    "reading",
]

_HOMES = {
    "Compiled": "changes.compiling",
    "Confirmation": "changes.change_sets",
    "Dependence": "changes.conflicts",
    "Edit": "changes.edits",
    "EditProgress": "changes.resuming",
    "Equality": "changes.questions",
    "Excerpt": "changes.excerpts",
    "Failure": "changes.failures",
    "Guard": "changes.guards",
    "LedgerEntry": "changes.change_sets",
    "LiveBookings": "changes.questions",
    "Obligation": "changes.change_sets",
    "Questions": "changes.questions",
    "Reason": "changes.steps",
    "Rebase": "changes.differences",
    "Resumption": "changes.resuming",
    "Step": "changes.steps",
    "StepCheck": "changes.step_checks",
    "StepDifference": "changes.differences",
    "WrittenEntity": "changes.receipts",
    "check_step": "changes.step_checks",
    "compiled": "plans.executions",
    "dependence": "changes.conflicts",
    "reading": "changes.readings",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
