"""Instants of the cells of a column, as whole microseconds, and the faults of the other cells.

A time without zone becomes an instant only by `resolve_wall_time`, whose rules of zones are those of the machine; those
of polars are of another release. It is asked twice for each hour that occurs, and once for each time near a change of
offset.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

import numpy as np
import polars as pl

from accountmerge.errors import Fault, InvalidValueError
from accountmerge.model.instants import LAST_MICROSECOND, in_calendar, microseconds, parse_many, parse_rfc3339
from accountmerge.model.wall_times import resolve_wall_time
from accountmerge.wire.scalars import wrong_type

Zones = str | Sequence[str | None] | None
"""The zone of times without one: the same for all rows, one for each row, or none."""
Instants = tuple[list[int | None], dict[int, Fault]]
"""The instant of each row in microseconds, None for an absent one, and the faults of rows without an instant."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of wall times
_FIRST = -62_135_596_800_000_000  # 0001-01-01T00:00:00, as the model has it
_HOUR = 3_600_000_000
_MICROSECOND = timedelta(microseconds=1)
_PER_MICROSECOND = {"ns": 1_000, "us": 1, "ms": 1}
_MICROSECONDS_PER_UNIT = {"ns": 1, "us": 1, "ms": 1_000}
_TEXT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[Tt ](?P<minute>\d\d:\d\d)(?P<second>:\d\d(?:\.\d{1,6})?)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)


def instants_of(series: pl.Series, zones: Zones) -> Instants:
    """Return the instants of a column of times, of text or of Python objects.

    Args:
        series: The column. Text is RFC 3339, also with a space in the place of the `T`, without seconds, or without
            offset.
        zones: The zone of times without one.
    """
    if isinstance(series.dtype, pl.Datetime):
        return _of_times(series, series.dtype, zones)
    values = series.to_list()
    if series.dtype == pl.String:
        try:
            return _of_texts_at_once(values), {}
        except InvalidValueError:
            pass  # each is read alone below
    return _one_by_one(values, zones)


def _of_texts_at_once(values: list[Any]) -> list[int | None]:
    present = iter(parse_many([value for value in values if value is not None]))
    return [None if value is None else next(present) for value in values]


def _of_times(series: pl.Series, kind: pl.Datetime, zones: Zones) -> Instants:
    whole, bad = _microseconds(series, kind.time_unit)
    if kind.time_zone is None:
        whole, naive = _resolved(whole, zones)
        bad |= naive
    return whole, bad


def _microseconds(series: pl.Series, unit: str) -> Instants:
    """Return times in microseconds, as their clocks show them if they have no zone."""
    numbers = series.to_physical()
    absent = numbers.is_null().to_numpy()
    counts = numbers.fill_null(0).to_numpy()
    fine = counts % _PER_MICROSECOND[unit] != 0
    factor = _MICROSECONDS_PER_UNIT[unit]
    far = (counts // _PER_MICROSECOND[unit] > LAST_MICROSECOND // factor) | (
        counts // _PER_MICROSECOND[unit] < _FIRST // factor
    )
    counts = np.where(fine | far, 0, counts) // _PER_MICROSECOND[unit] * factor
    bad = {int(row): Fault("invalid_value", reason="not_a_time") for row in np.flatnonzero(fine)}
    bad |= {int(row): Fault("invalid_value", reason="time_out_of_range") for row in np.flatnonzero(far)}
    whole: list[int | None] = counts.tolist()
    for row in np.flatnonzero(absent | fine | far).tolist():
        whole[row] = None
    return whole, bad


def _resolved(walls: list[int | None], zones: Zones) -> Instants:
    """Return the instants of wall times in microseconds."""
    whole: list[int | None] = []
    bad: dict[int, Fault] = {}
    clock = _clock(zones) if isinstance(zones, str) else None
    for row, wall in enumerate(walls):
        if wall is None:
            whole.append(None)
            continue
        try:
            whole.append((clock or clock_at(zones, row))(wall))
        except InvalidValueError as error:
            whole.append(None)
            bad[row] = of_invalid_value(error)
    return whole, bad


def clock_at(zones: Zones, row: int) -> _Clock:
    """Return the clock of the zone of a row.

    Raises:
        InvalidValueError: The row has no zone.
    """
    zone = zones if isinstance(zones, str) or zones is None else zones[row]
    if zone is None:
        raise InvalidValueError("naive_time")
    return _clock(zone)


class _Clock(dict[int, int | None]):
    """The clock of a zone, with its difference from UTC in each hour.

    The keys are hours of wall times. The difference is None if it changes in the hour.
    """

    def __init__(self, zone: str) -> None:
        super().__init__()
        self.zone = zone

    def __call__(self, wall: int) -> int:
        """Return the instant at which the clock shows a time, in microseconds.

        Raises:
            InvalidValueError: The clock shows the time twice or never, or there is no such zone.
        """
        offset = self[wall // _HOUR]
        if offset is None:
            return self._instant(wall)
        if not in_calendar(wall - offset):
            raise InvalidValueError("time_out_of_range")
        return wall - offset

    def __missing__(self, hour: int) -> int | None:
        offset: int | None
        try:
            first, last = hour * _HOUR, hour * _HOUR + _HOUR - 1
            offset = first - self._instant(first)
            if last - self._instant(last) != offset:
                offset = None
        except InvalidValueError as error:
            if error.code == "zone_unknown":
                raise
            offset = None
        self[hour] = offset
        return offset

    def _instant(self, wall: int) -> int:
        naive = _EPOCH + wall * _MICROSECOND
        return microseconds(resolve_wall_time(naive, self.zone, ambiguous="refuse", missing="refuse"))


@cache
def _clock(zone: str) -> _Clock:
    return _Clock(zone)


def _one_by_one(values: list[Any], zones: Zones) -> Instants:
    whole: list[int | None] = []
    bad: dict[int, Fault] = {}
    for row, value in enumerate(values):
        try:
            whole.append(None if value is None else instant_of(value, partial(clock_at, zones, row)))
        except InvalidValueError as error:
            bad[row] = of_invalid_value(error)
        except Fault as fault:
            bad[row] = fault
        if row in bad:
            whole.append(None)
    return whole, bad


def instant_of(value: Any, clock: Callable[[], Callable[[int], int]]) -> int:
    """Return the instant of one cell, in microseconds.

    Args:
        value: A datetime or text.
        clock: Returns the clock of a time without zone.

    Raises:
        InvalidValueError: There is no such time.
        Fault: It is another value.
    """
    if isinstance(value, datetime):
        if getattr(value, "nanosecond", 0):
            raise InvalidValueError("not_a_time")
        return microseconds(value) if value.utcoffset() is not None else clock()(_wall(value))
    if type(value) is not str:
        raise wrong_type("time", value)
    match = _TEXT.fullmatch(value)
    if match is None:
        return parse_rfc3339(value)
    text = f"{match['day']}T{match['minute']}{match['second'] or ':00'}"
    if match["offset"] is not None:
        return parse_rfc3339(text + match["offset"])
    parse_rfc3339(f"{text}Z")  # refuses what is no time at all
    return clock()(_wall(datetime.fromisoformat(text)))


def _wall(naive: datetime) -> int:
    return (naive.replace(tzinfo=None) - _EPOCH) // _MICROSECOND


def of_invalid_value(error: InvalidValueError) -> Fault:
    """Return an error of a value as a fault of a cell."""
    facts: Any = error.facts
    return Fault("invalid_value", reason=error.code, **facts)
