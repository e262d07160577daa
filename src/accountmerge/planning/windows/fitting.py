"""What would make room for the work of a migration: a longer window, another date, more hands, fewer minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import attrs

from accountmerge.model.instants import LAST_MICROSECOND, MICROSECONDS_PER_DAY, rfc3339
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.working_time import WorkingTime
from accountmerge.planning.windows.estimates import LONGEST, MINUTE, blackout_end, longest_blackout

if TYPE_CHECKING:
    from accountmerge.messages import Fact
    from accountmerge.model.weekly_hours import WeeklyHours

SEARCHED_DAYS = 28
"""How many days of later windows are searched for one with room for the work: four weeks, as for proposals."""

Way = Literal["longer", "later", "faster", "shared", "closed"]
WAYS: tuple[Way, ...] = get_args(Way)
"""What makes room: a longer window, another date, fewer minutes per booking, more people, other business hours."""


@attrs.frozen(kw_only=True)
class Fit:
    """What would make room for work that a window has too little room for.

    Attributes:
        way: The first of `WAYS` that is possible.
        slot: The window that has room, or that has room with those hands or minutes. None if business hours are closed.
        hands: How many people have to share the work in the window that was judged, or in `slot` if no window has room
            for one person; 0 if business hours are closed.
        minutes_each: How many whole minutes each booking may take there; 0 if that is less than one.
    """

    way: Way
    slot: TimeSlot | None
    hands: int
    minutes_each: int

    @property
    def facts(self) -> dict[str, Fact]:
        """The fit as facts of a finding; the ends of an absent window are empty."""
        start, end = ("", "") if self.slot is None else map(rfc3339, (self.slot.start_us, self.slot.end_us))
        return {
            "way": self.way,
            "hands": self.hands,
            "minutes_each": self.minutes_each,
            "fits_start": start,
            "fits_end": end,
        }


def best_fit(hours: WeeklyHours, window: TimeSlot, count: int, minutes: int, earliest_us: int) -> Fit:
    """Return what would make room for work that a window has too little room for.

    Args:
        hours: When the support team works.
        window: The window that was judged.
        count: How many bookings move, above zero.
        minutes: How many minutes of work they are.
        earliest_us: When another window may start at the earliest; microseconds since 1970-01-01T00:00:00Z.

    Takes time in proportion to `SEARCHED_DAYS`.
    """
    here = WorkingTime(hours, longest_blackout(window.start_us))
    open_us = here.counted(window)
    end_us = blackout_end(window.start_us, minutes, here)
    if end_us is not None and here.is_open(window.start_us):
        return _fit("longer", TimeSlot.from_microseconds(window.start_us, end_us), open_us, count, minutes)
    first_us = min(max(earliest_us, window.start_us), LAST_MICROSECOND - 1)
    last_us = min(first_us + SEARCHED_DAYS * MICROSECONDS_PER_DAY, LAST_MICROSECOND)
    reach = TimeSlot.from_microseconds(first_us, min(last_us + LONGEST, LAST_MICROSECOND))
    working = WorkingTime(hours, reach)
    starts = _starts(working, last_us)
    for start_us in starts:
        later_us = blackout_end(start_us, minutes, working)
        if later_us is not None:
            return _fit("later", TimeSlot.from_microseconds(start_us, later_us), open_us, count, minutes)
    best = max(
        map(longest_blackout, starts), key=lambda slot: (working.counted(slot), -slot.start_us), default=None
    )
    open_us = 0 if best is None else working.counted(best)
    if open_us < MINUTE:
        return Fit(way="closed", slot=None, hands=0, minutes_each=0)
    return _fit("faster" if open_us // MINUTE >= count else "shared", best, open_us, count, minutes)


def _starts(working: WorkingTime, last_us: int) -> list[int]:
    """Return the starts among which one has the most open time in the longest blackout, soonest first.

    The longest blackout has the most open time if its start is a start of open time, or its end an end of it.
    """
    starts = {slot.start_us for slot in working.slots}
    starts |= {slot.end_us - LONGEST for slot in working.slots if working.is_open(slot.end_us - LONGEST)}
    return sorted(start_us for start_us in starts if start_us < last_us)


def _fit(way: Way, slot: TimeSlot | None, open_us: int, count: int, minutes: int) -> Fit:
    hands = -(-minutes * MINUTE // open_us) if open_us else 0
    return Fit(way=way, slot=slot, hands=hands, minutes_each=open_us // MINUTE // count)
