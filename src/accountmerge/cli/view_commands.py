"""The command of views: what everybody sees of a migration at an instant."""

from typing import Annotated, Any

import attrs
import typer

import accountmerge as am
from accountmerge.cli.arguments import AskedByOption, JsonOption, LangOption, SnapshotArgument
from accountmerge.cli.documents import asker_from, plan_from, print_json, show_findings, snapshot_from
from accountmerge.cli.input_files import refuse_repeated_stdin, shown_source
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.problems import FOUND, READY, BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.treating import treats
from accountmerge.reports.migration_text import who_sees_lines
from accountmerge.reports.plan_lines import verdict_lines

_AT_HELP = "The instant to look at, with an offset, such as 2026-03-02T09:00:00+11:00."
_WITHIN_HELP = "How many hours from that instant on to look for free time."
_HOUR = 3_600_000_000
_HOURS_OF_A_YEAR = 24 * 366
_MINUTES_OF_A_DAY = 24 * 60


def who_sees(
    ctx: typer.Context,
    plan: Annotated[
        str, typer.Argument(metavar="PLAN", help="A migration plan as JSON; - for standard input.")
    ],
    file: SnapshotArgument,
    at: Annotated[str, typer.Option(metavar="TIME", help=_AT_HELP)],
    within_hours: Annotated[str, typer.Option(metavar="N", help=_WITHIN_HELP)] = "168",
    minutes: Annotated[str, typer.Option(metavar="N", help="How long a slot is, in minutes.")] = "60",
    asked_by: AskedByOption = None,
    json: JsonOption = False,
    lang: LangOption = None,
) -> int:
    """Tell what everybody sees of a migration at an instant: portal, lists, bookings, log-ins.

    The data are taken to be as the plan lets expect them at that instant. A plan that is blocked changes
    nothing; then it ends with 1. Shown are ids, numbers and times, never names.

    \b
    Example:
      accountmerge who-sees plan.json practice.json \\
        --at 2026-03-02T10:00:00+11:00 --within-hours 48
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(plan, file)
    reader = OptionReader()
    moment = reader.instant("--at", at)
    hours = reader.count("--within-hours", within_hours, most=_HOURS_OF_A_YEAR)
    length = reader.count("--minutes", minutes, most=_MINUTES_OF_A_DAY)
    reader.finish()
    who = asker_from(asked_by)
    found = plan_from(screen, plan)
    if not isinstance(found, am.MigrationPlan):
        raise BadInput(Problem("needs_migration_plan"), about=shown_source(plan))
    if who is not None and any(finding.code == "access_missing" for finding in found.findings_for(who)):
        return show_findings(screen, found, who, as_json=json)
    snapshot = snapshot_from(screen, file)
    start_us = microseconds(moment)
    within = am.TimeSlot.from_microseconds(start_us, start_us + hours * _HOUR)
    with screen.busy("cli.looking"):
        seen = am.views.who_sees(snapshot, found, at=moment, within=within, minutes=length)
    if who is not None:
        seen = attrs.evolve(
            seen, old=_seen_by(snapshot, who, seen.old), new=_seen_by(snapshot, who, seen.new)
        )
    if json:
        print_json(_plain(found, seen))
    else:
        screen.report(who_sees_lines(seen, screen.language))
    if not found.is_ready:
        screen.remark(verdict_lines(found, screen.language))
    return READY if found.is_ready else FOUND


def _seen_by(
    snapshot: am.Snapshot, profile_id: str, view: am.views.ProfileView | None
) -> am.views.ProfileView | None:
    """Return what is seen of a profile without the customers that the profile that asks does not treat."""
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


def _plain(plan: am.MigrationPlan, seen: am.views.WhoSees) -> dict[str, Any]:
    """Return what is seen as plain JSON data: ids and times alone; a profile that is not there is null."""
    log_ins = seen.log_ins
    return {
        "plan_id": plan.plan_id,
        "at": rfc3339(seen.at),
        "in_blackout": seen.in_blackout,
        "log_ins": {
            "old": log_ins.old,
            "new": log_ins.new,
            "may_be_disrupted": log_ins.may_be_disrupted,
            "old_ends": None if log_ins.old_ends is None else rfc3339(log_ins.old_ends),
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
        "routes": [
            {
                "customer_id": route.customer_id,
                "route": route.route,
                "reason": route.reason,
                "via_profile_id": route.via_profile_id,
                "for_customer_id": route.for_customer_id,
            }
            for route in view.routes
        ],
    }


def _plain_slots(slots: tuple[am.TimeSlot, ...]) -> list[dict[str, str]]:
    return [{"start": rfc3339(slot.start_us), "end": rfc3339(slot.end_us)} for slot in slots]
