"""An index of bookings by time, to find those near a slot without reading all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Container, Iterator

import attrs

from accountmerge.model.time_slots import TimeSlot


@attrs.define(eq=False, repr=False)
class _Level:
    """The entries of about one length, by group and by each stretch of time that their slots touch."""

    stretches: dict[int, dict[str, dict[str, None]]] = attrs.Factory(dict)
    order: list[int] = attrs.Factory(list)

    def add(self, stretch: int, group: str, id: str) -> None:
        groups = self.stretches.get(stretch)
        if groups is None:
            groups = self.stretches[stretch] = {}
            insort(self.order, stretch)
        groups.setdefault(group, {})[id] = None

    def between(self, first: int, last: int) -> Iterator[dict[str, dict[str, None]]]:
        for stretch in self.order[bisect_left(self.order, first) : bisect_right(self.order, last)]:
            yield self.stretches[stretch]


class Calendar:
    """Ids by the time of their slots; entries are never removed, so callers verify each result.

    Time is cut into stretches of 2, 4, 8, ... microseconds. A slot is listed under the stretches of the first of these
    lengths that is greater than its own: one or two. A look-up takes time in proportion to the entries near the slot.
    """

    def __init__(self) -> None:
        self._levels: dict[int, _Level] = {}

    def add(self, slot: TimeSlot, id: str, group: str = "") -> None:
        """Add an id under its slot, in a group that a look-up may leave out."""
        level = (slot.end_us - slot.start_us).bit_length()
        listed = self._levels.setdefault(level, _Level())
        for stretch in {slot.start_us >> level, (slot.end_us - 1) >> level}:
            listed.add(stretch, group, id)

    def near(self, slot: TimeSlot, without: Container[str] = ()) -> Iterator[str]:
        """Yield the ids that may overlap a slot, each at least once, without those of some groups."""
        for level, listed in self._levels.items():
            for groups in listed.between(slot.start_us >> level, (slot.end_us - 1) >> level):
                for group, ids in groups.items():
                    if group not in without:
                        yield from ids
