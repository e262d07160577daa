"""Working time: counted forth and back, over changes of clock, closed days and midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.migrations.estimates import WorkingTime
from accountmerge.model.instants import microseconds
from accountmerge.testing.strategies import PIVOT, instants, support_hours, weekly_hours
from small_values import utc

MINUTE = 60_000_000
LENGTHS = st.sampled_from([timedelta(days=4), timedelta(days=1), timedelta(hours=3), timedelta(days=30)])
HOURS = st.one_of(support_hours(), weekly_hours())


def within(start: datetime, length: timedelta) -> am.TimeSlot:
    return am.TimeSlot(start, start + length)


@given(HOURS, instants(), LENGTHS, st.integers(-60, 60 * 24 * 5), st.sampled_from((0, 1, 45, 60, 600, 6_000)))
def test_counting_back_the_open_time_gives_the_work(
    hours: am.WeeklyHours, start: datetime, length: timedelta, later: int, minutes: int
) -> None:
    known = within(start, length)
    working = WorkingTime(hours, known)
    start_us, work_us = known.start_us + later * MINUTE, minutes * MINUTE
    done_us = working.finish(start_us, work_us)
    event("not done" if done_us is None else "done")
    if done_us is None:
        assert start_us >= known.end_us or working.counted(_slot(start_us, known.end_us)) < work_us
    elif work_us == 0:
        assert done_us == start_us
    else:
        assert working.counted(_slot(start_us, done_us)) == work_us
        assert working.counted(_slot(start_us, done_us - 1)) == work_us - 1  # and not a moment sooner
        assert working.is_open(done_us - 1)
    for slot in working.slots:
        if (
            slot.end_us > start_us
        ):  # work that fills a stretch is done as the stretch ends, not as the next begins
            assert working.finish(start_us, working.counted(_slot(start_us, slot.end_us))) == slot.end_us


def _slot(start_us: int, end_us: int) -> am.TimeSlot:
    return am.TimeSlot.from_microseconds(start_us, end_us)


@given(HOURS, instants(), LENGTHS, st.integers(-60, 60 * 24 * 5))
def test_an_instant_is_open_just_when_the_hours_have_a_slot_there(
    hours: am.WeeklyHours, start: datetime, length: timedelta, later: int
) -> None:
    known = within(start, length)
    working = WorkingTime(hours, known)
    ends = {end for slot in working.slots for end in (slot.start_us, slot.end_us)}
    instants_us = {known.start_us + later * MINUTE, *ends, *(end - 1 for end in ends)}
    for instant_us in instants_us:
        moment = _slot(instant_us, instant_us + 1)
        assert working.is_open(instant_us) == bool(moment.intersection(known) and hours.open_slots(moment))
    event("some open" if ends else "none open")


@given(
    HOURS, instants(), LENGTHS, st.lists(st.integers(-60, 60 * 24 * 5), min_size=3, max_size=3, unique=True)
)
def test_the_open_time_of_two_halves_is_that_of_the_whole(
    hours: am.WeeklyHours, start: datetime, length: timedelta, cuts: list[int]
) -> None:
    known = within(start, length)
    working = WorkingTime(hours, known)
    first, middle, last = (known.start_us + cut * MINUTE for cut in sorted(cuts))
    whole = working.counted(_slot(first, last))
    assert working.counted(_slot(first, middle)) + working.counted(_slot(middle, last)) == whole
    inside = (slot.intersection(_slot(first, last)) for slot in hours.open_slots(known))
    assert whole == sum(slot.end_us - slot.start_us for slot in inside if slot)


def test_hours_that_never_open_finish_nothing() -> None:
    for hours in (am.WeeklyHours("UTC"), am.WeeklyHours("UTC", days=[("monday", [])])):
        working = WorkingTime(hours, within(PIVOT, timedelta(days=4_000)))
        assert working.slots == ()
        assert working.finish(microseconds(PIVOT), 1) is None
        assert not working.is_open(microseconds(PIVOT))


def test_work_rests_at_night_on_closed_days_and_at_the_weekend() -> None:
    hours = am.MigrationRules().business_hours_for(
        am.Profile(id="P", practitioner_id="H", email="p@example.com", login="enabled", schedule="active")
    )
    closed = am.WeeklyHours("UTC", days=hours.days, closed=[date(2026, 3, 9)])
    thursday = utc("2026-03-05T16:00")
    working = WorkingTime(closed, within(thursday, timedelta(days=9)))
    done = working.finish(
        microseconds(thursday), 10 * 60 * MINUTE
    )  # an hour, eight on Friday, one on Tuesday
    assert done == microseconds(datetime(2026, 3, 10, 10, tzinfo=UTC))


def test_work_over_a_change_of_clock_takes_real_hours() -> None:
    night = am.WeeklyHours(
        "America/New_York",
        days=[("sunday", [am.DailyHours(time(0, 30), time(6, 30))])],
    )
    for day, hours in (("2026-03-08", 5), ("2025-11-02", 7), ("2026-03-01", 6)):
        working = WorkingTime(night, within(utc(day), timedelta(days=1)))
        assert working.counted(within(utc(day), timedelta(days=1))) == hours * 60 * MINUTE
