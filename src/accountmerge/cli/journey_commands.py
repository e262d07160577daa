"""The commands around a migration: its timeline, to-do lists and notices, and how far it is."""

from typing import Annotated, Any

import typer

import accountmerge as am
from accountmerge.cli.arguments import JsonOption, LangOption, SnapshotArgument
from accountmerge.cli.documents import plan_from, print_json, snapshot_from
from accountmerge.cli.input_files import refuse_repeated_stdin, shown_source
from accountmerge.cli.option_values import OptionProblem, OptionReader
from accountmerge.cli.problems import FOUND, READY, BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.migrations.rules import ROLES, Role
from accountmerge.model.instants import rfc3339
from accountmerge.reports.lines import BLANK
from accountmerge.reports.migration_text import notice_lines, status_lines, timeline_lines, to_do_lines

MigrationArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="The plan of a migration as JSON; - for standard input.")
]
_ROLE_HELP = f"Show the to-do list and the notices of one role alone: {', '.join(ROLES)}."
_NOTICES_HELP = "Show what people are told, ready to be sent; it holds the new address."


def timeline(
    ctx: typer.Context,
    plan: MigrationArgument,
    role: Annotated[str | None, typer.Option(metavar="ROLE", help=_ROLE_HELP, show_default=False)] = None,
    notices: Annotated[bool, typer.Option("--notices", help=_NOTICES_HELP)] = False,
    json: JsonOption = False,
    lang: LangOption = None,
) -> int:
    """Show when each phase of a migration begins, who acts in it, and what everybody has to do.

    Ends with 1 if the plan is blocked.

    \b
    Example:
      accountmerge timeline plan.json --role support_team
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    roles = _roles(role)
    found = _migration_from(screen, plan)
    told = [
        notice for notice in am.migrations.notices(found, language=screen.language) if notice.role in roles
    ]
    if json:
        data = _plain_timeline(found, roles, screen.language)
        print_json(data | ({"notices": [_plain_notice(notice) for notice in told]} if notices else {}))
    else:
        lines = [] if role else [*timeline_lines(found, screen.language), BLANK]
        lines += to_do_lines(found, screen.language, roles)
        lines += [BLANK, *notice_lines(told, screen.language)] if notices else []
        screen.report(lines)
    return READY if found.is_ready else FOUND


def status(
    ctx: typer.Context,
    plan: MigrationArgument,
    file: SnapshotArgument,
    json: JsonOption = False,
    lang: LangOption = None,
) -> int:
    """Tell how far a migration is, from the data as they are now.

    Ends with 0 if nothing stands against activation or all is done, and with 1 while anything is waiting,
    unexplained or booked twice, or the plan is blocked.

    \b
    Example:
      accountmerge status plan.json practice-now.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(plan, file)
    found = _migration_from(screen, plan)
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.checking"):
        progress = am.migrations.progress(snapshot, found)
    if json:
        print_json(_plain_progress(progress))
    else:
        screen.report(status_lines(progress, screen.language))
    return READY if progress.may_activate or progress.is_done else FOUND


def _roles(asked: str | None) -> tuple[Role, ...]:
    """Return the roles whose lists are shown.

    Raises:
        BadInput: There is no such role.
    """
    if asked is None:
        return ROLES
    found = tuple(role for role in ROLES if role == asked)
    if not found:
        reader = OptionReader()
        reader.refuse(OptionProblem("unknown_role", option="--role", allowed=ROLES))
        reader.finish()
    return found


def _migration_from(screen: Screen, source: str) -> am.MigrationPlan:
    found = plan_from(screen, source)
    if isinstance(found, am.ChangeSet):
        raise BadInput(Problem("needs_plan"), about=shown_source(source))
    if not isinstance(found, am.MigrationPlan):
        raise BadInput(Problem("needs_migration"), about=shown_source(source))
    return found


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
        "to_dos": {
            role: [_plain_to_do(duty, language) for duty in plan.to_dos if duty.role == role]
            for role in roles
        },
    }


def _plain_to_do(duty: am.migrations.ToDo, language: str) -> dict[str, Any]:
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


def _moment(value: am.migrations.Phase | am.migrations.ToDo) -> dict[str, str]:
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
