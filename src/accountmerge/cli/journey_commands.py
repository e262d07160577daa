"""The commands that show a migration to its people before, during and after it."""

from typing import Annotated, Any

import attrs
import typer

import accountmerge as am
from accountmerge.cli.answers import plan_from
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import print_json, shown_source
from accountmerge.cli.given_paths import is_one_file
from accountmerge.cli.many_json import plain_states
from accountmerge.cli.many_plans import plans_in, remark_next, states_of
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import AskedByOption, JsonOption, command
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import AmongPaths, PathsArgument, SnapshotArgument, Source
from accountmerge.migrations.rules import ROLES, Role
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.treating import treats
from accountmerge.reports.lines import BLANK
from accountmerge.reports.many_text import state_lines
from accountmerge.reports.migration_text import (
    notice_lines,
    status_lines,
    task_lines,
    timeline_lines,
    visibility_lines,
)
from accountmerge.reports.plan_lines import verdict_lines

MigrationArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="The plan of a migration as JSON; - for standard input.")
]
_ROLE_HELP = f"Show the to-do list and the notices of one role alone: {', '.join(ROLES)}."
_NOTICES_HELP = "Show what people are told, ready to be sent; it holds the new address."
_VALUES_HELP = "Show who confirmed each of many plans as well."
_AT_HELP = "The instant to look at, with an offset, such as 2026-03-02T09:00:00+11:00."
_WITHIN_HELP = "How many hours from that instant on to look for free time."
_HOUR = 3_600_000_000
_HOURS_OF_A_YEAR = 24 * 366
_MINUTES_OF_A_DAY = 24 * 60
_OF_ROUTE = ("customer_id", "route", "reason", "via_profile_id", "for_customer_id")


@command
def timeline(
    screen: Screen,
    plan: MigrationArgument,
    role: Annotated[str | None, typer.Option(metavar="ROLE", help=_ROLE_HELP, show_default=False)] = None,
    notices: Annotated[bool, typer.Option("--notices", help=_NOTICES_HELP)] = False,
    asked_by: AskedByOption = None,
    json: JsonOption = False,
) -> int:
    """Show the start, the actor and the tasks of each phase of a migration.

    Ends with 1 if the plan is blocked.

    \b
    Example:
      accountmerge timeline plan.json --role support_team
    """  # noqa: D301
    reader = OptionReader(screen.typed_zone)
    wanted = None if role is None else reader.word("--role", role, ROLES)
    reader.finish()
    roles = tuple(role for role in ROLES if wanted in (None, role))
    migration = _migration_from(screen, plan, asked_by, as_json=json)
    told = [
        notice
        for notice in am.migrations.notices(migration, language=screen.language)
        if notice.role in roles
    ]
    if json:
        data = _plain_timeline(migration, roles, screen.language)
        print_json(data | ({"notices": [_plain_notice(notice) for notice in told]} if notices else {}))
    else:
        lines = [] if role else [*timeline_lines(migration, screen.language), BLANK]
        lines += task_lines(migration, screen.language, roles)
        lines += [BLANK, *notice_lines(told, screen.language)] if notices else []
        screen.report(lines)
    return READY if migration.is_ready else FOUND


@command
def status(
    screen: Screen,
    paths: PathsArgument,
    data: AmongPaths,
    asked_by: AskedByOption = None,
    values: Annotated[bool, typer.Option("--values", help=_VALUES_HELP)] = False,
    json: JsonOption = False,
) -> int:
    """Show the progress of a migration, or of many plans as a table, from the present data.

    Of one migration, ends with 0 if the schedules can be activated or all is done, otherwise with 1. Of several plans,
    ends with 1 if one waits.

    \b
    Example:
      accountmerge status plan.json practice-now.json
      accountmerge status plans/ practice-now.json
    """  # noqa: D301
    if is_one_file(paths):
        return _status_of_migration(screen, paths[0], data, asked_by, as_json=json)
    if asked_by is not None:
        raise BadInput(Problem("asked_by_one_plan", option="--asked-by"))
    plans = plans_in(screen, paths)
    states = states_of(screen, data.snapshot(screen), plans)
    if json:
        print_json({"plans": plain_states(states), "waiting": sum(state.next != "done" for state in states)})
    else:
        screen.report(state_lines(states, screen.language, screen.width, values=values))
        remark_next(screen, paths, states)
    return FOUND if any(state.next != "done" for state in states) else READY


