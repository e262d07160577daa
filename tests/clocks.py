"""What clocks show: an oracle of weekly hours that only converts forward, quarter by quarter."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from accountmerge.model.instants import microseconds
from accountmerge.model.weekly_hours import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import accountmerge as am

QUARTER = timedelta(minutes=15)


@cache
def shown_around(zone: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Return what clocks show around a date, quarter by quarter: the instant and the clock."""
    first = datetime.combine(day, time(), UTC) - timedelta(hours=40)
    instants = (first + number * QUARTER for number in range(4 * 110))
    return tuple((at, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for at in instants)


def first_reading(zone: str, wall: datetime) -> datetime:
    """Return when clocks first show a time; of one they skip, when they would have without the gap."""
    shown = shown_around(zone, wall.date())
    exact = [at for at, clock in shown if clock == wall]
    if exact:
        return exact[0]
    last, clock = max((pair for pair in shown if pair[1] < wall), key=lambda pair: pair[1])
    return last + (wall - clock)


def open_microseconds(hours: am.WeeklyHours, within: am.TimeSlot) -> Iterator[tuple[int, int]]:
    """Yield each stretch of each day inside a slot, as the oracle reads it."""
    day = (within.start - timedelta(days=4)).date()
    while day < within.end.date() + timedelta(days=4):
        for stretch in () if day in hours.closed else dict(hours.days).get(WEEKDAYS[day.weekday()], ()):
            end_day = day + timedelta(days=stretch.end <= stretch.start)
            start = first_reading(hours.zone, datetime.combine(day, stretch.start))
            end = first_reading(hours.zone, datetime.combine(end_day, stretch.end))
            start_us, end_us = (
                max(microseconds(start), within.start_us),
                min(microseconds(end), within.end_us),
            )
            if start_us < end_us:
                yield start_us, end_us
        day += timedelta(days=1)
