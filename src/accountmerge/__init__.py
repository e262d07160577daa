"""Plan the merge of two customers, or a practitioner's move to a new log-in, without losing anything.

Pure functions take an immutable snapshot and return an immutable plan; the caller applies the plan's change
set to its own store.
"""

from accountmerge.changes.change_sets import ChangeSet, Confirmation, LedgerEntry, Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.guards import Guard
from accountmerge.changes.independence import Dependence, dependence, independent
from accountmerge.changes.receipts import Receipt, WrittenEntity
from accountmerge.changes.resuming import EditProgress, Resumption
from accountmerge.changes.steps import Reason, Step
from accountmerge.errors import AccountMergeError, Fault, InvalidValueError, LoadError
from accountmerge.explanations.explanation import Explanation, Ground
from accountmerge.findings.double_bookings import (
    DoubleBooking,
    find_double_bookings,
    find_unfinished_rebookings,
)
from accountmerge.findings.finding import Finding
from accountmerge.findings.primary_emails import PrimaryEmailConflict, find_primary_email_conflicts
from accountmerge.findings.snapshot_findings import find_faults
from accountmerge.messages import Facts
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.wall_time import resolve_wall_time
from accountmerge.model.weekly_hours import DailyHours, WeeklyHours
from accountmerge.planning.cohorts import (
    CohortMember,
    MigrationCohort,
    iter_migration_plans,
    plan_migrations,
)
from accountmerge.planning.customers import (
    plan_access_decision,
    plan_access_request,
    plan_customer_edit,
    plan_primary_email,
)
from accountmerge.planning.executions import apply, check, resume
from accountmerge.planning.merges import (
    MergeBatch,
    MergeGroup,
    SurvivorCandidate,
    SurvivorSuggestion,
    iter_merge_plans,
    plan_merge,
    plan_merges,
    suggest_survivor,
)
from accountmerge.planning.migrations import plan_migration
from accountmerge.planning.migrations.progress import BookingProgress, Gate, MigrationProgress, progress
from accountmerge.planning.planners import plan
from accountmerge.planning.rebasing import Rebase, StepDifference, rebase
from accountmerge.planning.rebookings import plan_rebooking
from accountmerge.planning.undoing import invert
from accountmerge.planning.windows import (
    BlackoutEstimate,
    WindowProposal,
    estimate_blackout,
    propose_windows,
)
from accountmerge.plans import CustomerPlan, MergePlan, MigrationPlan, RebookingPlan
from accountmerge.reports.notices import Notice, notices
from accountmerge.reports.rebooking_messages import rebooking_message
from accountmerge.rules.acceptances import Acceptance
from accountmerge.rules.agreements import Agreement
from accountmerge.rules.authorities import Authority
from accountmerge.rules.customer_requests import (
    AccessDecision,
    CustomerEdit,
    NewAccessRequest,
    PrimaryEmailChange,
)
from accountmerge.rules.customer_rules import CustomerRules
from accountmerge.rules.field_rules import FieldRule
from accountmerge.rules.merge_requests import MergeRequest
from accountmerge.rules.merge_rules import MergeRules
from accountmerge.rules.migration_requests import MigrationRequest
from accountmerge.rules.migration_rules import MigrationRules
from accountmerge.rules.profile_records import ProfileRecords
from accountmerge.rules.rebooking_readings import Question, RebookingReading
from accountmerge.rules.rebooking_requests import RebookingRequest
from accountmerge.rules.surfaces import Surface
from accountmerge.rules.wording import Wording
from accountmerge.timelines.phases import Phase, Timeline
from accountmerge.timelines.to_dos import ToDo
from accountmerge.views.availability import manual_availability, portal_availability
from accountmerge.views.bookability import BookabilityOverlap, find_bookability_overlap
from accountmerge.views.booking_routes import BookingRoute, booking_route
from accountmerge.views.customer_lists import visible_customers
from accountmerge.views.customer_search import CustomerMatch, find_customers
from accountmerge.views.foresight import foreseen
from accountmerge.views.histories import ProfileHistory, profile_history
from accountmerge.views.log_ins import LoginDiagnosis, diagnose_login
from accountmerge.views.quick_views import quick_view
from accountmerge.views.who_sees import ProfileView, WhoSees, who_sees
from accountmerge.views.working_log_ins import WorkingLogIns, working_log_ins
from accountmerge.wire.documents import dumps, loads
from accountmerge.wire.json_schemas import json_schema
from accountmerge.wire.rebooking_messages import read_rebooking_message
from accountmerge.wire.redacting import redacted

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
