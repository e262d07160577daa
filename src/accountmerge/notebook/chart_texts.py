"""Texts of charts, in the language of the reader and in one time zone."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from accountmerge.messages import Fact, moment_text, sentence, visible
from accountmerge.model.instants import from_microseconds, rfc3339
from accountmerge.model.texts import plain_text
from accountmerge.model.wall_times import find_zone, wall_time_at

Row: TypeAlias = dict[str, Any]
"""One row of the data of a chart."""
LONGEST_LABEL = 40
"""The longest id or name that is shown whole, in characters."""
UTC_ZONE = "UTC"
_OPENING = "<"
"""The character that begins a tag, which would end the script of a page that has the chart."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

PICTURE_FACTS: dict[str, frozenset[str]] = {
    "actor": frozenset(),
    "after": frozenset(),
    "appointment": frozenset(),
    "before": frozenset(),
    "blackout": frozenset(),
    "blackouts": frozenset(),
    "blocked": frozenset({"codes"}),
    "blocked_member": frozenset({"codes"}),
    "booking": frozenset(),
    "booking_own": frozenset(),
    "booking_rebooked": frozenset(),
    "booking_released": frozenset(),
    "booking_stays": frozenset(),
    "booking_to_move": frozenset(),
    "bookings": frozenset(),
    "cohort_empty": frozenset(),
    "cohort_grouped": frozenset({"most", "days"}),
    "cohort_states": frozenset({"ready", "blocked"}),
    "cohort_title": frozenset({"count"}),
    "count": frozenset(),
    "customer": frozenset(),
    "data": frozenset(),
    "date": frozenset(),
    "day": frozenset(),
    "end_ends": frozenset(),
    "end_joins": frozenset(),
    "end_moves": frozenset(),
    "end_of_data": frozenset(),
    "end_stays": frozenset(),
    "ends_at": frozenset(),
    "hour": frozenset(),
    "kind_access": frozenset(),
    "kind_access_request": frozenset(),
    "kind_appointment": frozenset(),
    "kind_email": frozenset(),
    "kind_phone": frozenset(),
    "kind_record": frozenset(),
    "member": frozenset(),
    "merge_sums": frozenset({"stays", "moves", "joins", "ends"}),
    "merge_title": frozenset({"survivor_id"}),
    "merged_absorbed": frozenset({"count"}),
    "merged_absorbed_one": frozenset({"id"}),
    "merged_survivor": frozenset({"count"}),
    "merged_survivor_one": frozenset({"id"}),
    "merges_states": frozenset({"ready", "blocked"}),
    "merges_title": frozenset({"count"}),
    "merges_without_plan": frozenset({"count"}),
    "name": frozenset(),
    "new_profile": frozenset({"id"}),
    "no_blackout": frozenset(),
    "nothing_left": frozenset(),
    "old_profile": frozenset({"id"}),
    "other_absorbed": frozenset({"count"}),
    "pair": frozenset({"first", "second"}),
    "phase": frozenset(),
    "starts_at": frozenset(),
    "status": frozenset(),
    "steps": frozenset(),
    "steps_due": frozenset(),
    "steps_grouped": frozenset({"most", "count"}),
    "timeline_title": frozenset({"profile_id"}),
    "to_email": frozenset({"email"}),
    "weekday_friday": frozenset(),
    "weekday_monday": frozenset(),
    "weekday_saturday": frozenset(),
    "weekday_sunday": frozenset(),
    "weekday_thursday": frozenset(),
    "weekday_tuesday": frozenset(),
    "weekday_wednesday": frozenset(),
    "weeks_from_plan": frozenset(),
    "weeks_grouped": frozenset({"most", "hours"}),
    "weeks_moved": frozenset({"count", "total"}),
    "weeks_title": frozenset({"date"}),
    "zone": frozenset({"zone"}),
}
"""The sentences of charts, and the facts of each."""


def words(key: str, language: str, /, **facts: Fact) -> str:
    """Return a sentence of charts, with facts that stay text in any page."""
    return as_text(sentence(f"picture.{key}", facts, language))


def as_text(text: str) -> str:
    """Return text that a chart shows as it is, also inside the script of a page.

    Control and format characters are escaped as in a Python literal, and so is the character that begins a tag.
    """
    return visible(text).replace(_OPENING, "\\x3c")


def label(text: str, longest: int = LONGEST_LABEL) -> str:
    """Return an id or a name as text, cut if it is long."""
    shown = as_text(text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def labels(ids: Iterable[str]) -> dict[str, str]:
    """Return a label for each id; ids that are cut to the same label get a number."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for id in dict.fromkeys(ids):
        own, number = label(id), 1
        while own in taken:
            number += 1
            own = f"{label(id)} ({number})"
        taken.add(own)
        found[id] = own
    return found


def checked_zone(zone: object) -> str:
    """Return the name of a time zone; refuse an unknown one."""
    name = plain_text(zone)
    find_zone(name)
    return name


def wall(whole: int, zone: str) -> datetime:
    """Return the wall time of an instant in a zone, without its offset.

    In UTC if the calendar of the zone ends before.
    """
    return wall_time_at(whole, zone) or from_microseconds(whole).replace(tzinfo=None, microsecond=0)


def chart_time(whole: int, zone: str) -> int:
    """Return the wall time of an instant as charts count time, in milliseconds.

    The charts have the scale of UTC, so that they show this wall time on every machine.
    """
    return int(datetime.combine(wall(whole, zone).date(), wall(whole, zone).time(), UTC).timestamp() * 1000)


def time_text(whole: int, zone: str, language: str) -> str:
    """Return an instant in words, with its zone."""
    return as_text(moment_text(rfc3339(whole), language, zone=zone))


def short_time(whole: int, zone: str) -> str:
    """Return the wall time of an instant without its offset, such as `2026-03-02 09:00`."""
    return wall(whole, zone).isoformat(" ", "minutes")


def day_label(day: date, language: str) -> str:
    """Return a weekday and the day of the month, such as `Mon 2`."""
    return (
        f"{words(f'weekday_{WEEKDAYS[calendar.weekday(day.year, day.month, day.day)]}', language)} {day.day}"
    )
