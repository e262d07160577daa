"""The reference: a store in memory that keeps every promise, and checkers that share no code with the planners.

Needs neither hypothesis nor pytest.
"""

from accountmerge.testing.adapters import OUTCOMES, ForeignWrite, Outcome
from accountmerge.testing.reference.conservation import losses, not_conserved
from accountmerge.testing.reference.fault_plans import Points, crash
from accountmerge.testing.reference.foreign_writes import phantoms, scribbles, ties
from accountmerge.testing.reference.goals import unmet
from accountmerge.testing.reference.phantom_rows import PHANTOM
from accountmerge.testing.reference.stores import ReferenceStore
from accountmerge.testing.reference.well_formedness import (
    added_faults,
    booking_roots,
    faults_of,
    live_bookings,
)
from accountmerge.testing.reference.written_data import (
    crashed,
    edits_of,
    in_own_ids,
    read_at,
    row_of,
    shuffled,
)

__all__ = [
    "OUTCOMES",
    "PHANTOM",
    "ForeignWrite",
    "Outcome",
    "Points",
    "ReferenceStore",
    "added_faults",
    "booking_roots",
    "crash",
    "crashed",
    "edits_of",
    "faults_of",
    "in_own_ids",
    "live_bookings",
    "losses",
    "not_conserved",
    "phantoms",
    "read_at",
    "row_of",
    "scribbles",
    "shuffled",
    "ties",
    "unmet",
]
