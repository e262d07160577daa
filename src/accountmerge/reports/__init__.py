"""Texts, cells and HTML reports for people about plans, change sets and findings, and redacted views."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.reports.brief_report import brief_text
    from accountmerge.reports.cell_parts import Cell
    from accountmerge.reports.cells import cell
    from accountmerge.reports.contract_text import (
        check_text,
        difference_text,
        explanation_text,
        progress_text,
    )
    from accountmerge.reports.customer_text import login_text, match_text
    from accountmerge.reports.finding_lines import findings_text
    from accountmerge.reports.html_report import html
    from accountmerge.reports.migration_text import status_text, timeline_text, visibility_text, window_text
    from accountmerge.reports.redacting import redacted

__all__ = [
    "Cell",
    "brief_text",
    "cell",
    "check_text",
    "difference_text",
    "explanation_text",
    "findings_text",
    "html",
    "login_text",
    "match_text",
    "progress_text",
    "redacted",
    "status_text",
    "timeline_text",
    "visibility_text",
    "window_text",
]

_HOMES = {
    "brief_text": "reports.brief_report",
    "Cell": "reports.cell_parts",
    "cell": "reports.cells",
    "check_text": "reports.contract_text",
    "difference_text": "reports.contract_text",
    "explanation_text": "reports.contract_text",
    "findings_text": "reports.finding_lines",
    "html": "reports.html_report",
    "login_text": "reports.customer_text",
    "match_text": "reports.customer_text",
    "progress_text": "reports.contract_text",
    "redacted": "reports.redacting",
    "status_text": "reports.migration_text",
    "timeline_text": "reports.migration_text",
    "visibility_text": "reports.migration_text",
    "window_text": "reports.migration_text",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
