"""The short report of a plan, and the report of one step."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeVar

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.steps import Step
from accountmerge.findings.finding import Finding
from accountmerge.kinds import AnyPlan
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.reports.finding_lines import finding_lines
from accountmerge.reports.lines import Line, in_words_of, joined, spoken
from accountmerge.reports.plan_lines import (
    ledger_lines,
    lost_value_lines,
    obligation_lines,
    section_lines,
    step_lines,
    summary_lines,
)

ItemT = TypeVar("ItemT")


def brief_text(plan: AnyPlan | ChangeSet, language: str = "en") -> str:
    """Return a plan or a change set as short plain text.

    It has the counts, the first finding of each code, the first and the last step of each kind, the first obligation of
    each kind, and the number of those that are left out.

    Args:
        plan: The plan; of a change set without its plan, the findings are unknown.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(brief_lines(plan, language))


def brief_lines(plan: AnyPlan | ChangeSet, language: str = "en", *, values: bool = False) -> Iterator[Line]:
    """Yield a plan or a change set as a short report, without personal values unless `values` is set."""
    change_set = change_set_of(plan)
    language = in_words_of(plan, language)
    yield from summary_lines(plan, language)
    if isinstance(plan, Plan):
        for heading, findings in (("report.blockers", plan.blockers), ("report.warnings", plan.warnings)):
            yield from section_lines(heading, brief_finding_lines(findings, language), language)
    yield from section_lines("report.steps", _steps(change_set.steps, language, values=values), language)
    lost = lost_value_lines(change_set.ledger, language) if values else ledger_lines(change_set, language)
    yield from section_lines("report.ledger", _few(list(lost), language), language)
    yield from section_lines("report.obligations", _obligations(change_set, language), language)


def one_step_lines(
    plan: AnyPlan | ChangeSet, ordinal: int, language: str = "en", *, values: bool = False
) -> Iterator[Line]:
    """Yield one step with its reason and its edits.

    Args:
        plan: The plan or change set.
        ordinal: The ordinal of a step that exists.
        language: One of `accountmerge.messages.LANGUAGES`.
        values: Whether changed values are shown too. They are personal.
    """
    yield from step_lines(change_set_of(plan).steps[ordinal - 1 : ordinal], language, values=values)


def brief_finding_lines(findings: Sequence[Finding], language: str) -> Iterator[Line]:
    """Yield the first finding of each code, and the number of the others."""
    for _, same in _by(findings, lambda finding: (finding.code, finding.accepted is not None)):
        yield from finding_lines(same[0], language)
        if len(same) > 1:
            facts: dict[str, Any] = {"count": len(same) - 1, "kind": same[0].code}
            yield spoken("report.more_findings", language, "detail", indent=4, **facts)


def _steps(steps: Sequence[Step], language: str, *, values: bool) -> Iterator[Line]:
    """Yield the first and the last step of each kind, and the number of the others."""
    for _, same in _by(steps, lambda step: step.kind):
        if len(same) <= _FEW:
            yield from step_lines(same, language, values=values)
            continue
        yield from step_lines(same[:1], language, values=values)
        yield spoken("report.more_steps", language, "detail", indent=6, count=len(same) - 2)
        yield from step_lines(same[-1:], language, values=values)


_FEW = 3
"""The most steps of a kind, or lines, that are shown whole: a line about the rest would take as much place."""


def _obligations(change_set: ChangeSet, language: str) -> Iterator[Line]:
    kinds = _by(change_set.obligations, lambda obligation: (obligation.kind, obligation.when))
    for _, same in kinds:
        yield from obligation_lines(same[:1], language)
        if len(same) > 1:
            yield spoken("report.more_lines", language, "detail", indent=4, count=len(same) - 1)


def _few(lines: Sequence[Line], language: str) -> Iterator[Line]:
    """Yield the first lines, and the number of the others."""
    shown = lines if len(lines) <= _FEW + 1 else lines[:_FEW]
    yield from shown
    if len(lines) > len(shown):
        yield spoken("report.more_lines", language, "detail", indent=4, count=len(lines) - len(shown))


def _by(items: Sequence[ItemT], key: Callable[[ItemT], Hashable]) -> Iterator[tuple[Hashable, list[ItemT]]]:
    """Yield items in groups with the same key, in the order of the first of each group."""
    groups: dict[Hashable, list[ItemT]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    yield from groups.items()
