"""Calendars: what they leave out cannot overlap."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.calendars import Calendar
from accountmerge.testing.strategies import time_slots
from small_values import slot

DAY = 24 * 60  # minutes
lengths = st.sampled_from((1 / 60_000_000, 30, DAY, 31 * DAY, 32 * DAY, 33 * DAY, 4000 * DAY))
long_slots = st.builds(slot, st.integers(-40 * DAY, 40 * DAY), lengths)
any_slots = st.one_of(time_slots(), long_slots)


@given(st.lists(any_slots, max_size=8), any_slots)
def test_a_calendar_misses_no_overlap(entered: list[am.TimeSlot], asked: am.TimeSlot) -> None:
    calendar = Calendar()
    for number, when in enumerate(entered):
        calendar.add(when, str(number))
    near = set(calendar.near(asked))
    overlapping = {str(number) for number, when in enumerate(entered) if when.overlaps(asked)}
    event(f"overlaps: {bool(overlapping)}")
    assert overlapping <= near <= {str(number) for number in range(len(entered))}


def test_a_calendar_looks_only_at_the_days_of_a_slot() -> None:
    calendar = Calendar()
    for day in range(100):
        calendar.add(slot(day * DAY), str(day))
    assert set(calendar.near(slot(50 * DAY, 30))) == {"50"}


def test_a_slot_over_all_time_is_no_trouble() -> None:
    first = slot(0).start.replace(year=1)
    ever = am.TimeSlot(first, first + timedelta(days=3_000_000))
    calendar = Calendar()
    calendar.add(ever, "long")
    calendar.add(slot(0), "short")
    assert set(calendar.near(ever)) == {"long", "short"}
