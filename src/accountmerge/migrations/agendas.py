"""The agenda of a support team, with its blackouts and the time left for one more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain

from accountmerge.model.calendars import Calendar
from accountmerge.model.time_slots import TimeSlot, union


class Agenda:
    """Blackouts, each with the customers whose bookings are rebooked in it.

    Args:
        capacity: The highest number of blackouts at the same time.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._taken: dict[str, TimeSlot] = {}
        self._customers: dict[str, set[str]] = {}
        self._by_customer: dict[str, list[str]] = {}
        self._calendar = Calendar()
        self._full: list[TimeSlot] = []
        self._full_calendar = Calendar()

    def take(self, profile_id: str, blackout: TimeSlot, customers: Iterable[str]) -> None:
        """Add a blackout, also beyond the capacity."""
        self._taken[profile_id] = blackout
        self._customers[profile_id] = set(customers)
        for customer in self._customers[profile_id]:
            self._by_customer.setdefault(customer, []).append(profile_id)
        self._calendar.add(blackout, profile_id)
        for slot in self._crowded(blackout, self._capacity):
            self._full_calendar.add(slot, str(len(self._full)))
            self._full.append(slot)

    def busy(self, within: TimeSlot, customers: Iterable[str]) -> tuple[TimeSlot, ...]:
        """Return the times in which one more blackout exceeds the capacity or shares a customer."""
        full = (self._full[int(place)] for place in set(self._full_calendar.near(within)))
        slots = (slot for slot in full if slot.overlaps(within))
        return union(chain(slots, self.disturbing(within, customers)))

    def disturbing(self, within: TimeSlot, customers: Iterable[str]) -> tuple[TimeSlot, ...]:
        """Return the times in which one more blackout would share a customer, with any capacity."""
        shared = {id for customer in customers for id in self._by_customer.get(customer, ())}
        return union(slot for slot in (self._taken[id] for id in shared) if slot.overlaps(within))

    def most_at_once(self, within: TimeSlot) -> int:
        """Return how many blackouts are on at the same time in a slot, at the most."""
        near = {id for id in self._calendar.near(within) if self._taken[id].overlaps(within)}
        turns = sorted(
            turn for id in near for turn in ((self._taken[id].start_us, 1), (self._taken[id].end_us, -1))
        )
        # A blackout that ends as another one starts is over: the ends sort first.
        return max(accumulate((turn for _, turn in turns)), default=0)

    def is_over(self, profile_id: str) -> bool:
        """Return whether the blackouts at some time in the profile's own exceed the capacity."""
        return bool(self._crowded(self._taken[profile_id], self._capacity + 1))

    def sharing(self, profile_id: str) -> Iterator[tuple[str, int]]:
        """Yield the other profiles whose blackouts overlap one, with the number of customers in common, if any."""
        mine = self._customers[profile_id]
        counts = Counter(id for customer in mine for id in self._by_customer[customer])
        del counts[profile_id]
        for id in sorted(counts):
            if self._taken[id].overlaps(self._taken[profile_id]):
                yield id, counts[id]

    def _crowded(self, blackout: TimeSlot, many: int) -> tuple[TimeSlot, ...]:
        """Return the parts of a blackout with at least so many blackouts, itself included."""
        near = {id for id in self._calendar.near(blackout) if self._taken[id].overlaps(blackout)}
        turns: list[tuple[int, int]] = []
        for id in near:
            slot = self._taken[id]
            turns += [
                (max(slot.start_us, blackout.start_us), 1),
                (min(slot.end_us, blackout.end_us), -1),
            ]
        turns.sort()
        crowded, count, since = [], 0, blackout.start_us
        for instant_us, turn in turns:
            if count >= many and instant_us > since:
                crowded.append(TimeSlot.from_microseconds(since, instant_us))
            count, since = count + turn, instant_us
        return union(crowded)
