"""Faults of rebooked and left bookings: unfinished rebookings, several replacements, closed profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.booking_clusters import BookingCluster
from accountmerge.findings.double_bookings import unfinished_groups
from accountmerge.findings.finding import Finding
from accountmerge.model.appointments import LIVE
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.rebookings import several_heirs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.findings.vocabulary import Severity
    from accountmerge.model.appointments import Appointment
    from accountmerge.model.snapshots import Snapshot


def replacement_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the rebookings of which both halves are live, and the bookings with several replacements."""
    linked = _linked(snapshot)
    for halves in unfinished_groups(snapshot, linked):
        yield unfinished_finding(halves)
    for id, heirs in several_heirs(linked):
        yield Finding.of("several_replacements", (id, *heirs), appointment_id=id, replacement_ids=heirs)


def _linked(snapshot: Snapshot) -> list[Appointment]:
    """Return the appointments that replace another or are replaced, by either half of a link.

    No other one can be half of a rebooking, and in most data they are few.
    """
    holders = [
        row for row in snapshot.appointments if row.replaces is not None or row.replaced_by is not None
    ]
    table, found = snapshot.appointments, {row.id: row for row in holders}
    for row in holders:
        for id in (row.replaces, row.replaced_by):
            if id is not None:
                found[id] = table[id]
    return list(found.values())


def unfinished_finding(
    halves: tuple[Appointment, Appointment] | BookingCluster, severity: Severity | None = None
) -> Finding:
    """Return the finding of two live halves of one rebooking, or of many."""
    if isinstance(halves, BookingCluster):
        return halves.as_finding("unfinished_rebooking", severity)
    first, second = halves
    ids = (first.id, second.id)
    return Finding.of("unfinished_rebooking", ids, severity, first_id=first.id, second_id=second.id)


def misplaced_bookings(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the live bookings to come, from the time of the data on, in a profile that is closed or succeeded."""
    closed = {
        row.id for row in snapshot.profiles if row.schedule == "inactive" or row.succeeded_by is not None
    }
    if not closed:
        return
    from_us = microseconds(snapshot.taken_at)
    for row in snapshot.appointments:
        if row.profile_id in closed and row.status in LIVE and row.slot.start_us >= from_us:
            yield Finding.of(
                "booking_in_closed_profile",
                (row.id,),
                appointment_id=row.id,
                profile_id=row.profile_id,
                start=rfc3339(row.slot.start_us),
            )
