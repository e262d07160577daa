"""The picture of a week of the old and the new profile, before and after a migration."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import altair as alt

from accountmerge.errors import InvalidValueError
from accountmerge.migrations.plan import MigrationPlan, new_profile, old_profile, planned_profile
from accountmerge.model.appointments import Appointment
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import plain_date
from accountmerge.notebook.booked_weeks import (
    DAYS,
    PLACES,
    SIDES,
    BookedWeek,
    Place,
    Role,
    Side,
    booked_week,
    stretches,
    zone_of,
)
from accountmerge.notebook.chart_texts import (
    LONGEST_LABEL,
    checked_zone,
    day_label,
    label,
    time_text,
    words,
)
from accountmerge.notebook.palette import (
    BLACK,
    DARK_GREY,
    GREEN,
    GREY,
    MOST_BARS,
    ORANGE,
    PALE,
    SKY,
    WHITE,
)
from accountmerge.notebook.titles import Picture, Row, note, rows, titled
from accountmerge.notebook.unready_plans import state_of

_LOOKS: dict[Role, tuple[str, str]] = {
    "to_move": (ORANGE, "→"),
    "released": (WHITE, "\N{MULTIPLICATION SIGN}"),
    "rebooked": (SKY, "←"),
    "stays": (GREY, "="),
    "own": (GREEN, "•"),
}
"""The colour of each role of a booking, and the sign inside its bar, so that no reader depends on the colour."""
_CELL_HOURS = 2
"""The length of a cell in which bookings are counted, in hours."""
_WIDTH, _HEIGHT = 350, 280
_SHORTEST_SIGN = 0.5
"""The shortest bar with a sign in it, in hours."""
_OFFICE = (9, 17)
"""The hours of the day that an empty week shows."""
_MOST_TICKS = 9
_FEWEST_HOURS = 6
_SHORT_LABEL = 14
"""The longest id that is shown whole beside an address."""
_MOST_LANES = 3
"""The most bars side by side that are wide enough for a sign."""


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
    title = words("weeks_title", language, day=week.first_day.isoformat())
    zoned = words("zone", language, zone=week.zone)
    reason = state_of(plan, language)
    if reason is not None:
        return note(title, [zoned], reason)
    subtitle = [words("weeks_moved", language, count=week.moved, total=week.total), zoned]
    if snapshot is None:
        subtitle.append(words("weeks_from_plan", language))
    panels = _panels(plan, snapshot, language, values=values)
    names = _names(snapshot) if values else {}
    bars = list(_bars(week, names))
    if len(bars) > MOST_BARS:
        subtitle.append(words("weeks_grouped", language, most=MOST_BARS, hours=_CELL_HOURS))
        bars = list(_cells(bars))
    used = [role for role in _LOOKS if any(bar.get("role") == role for bar in bars)]
    roles = {role: f"{_LOOKS[role][1]} {words(f'booking_{role}', language)}" for role in used}
    colours = {text: _LOOKS[role][0] for role, text in roles.items()}
    off = _blackout(plan, week, language)
    if off:
        colours[words("blackout", language)] = PALE
    hours = _hours([*bars, *off])
    axes = _Axes(week.first_day, hours, language)
    marks = [_day_lines(axes), _blackout_mark(axes, colours, language)]
    marks += (
        _booked_marks(axes, colours, language, values=values) if roles else _counted_marks(axes, language)
    )
    lines = [
        {"part": "day", "left": line, **_of(panel)} for line in range(1, DAYS) for panel in _each_panel()
    ]
    data = [*lines, *_within([*off, *bars], hours)]
    sides = {side: words(side, language) for side in SIDES}
    named = [_worded(row, sides, panels, roles) for row in data]
    return titled(_faceted(marks, named, list(sides.values()), list(panels.values())), title, subtitle)


def _each_panel() -> Iterator[tuple[Side, Place]]:
    return ((side, place) for side in SIDES for place in PLACES)


def _of(panel: tuple[Side, Place]) -> Row:
    return {"side": panel[0], "place": panel[1]}


def _panels(
    plan: MigrationPlan, snapshot: Snapshot | None, language: str, *, values: bool
) -> dict[Place, str]:
    """Return the heading of each profile."""
    ids = {"old": plan.request.profile_id, "new": plan.successor_id or ""}
    room = _SHORT_LABEL if values else LONGEST_LABEL
    heads = {place: words(f"{place}_profile", language, id=label(id, room)) for place, id in ids.items()}
    if values:
        old = None if snapshot is None else old_profile(snapshot, plan)
        new = planned_profile(plan) or (None if snapshot is None else new_profile(snapshot, plan))
        emails = {
            "old": old and old.email.text,
            "new": new.email.text if new else plan.request.new_email.text,
        }
        heads |= {place: f"{heads[place]}, {label(email)}" for place, email in emails.items() if email}
    return {place: heads[place] for place in PLACES}


def _names(snapshot: Snapshot | None) -> dict[str, str]:
    """Return the name of each customer, by id."""
    customers = () if snapshot is None else snapshot.customers
    return {
        row.id: label(" ".join(part for part in (row.given_name, row.family_name) if part))
        for row in customers
    }


def _bars(week: BookedWeek, names: dict[str, str]) -> Iterator[Row]:
    """Yield a row for each booking of each panel and day, beside the bookings of the same time."""
    panels: dict[tuple[Side, Place, int], list[tuple[float, float, Role, Appointment]]] = defaultdict(list)
    for side, place, role, row in week.bookings:
        for part in stretches(row.slot, week.first_day, week.zone):
            panels[side, place, part.day].append((part.start, part.end, role, row))
    for (side, place, day), parts in panels.items():
        for lane, lanes, (start, end, role, row) in _in_lanes(parts):
            bar = _bar(start, end, role, row, week.zone)
            left, right = day + 0.04 + 0.92 * lane / lanes, day + 0.04 + 0.92 * (lane + 1) / lanes
            sign = _LOOKS[role][1] if end - start >= _SHORTEST_SIGN and lanes <= _MOST_LANES else ""
            place_of = {"side": side, "place": place, "day": day, **_span(left, right)}
            named = {"name": names.get(row.customer_id, "")} if names else {}
            yield {"part": "booking", **place_of, **bar, "sign": sign, **named}


def _span(left: float, right: float) -> Row:
    return {"left": round(left, 4), "centre": round((left + right) / 2, 4), "right": round(right, 4)}


def _bar(start: float, end: float, role: Role, row: Appointment, zone: str) -> Row:
    return {
        "role": role,
        "start": round(start, 4),
        "end": round(end, 4),
        "middle": round((start + end) / 2, 4),
        "id": label(row.id),
        "customer": label(row.customer_id),
        "status": row.status,
        "starts_at": time_text(row.slot.start_us, zone),
        "ends_at": time_text(row.slot.end_us, zone),
    }


def _in_lanes(parts: list[tuple[float, float, Role, Appointment]]) -> Iterator[tuple[int, int, Any]]:
    """Yield the bookings of a day, each with its lane and the number of lanes of the bookings around it."""
    parts = sorted(parts, key=lambda part: (part[0], part[1], part[3].id))
    group: list[tuple[int, Any]] = []
    ends: list[float] = []
    for part in parts:
        if group and part[0] >= max(ends):
            yield from ((lane, len(ends), each) for lane, each in group)
            group, ends = [], []
        lane = next((lane for lane, end in enumerate(ends) if end <= part[0]), len(ends))
        ends[lane : lane + 1] = [part[1]]
        group.append((lane, part))
    yield from ((lane, len(ends), each) for lane, each in group)


def _cells(bars: list[Row]) -> Iterator[Row]:
    """Yield the number of bookings that are live, for each cell of hours in which some begin."""
    counts = Counter(
        (bar["side"], bar["place"], bar["day"], int(bar["start"] // _CELL_HOURS))
        for bar in bars
        if bar["role"] != "released"
    )
    for (side, place, day, cell), count in sorted(counts.items()):
        start = cell * _CELL_HOURS
        yield {
            "part": "cell",
            "side": side,
            "place": place,
            "day": day,
            **_span(day + 0.04, day + 0.96),
            "start": start,
            "end": start + _CELL_HOURS,
            "middle": start + _CELL_HOURS / 2,
            "count": count,
        }


def _blackout(plan: MigrationPlan, week: BookedWeek, language: str) -> list[Row]:
    """Return the parts of the week in which availability is off, in both profiles and on both sides."""
    slots: list[TimeSlot] = [] if plan.blackout is None else [plan.blackout]
    return [
        {
            "part": "blackout",
            "role": words("blackout", language),
            "left": part.day,
            "right": part.day + 1,
            "start": part.start,
            "end": part.end,
            **_of(panel),
        }
        for slot in slots
        for part in stretches(slot, week.first_day, week.zone)
        for panel in _each_panel()
    ]


def _hours(data: list[Row]) -> tuple[int, int]:
    """Return the first and the last hour of the day that a chart needs: those of bookings, else of the blackout."""
    booked = [row for row in data if row["part"] != "blackout"] or data
    first = math.floor(min((row["start"] for row in booked), default=_OFFICE[0]))
    last = math.ceil(max((row["end"] for row in booked), default=_OFFICE[1]))
    return min(first, 24 - _FEWEST_HOURS), max(last, first + _FEWEST_HOURS)


def _within(data: list[Row], hours: tuple[int, int]) -> list[Row]:
    """Return what is in the hours that a chart shows, cut where it leaves them, because panels do not cut."""
    first, last = hours
    return [
        {**row, "start": max(row["start"], first), "end": min(row["end"], last)}
        for row in data
        if row["start"] < last and row["end"] > first
    ]


def _worded(row: Row, sides: dict[Side, str], panels: dict[Place, str], roles: dict[Role, str]) -> Row:
    """Return a row with the words of its panel and of its role."""
    role = {"role": roles.get(row["role"], row["role"])} if "role" in row else {}
    return {**row, "side": sides[row["side"]], "place": panels[row["place"]], **role}


class _Axes:
    """The two axes of every panel: the days of a week, and the hours of a day."""

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
            grid=False,
            ticks=False,
        )
        return alt.X(field, type="quantitative", scale=alt.Scale(domain=[0, DAYS], nice=False), axis=axis)

    def y(self, field: str = "start") -> alt.Y:
        """Return the axis of hours, the earliest on top."""
        first, last = self._hours
        axis = alt.Axis(
            title=words("hour", self._language),
            values=list(range(first, last + 1, max(1, math.ceil((last - first) / _MOST_TICKS)))),
            labelExpr="datum.value + ':00'",
        )
        return alt.Y(field, type="quantitative", scale=alt.Scale(domain=[last, first], nice=False), axis=axis)


def _faceted(marks: list[alt.Chart], data: list[Row], sides: list[str], panels: list[str]) -> Picture:
    """Return the four panels: before and after, old and new profile."""
    header = alt.Header(labelLimit=_WIDTH)
    layers = alt.layer(*marks).properties(width=_WIDTH, height=_HEIGHT)
    return layers.facet(
        data=rows(data),
        column=alt.Column("place", type="nominal", sort=panels, title=None, header=header),
        row=alt.Row("side", type="nominal", sort=sides, title=None, header=alt.Header(labelOrient="left")),
        spacing=14,
    )


def _part(name: str) -> alt.Chart:
    """Return a chart of the rows of one part."""
    part: alt.Chart = alt.Chart().transform_filter(f"datum.part === '{name}'")
    return part


def _day_lines(axes: _Axes) -> alt.Chart:
    return _part("day").mark_rule(color=PALE).encode(x=axes.x())


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
