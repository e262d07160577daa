"""Look-ups of the bookings of a practitioner, and of one profile."""

from __future__ import annotations

from accountmerge.model.appointments import Appointment
from accountmerge.model.snapshots import Snapshot


def appointments_of(snapshot: Snapshot, practitioner_id: str) -> list[Appointment]:
    """Return the appointments of a practitioner, over all profiles and of every status."""
    profiles = snapshot.profiles.where("practitioner_id", practitioner_id)
    return [row for profile in profiles for row in snapshot.appointments.where("profile_id", profile.id)]


def bookings_of(snapshot: Snapshot, practitioner_id: str) -> list[Appointment]:
    """Return the live bookings of a practitioner, over all profiles."""
    return [row for row in appointments_of(snapshot, practitioner_id) if row.is_live]


def future_bookings(snapshot: Snapshot, profile_id: str, at_us: int) -> list[Appointment]:
    """Return the live bookings of a profile that start at an instant or later, soonest first.

    Args:
        snapshot: The data.
        profile_id: The profile; one that does not exist has no bookings.
        at_us: The instant, in microseconds since 1970-01-01T00:00:00Z.
    """
    rows = snapshot.appointments.where("profile_id", profile_id)
    future = (row for row in rows if row.is_live and row.slot.start_us >= at_us)
    return sorted(future, key=lambda row: row.order)
