"""Data frames in and out, and bulk questions on their columns. Needs the extra `frames`."""

try:
    import narwhals as _narwhals  # noqa: F401
    import numpy as _numpy  # noqa: F401, ICN001 - no name of this package
    import polars as _polars  # noqa: F401, ICN001 - as above
except ImportError as error:
    message = "accountmerge.frames needs narwhals, polars and NumPy: pip install 'accountmerge[frames]'"
    raise ImportError(message) from error

from accountmerge.frames.bulk_double_bookings import BulkDoubleBookings, double_bookings
from accountmerge.frames.bulk_planning import PlannedChanges, merge_changes, migration_changes
from accountmerge.frames.candidates import MergeCandidates, merge_requests
from accountmerge.frames.frame_faults import FrameFault
from accountmerge.frames.mailbox_claims import MailboxClaims, claimed_twice, primary_email_conflicts
from accountmerge.frames.pair_groups import groups
from accountmerge.frames.reading import snapshot
from accountmerge.frames.row_frames import rows
from accountmerge.frames.snapshot_tables import table, tables

__all__ = [
    "BulkDoubleBookings",
    "FrameFault",
    "MailboxClaims",
    "MergeCandidates",
    "PlannedChanges",
    "claimed_twice",
    "double_bookings",
    "groups",
    "merge_changes",
    "merge_requests",
    "migration_changes",
    "primary_email_conflicts",
    "rows",
    "snapshot",
    "table",
    "tables",
]
