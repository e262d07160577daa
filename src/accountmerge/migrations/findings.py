"""The findings about the request, the bookings and the window of a migration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pendulum

from accountmerge.findings.booked_times import moved_promises
from accountmerge.findings.double_bookings import (
    BookingCluster,
    Doubles,
    doubles_of_practitioner,
    unfinished_groups,
)
from accountmerge.findings.faults import unfinished_finding
from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import Severity
from accountmerge.messages import Fact
from accountmerge.migrations.estimates import LONGEST, MINUTE, SHORTEST, WorkingTime, longest_blackout
from accountmerge.migrations.replacements import (
    Replacements,
    left_customer_findings,
    origins_in,
    strangers_finding,
    waits,
)
from accountmerge.migrations.requests import MIGRATION_REASONS, MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.situation import MigrationSituation, rebooked_into, was_begun
from accountmerge.migrations.windows import best_fit
from accountmerge.model.appointments import Appointment
from accountmerge.model.bookings import appointments_of
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.profiles import Profile
from accountmerge.model.sessions import practitioner_runs
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Origins
from accountmerge.model.time_slots import TimeSlot


def request_findings(
    snapshot: Snapshot, request: MigrationRequest, at: pendulum.DateTime
) -> Iterator[Finding]:
    """Yield the findings about a request that do not need its profile."""
    about = request.profile_id
    if about not in snapshot.profiles:
        yield Finding.of("unknown_profile", (about,), profile_id=about)
    if request.reason not in MIGRATION_REASONS:
        yield Finding.of("reason_unknown", (about,), profile_id=about, reasons=MIGRATION_REASONS)
    if not request.ticket.strip():
        yield Finding.of("ticket_missing", (about,), profile_id=about)
    if not request.new_email.is_valid:
        yield Finding.of("email_invalid", (about,), kind="profile", id=about)
    yield from _agreement_findings(request, at)


def _agreement_findings(request: MigrationRequest, at: pendulum.DateTime) -> Iterator[Finding]:
    about, agreement = request.profile_id, request.agreement
    if agreement is None or not (agreement.by.strip() and agreement.version.strip()):
        yield Finding.of("agreement_missing", (about,), profile_id=about)
    elif agreement.at > at:
        facts = {"agreed_at": rfc3339(agreement.at), "at": rfc3339(at)}
        yield Finding.of("agreement_after_at", (about,), profile_id=about, **facts)


def address_findings(situation: MigrationSituation) -> Iterator[Finding]:
    """Yield the findings about the new address."""
    snapshot, old, mailbox = situation.snapshot, situation.old, situation.request.new_email.mailbox
    holders = sorted(row.id for row in snapshot.profiles.where("mailbox", mailbox) if row.id != old.id)
    successor = situation.successor
    if mailbox == old.mailbox and not holders:
        yield Finding.of("email_same", (old.id,), profile_id=old.id)
    elif mailbox == old.mailbox or (successor is not None and len(holders) > 1):
        # Another address would not help because a move to one of the holders is under way.
        yield _shared((old.id, *holders) if mailbox == old.mailbox else holders)
    elif successor is None:
        for holder_id in holders:
            yield Finding.of("email_in_use", (old.id, holder_id), profile_id=old.id, holder_id=holder_id)
    taken = snapshot.profiles.get(situation.new.id) if successor is None else None
    if taken is not None and taken.practitioner_id != old.practitioner_id:
        yield Finding.of("derived_id_taken", (taken.id,), entity="profile", id=taken.id)
    customers = sorted({customer.id for customer in snapshot.customers.where("mailboxes", mailbox)})
    if customers:
        yield Finding.of(
            "email_shared_name_space", (old.id, *customers), profile_id=old.id, customer_ids=tuple(customers)
        )
    if not snapshot.complete_for.addresses:
        yield Finding.of("addresses_not_whole", (old.id,), kind="profile", id=old.id)


def number_findings(situation: MigrationSituation) -> Iterator[Finding]:
    """Yield the findings about the appointment numbers given ahead."""
    numbers = situation.request.numbers
    if not numbers:
        return
    moving = {booking.id: situation.new_id(booking) for booking in situation.moving}
    holders: dict[str, set[str]] = {}
    for row_number, rows in situation.snapshot.appointments.groups("number").items():
        holders[row_number] = {row.id for row in rows}
    for id, number in numbers:
        holders.setdefault(number, set()).add(moving.get(id, id))
    for id, number in numbers:
        if not number.strip():
            yield Finding.of("number_invalid", (id,), appointment_id=id)
        if not (id in moving or _was_rebooked(situation, id)) or _is_late(situation, id, number):
            yield Finding.of("number_unused", (id,), appointment_id=id)
        for holder in sorted(holders[number] - {moving.get(id)}) if id in moving else ():
            yield Finding.of("number_in_use", (id, holder), appointment_id=id, holder_id=holder)


def _is_late(situation: MigrationSituation, id: str, number: str) -> bool:
    """Return whether the replacement that a number is for exists already, with another number."""
    booking = next((row for row in situation.moving if row.id == id), None)
    other = situation.half_done(booking) if booking else None
    return other is not None and other.number != number


def _was_rebooked(situation: MigrationSituation, id: str) -> bool:
    row = situation.snapshot.appointments.get(id)
    return row is not None and row.profile_id == situation.old.id and row.replaced_by is not None


def under_way_findings(situation: MigrationSituation) -> Iterator[Finding]:
    """Yield the findings about moves of this practitioner to other new profiles.

    The profile that a move led to first, and a profile that has the id of the new one, block. Other waiting profiles
    are only reported.
    """
    snapshot, old, successor = situation.snapshot, situation.old, situation.successor
    others = [row for row in _led_to(situation) if successor is None or row.id != successor.id]
    blocking = {row.id for row in others if successor is None and row.id == situation.new.id}
    if others and others[0] == next(iter(_led_to(situation)), None):
        blocking.add(others[0].id)
    for id in sorted(blocking):
        holders = [row.id for row in snapshot.profiles.where("mailbox", snapshot.profiles[id].mailbox)]
        facts = {"profile_id": old.id, "successor_id": id}
        under_way = Finding.of("migration_under_way", (old.id, id), **facts)
        yield under_way if holders == [id] else _shared(holders)
    for other in snapshot.profiles.where("practitioner_id", old.practitioner_id):
        if other.schedule == "pending" and other.id not in (*blocking, situation.new.id, old.id):
            yield Finding.of(
                "other_pending_profile", (old.id, other.id), profile_id=old.id, other_id=other.id
            )


def _shared(ids: Iterable[str]) -> Finding:
    """Return the finding that several profiles share one mailbox."""
    holder_ids = tuple(sorted(ids))
    return Finding.of("email_claimed_twice", holder_ids, "blocker", kind="profile", holder_ids=holder_ids)


def _led_to(situation: MigrationSituation) -> list[Profile]:
    """Return the practitioner's profiles that moves from the old one led to.

    The successor of the old one is first, then the profiles that its bookings were rebooked into, most bookings first,
    then the profile that was opened for this ticket.
    """
    snapshot, old = situation.snapshot, situation.old
    rebooked = rebooked_into(snapshot, old)
    ids = dict.fromkeys((old.succeeded_by, *rebooked, situation.planned_id))
    rows = [snapshot.profiles.get(id) for id in ids if id is not None and id != old.id]
    own = [row for row in rows if row is not None and row.practitioner_id == old.practitioner_id]
    return [row for row in own if row.schedule == "pending" or row.id in (old.succeeded_by, situation.new.id)]


def schedule_findings(situation: MigrationSituation) -> Iterator[Finding]:
    """Yield the findings about the old schedule and the new one."""
    old, successor = situation.old, situation.successor
    if old.schedule == "pending" or (old.schedule == "inactive" and successor is None):
        yield Finding.of("schedule_not_active", (old.id,), profile_id=old.id, schedule=old.schedule)
    if successor is not None and not situation.is_finished:
        yield from _switched_off(situation, successor)
    yield from _active_elsewhere(situation)


def _switched_off(situation: MigrationSituation, successor: Profile) -> Iterator[Finding]:
    """Yield a finding if the existing new profile was left later, or switched off while it waited."""
    old, schedule = situation.old, successor.schedule
    if schedule == "inactive" and old.schedule == "inactive" and old.succeeded_by == successor.id:
        yield Finding.of("schedule_not_active", (successor.id,), profile_id=successor.id, schedule=schedule)
        return
    begun = was_begun(situation.snapshot, situation.request, old, successor)
    if schedule == "inactive" or (schedule == "pending" and successor.login == "disabled" and begun):
        facts = {"profile_id": successor.id, "schedule": schedule, "login": successor.login}
        yield Finding.of("profile_switched_off", (successor.id,), **facts)


def _active_elsewhere(situation: MigrationSituation) -> Iterator[Finding]:
    """Yield a finding for each schedule that would be active beside the new one after activation."""
    old, new = situation.old, situation.new
    if old.schedule == new.schedule == "active":
        yield Finding.of("two_active_schedules", (old.id, new.id), profile_id=old.id, successor_id=new.id)
    if new.schedule == "active" or situation.is_finished:
        return
    for other in situation.active_elsewhere():
        yield Finding.of("other_active_schedule", (other.id,), profile_id=old.id, other_id=other.id)


def booking_findings(
    situation: MigrationSituation, doubles: Iterable[tuple[Doubles, Finding]]
) -> Iterator[Finding]:
    """Yield the findings about the practitioner's bookings."""
    yield from (finding for _, finding in doubles)
    yield from _unfinished(situation)
    yield from left_customer_findings(situation.snapshot, situation.moving)
    yield from moved_promises(situation.snapshot, situation.moving)
    yield from _staying(situation)


