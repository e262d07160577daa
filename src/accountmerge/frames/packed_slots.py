"""Overlaps of slots in many calendars, on packed 64-bit integers.

A slot becomes two keys: the number of its calendar times a stride, plus its start or its end. One sort of the keys then
sorts every calendar at once. The stride is the length of the data in their largest common unit, so it is short in real
data. If the keys still do not fit in 64 bits, instants are replaced by their ranks among the distinct instants.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

LARGEST_KEY = 2**63 - 1
_UNITS = (60_000_000, 1_000_000, 1_000)
"""A minute, a second and a millisecond in microseconds: bookings seldom need finer units."""
_SAMPLE = 1_000
"""The first slots, with which a unit is tried before all of them."""
_STEPS = 6
"""The next slots with which each is compared one after the other; few overlap more of them."""


class PackedSlots(NamedTuple):
    """Slots as keys, of which each calendar has a range of its own.

    Attributes:
        starts: The key of each start.
        ends: The key of each end. Two slots of one calendar overlap if each starts before the other ends; the keys of
            different calendars never do.
        size: A number above all keys.
    """

    starts: IntArray
    ends: IntArray
    size: int


class SortedSlots(NamedTuple):
    """Slots in the order of their calendars and starts.

    Attributes:
        order: The position of each slot before sorting.
        starts: The keys of the starts, ascending.
        ends: The keys of the ends, in the same order.
    """

    order: IntArray
    starts: IntArray
    ends: IntArray


def packed(calendars: IntArray, starts: IntArray, ends: IntArray) -> PackedSlots:
    """Pack slots of numbered calendars.

    Args:
        calendars: The number of the calendar of each slot, any integers.
        starts: The starts in microseconds.
        ends: The ends in microseconds, each after its start.
    """
    if not len(starts):
        return PackedSlots(starts, ends, 1)
    lanes, count = _lanes(calendars)
    froms, untils = _in_common_unit(starts, ends)
    stride = int(untils.max())
    if count * stride > LARGEST_KEY:
        froms, untils, stride = _ranked(froms, untils)
    lanes *= np.int64(stride)
    froms += lanes
    untils += lanes
    return PackedSlots(froms, untils, count * stride + 1)


def _lanes(calendars: IntArray) -> tuple[IntArray, int]:
    """Return the calendars numbered from 0 with few gaps, and a number above all of them.

    The array is a new one.
    """
    least, most = int(calendars.min()), int(calendars.max())
    if most - least < 2 * len(calendars) + _SAMPLE:
        return calendars - least, most - least + 1
    distinct, lanes = np.unique(calendars, return_inverse=True)
    return lanes.astype(np.int64), len(distinct)


def _in_common_unit(starts: IntArray, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Return times since the earliest one in the largest unit of which all of them are multiples."""
    earliest = starts.min()
    for unit in _UNITS:
        if _whole(starts[:_SAMPLE], earliest, unit) is None or _whole(ends[:_SAMPLE], earliest, unit) is None:
            continue
        froms = _whole(starts, earliest, unit)
        untils = None if froms is None else _whole(ends, earliest, unit)
        if froms is not None and untils is not None:
            return froms, untils
    return starts - earliest, ends - earliest


def _whole(times: IntArray, earliest: np.int64, unit: int) -> IntArray | None:
    """Return times since the earliest one in a unit, or None if one of them is no multiple."""
    since = times - earliest
    total = int(since.sum())  # it may wrap around, but the sum of what remains is far too small for that
    since //= unit
    return since if (total - unit * int(since.sum())) % 2**64 == 0 else None


def _ranked(starts: IntArray, ends: IntArray) -> tuple[IntArray, IntArray, int]:
    """Return the ranks of times among the distinct ones, and the highest rank.

    Of n slots there are at most n calendars and 2n instants, so the keys fit for any n up to two thousand million.
    """
    instants = np.unique(np.concatenate((starts, ends)))
    return np.searchsorted(instants, starts), np.searchsorted(instants, ends), len(instants) - 1


def sorted_slots(slots: PackedSlots) -> SortedSlots:
    """Return slots sorted by calendar and start; slots with equal starts stay in their order."""
    count = len(slots.starts)
    bits = count.bit_length()
    if (
        slots.size << bits <= LARGEST_KEY
    ):  # the key and the position fit in one integer, which sorts far quicker
        keys = slots.starts << bits
        keys |= np.arange(count)
        keys.sort()
        order = keys & ((1 << bits) - 1)
        keys >>= bits
        return SortedSlots(order, keys, slots.ends[order])
    order = np.argsort(slots.starts, kind="stable")
    return SortedSlots(order, slots.starts[order], slots.ends[order])


def overlapping(slots: PackedSlots) -> tuple[BoolArray, SortedSlots]:
    """Return whether each slot overlaps another one of its calendar, and the sorted slots of those that do.

    The sorted ones are numbered among themselves. Takes O(n log n) for any number of pairs.
    """
    every = sorted_slots(slots)
    order, starts, ends = every
    flags = np.zeros(len(order), dtype=np.bool_)
    if len(order) > 1:
        flags[1:] = starts[1:] < np.maximum.accumulate(ends)[:-1]
        flags[:-1] |= starts[1:] < ends[:-1]
    if flags.all():
        return flags, every
    kept = order[flags]
    found = np.zeros(len(order), dtype=np.bool_)
    found[kept] = True
    numbers = np.cumsum(found, dtype=np.int32 if len(found) < 2**31 else np.int64)
    kept = numbers[kept].astype(np.int64)
    kept -= 1
    return found, SortedSlots(kept, starts[flags], ends[flags])


def overlap_counts(slots: PackedSlots) -> IntArray:
    """Return the number of slots of its calendar that each slot overlaps, with itself.

    Those are the slots that start before its end, without those that end at its start or earlier.
    """
    begun = np.searchsorted(np.sort(slots.starts), slots.ends, side="left")
    over = np.searchsorted(np.sort(slots.ends), slots.starts, side="right")
    return begun - over


def overlapping_pairs(slots: SortedSlots) -> tuple[IntArray, IntArray]:
    """Return the positions of every two slots of one calendar that overlap, the earlier start first.

    Each slot is compared with the next one, then with the one after, as long as they overlap. Slots with many others
    are then done at once. Takes O(n log n), and time in proportion to the pairs.
    """
    order, starts, ends = slots
    at = np.arange(len(order))
    firsts, seconds = [order[:0]], [order[:0]]
    for ahead in range(1, _STEPS + 1):
        at = at[: np.searchsorted(at, len(order) - ahead)]
        at = at[starts[at + ahead] < ends[at]]
        firsts.append(order[at])
        seconds.append(order[at + ahead])
        if not len(at):
            break
    later = np.searchsorted(starts, ends[at], side="left") - at - 1 - _STEPS
    many = np.repeat(at, later)
    nth = np.arange(len(many)) - np.repeat(np.cumsum(later) - later, later)
    firsts.append(order[many])
    seconds.append(order[many + nth + 1 + _STEPS])
    return np.concatenate(firsts), np.concatenate(seconds)
