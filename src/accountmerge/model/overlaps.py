"""The overlap sweep: every overlapping pair among live bookings, in one pass over the sorted starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter, gt

from accountmerge.model.appointments import LIVE, Appointment
from accountmerge.model.time_slots import TimeSlot


def overlapping_pairs(appointments: Iterable[Appointment]) -> Iterator[tuple[Appointment, Appointment]]:
    """Yield every pair of live bookings whose slots overlap, the earlier one first.

    Takes O(n log n) for n bookings, and time in proportion to the pairs. A long booking that hides behind
    short ones is found, for whatever has not ended stays open.
    """
    return overlapping_live_pairs(row for row in appointments if row.status in LIVE)


def overlapping_live_pairs(live: Iterable[Appointment]) -> Iterator[tuple[Appointment, Appointment]]:
    """Yield the same of bookings that are known to be live."""
    # By their starts alone: tuples of the whole order, made for every booking, would take longer than sorting.
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
    """Yield live bookings that are connected by overlap, also by way of others, two or more together.

    The bookings of a run, and the runs, are in the order of their starts. Takes O(n log n) for n bookings, however
    many pairs overlap.
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
    """Tell whether any two slots overlap: whether, of sorted starts and ends, one starts before the last ended."""
    starts = sorted(map(attrgetter("start_us"), slots))
    ends = sorted(map(attrgetter("end_us"), slots))
    return any(map(gt, ends, starts[1:]))
