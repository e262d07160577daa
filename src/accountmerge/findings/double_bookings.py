"""Functions that find double bookings, and clusters of many of them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from operator import attrgetter
from typing import Literal

from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import Severity
from accountmerge.messages import Fact
from accountmerge.model.appointments import LIVE, Appointment
from accountmerge.model.bookings import appointments_of
from accountmerge.model.digests import sha256_of
from accountmerge.model.instants import rfc3339
from accountmerge.model.json_text import canonical
from accountmerge.model.overlaps import any_overlap, overlapping_live_pairs, overlapping_runs
from accountmerge.model.sessions import practitioner_pairs, practitioner_runs
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.successions import BookingRoots, Persons
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import ShownValue, value_class
from accountmerge.model.wall_times import wall_text

MOST_PAIRS = 20
"""The most pairs of connected bookings that are reported one by one; about one screen."""
_DIGITS = 32  # hexadecimal digits, 128 bits, as in derived ids

ClusterKind = Literal["practitioner", "customer"]
_PAIRS = {"practitioner": practitioner_pairs, "customer": overlapping_live_pairs}
_RUNS = {"practitioner": practitioner_runs, "customer": overlapping_runs}
"""The overlapping pairs and groups of the bookings of one owner. Only a practitioner has sessions with several bookings."""


@value_class(eq=False, repr=False)
class BookingCluster(ShownValue):
    """Many bookings of one practitioner or person that are connected by overlap, or are one booking.

    Attributes:
        kind: The kind of their owner.
        members: The bookings, in their defined order.
        digest: A digest of the ids of the first appointments of the members' chains. It stays the same while a plan
            rebooks them one by one.
    """

    kind: ClusterKind
    members: tuple[Appointment, ...]
    digest: str

    @classmethod
    def of(cls, kind: ClusterKind, bookings: Iterable[Appointment], roots: BookingRoots) -> BookingCluster:
        """Return the cluster of some bookings."""
        members = tuple(sorted(bookings, key=lambda row: row.order))
        ids = sorted({roots.of(row) for row in members})
        return cls(kind, members, sha256_of(canonical(ids))[:_DIGITS])

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the members, sorted."""
        return tuple(sorted(row.id for row in self.members))

    def as_finding(self, code: str | None = None, severity: Severity | None = None) -> Finding:
        """Return the one finding of the cluster, under the code of its kind or another code."""
        code = code or (
            "existing_double_booking" if self.kind == "practitioner" else "customer_double_booking"
        )
        first, last = self.members[0].id, self.members[-1].id
        facts: dict[str, Fact] = {"count": len(self.members), "first": first, "last": last}
        return Finding.of(code, (self.digest,), severity, **facts)


def few_pairs(
    pairs: Iterable[tuple[Appointment, Appointment]],
) -> list[tuple[Appointment, Appointment]] | None:
    """Return pairs of a group if they are few enough to report each, or None."""
    named = list(itertools.islice(pairs, MOST_PAIRS + 1))
    return named if len(named) <= MOST_PAIRS else None


DoubleBookingKind = Literal["practitioner", "customer"]


@value_class(eq=False, repr=False)
class DoubleBooking(ShownValue):
    """Two live bookings that cannot both take place.

    Attributes:
        kind: The owner of the time: the `practitioner` (over all profiles) or the `customer`.
        first: The earlier booking, by start, end and id.
        second: The later one.
        overlap: The time of both.
    """

    kind: DoubleBookingKind
    first: Appointment
    second: Appointment
    overlap: TimeSlot

    def as_finding(self, snapshot: Snapshot, code: str | None = None) -> Finding:
        """Return the finding of the pair, under the code of its kind or another code."""
        profiles = (snapshot.profiles[row.profile_id] for row in (self.first, self.second))
        return self.with_practitioners([profile.practitioner_id for profile in profiles], code)

    def with_practitioners(self, practitioner_ids: Iterable[str], code: str | None = None) -> Finding:
        """Return the finding of the pair for known practitioners."""
        first, second = self.first, self.second
        start, end = rfc3339(self.overlap.start_us), rfc3339(self.overlap.end_us)
        facts: dict[str, Fact] = {
            "first_id": first.id,
            "second_id": second.id,
            "start": start,
            "end": end,
            "local_start": f"{wall_text(first.slot.start_us, first.time_zone)} {first.time_zone}",
            "customer_ids": tuple(sorted({first.customer_id, second.customer_id})),
        }
        if self.kind == "practitioner":
            facts["practitioner_id"] = min(practitioner_ids)
            return Finding.of(code or "existing_double_booking", (first.id, second.id), **facts)
        facts["practitioner_ids"] = tuple(sorted(set(practitioner_ids)))
        return Finding.of(code or "customer_double_booking", (first.id, second.id), **facts)


