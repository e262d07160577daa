"""Calendars: which bookings may touch a slot, by looking at its days and not at everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.model.instants import MICROSECONDS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.time_slots import TimeSlot

_LONGEST = 32  # days; a slot over more than a month is listed apart, or one could fill the memory with days


class Calendar:
    """Ids by the days (in UTC) that their slots touch. It only grows: who looks something up checks it."""

    def __init__(self) -> None:
        self._days: dict[int, dict[str, None]] = {}
        self._long: dict[str, None] = {}

    def add(self, slot: TimeSlot, id: str) -> None:
        """Enter an id under each day of a slot."""
        days = _days(slot)
        if len(days) > _LONGEST:
            self._long[id] = None
            return
        for day in days:
            self._days.setdefault(day, {})[id] = None

    def near(self, slot: TimeSlot) -> Iterator[str]:
        """Yield the ids that may overlap a slot, each at least once."""
        yield from self._long
        days = _days(slot)
        for day in days if len(days) <= len(self._days) else self._days:
            if day in days:
                yield from self._days.get(day, ())


def _days(slot: TimeSlot) -> range:
    return range(slot.start_us // MICROSECONDS_PER_DAY, (slot.end_us - 1) // MICROSECONDS_PER_DAY + 1)
