"""A sweep over sorted starts that finds overlapping live bookings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter, gt

from accountmerge.model.appointments import LIVE, Appointment
from accountmerge.model.time_slots import TimeSlot


def overlapping_pairs(appointments: Iterable[Appointment]) -> Iterator[tuple[Appointment, Appointment]]:
    """Yield every pair of live bookings whose slots overlap, the earlier one first.

    Takes O(n log n) for n bookings, and time in proportion to the pairs. A long booking is paired with every short
    one inside it.
    """
    return overlapping_live_pairs(row for row in appointments if row.status in LIVE)


def overlapping_live_pairs(live: Iterable[Appointment]) -> Iterator[tuple[Appointment, Appointment]]:
    """Yield the overlapping pairs of bookings that are known to be live."""
    # Sorted by starts alone, because building the whole order of every booking would take longer than sorting.
    bookings = sorted(live, key=lambda row: row.slot.start_us)
    still_open: list[Appointment] = []
    latest_end = bookings[0].slot.start_us if bookings else 0
    for booking in bookings:
        slot = booking.slot
        if slot.start_us >= latest_end:
            still_open = [booking]
            latest_end = slot.end_us
            continue
        still_open = [other for other in still_open if other.slot.end_us > slot.start_us]
        for other in still_open:
            yield (other, booking) if other.order < booking.order else (booking, other)
        still_open.append(booking)
        latest_end = max(latest_end, slot.end_us)


def overlapping_runs(live: Iterable[Appointment]) -> Iterator[list[Appointment]]:
    """Yield groups of two or more live bookings that overlap directly or through others.

    The bookings of a group, and the groups, are in the order of their starts. Takes O(n log n) for n bookings,
    for any number of overlapping pairs.
    """
    run: list[Appointment] = []
    latest_end = 0
    for booking in sorted(live, key=lambda row: row.slot.start_us):
        if run and booking.slot.start_us >= latest_end:
            if len(run) > 1:
                yield run
            run = []
        latest_end = max(latest_end, booking.slot.end_us) if run else booking.slot.end_us
        run.append(booking)
    if len(run) > 1:
        yield run


def any_overlap(slots: Collection[TimeSlot]) -> bool:
    """Return whether any two slots overlap."""
    starts = sorted(map(attrgetter("start_us"), slots))
    ends = sorted(map(attrgetter("end_us"), slots))
    return any(map(gt, ends, starts[1:]))