def double_bookings(situation: MigrationSituation) -> tuple[Doubles, ...]:
    """Return the double bookings of the practitioner, in all profiles."""
    return doubles_of_practitioner(situation.snapshot, situation.old.practitioner_id)


def double_findings(
    situation: MigrationSituation, doubles: Iterable[Doubles]
) -> Iterator[tuple[Doubles, Finding]]:
    """Yield each double booking with its finding, which blocks if the move would cause it."""
    snapshot = situation.snapshot
    origins = origins_in(snapshot, situation.old)
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
    situation: MigrationSituation, cluster: BookingCluster, origins: Origins
) -> Iterator[list[Appointment]]:
    """Yield the overlapping runs of the members that move or are in the new profile."""
    rows = (row for row in cluster.members if _moves(situation, row) or waits(row, situation.new, origins))
    return practitioner_runs(rows)


def _is_in_the_way(situation: MigrationSituation, rows: Iterable[Appointment], origins: Origins) -> bool:
    """Return whether one booking of some moves and another is already in the new profile."""
    rows = tuple(rows)
    moves = any(_moves(situation, row) for row in rows)
    return moves and any(waits(row, situation.new, origins) for row in rows)


def _moves(situation: MigrationSituation, row: Appointment) -> bool:
    return row.profile_id == situation.old.id and row.slot.start >= situation.at


