"""Packed slots: keys that never meet those of another calendar, at every border of 64 bits; ends of chains; groups."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge import frames
from accountmerge.frames import packed_slots
from accountmerge.frames.link_ends import ends_of
from accountmerge.frames.packed_slots import (
    LARGEST_KEY,
    overlap_counts,
    overlapping,
    overlapping_pairs,
    packed,
    sorted_slots,
)
from accountmerge.model.instants import LAST_MICROSECOND
from frames_of_snapshots import ENGINES, in_polars

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = -62_135_596_800_000_000
MINUTE = 60_000_000


def by_hand(calendars: Sequence[int], starts: Sequence[int], ends: Sequence[int]) -> set[tuple[int, int]]:
    return {
        (one, other)
        for one, other in itertools.combinations(range(len(starts)), 2)
        if calendars[one] == calendars[other] and starts[one] < ends[other] and starts[other] < ends[one]
    }


def judged(calendars: Any, starts: Any, ends: Any) -> None:
    """Hold each answer on packed slots against looking at every pair."""
    pairs = by_hand(calendars, starts, ends)
    slots = packed(*(np.array(part, dtype=np.int64) for part in (calendars, starts, ends)))
    first, second = overlapping_pairs(sorted_slots(slots))
    assert all(starts[one] <= starts[other] for one, other in zip(first, second, strict=True))
    found = [(min(pair), max(pair)) for pair in zip(first.tolist(), second.tolist(), strict=True)]
    assert sorted(found) == sorted(pairs)
    each = [sum(place in pair for pair in pairs) for place in range(len(starts))]
    assert overlapping(slots)[0].tolist() == [count > 0 for count in each]
    assert (overlap_counts(slots) - 1).tolist() == each


UNITS = (1, 1_000, 1_000_000, MINUTE)
CALENDARS = st.sampled_from((0, 1, 2, -1, 2**62, -(2**62), 8_191, 8_192, 8_193))


@given(
    unit=st.sampled_from(UNITS),
    base=st.sampled_from(
        (0, FIRST // MINUTE * MINUTE, 1_700_000_040_000_000, (LAST_MICROSECOND // MINUTE - 12) * MINUTE)
    ),
    rows=st.lists(st.tuples(CALENDARS, st.integers(0, 8), st.integers(1, 4)), max_size=14),
    wide=st.booleans(),
    odd=st.booleans(),
)
def test_packed_slots_overlap_as_every_pair_shows(
    unit: int, base: int, rows: list[tuple[int, int, int]], wide: bool, odd: bool
) -> None:
    calendars = [calendar for calendar, *_ in rows]
    starts = [base + start * unit for _, start, _ in rows]
    ends = [base + (start + length) * unit for _, start, length in rows]
    if wide:  # two slots at both ends of what a datetime can hold
        calendars += [0, 1]
        starts += [FIRST, LAST_MICROSECOND - 1]
        ends += [FIRST + 1 + odd, LAST_MICROSECOND]
    event(f"wide: {wide}")
    calendars += [3, 3, 3]  # a long slot with two inside it that do not overlap each other
    starts += [base, base + unit, base + 3 * unit]
    ends += [base + 4 * unit, base + 2 * unit, base + 4 * unit]
    judged(calendars, starts, ends)


@pytest.mark.parametrize("count", [*range(1, 11), 30])
def test_slots_that_overlap_many_others_have_all_their_pairs(count: int) -> None:
    starts = [number * MINUTE for number in range(count)]
    ends = [(count + number % 3) * MINUTE for number in range(count)]
    judged([5] * count, starts, ends)
    judged([5] * (count + 2), [*starts, -MINUTE, -MINUTE], [*ends, 0, (count + 9) * MINUTE])


@pytest.mark.parametrize("late", ["start", "end"])
def test_one_finer_time_after_many_rough_ones_keeps_its_place(late: str) -> None:
    starts = [
        number * 10 * MINUTE for number in range(1_001)
    ]  # more than are looked at before a unit is tried
    ends = [start + 10 * MINUTE for start in starts]
    if late == "start":
        starts[-1] -= 1
    else:
        starts.append(starts[-1] + 10 * MINUTE)
        ends[-1] += 1
        ends.append(starts[-1] + MINUTE)
    slots = packed(np.zeros(len(starts), np.int64), np.array(starts), np.array(ends))
    assert np.flatnonzero(overlapping(slots)[0]).tolist() == [len(starts) - 2, len(starts) - 1]


@pytest.mark.parametrize("above", [-1, 0, 1])
def test_ranks_take_over_where_the_keys_would_overflow(above: int) -> None:
    calendars = 8_192
    longest = (
        LARGEST_KEY // calendars
    )  # 35 years in microseconds; no larger unit divides it or its neighbours
    numbers, length = np.arange(calendars), longest + above
    starts, ends = np.zeros(calendars, np.int64), np.full(calendars, length)
    slots = packed(numbers, starts, ends)
    assert (slots.size == calendars * length + 1) is (above <= 0)
    assert slots.size <= LARGEST_KEY + 1
    assert (slots.ends[:-1] <= slots.starts[1:]).all()
    assert not overlapping(slots)[0].any()
    judged([*range(8_188, 8_192), 8_191], [0, 0, 0, 0, 5], [length] * 5)


def test_both_ways_of_sorting_sort_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.random.default_rng(7)
    starts = drawn.integers(0, 500, 2_000)
    slots = packed(drawn.integers(0, 30, 2_000), starts, starts + 3)
    quick = sorted_slots(slots)
    monkeypatch.setattr(packed_slots, "LARGEST_KEY", slots.size)
    slow = sorted_slots(slots)
    assert all((one == other).all() for one, other in zip(quick, slow, strict=True))


def end_by_hand(onward: list[int], node: int) -> int:
    path = [node]
    while onward[path[-1]] not in path:
        path.append(onward[path[-1]])
    return min(path[path.index(onward[path[-1]]) :])


@given(st.data(), st.integers(1, 12))
def test_a_chain_ends_where_following_it_ends_or_at_the_least_of_a_circle(
    data: st.DataObject, count: int
) -> None:
    onward = data.draw(st.lists(st.integers(0, count - 1), min_size=count, max_size=count))
    expected = [end_by_hand(onward, node) for node in range(count)]
    assert ends_of(np.array(onward)).tolist() == expected


def test_long_chains_and_many_circles_end_quickly() -> None:
    count = 200_000
    chain = np.maximum(np.arange(count) - 1, 0)
    assert not ends_of(chain).any()
    pairs = np.arange(count) ^ 1
    assert (ends_of(pairs) == np.arange(count) // 2 * 2).all()


def connected_by_hand(pairs: list[tuple[str, str]]) -> dict[str, str]:
    named = {id: {id} for pair in pairs for id in pair}
    for one, other in pairs:
        joined = named[one] | named[other]
        named.update(dict.fromkeys(joined, joined))
    return {id: min(ids) for id, ids in named.items()}


@given(
    st.lists(
        st.tuples(*[st.sampled_from(["a", "b", "c", "d", "e", "f", "é", "漢", "𝔷", "Z", "10", "9"])] * 2),
        max_size=12,
    )
)
def test_groups_are_what_pairs_connect(pairs: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame(pairs, schema={"first_id": pl.String, "second_id": pl.String}, orient="row")
    found = frames.groups(frame)
    expected = sorted((group, id) for id, group in connected_by_hand(pairs).items())
    assert found.select("group", "id").rows() == expected


@pytest.mark.parametrize("engine", [name for name in ENGINES if " with " not in name and " zone" not in name])
def test_groups_come_in_the_engine_of_the_pairs(engine: str) -> None:
    pairs = pl.DataFrame({"left": ["b", "c", "x"], "right": ["a", "b", "y"]})
    frame = ENGINES[engine](pairs)
    found = frames.groups(frame, left="left", right="right")
    assert type(found) is type(frame)
    assert in_polars(found).sort("id").rows() == [("a", "a"), ("b", "a"), ("c", "a"), ("x", "x"), ("y", "x")]


def test_a_long_row_of_pairs_is_one_group() -> None:
    count = 100_000
    drawn = np.random.default_rng(3).permutation(count)
    found = frames.groups(pl.DataFrame({"first_id": drawn[:-1], "second_id": drawn[1:]}))
    assert found["group"].unique().to_list() == [0]
    assert len(found) == count


def test_a_pair_without_an_id_is_refused() -> None:
    with pytest.raises(am.InvalidValueError, match="second_id") as raised:
        frames.groups(pl.DataFrame({"first_id": ["a"], "second_id": [None]}))
    assert raised.value.describe("fr").startswith("La colonne second_id")
    with pytest.raises(am.InvalidValueError, match="second_id"):
        frames.groups(pl.DataFrame({"first_id": ["a"]}))
