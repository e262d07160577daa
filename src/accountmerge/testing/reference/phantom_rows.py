"""Rows that appear unexpectedly while a change set is applied."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.time_slots import TimeSlot

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pendulum

    from accountmerge.model.entities import Entity
    from accountmerge.model.snapshots import Snapshot

PHANTOM = "phantom"
"""The start of the id of every such row."""
FAR_AHEAD = timedelta(days=400)
"""A time from the instant of a plan at which no booking exists."""


def a_customer(*emails: CustomerEmail) -> Customer:
    """Return a new customer."""
    return Customer(id=f"{PHANTOM}-customer", record_number=PHANTOM, emails=emails, status="active")


def a_login() -> Profile:
    """Return the profile of a new practitioner, with an inactive schedule."""
    return Profile(
        id=f"{PHANTOM}-profile",
        practitioner_id=f"{PHANTOM}-practitioner",
        email=EmailAddress("phantom@example.net"),
        login="enabled",
        schedule="inactive",
    )


def a_booking(profile_id: str, customer_id: str, slot: TimeSlot) -> Appointment:
    """Return a booking."""
    return Appointment(
        id=f"{PHANTOM}-booking",
        profile_id=profile_id,
        customer_id=customer_id,
        slot=slot,
        time_zone="UTC",
        modality="phone",
        status="booked",
    )


def far_ahead(at: pendulum.DateTime) -> TimeSlot:
    """Return an hour without any booking."""
    return TimeSlot(at + FAR_AHEAD, at + FAR_AHEAD + timedelta(hours=1))


def names_of(present: Snapshot, at: pendulum.DateTime, customer_id: str) -> Iterator[Entity]:
    """Yield an entity of every kind that refers to a customer."""
    yield Record(id=f"{PHANTOM}-note", kind="note", customer_id=customer_id)
    yield Customer(
        id=f"{PHANTOM}-customer",
        record_number=PHANTOM,
        emails=(),
        status="disabled",
        merged_into=customer_id,
    )
    for other in [row for row in present.customers.sorted() if row.id != customer_id][:1]:
        yield Record(
            id=f"{PHANTOM}-relation", kind="relation", customer_id=other.id, related_customer_id=customer_id
        )
    known = {row.profile_id for row in present.access.where("customer_id", customer_id)}
    for profile in [row for row in present.profiles.sorted() if row.id not in known][:1]:
        yield Access(id=f"{PHANTOM}-access", profile_id=profile.id, customer_id=customer_id, level="viewing")
    for profile in present.profiles.sorted()[:1]:
        yield a_booking(profile.id, customer_id, far_ahead(at))
        yield AccessRequest(
            id=f"{PHANTOM}-request",
            profile_id=profile.id,
            customer_id=customer_id,
            requested_at=at,
            expires_at=at + FAR_AHEAD,
            status="pending",
        )
