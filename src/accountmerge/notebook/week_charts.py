"""The picture of a week of the old and the new profile, before and after a migration."""

from __future__ import annotations

import math
from datetime import date, timedelta

import altair as alt

from accountmerge.errors import InvalidValueError
from accountmerge.messages import sentence
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.weekly_hours import plain_date
from accountmerge.notebook.booked_weeks import DAYS, booked_week, zone_of
from accountmerge.notebook.chart_texts import as_text, checked_zone, day_label, words
from accountmerge.notebook.palette import (
    BLACK,
    DARK_GREY,
    MOST_BARS,
    PALE,
    SKY,
)
from accountmerge.notebook.titles import Picture, note, rows, titled
from accountmerge.notebook.unready_plans import state_of
from accountmerge.notebook.week_rows import CELL_HOURS, WeekRows, week_rows

_WIDTH, _HEIGHT = 300, 260
_MOST_TICKS = 9


def weeks(
    plan: MigrationPlan,
    snapshot: Snapshot | None = None,
    *,
    day: date | None = None,
    language: str = "en",
    zone: str | None = None,
    values: bool = False,
) -> Picture:
    """Return a chart of one week of both profiles, before and after a migration.

    Each live booking is a bar. Colour and sign say whether it stays, is to be rebooked, was rebooked, was cancelled as
    rebooked, or was in the new profile before. The time in which availability is off is grey. More than 240 bars are
    counted in cells of two hours, and the subtitle says so. A blocked plan, or one without steps, gives a chart with
    the reason.

    Args:
        plan: The plan of the migration.
        snapshot: The data of the plan, for the bookings that the plan does not change. Default: they are left out.
        day: Any day of the week to show. Default: the day of the first booking that moves.
        language: One of `accountmerge.messages.LANGUAGES`.
        zone: The IANA zone of the times. Default: the zone of the profile's hours.
        values: Whether the addresses of the profiles and the names of the customers are shown too. They are personal.

    Raises:
        InvalidValueError: An argument has the wrong type, or the zone is unknown.
    """
    if not isinstance(plan, MigrationPlan):
        raise InvalidValueError("wrong_type", field="plan", wanted="migration_plan")
    if snapshot is not None:
        require_snapshot(snapshot)
    shown_zone = zone_of(plan) if zone is None else checked_zone(zone)
    week = booked_week(plan, snapshot, None if day is None else plain_date(day), shown_zone)
    title = words("weeks_title", language, date=week.first_day.isoformat())
    zoned = words("zone", language, zone=week.zone)
    reason = state_of(plan, language)
    if reason is not None:
        return note(title, [zoned], reason)
    subtitle = [words("weeks_moved", language, count=week.moved, total=week.total), zoned]
    if snapshot is None:
        subtitle.append(words("weeks_from_plan", language))
    drawn = week_rows(plan, snapshot, week, language, values=values)
    if drawn.is_counted:
        subtitle.append(words("weeks_grouped", language, most=MOST_BARS, hours=CELL_HOURS))
    axes = _Axes(week.first_day, drawn.hours, language)
    marks = [_day_lines(axes), _blackout_mark(axes, drawn.colours, language)]
    if drawn.is_counted:
        marks += _counted_marks(axes, language)
    else:
        marks += _booked_marks(axes, drawn.colours, language, values=values)
    return titled(_faceted(marks, drawn), title, subtitle)


class _Axes:
    """The axes of every panel, with the days of a week and the hours of a day."""

    def __init__(self, first_day: date, hours: tuple[int, int], language: str) -> None:
        self._days = [day_label(first_day + timedelta(days=n), language) for n in range(DAYS)]
        self._hours = hours
        self._language = language

    def x(self, field: str = "left") -> alt.X:
        """Return the axis of days, on which each day has the length one."""
        names = ", ".join(f"'{name}'" for name in self._days)
        axis = alt.Axis(
            title=words("day", self._language),
            values=[n + 0.5 for n in range(DAYS)],
            labelExpr=f"[{names}][floor(datum.value)]",
            labelOverlap=False,
            labelFontSize=10,
            grid=False,
            ticks=False,
        )
        return alt.X(field, type="quantitative", scale=alt.Scale(domain=[0, DAYS], nice=False), axis=axis)

    def y(self, field: str = "start") -> alt.Y:
        """Return the axis of hours, the earliest on top."""
        first, last = self._hours
        names = ", ".join(f"'{_hour(n, self._language)}'" for n in range(25))
        axis = alt.Axis(
            title=words("hour", self._language),
            values=list(range(first, last + 1, max(1, math.ceil((last - first) / _MOST_TICKS)))),
            labelExpr=f"[{names}][datum.value]",
        )
        return alt.Y(field, type="quantitative", scale=alt.Scale(domain=[last, first], nice=False), axis=axis)


