"""Strategies for what clocks show around the instants at which they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from accountmerge.testing.strategies.times import CLOCK_CHANGES

_QUARTER = timedelta(minutes=15)


@cache
def zoned_wall_times() -> st.SearchStrategy[tuple[datetime, str]]:
    """Naive times, most within two hours of a change of clock, with the zone in which one may occur twice or never."""
    quarters = st.one_of(st.integers(-8, 8), st.integers(-8, 8), st.integers(-60, 60))
    return st.builds(_shown, st.sampled_from(CLOCK_CHANGES), quarters)


def _shown(change: tuple[str, datetime], quarters: int) -> tuple[datetime, str]:
    """Return what clocks show so many quarters of an hour from a change, had they not changed."""
    zone, at = change
    before = (at - _QUARTER).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return before + (quarters + 1) * _QUARTER, zone


@cache
def wall_times() -> st.SearchStrategy[datetime]:
    """Naive times around the changes of clock, where one may occur twice or never in its zone."""
    return zoned_wall_times().map(lambda shown: shown[0])