def _status_of_migration(
    screen: Screen, plan: str, data: Source, asked_by: str | None, *, as_json: bool
) -> int:
    migration = _migration_from(screen, plan, asked_by, as_json=as_json)
    snapshot = data.snapshot(screen)
    with screen.busy("cli.checking"):
        progress = am.migrations.progress(snapshot, migration)
    if as_json:
        print_json(_plain_progress(progress))
    else:
        screen.report(status_lines(progress, screen.language))
    return READY if progress.may_activate or progress.is_done else FOUND


def _migration_from(screen: Screen, source: str, asked_by: str | None, *, as_json: bool) -> am.MigrationPlan:
    """Read the plan of a migration; end the command if a profile may not see it whole."""
    given = plan_from(screen, source, asked_by, as_json=as_json)
    if isinstance(given, am.ChangeSet):
        raise BadInput(Problem("needs_plan"), about=shown_source(source))
    if not isinstance(given, am.MigrationPlan):
        raise BadInput(Problem("needs_migration"), about=shown_source(source))
    return given


def _plain_timeline(plan: am.MigrationPlan, roles: tuple[Role, ...], language: str) -> dict[str, Any]:
    return {
        "plan_id": plan.plan_id,
        "is_ready": plan.is_ready,
        "phases": [
            {
                "kind": phase.kind,
                **_moment(phase),
                **({} if phase.condition is None else {"condition": phase.condition}),
                "actor": phase.actor,
                "gate": phase.gate,
                "way_back": phase.way_back,
                "steps": phase.steps,
            }
            for phase in plan.timeline.phases
        ],
        "tasks": {
            role: [_plain_task(duty, language) for duty in plan.tasks if duty.role == role] for role in roles
        },
    }


def _plain_task(duty: am.migrations.Task, language: str) -> dict[str, Any]:
    facts = dict(duty.facts)
    return {
        "kind": duty.kind,
        "phase": duty.phase,
        **_moment(duty),
        "facts": facts,
        "text": duty.describe(language),
    }


def _plain_notice(notice: am.migrations.Notice) -> dict[str, Any]:
    told = {"subject": notice.subject, "body": notice.body}
    return {"role": notice.role, "kind": notice.kind, "when": rfc3339(notice.when), **told}


def _moment(value: am.migrations.Phase | am.migrations.Task) -> dict[str, str]:
    return {} if value.at is None else {"at": rfc3339(value.at)}


def _plain_progress(progress: am.migrations.MigrationProgress) -> dict[str, Any]:
    gate = progress.gates["activation"]
    names = ("expected", "rebooked", "left", "waiting", "unexplained", "conflicts", "share", "is_open")
    return {
        "plan_id": progress.plan_id,
        "at": rfc3339(progress.at),
        "phase": progress.phase,
        "may_activate": progress.may_activate,
        "is_done": progress.is_done,
        "blocked": progress.blocked,
        "gates": {"activation": {name: getattr(gate, name) for name in names}},
        "bookings": [
            {
                "id": row.appointment_id,
                "state": row.state,
                **({} if row.reason is None else {"reason": row.reason}),
            }
            for row in progress.bookings
        ],
        "unknown": progress.unknown,
        "booked_meanwhile": progress.booked_meanwhile,
        "conflicts": [(pair.first.id, pair.second.id) for pair in progress.conflicts],
    }


