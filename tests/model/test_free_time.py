"""Free time: minute by minute the same as sets of minutes, and cut into whole lengths."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.instants import microseconds
from accountmerge.model.time_slots import split, subtract
from accountmerge.testing.strategies import time_slots
from small_values import NOON, slot

minutes = st.integers(0, 12)
few_slots = st.lists(st.builds(slot, minutes, st.integers(1, 5)), max_size=5)


def contained(parts: Any) -> set[int]:
    """Return the minutes after noon that slots of whole minutes contain."""
    found: set[int] = set()
    for part in parts:
        start, end = ((us - microseconds(NOON)) // 60_000_000 for us in (part.start_us, part.end_us))
        found |= set(range(start, end))
    return found


@given(few_slots, few_slots)
def test_what_is_left_is_what_is_in_the_slots_and_in_none_that_is_taken(
    slots: list[am.TimeSlot], taken: list[am.TimeSlot]
) -> None:
    left = subtract(slots, taken)
    event(f"left: {min(len(left), 3)}")
    assert contained(left) == contained(slots) - contained(taken)
    assert all(first.end_us < second.start_us for first, second in itertools.pairwise(left))


@given(st.lists(time_slots(), max_size=6), st.lists(time_slots(), max_size=6))
def test_nothing_is_lost_and_nothing_is_left_twice(
    slots: list[am.TimeSlot], taken: list[am.TimeSlot]
) -> None:
    def length(parts: Any) -> int:
        return sum(part.end_us - part.start_us for part in subtract(parts, ()))

    left = subtract(slots, taken)
    shared = subtract(slots, left)
    assert length(left) + length(shared) == length(slots)
    assert not any(one.overlaps(other) for one in left for other in taken)
    assert subtract(shared, taken) == ()


@given(few_slots, st.integers(1, 4))
def test_cutting_gives_whole_lengths_from_each_start_and_leaves_less_than_one(
    slots: list[am.TimeSlot], length: int
) -> None:
    found = split(slots, length)
    assert list(found) == sorted(found)
    assert all(part.end_us - part.start_us == length * 60_000_000 for part in found)
    assert contained(found) <= contained(slots)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(found, 2))
    for stretch, rest in ((stretch, subtract([stretch], found)) for stretch in subtract(slots, ())):
        assert len(rest) <= 1
        assert all(part.end_us == stretch.end_us for part in rest)
        assert all(part.end_us - part.start_us < length * 60_000_000 for part in rest)


def test_one_that_is_taken_may_reach_over_several_slots() -> None:
    slots = [slot(0, 2), slot(3, 2), slot(6, 2)]
    assert subtract(slots, [slot(1, 6)]) == (slot(0, 1), slot(7, 1))
    assert subtract(slots, []) == tuple(slots)
    assert subtract([], slots) == ()


@pytest.mark.parametrize("length", [0, -5, 1.5, True, "60", None])
def test_a_length_is_a_whole_number_above_zero(length: Any) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        split([slot(0)], length)
    assert caught.value.code == "wrong_type"
    assert caught.value.facts["field"] == "minutes"
