"""Axes of days, with the same dates in every language and on every machine."""

from __future__ import annotations

import altair as alt

from accountmerge.notebook.chart_texts import Row

_DAY = 86_400_000  # milliseconds
_TICKS = 5


def day_axis(field: str, data: list[Row], fields: tuple[str, ...], title: str) -> alt.X:
    """Return an axis of whole days that has all times of some fields.

    Args:
        field: The field on the axis, in milliseconds as `chart_time` counts them.
        data: The rows of the chart.
        fields: The fields with times. At least one row has one of them.
        title: The title of the axis.
    """
    times = [row[name] for row in data for name in fields if name in row]
    first, last = min(times) // _DAY, -(-max(times) // _DAY)
    last = max(last, first + 1)
    step = -(-(last - first) // _TICKS)
    ticks = [day * _DAY for day in range(first, last + 1, step)]
    axis = alt.Axis(title=title, values=ticks, format="%Y-%m-%d", labelOverlap=False, labelFlush=False)
    scale = alt.Scale(type="utc", domain=[first * _DAY, last * _DAY], nice=False)
    return alt.X(field, type="temporal", scale=scale, axis=axis)
