"""Time slots, and operations on sets of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import (
    MICROSECONDS_PER_MINUTE,
    from_microseconds,
    in_calendar,
    microseconds,
    rfc3339,
)
from accountmerge.model.private import privacy
from accountmerge.model.value_rules import Rule, each_of, wrong_type
from accountmerge.model.values import Displayed


@privacy(plain="start_us end_us")
@attrs.frozen(init=False, repr=False, order=True)
class TimeSlot(Displayed):
    """A half-open interval of time, which contains its start but not its end.

    Back-to-back slots do not overlap. Slots are equal when they are the same time, in any zones, and sort by start,
    then by end.

    Args:
        start: The first instant; any aware datetime.
        end: The first instant after the slot; any aware datetime, later than the start.

    Raises:
        InvalidValueError: A time is naive, or the end is not after the start.
    """

    start_us: int
    """The start, in microseconds since 1970-01-01T00:00:00Z."""
    end_us: int
    """The end, in microseconds since 1970-01-01T00:00:00Z."""

    def __init__(self, start: datetime, end: datetime) -> None:
        start_us, end_us = _located_us("start", start), _located_us("end", end)
        if end_us <= start_us:
            raise InvalidValueError("end_not_after_start").at("TimeSlot", "end")
        self.__attrs_init__(start_us, end_us)

    @classmethod
    def from_microseconds(cls, start_us: int, end_us: int) -> Self:
        """Make a slot from whole microseconds since `1970-01-01T00:00:00Z`.

        Raises:
            InvalidValueError: The end is not after the start, or an end lies outside the years 1 to 9999.
        """
        if not type(start_us) is type(end_us) is int:
            raise wrong_type("whole_number").at("TimeSlot", "start_us")
        if end_us <= start_us:
            raise InvalidValueError("end_not_after_start")
        if not (in_calendar(start_us) and in_calendar(end_us)):
            raise InvalidValueError("time_out_of_range")
        slot = cls.__new__(cls)
        slot.__attrs_init__(start_us, end_us)
        return slot

    @property
    def start(self) -> pendulum.DateTime:
        """The first instant of the slot, in UTC."""
        return from_microseconds(self.start_us)

    @property
    def end(self) -> pendulum.DateTime:
        """The first instant after the slot, in UTC."""
        return from_microseconds(self.end_us)

    def overlaps(self, other: TimeSlot) -> bool:
        """Return whether the two slots share any time."""
        return self.start_us < other.end_us and other.start_us < self.end_us

    def intersection(self, other: TimeSlot) -> TimeSlot | None:
        """Return the time that both slots share, or None."""
        start_us, end_us = max(self.start_us, other.start_us), min(self.end_us, other.end_us)
        return TimeSlot.from_microseconds(start_us, end_us) if start_us < end_us else None

    def __repr__(self) -> str:
        return f"TimeSlot({rfc3339(self.start_us)}, {rfc3339(self.end_us)})"


def _located_us(field: str, moment: datetime) -> int:
    try:
        return microseconds(moment)
    except InvalidValueError as error:
        raise InvalidValueError(error.code, **error.facts).at("TimeSlot", field) from None


def _slot(value: object) -> TimeSlot:
    if type(value) is not TimeSlot:
        raise wrong_type("time_slot")
    return value


SLOT = Rule("slot", _slot, is_read=False)
"""A slot of time; a pair of times is refused."""


def sorted_slots(slots: Iterable[TimeSlot]) -> tuple[TimeSlot, ...]:
    """Return slots each once, sorted; refuse other values."""
    return tuple(sorted(set(each_of(slots, TimeSlot, "time_slot"))))


def union(slots: Iterable[TimeSlot]) -> tuple[TimeSlot, ...]:
    """Return the same time as sorted slots that neither overlap nor touch."""
    merged: list[tuple[int, int]] = []
    for start_us, end_us in sorted((slot.start_us, slot.end_us) for slot in slots):
        if merged and start_us <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end_us))
        else:
            merged.append((start_us, end_us))
    return tuple(TimeSlot.from_microseconds(*ends) for ends in merged)


def contains(slots: Iterable[TimeSlot], wanted: TimeSlot) -> bool:
    """Return whether slots together contain every instant of another."""
    return any(slot.start_us <= wanted.start_us and wanted.end_us <= slot.end_us for slot in union(slots))


def subtract(slots: Iterable[TimeSlot], taken: Iterable[TimeSlot]) -> tuple[TimeSlot, ...]:
    """Return the time of slots that none of the taken ones contain, as `union` does.

    Takes one pass over both, once they are sorted.
    """
    gone = union(taken)
    left: list[TimeSlot] = []
    position = 0
    for slot in union(slots):
        start_us = slot.start_us
        while position < len(gone) and gone[position].start_us < slot.end_us:
            other = gone[position]
            if start_us < other.start_us:
                left.append(TimeSlot.from_microseconds(start_us, other.start_us))
            start_us = max(start_us, other.end_us)
            if start_us >= slot.end_us:
                break  # the taken slot may reach into the next slot as well
            position += 1
        if start_us < slot.end_us:
            left.append(TimeSlot.from_microseconds(start_us, slot.end_us))
    return tuple(left)


def split(slots: Iterable[TimeSlot], minutes: int) -> tuple[TimeSlot, ...]:
    """Return slots of a number of minutes, back to back from the start of each free stretch.

    A shorter rest is dropped. Slots that overlap or touch are one stretch. Takes time in proportion to the result, once
    the slots are sorted.

    Raises:
        InvalidValueError: The length is no whole number above zero.
    """
    if type(minutes) is not int or minutes <= 0:
        raise InvalidValueError("wrong_type", field="minutes", wanted="positive_whole_number")
    length = minutes * MICROSECONDS_PER_MINUTE
    return tuple(
        TimeSlot.from_microseconds(start_us, start_us + length)
        for slot in union(slots)
        for start_us in range(slot.start_us, slot.end_us - length + 1, length)
    )
