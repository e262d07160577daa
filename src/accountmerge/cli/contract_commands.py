"""The commands of a stored plan, from showing it to undoing it."""

from collections.abc import Sequence
from json import loads
from typing import Annotated, Any

import attrs
import typer

import accountmerge as am
from accountmerge.cli.answers import (
    change_set_of,
    deliver,
    document_text,
    plan_from,
    seen_by,
    show_findings,
)
from accountmerge.cli.contract_json import plain_differences, plain_explanation, plain_failure, plain_progress
from accountmerge.cli.execution import failures_of, progress_of
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import (
    STANDARD_STREAM,
    print_json,
    shown_source,
    write_document,
)
from accountmerge.cli.given_paths import format_of
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import (
    OUTPUT,
    AllOption,
    AskedByOption,
    ForceOption,
    JsonOption,
    PlanArgument,
    PlanOutOption,
    ReceiptsOption,
    ValuesOption,
    command,
)
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import SnapshotArgument
from accountmerge.findings.finding import Finding
from accountmerge.messages.readers import SHORT_ID
from accountmerge.model.treating import treats
from accountmerge.plans.explaining import explained
from accountmerge.plans.plan import OTHERS, Plan
from accountmerge.reports.brief_report import one_step_lines
from accountmerge.reports.contract_text import (
    check_lines,
    difference_lines,
    explanation_lines,
    progress_lines,
    refusal_lines,
)

_BY_HELP = "Who says that the plan is right; of a merge, that the right address is primary as well."
_APPLIED_BY_HELP = "With --store: the person or program that applies the plan, for the receipts."
_YES_HELP = "With --store: change the rows of the database. Without it, the steps are only shown."
_SEE_APPLY = Problem("see_help", command="accountmerge apply")
_HEXADECIMAL = frozenset("0123456789abcdef")
_ASKED_HELP = "The id of what is asked about, or an address."
_WHEN_HELP = "When, with an offset; or `now`."
_AT_HELP = "The instant to plan for, with an offset; that of the plan, or of the snapshot if that is later."


