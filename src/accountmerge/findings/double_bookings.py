"""Double bookings: two live bookings of one practitioner, or of one customer, whose slots overlap."""

from __future__ import annotations

import itertools
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

import attrs

from accountmerge.findings.finding import Finding
from accountmerge.model.appointments import LIVE, Appointment
from accountmerge.model.instants import rfc3339
from accountmerge.model.overlaps import any_overlap, overlapping_live_pairs, overlapping_pairs
from accountmerge.model.rebookings import are_one_booking, root_of
from accountmerge.model.successions import Persons
from accountmerge.model.time_slots import TimeSlot

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

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

    A practitioner is one person over all profiles. A customer is one person over all customers that were merged
    into it: a booking of an absorbed customer is compared with the bookings of the survivor.

    Slots are half-open, so back to back is no overlap. A pair that is both is reported once per kind.
    The two halves of one rebooking are one booking: see `find_unfinished_rebookings`. Bookings of two persons
    are two bookings, whatever they replace.

    Returns:
        Practitioners' pairs, then customers'; each sorted by the first booking, then by the second, whatever
        order the snapshot was given in.

    Takes O(n log n) for n appointments, and time in proportion to the pairs.
    """
    return (*practitioners_double_bookings(snapshot), *customers_double_bookings(snapshot))


def practitioners_double_bookings(snapshot: Snapshot) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one practitioner, for all practitioners."""
    by_profile, rebooked = _live_by(snapshot, "profile_id")
    calendars = (
        itertools.chain.from_iterable(by_profile.get(profile.id, ()) for profile in profiles)
        for profiles in snapshot.profiles.groups("practitioner_id").values()
    )
    return _double_bookings(snapshot, "practitioner", map(overlapping_live_pairs, calendars), rebooked)


def customers_double_bookings(snapshot: Snapshot) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one person, for all customers with their absorbed ones."""
    by_customer, rebooked = _live_by(snapshot, "customer_id")
    _join_merged(snapshot, by_customer)
    # Most customers have few bookings and no overlap, which is quicker to see than to sweep.
    calendars = (rows for rows in by_customer.values() if any_overlap([row.slot for row in rows]))
    return _double_bookings(snapshot, "customer", map(overlapping_live_pairs, calendars), rebooked)


def practitioner_double_bookings(snapshot: Snapshot, practitioner_id: str) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one practitioner, over all profiles."""
    profiles = snapshot.profiles.where("practitioner_id", practitioner_id)
    bookings = [row for profile in profiles for row in snapshot.appointments.where("profile_id", profile.id)]
    return double_bookings_of(snapshot, "practitioner", bookings)


def double_bookings_of(
    snapshot: Snapshot,
    kind: DoubleBookingKind,
    bookings: Iterable[Appointment],
    persons: Persons | None = None,
) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair among some live bookings, as those of one practitioner or customer.

    `persons` says who the customers are. Default: as the snapshot has them.
    """
    rebooked = snapshot.appointments.groups("replaced_by")
    return _double_bookings(snapshot, kind, [overlapping_pairs(bookings)], rebooked, persons)


def find_unfinished_rebookings(snapshot: Snapshot) -> tuple[tuple[Appointment, Appointment], ...]:
    """Return every pair of live appointments that are one booking, rebooked but never cancelled.

    The halves of a pair, and the pairs, are in the defined order of bookings.
    """
    return unfinished_among(snapshot, snapshot.appointments)


def unfinished_among(
    snapshot: Snapshot, appointments: Iterable[Appointment], persons: Persons | None = None
) -> tuple[tuple[Appointment, Appointment], ...]:
    """Return every pair among some appointments that are live and one booking.

    `persons` says who the customers are. Default: as the snapshot has them.
    """
    by_root: dict[str, list[Appointment]] = {}
    for row in appointments:
        if row.is_live:
            by_root.setdefault(root_of(snapshot.appointments, row), []).append(row)
    known = persons or Persons(snapshot.customers)
    halves = [
        sorted(rows, key=lambda row: row.order)
        for chain in by_root.values()
        if len(chain) > 1
        for rows in _by_person(known, chain)
    ]
    pairs = (pair for rows in halves for pair in itertools.combinations(rows, 2))
    return tuple(sorted(pairs, key=lambda pair: (pair[0].order, pair[1].order)))


def _by_person(persons: Persons, rows: Iterable[Appointment]) -> Iterable[list[Appointment]]:
    found: dict[str, list[Appointment]] = {}
    for row in rows:
        found.setdefault(persons.of(row.customer_id), []).append(row)
    return found.values()


def _live_by(
    snapshot: Snapshot, attribute: Literal["profile_id", "customer_id"]
) -> tuple[dict[str, list[Appointment]], set[str]]:
    """Return the live bookings by an attribute, and the ids of all that another appointment names as its heir.

    Both in one pass, and without the table's indexes: in a big snapshot going through all appointments once
    more takes longer than anything that is done with them.
    """
    live: defaultdict[str, list[Appointment]] = defaultdict(list)
    rebooked: set[str] = set()
    value_of = attrgetter(attribute)
    for row in snapshot.appointments:
        if row.status in LIVE:
            live[value_of(row)].append(row)
        if row.replaced_by is not None:
            rebooked.add(row.replaced_by)
    return live, rebooked


def _join_merged(snapshot: Snapshot, by_customer: dict[str, list[Appointment]]) -> None:
    """Put the bookings of absorbed customers to those of their survivors; one pass if no customer was merged."""
    absorbed = [row.id for row in snapshot.customers if row.merged_into is not None]
    persons = Persons(snapshot.customers)
    for id in absorbed:
        rows = by_customer.pop(id, None)
        if rows is not None:
            by_customer.setdefault(persons.of(id), []).extend(rows)


def _double_bookings(
    snapshot: Snapshot,
    kind: DoubleBookingKind,
    overlapping: Iterable[Iterable[tuple[Appointment, Appointment]]],
    rebooked: Container[str],
    persons: Persons | None = None,
) -> tuple[DoubleBooking, ...]:
    """Return the pairs that are not one booking; only those in `rebooked` are named by another's `replaced_by`."""
    table = snapshot.appointments
    known = persons or Persons(snapshot.customers)

    def are_one(first: Appointment, second: Appointment) -> bool:
        linked = any(row.replaces is not None or row.id in rebooked for row in (first, second))
        return linked and are_one_booking(table, known, first, second)

    found = [pair for pairs in overlapping for pair in pairs if not are_one(*pair)]
    found.sort(key=lambda pair: (pair[0].order, pair[1].order))
    return tuple(DoubleBooking(kind, *pair, _overlap(*pair)) for pair in found)


def _overlap(first: Appointment, second: Appointment) -> TimeSlot:
    start = max(first.slot.start_us, second.slot.start_us)
    return TimeSlot.from_microseconds(start, min(first.slot.end_us, second.slot.end_us))
