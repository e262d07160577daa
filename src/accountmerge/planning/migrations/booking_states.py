"""Booking states: what became of each booking that a migration rebooks, and the reason where it is not rebooked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

import attrs

from accountmerge.model.appointments import REBOOKED, Appointment
from accountmerge.model.rebookings import heirs, of_one_person
from accountmerge.model.successions import Persons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accountmerge.model.snapshots import Snapshot

BookingState = Literal["rebooked", "left", "waiting", "unexplained"]

PROGRESS_REASONS: dict[str, BookingState] = {
    "cancelled_meanwhile": "left",
    "completed": "left",
    "missed": "left",
    "begun": "left",
    "rebooked_elsewhere": "left",
    "gone": "unexplained",
    "moved": "unexplained",
    "nothing_in_its_place": "unexplained",
    "other_customer": "unexplained",
    "doubled": "unexplained",
    "shared": "unexplained",
    "both_stand": "unexplained",
}
"""The closed vocabulary of why a booking is neither rebooked nor waiting, and what it is instead."""

Found = tuple[BookingState, str | None]


def booking_states(
    snapshot: Snapshot, expected: Sequence[str], old_id: str | None, new_id: str | None, from_us: int
) -> Iterator[Found]:
    """Yield how each booking stands, and the reason if it is left or unexplained.

    What takes the place of a booking is known by its links, by `replaces` most of all, for a store may give ids of
    its own; chains of rebookings are followed to their ends.

    Args:
        snapshot: The present data.
        expected: Ids of the bookings that the plan rebooks.
        old_id: The old profile.
        new_id: The new profile; nothing if there is none yet.
        from_us: What starts before it has begun, in microseconds.
    """
    persons = Persons(snapshot.customers)
    stories = [_story(snapshot, persons, id) for id in expected]
    holders = Counter(row.id for story in stories for row in story.standing)
    holders.update(expected)
    for story in stories:
        if any(holders[row.id] > 1 for row in story.standing):
            yield "unexplained", "shared"
        else:
            yield story.found(old_id, new_id, from_us)


def _story(snapshot: Snapshot, persons: Persons, id: str) -> _Story:
    old = snapshot.appointments.get(id)
    if old is None:
        return _Story(None, (), strangers=False)
    found = heirs(snapshot.appointments, old)
    own = tuple(row for row in found if of_one_person(persons, row, old))
    return _Story(old, own, strangers=len(own) < len(found))


@attrs.frozen(repr=False)
class _Story:
    """A booking and all that was booked in its place.

    Attributes:
        old: The booking.
        heirs: What was booked in its place for the same person.
        strangers: Whether anything was booked in its place for another person: that is another booking.
    """

    old: Appointment | None
    heirs: tuple[Appointment, ...]
    strangers: bool

    @property
    def standing(self) -> tuple[Appointment, ...]:
        """What was not passed on in its turn."""
        return tuple(row for row in self.heirs if not _is_passed_on(row))

    def found(self, old_id: str | None, new_id: str | None, from_us: int) -> Found:
        old = self.old
        if old is None:
            return "unexplained", "gone"
        live = sum(row.is_live for row in self.standing)
        if live > 1:
            return "unexplained", "doubled"
        if _is_passed_on(old):
            return self._passed_on(new_id)
        if old.is_live and old.profile_id != old_id:
            return "unexplained", "moved"
        if old.is_live and old.slot.start_us >= from_us:
            return "waiting", None
        return ("unexplained", "both_stand") if live else ("left", _LEFT.get(old.status, "begun"))

    def _passed_on(self, new_id: str | None) -> Found:
        if not self.standing:
            return "unexplained", "other_customer" if self.strangers else "nothing_in_its_place"
        if any(row.profile_id == new_id for row in self.heirs):
            return "rebooked", None
        return "left", "rebooked_elsewhere"


_LEFT = {"cancelled": "cancelled_meanwhile", "completed": "completed", "missed": "missed"}


def _is_passed_on(row: Appointment) -> bool:
    """Tell whether a booking was cancelled because another takes its place, and for no other reason."""
    if row.status != "cancelled":
        return False
    return row.cancel_reason == REBOOKED or (row.cancel_reason is None and row.replaced_by is not None)
