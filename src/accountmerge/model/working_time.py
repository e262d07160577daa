"""Working time: the open time of weekly hours, counted: whether work goes on, how much of it, and until when."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accountmerge.model.time_slots import TimeSlot
    from accountmerge.model.weekly_hours import WeeklyHours


class WorkingTime:
    """The open time of weekly hours inside a slot, to be counted any number of times.

    Work goes on in open hours and rests in between. What lies outside the slot is not known and counts as
    closed, so no question takes longer than the slot is long.

    Args:
        hours: When work goes on.
        within: How far to look.

    Takes time in proportion to the days of the slot; each question about it then takes O(log n).
    """

    __slots__ = ("_before", "_ends", "_starts", "slots")

    def __init__(self, hours: WeeklyHours, within: TimeSlot) -> None:
        self.slots = hours.open_slots(within)
        """The open time, as slots that do not touch, soonest first."""
        self._starts = [slot.start_us for slot in self.slots]
        self._ends = [slot.end_us for slot in self.slots]
        lengths = (slot.end_us - slot.start_us for slot in self.slots)
        self._before = list(accumulate(lengths, initial=0))  # open time before each slot, and in all of them

    def is_open(self, instant_us: int) -> bool:
        """Tell whether an instant is in open hours.

        Args:
            instant_us: Microseconds since 1970-01-01T00:00:00Z.
        """
        position = bisect_right(self._starts, instant_us) - 1
        return position >= 0 and instant_us < self._ends[position]

    def counted(self, slot: TimeSlot) -> int:
        """Return how much of a slot is open, in microseconds."""
        return self._open_before(slot.end_us) - self._open_before(slot.start_us)

    def finish(self, start_us: int, work_us: int) -> int | None:
        """Return the first instant by which so much open time has passed since a start.

        Args:
            start_us: When it starts, open or not; microseconds since 1970-01-01T00:00:00Z.
            work_us: How much work there is, in microseconds; 0 is done at the start.

        Returns:
            Microseconds since 1970-01-01T00:00:00Z, such that `counted` gives the work back; nothing if there
            is less open time than that.
        """
        if work_us <= 0:
            return start_us
        wanted = self._open_before(start_us) + work_us
        position = bisect_left(self._before, wanted) - 1  # the last slot before which less has passed
        if position >= len(self.slots):
            return None
        return self._starts[position] + wanted - self._before[position]

    def _open_before(self, instant_us: int) -> int:
        """Return how much open time lies before an instant."""
        position = bisect_right(self._starts, instant_us) - 1
        if position < 0:
            return 0
        return self._before[position] + min(instant_us, self._ends[position]) - self._starts[position]
