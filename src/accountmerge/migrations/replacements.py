"""The replacements of bookings that are rebooked, and the edits that make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard
from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import Severity
from accountmerge.messages import Fact, Facts
from accountmerge.model.access import Access, strongest
from accountmerge.model.appointments import REBOOKED, Appointment
from accountmerge.model.identifiers import derived_id
from accountmerge.model.instants import rfc3339
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Origins, Persons, of_one_person
from accountmerge.model.values import Value, value_class
from accountmerge.plans.grants import grant


def replacement_id(booking: Appointment, profile: Profile) -> str:
    """Return the id of the replacement of a booking with a profile, the same in every retry."""
    return derived_id("appointment", booking.id, profile.id)


@value_class(eq=False, repr=False)
class Replacements(Value):
    """The existing replacements of one booking.

    Attributes:
        live: Live bookings that are linked to it, or that were made for it without a link, sorted by id.
        ended: Appointments that are linked to it and no longer live, sorted by id.
        strange: Appointments of another person that are linked to it, sorted by id.
    """

    live: tuple[Appointment, ...] = ()
    ended: tuple[Appointment, ...] = ()
    strange: tuple[Appointment, ...] = ()

    @property
    def all(self) -> tuple[Appointment, ...]:
        """The replacements of the same person, live ones first."""
        return (*self.live, *self.ended)


def replacements(
    snapshot: Snapshot, moving: Iterable[Appointment], derived_ids: Mapping[str, str], profile: Profile
) -> dict[str, Replacements]:
    """Return the existing replacements of bookings that move, by the id of the booking.

    Bookings without replacements are left out. A row that has a derived id, but is neither linked nor the other half,
    is no replacement.
    """
    table, persons = snapshot.appointments, Persons(snapshot.customers)
    replaced = table.groups("replaces")
    by_booking: dict[str, Replacements] = {}
    for booking in moving:
        others = {row.id: row for row in replaced.get(booking.id, ())}
        if booking.replaced_by is not None:
            others[booking.replaced_by] = table[booking.replaced_by]
        made = table.get(derived_ids[booking.id])
        if made is not None and is_other_half(made, booking, profile):
            others[made.id] = made
        others.pop(booking.id, None)
        if others:
            rows = [others[id] for id in sorted(others)]
            own = [row for row in rows if of_one_person(persons, row, booking)]
            live, ended = (tuple(row for row in own if row.is_live is wanted) for wanted in (True, False))
            by_booking[booking.id] = Replacements(live, ended, tuple(row for row in rows if row not in own))
    return by_booking


def origins_in(snapshot: Snapshot, old: Profile) -> Origins:
    """Return the origins of bookings, which show the bookings that came from the old profile."""
    return Origins(snapshot.appointments, Persons(snapshot.customers), old.id)


def waits(booking: Appointment, new: Profile, origins: Origins) -> bool:
    """Return whether a booking in the new profile did not come from the old one.

    A booking that came from the old profile was beside the others before, so it is not in their way.
    """
    return booking.profile_id == new.id and not origins.came_along(booking)


def is_other_half(other: Appointment, booking: Appointment, profile: Profile) -> bool:
    """Return whether a booking is the other half of a rebooking, with the same customer, time and status.

    A booking that was itself replaced by a third appointment is not clear enough.
    """
    in_place = other.profile_id == profile.id and other.replaces in (None, booking.id)
    return in_place and other.replaced_by is None and _kept(other) == _kept(booking)


def strangers_finding(
    booking: Appointment, in_place: Replacements, half: Appointment | None, profile: Profile
) -> Iterator[Finding]:
    """Yield a finding if a booking that moves was replaced by one of another person.

    The finding blocks if the move would make a second replacement. It warns if the booking has its other half
    already, because there are two replacements with or without the plan.
    """
    if not in_place.strange:
        return
    ids = {row.id for row in (*in_place.all, *in_place.strange)}
    replacements_of = tuple(sorted(ids if half else ids | {replacement_id(booking, profile)}))
    severity: Severity = "warning" if half else "blocker"
    facts: dict[str, Fact] = {"appointment_id": booking.id, "replacement_ids": replacements_of}
    yield Finding.of("several_replacements", (booking.id, *replacements_of), severity, **facts)


def booking_edits(
    booking: Appointment, other: Appointment | None, new_id: str, profile: Profile, number: str | None = None
) -> tuple[tuple[Edit, ...], Edit]:
    """Return the edits that make the replacement, and the edit that cancels the old booking.

    The edits of access go between them. In this order a store that stops in the middle loses no booking: both halves
    are live, each refers only to existing rows, and the next plan finishes the rebooking. `other` is the other half,
    if it exists already.
    """
    booked: tuple[Edit, ...] = ()
    if other is None:
        booked = (Edit(None, _rebooked(booking, new_id, profile.id, number)),)
    else:
        linked = attrs.evolve(other, replaces=booking.id, **_lacking(other, booking))
        booked = (Edit(other, linked),) if linked != other else ()
    cancelled = attrs.evolve(booking, status="cancelled", cancel_reason=REBOOKED, replaced_by=new_id)
    return booked, Edit(booking, cancelled)


class CopiedAccess:
    """The access that the new profile gets with bookings, as a copy of the old profile's access."""

    __slots__ = ("_had", "_held", "_new_id", "_old_id", "_persons", "_since")

    def __init__(self, snapshot: Snapshot, old: Profile, new: Profile, since: datetime) -> None:
        self._old_id, self._new_id, self._since = old.id, new.id, since
        self._persons = Persons(snapshot.customers)
        self._held, self._had = (_by_customer(snapshot, profile) for profile in (old, new))

    def with_booking(self, customer_id: str) -> tuple[tuple[Edit, ...], tuple[Guard, ...]]:
        """Return the access that a customer's first booking brings, and guards on the copied access.

        The booking of an absorbed customer also brings the access to the survivor, who is visible by it. A later
        booking of the same customer brings no more access.
        """
        edits: list[Edit] = []
        guards: list[Guard] = []
        for id in dict.fromkeys((customer_id, self._persons.of(customer_id))):
            level = strongest(tuple(self._held.pop(id, ())))
            if level is None:
                continue
            pair = {"profile_id": self._new_id, "customer_id": id}
            edit = grant(self._had.get(id, ()), **pair, level=level, since=self._since)
            if edit is not None:
                edits.append(edit)
                facts = Facts(profile_id=self._old_id, customer_id=id, level=level)
                guards.append(Guard("access_holds", facts))
        return tuple(edits), tuple(guards)


