"""The live bookings whose promised time has moved, by the difference of two offsets."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import accountmerge as am


def moved_promises(data: am.Snapshot) -> set[str]:
    """Return the ids of live bookings whose promise and start differ by another time than today's offset."""
    found = set()
    for row in data.appointments:
        if row.local_start is None or row.status not in ("held", "booked"):
            continue
        start = row.slot.start.replace(microsecond=0)
        promised_offset = row.local_start.replace(tzinfo=UTC) - start
        if promised_offset != start.astimezone(ZoneInfo(row.time_zone)).utcoffset():
            found.add(row.id)
    return found
