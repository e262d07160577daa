"""What stands against moving a practitioner's bookings: schedules, double bookings, unfinished rebookings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.double_bookings import practitioner_double_bookings, unfinished_among
from accountmerge.findings.finding import Finding
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.planning.migrations.situation import was_begun
from accountmerge.planning.replacements import (
    Replacements,
    came_along,
    left_customer_findings,
    strangers_finding,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.findings.double_bookings import DoubleBooking
    from accountmerge.model.appointments import Appointment
    from accountmerge.model.profiles import Profile
    from accountmerge.planning.migrations.situation import Situation


def schedule_findings(situation: Situation) -> Iterator[Finding]:
    """Yield what stands against closing the old schedule and opening the new one."""
    old, successor = situation.old, situation.successor
    if old.schedule == "pending" or (old.schedule == "inactive" and successor is None):
        yield Finding.of("schedule_not_active", (old.id,), profile_id=old.id, schedule=old.schedule)
    if successor is not None and not situation.is_finished:
        yield from _switched_off(situation, successor)
    yield from _active_elsewhere(situation)


def _switched_off(situation: Situation, successor: Profile) -> Iterator[Finding]:
    """Yield why a new profile that is there cannot be opened: it left in its turn, or was switched off as it waited."""
    old, schedule = situation.old, successor.schedule
    if schedule == "inactive" and old.schedule == "inactive" and old.succeeded_by == successor.id:
        yield Finding.of("schedule_not_active", (successor.id,), profile_id=successor.id, schedule=schedule)
        return
    begun = was_begun(situation.snapshot, situation.request, old, successor)
    if schedule == "inactive" or (schedule == "pending" and successor.login == "disabled" and begun):
        facts = {"profile_id": successor.id, "schedule": schedule, "login": successor.login}
        yield Finding.of("profile_switched_off", (successor.id,), **facts)


def _active_elsewhere(situation: Situation) -> Iterator[Finding]:
    """Yield what would leave the practitioner with two active schedules after activation."""
    old, new = situation.old, situation.new
    if old.schedule == new.schedule == "active":
        yield Finding.of("two_active_schedules", (old.id, new.id), profile_id=old.id, successor_id=new.id)
    if new.schedule == "active" or situation.is_finished:
        return
    for other in situation.active_elsewhere():
        yield Finding.of("other_active_schedule", (other.id,), profile_id=old.id, other_id=other.id)


def wholeness_findings(situation: Situation) -> Iterator[Finding]:
    """Yield a finding if the snapshot may lack bookings of the practitioner."""
    practitioner = situation.old.practitioner_id
    if not situation.snapshot.complete_for.covers_practitioner(practitioner):
        yield Finding.of("snapshot_not_whole", (practitioner,), kind="practitioner", id=practitioner)


def booking_findings(situation: Situation, doubles: tuple[DoubleBooking, ...]) -> Iterator[Finding]:
    """Yield what there is to say about the practitioner's bookings."""
    for double in doubles:
        yield double.as_finding("destination_double_booking" if _is_in_the_way(situation, double) else None)
    yield from _unfinished(situation)
    yield from left_customer_findings(situation.snapshot, situation.moving)
    yield from _staying(situation)


def double_bookings(situation: Situation) -> tuple[DoubleBooking, ...]:
    """Return the double bookings of the practitioner, over all profiles."""
    return practitioner_double_bookings(situation.snapshot, situation.old.practitioner_id)


def _is_in_the_way(situation: Situation, double: DoubleBooking) -> bool:
    """Tell whether one booking moves and the other is already in the new profile.

    One that came there from the old profile stood beside the other before, so it is not in the way.
    """
    pair = (double.first, double.second)
    moves = [row for row in pair if _moves(situation, row)]
    waits = [
        row
        for row in pair
        if row.profile_id == situation.new.id and not came_along(situation.snapshot, row, situation.old)
    ]
    return bool(moves and waits)


def _moves(situation: Situation, row: Appointment) -> bool:
    return row.profile_id == situation.old.id and row.slot.start >= situation.at


def _staying(situation: Situation) -> Iterator[Finding]:
    """Yield the live bookings that stay because they start before the instant of the plan.

    Each one that started before the data were read is named. The others were still to come then, so an open
    status says only that the plan is made ahead: they are counted.
    """
    read_us, at_us = microseconds(situation.snapshot.taken_at), microseconds(situation.at)
    ahead: list[int] = []
    for row in situation.history:
        start_us = row.slot.start_us
        if not row.is_live or start_us >= at_us:
            continue
        if start_us >= read_us:
            ahead.append(start_us)
            continue
        yield Finding.of("past_booking_open", (row.id,), appointment_id=row.id, start=rfc3339(start_us))
    if ahead:
        old, ends = situation.old.id, {"first_start": rfc3339(min(ahead)), "last_start": rfc3339(max(ahead))}
        yield Finding.of("bookings_begin_before_at", (old,), profile_id=old, count=len(ahead), **ends)


def _unfinished(situation: Situation) -> Iterator[Finding]:
    """Yield each rebooking of which one half is left: finished by the plan, or for a person to decide."""
    told: set[frozenset[str]] = set()
    for booking in situation.moving:
        others = situation.replacements.get(booking.id, Replacements())
        yield from strangers_finding(booking, others, situation.half_done(booking), situation.new)
        for other in others.all:
            pair = frozenset((booking.id, other.id))
            if pair in told:  # each of the two stands in the other's place
                continue
            told.add(pair)
            is_clear = not other.is_live or situation.half_done(booking)
            severity = "warning" if is_clear else "blocker"
            facts = {"first_id": booking.id, "second_id": other.id}
            yield Finding.of("unfinished_rebooking", (booking.id, other.id), severity, **facts)  # type: ignore[arg-type]
    profiles = situation.snapshot.profiles.where("practitioner_id", situation.old.practitioner_id)
    appointments = situation.snapshot.appointments
    rows = [row for profile in profiles for row in appointments.where("profile_id", profile.id)]
    moving = {booking.id for booking in situation.moving}
    for first, second in unfinished_among(situation.snapshot, rows):
        ids = (first.id, second.id)
        if frozenset(ids) not in told:
            # If one of them moves, nobody but a person can say which of the two takes up the time.
            severity = "blocker" if moving.intersection(ids) else "warning"
            yield Finding.of("unfinished_rebooking", ids, severity, first_id=first.id, second_id=second.id)  # type: ignore[arg-type]
