"""The working hours of a profile, as wall-clock rules in a zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.private import privacy
from accountmerge.model.time_slots import TimeSlot, union
from accountmerge.model.value_rules import checked, each_of, listed, wrong_type
from accountmerge.model.values import Displayed, ShownValue, value_class
from accountmerge.model.wall_times import ZONE, resolve_wall_time

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

_FIRST_DATE, _LAST_DATE = date.min.toordinal() + 2, date.max.toordinal() - 2
"""The first and the last date whose stretches lie in the calendar in every zone."""


def _wall_time(value: time) -> time:
    if not isinstance(value, time):
        raise wrong_type("time_of_day")
    if value.tzinfo is not None:
        raise InvalidValueError("wall_time_aware")
    # A plain time, because subclasses compare and copy differently, and `fold` has no meaning here.
    return time(value.hour, value.minute, value.second, value.microsecond)


@privacy(plain="start end")
@attrs.frozen(order=True, field_transformer=checked())
class DailyHours(Displayed):
    """One stretch of working time in a day, in wall-clock time.

    An end that is not after the start is on the next day: 20:00 to 02:00 includes midnight, 09:00 to
    09:00 lasts a whole day.

    Attributes:
        start: The first moment.
        end: The first moment after the stretch.
    """

    start: time = attrs.field(converter=_wall_time)
    end: time = attrs.field(converter=_wall_time)


def _sorted_days(
    days: Mapping[Weekday, Iterable[DailyHours]] | Iterable[tuple[Weekday, Iterable[DailyHours]]],
) -> tuple[tuple[Weekday, tuple[DailyHours, ...]], ...]:
    by_day = {day: _sorted_stretches(stretches) for day, stretches in _pairs(days)}
    if not by_day.keys() <= set(WEEKDAYS):
        raise InvalidValueError("weekday_unknown")
    return tuple((day, by_day[day]) for day in WEEKDAYS if by_day.get(day))


def _pairs(days: Any) -> list[tuple[Weekday, Any]]:
    """Return weekdays with their stretches, from a mapping or pairs; refuse a repeated weekday."""
    pairs = list(days.items()) if isinstance(days, Mapping) else list(listed(days))
    if not all(isinstance(pair, tuple | list) and len(pair) == len(("day", "stretches")) for pair in pairs):
        raise wrong_type("days")
    if not all(isinstance(day, str) for day, _ in pairs):
        raise InvalidValueError("weekday_unknown")
    if len({day for day, _ in pairs}) < len(pairs):
        raise InvalidValueError("declared_twice")
    return [(day, stretches) for day, stretches in pairs]


def _sorted_stretches(stretches: Any) -> tuple[DailyHours, ...]:
    return tuple(sorted(set(each_of(stretches, DailyHours, "daily_hours"))))


def _sorted_dates(dates: Iterable[date]) -> tuple[date, ...]:
    given = (
        dates if isinstance(dates, Mapping) else listed(dates)
    )  # a calendar of holidays is a mapping by date
    return tuple(sorted(set(map(plain_date, given))))


def plain_date(value: object) -> date:
    """Return a date as a plain one; refuse other values, also a datetime."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise wrong_type("date")
    return value if type(value) is date else date(value.year, value.month, value.day)


@privacy(plain="zone days closed")
@value_class(eq=False, repr=False, field_transformer=checked(zone=ZONE))
class WeeklyHours(ShownValue):
    """The working hours of a profile, the same in every week.

    Args:
        zone: The IANA name of the zone of the hours.
        days: The stretches of each weekday (`monday` … `sunday`), as a mapping or pairs.
        closed: Dates on which no stretch starts.

    Raises:
        InvalidValueError: The zone or a weekday is unknown.
    """

    zone: str
    days: tuple[tuple[Weekday, tuple[DailyHours, ...]], ...] = attrs.field(
        default=(), converter=_sorted_days, kw_only=True, metadata={"always_written": True}
    )
    closed: tuple[date, ...] = attrs.field(
        default=(), converter=_sorted_dates, kw_only=True, metadata={"always_written": True}
    )

    def open_slots(self, within: TimeSlot) -> tuple[TimeSlot, ...]:
        """Return the working time inside a slot, as slots that do not touch, soonest first.

        A stretch over a change of clock has the real hours that clocks show: an hour less in spring, an
        hour more in autumn. A bound in a skipped hour is read with the offset before the gap, one in a
        repeated hour is its first reading. The first and the last two days of the calendar (years 1 and
        9999) have no working time, because a stretch there may reach beyond it.
        """
        hours = dict(self.days)
        slots: list[TimeSlot] = []
        for day in self._dates(within):
            for stretch in hours.get(WEEKDAYS[day.weekday()], ()):
                slot = self._slot(day, stretch)
                inside = slot and slot.intersection(within)
                if inside:
                    slots.append(inside)
        return union(slots)

    def _dates(self, within: TimeSlot) -> Iterable[date]:
        """Return the open dates on which a stretch that reaches into a slot can start."""
        closed = frozenset(self.closed)
        # A stretch lasts 24 hours at most, and a local date differs from the date in UTC by one at most.
        first = max(within.start.toordinal() - 2, _FIRST_DATE)
        last = min(within.end.toordinal() + 1, _LAST_DATE)
        dates = (date.fromordinal(number) for number in range(first, last + 1))
        return (day for day in dates if day not in closed)

    def _slot(self, day: date, stretch: DailyHours) -> TimeSlot | None:
        """Return a stretch as real time, or None if a change of clock removes it."""
        end_day = day if stretch.end > stretch.start else day + timedelta(days=1)
        start = resolve_wall_time(datetime.combine(day, stretch.start), self.zone)
        end = resolve_wall_time(datetime.combine(end_day, stretch.end), self.zone)
        return TimeSlot(start, end) if start < end else None
