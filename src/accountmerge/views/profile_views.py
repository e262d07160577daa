"""The lists and histories that a profile shows."""

from __future__ import annotations

from datetime import datetime

from accountmerge.model.appointments import Appointment
from accountmerge.model.bookings import future_bookings
from accountmerge.model.customers import Customer
from accountmerge.model.instants import microseconds, utc
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Persons, rows_of_person
from accountmerge.model.values import Value, value_class


def visible_customers(snapshot: Snapshot, profile_id: str) -> tuple[Customer, ...]:
    """Return the customers that are visible on a profile, by id.

    A customer is visible if the profile has an appointment of any status for it; the appointment of an
    absorbed customer shows the survivor. If the practitioner has no other profile, the customers to which
    this one has access are visible too. With a second profile, access alone shows no customer, because only
    bookings show which customers have moved.

    Args:
        snapshot: The present data, or expected data.
        profile_id: The id of the profile; for an unknown one the result is empty.

    Takes time in proportion to the profile's appointments and access.
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
    """Return the live bookings of a profile from an instant on, soonest first.

    Bookings in other profiles of the practitioner are left out.

    Args:
        snapshot: The present data, or expected data.
        profile_id: The id of the profile; for an unknown one the result is empty.
        at: The instant; any aware datetime.

    Raises:
        InvalidValueError: `at` is naive.

    Takes time in proportion to the profile's appointments.
    """
    return tuple(future_bookings(snapshot, profile_id, microseconds(utc(at, "at"))))


@value_class(eq=False, repr=False, kw_only=True)
class ProfileHistory(Value):
    """The past appointments and the records of a profile about a customer.

    Attributes:
        profile_id: The id of the profile.
        customer_id: The id of the customer.
        appointments: Appointments that are past or not live, earliest first.
        records: Notes and other records of the profile about the customer, earliest first; those without a
            time come before the others.
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
    """Return the past appointments and records that a profile shows about a customer.

    History of another profile is never shown, also not of the same practitioner. The history of a customer
    merged into this one, or of its survivor, is history of the same person. An appointment is past if it
    started before the instant or is not live, so each appointment is either here or in the `quick_view` of
    the same instant.

    Args:
        snapshot: The present data, or expected data.
        profile_id: The id of the profile.
        customer_id: The id of the customer; an unknown one has an empty history.
        at: The instant; any aware datetime. Default: the instant of the snapshot.

    Raises:
        InvalidValueError: `at` is naive.

    Takes time in proportion to the data of the customer.
    """
    at_us = microseconds(utc(snapshot.taken_at if at is None else at, "at"))
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
