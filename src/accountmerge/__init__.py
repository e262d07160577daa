"""Plan the merge of two customers, or the move of a practitioner, without losing data.

Pure functions take an immutable snapshot and return an immutable plan. The caller applies the change set of the plan to
its own store. This package imports a name when it is first used.
"""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge import changes as changes
    from accountmerge import customers as customers
    from accountmerge import documents as documents
    from accountmerge import merges as merges
    from accountmerge import migrations as migrations
    from accountmerge import model as model
    from accountmerge import plans as plans
    from accountmerge import rebooking as rebooking
    from accountmerge import reports as reports
    from accountmerge import views as views
    from accountmerge._version import __version__ as __version__
    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.failures import ApplyRefused
    from accountmerge.changes.receipts import Receipt
    from accountmerge.documents.files import dumps, loads
    from accountmerge.errors import AccountMergeError, InvalidValueError, LoadError
    from accountmerge.findings.double_bookings import DoubleBooking, find_double_bookings
    from accountmerge.findings.faults import find_faults
    from accountmerge.findings.finding import Acceptance, Finding
    from accountmerge.findings.primary_emails import PrimaryEmailConflict, find_primary_email_conflicts
    from accountmerge.kinds import plan, rebase
    from accountmerge.merges.planner import MergePlan, plan_merge
    from accountmerge.merges.requests import MergeRequest
    from accountmerge.merges.rules import MergeRules
    from accountmerge.migrations.plan import MigrationPlan
    from accountmerge.migrations.planner import plan_migration
    from accountmerge.migrations.requests import Agreement, MigrationRequest
    from accountmerge.migrations.rules import MigrationRules
    from accountmerge.model.access import Access, AccessRequest
    from accountmerge.model.appointments import Appointment
    from accountmerge.model.customers import Customer
    from accountmerge.model.emails import CustomerEmail
    from accountmerge.model.limits import Limits
    from accountmerge.model.profiles import Profile
    from accountmerge.model.records import Record
    from accountmerge.model.snapshots import Completeness, Snapshot
    from accountmerge.model.time_slots import TimeSlot
    from accountmerge.model.weekly_hours import DailyHours, WeeklyHours
    from accountmerge.plans.executions import apply, check, invert, resume
    from accountmerge.reports.plan_lines import plan_text

__all__ = [
    "Acceptance",
    "Access",
    "AccessRequest",
    "AccountMergeError",
    "Agreement",
    "ApplyRefused",
    "Appointment",
    "ChangeSet",
    "Completeness",
    "Customer",
    "CustomerEmail",
    "DailyHours",
    "DoubleBooking",
    "Finding",
    "InvalidValueError",
    "Limits",
    "LoadError",
    "MergePlan",
    "MergeRequest",
    "MergeRules",
    "MigrationPlan",
    "MigrationRequest",
    "MigrationRules",
    "PrimaryEmailConflict",
    "Profile",
    "Receipt",
    "Record",
    "Snapshot",
    "TimeSlot",
    "WeeklyHours",
    "apply",
    "check",
    "dumps",
    "find_double_bookings",
    "find_faults",
    "find_primary_email_conflicts",
    "invert",
    "loads",
    "plan",
    "plan_merge",
    "plan_migration",
    "plan_text",
    "rebase",
    "resume",
]

_HOMES = {
    "Acceptance": "findings.finding",
    "Access": "model.access",
    "AccessRequest": "model.access",
    "AccountMergeError": "errors",
    "Agreement": "migrations.requests",
    "ApplyRefused": "changes.failures",
    "Appointment": "model.appointments",
    "ChangeSet": "changes.change_sets",
    "Completeness": "model.snapshots",
    "Customer": "model.customers",
    "CustomerEmail": "model.emails",
    "DailyHours": "model.weekly_hours",
    "DoubleBooking": "findings.double_bookings",
    "Finding": "findings.finding",
    "InvalidValueError": "errors",
    "Limits": "model.limits",
    "LoadError": "errors",
    "MergePlan": "merges.planner",
    "MergeRequest": "merges.requests",
    "MergeRules": "merges.rules",
    "MigrationPlan": "migrations.plan",
    "MigrationRequest": "migrations.requests",
    "MigrationRules": "migrations.rules",
    "PrimaryEmailConflict": "findings.primary_emails",
    "Profile": "model.profiles",
    "Receipt": "changes.receipts",
    "Record": "model.records",
    "Snapshot": "model.snapshots",
    "TimeSlot": "model.time_slots",
    "WeeklyHours": "model.weekly_hours",
    "apply": "plans.executions",
    "check": "plans.executions",
    "dumps": "documents.files",
    "find_double_bookings": "findings.double_bookings",
    "find_faults": "findings.faults",
    "find_primary_email_conflicts": "findings.primary_emails",
    "invert": "plans.executions",
    "loads": "documents.files",
    "plan": "kinds",
    "plan_merge": "merges.planner",
    "plan_migration": "migrations.planner",
    "plan_text": "reports.plan_lines",
    "rebase": "kinds",
    "resume": "plans.executions",
    "__version__": "_version",
}

_ROOMS = (
    "changes",
    "customers",
    "documents",
    "merges",
    "migrations",
    "model",
    "plans",
    "rebooking",
    "reports",
    "views",
)
"""The namespaces, one for each subject."""

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES, _ROOMS)
