"""Cells of plans of migrations, cohorts, timelines, tasks, progress, windows and views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

from accountmerge.changes.obligations import Owed
from accountmerge.findings.double_bookings import DoubleBooking
from accountmerge.findings.finding import Finding
from accountmerge.messages import sentence
from accountmerge.migrations.cohorts import CohortMember, MigrationCohort
from accountmerge.migrations.estimates import BlackoutEstimate
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.tasks import Task
from accountmerge.migrations.timeline import Phase, Timeline
from accountmerge.migrations.tracking import BookingProgress, Gate, MigrationProgress
from accountmerge.migrations.windows import WindowProposal
from accountmerge.model.appointments import Appointment
from accountmerge.model.instants import microseconds
from accountmerge.model.records import Record
from accountmerge.model.time_slots import TimeSlot
from accountmerge.reports.cell_parts import SHOWN_ROWS, Cell, Ids, Rows, RowsOf, Said, Shown, When, ids
from accountmerge.reports.data_cells import ROWS as DATA_ROWS
from accountmerge.reports.data_cells import column, counted, described, instant, listed, worded
from accountmerge.reports.plan_cells import ROWS as PLAN_ROWS
from accountmerge.reports.plan_cells import Named, home_zone, plan_cell, state
from accountmerge.views.bookability import BookabilityOverlap
from accountmerge.views.booking_routes import BookingRoute
from accountmerge.views.profile_views import ProfileHistory
from accountmerge.views.visibility import ProfileView, Visibility, WorkingLogins


def _word(family: str, attribute: str) -> Callable[[Any, str], Shown]:
    """Return the function for a column with a word of a closed vocabulary."""
    return lambda value, language: Said(sentence(f"{family}.{getattr(value, attribute)}", {}, language))


def _start(phase: Phase, language: str) -> Shown:
    return Said(phase.describe(language)) if phase.at is None else When(microseconds(phase.at))


def _gate(phase: Phase, language: str) -> Shown:
    return Said("; ".join(sentence(f"gate.{code}", {}, language) for code in phase.gate))


def _blackout(member: CohortMember, _: str) -> Shown:
    plan = member.plan
    return None if plan is None or member.blackout is None else When(member.blackout, home_zone(plan))


def _blockers(member: CohortMember, _: str) -> Ids:
    planned = member.plan.blockers if member.plan else ()
    return ids([finding.id for finding in (*member.findings, *planned)])


ROWS: dict[type, RowsOf] = {
    Phase: RowsOf(
        "report.timeline",
        (
            ("phase", _word("phase", "kind")),
            ("start", _start),
            ("who", _word("role", "actor")),
            ("needs", _gate),
            ("way_back", _word("way_back", "way_back")),
            counted("steps"),
        ),
    ),
    Task: RowsOf(
        "report.tasks",
        (
            described("task"),
            ("who", _word("role", "role")),
            ("phase", _word("phase", "phase")),
            instant("start", "at"),
        ),
    ),
    CohortMember: RowsOf(
        "cell.members",
        (
            column("member", "number"),
            column("profile", "request.profile_id"),
            ("state", state),
            ("blackout", _blackout),
            ("steps", lambda member, _: len(member.plan.change_set.steps) if member.plan else None),
            ("findings", _blockers),
        ),
    ),
    BookingProgress: RowsOf("cell.bookings", (column("id", "appointment_id"), column("state"), described())),
    Gate: RowsOf(
        "cell.gates",
        tuple(
            column(name) for name in ("expected", "rebooked", "left", "waiting", "unexplained", "conflicts")
        ),
    ),
    BlackoutEstimate: RowsOf(
        "cell.estimates",
        (
            column("profile", "profile_id"),
            column("bookings"),
            column("minutes"),
            ("blackout", lambda estimate, _: When(estimate.slot) if estimate.slot else None),
            described(),
        ),
    ),
    WindowProposal: RowsOf(
        "cell.windows",
        (
            ("time", lambda proposal, _: When(proposal.window)),
            listed("disturbs"),
            column("bookings", "estimate.bookings"),
            column("minutes", "estimate.minutes"),
        ),
    ),
    BookingRoute: RowsOf("cell.routes", (column("customer", "customer_id"), column("route"), described())),
    WorkingLogins: RowsOf(
        "cell.logins",
        (
            worded("old_login", "login_state.", "old"),
            worded("new_login", "login_state.", "new"),
            column("may_be_disrupted"),
            instant("old_ends"),
        ),
    ),
    BookabilityOverlap: RowsOf(
        "cell.overlaps",
        (
            instant("time", "at"),
            column("steps_done"),
            listed("profiles", "profile_ids"),
            column("in_blackout"),
        ),
    ),
    ProfileHistory: RowsOf(
        "cell.histories",
        (
            column("customer", "customer_id"),
            column("profile", "profile_id"),
            counted("appointments"),
            counted("records"),
        ),
    ),
    ProfileView: RowsOf(
        "cell.profiles",
        (
            column("profile", "profile_id"),
            worded("schedule", "schedule_state."),
            column("hours_zone", "zone"),
            counted("slots", "portal"),
            counted("customers"),
            counted("bookings", "quick_view"),
            ("by_service", lambda view, _: _served(view)),
        ),
    ),
}
"""The columns of each class. No column is a personal field."""


def _served(view: ProfileView) -> int:
    return sum(route.route == "customer_service" for route in view.routes)


def migration_cell(plan: MigrationPlan, language: str) -> Cell:
    """Return the cell of the plan of a migration."""
    more: tuple[Named, ...] = (
        ("profile", plan.request.profile_id),
        ("successor", plan.successor_id),
        ("blackout", When(plan.blackout) if plan.blackout else None),
        ("rebooked", len(plan.rebooked)),
    )
    return plan_cell(plan, language, more)


def cohort_cell(cohort: MigrationCohort, language: str) -> Cell:
    """Return the cell of a cohort, with its members, and the number of those that are ready."""
    blocked = len(cohort.blocked)
    facts = (("members", len(cohort.members)), ("ready", len(cohort.members) - blocked), ("blocked", blocked))
    rows = ROWS[CohortMember].rows(cohort.members, language)
    return Cell("MigrationCohort", (), facts, [rows], language=language)


def member_cell(member: CohortMember, language: str) -> Cell:
    """Return the cell of a member of a cohort, with the findings of its plan."""
    planned = member.plan.findings if member.plan else ()
    findings = DATA_ROWS[Finding].rows((*member.findings, *planned), language)
    facts = ROWS[CohortMember].facts(member, language)
    return Cell("CohortMember", (), (*facts, ("total", member.total)), [findings], language=language)


def timeline_cell(timeline: Timeline, language: str) -> Cell:
    """Return the cell of a timeline."""
    return Cell("Timeline", (), (), [ROWS[Phase].rows(timeline.phases, language)], language=language)


_ATTENTION = ("unexplained", "left", "waiting", "rebooked")
"""The states of bookings, those that need attention first."""


def progress_cell(progress: MigrationProgress, language: str) -> Cell:
    """Return the cell of the progress of a migration, first the bookings that need attention."""
    phase = Said(sentence(f"phase.{progress.phase}", {}, language)) if progress.phase else None
    facts: tuple[Named, ...] = (
        ("plan_id", progress.plan_id),
        ("taken_at", When(microseconds(progress.at))),
        ("phase", phase),
        *ROWS[Gate].facts(progress.gates["activation"], language),
        ("may_activate", progress.may_activate),
        ("done", progress.is_done),
        ("blockers", ids(progress.blocked)),
        ("unknown", ids(progress.unknown)),
        ("booked_meanwhile", ids(progress.booked_meanwhile)),
    )
    ordered = chain.from_iterable(
        (row for row in progress.bookings if row.state == state) for state in _ATTENTION
    )
    bookings = ROWS[BookingProgress].rows(tuple(islice(ordered, SHOWN_ROWS)), language)
    tables = (
        DATA_ROWS[DoubleBooking].rows(progress.conflicts, language),
        bookings._replace(total=len(progress.bookings)),
        PLAN_ROWS[Owed].rows(progress.owed, language),
    )
    return Cell("MigrationProgress", (), facts, tables, language=language)


def visibility_cell(seen: Visibility, language: str) -> Cell:
    """Return the cell of a view of a migration, with both profiles, their next bookings and free slots."""
    views = [view for view in (seen.old, seen.new) if view is not None]
    facts: tuple[Named, ...] = (
        ("at", When(microseconds(seen.at))),
        ("in_blackout", seen.in_blackout),
        *ROWS[WorkingLogins].facts(seen.logins, language),
    )
    tables = [
        ROWS[ProfileView].rows(views, language),
        *(table for view in views for table in _seen(view, language)),
        DATA_ROWS[TimeSlot].rows(seen.manual, language, "cell.by_hand"),
    ]
    return Cell("Visibility", (), facts, tables, language=language, zone=visibility_zone(seen))


def visibility_zone(seen: Visibility) -> str | None:
    """Return the zone of the hours of the new profile, or else of the old one."""
    zones = (view.zone for view in (seen.new, seen.old) if view is not None)
    return next((zone for zone in zones if zone is not None), None)


def _seen(view: ProfileView, language: str) -> Iterator[Rows]:
    yield (
        DATA_ROWS[Appointment]
        .rows(view.quick_view, language, "cell.next_bookings")
        ._replace(about=view.profile_id)
    )
    yield DATA_ROWS[TimeSlot].rows(view.portal, language)._replace(about=view.profile_id)


def view_cell(view: ProfileView, language: str) -> Cell:
    """Return the cell of a profile and the data visible on it."""
    tables = (
        *_seen(view, language),
        ROWS[ProfileHistory].rows(view.histories, language),
        ROWS[BookingRoute].rows(view.routes, language),
    )
    facts = ROWS[ProfileView].facts(view, language)
    return Cell("ProfileView", (), facts, tables, language=language, zone=view.zone)


def history_cell(history: ProfileHistory, language: str) -> Cell:
    """Return the cell of the past appointments and records of a profile about a customer."""
    tables = (
        DATA_ROWS[Appointment].rows(history.appointments, language),
        DATA_ROWS[Record].rows(history.records, language),
    )
    facts = ROWS[ProfileHistory].facts(history, language)
    return Cell("ProfileHistory", (), facts, tables, language=language)


CELLS: dict[type, Callable[[Any, str], Cell]] = {
    CohortMember: member_cell,
    MigrationCohort: cohort_cell,
    MigrationPlan: migration_cell,
    MigrationProgress: progress_cell,
    ProfileHistory: history_cell,
    ProfileView: view_cell,
    Timeline: timeline_cell,
    Visibility: visibility_cell,
}
"""The function that makes the cell of each class with several tables."""
ZONES: dict[type, Callable[[Any], str | None]] = {
    CohortMember: lambda member: home_zone(member.plan) if member.plan else None,
    ProfileView: lambda view: view.zone,
    Visibility: visibility_zone,
}
"""The function that returns the zone of a value of each class."""
