"""The rows of the picture of a week, which are bars or counted cells, the blackout and lines."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from accountmerge.messages import sentence
from accountmerge.migrations.plan import MigrationPlan, new_profile, old_profile, planned_profile
from accountmerge.model.appointments import Appointment
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import Value, value_class
from accountmerge.notebook.booked_weeks import DAYS, PLACES, SIDES, BookedWeek, Place, Role, Side, stretches
from accountmerge.notebook.chart_texts import Row, as_text, label, time_text, words
from accountmerge.notebook.palette import GREEN, GREY, MOST_BARS, ORANGE, PALE, SKY, WHITE

LOOKS: dict[Role, tuple[str, str]] = {
    "to_move": (ORANGE, "→"),
    "released": (WHITE, "\N{MULTIPLICATION SIGN}"),
    "rebooked": (SKY, "←"),
    "stays": (GREY, "="),
    "own": (GREEN, "•"),
}
"""The colour of each role of a booking, and the sign inside its bar, so that no reader depends on the colour."""
CELL_HOURS = 2
"""The length of a cell in which bookings are counted, in hours."""
_SHORTEST_SIGN = 0.5
"""The shortest bar with a sign in it, in hours."""
_OFFICE = (9, 17)
"""The hours of the day that an empty week shows."""
_FEWEST_HOURS = 6
_LONG_LABEL = 26
"""The longest id that is shown whole over a panel."""
_SHORT_LABEL = 14
"""The longest id that is shown whole beside an address."""
_MOST_LANES = 3
"""The most bars side by side that are wide enough for a sign."""

_Panel: TypeAlias = tuple[Side, Place, int]
_Part: TypeAlias = tuple[float, float, Role, Appointment, bool]
"""The start and end in hours of a day, the role and the booking, and whether this is its first day of the week."""


@value_class(eq=False, repr=False)
class WeekRows(Value):
    """The rows of the picture of a week.

    Attributes:
        data: The rows, with their words.
        colours: The colour of each word of the legend.
        hours: The first and the last hour of the day that is shown.
        sides: The words for before and after.
        profiles: The headings of the old and the new profile.
        is_counted: Whether bookings are counted in cells, because there are too many.
    """

    data: list[Row]
    colours: dict[str, str]
    hours: tuple[int, int]
    sides: list[str]
    profiles: list[str]
    is_counted: bool


def week_rows(
    plan: MigrationPlan, snapshot: Snapshot | None, week: BookedWeek, language: str, *, values: bool
) -> WeekRows:
    """Return the rows of the picture of a week; names and addresses only if `values` is true."""
    panels = _parts(week)
    is_counted = sum(map(len, panels.values())) > MOST_BARS
    names = _names(snapshot) if values else {}
    bars = list(_cells(panels) if is_counted else _bars(panels, names, week.zone, language))
    off = _blackout(plan, week, language)
    hours = _hours([*bars, *off])
    used = [role for role in LOOKS if any(bar.get("role") == role for bar in bars)]
    roles = {role: f"{LOOKS[role][1]} {words(f'booking_{role}', language)}" for role in used}
    colours = {text: LOOKS[role][0] for role, text in roles.items()}
    colours |= {row["role"]: PALE for row in off}
    lines = [{"part": "day", "left": day, **_of(panel)} for day in range(1, DAYS) for panel in _each_panel()]
    sides = {side: words(side, language) for side in SIDES}
    heads = _panels(plan, week.successor_id, snapshot, language, values=values)
    data = [_worded(row, sides, heads, roles) for row in (*lines, *_within([*off, *bars], hours))]
    return WeekRows(data, colours, hours, list(sides.values()), list(heads.values()), is_counted)


def _parts(week: BookedWeek) -> dict[_Panel, list[_Part]]:
    """Return the parts of all bookings in the days of the week, by side, profile and day."""
    panels: dict[_Panel, list[_Part]] = defaultdict(list)
    for side, place, role, row, parts in week.bookings:
        for part in parts:
            panels[side, place, part.day].append((part.start, part.end, role, row, part is parts[0]))
    return panels


def _bars(
    panels: dict[_Panel, list[_Part]], names: dict[str, str], zone: str, language: str
) -> Iterator[Row]:
    """Yield a row for each booking of each panel and day, beside the bookings of the same time."""
    for (side, place, day), parts in panels.items():
        for lane, lanes, (start, end, role, row, _) in _in_lanes(parts):
            left, right = day + 0.04 + 0.92 * lane / lanes, day + 0.04 + 0.92 * (lane + 1) / lanes
            sign = LOOKS[role][1] if end - start >= _SHORTEST_SIGN and lanes <= _MOST_LANES else ""
            placed = {"side": side, "place": place, "day": day, **_span(left, right)}
            named = {"name": names.get(row.customer_id, "")} if names else {}
            yield {
                "part": "booking",
                **placed,
                **_bar(start, end, role, row, zone, language),
                "sign": sign,
                **named,
            }


def _span(left: float, right: float) -> Row:
    return {"left": round(left, 4), "centre": round((left + right) / 2, 4), "right": round(right, 4)}


def _bar(start: float, end: float, role: Role, row: Appointment, zone: str, language: str) -> Row:
    return {
        "role": role,
        "start": round(start, 4),
        "end": round(end, 4),
        "middle": round((start + end) / 2, 4),
        "id": label(row.id),
        "customer": label(row.customer_id),
        "status": as_text(sentence(f"booking_state.{row.status}", {}, language)),
        "starts_at": time_text(row.slot.start_us, zone, language),
        "ends_at": time_text(row.slot.end_us, zone, language),
    }


def _in_lanes(parts: list[_Part]) -> Iterator[tuple[int, int, _Part]]:
    """Yield the bookings of a day, each with its lane and the number of lanes beside it."""
    parts = sorted(parts, key=lambda part: (part[0], part[1], part[3].id))
    group: list[tuple[int, _Part]] = []
    ends: list[float] = []
    for part in parts:
        if group and part[0] >= max(ends):
            yield from ((lane, len(ends), each) for lane, each in group)
            group, ends = [], []
        lane = next((lane for lane, end in enumerate(ends) if end <= part[0]), len(ends))
        ends[lane : lane + 1] = [part[1]]
        group.append((lane, part))
    yield from ((lane, len(ends), each) for lane, each in group)


def _cells(panels: dict[_Panel, list[_Part]]) -> Iterator[Row]:
    """Yield the number of bookings that are live, for each cell of hours in which some begin."""
    counts = Counter(
        (*panel, int(start // CELL_HOURS))
        for panel, parts in panels.items()
        for start, _, role, _, is_first in parts
        if is_first and role != "released"
    )
    for (side, place, day, cell), count in sorted(counts.items()):
        start = cell * CELL_HOURS
        times = {"start": start, "end": start + CELL_HOURS, "middle": start + CELL_HOURS / 2}
        placed = {"side": side, "place": place, "day": day, **_span(day + 0.04, day + 0.96)}
        yield {"part": "cell", **placed, **times, "count": count}


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


def _each_panel() -> Iterator[tuple[Side, Place]]:
    return ((side, place) for side in SIDES for place in PLACES)


def _of(panel: tuple[Side, Place]) -> Row:
    return {"side": panel[0], "place": panel[1]}


def _panels(
    plan: MigrationPlan, successor_id: str | None, snapshot: Snapshot | None, language: str, *, values: bool
) -> dict[Place, str]:
    """Return the heading of each profile."""
    ids = {"old": plan.request.profile_id, "new": successor_id or ""}
    room = _SHORT_LABEL if values else _LONG_LABEL
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


def _hours(data: list[Row]) -> tuple[int, int]:
    """Return the first and the last hour of the bookings, else of the blackout."""
    booked = [row for row in data if row["part"] != "blackout"] or data
    first = min(math.floor(min((row["start"] for row in booked), default=_OFFICE[0])), 24 - _FEWEST_HOURS)
    last = math.ceil(max((row["end"] for row in booked), default=_OFFICE[1]))
    return first, max(last, first + _FEWEST_HOURS)


def _within(data: list[Row], hours: tuple[int, int]) -> list[Row]:
    """Return the rows in the hours of a chart, cut at its edges."""
    first, last = hours
    return [
        {**row, "start": max(row["start"], first), "end": min(row["end"], last)}
        for row in data
        if row["start"] < last and (row["end"] > first or row["start"] >= first)  # also if it is very short
    ]


def _worded(row: Row, sides: dict[Side, str], panels: dict[Place, str], roles: dict[Role, str]) -> Row:
    """Return a row with the words of its panel and of its role."""
    role = {"role": roles.get(row["role"], row["role"])} if "role" in row else {}
    return {**row, "side": sides[row["side"]], "place": panels[row["place"]], **role}
