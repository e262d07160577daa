"""The steps of a migration, in their safe order, each with its edits and guards.

The new profile is opened, availability goes off, bookings are rebooked one by one, records are handed over, the old
schedule closes before the new one opens, and only then does the old profile name its successor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, Tolerated
from accountmerge.changes.steps import Reason, Step
from accountmerge.findings.double_bookings import BookingCluster, Doubles
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.migrations.replacements import CopiedAccess, booking_edits
from accountmerge.migrations.situation import MigrationSituation
from accountmerge.model.entities import EntityName
from accountmerge.model.instants import rfc3339
from accountmerge.model.profiles import Profile
from accountmerge.model.time_slots import TimeSlot, contains
from accountmerge.plans.verdicts import Draft, steps_from


def migration_steps(
    situation: MigrationSituation, doubles: Iterable[tuple[Doubles, Finding]]
) -> tuple[Step, ...]:
    """Return the steps that are left of a migration, in their safe order."""
    old, new = situation.old, situation.new
    closed_old, closed_new = _closed(old, situation), _closed(new, situation)
    drafts = [
        *_open_profile(situation),
        *_close_availability(situation, closed_old, closed_new),
        *_rebook(situation),
        *_hand_over_records(situation),
        *_guarded(situation, _hand_over(closed_old, closed_new)),
    ]
    tolerated = _tolerated(situation, doubles)
    return steps_from(drafts, at=situation.at, tolerated=tolerated)


def _closed(profile: Profile, situation: MigrationSituation) -> Profile:
    """Return a profile with its availability off for the blackout, if the old schedule is still open."""
    wanted = situation.blackout
    if situation.old.schedule != "active" or contains(profile.unavailable, wanted):
        return profile
    return attrs.evolve(profile, unavailable=(*profile.unavailable, wanted))


def _open_profile(situation: MigrationSituation) -> Iterator[Draft]:
    old, successor, new = situation.old, situation.successor, situation.new
    if successor is None:
        facts = Facts(profile_id=old.id, reason=situation.request.reason)
        yield Draft("open_profile", Reason("login_changes", facts), (Edit(None, new),))
    elif successor != new:
        reason = Reason("profile_waits", Facts(profile_id=new.id))
        yield Draft("open_profile", reason, (Edit(successor, new),))


def _close_availability(
    situation: MigrationSituation, closed_old: Profile, closed_new: Profile
) -> Iterator[Draft]:
    pairs = ((situation.old, closed_old), (situation.new, closed_new))
    edits = tuple(Edit(before, after) for before, after in pairs if before != after)
    if edits:
        yield Draft("close_availability", Reason("blackout", _ends(situation.blackout)), edits)


def _ends(slot: TimeSlot) -> Facts:
    return Facts(start=rfc3339(slot.start_us), end=rfc3339(slot.end_us))


def _rebook(situation: MigrationSituation) -> Iterator[Draft]:
    """Yield a step for each future booking, soonest first; a customer's first one brings the access."""
    numbers = dict(situation.request.numbers)
    access = CopiedAccess(situation.snapshot, situation.old, situation.new, situation.at)
    for booking in situation.moving:
        granted, guards = access.with_booking(booking.customer_id)
        facts = Facts(appointment_id=booking.id, start=rfc3339(booking.slot.start_us))
        other = situation.half_done(booking)
        code = "rebooking_unfinished" if other else "future_booking"
        new_id, number = situation.new_id(booking), numbers.get(booking.id)
        booked, cancelled = booking_edits(booking, other, new_id, situation.new, number)
        yield Draft("rebook", Reason(code, facts), (*booked, *granted, cancelled), guards)


def _hand_over_records(situation: MigrationSituation) -> Iterator[Draft]:
    """Yield the step that moves, copies and removes the records of the old profile."""
    rows = situation.rows
    edits = rows.edits()
    if edits:
        facts = Facts(profile_id=situation.old.id, successor_id=situation.new.id)
        guards = (rows.guard(before=True),)
        yield Draft("hand_over_records", Reason("records_declared", facts), edits, guards)


def _guarded(situation: MigrationSituation, drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Yield drafts, the first with a guard against new records of the old profile that would not stay."""
    guards: tuple[Guard, ...] = (situation.rows.guard(before=False),)
    for draft in drafts:
        yield attrs.evolve(draft, read_guards=(*draft.read_guards, *guards))
        guards = ()


def _hand_over(old: Profile, new: Profile) -> Iterator[Draft]:
    """Yield the steps of activation, which close the old schedule, open the new one and link both profiles."""
    inactive, active = attrs.evolve(old, schedule="inactive"), attrs.evolve(new, schedule="active")
    if old != inactive:
        reason = Reason("nothing_left", Facts(profile_id=old.id))
        yield Draft("deactivate_schedule", reason, (Edit(old, inactive),))
    if new != active:
        reason = Reason("only_active_schedule", Facts(profile_id=new.id))
        yield Draft("activate_schedule", reason, (Edit(new, active),))
    if old.succeeded_by != new.id:
        reason = Reason("succession", Facts(profile_id=old.id, successor_id=new.id))
        yield Draft("link_successor", reason, (Edit(inactive, attrs.evolve(inactive, succeeded_by=new.id)),))


def _tolerated(situation: MigrationSituation, doubles: Iterable[tuple[Doubles, Finding]]) -> Tolerated:
    """Return the tolerated overlaps of each new booking, and the other active schedules beside the new profile.

    A cluster of bookings is named by its finding.
    """
    new_ids = {booking.id: situation.new_id(booking) for booking in situation.moving}
    active = {profile.id for profile in situation.active_elsewhere()}
    tolerated: dict[tuple[EntityName, str], set[str]] = {("profile", situation.new.id): active}
    for double, finding in doubles:
        if isinstance(double, BookingCluster):
            for id in double.ids:
                if id in new_ids:
                    tolerated.setdefault(("appointment", new_ids[id]), set()).add(finding.id)
            continue
        for row, other in ((double.first, double.second), (double.second, double.first)):
            if row.id in new_ids:
                others = {other.id, new_ids.get(other.id, other.id)}
                tolerated.setdefault(("appointment", new_ids[row.id]), set()).update(others)
    return tolerated