def _staying(situation: MigrationSituation) -> Iterator[Finding]:
    """Yield findings about the live bookings that stay because they start before the instant of the plan.

    Those that started before the data were read have a finding each. The others were future then, so their open status
    is right, and one finding has their number.
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


def _unfinished(situation: MigrationSituation) -> Iterator[Finding]:
    """Yield a finding for each unfinished rebooking, which blocks if a person has to decide."""
    rows = appointments_of(situation.snapshot, situation.old.practitioner_id)
    groups = tuple(unfinished_groups(situation.snapshot, rows))
    clusters = (halves for halves in groups if isinstance(halves, BookingCluster))
    cluster_of = {row.id: cluster.digest for cluster in clusters for row in cluster.members}
    told: set[frozenset[str]] = set()
    for booking in situation.moving:
        others = situation.replacements.get(booking.id, Replacements())
        yield from strangers_finding(booking, others, situation.half_done(booking), situation.new)
        for other in others.all:
            pair = frozenset((booking.id, other.id))
            if pair in told:  # each of the two is a replacement of the other
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
            # If one of them moves, a person has to decide between them.
            yield unfinished_finding(halves, "blocker" if moving.intersection(ids) else "warning")


def _ids(halves: tuple[Appointment, Appointment] | BookingCluster) -> tuple[str, ...]:
    return halves.ids if isinstance(halves, BookingCluster) else (halves[0].id, halves[1].id)


def window_findings(situation: MigrationSituation, rules: MigrationRules) -> Iterator[Finding]:
    """Yield the findings about the blackout.

    A window that the request does not name is judged like one that it names, with one more warning.
    """
    window, about = situation.blackout, situation.old.id
    if situation.request.window is None:
        yield Finding.of("window_unchecked", (about,), **_ends(window))
    yield from _instant_findings(situation, window, rules)
    yield from _length_findings(situation, window, rules)
    for booking in situation.moving:
        if booking.slot.overlaps(window):
            facts = {"appointment_id": booking.id, "start": rfc3339(booking.slot.start_us)}
            yield Finding.of("booking_in_blackout", (booking.id,), **facts)


def _instant_findings(
    situation: MigrationSituation, window: TimeSlot, rules: MigrationRules
) -> Iterator[Finding]:
    """Yield the findings about the start of a window."""
    about, at_us = situation.old.id, microseconds(situation.at)
    notice_end = microseconds(situation.snapshot.taken_at) + rules.notice_hours * 60 * MINUTE
    if window.start_us < at_us:
        severity: Severity = "blocker" if window.end_us <= at_us else "warning"
        yield Finding.of("window_before_at", (about,), severity, at=rfc3339(at_us), **_ends(window))
    elif window.start_us < notice_end:
        facts: dict[str, Fact] = {"start": rfc3339(window.start_us), "hours": rules.notice_hours}
        yield Finding.of("window_notice_short", (about,), **facts)
    early = sum(booking.slot.start_us < window.start_us for booking in situation.moving)
    if early:
        facts = {"start": rfc3339(window.start_us), "count": early}
        yield Finding.of("bookings_before_window", (about,), **facts)


def _length_findings(
    situation: MigrationSituation, window: TimeSlot, rules: MigrationRules
) -> Iterator[Finding]:
    """Yield the findings about the length of a window and its place in business hours."""
    about, ends = situation.old.id, _ends(window)
    length = window.end_us - window.start_us
    if length < SHORTEST:
        yield Finding.of("window_too_short", (about,), hours=SHORTEST // MINUTE // 60, **ends)
    elif length > LONGEST:
        yield Finding.of("window_too_long", (about,), hours=LONGEST // MINUTE // 60, **ends)
    working = WorkingTime(rules.business_hours_for(situation.old), longest_blackout(window.start_us))
    if not working.is_open(window.start_us):
        yield Finding.of("window_outside_hours", (about,), **ends)
    count = len(situation.moving)
    minutes = count * rules.minutes_per_booking
    open_us = working.counted(window)
    if open_us < minutes * MINUTE:
        facts: dict[str, Fact] = {"count": count, "minutes": minutes, "open_minutes": open_us // MINUTE}
        notice_end = microseconds(situation.snapshot.taken_at) + rules.notice_hours * 60 * MINUTE
        earliest_us = max(microseconds(situation.at), notice_end)
        fit = best_fit(rules.business_hours_for(situation.old), window, count, minutes, earliest_us)
        yield Finding.of("window_under_estimate", (about,), **facts, **fit.facts, **ends)


def _ends(slot: TimeSlot) -> dict[str, Fact]:
    return {"start": rfc3339(slot.start_us), "end": rfc3339(slot.end_us)}
