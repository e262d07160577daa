"""Rows of cohorts, batches, phases, tasks, progress, windows and suggestions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from accountmerge.frames.finding_rows import minutes_of
from accountmerge.frames.plan_rows import in_plans, zone_of
from accountmerge.frames.row_columns import (
    OF_A_PLAN,
    ZONE,
    Asked,
    Line,
    RowColumn,
    RowKind,
    all_facts,
    column,
    count,
    fact_columns,
    sentence_column,
    text,
)
from accountmerge.merges.actors import ActorCandidate, ActorSuggestion
from accountmerge.merges.batches import MergeBatch, MergeGroup
from accountmerge.merges.suggestions import SurvivorCandidate, SurvivorSuggestion
from accountmerge.migrations.cohorts import CohortMember, MigrationCohort
from accountmerge.migrations.estimates import BlackoutEstimate
from accountmerge.migrations.notice_texts import Notice
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.tasks import Task
from accountmerge.migrations.timeline import Phase, Timeline
from accountmerge.migrations.tracking import BookingProgress, Gate, MigrationProgress
from accountmerge.migrations.windows import WindowProposal
from accountmerge.plans.plan import Plan


def _of_plan(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that reads from the plan of a member, or None without a plan."""
    return lambda member: None if member.plan is None else read(member.plan)


def _end_of(which: str) -> Callable[[Any], Any]:
    return lambda member: None if member.blackout is None else getattr(member.blackout, which)


def _codes(findings: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.code for finding in findings))


def _codes_of_member(member: CohortMember) -> tuple[str, ...]:
    plan = () if member.plan is None else member.plan.blockers
    return _codes((*member.findings, *plan))


MEMBERS = RowKind(
    CohortMember,
    "One row for each member of a cohort.",
    (
        column("member", "whole number", "its place in the cohort, from 1", "number"),
        text("profile_id", "the old profile", "request.profile_id"),
        text("ticket", "the reference of the request", "request.ticket"),
        column("is_ready", "truth", "whether there is a plan without blockers"),
        text("plan_id", "the plan; null if there is none", _of_plan(lambda plan: plan.plan_id)),
        text("successor_id", "the new profile", _of_plan(lambda plan: plan.successor_id)),
        column("at", "instant", "the instant the plan is for", _of_plan(lambda plan: plan.change_set.at)),
        column("start", "instant", "the start of the blackout", _end_of("start_us")),
        column("end", "instant", "the end of the blackout", _end_of("end_us")),
        text("time_zone", "the zone of the practitioner's hours", _of_plan(zone_of)),
        column(
            "bookings",
            "whole number",
            "the number of rebooked bookings",
            _of_plan(lambda plan: len(plan.rebooked)),
        ),
        column(
            "steps", "whole number", "the number of steps", _of_plan(lambda plan: len(plan.change_set.steps))
        ),
        column(
            "blockers",
            "whole number",
            "the number of findings that block the plan",
            _of_plan(lambda plan: len(plan.blockers)),
        ),
        column(
            "warnings",
            "whole number",
            "the number of other findings of the plan",
            _of_plan(lambda plan: len(plan.warnings)),
        ),
        column(
            "codes",
            "json",
            "the codes of the findings of the member and of those that block its plan",
            _codes_of_member,
        ),
        text("new_email", "the username of the new profile", "request.new_email.text", personal=True),
        text("request_reason", "the reason of the request", "request.reason", personal=True),
    ),
    {MigrationCohort: lambda cohort: map(Line, cohort.members)},
)


def _group_codes(group: MergeGroup) -> tuple[str, ...]:
    blockers = (finding for plan in group.plans for finding in plan.blockers)
    return _codes((*group.findings, *blockers))


GROUPS = RowKind(
    MergeGroup,
    "One row for each group of a batch.",
    (
        column("member", "whole number", "the number of the group, from 1", "number"),
        column("is_ready", "truth", "whether every request has a plan without blockers"),
        count("customers", "the number of customers", lambda group: group.customer_ids),
        count("requests", "the number of requests", lambda group: group.requests),
        count("plans", "the number of plans", lambda group: group.plans),
        column(
            "steps",
            "whole number",
            "the number of steps of all plans",
            lambda group: sum(len(plan.change_set.steps) for plan in group.plans),
        ),
        column(
            "codes",
            "json",
            "the codes of the findings of the group and of those that block its plans",
            _group_codes,
        ),
        column("customer_ids", "json", "the customers that the requests name, sorted"),
        column(
            "plan_ids",
            "json",
            "the plans, in the order to apply them",
            lambda group: tuple(plan.plan_id for plan in group.plans),
        ),
    ),
    {MergeBatch: lambda batch: map(Line, batch.groups)},
)