Doubles = DoubleBooking | BookingCluster
"""A double booking, or a cluster of many."""


def find_double_bookings(snapshot: Snapshot) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one practitioner, and of one customer.

    A practitioner is one person over all profiles. A customer is one person over all customers that were merged
    into it: a booking of an absorbed customer is compared with the bookings of the survivor.

    Slots are half-open, so back-to-back bookings do not overlap. A pair of both kinds is reported once per kind.
    The two halves of one rebooking are one booking: see the finding `unfinished_rebooking`. Bookings of two persons
    are two bookings, even if they replace each other. Bookings of one practitioner with the same `session_id` and the
    same slot are one session, so they are no double booking of the practitioner.

    Returns:
        Practitioners' pairs, then customers'; each sorted by the first booking, then by the second, for any order of
        the snapshot.

    Takes O(n log n) for n appointments, and time in proportion to the pairs. Only this function reports every pair.
    """
    require_snapshot(snapshot)
    return (*practitioners_double_bookings(snapshot), *customers_double_bookings(snapshot))


def practitioners_double_bookings(snapshot: Snapshot) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one practitioner, for all practitioners."""
    by_profile, rebooked = _live_by(snapshot, "profile_id")
    calendars = (
        itertools.chain.from_iterable(by_profile.get(profile.id, ()) for profile in profiles)
        for profiles in snapshot.profiles.groups("practitioner_id").values()
    )
    roots = BookingRoots(snapshot.appointments, Persons(snapshot.customers))
    return _double_bookings("practitioner", map(practitioner_pairs, calendars), roots, rebooked)


def customers_double_bookings(snapshot: Snapshot) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair of live bookings of one person, for all customers."""
    by_customer, rebooked = _live_by(snapshot, "customer_id")
    _join_merged(snapshot, by_customer)
    # Most customers have few bookings and no overlap, which is quicker to check than to sweep.
    calendars = (rows for rows in by_customer.values() if any_overlap([row.slot for row in rows]))
    roots = BookingRoots(snapshot.appointments, Persons(snapshot.customers))
    return _double_bookings("customer", map(overlapping_live_pairs, calendars), roots, rebooked)


def double_booking_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the double bookings of all practitioners and customers as findings, many connected ones as one."""
    roots = BookingRoots(snapshot.appointments, Persons(snapshot.customers))
    by_profile, rebooked = _live_by(snapshot, "profile_id")
    for profiles in snapshot.profiles.groups("practitioner_id").values():
        calendar = itertools.chain.from_iterable(by_profile.get(profile.id, ()) for profile in profiles)
        for double in _doubles(calendar, "practitioner", roots, rebooked):
            yield _finding(snapshot, double)
    by_customer, _ = _live_by(snapshot, "customer_id")
    _join_merged(snapshot, by_customer)
    for rows in by_customer.values():
        if any_overlap([row.slot for row in rows]):
            for double in _doubles(rows, "customer", roots, rebooked):
                yield _finding(snapshot, double)


def doubles_of_practitioner(snapshot: Snapshot, practitioner_id: str) -> tuple[Doubles, ...]:
    """Return the double bookings of one practitioner over all profiles, with clusters for many connected ones."""
    roots = BookingRoots(snapshot.appointments, Persons(snapshot.customers))
    return doubles_among(snapshot, "practitioner", appointments_of(snapshot, practitioner_id), roots)


