"""The command of migrations."""

from typing import Annotated

import typer

import accountmerge as am
from accountmerge.cli.arguments import (
    AcceptedByOption,
    AcceptOption,
    AskedByOption,
    ForceOption,
    JsonOption,
    LangOption,
    PlanOutOption,
    RulesOption,
    SnapshotArgument,
    ValuesOption,
    WhyOption,
)
from accountmerge.cli.documents import deliver, rules_from, snapshot_from
from accountmerge.cli.input_files import refuse_repeated_stdin
from accountmerge.cli.migration_options import MigrationOptions
from accountmerge.cli.screens import Screen
from accountmerge.migrations.requests import MIGRATION_REASONS

_REASON_HELP = f"Why: {', '.join(MIGRATION_REASONS)}."
_AT_HELP = "What starts at this instant or later moves; with an offset, such as 2026-03-02T09:00:00+11:00."
_WINDOW_START_HELP = "When availability goes off, with an offset; with --window-end. `windows` proposes some."
_NUMBER_HELP = "A number given ahead: ID is the appointment whose place is taken. Repeatable."


def migrate(
    ctx: typer.Context,
    file: SnapshotArgument,
    profile: Annotated[str, typer.Option(metavar="ID", help="The id of the profile that is left.")],
    new_email: Annotated[str, typer.Option(metavar="ADDRESS", help="The username of the new profile.")],
    reason: Annotated[str, typer.Option(metavar="REASON", help=_REASON_HELP)],
    ticket: Annotated[str, typer.Option(metavar="TEXT", help="The reference of the request.")],
    agreed_by: Annotated[str, typer.Option(metavar="NAME", help="Who agreed to the guide.")],
    agreed_at: Annotated[str, typer.Option(metavar="TIME", help="When, with an offset.")],
    at: Annotated[str, typer.Option(metavar="TIME", help=_AT_HELP)],
    agreed_version: Annotated[str, typer.Option(metavar="TEXT", help="Which version of the guide.")] = "1",
    window_start: Annotated[str | None, typer.Option(metavar="TIME", help=_WINDOW_START_HELP)] = None,
    window_end: Annotated[str | None, typer.Option(metavar="TIME", help="When that ends.")] = None,
    number: Annotated[list[str] | None, typer.Option(metavar="ID=NUMBER", help=_NUMBER_HELP)] = None,
    accept: AcceptOption = None,
    accepted_by: AcceptedByOption = None,
    why: WhyOption = None,
    rules: RulesOption = None,
    values: ValuesOption = False,
    json: JsonOption = False,
    asked_by: AskedByOption = None,
    out: PlanOutOption = None,
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Plan a practitioner's move to a new profile, and show the plan.

    Nothing is changed. A plan that is blocked is shown and written too: it says what to remedy.

    \b
    Example:
      accountmerge migrate practice.json --profile p-1 \\
        --new-email new@example.org --reason lost_mailbox --ticket T-12 \\
        --agreed-by "A. Name" --agreed-at 2026-03-01T09:00:00+11:00 \\
        --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(file, rules)
    request, moment = MigrationOptions(
        profile=profile,
        new_email=new_email,
        reason=reason,
        ticket=ticket,
        agreed_by=agreed_by,
        agreed_at=agreed_at,
        agreed_version=agreed_version,
        at=at,
        window_start=window_start,
        window_end=window_end,
        numbers=tuple(number or ()),
        accept=tuple(accept or ()),
        accepted_by=accepted_by,
        why=why,
    ).read()
    in_force = rules_from(rules, am.MigrationRules)
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.planning"):
        plan = am.plan_migration(snapshot, request, rules=in_force, at=moment)
    return deliver(screen, plan, out=out, as_json=json, values=values, force=force, asked_by=asked_by)