def _phases(plan: Plan[Any, Any]) -> Iterator[Line]:
    if isinstance(plan, MigrationPlan):
        zone = zone_of(plan)
        yield from (Line(phase, plan.plan_id, None, None, zone) for phase in plan.timeline.phases)


def _tasks(plan: Plan[Any, Any]) -> Iterator[Line]:
    if isinstance(plan, MigrationPlan):
        zone = zone_of(plan)
        yield from (Line(task, plan.plan_id, None, None, zone) for task in plan.tasks)


def _of_migrations(lines: Callable[[Any], Iterator[Line]]) -> dict[type, Any]:
    """Return the parts of values with plans of migrations; other plans have neither phases nor tasks."""
    parts = in_plans(lines)
    return {MigrationPlan: parts[Plan], CohortMember: parts[Plan], MigrationCohort: parts[Plan]}


PHASES = RowKind(
    Phase,
    "One row for each phase, in their order.",
    (
        *OF_A_PLAN,
        text("phase", "the phase", "kind"),
        column("at", "instant", "its start; null if it has a condition"),
        ZONE,
        text("condition", "the condition of its start"),
        text("actor", "the role that acts"),
        text("way_back", "`undo`, `forward` or `none`"),
        count("steps", "the number of steps of the plan in it", lambda phase: phase.steps),
        column(
            "first_step",
            "whole number",
            "the ordinal of its first step",
            lambda phase: min(phase.steps, default=None),
        ),
        column(
            "last_step",
            "whole number",
            "the ordinal of its last step",
            lambda phase: max(phase.steps, default=None),
        ),
        column("gate", "json", "the conditions to enter it"),
    ),
    {Timeline: lambda timeline: map(Line, timeline.phases), **_of_migrations(_phases)},
)

TASKS = RowKind(
    Task,
    "One row for each task, by role and phase.",
    (
        *OF_A_PLAN,
        text("role", "the role that does it"),
        text("task", "the kind of task", "kind"),
        text("phase", "the phase"),
        column("at", "instant", "the start of the phase; null if it is unknown"),
        ZONE,
        *fact_columns(
            "profile_id start end count",
            of={
                "count": "the number of bookings",
                "start": "the start of the blackout",
                "end": "the end of the blackout",
            },
        ),
        sentence_column("description", "the task, as a sentence to its role"),
        all_facts(),
    ),
    _of_migrations(_tasks),
)

NOTICES = RowKind(
    Notice,
    "One row for each notice.",
    (
        text("role", "the recipient"),
        text("kind", "the kind of notice"),
        column("when", "instant", "the latest instant to send it"),
        text("subject", "the subject", personal=True),
        text("body", "the text", personal=True),
    ),
)


class _Known(NamedTuple):
    """A booking that a report of progress knows by its id only."""

    appointment_id: str
    state: str
    reason: str | None = None


def _bookings(report: MigrationProgress) -> Iterator[Line]:
    others = (("unknown", report.unknown), ("booked_meanwhile", report.booked_meanwhile))
    known = (_Known(id, state) for state, ids in others for id in ids)
    return (Line(booking, report.plan_id, owner=report) for booking in (*report.bookings, *known))


def _of_report(name: str, kind: Any, meaning: str, read: Callable[[MigrationProgress], Any]) -> RowColumn:
    """Return a column that is read from the report of a line; null without a report."""
    return RowColumn(name, kind, meaning, lambda line, _: None if line.owner is None else read(line.owner))


_REPORT = (
    RowColumn("plan_id", "text", "the plan", lambda line, _: line.plan_id),
    _of_report("at", "instant", "the instant at which the data were read", lambda report: report.at),
    _of_report("phase", "text", "the phase that is reached", lambda report: report.phase),
    _of_report("practitioner_id", "text", "the practitioner", lambda report: report.practitioner_id or None),
)


def _said_of_booking(line: Line, asked: Asked) -> str | None:
    booking = line.value
    return booking.describe(asked.language) if isinstance(booking, BookingProgress) else None


BOOKINGS = RowKind(
    BookingProgress,
    "One row for each booking that the plan rebooks, then one for each that it does not know.",
    (
        *_REPORT,
        text("appointment_id", "the booking; of a rebooked one, the old booking"),
        text(
            "state",
            "`rebooked`, `left`, `waiting`, `unexplained`; or `unknown`, of the old profile and not in the plan; or"
            " `booked_meanwhile`, of the new profile and not from the old one",
        ),
        text("reason", "the reason of its state"),
        RowColumn("description", "text", "the state, as a sentence", _said_of_booking),
    ),
    {MigrationProgress: _bookings},
)


def _gates(report: MigrationProgress) -> Iterator[Line]:
    return (Line(gate, report.plan_id, owner=report) for gate in report.gates.values())