@command
def show(
    screen: Screen,
    plan: PlanArgument,
    asked_by: AskedByOption = None,
    values: ValuesOption = False,
    all: AllOption = False,  # noqa: A002 - the name of the option
    step: Annotated[
        str | None, typer.Option(metavar="N", help="Show only the step with this number.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> int:
    """Show a plan or a change set with ids, kinds, fields and reasons; values only if requested.

    Without --all, the first finding of each kind is shown, and the first and the last step of each kind.

    \b
    Example:
      accountmerge show plan.json --lang fr
      accountmerge show plan.json --step 3
    """  # noqa: D301
    given = plan_from(screen, plan)
    if step is None:
        return deliver(
            screen, given, out=None, json=json, values=values, force=False, asked_by=asked_by, all=all
        )
    change_set = change_set_of(given if asked_by is None else seen_by(screen, given, asked_by, as_json=json))
    reader = OptionReader()
    ordinal = reader.count("--step", step, most=max(len(change_set.steps), 1))
    reader.finish()
    if not change_set.steps:
        raise BadInput(Problem("no_steps"), about=shown_source(plan))
    if json:
        print_json(loads(am.dumps(change_set))["steps"][ordinal - 1])
    else:
        screen.report(one_step_lines(change_set, ordinal, screen.language, values=values))
    return FOUND if change_set.blocked else READY


@command
def explain(
    screen: Screen,
    plan: PlanArgument,
    asked: Annotated[str, typer.Argument(metavar="ID", help=_ASKED_HELP)],
    asked_by: AskedByOption = None,
    json: JsonOption = False,
) -> int:
    """Explain the outcome of a plan for a booking, record, customer, profile or address.

    An address is matched by its mailbox and not shown. A short id is enough, if only one id of the plan starts with
    it. A plan does not change what it does not name.

    \b
    Example:
      accountmerge explain plan.json appointment-305
    """  # noqa: D301
    plan, asked = (asked, plan) if format_of(asked) in ("plan", "changeset") else (plan, asked)
    given = plan_from(screen, plan, asked_by, as_json=json)
    whole = _whole_id(change_set_of(given), asked)
    explanation = given.explain(whole) if isinstance(given, Plan) else explained(given, whole)
    if json:
        print_json(plain_explanation(explanation, screen.language))
    else:
        screen.report(explanation_lines(explanation, screen.language))
    return READY


def _whole_id(change_set: am.ChangeSet, asked: str) -> str:
    """Return the id that a short id means, or the text itself."""
    if len(asked) < SHORT_ID or not set(asked) <= _HEXADECIMAL:
        return asked
    ids = {edit.id for step in change_set.steps for edit in step.edits if edit.id.startswith(asked)}
    return ids.pop() if len(ids) == 1 else asked


@command
def verify(
    screen: Screen,
    plan: PlanArgument,
    data: SnapshotArgument,
    receipts: ReceiptsOption = None,
    json: JsonOption = False,
) -> int:
    """Check a stored plan against the present data; ends with 1 if it cannot be applied.

    Each reason is shown with the facts, the expectation and the remedy.

    \b
    Example:
      accountmerge verify plan.json practice.json
    """  # noqa: D301
    change_set = change_set_of(plan_from(screen, plan))
    failures = failures_of(screen, data, change_set, receipts)
    if json:
        told = [plain_failure(failure, screen.language) for failure in failures]
        print_json({"plan_id": change_set.plan_id, "can_be_applied": not failures, "failures": told})
    else:
        screen.report(check_lines(change_set, failures, screen.language))
    return FOUND if failures else READY


@command
def resume(
    screen: Screen,
    plan: PlanArgument,
    data: SnapshotArgument,
    receipts: ReceiptsOption = None,
    asked_by: AskedByOption = None,
    json: JsonOption = False,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where to write the snapshot with the rest applied; - for standard output.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    force: ForceOption = False,
) -> int:
    """Show the applied steps of a plan; ends with 1 if the rest cannot be applied.

    A change by another program is named and never written over.

    \b
    Example:
      accountmerge resume plan.json practice-now.json --out practice-after.json
    """  # noqa: D301
    data.refuse_if_store({"--out": out, "--force": force})
    _refuse_outputs(out, asked_by, as_json=json)
    change_set = change_set_of(plan_from(screen, plan, asked_by, as_json=json))
    found = progress_of(screen, data, change_set, receipts)
    if asked_by is not None:
        _refuse_stranger(screen, found.snapshot(), found.failures, asked_by, as_json=json)
    if out is not None and not found.failures:
        write_document(screen, out, am.dumps(found.after()), force=force)
    if json:
        print_json(plain_progress(change_set, found.resumption, found.failures, screen.language))
    else:
        show = screen.remark if out == STANDARD_STREAM else screen.report
        show(progress_lines(change_set, found.resumption, found.failures, screen.language))
    return FOUND if found.failures else READY


@command
def rebase(
    screen: Screen,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="A plan as JSON; - for standard input.")],
    data: SnapshotArgument,
    at: Annotated[str | None, typer.Option(metavar="TIME", help=_AT_HELP, show_default=False)] = None,
    asked_by: AskedByOption = None,
    json: JsonOption = False,
    out: PlanOutOption = None,
    force: ForceOption = False,
) -> int:
    """Plan the same request on the present data, and show the differences from the earlier plan.

    \b
    Example:
      accountmerge rebase plan.json practice-now.json --out plan-now.json
    """  # noqa: D301
    _refuse_outputs(out, asked_by, as_json=json)
    reader = OptionReader(screen.typed_zone)
    moment = None if at is None else reader.instant("--at", at)
    reader.finish()
    given: Any = plan_from(screen, plan, asked_by, as_json=json)
    if isinstance(given, am.ChangeSet):
        raise BadInput(Problem("needs_plan"), about=shown_source(plan))
    snapshot = data.snapshot(screen)
    with screen.busy("cli.planning"):
        rebased: am.changes.Rebase[Any] = am.rebase(snapshot, given, at=moment)
    seen = rebased if asked_by is None else _seen_rebase(screen, given, rebased, asked_by, as_json=json)
    if out is not None:
        write_document(screen, out, document_text(rebased.plan), force=force)
    if json:
        print_json(plain_differences(given.plan_id, seen))
    else:
        show = screen.remark if out == STANDARD_STREAM else screen.report
        show(difference_lines(seen, screen.language))
    return READY if rebased.plan.is_ready else FOUND


@command
def undo(
    screen: Screen,
    plan: PlanArgument,
    asked_by: AskedByOption = None,
    values: ValuesOption = False,
    all: AllOption = False,  # noqa: A002 - the name of the option
    json: JsonOption = False,
    out: PlanOutOption = None,
    force: ForceOption = False,
) -> int:
    """Make the change set that undoes a plan, and show it; no data are changed.

    It is a plan of its own, and a named person confirms it before it is applied. If a plan cannot be undone, the
    reasons are shown.

    \b
    Example:
      accountmerge undo plan.json --out undo.json
    """  # noqa: D301
    change_set = change_set_of(plan_from(screen, plan, asked_by, as_json=json))
    try:
        inverse = am.invert(change_set)
    except am.ApplyRefused as refused:
        screen.remark(refusal_lines(change_set, refused.failures, screen.language))
        return FOUND
    return deliver(screen, inverse, out=out, json=json, values=values, force=force, all=all)


def _seen_rebase(
    screen: Screen, plan: Any, rebased: am.changes.Rebase[Any], who: str, *, as_json: bool
) -> am.changes.Rebase[Any]:
    """Return a rebase with only the findings that a profile may see in both plans."""
    again = seen_by(screen, rebased.plan, who, as_json=as_json)
    old, new = ([finding.id for finding in each.findings] for each in (plan, again))
    gone, come = (tuple(id for id in ids if id not in others) for ids, others in ((old, new), (new, old)))
    return attrs.evolve(rebased, plan=again, gone=gone, come=come)


def _refuse_stranger(
    screen: Screen, snapshot: am.Snapshot, failures: Sequence[am.changes.Failure], who: str, *, as_json: bool
) -> None:
    """End the command with `access_missing` if failures name a customer that a profile does not treat.

    A failure names a customer by its own id, or by the id of an entity of the customer.
    """
    facts = [fact for failure in failures for fact in failure.facts.values()]
    ids = {str(part) for fact in facts for part in (fact if isinstance(fact, tuple) else (fact,))}
    tables = (snapshot.appointments, snapshot.records, snapshot.access, snapshot.access_requests)
    rows = [row for table in tables for row in map(table.get, ids) if row is not None]
    named = {id for id in ids if id in snapshot.customers} | {row.customer_id for row in rows}
    if not all(treats(snapshot, who, id) for id in named):
        missing = Finding.of("access_missing", (who, OTHERS), profile_id=who, customer_id=OTHERS)
        raise typer.Exit(show_findings(screen, (missing,), as_json=as_json))


def _refuse_outputs(out: str | None, asked_by: str | None, *, as_json: bool) -> None:
    """Refuse two documents on standard output, and a whole document for an asking profile."""
    if out == STANDARD_STREAM and as_json:
        raise BadInput(Problem("stdout_twice"))
    if out == STANDARD_STREAM and asked_by is not None:
        raise BadInput(Problem("asked_by_findings_only", option="--asked-by"))
