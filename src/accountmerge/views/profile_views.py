"""The lists and histories that a profile shows."""

from __future__ import annotations

from datetime import datetime

import attrs

from accountmerge.model.appointments import Appointment
from accountmerge.model.bookings import future_bookings
from accountmerge.model.customers import Customer
from accountmerge.model.instants import microseconds, utc
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Persons, rows_of_person


def visible_customers(snapshot: Snapshot, profile_id: str) -> tuple[Customer, ...]:
    """Return the customers that are visible on a profile, by their ids.

    A customer is visible once an appointment of any status stands in the profile; one that is booked for an absorbed
    customer shows the survivor. A practitioner who has this
    one profile and no other also sees whoever the profile has access to (ours): with a second profile,
    which customers came along has to show, so there access alone shows nobody.

    Args:
        snapshot: The present data, or expected_snapshot ones.
        profile_id: The profile; on one that does not exist nobody is visible.

    Takes time in proportion to the profile's appointments and access, once the snapshot is indexed. Source:
    design section 3.1, rule 9.
    """
    persons = Persons(snapshot.customers)
    ids = {persons.of(row.customer_id) for row in snapshot.appointments.where("profile_id", profile_id)}
    if _is_only_one(snapshot, profile_id):
        ids.update(row.customer_id for row in snapshot.access.where("profile_id", profile_id))
    return tuple(snapshot.customers[id] for id in sorted(ids))


def is_visible(snapshot: Snapshot, profile_id: str, customer_id: str) -> bool:
    """Return whether a customer, or the survivor of an absorbed one, is visible on a profile.

    Takes time in proportion to the appointments of the person.
    """
    appointments = rows_of_person(snapshot.appointments, snapshot.customers, customer_id)
    if any(row.profile_id == profile_id for row in appointments):
        return True
    access = snapshot.access.where("customer_id", customer_id)
    return _is_only_one(snapshot, profile_id) and any(row.profile_id == profile_id for row in access)


def _is_only_one(snapshot: Snapshot, profile_id: str) -> bool:
    profile = snapshot.profiles.get(profile_id)
    return (
        profile is not None and len(snapshot.profiles.where("practitioner_id", profile.practitioner_id)) == 1
    )


def quick_view(snapshot: Snapshot, profile_id: str, *, at: datetime) -> tuple[Appointment, ...]:
    """Return the live bookings of a profile that start at an instant or later, soonest first.

    Of this profile only: what the practitioner has in another one is seen there.

    Args:
        snapshot: The present data, or expected_snapshot ones.
        profile_id: The profile; one that does not exist has no bookings.
        at: The instant; any aware datetime.

    Raises:
        InvalidValueError: `at` is naive.

    Takes time in proportion to the profile's appointments, once the snapshot is indexed. Source: design section
    3.1, rule 9.
    """
    return tuple(future_bookings(snapshot, profile_id, microseconds(utc(at))))


@attrs.frozen(repr=False, kw_only=True)
class ProfileHistory:
    """What has been between a profile and a customer.

    Attributes:
        profile_id: The profile.
        customer_id: The customer.
        appointments: What is past or off, the earliest first.
        records: Notes and whatever else the profile wrote about the customer, the earliest first; those
            without a time before the others.
    """

    profile_id: str
    customer_id: str
    appointments: tuple[Appointment, ...] = ()
    records: tuple[Record, ...] = ()

    def __repr__(self) -> str:
        counts = f"{len(self.appointments)} appointments, {len(self.records)} records"
        return f"ProfileHistory({self.profile_id!r}, {self.customer_id!r}, {counts})"


def profile_history(
    snapshot: Snapshot, profile_id: str, customer_id: str, *, at: datetime | None = None
) -> ProfileHistory:
    """Return what a practitioner finds on a profile about a customer: past appointments and notes.

    Of this profile only: history never crosses to another one, also not of the same practitioner. What is booked or
    written for a customer that was merged into this one, or for its survivor, is history of the same person. An
    appointment is past if it started before the instant or is not live, so that each appointment of the two stands
    either here or in the `quick_view` of the same instant.

    Args:
        snapshot: The present data, or expected_snapshot ones.
        profile_id: The profile.
        customer_id: The customer; if there is no such profile or customer, nothing has been.
        at: The instant; any aware datetime, that of the snapshot if none is given.

    Raises:
        InvalidValueError: `at` is naive.

    Takes time in proportion to what the snapshot has of the customer, once it is indexed. Source: design section
    3.1, rule 9.
    """
    at_us = microseconds(utc(snapshot.taken_at if at is None else at))
    rows = rows_of_person(snapshot.appointments, snapshot.customers, customer_id)
    ours = (row for row in rows if row.profile_id == profile_id)
    past = (row for row in ours if not row.is_live or row.slot.start_us < at_us)
    records = rows_of_person(snapshot.records, snapshot.customers, customer_id)
    written = (row for row in records if row.profile_id == profile_id)
    return ProfileHistory(
        profile_id=profile_id,
        customer_id=customer_id,
        appointments=tuple(sorted(past, key=lambda row: row.order)),
        records=tuple(sorted(written, key=_age)),
    )


def _age(record: Record) -> tuple[bool, int, str]:
    written = record.created_at
    return (written is not None, microseconds(written) if written else 0, record.id)
