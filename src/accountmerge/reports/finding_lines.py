"""The report of findings, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accountmerge.findings.finding import Finding
from accountmerge.messages import sentence
from accountmerge.reports.lines import Line, LineRole, joined, shown, spoken


def finding_lines(finding: Finding, language: str = "en") -> Iterator[Line]:
    """Yield the severity, id, sentence and remedy of a finding, without personal values."""
    role: LineRole = "blocker" if finding.is_blocking else "warning"
    word = sentence("report.accepted" if finding.accepted else f"report.{role}", {}, language)
    yield Line(f"  {word} {shown(finding.id)}", role)
    yield Line(f"    {shown(finding.describe(language))}")
    yield spoken("report.remedy", language, "detail", indent=4, text=finding.advise(language))


def findings_lines(findings: Iterable[Finding], language: str = "en") -> Iterator[Line]:
    """Yield the findings of a snapshot and their number, or one sentence if there are none."""
    count = 0
    for count, finding in enumerate(findings, start=1):  # noqa: B007 - the last count is reported
        yield from finding_lines(finding, language)
    if count:
        yield spoken("report.found", language, "heading", count=count)
    else:
        yield spoken("report.clean", language, "good")


def findings_text(findings: Iterable[Finding], language: str = "en") -> str:
    """Return findings and their number as plain text.

    Args:
        findings: Findings, such as the result of `am.find_faults` or `plan.findings_for`.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(findings_lines(findings, language))
