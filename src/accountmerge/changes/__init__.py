"""Change sets with their parts, and reports about applying them."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.changes.change_sets import Confirmation, LedgerEntry, Obligation
    from accountmerge.changes.conflicts import Dependence, dependence
    from accountmerge.changes.differences import Rebase, StepDifference
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.failures import Failure
    from accountmerge.changes.guards import Guard
    from accountmerge.changes.moves import Moved, moved, where_now
    from accountmerge.changes.obligations import Owed, due, owed
    from accountmerge.changes.receipts import WrittenEntity
    from accountmerge.changes.resuming import EditProgress, Resumption
    from accountmerge.changes.snapshot_differences import difference
    from accountmerge.changes.steps import Reason, Step

__all__ = [
    "Confirmation",
    "Dependence",
    "Edit",
    "EditProgress",
    "Failure",
    "Guard",
    "LedgerEntry",
    "Moved",
    "Obligation",
    "Owed",
    "Reason",
    "Rebase",
    "Resumption",
    "Step",
    "StepDifference",
    "WrittenEntity",
    "dependence",
    "difference",
    "due",
    "moved",
    "owed",
    "where_now",
]

_HOMES = {
    "Confirmation": "changes.change_sets",
    "Dependence": "changes.conflicts",
    "Edit": "changes.edits",
    "EditProgress": "changes.resuming",
    "Failure": "changes.failures",
    "Guard": "changes.guards",
    "LedgerEntry": "changes.change_sets",
    "Moved": "changes.moves",
    "Obligation": "changes.change_sets",
    "Owed": "changes.obligations",
    "Reason": "changes.steps",
    "Rebase": "changes.differences",
    "Resumption": "changes.resuming",
    "Step": "changes.steps",
    "StepDifference": "changes.differences",
    "WrittenEntity": "changes.receipts",
    "dependence": "changes.conflicts",
    "difference": "changes.snapshot_differences",
    "due": "changes.obligations",
    "moved": "changes.moves",
    "owed": "changes.obligations",
    "where_now": "changes.moves",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
