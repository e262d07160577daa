"""Apply change sets to the tables that a practice already has. Needs the extra `sql`."""

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401
except ImportError as error:
    message = "accountmerge.sql needs SQLAlchemy: pip install 'accountmerge[sql]'"
    raise ImportError(message) from error

from accountmerge.sql.audits import Audit, Held, Observation
from accountmerge.sql.bindings import (
    Binding,
    Codes,
    Constant,
    Day,
    Duration,
    Json,
    Local,
    Reference,
    Text,
    Utc,
    Version,
)
from accountmerge.sql.gaps import Missing
from accountmerge.sql.journals import MovedRow, OwedRow, PlanStatus
from accountmerge.sql.list_bindings import Columns, EmailColumns, EmailRows, Flags, Rows, SlotRows, Values
from accountmerge.sql.mapping import Mapping
from accountmerge.sql.rehearsals import HeldLock, Refusal, Rehearsal, RowChanges, RowDifference
from accountmerge.sql.store import Store
from accountmerge.sql.troubles import DatabaseError
from accountmerge.sql.unmapped import Unmapped

__all__ = [
    "Audit",
    "Binding",
    "Codes",
    "Columns",
    "Constant",
    "DatabaseError",
    "Day",
    "Duration",
    "EmailColumns",
    "EmailRows",
    "Flags",
    "Held",
    "HeldLock",
    "Json",
    "Local",
    "Mapping",
    "Missing",
    "MovedRow",
    "Observation",
    "OwedRow",
    "PlanStatus",
    "Reference",
    "Refusal",
    "Rehearsal",
    "RowChanges",
    "RowDifference",
    "Rows",
    "SlotRows",
    "Store",
    "Text",
    "Unmapped",
    "Utc",
    "Values",
    "Version",
]
