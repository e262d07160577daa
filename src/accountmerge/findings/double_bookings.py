"""Double bookings: two live bookings of one practitioner, or of one customer, whose slots overlap."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Literal

import attrs

from accountmerge.findings.finding import Finding
from accountmerge.model.appointments import Appointment
from accountmerge.model.instants import rfc3339
from accountmerge.model.overlaps import overlapping_pairs
from accountmerge.model.rebookings import root_of
from accountmerge.model.time_slots import TimeSlot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.snapshots import Snapshot

DoubleBookingKind = Literal["practitioner", "customer"]


@attrs.frozen
class DoubleBooking:
    """Two live bookings that cannot both take place.

    Attributes:
        kind: Whose time is taken twice: the `practitioner`'s (over all profiles) or the `customer`'s.
        first: The earlier booking, by start, end and id.
        second: The later one.
        overlap: The time that both take.
    """

    kind: DoubleBookingKind
    first: Appointment
    second: Appointment
    overlap: TimeSlot

    def as_finding(self, code: str | None = None) -> Finding:
        """Return the finding that says so, under the code of its kind or another one."""
        code = code or (
            "existing_double_booking" if self.kind == "practitioner" else "customer_double_booking"
        )
        ids = (self.first.id, self.second.id)
        start, end = rfc3339(self.overlap.start_us), rfc3339(self.overlap.end_us)
        return Finding.of(code, ids, first_id=ids[0], second_id=ids[1], start=start, end=end)


def find_double_bookings(snapshot: Snapshot) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one practitioner, and of one customer.

    Slots are half-open, so back to back is no overlap. A pair that is both is reported once per kind.
    The two halves of one rebooking are one booking: see `find_unfinished_rebookings`.

    Returns:
        Practitioners' pairs, then customers'; each sorted by the first booking, then by the second, whatever
        order the snapshot was given in.

    Takes O(n log n) for n appointments, and time in proportion to the pairs.
    """
    return (*practitioners_double_bookings(snapshot), *customers_double_bookings(snapshot))


def practitioners_double_bookings(snapshot: Snapshot) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one practitioner, for all practitioners."""
    by_profile = snapshot.appointments.groups("profile_id")
    calendars = (
        [row for profile in profiles for row in by_profile.get(profile.id, ())]
        for profiles in snapshot.profiles.groups("practitioner_id").values()
    )
    return _double_bookings(snapshot, "practitioner", calendars)


def customers_double_bookings(snapshot: Snapshot) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one customer, for all customers."""
    calendars = snapshot.appointments.groups("customer_id").values()
    return _double_bookings(snapshot, "customer", calendars)


def practitioner_double_bookings(snapshot: Snapshot, practitioner_id: str) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one practitioner, over all profiles."""
    profiles = snapshot.profiles.where("practitioner_id", practitioner_id)
    bookings = [row for profile in profiles for row in snapshot.appointments.where("profile_id", profile.id)]
    return _double_bookings(snapshot, "practitioner", [bookings])


def double_bookings_of(
    snapshot: Snapshot, kind: DoubleBookingKind, bookings: Iterable[Appointment]
) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair among some live bookings, as those of one practitioner or customer."""
    return _double_bookings(snapshot, kind, [bookings])


def find_unfinished_rebookings(snapshot: Snapshot) -> tuple[tuple[Appointment, Appointment], ...]:
    """Return every pair of live appointments that are one booking, rebooked but never cancelled.

    The halves of a pair, and the pairs, are in the defined order of bookings.
    """
    return unfinished_among(snapshot, snapshot.appointments)


def unfinished_among(
    snapshot: Snapshot, appointments: Iterable[Appointment]
) -> tuple[tuple[Appointment, Appointment], ...]:
    """Return every pair among some appointments that are live and one booking."""
    by_root: dict[str, list[Appointment]] = {}
    for row in appointments:
        if row.is_live:
            by_root.setdefault(root_of(snapshot.appointments, row), []).append(row)
    halves = (sorted(rows, key=lambda row: row.order) for rows in by_root.values() if len(rows) > 1)
    pairs = (pair for rows in halves for pair in itertools.combinations(rows, 2))
    return tuple(sorted(pairs, key=lambda pair: (pair[0].order, pair[1].order)))


def _double_bookings(
    snapshot: Snapshot, kind: DoubleBookingKind, calendars: Iterable[Iterable[Appointment]]
) -> tuple[DoubleBooking, ...]:
    found = [pair for calendar in calendars for pair in _different(snapshot, overlapping_pairs(calendar))]
    found.sort(key=lambda pair: (pair[0].order, pair[1].order))
    return tuple(DoubleBooking(kind, *pair, _overlap(*pair)) for pair in found)


def _different(
    snapshot: Snapshot, pairs: Iterable[tuple[Appointment, Appointment]]
) -> Iterator[tuple[Appointment, Appointment]]:
    table = snapshot.appointments
    return (pair for pair in pairs if root_of(table, pair[0]) != root_of(table, pair[1]))


def _overlap(first: Appointment, second: Appointment) -> TimeSlot:
    start = max(first.slot.start_us, second.slot.start_us)
    return TimeSlot.from_microseconds(start, min(first.slot.end_us, second.slot.end_us))
