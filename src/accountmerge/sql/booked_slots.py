"""The slot of a booking in the columns of a table, as instants or as wall times."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import (
    LAST_MICROSECOND,
    MICROSECONDS_PER_DAY,
    MICROSECONDS_PER_MINUTE,
    from_microseconds,
    microseconds,
)
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.wall_times import resolve_wall_time, utc_offset
from accountmerge.sql.bindings import IN_MICROSECONDS, Duration, Get, Local, UnmappedValue, Utc
from accountmerge.sql.dialects import later

_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall times have no zone
_MICROSECOND = timedelta(microseconds=1)
_FIRST_MICROSECOND = microseconds(datetime.min.replace(tzinfo=UTC))
_TEXT_MARGIN = 2 * MICROSECONDS_PER_DAY
"""More than text of a time, in whatever form, is from the same time in UTC."""
_LOCAL_MARGIN = 15 * 60 * MICROSECONDS_PER_MINUTE
"""More than the wall time of an instant is from its time in UTC, in any zone."""
_UTC_MARGIN = MICROSECONDS_PER_MINUTE
"""At least as much as a column cuts from an instant."""


@attrs.frozen
class SlotColumns:
    """The columns of the start and the end of a booking.

    Attributes:
        start: The binding of the start.
        end: The binding of the end, or of the length.
    """

    start: Utc | Local
    end: Utc | Local | Duration

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return (self.start.column, self.end.column)

    def getter(self, places: Mapping[str, int], zone: Get) -> Callable[[Sequence[Any]], TimeSlot]:
        """Return a function from a row to its slot.

        Args:
            places: The place of each column in a row.
            zone: A function from a row to the name of its time zone.
        """
        first, last = places[self.start.column], places[self.end.column]
        start_of, end_of = self._start(), self._end()
        made, columns = TimeSlot.from_microseconds, self.columns

        def get(row: Sequence[Any]) -> TimeSlot:
            column = columns[0]
            try:
                name = zone(row)
                start = start_of(row[first], name)
                column = columns[1]
                return made(start, end_of(row[last], name, start))
            except UnmappedValue:
                raise
            except InvalidValueError as error:
                if error.code == "zone_unknown":
                    raise InvalidValueError(error.code, of="Appointment", field="time_zone") from None
                raise UnmappedValue(error.code, column) from None
            except (ValueError, TypeError, ArithmeticError):
                raise UnmappedValue("unreadable_column", column) from None

        return get

    def _start(self) -> Callable[[Any, str], int]:
        if isinstance(self.start, Utc):
            read = self.start.instant
            return lambda raw, _: read(raw)
        local = self.start
        return lambda raw, zone: instant_of(local.naive(raw), zone)

    def _end(self) -> Callable[[Any, str, int], int]:
        end = self.end
        if isinstance(end, Utc):
            return lambda raw, _, __: end.instant(raw)
        if isinstance(end, Duration):
            return lambda raw, _, start: start + end.length(raw)

        def local(raw: Any, zone: str, start: int) -> int:
            naive = end.naive(raw)
            found = instant_of(naive, zone)
            return found if found > start else microseconds(resolve_wall_time(naive, zone, ambiguous="later"))

        return local

    def values(self, table: sa.Table, slot: TimeSlot, zone: str) -> dict[str, Any]:
        """Return the values of the columns for a slot."""
        start = (
            self.start.of_instant(table, slot.start_us)
            if isinstance(self.start, Utc)
            else self.start.of_instant(table, slot.start_us, zone)
        )
        if isinstance(self.end, Duration):
            end = self.end.of_length(table, slot.end_us - slot.start_us)
        elif isinstance(self.end, Utc):
            end = self.end.of_instant(table, slot.end_us)
        else:
            end = self.end.of_instant(table, slot.end_us, zone)
        return {self.start.column: start, self.end.column: end}

    def ending(self, table: sa.Table) -> sa.ColumnElement[Any]:
        """Return the expression for the end of a booking, of the type of its start."""
        if not isinstance(self.end, Duration):
            return table.c[self.end.column]
        start, length, unit = (
            table.c[self.start.column],
            table.c[self.end.column],
            IN_MICROSECONDS[self.end.unit],
        )
        if isinstance(self.start, Utc) and isinstance(start.type, sa.Integer | sa.Numeric | sa.Float):
            count = sa.cast(length, sa.BigInteger) if isinstance(length.type, sa.Integer) else length
            return start + count * unit / IN_MICROSECONDS[self.start.unit]
        return later(start, length, Decimal(unit) / 1_000_000)

    def overlapping(
        self, table: sa.Table, start: sa.BindParameter[Any], end: sa.BindParameter[Any] | None
    ) -> sa.ColumnElement[bool]:
        """Return the condition for bookings that end after a parameter, and start before another one."""
        found = self.ending(table) > start
        return found if end is None else sa.and_(found, table.c[self.start.column] < end)

    def bound(self, table: sa.Table, moment: datetime, sign: int) -> Any:
        """Return a value of the columns that is certainly before (-1) or after (1) an instant."""
        whole = microseconds(moment) + sign * self._margin(table)
        whole = min(max(whole, _FIRST_MICROSECOND), LAST_MICROSECOND)
        if isinstance(self.start, Utc):
            return self.start.of_instant(table, whole)
        naive = from_microseconds(whole).replace(tzinfo=None)
        plain = datetime.combine(naive.date(), naive.time())
        return self.start.of_wall_time(table, plain)

    def _margin(self, table: sa.Table) -> int:
        kind = table.c[self.start.column].type
        if not isinstance(kind, sa.DateTime | sa.Integer | sa.Numeric | sa.Float):
            return _TEXT_MARGIN
        return _UTC_MARGIN if isinstance(self.start, Utc) else _LOCAL_MARGIN


class _Offsets(dict[tuple[str, int], int | None]):
    """A cache of the difference between a zone and UTC on each day, in microseconds.

    A day on which the difference changes has None.
    """

    def __missing__(self, day: tuple[str, int]) -> int | None:
        zone, number = day
        start = (number - 1) * MICROSECONDS_PER_DAY
        try:
            offsets = {utc_offset(start + part * MICROSECONDS_PER_DAY, zone) for part in range(4)}
        except InvalidValueError:  # near an end of the calendar, or no such zone
            return None
        self[day] = found = offsets.pop() if len(offsets) == 1 else None
        return found


_OFFSETS = _Offsets()


def instant_of(naive: datetime, zone: str | None) -> int:
    """Return the instant of a wall time in microseconds; the first one of a repeated hour.

    Raises:
        InvalidValueError: There is no such zone, or its calendar does not include the time.
    """
    if zone is None:
        raise InvalidValueError("zone_unknown")
    whole = datetime.__sub__(naive, _NAIVE_EPOCH) // _MICROSECOND
    offset = _OFFSETS[zone, whole // MICROSECONDS_PER_DAY]
    return whole - offset if offset is not None else microseconds(resolve_wall_time(naive, zone))
