"""Instants and wall times in words, with their day and their zone.

The names of days and months are in the catalogues. A test holds them equal to those of the Unicode CLDR.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

_DATE = len("2026-03-02")
Words = Callable[[str], str]
"""The text of a catalogue for a key."""

_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?P<offset>Z|[+-]\d\d:\d\d)?")


def instant_words(text: str, zone: str, words: Words, *, named: bool = True) -> str | None:
    """Return an instant in words, as clocks in a zone show it, or None for other text.

    A time that clocks show twice has its offset from UTC, too.

    Args:
        text: An RFC 3339 instant.
        zone: An IANA zone. An unknown one, or one whose calendar ends earlier, counts as UTC.
        words: The texts of a language.
        named: Whether the zone is named.
    """
    instant = _parsed(text)
    if instant is None or instant.tzinfo is None:
        return None
    place = _zone(zone)
    try:
        local = instant.astimezone(place)
    except OverflowError:
        place, local = UTC, instant.astimezone(UTC)
    city = zone.rpartition("/")[2].replace("_", " ") if place is not UTC else "UTC"
    name = city if named else ""
    if _is_shown_twice(local):
        name = ", ".join(part for part in (name, _offset(local)) if part)
    told = _wall(local, words)
    return words("moment.in_zone").format(moment=told, zone=name) if name else told


def wall_words(text: str, words: Words) -> str | None:
    """Return a wall time in words; None if the text is none.

    Args:
        text: A time without offset, such as `2026-03-02T09:00:00`, or a time with its offset and its zone, such as
            `2026-03-02 09:00+11:00 Australia/Sydney`.
        words: The texts of a language.
    """
    time, _, zone = text.partition(" ")[2].partition(" ")
    if zone:
        return instant_words(f"{text[:_DATE]}T{time}", zone, words)
    clock = _parsed(text)
    return None if clock is None else _wall(clock, words)


def day_words(text: str, words: Words) -> str | None:
    """Return a date such as `2026-03-02` in words; None if the text is none."""
    day = _parsed(f"{text}T00:00")
    return None if day is None else _day(day, words)


def _parsed(text: str) -> datetime | None:
    if not _CANONICAL.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _wall(clock: datetime, words: Words) -> str:
    return words("moment.day_and_time").format(day=_day(clock, words), time=clock_words(clock, words))


def _day(day: datetime, words: Words) -> str:
    key = "moment.first_day" if day.day == 1 else "moment.day"
    weekday, month = words(f"weekday.{day.isoweekday()}"), words(f"month.{day.month:02}")
    return words(key).format(weekday=weekday, day=day.day, month=month, year=day.year)


def clock_words(clock: datetime, words: Words) -> str:
    """Return the time of day of a clock, such as `09:30`, or `9 h 30` in French."""
    part = f"{clock.microsecond:06}".rstrip("0")
    seconds = f"{clock.second:02}" + (words("moment.decimal_sign") + part if part else "")
    key = "full_hour" if not clock.minute else "minutes"
    if clock.second or clock.microsecond:
        key = "seconds"
    return words(f"moment.{key}").format(hour=clock.hour, minute=clock.minute, seconds=seconds)


@lru_cache(maxsize=64)
def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo  # imported only when an instant is shown

    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def _is_shown_twice(local: datetime) -> bool:
    """Return whether clocks show a time twice, because they are set back in between."""
    return local.replace(fold=0).utcoffset() > local.replace(fold=1).utcoffset()  # type: ignore[operator]


def _offset(local: datetime) -> str:
    offset = local.utcoffset() or timedelta()
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "-" if offset < timedelta() else "+"
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"
