"""The cell of a report of the conformance kit. The kit is above this package, and gives its report."""

from __future__ import annotations

from typing import Any

from accountmerge.reports.cell_parts import Cell, RowsOf, Said, shown_counts
from accountmerge.reports.data_cells import column

_LAWS = RowsOf(
    "cell.laws",
    (
        column("law"),
        column("status"),
        ("exercised", lambda result, language: shown_counts(result.counts.items(), language)),
        ("why", lambda result, _: Said(result.why)),
        ("smallest", lambda result, _: result.failure.scenario if result.failure else None),
    ),
)
_MOST_LAWS = 100
"""More than the longest profile has, so that no law is cut."""


def report_cell(report: Any, language: str = "en") -> Cell:
    """Return the cell of a report, with the result of each law."""
    red = len(report.broken)
    facts = (
        ("profile", report.profile),
        ("level", report.level),
        ("seed", str(report.seed)),
        ("broken", red),
        ("kept", sum(result.status == "pass" for result in report.results)),
    )
    return Cell(
        "Report", (), facts, [_LAWS.rows(report.results, language, most=_MOST_LAWS)], language=language
    )
