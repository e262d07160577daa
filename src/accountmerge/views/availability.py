"""The free time that the booking portal offers, and the list that customer service books from.

A slot that overlaps a live booking of the practitioner in any profile is never free. A profile without hours
has no free time.
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
    """Return the free slots of a profile that the booking portal offers at an instant.

    The result is empty if the schedule is not active, and in the blackout for every profile of the
    practitioner. Otherwise it is the working hours, without the live bookings of the practitioner in all
    profiles and without the times in which the profile is unavailable. The login does not matter, because
    customers do not book with it.

    Args:
        snapshot: The present data, or the expected data of the instant.
        plan: The migration.
        profile_id: The id of the profile; of an unknown one the result is empty.
        at: The instant; any aware datetime. Slots that start before it are left out.
        within: The time to search.
        minutes: The length of a slot.

    Returns:
        Slots of this length, soonest first, back to back from the start of each stretch of free time inside
        `within`. A shorter rest is left out.

    Raises:
        InvalidValueError: `at` is naive, or `minutes` is no whole number above zero.

    Takes time in proportion to the practitioner's appointments, the days of `within` and the slots returned.
    """
    at_us = microseconds(utc(at, "at"))
    profile = snapshot.profiles.get(profile_id)
    if profile is None or not is_bookable(snapshot, plan, profile_id=profile_id, at=at):
        return split((), minutes)
    free = _free(snapshot, profile.practitioner_id, profile.hours, profile.unavailable, within)
    return tuple(slot for slot in split(free, minutes) if slot.start_us >= at_us)


def is_bookable(snapshot: Snapshot, plan: MigrationPlan, *, profile_id: str, at: datetime) -> bool:
    """Return whether the booking portal offers a profile at an instant, if it has free time.

    Its schedule must be active, and its practitioner not in the blackout.
    """
    profile, left = snapshot.profiles.get(profile_id), old_profile(snapshot, plan)
    if profile is None or profile.schedule != "active":
        return False
    is_moving = left is not None and left.practitioner_id == profile.practitioner_id
    return not (is_moving and in_blackout(plan, at))


def in_blackout(plan: MigrationPlan, at: datetime) -> bool:
    """Return whether an instant is in the blackout of a plan."""
    blackout, at_us = blackout_of(plan), microseconds(utc(at, "at"))
    return blackout is not None and blackout.start_us <= at_us < blackout.end_us


def manual_availability(
    snapshot: Snapshot, plan: MigrationPlan, *, within: TimeSlot, minutes: int, at: datetime | None = None
) -> tuple[TimeSlot, ...]:
    """Return the slots from which customer service books while the portal is closed.

    They are the working hours of the new profile (before it is open: the planned hours), without the live
    bookings of the practitioner in all profiles and without the times in which the old or the new profile is
    unavailable. The blackout is not removed, because it closes only the portal. Earlier leave is removed,
    also if it is exactly as long as the blackout.

    Args:
        snapshot: The present data, or expected data.
        plan: The migration; if it is blocked, the result is empty.
        within: The time to search.
        minutes: The length of a slot.
        at: The instant before which no slot starts; any aware datetime. Default: the start of `within`.

    Returns:
        Slots of this length, soonest first, back to back from the start of each stretch of free time inside
        `within`. A shorter rest is left out.

    Raises:
        InvalidValueError: `at` is naive, or `minutes` is no whole number above zero.

    Takes time in proportion to the practitioner's appointments, the days of `within` and the slots returned.
    """
    earliest = within.start_us if at is None else microseconds(utc(at, "at"))
    old, present, planned = old_profile(snapshot, plan), new_profile(snapshot, plan), planned_profile(plan)
    new = [profile for profile in (present, planned) if profile is not None]
    if not plan.is_ready or old is None or not new:
        return split((), minutes)
    hours = next((profile.hours for profile in new if profile.hours is not None), None)
    away = {slot for profile in (old, *new) for slot in profile.unavailable} - _portal_only(plan)
    free = _free(snapshot, old.practitioner_id, hours, away, within)
    return tuple(slot for slot in split(free, minutes) if slot.start_us >= earliest)


def _portal_only(plan: MigrationPlan) -> set[TimeSlot]:
    """Return the blackout, unless the new profile opens with the same time as leave."""
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
