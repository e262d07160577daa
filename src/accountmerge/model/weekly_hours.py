"""Weekly hours: when a profile works, as wall-clock rules in a zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.time_slots import TimeSlot, united
from accountmerge.model.wall_time import find_zone, resolve_wall_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

_FIRST_DATE, _LAST_DATE = date.min.toordinal() + 2, date.max.toordinal() - 2
"""The first and the last date of which every stretch lies in the calendar, in whatever zone."""


@attrs.frozen(order=True)
class DailyHours:
    """One stretch of working time in a day, in wall-clock time.

    An end that is not after the start is on the next day: 20:00 to 02:00 runs over midnight, 09:00 to
    09:00 lasts a whole day.
    """

    start: time = attrs.field()
    end: time = attrs.field()

    @start.validator
    @end.validator
    def _check_wall_time(self, _: object, value: time) -> None:
        if value.tzinfo is not None:
            raise InvalidValueError("wall_time_aware")


def _sorted_days(
    days: Mapping[Weekday, Iterable[DailyHours]] | Iterable[tuple[Weekday, Iterable[DailyHours]]],
) -> tuple[tuple[Weekday, tuple[DailyHours, ...]], ...]:
    by_day = dict(days)
    if any(day not in WEEKDAYS for day in by_day):
        raise InvalidValueError("weekday_unknown")
    return tuple((day, tuple(sorted(set(by_day[day])))) for day in WEEKDAYS if by_day.get(day))


def _sorted_dates(dates: Iterable[date]) -> tuple[date, ...]:
    return tuple(sorted(set(dates)))


@attrs.frozen
class WeeklyHours:
    """The working hours of a profile, week after week.

    Args:
        zone: The IANA name of the zone in which the hours are meant.
        days: For each weekday (`monday` … `sunday`) its stretches; a mapping, or pairs.
        closed: Dates on which no stretch starts.

    Raises:
        InvalidValueError: The zone or a weekday is unknown.
    """

    zone: str = attrs.field()
    days: tuple[tuple[Weekday, tuple[DailyHours, ...]], ...] = attrs.field(
        default=(), converter=_sorted_days, kw_only=True
    )
    closed: tuple[date, ...] = attrs.field(default=(), converter=_sorted_dates, kw_only=True)

    @zone.validator
    def _check_zone(self, _: object, value: str) -> None:
        find_zone(value)

    def open_slots(self, within: TimeSlot) -> tuple[TimeSlot, ...]:
        """Return the working time inside a slot, as slots that do not touch, soonest first.

        A stretch over a change of clock has the real hours that clocks show: an hour less in spring, an
        hour more in autumn. A bound in a skipped hour is read with the offset before the gap, one in a
        repeated hour is its first reading. In the first and the last two days of the calendar (years 1 and
        9999) nothing is open, for a stretch there may reach beyond it.
        """
        hours = dict(self.days)
        found: list[TimeSlot] = []
        for day in self._dates(within):
            for stretch in hours.get(WEEKDAYS[day.weekday()], ()):
                slot = self._slot(day, stretch)
                inside = slot and slot.intersection(within)
                if inside:
                    found.append(inside)
        return united(found)

    def _dates(self, within: TimeSlot) -> Iterable[date]:
        """Return the open dates on which a stretch that reaches into a slot can start."""
        closed = frozenset(self.closed)
        # A stretch lasts 24 hours at the most, and a local date is the one in UTC or the next to it.
        first = max(within.start.toordinal() - 2, _FIRST_DATE)
        last = min(within.end.toordinal() + 1, _LAST_DATE)
        dates = (date.fromordinal(number) for number in range(first, last + 1))
        return (day for day in dates if day not in closed)

    def _slot(self, day: date, stretch: DailyHours) -> TimeSlot | None:
        """Return a stretch as real time; nothing if a change of clock swallows it."""
        end_day = day if stretch.end > stretch.start else day + timedelta(days=1)
        start = resolve_wall_time(datetime.combine(day, stretch.start), self.zone)
        end = resolve_wall_time(datetime.combine(end_day, stretch.end), self.zone)
        return TimeSlot(start, end) if start < end else None
