"""The reference: a store in memory that keeps every promise, and checkers that share no code with the planners.

Needs neither hypothesis nor pytest.
"""

from accountmerge.testing.reference.conservation import not_conserved
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
    "added_faults",
    "booking_roots",
    "crashed",
    "edits_of",
    "faults_of",
    "in_own_ids",
    "live_bookings",
    "not_conserved",
    "read_at",
    "row_of",
    "shuffled",
]