def _by_customer(snapshot: Snapshot, profile: Profile) -> dict[str, list[Access]]:
    by_customer: dict[str, list[Access]] = {}
    for row in snapshot.access.where("profile_id", profile.id):
        by_customer.setdefault(row.customer_id, []).append(row)
    return by_customer


def _rebooked(booking: Appointment, new_id: str, profile_id: str, number: str | None) -> Appointment:
    carried: Any = {name: getattr(booking, name) for name in CARRIED}
    return Appointment(
        id=new_id,
        number=number,
        profile_id=profile_id,
        customer_id=booking.customer_id,
        slot=booking.slot,
        time_zone=booking.time_zone,
        modality=booking.modality,
        status=booking.status,
        session_id=booking.session_id,
        replaces=booking.id,
        **carried,
    )


CARRIED = ("local_start", "data", "created_at", "made_by")
"""The fields that a replacement has from the booking that it replaces, and that may change without a decision."""


def _lacking(other: Appointment, booking: Appointment) -> dict[str, Any]:
    """Return the carried values of a booking that its other half does not have."""
    found = {name: getattr(booking, name) for name in CARRIED if getattr(other, name) is None}
    return {name: value for name, value in found.items() if value is not None}


def _kept(row: Appointment) -> tuple[object, ...]:
    """Return the fields of a live booking that a rebooking keeps and that identify its other half."""
    return (row.customer_id, row.slot, row.time_zone, row.modality, row.status, row.session_id)


def left_customer_findings(snapshot: Snapshot, bookings: Iterable[Appointment]) -> Iterator[Finding]:
    """Yield a finding for each absorbed or disabled customer with bookings that move."""
    persons = Persons(snapshot.customers)
    moving: dict[str, list[int]] = {}
    for row in bookings:
        moving.setdefault(row.customer_id, []).append(row.slot.start_us)
    for id, starts in moving.items():
        customer = snapshot.customers[id]
        facts: dict[str, Fact] = {"customer_id": id, "count": len(starts), "start": rfc3339(min(starts))}
        if customer.merged_into is not None:
            person = persons.of(id)
            survivor_id = customer.merged_into if person == id else person  # in a circle there is no survivor
            yield Finding.of("booking_of_absorbed", (id,), **facts, survivor_id=survivor_id)
        elif customer.status == "disabled":
            yield Finding.of("booking_of_disabled", (id,), **facts)
