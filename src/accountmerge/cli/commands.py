"""The commands that work on any snapshot or plan: what each takes, shows, and with which code it ends."""

from typing import Annotated

import attrs
import typer

import accountmerge as am
from accountmerge.cli.arguments import (
    AskedByOption,
    ForceOption,
    JsonOption,
    LangOption,
    PlanArgument,
    SnapshotArgument,
    ValuesOption,
)
from accountmerge.cli.documents import (
    asker_from,
    change_set_of,
    deliver,
    document_text,
    plan_from,
    snapshot_from,
    write_document,
)
from accountmerge.cli.input_files import refuse_repeated_stdin
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.output_files import refuse_own_input
from accountmerge.cli.problems import FOUND, READY
from accountmerge.cli.screens import Screen
from accountmerge.plans.audiences import seen_faults
from accountmerge.plans.explaining import explained
from accountmerge.plans.plan import Plan
from accountmerge.reports.contract_text import explanation_lines
from accountmerge.reports.plan_lines import findings_lines, verdict_lines

_BY_HELP = "Who says that the plan is right; of a merge, that the right address is primary as well."
_ASKED_HELP = "The id of what is asked about, or an address."
_WHEN_HELP = "When, with an offset."


def check(
    ctx: typer.Context, file: SnapshotArgument, asked_by: AskedByOption = None, lang: LangOption = None
) -> int:
    """Look for faults of bookings, schedules, merged customers, e-mails and numbers in a snapshot.

    \b
    Example:
      accountmerge check practice.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    who = asker_from(asked_by)
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.checking"):
        findings = am.find_faults(snapshot)
    if who is not None:
        findings = seen_faults(snapshot, findings, who)
    screen.report(findings_lines(findings, screen.language))
    return FOUND if findings else READY


def confirm(
    ctx: typer.Context,
    plan: PlanArgument,
    by: Annotated[str, typer.Option(metavar="NAME", help=_BY_HELP)],
    at: Annotated[str, typer.Option(metavar="TIME", help=_WHEN_HELP)],
    out: Annotated[
        str, typer.Option(metavar="FILE", help="Where to write the confirmed plan; - for standard output.")
    ],
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Confirm a plan that cannot be undone, in the name of a person, and write it with the confirmation.

    The confirmation fits this plan and no other. What is blocked cannot be confirmed.

    \b
    Example:
      accountmerge confirm plan.json --by "A. Name" \\
        --at 2026-03-02T09:00:00+11:00 --out confirmed.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    reader = OptionReader()
    name, moment = reader.visible("--by", by), reader.instant("--at", at)
    reader.finish()
    found = plan_from(screen, plan)
    change_set = change_set_of(found)
    if change_set.blocked:
        screen.remark(verdict_lines(found, screen.language))
        return FOUND
    confirmed = found.confirm(by=name, at=moment)
    whole = attrs.evolve(found, change_set=confirmed) if isinstance(found, Plan) else confirmed
    write_document(screen, out, document_text(whole), force=force)
    screen.note("cli.confirmed", plan_id=confirmed.plan_id)
    return READY


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
    nothing is written. A plan that cannot be undone has to be confirmed first. The file that is read is never
    overwritten, not even with --force.

    \b
    Example:
      accountmerge apply practice.json plan.json --out practice-after.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(file, plan)
    refuse_own_input(out, file, plan)
    change_set = change_set_of(plan_from(screen, plan))
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.applying"):
        applied = am.dumps(am.apply(snapshot, change_set))
    write_document(screen, out, applied, force=force)
    screen.note("cli.applied", plan_id=change_set.plan_id, count=len(change_set.wanted_steps))
    return READY


def show(
    ctx: typer.Context,
    plan: PlanArgument,
    asked_by: AskedByOption = None,
    values: ValuesOption = False,
    json: JsonOption = False,
    lang: LangOption = None,
) -> int:
    """Show a plan or a change set: ids, kinds, fields and reasons; values only if they are asked for.

    \b
    Example:
      accountmerge show plan.json --lang fr
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    found = plan_from(screen, plan)
    return deliver(screen, found, out=None, as_json=json, values=values, force=False, asked_by=asked_by)


def explain(
    ctx: typer.Context,
    plan: PlanArgument,
    asked: Annotated[str, typer.Argument(metavar="ID", help=_ASKED_HELP)],
    lang: LangOption = None,
) -> int:
    """Say why a booking, record, customer, profile or address ends where it ends, and by which rule.

    An address is matched by its mailbox and not shown. What a plan does not name it leaves alone.

    \b
    Example:
      accountmerge explain plan.json appointment-305
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    found = plan_from(screen, plan)
    explanation = found.explain(asked) if isinstance(found, Plan) else explained(found, asked)
    screen.report(explanation_lines(explanation, screen.language))
    return READY
