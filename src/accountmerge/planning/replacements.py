"""Replacements: what stands in the place of a booking that is rebooked, and the edits that put it there.

Source: design section 3.1, rules 6, 7 and 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.model.access import Access, includes, strongest
from accountmerge.model.appointments import REBOOKED, Appointment
from accountmerge.model.identifiers import derived_id
from accountmerge.model.rebookings import of_one_person, own_forebears
from accountmerge.model.successions import Persons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from accountmerge.findings.vocabulary import Severity
    from accountmerge.messages import Fact
    from accountmerge.model.profiles import Profile
    from accountmerge.model.snapshots import Snapshot


def replacement_id(booking: Appointment, profile: Profile) -> str:
    """Return the id of what is booked with a profile in the place of a booking, the same in every retry."""
    return derived_id("appointment", booking.id, profile.id)


def replacements(
    snapshot: Snapshot, moving: Iterable[Appointment], derived_ids: Mapping[str, str]
) -> dict[str, tuple[Appointment, ...]]:
    """Return what stands already in the place of bookings that move, by their ids.

    Args:
        snapshot: The data.
        moving: The bookings.
        derived_ids: By the id of each, the id of what is booked in its place.
    """
    replaced = snapshot.appointments.groups("replaces")
    found: dict[str, tuple[Appointment, ...]] = {}
    for booking in moving:
        others = {row.id: row for row in replaced.get(booking.id, ())}
        for id in (booking.replaced_by, derived_ids[booking.id]):
            other = snapshot.appointments.get(id) if id else None
            if other is not None:
                others[other.id] = other
        others.pop(booking.id, None)
        if others:
            found[booking.id] = tuple(others[id] for id in sorted(others))
    return found


def is_other_half(other: Appointment, booking: Appointment, profile: Profile) -> bool:
    """Tell whether a booking with a profile is what another one is rebooked to: equal in all that is kept."""
    in_place = other.profile_id == profile.id and other.replaces in (None, booking.id)
    return in_place and _kept(other) == _kept(booking)


def came_along(snapshot: Snapshot, row: Appointment, old: Profile) -> bool:
    """Tell whether a booking was one with another profile before, by however many rebookings."""
    earlier = own_forebears(snapshot.appointments, Persons(snapshot.customers), row)
    return any(other.profile_id == old.id for other in earlier if other.id != row.id)


def is_strange(snapshot: Snapshot, other: Appointment, booking: Appointment) -> bool:
    """Return whether what was booked in the place of a booking is the booking of another person."""
    return not of_one_person(Persons(snapshot.customers), other, booking)


def strangers_finding(
    snapshot: Snapshot,
    booking: Appointment,
    in_place: Iterable[Appointment],
    half: Appointment | None,
    profile: Profile,
) -> Iterator[Finding]:
    """Yield a finding if a booking that moves was replaced by one of another person.

    It blocks if the move would be a second replacement beside that one. If the booking has its other half already,
    there are two replacements whatever the plan does, and it warns.

    Args:
        snapshot: The data.
        booking: The booking that moves.
        in_place: What was booked in its place already, for anybody.
        half: Its other half, if that is clear.
        profile: The profile that it moves into.
    """
    ids = {row.id for row in in_place}
    if not any(is_strange(snapshot, row, booking) for row in in_place):
        return
    heirs = tuple(sorted(ids if half else ids | {replacement_id(booking, profile)}))
    severity: Severity = "warning" if half else "blocker"
    facts: dict[str, Fact] = {"appointment_id": booking.id, "replacement_ids": heirs}
    yield Finding.of("several_replacements", (booking.id, *heirs), severity, **facts)


def booking_edits(
    booking: Appointment, other: Appointment | None, new_id: str, profile: Profile, number: str | None = None
) -> tuple[tuple[Edit, ...], Edit]:
    """Return what books anew, and what cancels the old booking; the access stands between them.

    In this order a store that stops in the middle has lost nothing: both halves are live, each refers only
    to what exists, and planning again finishes it.

    Args:
        booking: The booking that is rebooked.
        other: Its other half, if it is there.
        new_id: The id of the other half.
        profile: With whom it stands.
        number: Its number, if it was given ahead.
    """
    booked: tuple[Edit, ...] = ()
    if other is None:
        booked = (Edit(None, _rebooked(booking, new_id, profile.id, number)),)
    elif other.replaces is None:
        booked = (Edit(other, attrs.evolve(other, replaces=booking.id)),)
    cancelled = attrs.evolve(booking, status="cancelled", cancel_reason=REBOOKED, replaced_by=new_id)
    return booked, Edit(booking, cancelled)


def access_edits(
    held: tuple[Access, ...], had: tuple[Access, ...], *, profile_id: str, customer_id: str, since: datetime
) -> Iterator[Edit]:
    """Yield what gives the new profile the level of access that the old one has; the old row stays.

    Args:
        held: What gives the old profile sight of the customer.
        had: What gives the new profile sight of them already.
        profile_id: The new profile.
        customer_id: The customer.
        since: From when on the new profile sees them.
    """
    level, present = strongest(held), strongest(had)
    if level is None or (present is not None and includes(present, level)):
        return
    if had:
        row = min(had, key=lambda row: row.id)
        yield Edit(row, attrs.evolve(row, level=level))
        return
    yield Edit(
        None,
        Access(
            id=derived_id("access", profile_id, customer_id),
            profile_id=profile_id,
            customer_id=customer_id,
            level=level,
            since=since,
        ),
    )


def access_guard(profile_id: str, customer_id: str, edit: Edit) -> Guard:
    """Return the guard on the access that was only read: what is copied must still be held by the old profile."""
    level = edit.after.level if isinstance(edit.after, Access) else "viewing"
    return Guard("access_holds", Facts(profile_id=profile_id, customer_id=customer_id, level=level))


def _rebooked(booking: Appointment, new_id: str, profile_id: str, number: str | None) -> Appointment:
    return Appointment(
        id=new_id,
        number=number,
        profile_id=profile_id,
        customer_id=booking.customer_id,
        slot=booking.slot,
        time_zone=booking.time_zone,
        modality=booking.modality,
        status=booking.status,
        replaces=booking.id,
    )


def _kept(row: Appointment) -> tuple[object, ...]:
    """Return what a rebooking keeps of a live booking."""
    return (row.customer_id, row.slot, row.time_zone, row.modality, row.status)