def double_bookings_of(
    snapshot: Snapshot, kind: DoubleBookingKind, bookings: Iterable[Appointment], roots: BookingRoots
) -> tuple[DoubleBooking, ...]:
    """Return every overlapping pair among some live bookings of one practitioner or person."""
    rebooked = snapshot.appointments.groups("replaced_by")
    return _double_bookings(kind, [_PAIRS[kind](bookings)], roots, rebooked)


def doubles_among(
    snapshot: Snapshot, kind: DoubleBookingKind, bookings: Iterable[Appointment], roots: BookingRoots
) -> tuple[Doubles, ...]:
    """Return the double bookings among some bookings of one practitioner or person, each cluster once."""
    live = (row for row in bookings if row.is_live)
    return tuple(_doubles(live, kind, roots, snapshot.appointments.groups("replaced_by")))


def _finding(snapshot: Snapshot, double: Doubles) -> Finding:
    return double.as_finding(snapshot) if isinstance(double, DoubleBooking) else double.as_finding()


def _doubles(
    live: Iterable[Appointment], kind: DoubleBookingKind, roots: BookingRoots, rebooked: Container[str]
) -> Iterator[Doubles]:
    for run in _RUNS[kind](live):
        pairs = few_pairs(_PAIRS[kind](run))
        if pairs is not None:
            yield from _double_bookings(kind, [pairs], roots, rebooked)
        elif len({roots.booking(row) for row in run}) > 1:  # else all of them are one booking
            yield BookingCluster.of(kind, run, roots)


def unfinished_groups(
    snapshot: Snapshot, appointments: Iterable[Appointment], persons: Persons | None = None
) -> Iterator[tuple[Appointment, Appointment] | BookingCluster]:
    """Yield every pair of live appointments that are one booking.

    A booking with too many pairs is one cluster. Default of `persons`: those of the snapshot.
    """
    roots = BookingRoots(snapshot.appointments, persons or Persons(snapshot.customers))
    for rows in _halves(appointments, roots):
        pairs = few_pairs(itertools.combinations(rows, 2))
        if pairs is None:
            yield BookingCluster.of("customer", rows, roots)
        else:
            yield from pairs


def _halves(appointments: Iterable[Appointment], roots: BookingRoots) -> Iterator[list[Appointment]]:
    """Yield the live appointments of each booking that has several, in their defined order."""
    by_booking: dict[tuple[str, str], list[Appointment]] = {}
    for row in appointments:
        if row.is_live:
            by_booking.setdefault(roots.booking(row), []).append(row)
    for rows in by_booking.values():
        if len(rows) > 1:
            yield sorted(rows, key=lambda row: row.order)


def _live_by(
    snapshot: Snapshot, attribute: Literal["profile_id", "customer_id"]
) -> tuple[dict[str, list[Appointment]], set[str]]:
    """Return the live bookings by an attribute, and the ids in `replaced_by` of other appointments.

    One pass without the table's indexes: in a big snapshot another pass over all appointments would take longer than
    all further work.
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
    """Add the bookings of absorbed customers to those of their survivors."""
    absorbed = [row.id for row in snapshot.customers if row.merged_into is not None]
    persons = Persons(snapshot.customers)
    for id in absorbed:
        rows = by_customer.pop(id, None)
        if rows is not None:
            by_customer.setdefault(persons.of(id), []).extend(rows)


def _double_bookings(
    kind: DoubleBookingKind,
    overlapping: Iterable[Iterable[tuple[Appointment, Appointment]]],
    roots: BookingRoots,
    rebooked: Container[str],
) -> tuple[DoubleBooking, ...]:
    """Return the pairs that are not one booking; `rebooked` has every id in a `replaced_by`."""

    def are_one(first: Appointment, second: Appointment) -> bool:
        linked = any(row.replaces is not None or row.id in rebooked for row in (first, second))
        return linked and roots.are_one(first, second)

    doubles = [pair for pairs in overlapping for pair in pairs if not are_one(*pair)]
    doubles.sort(key=lambda pair: (pair[0].order, pair[1].order))
    return tuple(DoubleBooking(kind, *pair, _overlap(*pair)) for pair in doubles)


def _overlap(first: Appointment, second: Appointment) -> TimeSlot:
    start = max(first.slot.start_us, second.slot.start_us)
    return TimeSlot.from_microseconds(start, min(first.slot.end_us, second.slot.end_us))
