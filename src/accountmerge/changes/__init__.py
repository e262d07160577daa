"""Change sets with their parts, and reports about applying them."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.changes.appliers import Applied, Applier
    from accountmerge.changes.change_sets import Confirmation, LedgerEntry, Obligation
    from accountmerge.changes.commands import (
        Begin,
        Commit,
        Conflict,
        Fetch,
        Lock,
        LostAnswer,
        Note,
        Point,
        ReadReceipts,
        Rollback,
        Wait,
        Write,
    )
    from accountmerge.changes.compiling import Compiled
    from accountmerge.changes.conflicts import Dependence, dependence
    from accountmerge.changes.differences import Rebase, StepDifference
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.excerpts import Excerpt
    from accountmerge.changes.failures import Failure
    from accountmerge.changes.guards import Guard
    from accountmerge.changes.moves import Moved, moved, where_now
    from accountmerge.changes.obligations import Owed, due, owed
    from accountmerge.changes.questions import Equality, LiveBookings, Questions
    from accountmerge.changes.readings import reading
    from accountmerge.changes.receipts import WrittenEntity
    from accountmerge.changes.resuming import EditProgress, Resumption
    from accountmerge.changes.snapshot_differences import difference
    from accountmerge.changes.step_checks import StepCheck, check_step
    from accountmerge.changes.steps import Reason, Step
    from accountmerge.plans.executions import (
        compiled,  # the door may look up: it loads nothing until it is used
    )

__all__ = [
    "Applied",
    "Applier",
    "Begin",
    "Commit",
    "Compiled",
    "Confirmation",
    "Conflict",
    "Dependence",
    "Edit",
    "EditProgress",
    "Equality",
    "Excerpt",
    "Failure",
    "Fetch",
    "Guard",
    "LedgerEntry",
    "LiveBookings",
    "Lock",
    "LostAnswer",
    "Moved",
    "Note",
    "Obligation",
    "Owed",
    "Point",
    "Questions",
    "ReadReceipts",
    "Reason",
    "Rebase",
    "Resumption",
    "Rollback",
    "Step",
    "StepCheck",
    "StepDifference",
    "Wait",
    "Write",
    "WrittenEntity",
    "check_step",
    "compiled",
    "dependence",
    "difference",
    "due",
    "moved",
    "owed",
    "reading",
    "where_now",
]

_HOMES = {
    "Applied": "changes.appliers",
    "Applier": "changes.appliers",
    "Begin": "changes.commands",
    "Commit": "changes.commands",
    "Compiled": "changes.compiling",
    "Confirmation": "changes.change_sets",
    "Conflict": "changes.commands",
    "Dependence": "changes.conflicts",
    "Edit": "changes.edits",
    "EditProgress": "changes.resuming",
    "Equality": "changes.questions",
    "Excerpt": "changes.excerpts",
    "Failure": "changes.failures",
    "Fetch": "changes.commands",
    "Guard": "changes.guards",
    "LedgerEntry": "changes.change_sets",
    "LiveBookings": "changes.questions",
    "Lock": "changes.commands",
    "LostAnswer": "changes.commands",
    "Moved": "changes.moves",
    "Note": "changes.commands",
    "Obligation": "changes.change_sets",
    "Owed": "changes.obligations",
    "Point": "changes.commands",
    "Questions": "changes.questions",
    "ReadReceipts": "changes.commands",
    "Reason": "changes.steps",
    "Rebase": "changes.differences",
    "Resumption": "changes.resuming",
    "Rollback": "changes.commands",
    "Step": "changes.steps",
    "StepCheck": "changes.step_checks",
    "StepDifference": "changes.differences",
    "Wait": "changes.commands",
    "Write": "changes.commands",
    "WrittenEntity": "changes.receipts",
    "check_step": "changes.step_checks",
    "compiled": "plans.executions",
    "dependence": "changes.conflicts",
    "difference": "changes.snapshot_differences",
    "due": "changes.obligations",
    "moved": "changes.moves",
    "owed": "changes.obligations",
    "reading": "changes.readings",
    "where_now": "changes.moves",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
