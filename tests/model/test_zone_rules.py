"""Digests of the rules of zones, against an oracle that reads the offset every quarter of an hour."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import accountmerge as am
from accountmerge.model.zone_rules import zone_digest

QUARTER = timedelta(minutes=15)


def expected(zone: str, year: int) -> str:
    """Return the digest of the first offset and of each change, in plain lines."""
    start, end = datetime(year - 1, 1, 1, tzinfo=UTC), datetime(year + 4, 1, 1, tzinfo=UTC)
    there, moment, last, lines = ZoneInfo(zone), start, None, []
    while moment < end:
        offset = moment.astimezone(there).utcoffset()
        if offset != last:
            assert offset is not None
            lines.append(f"{moment.isoformat()} {int(offset.total_seconds())}\n")
            last = offset
        # Changes are on a quarter of an hour; the hours between are read only on days with a change.
        tomorrow = moment + timedelta(days=1)
        is_quiet = moment.hour == moment.minute == 0 and tomorrow.astimezone(there).utcoffset() == last
        moment = tomorrow if is_quiet else moment + QUARTER
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.mark.parametrize("year", [2013, 2026])
@pytest.mark.parametrize(
    "zone",
    ["UTC", "Australia/Lord_Howe", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Africa/Cairo"],
)
def test_a_digest_is_that_of_the_first_offset_and_of_each_change(zone: str, year: int) -> None:
    assert zone_digest(zone, year) == expected(zone, year)


def test_zones_with_the_same_clocks_have_the_same_digest_and_other_years_another() -> None:
    assert zone_digest("Australia/ACT", 2026) == zone_digest("Australia/Sydney", 2026)
    assert zone_digest("UTC", 2026) != zone_digest("UTC", 2027)
    assert zone_digest("Europe/Paris", 2026) != zone_digest("Europe/London", 2026)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_the_first_and_the_last_years_of_the_calendar_have_a_digest(zone: str) -> None:
    assert len({zone_digest(zone, year) for year in (1, 2026, 9999)}) == 3


def test_an_unknown_zone_has_no_digest() -> None:
    with pytest.raises(am.InvalidValueError) as refused:
        zone_digest("Mars/Olympus", 2026)
    assert refused.value.code == "zone_unknown"
