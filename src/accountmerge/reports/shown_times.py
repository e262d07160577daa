"""Times and numbers as people read them, in the zone of a profile or an appointment."""

from __future__ import annotations

from datetime import datetime

from accountmerge.errors import InvalidValueError
from accountmerge.messages import sentence
from accountmerge.model.instants import from_microseconds, rfc3339
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.wall_times import find_zone
from accountmerge.reports.markup import Element, element

_TO = "\N{EN DASH}"
UNKNOWN_ZONE = "UTC"
"""The zone of times for which no zone is known."""


def shown_number(count: int, language: str = "en") -> str:
    """Return a number with its digits in groups of three, such as `30,000`."""
    return f"{count:,}".replace(",", sentence("cell.between_thousands", {}, language))


def shown_moment(whole: int, zone: str, language: str = "en") -> str:
    """Return an instant as clocks in a zone show it, such as `Mon 2 Mar 2026, 09:00`, without the zone.

    The offset follows only if clocks show that time twice. The time is in UTC if the calendar of the zone does not
    include the instant.
    """
    return _text(_clock(whole, zone), language)


def shown_span(slot: TimeSlot, zone: str, language: str = "en") -> str:
    """Return a slot as clocks in a zone show it, without the zone and with the date once if it is one."""
    start, end = _clock(slot.start_us, zone), _clock(slot.end_us, zone)
    if start.date() == end.date():
        return f"{_text(start, language)}{_TO}{_time(end)}"
    return f"{_text(start, language)} {_TO} {_text(end, language)}"


def time_element(when: int | TimeSlot, zone: str, language: str = "en") -> Element:
    """Return an instant or a slot for people, with the exact instant of its start for programs."""
    if isinstance(when, TimeSlot):
        return element("time", shown_span(when, zone, language), datetime=rfc3339(when.start_us))
    return element("time", shown_moment(when, zone, language), datetime=rfc3339(when))


def _clock(whole: int, zone: str) -> datetime:
    moment = from_microseconds(whole)
    try:
        return moment.astimezone(find_zone(zone))
    except (InvalidValueError, OverflowError):  # a report must not fail
        return moment


def _text(clock: datetime, language: str) -> str:
    facts = {
        "weekday": sentence("cell.weekdays", {}, language).split()[clock.weekday()],
        "day": clock.day,
        "month": sentence("cell.months", {}, language).split()[clock.month - 1],
        "year": clock.year,
        "time": _time(clock),
    }
    return sentence("cell.moment", facts, language)


def _time(clock: datetime) -> str:
    precision = "auto" if clock.second or clock.microsecond else "minutes"
    text = clock.time().isoformat(precision)
    is_shown_twice = clock.replace(fold=0).utcoffset() != clock.replace(fold=1).utcoffset()
    return text + clock.isoformat()[-6:] if is_shown_twice else text
