"""Move a practitioner to a new profile."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.migrations.cohorts import CohortMember, MigrationCohort, plan_migrations
    from accountmerge.migrations.estimates import BlackoutEstimate, estimate_blackout
    from accountmerge.migrations.notice_texts import Notice, Wording, notices
    from accountmerge.migrations.rules import ProfileRecords
    from accountmerge.migrations.tasks import Task
    from accountmerge.migrations.timeline import Phase, Timeline
    from accountmerge.migrations.tracking import BookingProgress, Gate, MigrationProgress, progress
    from accountmerge.migrations.windows import WindowProposal, propose_windows

__all__ = [
    "BlackoutEstimate",
    "BookingProgress",
    "CohortMember",
    "Gate",
    "MigrationCohort",
    "MigrationProgress",
    "Notice",
    "Phase",
    "ProfileRecords",
    "Task",
    "Timeline",
    "WindowProposal",
    "Wording",
    "estimate_blackout",
    "notices",
    "plan_migrations",
    "progress",
    "propose_windows",
]

_HOMES = {
    "BlackoutEstimate": "migrations.estimates",
    "BookingProgress": "migrations.tracking",
    "CohortMember": "migrations.cohorts",
    "Gate": "migrations.tracking",
    "MigrationCohort": "migrations.cohorts",
    "MigrationProgress": "migrations.tracking",
    "Notice": "migrations.notice_texts",
    "Phase": "migrations.timeline",
    "ProfileRecords": "migrations.rules",
    "Timeline": "migrations.timeline",
    "Task": "migrations.tasks",
    "WindowProposal": "migrations.windows",
    "Wording": "migrations.notice_texts",
    "estimate_blackout": "migrations.estimates",
    "notices": "migrations.notice_texts",
    "plan_migrations": "migrations.cohorts",
    "progress": "migrations.tracking",
    "propose_windows": "migrations.windows",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
