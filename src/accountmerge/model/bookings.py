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
    """Return the live bookings of a profile from an instant (in microseconds) on, soonest first."""
    rows = snapshot.appointments.where("profile_id", profile_id)
    future = (row for row in rows if row.is_live and row.slot.start_us >= at_us)
    return sorted(future, key=lambda row: row.order)
