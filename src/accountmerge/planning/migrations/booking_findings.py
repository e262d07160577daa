"""What stands against moving a practitioner's bookings: schedules, double bookings, unfinished rebookings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.booking_clusters import BookingCluster
from accountmerge.findings.double_bookings import doubles_of_practitioner, unfinished_groups
from accountmerge.findings.finding import Finding
from accountmerge.findings.misplaced_bookings import unfinished_finding
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.overlaps import overlapping_runs
from accountmerge.model.rebookings import Origins
from accountmerge.model.successions import Persons
from accountmerge.planning.migrations.situation import was_begun
from accountmerge.planning.replacements import Replacements, left_customer_findings, strangers_finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.findings.double_bookings import Doubles
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


def booking_findings(situation: Situation, doubles: Iterable[tuple[Doubles, Finding]]) -> Iterator[Finding]:
    """Yield what there is to say about the practitioner's bookings."""
    yield from (finding for _, finding in doubles)
    yield from _unfinished(situation)
    yield from left_customer_findings(situation.snapshot, situation.moving)
    yield from _staying(situation)


def double_bookings(situation: Situation) -> tuple[Doubles, ...]:
    """Return the double bookings of the practitioner, over all profiles."""
    return doubles_of_practitioner(situation.snapshot, situation.old.practitioner_id)


def double_findings(situation: Situation, doubles: Iterable[Doubles]) -> Iterator[tuple[Doubles, Finding]]:
    """Yield each double booking with its finding, which blocks if the move would bring it about."""
    snapshot = situation.snapshot
    origins = Origins(snapshot.appointments, Persons(snapshot.customers), situation.old.id)
    for double in doubles:
        if isinstance(double, BookingCluster):
            runs: Iterable[Iterable[Appointment]] = _meeting_runs(situation, double, origins)
        else:
            runs = [(double.first, double.second)]
        code = (
            "destination_double_booking"
            if any(_is_in_the_way(situation, run, origins) for run in runs)
            else None
        )
        if isinstance(double, BookingCluster):
            yield double, double.as_finding(code)
        else:
            yield double, double.as_finding(snapshot, code)


def cluster_ids(doubles: Iterable[tuple[Doubles, Finding]]) -> dict[str, tuple[str, ...]]:
    """Return the ids of the bookings of each cluster, by the id of its finding."""
    return {finding.id: double.ids for double, finding in doubles if isinstance(double, BookingCluster)}


def _meeting_runs(
    situation: Situation, cluster: BookingCluster, origins: Origins
) -> Iterator[list[Appointment]]:
    """Yield the members that move or wait in the new profile, as far as they are connected with each other."""
    rows = (row for row in cluster.members if _moves(situation, row) or _waits(situation, row, origins))
    return overlapping_runs(rows)


def _is_in_the_way(situation: Situation, rows: Iterable[Appointment], origins: Origins) -> bool:
    """Return whether one booking of some moves and another is already in the new profile."""
    rows = tuple(rows)
    moves = any(_moves(situation, row) for row in rows)
    return moves and any(_waits(situation, row, origins) for row in rows)


def _waits(situation: Situation, row: Appointment, origins: Origins) -> bool:
    """Return whether a booking is already in the new profile.

    One that came there from the old profile stood beside the others before, so it is not in the way.
    """
    return row.profile_id == situation.new.id and not origins.came_along(row)


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
    profiles = situation.snapshot.profiles.where("practitioner_id", situation.old.practitioner_id)
    appointments = situation.snapshot.appointments
    rows = [row for profile in profiles for row in appointments.where("profile_id", profile.id)]
    groups = tuple(unfinished_groups(situation.snapshot, rows))
    clusters = (halves for halves in groups if isinstance(halves, BookingCluster))
    cluster_of = {row.id: cluster.digest for cluster in clusters for row in cluster.members}
    told: set[frozenset[str]] = set()
    for booking in situation.moving:
        others = situation.replacements.get(booking.id, Replacements())
        yield from strangers_finding(booking, others, situation.half_done(booking), situation.new)
        for other in others.all:
            pair = frozenset((booking.id, other.id))
            if pair in told:  # each of the two stands in the other's place
                continue
            told.add(pair)
            if booking.id in cluster_of and cluster_of[booking.id] == cluster_of.get(other.id):
                continue
            is_clear = not other.is_live or situation.half_done(booking)
            severity = "warning" if is_clear else "blocker"
            facts = {"first_id": booking.id, "second_id": other.id}
            yield Finding.of("unfinished_rebooking", (booking.id, other.id), severity, **facts)  # type: ignore[arg-type]
    moving = {booking.id for booking in situation.moving}
    for halves in groups:
        ids = _ids(halves)
        if frozenset(ids) not in told:
            # If one of them moves, only a person can say which of them takes up the time.
            yield unfinished_finding(halves, "blocker" if moving.intersection(ids) else "warning")


def _ids(halves: tuple[Appointment, Appointment] | BookingCluster) -> tuple[str, ...]:
    return halves.ids if isinstance(halves, BookingCluster) else (halves[0].id, halves[1].id)
