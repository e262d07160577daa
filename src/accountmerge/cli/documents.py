"""Documents of the command line: what commands read, plan, show and write, with a word on the screen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

import accountmerge as am
from accountmerge.cli.input_files import STANDARD_STREAM, read_input, read_plan, read_receipts, shown_source
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.output_files import write_output
from accountmerge.cli.problems import FOUND, READY, BadInput, Problem
from accountmerge.plans.plan import Plan
from accountmerge.reports.plan_lines import findings_lines, plan_lines, verdict_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.cli.screens import Screen
    from accountmerge.kinds import AnyPlan

_Rules = TypeVar("_Rules")


def snapshot_from(screen: Screen, source: str) -> am.Snapshot:
    """Read a snapshot.

    Raises:
        BadInput: As for `read_input`.
    """
    with screen.busy("cli.reading", path=shown_source(source)):
        return read_input(source, am.Snapshot)


def plan_from(screen: Screen, source: str) -> AnyPlan | am.ChangeSet:
    """Read a plan, or a change set without its plan.

    Raises:
        BadInput: As for `read_input`.
    """
    with screen.busy("cli.reading", path=shown_source(source)):
        return read_plan(source)


def rules_from(source: str | None, cls: type[_Rules]) -> _Rules:
    """Read rules of a class; those of the library if no file is named.

    Raises:
        BadInput: As for `read_input`.
    """
    return cls() if source is None else read_input(source, cls)


def receipts_from(screen: Screen, sources: Iterable[str] | None, plan_id: str) -> tuple[am.Receipt, ...]:
    """Read receipts, and say so if some are of another plan than the one they are read for.

    Raises:
        BadInput: As for `read_receipts`.
    """
    found = tuple(receipt for source in sources or () for receipt in read_receipts(source))
    others = sum(receipt.plan_id != plan_id for receipt in found)
    if others:
        screen.note("cli.receipts_of_others", count=others)
    return found


def change_set_of(plan: AnyPlan | am.ChangeSet) -> am.ChangeSet:
    """Return what a plan would change."""
    return plan.change_set if isinstance(plan, Plan) else plan


def deliver(
    screen: Screen,
    plan: AnyPlan | am.ChangeSet,
    *,
    out: str | None,
    as_json: bool,
    values: bool,
    force: bool,
    asked_by: str | None = None,
) -> int:
    """Write a new plan if a file is named for it, show it, and return the exit code that it calls for.

    Of a plan that a profile asks for, only the findings are shown that the profile may see.
    """
    who = asker_from(asked_by)
    if who is not None and (values or out == STANDARD_STREAM):
        raise BadInput(Problem("asked_by_findings_only", option="--asked-by"))
    if out is not None and out != STANDARD_STREAM:
        write_document(screen, out, document_text(plan), force=force)
    if who is not None:
        return show_findings(screen, plan, who, as_json=as_json)
    return show_plan(screen, plan, as_json=as_json or out == STANDARD_STREAM, values=values)


def asker_from(asked_by: str | None) -> str | None:
    """Return the profile of `--asked-by`; None if it is not given.

    Raises:
        BadInput: No profile can have this id.
    """
    reader = OptionReader()
    who = None if asked_by is None else reader.id("--asked-by", asked_by)
    reader.finish()
    return who


def show_findings(screen: Screen, plan: AnyPlan | am.ChangeSet, asked_by: str, *, as_json: bool) -> int:
    """Show the findings of a plan that a profile may see, and return the exit code that these call for.

    Raises:
        BadInput: It is a change set without its plan, which has no findings.
    """
    if not isinstance(plan, Plan):
        raise BadInput(Problem("asked_by_needs_plan", option="--asked-by"))
    findings = plan.findings_for(asked_by)
    if as_json:
        print_json([{"id": finding.id, "severity": finding.severity} for finding in findings])
    else:
        screen.report(findings_lines(findings, screen.language))
    return FOUND if any(finding.is_blocking for finding in findings) else READY


def show_plan(screen: Screen, plan: AnyPlan | am.ChangeSet, *, as_json: bool, values: bool) -> int:
    """Show a plan as text (with the values that change, if asked for) or as JSON, and return the exit code."""
    blocked = change_set_of(plan).blocked
    if as_json:
        write_output(STANDARD_STREAM, document_text(plan))
        if blocked:
            screen.remark(verdict_lines(plan, screen.language))
    else:
        screen.report(plan_lines(plan, screen.language, values=values))
    return FOUND if blocked else READY


def document_text(plan: AnyPlan | am.ChangeSet) -> str:
    """Return a plan or a change set as the JSON that is shown and written."""
    return am.dumps(plan, indent=2)


def write_document(screen: Screen, target: str, text: str, *, force: bool) -> None:
    """Write a document and say so.

    Raises:
        BadInput: As for `write_output`.
    """
    outcome = write_output(target, text, force=force)
    if outcome != "streamed":
        screen.note(f"cli.{outcome}", path=target)


def print_json(data: Any) -> None:
    """Print plain data as JSON on standard output."""
    write_output(STANDARD_STREAM, json.dumps(data, ensure_ascii=False, indent=2))
