"""Digests of the rules of time zones, as this machine knows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from accountmerge.errors import InvalidValueError
from accountmerge.model.digests import sha256_of
from accountmerge.model.wall_times import find_zone

_SECOND = timedelta(seconds=1)
_FIRST_YEAR, _LAST_YEAR = 2, 9998
"""The first and the last year that lie in the calendar in every zone."""


@lru_cache(maxsize=2048)
def zone_digest(zone: str, year: int) -> str:
    """Return the digest of the rules of a time zone in the years around one year.

    It is the SHA-256 of the offsets from UTC: the first one, and the instant and the new offset of each change, from
    1 January of the year before to 31 December of the third year after, in UTC. Names of zones, abbreviations and the
    bytes of files are not part of it, so zones with equal clocks in these years have equal digests. A digest is computed
    once in a process for each zone and year.

    Args:
        zone: The IANA name of the zone.
        year: The year of the plan, in UTC.

    Raises:
        InvalidValueError: The zone is unknown.
    """
    offsets = ((moment, offset or timedelta()) for moment, offset in _offsets(zone, year))
    lines = (f"{moment.isoformat()} {offset // _SECOND}\n" for moment, offset in offsets)
    return sha256_of("".join(lines))


def differs(zone: str, year: int, digest: str) -> bool:
    """Return whether a zone has other rules on this machine than a digest says, or is unknown."""
    try:
        return zone_digest(zone, year) != digest
    except InvalidValueError:
        return True


def _offsets(name: str, year: int) -> Iterator[tuple[datetime, timedelta | None]]:
    """Yield the first offset in the years around a year, and each change with its first second.

    The offset is read once a day. Two changes within a day that restore the offset are not seen; no zone has such days.
    """
    zone = find_zone(name)
    days = _days(year)
    offset = days[0].astimezone(zone).utcoffset()
    yield days[0], offset
    for before, day in pairwise(days):
        following = day.astimezone(zone).utcoffset()
        if following != offset:
            yield _change(zone, before, day, following), following
            offset = following


@lru_cache(maxsize=4)
def _days(year: int) -> tuple[datetime, ...]:
    """Return every midnight in the years around a year, and the last second before the next year."""
    first = datetime(max(year - 1, _FIRST_YEAR), 1, 1, tzinfo=UTC)
    end = datetime(min(year + 3, _LAST_YEAR) + 1, 1, 1, tzinfo=UTC)
    midnights = (first + timedelta(days=day) for day in range((end - first).days))
    return (*midnights, end - _SECOND)


def _change(zone: ZoneInfo, before: datetime, after: datetime, offset: timedelta | None) -> datetime:
    """Return the first second with the later of two offsets, by bisection."""
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after
