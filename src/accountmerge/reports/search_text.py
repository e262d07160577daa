"""Searches as text: the customers that were found, by ids and record numbers and never by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.messages import sentence
from accountmerge.reports.lines import Line, joined, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.snapshots import Snapshot
    from accountmerge.views.customer_search import CustomerMatch


def match_lines(matches: Iterable[CustomerMatch], snapshot: Snapshot, language: str = "en") -> Iterator[Line]:
    """Yield the customers that were found, and how many; one sentence if that is nobody.

    Args:
        matches: What was found.
        snapshot: Where: it knows the record numbers.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    count = 0
    for count, match in enumerate(matches, start=1):  # noqa: B007 - the last count is what is told
        number = snapshot.customers[match.customer_id].record_number
        by = sentence(f"report.by_{match.by}", {}, language)
        text = sentence("report.match", {"id": match.customer_id, "number": number, "by": by}, language)
        if match.merged_into is not None:
            text = sentence("report.match_merged", {"text": text, "id": match.merged_into}, language)
        elif match.status == "disabled":
            text = sentence("report.match_disabled", {"text": text}, language)
        yield Line(f"  {shown(text)}")
    if count:
        yield spoken("report.matches", language, "heading", count=count)
    else:
        yield spoken("report.no_match", language, "warning")


def match_text(matches: Iterable[CustomerMatch], snapshot: Snapshot, language: str = "en") -> str:
    """Return the customers that were found as plain text."""
    return joined(match_lines(matches, snapshot, language))
