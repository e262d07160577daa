"""Bookings that overlap, and the pairs of them that are double bookings.

They are judged as on objects: bookings of one session, and the halves of one rebooking, are no double booking.
"""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from accountmerge.frames.packed_slots import (
    BoolArray,
    IntArray,
    SortedSlots,
    overlap_counts,
    overlapping,
    overlapping_pairs,
    packed,
    sorted_slots,
)


@attrs.frozen(eq=False)
class OverlappingBookings:
    """Live bookings of which each overlaps another one of its calendar, by their positions.

    Attributes:
        calendars: The number of the calendar of each.
        starts: The starts in microseconds.
        ends: The ends in microseconds.
        sessions: The number of the session of each, with its calendar and slot; a number of its own for a booking
            without a session. None: there are no sessions.
        bookings: The number of the booking and person of each, which all halves of a rebooking share. None: there are
            no rebookings.
        slots: The slots of all of them, sorted.
    """

    calendars: IntArray
    starts: IntArray
    ends: IntArray
    slots: SortedSlots
    sessions: IntArray | None = None
    bookings: IntArray | None = None

    @cached_property
    def partners(self) -> IntArray:
        """The number of bookings with which each is a double booking. Takes O(n log n) for any number of pairs."""
        count = self._counts() - 1
        if self.sessions is not None:
            count -= self._counts(self.sessions) - 1
        if self.bookings is not None:
            count -= self._counts(self.bookings) - 1
        if self.sessions is not None and self.bookings is not None:
            count += self._counts(self.sessions, self.bookings) - 1
        return count

    @property
    def doubled(self) -> IntArray:
        """The positions of the bookings that are in a double booking."""
        if self.sessions is None and self.bookings is None:
            return np.arange(len(self.starts))
        return np.flatnonzero(self.partners)

    def pairs(self) -> tuple[IntArray, IntArray]:
        """Return the positions of both bookings of every double booking, the earlier start first."""
        if self.sessions is None:
            first, second = overlapping_pairs(self.slots)
        else:
            first, second = self._pairs_of_sessions(self.sessions)
        if self.bookings is not None:
            two = self.bookings[first] != self.bookings[second]
            first, second = first[two], second[two]
        return first, second

    def _counts(self, *keys: IntArray) -> IntArray:
        """Return the number of bookings with the same calendar and keys that each overlaps, with itself."""
        calendars = self.calendars
        for key in keys:
            calendars = pair_codes(calendars, key)
        return overlap_counts(packed(calendars, self.starts, self.ends))

    def _pairs_of_sessions(self, sessions: IntArray) -> tuple[IntArray, IntArray]:
        """Return the pairs of members of every two sessions that overlap.

        The members of one session are never paired, so a large session takes no more time than its members.
        """
        _, leaders, groups, sizes = np.unique(
            sessions, return_index=True, return_inverse=True, return_counts=True
        )
        members = np.argsort(groups, kind="stable")
        begins = np.cumsum(sizes) - sizes
        slots = packed(self.calendars[leaders], self.starts[leaders], self.ends[leaders])
        one, other = overlapping_pairs(sorted_slots(slots))
        wide, total = sizes[other], sizes[one] * sizes[other]
        nth = np.arange(total.sum()) - np.repeat(np.cumsum(total) - total, total)
        row, column = np.divmod(nth, np.repeat(wide, total))
        return (
            members[np.repeat(begins[one], total) + row],
            members[np.repeat(begins[other], total) + column],
        )


def pair_codes(one: IntArray, other: IntArray) -> IntArray:
    """Return a number for each distinct pair of numbers."""
    _, first = np.unique(one, return_inverse=True)
    distinct, second = np.unique(other, return_inverse=True)
    codes: IntArray = first.astype(np.int64) * len(distinct) + second
    return codes


def overlapping_rows(calendars: IntArray, starts: IntArray, ends: IntArray) -> tuple[BoolArray, SortedSlots]:
    """Return whether each live booking overlaps another one of its calendar.

    The sorted slots of those that do are returned as well.
    """
    return overlapping(packed(calendars, starts, ends))
