"""Explanations as text: what becomes of one thing in a plan, and why; no personal value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.reports.lines import Line, joined, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.explanations.explanation import Explanation


def explanation_lines(explanation: Explanation, language: str = "en") -> Iterator[Line]:
    """Yield an explanation: what becomes of the thing, then each reason on a line of its own."""
    first, *others = explanation.lines(language)
    yield Line(shown(first), "heading")
    yield from (Line(f"  {shown(line)}") for line in others)


def explanation_text(explanation: Explanation, language: str = "en") -> str:
    """Return an explanation as plain text that is safe to show."""
    return joined(explanation_lines(explanation, language))
