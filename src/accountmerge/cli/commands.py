"""The commands: what each takes, what it shows, and with which code it ends."""

from typing import Annotated

import typer

import accountmerge as am
from accountmerge.cli.input_files import (
    STANDARD_STREAM,
    read_input,
    read_plan,
    refuse_repeated_stdin,
    shown_source,
)
from accountmerge.cli.languages import Language
from accountmerge.cli.migration_options import MigrationOptions
from accountmerge.cli.output_files import write_output
from accountmerge.cli.problems import FOUND, READY
from accountmerge.cli.screens import Screen
from accountmerge.reports.finding_text import findings_lines
from accountmerge.reports.plan_text import plan_lines, verdict_lines
from accountmerge.rules.migration_requests import MIGRATION_REASONS

SnapshotArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="A snapshot as JSON; - for standard input.")
]
PlanArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan or a change set as JSON; - for standard input.")
]
LangOption = Annotated[
    Language | None, typer.Option("--lang", help="The language of the sentences.", show_default="en")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that has other content.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the plan as JSON instead of text.")]

_REASON_HELP = f"Why: {', '.join(MIGRATION_REASONS)}."
_AT_HELP = "What starts at this instant or later moves; with an offset, such as 2026-03-02T09:00:00+11:00."
_NUMBER_HELP = "A number given ahead: ID is the appointment whose place is taken. Repeatable."
_ACCEPT_HELP = "The id of a finding that somebody accepts, as the plan shows it. Repeatable."
_OUT_HELP = "Write the plan as JSON to this file; - for standard output."


def check(ctx: typer.Context, file: SnapshotArgument, lang: LangOption = None) -> int:
    """Look for double bookings, unfinished rebookings and faults of e-mails in a snapshot.

    \b
    Example:
      accountmerge check practice.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    snapshot = _read_snapshot(screen, file)
    with screen.busy("cli.checking"):
        findings = am.find_faults(snapshot)
    screen.report(findings_lines(findings, screen.language))
    return FOUND if findings else READY


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
    number: Annotated[list[str] | None, typer.Option(metavar="ID=NUMBER", help=_NUMBER_HELP)] = None,
    accept: Annotated[list[str] | None, typer.Option(metavar="FINDING", help=_ACCEPT_HELP)] = None,
    accepted_by: Annotated[str | None, typer.Option(metavar="NAME", help="Who accepts them.")] = None,
    why: Annotated[str | None, typer.Option(metavar="TEXT", help="Why they are accepted.")] = None,
    rules: Annotated[str | None, typer.Option(metavar="FILE", help="Rules as JSON.")] = None,
    json: JsonOption = False,
    out: Annotated[str | None, typer.Option(metavar="FILE", help=_OUT_HELP)] = None,
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
        numbers=tuple(number or ()),
        accept=tuple(accept or ()),
        accepted_by=accepted_by,
        why=why,
    ).read()
    in_force = am.MigrationRules() if rules is None else read_input(rules, am.MigrationRules)
    snapshot = _read_snapshot(screen, file)
    with screen.busy("cli.planning"):
        plan = am.plan_migration(snapshot, request, rules=in_force, at=moment)
    if out is not None and out != STANDARD_STREAM:
        _write(screen, out, _document(plan), force=force)
    return _show(screen, plan, as_json=json or out == STANDARD_STREAM)


def apply(
    ctx: typer.Context,
    file: SnapshotArgument,
    plan: PlanArgument,
    out: Annotated[
        str, typer.Option(metavar="FILE", help="Where to write the snapshot; - for standard output.")
    ],
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Apply a plan to a snapshot, and write the snapshot that it makes.

    What is done already is left alone. If anything stands against it, everything that does is shown, and
    nothing is written.

    \b
    Example:
      accountmerge apply practice.json plan.json --out practice-after.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(file, plan)
    change_set = _change_set(_read_plan(screen, plan))
    snapshot = _read_snapshot(screen, file)
    with screen.busy("cli.applying"):
        applied = am.dumps(am.apply(snapshot, change_set))
    _write(screen, out, applied, force=force)
    screen.note("cli.applied", plan_id=change_set.plan_id, count=len(change_set.wanted_steps))
    return READY


def show(ctx: typer.Context, plan: PlanArgument, json: JsonOption = False, lang: LangOption = None) -> int:
    """Show a plan or a change set.

    \b
    Example:
      accountmerge show plan.json --lang fr
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    return _show(screen, _read_plan(screen, plan), as_json=json)


def _read_snapshot(screen: Screen, source: str) -> am.Snapshot:
    with screen.busy("cli.reading", path=shown_source(source)):
        return read_input(source, am.Snapshot)


def _read_plan(screen: Screen, source: str) -> am.MigrationPlan | am.ChangeSet:
    with screen.busy("cli.reading", path=shown_source(source)):
        return read_plan(source)


def _change_set(plan: am.MigrationPlan | am.ChangeSet) -> am.ChangeSet:
    return plan.change_set if isinstance(plan, am.MigrationPlan) else plan


def _show(screen: Screen, plan: am.MigrationPlan | am.ChangeSet, *, as_json: bool) -> int:
    """Show a plan as text or as JSON, and return the exit code that it calls for."""
    if as_json:
        write_output(STANDARD_STREAM, _document(plan))
        if _change_set(plan).blocked:
            screen.remark(verdict_lines(plan, screen.language))
    else:
        screen.report(plan_lines(plan, screen.language))
    return FOUND if _change_set(plan).blocked else READY


def _document(plan: am.MigrationPlan | am.ChangeSet) -> str:
    return am.dumps(plan, indent=2)


def _write(screen: Screen, target: str, text: str, *, force: bool) -> None:
    """Write a document and say so."""
    outcome = write_output(target, text, force=force)
    if outcome != "streamed":
        screen.note(f"cli.{outcome}", path=target)