@command
def who_sees(
    screen: Screen,
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="A migration plan as JSON; - for standard input.")
    ],
    data: SnapshotArgument,
    at: Annotated[str, typer.Option(metavar="TIME", help=_AT_HELP)],
    within_hours: Annotated[str, typer.Option(metavar="N", help=_WITHIN_HELP)] = "168",
    minutes: Annotated[str, typer.Option(metavar="N", help="How long a slot is, in minutes.")] = "60",
    asked_by: AskedByOption = None,
    json: JsonOption = False,
) -> int:
    """Show everything visible and bookable at an instant of a migration.

    The data are those that the plan leads us to expect at that instant. Ends with 1 if the plan is blocked,
    because then it changes no data. Only ids, numbers and times are shown.

    \b
    Example:
      accountmerge who-sees plan.json practice.json \\
        --at 2026-03-02T10:00:00+11:00 --within-hours 48
    """  # noqa: D301
    reader = OptionReader(screen.typed_zone)
    moment = reader.instant("--at", at)
    hours = reader.count("--within-hours", within_hours, most=_HOURS_OF_A_YEAR)
    length = reader.count("--minutes", minutes, most=_MINUTES_OF_A_DAY)
    reader.finish()
    migration = _migration_from(screen, plan, asked_by, as_json=json)
    snapshot = data.snapshot(screen)
    start_us = microseconds(moment)
    within = am.TimeSlot.from_microseconds(start_us, start_us + hours * _HOUR)
    with screen.busy("cli.looking"):
        seen = am.views.visibility_at(snapshot, migration, at=moment, within=within, minutes=length)
    if asked_by is not None:
        old, new = (_seen_by(snapshot, asked_by, view) for view in (seen.old, seen.new))
        seen = attrs.evolve(seen, old=old, new=new)
    if json:
        print_json(_plain_views(migration, seen))
    else:
        screen.report(visibility_lines(seen, screen.language))
    if not migration.is_ready:
        screen.remark(verdict_lines(migration, screen.language))
    return READY if migration.is_ready else FOUND


def _seen_by(
    snapshot: am.Snapshot, profile_id: str, view: am.views.ProfileView | None
) -> am.views.ProfileView | None:
    """Return the view of a profile without the customers that the asking profile does not treat."""
    if view is None:
        return None
    named = {row.id for row in view.customers} | {row.customer_id for row in view.quick_view}
    named |= {row.customer_id for row in view.routes}
    known = {id for id in named if treats(snapshot, profile_id, id)}
    return attrs.evolve(
        view,
        customers=tuple(row for row in view.customers if row.id in known),
        quick_view=tuple(row for row in view.quick_view if row.customer_id in known),
        histories=tuple(row for row in view.histories if row.customer_id in known),
        routes=tuple(
            row for row in view.routes if row.customer_id in known and row.for_customer_id in (None, *known)
        ),
    )


def _plain_views(plan: am.MigrationPlan, seen: am.views.Visibility) -> dict[str, Any]:
    """Return the views as plain JSON data with only ids and times; an absent profile is null."""
    logins = seen.logins
    return {
        "plan_id": plan.plan_id,
        "at": rfc3339(seen.at),
        "in_blackout": seen.in_blackout,
        "logins": {
            "old": logins.old,
            "new": logins.new,
            "may_be_disrupted": logins.may_be_disrupted,
            "old_ends": None if logins.old_ends is None else rfc3339(logins.old_ends),
        },
        "old": None if seen.old is None else _plain_profile(seen.old),
        "new": None if seen.new is None else _plain_profile(seen.new),
        "manual": _plain_slots(seen.manual),
    }


def _plain_profile(view: am.views.ProfileView) -> dict[str, Any]:
    return {
        "profile_id": view.profile_id,
        "schedule": view.schedule,
        "portal": _plain_slots(view.portal),
        "customers": [row.id for row in view.customers],
        "quick_view": [row.id for row in view.quick_view],
        "histories": [
            {
                "customer_id": past.customer_id,
                "appointments": [row.id for row in past.appointments],
                "records": [row.id for row in past.records],
            }
            for past in view.histories
        ],
        "routes": [{name: getattr(route, name) for name in _OF_ROUTE} for route in view.routes],
    }


def _plain_slots(slots: tuple[am.TimeSlot, ...]) -> list[dict[str, str]]:
    return [{"start": rfc3339(slot.start_us), "end": rfc3339(slot.end_us)} for slot in slots]
