"""Customer lists: whom a practitioner sees on a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.model.successions import Persons, rows_of_person

if TYPE_CHECKING:
    from accountmerge.model.customers import Customer
    from accountmerge.model.snapshots import Snapshot


def visible_customers(snapshot: Snapshot, profile_id: str) -> tuple[Customer, ...]:
    """Return the customers that are visible on a profile, by their ids.

    A customer is visible once an appointment of any status stands in the profile; one that is booked for an absorbed
    customer shows the survivor. A practitioner who has this
    one profile and no other also sees whoever the profile has access to (ours): with a second profile,
    which customers came along has to show, so there access alone shows nobody.

    Args:
        snapshot: The present data, or foreseen ones.
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
