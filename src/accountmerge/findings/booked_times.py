"""Find sessions with several times, and promised times that have moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from accountmerge.findings.double_bookings import MOST_PAIRS, BookingCluster
from accountmerge.findings.finding import Finding
from accountmerge.model.appointments import LIVE, Appointment
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import BookingRoots, Persons
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.wall_times import wall_time_at


def session_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each session of a practitioner whose live bookings have different slots."""
    sessions: dict[tuple[str, str], dict[TimeSlot, list[Appointment]]] = {}
    for row in snapshot.appointments:
        if row.session_id is not None and row.status in LIVE:
            human = snapshot.profiles[row.profile_id].practitioner_id
            sessions.setdefault((human, row.session_id), {}).setdefault(row.slot, []).append(row)
    for (human, session_id), slots in sessions.items():
        if len(slots) > 1:
            rows = sorted((row for held in slots.values() for row in held), key=lambda row: row.order)
            yield Finding.of(
                "session_split",
                (human, session_id),
                practitioner_id=human,
                session_id=session_id,
                count=len(slots),
                first=rows[0].id,
                last=rows[-1].id,
            )


def moved_promises(snapshot: Snapshot, appointments: Iterable[Appointment]) -> Iterator[Finding]:
    """Yield a finding for each live booking whose promised time has moved.

    That is, clocks in its time zone show another time at its start.
    More than 20 of them are one finding.
    """
    moved = []
    for row in appointments:
        if row.local_start is None or row.status not in LIVE:
            continue
        shown = wall_time_at(row.slot.start_us, row.time_zone)
        if shown is not None and shown != row.local_start:
            moved.append((row, row.local_start, shown))
    if len(moved) > MOST_PAIRS:
        roots = BookingRoots(snapshot.appointments, Persons(snapshot.customers))
        cluster = BookingCluster.of("customer", (row for row, *_ in moved), roots)
        yield cluster.as_finding("promised_time_moved")
        return
    for row, promised, shown in moved:
        yield Finding.of(
            "promised_time_moved",
            (row.id,),
            appointment_id=row.id,
            local_start=_text(promised),
            shown_start=_text(shown),
            time_zone=row.time_zone,
        )


def _text(clock: datetime) -> str:
    return clock.isoformat(" ", "seconds" if clock.second else "minutes")