def _hour(hour: int, language: str) -> str:
    return as_text(sentence("report.clock_hour", {"hour": hour}, language))


def _faceted(marks: list[alt.Chart], drawn: WeekRows) -> Picture:
    """Return the four panels, for before and after, and for both profiles."""
    header = alt.Header(labelLimit=_WIDTH)
    layers = alt.layer(*marks).properties(width=_WIDTH, height=_HEIGHT)
    return layers.facet(
        data=rows(drawn.data),
        column=alt.Column("place", type="nominal", sort=drawn.profiles, title=None, header=header),
        row=alt.Row(
            "side", type="nominal", sort=drawn.sides, title=None, header=alt.Header(labelOrient="left")
        ),
        spacing=14,
    )


def _part(name: str) -> alt.Chart:
    """Return a chart of the rows of one part."""
    part: alt.Chart = alt.Chart().transform_filter(f"datum.part === '{name}'")
    return part


def _day_lines(axes: _Axes) -> alt.Chart:
    lines: alt.Chart = _part("day").mark_rule(color=PALE).encode(x=axes.x())
    return lines


def _colour(colours: dict[str, str], language: str) -> alt.Color:
    """Return the colours of bookings and of the blackout, with a legend of those that occur."""
    legend = alt.Legend(
        title=words("booking", language),
        orient="bottom",
        columns=3,
        symbolStrokeColor=BLACK,
        symbolStrokeWidth=0.7,
        symbolType="square",
    )
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color("role", type="nominal", scale=scale, sort=None, legend=legend)


def _blackout_mark(axes: _Axes, colours: dict[str, str], language: str) -> alt.Chart:
    mark: alt.Chart = _part("blackout").mark_rect(stroke=DARK_GREY, strokeDash=[3, 2], strokeWidth=0.7)
    colour, tip = _colour(colours, language), alt.Tooltip("role:N", title=words("booking", language))
    return mark.encode(x=axes.x(), x2="right", y=axes.y(), y2="end", color=colour, tooltip=[tip])


def _booked_marks(axes: _Axes, colours: dict[str, str], language: str, *, values: bool) -> list[alt.Chart]:
    """Return the marks of single bookings, each with the sign of its role."""
    tips = {
        "id": "appointment",
        "role": "booking",
        "customer": "customer",
        "starts_at": "starts_at",
        "ends_at": "ends_at",
        "status": "status",
        **({"name": "name"} if values else {}),
    }
    bar = (
        _part("booking")
        .mark_rect(stroke=BLACK, strokeWidth=0.7)
        .encode(
            x=axes.x(),
            x2="right",
            y=axes.y(),
            y2="end",
            color=_colour(colours, language),
            tooltip=[alt.Tooltip(f"{name}:N", title=words(key, language)) for name, key in tips.items()],
        )
    )
    sign = _part("booking").mark_text(color=BLACK, fontSize=16, fontWeight="bold")
    return [bar, sign.encode(x=axes.x("centre"), y=axes.y("middle"), text="sign:N")]


def _counted_marks(axes: _Axes, language: str) -> list[alt.Chart]:
    """Return the marks of counted cells, each with its number."""
    title = words("bookings", language)
    shade = alt.Opacity(
        "count", type="quantitative", title=title, scale=alt.Scale(range=[0.25, 1]), legend=None
    )
    cell = (
        _part("cell")
        .mark_rect(color=SKY, stroke=BLACK, strokeWidth=0.7)
        .encode(
            x=axes.x(),
            x2="right",
            y=axes.y(),
            y2="end",
            opacity=shade,
            tooltip=[alt.Tooltip("count:Q", title=title, format="d")],
        )
    )
    number = _part("cell").mark_text(color=BLACK, fontSize=12, fontWeight="bold")
    return [cell, number.encode(x=axes.x("centre"), y=axes.y("middle"), text=alt.Text("count:Q", format="d"))]
