"""Weekly hours: wall-clock rules in a zone, against an oracle that only converts forward."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.weekly_hours import WEEKDAYS
from accountmerge.testing.strategies import time_slots, weekly_hours
from clocks import open_microseconds
from small_values import utc


def weekly(zone: str, days: Any, **more: Any) -> am.WeeklyHours:
    return am.WeeklyHours(zone, days=days, **more)


def opens(zone: str, start: str, end: str, days: tuple[str, ...] = WEEKDAYS, **more: Any) -> am.WeeklyHours:
    stretch = am.DailyHours(time.fromisoformat(start), time.fromisoformat(end))
    return weekly(zone, {day: [stretch] for day in days}, **more)


def on(start: str, end: str) -> am.TimeSlot:
    return am.TimeSlot(utc(start), utc(end))


@given(weekly_hours(), time_slots(), st.sampled_from((0, 1, 3)))
def test_open_slots_are_what_clocks_show(hours: am.WeeklyHours, slot: am.TimeSlot, more: int) -> None:
    within = am.TimeSlot(slot.start, slot.end + timedelta(days=more))
    found = hours.open_slots(within)
    wanted = list(open_microseconds(hours, within))
    event(f"open: {bool(wanted)}")
    edges = sorted(
        {edge for pair in wanted for edge in pair} | {edge for s in found for edge in (s.start_us, s.end_us)}
    )
    for edge, following in itertools.pairwise(edges):
        middle = (edge + following) / 2
        assert any(s.start_us < middle < s.end_us for s in found) == any(a < middle < b for a, b in wanted)
    assert all(within.start_us <= s.start_us and s.end_us <= within.end_us for s in found)
    assert all(a.end_us < b.start_us for a, b in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2026-03-08", "2026-03-08T05:30", "2026-03-08T10:30"),  # clocks go forward: five real hours
        ("2025-11-02", "2025-11-02T04:30", "2025-11-02T11:30"),  # clocks go back: seven
        ("2026-06-07", "2026-06-07T04:30", "2026-06-07T10:30"),
    ],
)
def test_hours_over_a_change_of_clock_are_real_hours(day: str, start: str, end: str) -> None:
    hours = opens("America/New_York", "00:30", "06:30")
    local = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("America/New_York"))
    assert hours.open_slots(am.TimeSlot(local, local + timedelta(hours=23))) == (on(start, end),)


def test_hours_over_midnight_reach_into_the_next_day() -> None:
    weekdays = opens("America/New_York", "20:00", "02:00", WEEKDAYS[:5])
    found = weekdays.open_slots(on("2026-01-15T00:00", "2026-01-15T10:00"))
    assert found == (on("2026-01-15T01:00", "2026-01-15T07:00"),)
    friday_night = on("2026-01-17T01:00", "2026-01-17T07:00")
    assert weekdays.open_slots(on("2026-01-17T00:00", "2026-01-18T12:00")) == (friday_night,)


def test_a_closed_date_starts_no_stretch() -> None:
    hours = opens("UTC", "20:00", "02:00", closed=[date(2026, 1, 15)])
    found = hours.open_slots(on("2026-01-15T00:00", "2026-01-17T00:00"))
    assert found == (on("2026-01-15T00:00", "2026-01-15T02:00"), on("2026-01-16T20:00", "2026-01-17T00:00"))


def test_equal_ends_last_a_whole_day_and_days_join() -> None:
    within = on("2026-01-15T00:00", "2026-01-20T00:00")
    assert opens("UTC", "09:00", "09:00").open_slots(within) == (within,)


def test_overlapping_stretches_are_one() -> None:
    stretches = [
        am.DailyHours(time(9), time(12)),
        am.DailyHours(time(11), time(13)),
        am.DailyHours(time(13), time(14)),
    ]
    hours = weekly("UTC", {"thursday": stretches})
    assert hours.open_slots(on("2026-01-15T00:00", "2026-01-16T00:00")) == (
        on("2026-01-15T09:00", "2026-01-15T14:00"),
    )


def test_a_stretch_that_clocks_skip_is_shifted_as_its_bounds_are() -> None:
    skipped = opens("America/New_York", "02:00", "02:30")
    assert skipped.open_slots(on("2026-03-08T06:00", "2026-03-08T12:00")) == (
        on("2026-03-08T07:00", "2026-03-08T07:30"),
    )


def test_a_stretch_that_a_gap_swallows_is_left_out() -> None:
    swallowed = opens("America/New_York", "02:30", "03:15")  # read as 03:30 to 03:15
    assert swallowed.open_slots(on("2026-03-08T06:00", "2026-03-08T12:00")) == ()


def test_nothing_is_open_without_days() -> None:
    assert am.WeeklyHours("UTC").open_slots(on("2026-01-15T00:00", "2026-01-20T00:00")) == ()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "UTC"])
def test_the_ends_of_the_calendar_are_no_trouble(zone: str) -> None:
    hours = opens(zone, "20:00", "19:00")
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert hours.open_slots(am.TimeSlot(first, first + timedelta(days=9)))
    assert hours.open_slots(am.TimeSlot(last - timedelta(days=9), last))


def test_equal_hours_are_equal_however_they_are_given() -> None:
    early, late = am.DailyHours(time(9), time(12)), am.DailyHours(time(13), time(17))
    days = {"friday": [late, early, late], "monday": [early]}
    one = weekly("UTC", days, closed=[date(2026, 1, 2), date(2026, 1, 1)])
    other = am.WeeklyHours(
        "UTC",
        days=(("monday", (early,)), ("friday", (early, late)), ("sunday", ())),
        closed=(date(2026, 1, 1), date(2026, 1, 2)),
    )
    assert one == other
    assert hash(one) == hash(other)


def test_an_unknown_weekday_is_refused() -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        weekly("UTC", {"Monday": []})
    assert caught.value.code == "weekday_unknown"


@pytest.mark.parametrize("ends", [(time(9, tzinfo=UTC), time(17)), (time(9), time(17, tzinfo=UTC))])
def test_daily_hours_have_no_offset(ends: tuple[time, time]) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.DailyHours(*ends)
    assert caught.value.code == "wall_time_aware"
