"""Windows as text: when availability may be off, what that disturbs, and how long it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.model.wall_time import wall_text
from accountmerge.reports.lines import Line, joined, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.planning.windows import BlackoutEstimate, WindowProposal


def window_lines(proposals: Iterable[WindowProposal], zone: str, language: str = "en") -> Iterator[Line]:
    """Yield the windows, the best one first, each with what it disturbs and how its length came about.

    Args:
        proposals: What was proposed.
        zone: In which zone clocks are read, such as that of the business hours.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    for number, proposal in enumerate(proposals, start=1):
        window = proposal.window
        start, end = (wall_text(whole, zone) for whole in (window.start_us, window.end_us))
        yield spoken("report.window", language, "heading", number=number, start=start, end=end, zone=zone)
        yield from (Line(f"  {shown(text)}") for text in proposal.describe(language).splitlines())


def no_window_lines(estimate: BlackoutEstimate, language: str = "en") -> Iterator[Line]:
    """Yield why there is no window: nobody is known by the id, or nowhere is room for the work.

    Args:
        estimate: Of a blackout from any start on; it knows how much work there is.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    if estimate.problem == "unknown_profile":
        yield Line(shown(estimate.describe(language)), "warning")
        return
    yield spoken("report.no_window", language, "warning", minutes=estimate.minutes)


def window_text(proposals: Iterable[WindowProposal], zone: str, language: str = "en") -> str:
    """Return the windows as plain text."""
    return joined(window_lines(proposals, zone, language))
