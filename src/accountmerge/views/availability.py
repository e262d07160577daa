"""Availability: what the booking portal offers of a practitioner, and what customer service may book by hand.

Nothing is offered that overlaps a live booking of the practitioner in whatever profile, and nothing of a profile
whose hours nobody has stated. Source: design section 3.1, rules 3, 4, 7 and 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accountmerge.migrations.plan import MigrationPlan, blackout_of, new_profile, old_profile, planned_profile
from accountmerge.model.bookings import bookings_of
from accountmerge.model.instants import microseconds, utc
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot, split, subtract
from accountmerge.model.weekly_hours import WeeklyHours


def portal_availability(
    snapshot: Snapshot,
    plan: MigrationPlan,
    *,
    profile_id: str,
    at: datetime,
    within: TimeSlot,
    minutes: int,
) -> tuple[TimeSlot, ...]:
    """Return what the booking portal offers of a profile at an instant.

    Nothing unless its schedule is active, and in the blackout of the plan nothing of this practitioner, in
    whatever profile. Otherwise the working hours, without every live booking of the practitioner over all
    profiles and without the times in which the profile is unavailable. Whether the practitioner's login works is
    no matter: customers do not book with it.

    Args:
        snapshot: The data at the instant: the present ones, or those that `expected_snapshot` returns for it.
        plan: The migration that is under way.
        profile_id: The profile; of one that does not exist nothing is offered.
        at: At which instant somebody looks; any aware datetime. What starts before it is not offered.
        within: From when until when to look.
        minutes: The length of a slot.

    Returns:
        Slots of the wanted length, soonest first, back to back from the start of each stretch of free time inside
        `within`. A rest that is shorter is not offered.

    Raises:
        InvalidValueError: `at` is naive, or `minutes` is no whole number above zero.

    Takes time in proportion to the practitioner's appointments, the days of `within` and what is returned, once
    the snapshot is indexed.
    """
    at_us = microseconds(utc(at))
    profile = snapshot.profiles.get(profile_id)
    if profile is None or not is_bookable(snapshot, plan, profile_id=profile_id, at=at):
        return split((), minutes)
    free = _free(snapshot, profile.practitioner_id, profile.hours, profile.unavailable, within)
    return tuple(slot for slot in split(free, minutes) if slot.start_us >= at_us)


def is_bookable(snapshot: Snapshot, plan: MigrationPlan, *, profile_id: str, at: datetime) -> bool:
    """Tell whether the booking portal offers a profile at an instant, if there is free time in it.

    Its schedule is active, and the instant is not in the blackout of its practitioner.
    """
    profile, left = snapshot.profiles.get(profile_id), old_profile(snapshot, plan)
    if profile is None or profile.schedule != "active":
        return False
    is_moving = left is not None and left.practitioner_id == profile.practitioner_id
    return not (is_moving and in_blackout(plan, at))


def in_blackout(plan: MigrationPlan, at: datetime) -> bool:
    """Tell whether an instant is in the blackout of a plan."""
    blackout, at_us = blackout_of(plan), microseconds(utc(at))
    return blackout is not None and blackout.start_us <= at_us < blackout.end_us


def manual_availability(
    snapshot: Snapshot, plan: MigrationPlan, *, within: TimeSlot, minutes: int, at: datetime | None = None
) -> tuple[TimeSlot, ...]:
    """Return the list from which customer service books while the portal offers nothing.

    The working hours of the new profile (of one that is not open yet, as the plan opens it), without every live
    booking of the practitioner over all profiles, and without the times in which the practitioner is
    unavailable in the old profile or the new one. The blackout itself is not taken out: it closes the portal, and
    the practitioner works. Leave that was there before and is just as long as the blackout is taken out.

    Args:
        snapshot: The present data, or expected_snapshot ones.
        plan: The migration; one that is blocked has no list.
        within: From when until when to look.
        minutes: The length of a slot.
        at: What starts before this instant is left out; any aware datetime.

    Returns:
        Slots of the wanted length, soonest first, back to back from the start of each stretch of free time inside
        `within`. A rest that is shorter is not listed.

    Raises:
        InvalidValueError: `at` is naive, or `minutes` is no whole number above zero.

    Takes time in proportion to the practitioner's appointments, the days of `within` and what is returned, once
    the snapshot is indexed.
    """
    earliest = within.start_us if at is None else microseconds(utc(at))
    old, present, planned = old_profile(snapshot, plan), new_profile(snapshot, plan), planned_profile(plan)
    new = [profile for profile in (present, planned) if profile is not None]
    if not plan.is_ready or old is None or not new:
        return split((), minutes)
    hours = next((profile.hours for profile in new if profile.hours is not None), None)
    away = {slot for profile in (old, *new) for slot in profile.unavailable} - _portal_only(plan)
    free = _free(snapshot, old.practitioner_id, hours, away, within)
    return tuple(slot for slot in split(free, minutes) if slot.start_us >= earliest)


def _portal_only(plan: MigrationPlan) -> set[TimeSlot]:
    """Return what is unavailable for the portal alone: the blackout, unless the new profile opens with it as leave."""
    opened = (
        edit.after for step in plan.change_set.steps if step.kind == "open_profile" for edit in step.edits
    )
    leave = {slot for profile in opened for slot in getattr(profile, "unavailable", ())}
    blackout = blackout_of(plan)
    return {blackout} - leave if blackout is not None else set()


def _free(
    snapshot: Snapshot,
    practitioner_id: str,
    hours: WeeklyHours | None,
    away: Iterable[TimeSlot],
    within: TimeSlot,
) -> tuple[TimeSlot, ...]:
    """Return the working time inside a slot in which the practitioner is neither booked nor away."""
    if hours is None:
        return ()
    taken = (*away, *(booking.slot for booking in bookings_of(snapshot, practitioner_id)))
    return subtract(hours.open_slots(within), (slot for slot in taken if slot.overlaps(within)))
