"""Findings as text: how grave each is, what is wrong, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.messages import sentence
from accountmerge.reports.lines import Line, joined, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.findings.finding import Finding
    from accountmerge.reports.lines import LineRole


def finding_lines(finding: Finding, language: str = "en") -> Iterator[Line]:
    """Yield a finding: its gravity and id, the sentence, the remedy; no personal value."""
    role: LineRole = "blocker" if finding.is_blocking else "warning"
    word = sentence("report.accepted" if finding.accepted else f"report.{role}", {}, language)
    yield Line(f"  {word} {shown(finding.id)}", role)
    yield Line(f"    {shown(finding.describe(language))}")
    yield spoken("report.remedy", language, "detail", indent=4, text=finding.advise(language))


def findings_lines(findings: Iterable[Finding], language: str = "en") -> Iterator[Line]:
    """Yield what was found in a snapshot, and how much; one sentence if that is nothing."""
    count = 0
    for count, finding in enumerate(findings, start=1):  # noqa: B007 - the last count is what is told
        yield from finding_lines(finding, language)
    if count:
        yield spoken("report.found", language, "heading", count=count)
    else:
        yield spoken("report.clean", language, "good")


def findings_text(findings: Iterable[Finding], language: str = "en") -> str:
    """Return what was found in a snapshot as plain text."""
    return joined(findings_lines(findings, language))
