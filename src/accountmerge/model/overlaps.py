"""The overlap sweep: every overlapping pair among live bookings, in one pass over the sorted starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.model.appointments import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.appointments import Appointment


def overlapping_pairs(appointments: Iterable[Appointment]) -> Iterator[tuple[Appointment, Appointment]]:
    """Yield every pair of live bookings whose slots overlap, the earlier one first.

    Takes O(n log n) for n bookings, and time in proportion to the pairs. A long booking that hides behind
    short ones is found, for whatever has not ended stays open.
    """
    live = [row for row in appointments if row.status in LIVE]
    entries = [(row.slot.start_us, row.slot.end_us, row.id, row) for row in live]
    entries.sort()  # ids are unique, so appointments themselves are never compared
    still_open = entries[:1]
    latest_end = entries[0][1] if entries else 0
    for entry in entries[1:]:
        start, end, _, booking = entry
        if start >= latest_end:
            still_open = [entry]
            latest_end = end
            continue
        still_open = [other for other in still_open if other[1] > start]
        for _, _, _, earlier in still_open:
            yield earlier, booking
        still_open.append(entry)
        latest_end = max(latest_end, end)
