"""Read dates and times as people write them, only if every part of the text is understood.

An ambiguous date or time is returned as all its readings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from functools import cache
from zoneinfo import available_timezones

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.names import folded
from accountmerge.model.wall_times import find_zone
from accountmerge.rebooking.message_words import MONTH_WORDS, NO_TIME_WORDS, WEEKDAY_WORDS

LONGEST = 200
"""Characters of a date and time. A longer text is not read."""
_NOON = 12
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_MONTH = "|".join(sorted(MONTH_WORDS, key=len, reverse=True))
_HALF = r"(?P<half>[ap])\.?m\b\.?"
_TOKENS = {
    "year_first": r"(?P<y>\d{4})(?P<s>[-/.])(?P<a>\d{1,2})(?P=s)(?P<b>\d{1,2})(?!\d|[-/.]\d)",
    "year_last": r"(?P<a>\d{1,2}) ?(?P<s>[-/.]) ?(?P<b>\d{1,2}) ?(?P=s) ?(?P<y>\d{4}|\d\d)(?!\d|[-/.]\d)",
    "no_year": r"(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/])",
    "day_month": rf"(?P<a>\d{{1,2}})(?:st|nd|rd|th|er|e)?[ -]?(?:of |de )?(?P<m>{_MONTH})\b\.?,?[ -]?(?P<y>\d{{4}}\b)?",
    "month_day": rf"(?P<m>{_MONTH})\b\.?[ -]?(?P<a>\d{{1,2}})(?:st|nd|rd|th)?\b(?![/:]| ?(?:{_MONTH})\b),?[ -]?(?P<y>\d{{4}}\b)?",
    "clock": rf"(?P<h>\d{{1,2}})(?P<s>:| ?h ?)(?P<min>\d\d)(?::(?P<sec>\d\d)(?:\.(?P<us>\d{{1,6}}))?)?(?: ?{_HALF})?(?![\d:])",
    "half_clock": rf"(?P<h>\d{{1,2}})(?:\.(?P<min>\d\d))? ?{_HALF}",
    "hour": r"(?P<h>\d\d) ?(?P<s>h)\b",  # with one digit, or in full, it may be a length of time
    "offset": r"(?:utc|gmt)? ?(?P<sign>[+-])(?P<h>\d\d?)(?::?(?P<min>\d\d)(?::(?P<sec>\d\d))?)?(?![\d:])",
    "universal": r"(?:z|utc|gmt)\b",
    "zone": r"[a-z_]+(?:/[a-z0-9_+-]+)+",
    "word": r"[a-z]+",
    "nothing": r"[ ,;.()\[\]@*_-]",
}
_WEEKDAY = "|".join(word for word in WEEKDAY_WORDS if word.endswith(("day", "di", "dimanche")))
_BEGINS_WITH_HALF = re.compile(r"[ap]\.?m\b(?! i\b)", re.ASCII)
_MAIL_TIME = re.compile(r":\d\d:\d\d ?(?:[+-]\d{4}\b|utc?\b|gmt\b)", re.ASCII)


@cache  # compiled only when a message is read
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return the parts of a date and time. The first that matches at a place counts."""
    return {kind: re.compile(pattern, re.ASCII) for kind, pattern in _TOKENS.items()}


@cache
def _time_patterns() -> tuple[re.Pattern[str], ...]:
    """Return the patterns that show that a text is about a time."""
    kinds = ("year_first", "year_last", "no_year", "day_month", "clock", "half_clock", "hour")
    parts = (rf"(?<!\d)(?<!\d[-/:.]){_TOKENS[kind]}" for kind in kinds)
    texts = (rf"\b(?:{_WEEKDAY})s?\b", rf"\b{_TOKENS['month_day']}", *parts)
    return tuple(re.compile(text, re.ASCII) for text in texts)


@attrs.define(repr=False)
class WrittenTime:
    """The dates, times, days and zones of a text, each as often as it is written.

    Attributes:
        day_first: Whether the day comes first in ambiguous dates. None: both readings count.
        dates: For each date, all its readings.
        times: For each time of day, all its readings.
        weekdays: Days of the week, Monday as 0.
        offsets: Offsets from UTC.
        zones: IANA names of zones.
        lacks_year: Whether a date has no year, or only two digits of it.
    """

    day_first: bool | None = None
    dates: list[frozenset[date]] = attrs.field(factory=list)
    times: list[frozenset[time]] = attrs.field(factory=list)
    weekdays: list[int] = attrs.field(factory=list)
    offsets: list[timedelta] = attrs.field(factory=list)
    zones: list[str] = attrs.field(factory=list)
    lacks_year: bool = False


def read_written_time(text: str, *, day_first: bool | None = None) -> WrittenTime | None:
    """Return the dates and times of a text, or None if any part is not understood.

    Takes time in proportion to the text, which is not read if it is longer than `LONGEST`.

    Args:
        text: The text that a person wrote.
        day_first: Whether the day comes first in ambiguous dates. None: both readings count.
    """
    plain = " ".join(folded(text).translate(_DASHES).split())
    written = WrittenTime(day_first)
    if len(text) > LONGEST or not all(_taken(kind, match, written) for kind, match in _tokens(plain)):
        return None
    # Two times in one text are a choice or a range, unless they are the same time written twice.
    is_choice = len(set(written.times)) > 1 or (len(written.times) > 1 and len(written.times[0]) > 1)
    return None if is_choice else written


