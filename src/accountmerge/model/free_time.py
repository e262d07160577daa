"""Free time: what is left of slots when others are taken out of them, and what of a length fits into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import MICROSECONDS_PER_MINUTE
from accountmerge.model.time_slots import TimeSlot, united

if TYPE_CHECKING:
    from collections.abc import Iterable


def without(slots: Iterable[TimeSlot], taken: Iterable[TimeSlot]) -> tuple[TimeSlot, ...]:
    """Return the time of slots that is in none of others, as slots that neither overlap nor touch, sorted.

    Takes one pass over both, once they are sorted.
    """
    gone = united(taken)
    found: list[TimeSlot] = []
    position = 0
    for slot in united(slots):
        start_us = slot.start_us
        while position < len(gone) and gone[position].start_us < slot.end_us:
            other = gone[position]
            if start_us < other.start_us:
                found.append(TimeSlot.from_microseconds(start_us, other.start_us))
            start_us = max(start_us, other.end_us)
            if start_us >= slot.end_us:
                break  # it may reach into the next slot as well
            position += 1
        if start_us < slot.end_us:
            found.append(TimeSlot.from_microseconds(start_us, slot.end_us))
    return tuple(found)


def cut(slots: Iterable[TimeSlot], minutes: int) -> tuple[TimeSlot, ...]:
    """Return slots of one length, back to back from the start of each stretch of time; a shorter rest is left out.

    Args:
        slots: The time that there is; what overlaps or touches is one stretch.
        minutes: The length wanted.

    Raises:
        InvalidValueError: The length is no whole number above zero.

    Takes time in proportion to what it returns, once the slots are sorted.
    """
    if type(minutes) is not int or minutes <= 0:
        raise InvalidValueError("wrong_type", field="minutes", wanted="positive_whole_number")
    length = minutes * MICROSECONDS_PER_MINUTE
    return tuple(
        TimeSlot.from_microseconds(start_us, start_us + length)
        for slot in united(slots)
        for start_us in range(slot.start_us, slot.end_us - length + 1, length)
    )
