"""Quick views: the next bookings of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.model.instants import microseconds, utc

if TYPE_CHECKING:
    from datetime import datetime

    from accountmerge.model.appointments import Appointment
    from accountmerge.model.snapshots import Snapshot


def quick_view(snapshot: Snapshot, profile_id: str, *, at: datetime) -> tuple[Appointment, ...]:
    """Return the live bookings of a profile that start at an instant or later, soonest first.

    Of this profile only: what the practitioner has in another one is seen there.

    Args:
        snapshot: The present data, or foreseen ones.
        profile_id: The profile; one that does not exist has no bookings.
        at: The instant; any aware datetime.

    Raises:
        InvalidValueError: `at` is naive.

    Takes time in proportion to the profile's appointments, once the snapshot is indexed. Source: design section
    3.1, rule 9.
    """
    at_us = microseconds(utc(at))
    rows = snapshot.appointments.where("profile_id", profile_id)
    upcoming = (row for row in rows if row.is_live and row.slot.start_us >= at_us)
    return tuple(sorted(upcoming, key=lambda row: row.order))