def holds_time(text: str) -> bool:
    """Return whether a text has a possible date or time, or begins with am or pm.

    Takes time in proportion to the text.
    """
    plain = " ".join(folded(text).translate(_DASHES).split())
    begins = _BEGINS_WITH_HALF.match(plain.lstrip(" ,;.()[]*_-"))
    return begins is not None or any(pattern.search(plain) for pattern in _time_patterns())


def is_mail_time(text: str) -> bool:
    """Return whether a text is a time of a mail program, with seconds and a plain offset."""
    return _MAIL_TIME.search(" ".join(folded(text).split())) is not None


def read_written_zone(text: str) -> tuple[str | None, timedelta | None] | None:
    """Return the zone and the offset of a text, or None if any part is not understood."""
    plain = " ".join(text.translate(_DASHES).split())
    if len(text) > LONGEST or not plain:
        return None
    name = zone_named(plain)
    if name is not None:
        return name, None
    beside = _BESIDE_ZONE.fullmatch(plain)
    offset = _patterns()["offset"].fullmatch(folded(beside["offset"])) if beside else None
    if beside is None or offset is None:
        return None
    name = zone_named(beside["name"].strip()) if beside["name"].strip() else None
    return None if name is None and beside["name"].strip() else (name, _offset(offset))


_BESIDE_ZONE = re.compile(
    r"(?P<name>[^()]*?)[ (]*(?P<offset>(?:utc|gmt)? ?[+-][\d:]+)\)?", re.ASCII | re.IGNORECASE
)


def zone_named(text: str) -> str | None:
    """Return the IANA name of a zone in any spelling, or None for an unknown zone."""
    written = "/".join(part.strip() for part in text.split("/")).replace(" ", "_")
    name = _zones().get(written.casefold(), written)
    try:
        find_zone(name)
    except InvalidValueError:
        return None
    return name


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(available_timezones())}


def _tokens(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Yield the tokens of a text. The last match is None if the rest is no token."""
    at = 0
    while at < len(text):
        matches = ((kind, pattern.match(text, at)) for kind, pattern in _patterns().items())
        kind, match = next(((kind, match) for kind, match in matches if match), ("", None))
        yield kind, match
        if match is None:
            return
        at = match.end()


def _taken(kind: str, match: re.Match[str] | None, written: WrittenTime) -> bool:
    """Add the value of a token, and return whether it is possible."""
    return match is not None and _TAKE[kind](match, written)


def _take_date(match: re.Match[str], written: WrittenTime) -> bool:
    parts = match.groupdict()
    year, day = parts.get("y") or "", int(parts["a"])
    if len(year) < len("2026"):
        written.lacks_year = True
        return True
    if "m" in parts:
        orders = [(MONTH_WORDS[parts["m"]], day)]
    elif match.re is _patterns()["year_first"]:
        orders = [(day, int(parts["b"]))]
    else:
        orders = [(int(parts["b"]), day), (day, int(parts["b"]))]
    dates = [each for order in orders for each in _dates(int(year), *order)]
    if len(dates) > 1 and written.day_first is not None:
        dates = dates[:1] if written.day_first else dates[1:]
    written.dates.append(frozenset(dates))
    return bool(dates)


def _dates(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return


def _take_time(match: re.Match[str], written: WrittenTime) -> bool:
    parts = match.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("h", "min", "sec"))
    microsecond = int((parts.get("us") or "").ljust(6, "0"))
    hours = _hours(hour, parts["h"], parts.get("half"), parts.get("s"))
    try:
        written.times.append(frozenset(time(each, minute, second, microsecond) for each in hours))
    except ValueError:
        return False
    return bool(hours)


def _hours(hour: int, written: str, half: str | None, separator: str | None) -> tuple[int, ...]:
    """Return the hours of the day that a written hour may mean, empty if it is no hour."""
    if half is not None:
        return (hour % _NOON + (_NOON if half == "p" else 0),) if 1 <= hour <= _NOON else ()
    is_of_day = len(written) > 1 or separator != ":" or hour == 0
    return (hour,) if is_of_day else (hour, hour + _NOON)


def _take_weekday(match: re.Match[str], written: WrittenTime) -> bool:
    word = match[0]
    if word in WEEKDAY_WORDS:
        written.weekdays.append(WEEKDAY_WORDS[word])
    return word in WEEKDAY_WORDS or word in NO_TIME_WORDS or word == "t"


def _take_offset(match: re.Match[str], written: WrittenTime) -> bool:
    written.offsets.append(_offset(match))
    return True


def _offset(match: re.Match[str]) -> timedelta:
    hours, minutes, seconds = (int(match[name] or 0) for name in ("h", "min", "sec"))
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -offset if match["sign"] == "-" else offset


def _take_universal(_: re.Match[str], written: WrittenTime) -> bool:
    written.offsets.append(timedelta(0))
    return True


def _take_zone(match: re.Match[str], written: WrittenTime) -> bool:
    name = zone_named(match[0])
    if name is not None:
        written.zones.append(name)
    return name is not None


_TAKE: dict[str, Callable[[re.Match[str], WrittenTime], bool]] = {
    **dict.fromkeys(("year_first", "year_last", "no_year", "day_month", "month_day"), _take_date),
    **dict.fromkeys(("clock", "half_clock", "hour"), _take_time),
    "offset": _take_offset,
    "universal": _take_universal,
    "zone": _take_zone,
    "word": _take_weekday,
    "nothing": lambda *_: True,
}
