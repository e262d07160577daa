"""Plan the merge of two customers, or a practitioner's move to a new log-in, without losing anything.

Pure functions take an immutable snapshot and return an immutable plan; the caller applies the plan's change
set to its own store.
"""

from accountmerge.changes.change_sets import ChangeSet, Confirmation, LedgerEntry, Obligation
from accountmerge.changes.conflicts import Dependence, dependence, independent
from accountmerge.changes.differences import Rebase, StepDifference
from accountmerge.changes.edits import Edit
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.guards import Guard
from accountmerge.changes.receipts import Receipt, WrittenEntity
from accountmerge.changes.resuming import EditProgress, Resumption
from accountmerge.changes.steps import Reason, Step
from accountmerge.customers.access import plan_access_decision, plan_access_request
from accountmerge.customers.edit import plan_customer_edit
from accountmerge.customers.login import LoginDiagnosis, diagnose_login
from accountmerge.customers.primary_email import plan_primary_email
from accountmerge.customers.requests import (
    AccessDecision,
    CustomerEdit,
    CustomerPlan,
    NewAccessRequest,
    PrimaryEmailChange,
)
from accountmerge.customers.rules import CustomerRules
from accountmerge.customers.search import CustomerMatch, find_customers
from accountmerge.documents.files import dumps, loads
from accountmerge.documents.json_schemas import json_schema
from accountmerge.errors import AccountMergeError, Fault, InvalidValueError, LoadError
from accountmerge.findings.double_bookings import (
    DoubleBooking,
    find_double_bookings,
    find_unfinished_rebookings,
)
from accountmerge.findings.faults import find_faults
from accountmerge.findings.finding import Acceptance, Finding
from accountmerge.findings.primary_emails import PrimaryEmailConflict, find_primary_email_conflicts
from accountmerge.kinds import plan, rebase
from accountmerge.merges.batches import MergeBatch, MergeGroup, iter_merge_plans, plan_merges
from accountmerge.merges.plan import MergePlan
from accountmerge.merges.planner import plan_merge
from accountmerge.merges.requests import Authority, MergeRequest
from accountmerge.merges.rules import FieldRule, MergeRules, Surface
from accountmerge.merges.suggestions import SurvivorCandidate, SurvivorSuggestion, suggest_survivor
from accountmerge.messages import Facts
from accountmerge.migrations.cohorts import (
    CohortMember,
    MigrationCohort,
    iter_migration_plans,
    plan_migrations,
)
from accountmerge.migrations.estimates import BlackoutEstimate, estimate_blackout
from accountmerge.migrations.notice_texts import Notice, Wording, notices
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.planner import plan_migration
from accountmerge.migrations.requests import Agreement, MigrationRequest
from accountmerge.migrations.rules import MigrationRules, ProfileRecords
from accountmerge.migrations.tasks import ToDo
from accountmerge.migrations.timeline import Phase, Timeline
from accountmerge.migrations.tracking import BookingProgress, Gate, MigrationProgress, progress
from accountmerge.migrations.windows import WindowProposal, propose_windows
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.wall_times import resolve_wall_time
from accountmerge.model.weekly_hours import DailyHours, WeeklyHours
from accountmerge.plans.executions import apply, check, resume
from accountmerge.plans.explanations import Explanation, Ground
from accountmerge.plans.undoing import invert
from accountmerge.rebooking.messages import (
    Question,
    RebookingReading,
    read_rebooking_message,
    rebooking_message,
)
from accountmerge.rebooking.planner import RebookingPlan, plan_rebooking
from accountmerge.rebooking.requests import RebookingRequest
from accountmerge.reports.redacting import redacted
from accountmerge.views.availability import manual_availability, portal_availability
from accountmerge.views.bookability import BookabilityOverlap, find_bookability_overlap
from accountmerge.views.booking_routes import BookingRoute, booking_route
from accountmerge.views.foresight import foreseen
from accountmerge.views.profile_views import ProfileHistory, profile_history, quick_view, visible_customers
from accountmerge.views.visibility import ProfileView, WhoSees, WorkingLogIns, who_sees, working_log_ins

__all__ = [
    "Acceptance",
    "Access",
    "AccessDecision",
    "AccessRequest",
    "AccountMergeError",
    "Agreement",
    "ApplyRefused",
    "Appointment",
    "Authority",
    "BlackoutEstimate",
    "BookabilityOverlap",
    "BookingProgress",
    "BookingRoute",
    "ChangeSet",
    "CohortMember",
    "Completeness",
    "Confirmation",
    "Customer",
    "CustomerEdit",
    "CustomerEmail",
    "CustomerMatch",
    "CustomerPlan",
    "CustomerRules",
    "DailyHours",
    "Dependence",
    "DoubleBooking",
    "Edit",
    "EditProgress",
    "EmailAddress",
    "Explanation",
    "Facts",
    "Failure",
    "Fault",
    "FieldRule",
    "Finding",
    "FrozenJson",
    "Gate",
    "Ground",
    "Guard",
    "InvalidValueError",
    "LedgerEntry",
    "LoadError",
    "LoginDiagnosis",
    "MergeBatch",
    "MergeGroup",
    "MergePlan",
    "MergeRequest",
    "MergeRules",
    "MigrationCohort",
    "MigrationPlan",
    "MigrationProgress",
    "MigrationRequest",
    "MigrationRules",
    "NewAccessRequest",
    "Notice",
    "Obligation",
    "Phase",
    "PrimaryEmailChange",
    "PrimaryEmailConflict",
    "Profile",
    "ProfileHistory",
    "ProfileRecords",
    "ProfileView",
    "Question",
    "Reason",
    "Rebase",
    "RebookingPlan",
    "RebookingReading",
    "RebookingRequest",
    "Receipt",
    "Record",
    "Resumption",
    "Snapshot",
    "Step",
    "StepDifference",
    "Surface",
    "SurvivorCandidate",
    "SurvivorSuggestion",
    "TimeSlot",
    "Timeline",
    "ToDo",
    "WeeklyHours",
    "WhoSees",
    "WindowProposal",
    "Wording",
    "WorkingLogIns",
    "WrittenEntity",
    "apply",
    "booking_route",
    "check",
    "dependence",
    "diagnose_login",
    "dumps",
    "estimate_blackout",
    "find_bookability_overlap",
    "find_customers",
    "find_double_bookings",
    "find_faults",
    "find_primary_email_conflicts",
    "find_unfinished_rebookings",
    "foreseen",
    "independent",
    "invert",
    "iter_merge_plans",
    "iter_migration_plans",
    "json_schema",
    "loads",
    "manual_availability",
    "notices",
    "plan",
    "plan_access_decision",
    "plan_access_request",
    "plan_customer_edit",
    "plan_merge",
    "plan_merges",
    "plan_migration",
    "plan_migrations",
    "plan_primary_email",
    "plan_rebooking",
    "portal_availability",
    "profile_history",
    "progress",
    "propose_windows",
    "quick_view",
    "read_rebooking_message",
    "rebase",
    "rebooking_message",
    "redacted",
    "resolve_wall_time",
    "resume",
    "suggest_survivor",
    "visible_customers",
    "who_sees",
    "working_log_ins",
]
