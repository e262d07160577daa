"""Conversion of instants between aware datetimes, UTC, whole microseconds and RFC 3339 text.

Compare, sort and hash instants only in UTC: in a zone, two instants an hour apart in the repeated hour
compare equal and hash alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pendulum

from accountmerge.errors import InvalidValueError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_FIRST = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z, the first instant a datetime can hold
LAST_MICROSECOND = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z, the last one
MICROSECONDS_PER_MINUTE = 60_000_000
MICROSECONDS_PER_DAY = 86_400_000_000
_REMEMBERED = 16_384  # data hold few distinct days (these are 44 years), minutes and seconds, each many times


def microseconds(moment: datetime) -> int:
    """Return an aware datetime as whole microseconds since `1970-01-01T00:00:00Z`.

    Raises:
        InvalidValueError: The datetime is naive, or lies outside the years 1 to 9999 in UTC.
    """
    try:
        whole = datetime.__sub__(moment, _EPOCH) // _MICROSECOND  # pendulum's own difference is no timedelta
    except TypeError:
        if not isinstance(moment, datetime):
            raise InvalidValueError("wrong_type", field="time", wanted="aware_datetime") from None
        if moment.utcoffset() is None:
            raise InvalidValueError("naive_time") from None
        raise
    if not in_calendar(whole):
        raise InvalidValueError("time_out_of_range")
    return whole


def in_calendar(whole: int) -> bool:
    """Return whether an instant, given in microseconds, lies in the years 1 to 9999 of a datetime."""
    return _FIRST <= whole <= LAST_MICROSECOND


def from_microseconds(whole: int) -> pendulum.DateTime:
    """Return the UTC instant for microseconds since `1970-01-01T00:00:00Z`; refuse instants out of range."""
    moment = _plain(whole)
    return pendulum.DateTime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        tzinfo=pendulum.UTC,
    )


def utc(moment: datetime, argument: str | None = None) -> pendulum.DateTime:
    """Return an aware datetime in the years 1 to 9999 as the same instant in UTC; refuse others.

    Args:
        moment: The datetime.
        argument: The name of the argument of a function, for errors. Default: the caller names the field itself.
    """
    try:
        return from_microseconds(microseconds(moment))
    except InvalidValueError as error:
        if argument is None:
            raise
        raise InvalidValueError(error.code, **{**error.facts, "field": argument}) from None


def utc_or_none(moment: datetime | None) -> pendulum.DateTime | None:
    """Return the same instant in UTC, or None for None."""
    return None if moment is None else utc(moment)


def parse_rfc3339(text: str) -> int:
    """Read RFC 3339 text as whole microseconds since `1970-01-01T00:00:00Z`.

    Raises:
        InvalidValueError: The text is no RFC 3339 date and time, has no offset, or is finer than a microsecond.
    """
    try:
        whole = _days[text[:10]] + _minutes[text[10:16]] + _seconds[text[16:]]
    except InvalidValueError:
        return _parsed(text)  # it names the error of the whole text
    if not _FIRST <= whole <= LAST_MICROSECOND:
        raise InvalidValueError("time_out_of_range")
    return whole


def parse_many(texts: Sequence[str]) -> list[int]:
    """Read many RFC 3339 texts as `parse_rfc3339` does; raise some error if one is wrong."""
    days, minutes, seconds = _days, _minutes, _seconds
    instants = [days[text[:10]] + minutes[text[10:16]] + seconds[text[16:]] for text in texts]
    if instants and not _FIRST <= min(instants) <= max(instants) <= LAST_MICROSECOND:
        raise InvalidValueError("time_out_of_range")
    return instants


class _Parts(dict[str, int]):
    """A cache of microseconds by the text of one part of an instant.

    Args:
        around: The text of a whole instant, with braces instead of the part.
        limit: The number of microseconds that the part must stay below. Default: no limit.
    """

    def __init__(self, around: str, limit: int | None = None) -> None:
        self._around = around
        self._limit = limit

    def __missing__(self, text: str) -> int:
        whole = _parsed(self._around.format(text))
        if self._limit is not None and whole >= self._limit:  # 24:00, which no second may follow
            raise InvalidValueError("not_a_time")
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = whole
        return whole


_days = _Parts("{}T00:00:00Z")
_minutes = _Parts("1970-01-01{}:00Z", MICROSECONDS_PER_DAY)
_seconds = _Parts("1970-01-01T00:00{}")
"""Three caches, because few days, minutes and seconds make up all instants, even if no instant repeats."""


def _parsed(text: str) -> int:
    if not RFC3339.fullmatch(text):
        raise InvalidValueError("naive_time" if RFC3339.fullmatch(text + "Z") else "not_a_time")
    try:
        return microseconds(datetime.fromisoformat(text.upper()))
    except ValueError as error:
        if isinstance(error, InvalidValueError):
            raise
        raise InvalidValueError("not_a_time") from None


def rfc3339(moment: datetime | int) -> str:
    """Write an instant (aware datetime or microseconds) as RFC 3339 text in UTC, such as `2026-03-08T07:30:00Z`."""
    days, of_day = divmod(moment if isinstance(moment, int) else microseconds(moment), MICROSECONDS_PER_DAY)
    return _written_day(days) + _written_time_of_day(of_day)


@lru_cache(maxsize=_REMEMBERED)
def _written_day(days: int) -> str:
    return _plain(days * MICROSECONDS_PER_DAY).date().isoformat()


@lru_cache(maxsize=_REMEMBERED)
def _written_time_of_day(of_day: int) -> str:
    return f"T{_plain(of_day).time().isoformat()}Z"


def _plain(whole: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=whole)
    except OverflowError:
        raise InvalidValueError("time_out_of_range") from None
