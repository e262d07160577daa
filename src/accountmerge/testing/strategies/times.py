"""Strategies for instants, slots and weekly hours around one instant and both changes of clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, WeeklyHours

PIVOT = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
"""The instant around which drawn instants crowd."""
ZONES = (
    "Australia/Sydney",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
    "Pacific/Apia",
)
"""Zones with a change of clock by an hour, by half an hour, by none; one that once skipped a whole day."""
CLOCK_CHANGES = tuple(
    (zone, datetime.fromisoformat(text))
    for zone, text in (
        ("Australia/Sydney", "2025-10-04T16:00:00+00:00"),  # an hour is skipped
        ("Australia/Sydney", "2026-04-04T16:00:00+00:00"),  # an hour is repeated
        ("America/New_York", "2025-11-02T06:00:00+00:00"),  # an hour is repeated
        ("America/New_York", "2026-03-08T07:00:00+00:00"),  # an hour is skipped
        ("Australia/Lord_Howe", "2026-04-04T15:00:00+00:00"),  # half an hour is repeated
        ("Australia/Lord_Howe", "2025-10-04T15:30:00+00:00"),  # half an hour is skipped
        ("Pacific/Apia", "2011-12-30T10:00:00+00:00"),  # a day is skipped
    )
)
"""The zones and instants of changes of clock."""
CHANGES = tuple(at for _, at in CLOCK_CHANGES)
"""Instants at which clocks change."""
_QUARTER = timedelta(minutes=15)


@cache
def instants() -> st.SearchStrategy[datetime]:
    """Draw aware instants, most on a quarter of an hour around `PIVOT`, some near a change of clock."""
    near = st.integers(-24, 40).map(lambda quarters: PIVOT + quarters * _QUARTER)
    changes = st.builds(
        lambda at, quarters: at + quarters * _QUARTER, st.sampled_from(CHANGES), st.integers(-8, 8)
    )
    odd = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    return st.one_of(near, near, near, changes, odd)


@cache
def time_slots(starts: st.SearchStrategy[datetime] | None = None) -> st.SearchStrategy[TimeSlot]:
    """Draw slots that touch, nest and repeat, with few starts and few lengths.

    Args:
        starts: A strategy for the starts. Default: half of them on one of a few quarters of an hour after
            `PIVOT`.
    """
    few = st.sampled_from((4, 5, 6, 8, 3)).map(lambda quarters: PIVOT + quarters * _QUARTER)
    lengths = st.sampled_from(
        (
            _QUARTER,
            2 * _QUARTER,
            2 * _QUARTER,
            4 * _QUARTER,
            timedelta(hours=3),
            timedelta(microseconds=1),
            timedelta(days=1),
        )
    )
    return st.builds(
        lambda start, length: TimeSlot(start, start + length), starts or st.one_of(few, instants()), lengths
    )


@cache
def weekly_hours() -> st.SearchStrategy[WeeklyHours]:
    """Draw weekly hours in zones with and without changes of clock, over midnight too, with closed dates."""
    clock = st.sampled_from(
        [time(hour, minute) for hour in (0, 1, 2, 3, 9, 17, 20, 23) for minute in (0, 30)]
    )
    stretches: st.SearchStrategy[Any] = st.lists(st.builds(DailyHours, clock, clock), max_size=2)
    closed = st.lists(st.dates(date(2025, 10, 1), date(2026, 4, 10)), max_size=2)
    days: st.SearchStrategy[Any] = st.dictionaries(st.sampled_from(WEEKDAYS), stretches, max_size=7)
    return st.builds(WeeklyHours, st.sampled_from(ZONES), days=days, closed=closed)
