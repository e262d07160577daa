"""Time slots: half-open, and the same time is the same slot in whatever zone."""

from __future__ import annotations

import copy
import itertools
import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.instants import microseconds
from accountmerge.model.time_slots import contains, union
from accountmerge.testing.strategies import ZONES, time_slots
from small_values import NOON, slot

NEW_YORK = ZoneInfo("America/New_York")
minutes = st.integers(0, 8)
small_slots = st.builds(slot, minutes, st.integers(1, 4))


def contained(part: am.TimeSlot) -> set[int]:
    """Return the minutes after noon that a slot of whole minutes contains."""
    start, end = ((us - microseconds(NOON)) // 60_000_000 for us in (part.start_us, part.end_us))
    return set(range(start, end))


@given(time_slots(), st.sampled_from(ZONES))
def test_the_same_time_is_the_same_slot_in_any_zone(drawn: am.TimeSlot, zone: str) -> None:
    local = am.TimeSlot(drawn.start.astimezone(ZoneInfo(zone)), drawn.end.in_timezone(zone))
    assert local == drawn
    assert hash(local) == hash(drawn)
    assert repr(local) == repr(drawn)


@given(time_slots())
def test_what_goes_in_comes_out_in_utc(drawn: am.TimeSlot) -> None:
    assert type(drawn.start) is type(drawn.end) is pendulum.DateTime
    assert am.TimeSlot(drawn.start, drawn.end) == drawn
    assert am.TimeSlot.from_microseconds(drawn.start_us, drawn.end_us) == drawn
    assert (microseconds(drawn.start), microseconds(drawn.end)) == (drawn.start_us, drawn.end_us)


@given(time_slots(), time_slots())
def test_slots_sort_by_start_then_end(one: am.TimeSlot, other: am.TimeSlot) -> None:
    assert (one < other) == ((one.start, one.end) < (other.start, other.end))
    assert (one == other) == ((one.start, one.end) == (other.start, other.end))


@given(time_slots())
def test_copies_keep_the_instant(drawn: am.TimeSlot) -> None:
    for twin in (pickle.loads(pickle.dumps(drawn)), copy.copy(drawn), copy.deepcopy(drawn)):  # noqa: S301
        assert twin == drawn
        assert (twin.start, twin.end) == (drawn.start, drawn.end)
    start = pickle.loads(pickle.dumps(drawn.start))  # noqa: S301
    assert microseconds(start) == microseconds(copy.deepcopy(drawn.start)) == drawn.start_us


def test_the_two_readings_of_a_repeated_quarter_do_not_overlap() -> None:
    first, second = (
        am.TimeSlot(
            datetime(2025, 11, 2, 1, 30, tzinfo=NEW_YORK, fold=fold),
            datetime(2025, 11, 2, 1, 45, tzinfo=NEW_YORK, fold=fold),
        )
        for fold in (0, 1)
    )
    assert first.end < second.start
    assert first != second
    assert hash(first) != hash(second)
    assert not first.overlaps(second)
    assert first.intersection(second) is None
    assert pickle.loads(pickle.dumps(second)).start_us - first.start_us == 3_600_000_000  # noqa: S301


def test_a_slot_over_the_repeated_hour_has_its_real_length() -> None:
    night = am.TimeSlot(datetime(2025, 11, 2, tzinfo=NEW_YORK), datetime(2025, 11, 2, 6, tzinfo=NEW_YORK))
    assert night.end - night.start == timedelta(hours=7)


@given(small_slots, small_slots)
def test_overlap_is_time_in_common(one: am.TimeSlot, other: am.TimeSlot) -> None:
    common = contained(one) & contained(other)
    assert one.overlaps(other) == other.overlaps(one) == bool(common)
    shared = one.intersection(other)
    assert shared == other.intersection(one)
    assert (contained(shared) if shared else set()) == common


def test_back_to_back_is_no_overlap() -> None:
    assert not slot(0, 60).overlaps(slot(60, 60))
    assert not slot(60, 60).overlaps(slot(0, 60))
    assert slot(0, 60).overlaps(am.TimeSlot(NOON + timedelta(minutes=60, microseconds=-1), slot(60).end))


@given(st.lists(small_slots, max_size=6), small_slots)
def test_united_slots_are_the_same_time_apart(drawn: list[am.TimeSlot], wanted: am.TimeSlot) -> None:
    found = union(drawn)
    time: set[int] = set().union(*map(contained, drawn))
    assert set().union(*map(contained, found)) == time
    assert all(before.end_us < after.start_us for before, after in itertools.pairwise(found))
    assert contains(drawn, wanted) == (contained(wanted) <= time)


@pytest.mark.parametrize("length", [0, -1, -60])
def test_an_end_that_is_not_after_the_start_is_refused(length: int) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        slot(0, length)
    assert caught.value.code == "end_not_after_start"
    with pytest.raises(am.InvalidValueError):
        am.TimeSlot.from_microseconds(0, length)


def test_an_hour_that_only_clocks_show_is_refused() -> None:
    skipped = (datetime(2026, 3, 8, 2, tzinfo=NEW_YORK), datetime(2026, 3, 8, 3, tzinfo=NEW_YORK))
    assert skipped[0].replace(tzinfo=None) < skipped[1].replace(tzinfo=None)
    with pytest.raises(am.InvalidValueError):
        am.TimeSlot(*skipped)


def test_naive_times_are_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    for ends in ((naive, NOON), (NOON, naive + timedelta(days=1))):
        with pytest.raises(am.InvalidValueError) as caught:
            am.TimeSlot(*ends)
        assert caught.value.code == "naive_time"


def test_the_calendar_itself_is_a_slot() -> None:
    ever = am.TimeSlot(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert ever.overlaps(slot(0))
    assert repr(ever) == "TimeSlot(0001-01-01T00:00:00Z, 9999-12-31T23:59:59.999999Z)"
