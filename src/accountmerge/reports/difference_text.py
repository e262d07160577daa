"""Differences as text: what a plan that was made anew does otherwise, step by step."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from accountmerge.messages import sentence
from accountmerge.planning.rebasing import DIFFERENCES, Difference
from accountmerge.reports.lines import BLANK, Line, joined, shown, spoken
from accountmerge.reports.plan_text import SHOWN_IDS, verdict_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.planning.rebasing import Rebase, StepDifference
    from accountmerge.reports.lines import LineRole

_ROLES: dict[Difference, LineRole] = {
    "same": "detail",
    "changed": "warning",
    "added": "step",
    "dropped": "step",
}


def difference_lines(rebased: Rebase[Any], language: str = "en") -> Iterator[Line]:
    """Yield the state of the new plan, and what became of each step and finding; no personal value."""
    yield from verdict_lines(rebased.plan, language)
    yield BLANK
    if rebased.is_same:
        yield spoken("report.rebased_same", language, "good")
    else:
        counts = Counter(step.difference for step in rebased.steps)
        facts = {difference: counts[difference] for difference in DIFFERENCES}
        yield spoken("report.rebased", language, "heading", **facts)
    yield from (_step(step, language) for step in rebased.steps)
    for key, ids in {"report.findings_gone": rebased.gone, "report.findings_come": rebased.come}.items():
        if ids:
            yield BLANK
            yield spoken(key, language, "heading")
            yield from (Line(f"  {shown(id)}") for id in ids)


def _step(step: StepDifference, language: str) -> Line:
    what = sentence(f"step.{step.kind}", {}, language)
    ids = (*step.ids[:SHOWN_IDS], *(["…"] if len(step.ids) > SHOWN_IDS else []))
    places = {"before": step.before or 0, "after": step.after or 0}
    key, role = f"report.step_{step.difference}", _ROLES[step.difference]
    return spoken(key, language, role, indent=2, what=what, ids=ids, **places)


def difference_text(rebased: Rebase[Any], language: str = "en") -> str:
    """Return what a plan that was made anew does otherwise as plain text."""
    return joined(difference_lines(rebased, language))
