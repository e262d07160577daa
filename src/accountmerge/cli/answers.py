"""Answers about a plan as text or as JSON, limited for a profile that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import typer

import accountmerge as am
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import STANDARD_STREAM, print_json, read_plan, write_document, write_output
from accountmerge.cli.option_values import asker_from
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.plans.plan import Plan
from accountmerge.reports.brief_report import brief_lines
from accountmerge.reports.finding_lines import findings_lines
from accountmerge.reports.plan_lines import plan_lines, verdict_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accountmerge.cli.screens import Screen
    from accountmerge.kinds import AnyPlan


def plan_from(
    screen: Screen, source: str, asked_by: str | None = None, *, as_json: bool = False
) -> AnyPlan | am.ChangeSet:
    """Read a plan, or a change set without its plan, for a profile that may see it."""
    who = asker_from(asked_by)
    plan = read_plan(screen, source)
    return plan if who is None else seen_by(screen, plan, who, as_json=as_json)


def seen_by(screen: Screen, plan: AnyPlan | am.ChangeSet, who: str, *, as_json: bool) -> AnyPlan:
    """Return a plan with the findings that a profile may see.

    A change set without its plan has no findings and is refused. If the profile does not treat every customer
    of the plan, only `access_missing` is shown, and the command ends.
    """
    whole = _with_findings(plan)
    findings = whole.findings_for(who)
    if any(finding.code == "access_missing" for finding in findings):
        raise typer.Exit(show_findings(screen, findings, as_json=as_json))
    return attrs.evolve(whole, findings=findings)


def change_set_of(plan: AnyPlan | am.ChangeSet) -> am.ChangeSet:
    """Return the change set of a plan, or the change set itself."""
    return plan.change_set if isinstance(plan, Plan) else plan


def deliver(
    screen: Screen,
    plan: AnyPlan | am.ChangeSet,
    *,
    out: str | None,
    json: bool,
    values: bool,
    force: bool,
    asked_by: str | None = None,
    all: bool = False,  # noqa: A002 - the name of the option
) -> int:
    """Write a new plan if a file is named, show it, and return its exit code.

    A plan is shown in brief, unless all of it is wanted. If a profile asks, only the findings that it may see are shown.
    """
    who = asker_from(asked_by)
    if who is not None and (values or out == STANDARD_STREAM):
        raise BadInput(Problem("asked_by_findings_only", option="--asked-by"))
    if out is not None and out != STANDARD_STREAM:
        write_document(screen, out, document_text(plan), force=force)
    if who is not None:
        return show_findings(screen, _with_findings(plan).findings_for(who), as_json=json)
    if json or out == STANDARD_STREAM:
        return _print_plan(screen, plan)
    lines = plan_lines if all else brief_lines
    screen.report(lines(plan, screen.language, values=values))
    return FOUND if change_set_of(plan).blocked else READY


def show_findings(screen: Screen, findings: Sequence[am.Finding], *, as_json: bool) -> int:
    """Show the findings that a profile may see, and return their exit code."""
    if as_json:
        print_json([{"id": finding.id, "severity": finding.severity} for finding in findings])
    else:
        screen.report(findings_lines(findings, screen.language))
    return FOUND if any(finding.is_blocking for finding in findings) else READY


def _print_plan(screen: Screen, plan: AnyPlan | am.ChangeSet) -> int:
    """Print a plan as JSON, and return its exit code."""
    write_output(STANDARD_STREAM, document_text(plan))
    if not change_set_of(plan).blocked:
        return READY
    screen.remark(verdict_lines(plan, screen.language))
    return FOUND


def _with_findings(plan: AnyPlan | am.ChangeSet) -> AnyPlan:
    if isinstance(plan, am.ChangeSet):
        raise BadInput(Problem("asked_by_needs_plan", option="--asked-by"))
    return plan


def document_text(plan: AnyPlan | am.ChangeSet) -> str:
    """Return a plan or a change set as JSON text."""
    return am.dumps(plan, indent=2)
