"""The commands of a stored plan: whether it still fits, how far it was applied, made anew, taken back."""

from typing import Annotated, Any

import attrs
import typer

import accountmerge as am
from accountmerge.cli.arguments import (
    ForceOption,
    JsonOption,
    LangOption,
    PlanArgument,
    PlanOutOption,
    ReceiptsOption,
    SnapshotArgument,
    ValuesOption,
)
from accountmerge.cli.documents import (
    change_set_of,
    deliver,
    document_text,
    plan_from,
    print_json,
    receipts_from,
    snapshot_from,
    write_document,
)
from accountmerge.cli.input_files import STANDARD_STREAM, refuse_repeated_stdin, shown_source
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.problems import FOUND, READY, BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.reports.contract_text import (
    check_lines,
    difference_lines,
    progress_lines,
    refusal_lines,
    step_counts,
)

_AT_HELP = "The instant to plan for, with an offset; that of the plan, or of the snapshot if that is later."


def verify(
    ctx: typer.Context,
    plan: PlanArgument,
    file: SnapshotArgument,
    receipts: ReceiptsOption = None,
    json: JsonOption = False,
    lang: LangOption = None,
) -> int:
    """Check a stored plan against the data as they are now; ends with 1 if it cannot be applied.

    Each reason is told with what was found, what was expected, and what to do.

    \b
    Example:
      accountmerge verify plan.json practice.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(plan, file, *(receipts or ()))
    change_set = change_set_of(plan_from(screen, plan))
    known = receipts_from(screen, receipts, change_set.plan_id)
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.checking"):
        failures = am.check(snapshot, change_set, known)
    if json:
        told = [_plain_failure(failure, screen.language) for failure in failures]
        print_json({"plan_id": change_set.plan_id, "can_be_applied": not failures, "failures": told})
    else:
        screen.report(check_lines(change_set, failures, screen.language))
    return FOUND if failures else READY


def resume(
    ctx: typer.Context,
    plan: PlanArgument,
    file: SnapshotArgument,
    receipts: ReceiptsOption = None,
    json: JsonOption = False,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Where to write the snapshot with the rest applied; - for standard output."
        ),
    ] = None,
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Tell how far a plan was applied, step by step; ends with 1 if the rest cannot be applied.

    What somebody else wrote meanwhile is named and never written over.

    \b
    Example:
      accountmerge resume plan.json practice-now.json --out practice-after.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(plan, file, *(receipts or ()))
    _refuse_two_outputs(out, as_json=json)
    change_set = change_set_of(plan_from(screen, plan))
    known = receipts_from(screen, receipts, change_set.plan_id)
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.checking"):
        resumption = am.resume(snapshot, change_set, known)
        is_over = resumption.is_finished and not change_set.blocked
        failures = () if is_over else am.check(snapshot, change_set, known)
    if out is not None and not failures:
        after = snapshot if is_over else am.apply(snapshot, change_set, known)
        write_document(screen, out, am.dumps(after), force=force)
    if json:
        print_json(_plain_progress(change_set, resumption, failures, screen.language))
    else:
        show = screen.remark if out == STANDARD_STREAM else screen.report
        show(progress_lines(change_set, resumption, failures, screen.language))
    return FOUND if failures else READY


def rebase(
    ctx: typer.Context,
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="A plan as JSON; - for standard input.")],
    file: SnapshotArgument,
    at: Annotated[str | None, typer.Option(metavar="TIME", help=_AT_HELP, show_default=False)] = None,
    json: JsonOption = False,
    out: PlanOutOption = None,
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Plan the same request on the data as they are now, and show what differs from the plan that there was.

    \b
    Example:
      accountmerge rebase plan.json practice-now.json --out plan-now.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    refuse_repeated_stdin(plan, file)
    _refuse_two_outputs(out, as_json=json)
    reader = OptionReader()
    moment = None if at is None else reader.instant("--at", at)
    reader.finish()
    found: Any = plan_from(screen, plan)
    if isinstance(found, am.ChangeSet):
        raise BadInput(Problem("needs_plan"), about=shown_source(plan))
    snapshot = snapshot_from(screen, file)
    with screen.busy("cli.planning"):
        rebased: am.changes.Rebase[Any] = am.rebase(snapshot, found, at=moment)
    if out is not None:
        write_document(screen, out, document_text(rebased.plan), force=force)
    if json:
        print_json(_plain_differences(found.plan_id, rebased))
    else:
        show = screen.remark if out == STANDARD_STREAM else screen.report
        show(difference_lines(rebased, screen.language))
    return READY if rebased.plan.is_ready else FOUND


def undo(
    ctx: typer.Context,
    plan: PlanArgument,
    values: ValuesOption = False,
    json: JsonOption = False,
    out: PlanOutOption = None,
    force: ForceOption = False,
    lang: LangOption = None,
) -> int:
    """Make the change set that takes back what a plan does, and show it; nothing is changed.

    It is a plan of its own, and a named person confirms it before it is applied. If a plan cannot be undone,
    the reasons are told.

    \b
    Example:
      accountmerge undo plan.json --out undo.json
    """  # noqa: D301
    screen = Screen(lang or ctx.obj)
    change_set = change_set_of(plan_from(screen, plan))
    try:
        inverse = am.invert(change_set)
    except am.ApplyRefused as refused:
        screen.remark(refusal_lines(change_set, refused.failures, screen.language))
        return FOUND
    return deliver(screen, inverse, out=out, as_json=json, values=values, force=force)


def _refuse_two_outputs(out: str | None, *, as_json: bool) -> None:
    """Refuse a command line that would print two documents on one standard output."""
    if as_json and out == STANDARD_STREAM:
        raise BadInput(Problem("stdout_twice"))


def _plain_failure(failure: am.changes.Failure, language: str) -> dict[str, Any]:
    about = {} if failure.step is None else {"step": failure.step}
    told = {
        "found": failure.describe(language),
        "expected": failure.expect(language),
        "advice": failure.advise(language),
    }
    return {"code": failure.code, **about, "remedy": failure.remedy, "facts": dict(failure.facts), **told}


def _plain_progress(
    change_set: am.ChangeSet,
    resumption: am.changes.Resumption,
    failures: tuple[am.changes.Failure, ...],
    language: str,
) -> dict[str, Any]:
    counts = step_counts(resumption)
    return {
        "plan_id": change_set.plan_id,
        "is_finished": resumption.is_finished and not change_set.blocked,
        "can_be_applied": not failures,
        "steps": [
            {"ordinal": step.ordinal, "kind": step.kind, **counts[step.ordinal]}
            for step in change_set.wanted_steps
        ],
        "edits": [attrs.asdict(edit) for edit in resumption.edits],
        "failures": [_plain_failure(failure, language) for failure in failures],
    }


def _plain_differences(plan_id: str, rebased: am.changes.Rebase[Any]) -> dict[str, Any]:
    steps = [
        {name: value for name, value in attrs.asdict(step).items() if value is not None}
        for step in rebased.steps
    ]
    return {
        "plan_id": plan_id,
        "new_plan_id": rebased.plan.plan_id,
        "is_same": rebased.is_same,
        "blocked": rebased.plan.change_set.blocked,
        "steps": steps,
        "gone": rebased.gone,
        "come": rebased.come,
    }