GATES = RowKind(
    Gate,
    "One row for each report of progress, with the counters of the gate of activation.",
    (
        *_REPORT,
        column("expected", "whole number", "the number of bookings that the plan rebooks"),
        column("rebooked", "whole number", "the number of those in the new profile"),
        column("left", "whole number", "the number of those not rebooked for a known reason"),
        column("waiting", "whole number", "the number of those still to rebook"),
        column(
            "unexplained",
            "whole number",
            "the number of those without an explanation, and of unknown bookings",
        ),
        column("conflicts", "whole number", "the number of double bookings of the new profile"),
        column("share", "number", "the share of bookings that are rebooked or left, from 0 to 1"),
        column("is_open", "truth", "whether the gate is open"),
        _of_report(
            "may_activate",
            "truth",
            "whether the new schedule may be activated",
            lambda report: report.may_activate,
        ),
        _of_report("is_done", "truth", "whether the migration is done", lambda report: report.is_done),
    ),
    {MigrationProgress: _gates},
)

ESTIMATES = RowKind(
    BlackoutEstimate,
    "One row for each estimate.",
    (
        text("profile_id", "the old profile"),
        column("start", "instant", "the start of the blackout"),
        column(
            "end",
            "instant",
            "the end of the blackout; null if it is refused",
            lambda estimate: estimate.slot and estimate.slot.end_us,
        ),
        column("bookings", "whole number", "the number of future bookings"),
        column("minutes_per_booking", "whole number", "the minutes of work per booking"),
        column("minutes", "whole number", "the minutes of work"),
        column(
            "open_minutes",
            "whole number",
            "the minutes of business hours in the longest blackout from the start",
        ),
        text("problem", "the reason of a refusal"),
        sentence_column("description", "the estimate, as sentences"),
    ),
)

WINDOWS = RowKind(
    WindowProposal,
    "One row for each proposed window, the best first.",
    (
        text("profile_id", "the old profile", "estimate.profile_id"),
        column("start", "instant", "the start of the window", "window.start_us"),
        column("end", "instant", "the end of the window", "window.end_us"),
        column("minutes", "number", "the length of the window", lambda proposal: minutes_of(proposal.window)),
        column("bookings", "whole number", "the number of future bookings", "estimate.bookings"),
        count("disturbed", "the number of disturbed bookings", lambda proposal: proposal.disturbs),
        column("disturbs", "json", "the disturbed bookings, soonest first"),
        sentence_column("description", "the estimate and the disturbed bookings, as sentences"),
    ),
)


def _candidates(suggestion: SurvivorSuggestion) -> Iterator[Line]:
    """Yield the candidates, each with its place in the ranking as the step of the line."""
    yield from (Line(one, step=place) for place, one in enumerate(suggestion.ranking, start=1))
    yield from map(Line, suggestion.passed_over)


CANDIDATES = RowKind(
    SurvivorCandidate,
    "One row for each customer: the ranking, then those who cannot be the survivor.",
    (
        RowColumn(
            "rank", "whole number", "the place in the ranking; 1 is suggested", lambda line, _: line.step
        ),
        text("customer_id", "the customer"),
        column(
            "appointments",
            "whole number",
            "the number of appointments",
            lambda one: one.facts.get("appointments"),
        ),
        column("records", "whole number", "the number of records", lambda one: one.facts.get("records")),
        column("since", "instant", "the earliest instant of both", lambda one: one.facts.get("since")),
        text(
            "survivor_id", "of an absorbed customer, its survivor", lambda one: one.facts.get("survivor_id")
        ),
        column("reasons", "json", "the reasons for it, or the reason against it"),
        sentence_column("description", "the reasons, as sentences"),
    ),
    {SurvivorSuggestion: _candidates},
)


def _actors(suggestion: ActorSuggestion) -> Iterator[Line]:
    """Yield the profiles, each with its place in the ranking as the step of the line."""
    yield from (Line(one, step=place) for place, one in enumerate(suggestion.ranking, start=1))


ACTORS = RowKind(
    ActorCandidate,
    "One row for each profile that treats at least one of the customers, the best first.",
    (
        RowColumn("rank", "whole number", "the place in the ranking", lambda line, _: line.step),
        text("profile_id", "the profile"),
        column("treated", "json", "the customers that it treats, sorted"),
        column("missing", "json", "the customers that it does not treat, sorted"),
        column("appointments", "whole number", "the number of its appointments with the customers"),
        sentence_column("description", "the missing access, as a sentence"),
    ),
    {ActorSuggestion: _actors},
)

COURSE_ROWS: tuple[RowKind, ...] = (
    MEMBERS,
    GROUPS,
    PHASES,
    TASKS,
    NOTICES,
    BOOKINGS,
    GATES,
    ESTIMATES,
    WINDOWS,
    CANDIDATES,
    ACTORS,
)
