"""Titles, subtitles and the look that all charts share."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import altair as alt

from accountmerge.notebook.chart_texts import Row
from accountmerge.notebook.palette import BLACK, DARK_GREY, WHITE

Picture: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart
"""Any chart of this package."""

LINE = 105
"""The most characters of a line of a subtitle: as many as fit over the narrowest chart."""
TITLE_LINE = 70
"""The most characters of a line of a title, which has larger letters."""
NOTE_LINE = 90
"""The most characters of a line of a chart without data."""
MOST_LINES = 12
"""The most lines of a subtitle."""
_NOTE_WIDTH = 620


def lines(texts: Iterable[str], longest: int = LINE) -> list[str]:
    """Return texts in lines that fit over a chart, the first few of them."""
    broken = [line for text in texts for line in textwrap.wrap(text, longest, break_on_hyphens=False)]
    return broken if len(broken) <= MOST_LINES else [*broken[: MOST_LINES - 1], "…"]


def rows(data: Sequence[Row]) -> alt.InlineData:
    """Return rows as the data of a chart."""
    return alt.InlineData(values=list(data))


def titled(chart: Picture, title: str, subtitle: Iterable[str]) -> Picture:
    """Return a chart with a title, a subtitle and the look of all charts."""
    heading = alt.TitleParams(
        text=lines([title], TITLE_LINE),
        subtitle=lines(subtitle),
        anchor="start",
        color=BLACK,
        subtitleColor=DARK_GREY,
        fontSize=16,
        subtitleFontSize=12,
        subtitlePadding=6,
        offset=14,
    )
    shown: Any = chart
    return (  # type: ignore[no-any-return]
        shown.properties(title=heading, background=WHITE, padding=12)
        .configure_axis(
            labelFontSize=12, titleFontSize=12, labelColor=BLACK, titleColor=BLACK, titleFontWeight="normal"
        )
        .configure_header(labelFontSize=12, labelFontWeight="bold", labelColor=BLACK)
        .configure_legend(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelLimit=400, symbolSize=160
        )
        .configure_view(stroke=DARK_GREY)
    )


def note(title: str, subtitle: Iterable[str], text: str) -> Picture:
    """Return a chart that has no data and says why."""
    told = [{"line": number, "text": line} for number, line in enumerate(lines([text], NOTE_LINE))]
    chart = (
        alt.Chart(rows(told), width=_NOTE_WIDTH, height=24 * len(told) + 16)
        .mark_text(align="left", fontSize=13, color=BLACK, x=10)
        .encode(y=alt.Y("line:O", axis=None), text="text:N")
    )
    return titled(chart, title, subtitle)
