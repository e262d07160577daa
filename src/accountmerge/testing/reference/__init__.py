"""The reference store in memory, which keeps every promise, with foreign writes and faults of data.

Needs neither hypothesis nor pytest.
"""

from accountmerge.testing.adapters import OUTCOMES, ForeignWrite, Outcome
from accountmerge.testing.reference.fault_plans import Points, crash
from accountmerge.testing.reference.foreign_writes import phantoms, scribbles
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
    row_of,
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
    "live_bookings",
    "phantoms",
    "row_of",
    "scribbles",
]
