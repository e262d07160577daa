"""A view of everything that is visible and bookable at an instant of a migration."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pendulum

from accountmerge.migrations.plan import MigrationPlan, new_profile, old_profile
from accountmerge.migrations.timeline import end_of_old_login
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.instants import (
    LAST_MICROSECOND,
    MICROSECONDS_PER_DAY,
    from_microseconds,
    microseconds,
    utc,
)
from accountmerge.model.profiles import Profile, ScheduleStatus
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import ShownValue, Value, value_class
from accountmerge.views.availability import in_blackout, manual_availability, portal_availability
from accountmerge.views.booking_routes import BookingRoute, booking_route
from accountmerge.views.expected_snapshots import expected_snapshot
from accountmerge.views.profile_views import ProfileHistory, profile_history, quick_view, visible_customers

_LOOKS_AHEAD = 7 * MICROSECONDS_PER_DAY
"""The default time to search for free slots: a week has every weekday once."""


@value_class(eq=False, repr=False, kw_only=True)
class ProfileView(Value):
    """One profile and the data visible on it at an instant.

    Attributes:
        profile_id: The id of the profile.
        schedule: The status of its schedule.
        zone: The zone of its hours, or None.
        portal: The slots that the booking portal offers.
        customers: The visible customers, by id.
        quick_view: The next bookings, soonest first.
        histories: The history of each visible customer.
        routes: The booking route of each customer that is visible on one of the two profiles.
    """

    profile_id: str
    schedule: ScheduleStatus
    zone: str | None = None
    portal: tuple[TimeSlot, ...] = ()
    customers: tuple[Customer, ...] = ()
    quick_view: tuple[Appointment, ...] = ()
    histories: tuple[ProfileHistory, ...] = ()
    routes: tuple[BookingRoute, ...] = ()

    def __repr__(self) -> str:
        counts = f"{len(self.portal)} slots, {len(self.customers)} customers, {len(self.quick_view)} bookings"
        return f"ProfileView({self.profile_id!r}, {self.schedule}, {counts})"


@value_class(eq=False, repr=False, kw_only=True)
class Visibility(Value):
    """The data visible to everybody at an instant of a migration.

    Attributes:
        at: The instant.
        in_blackout: Whether it is in the blackout.
        old: The old profile, or None if it does not exist.
        new: The new profile; None before it is open.
        manual: The slots from which customer service books; empty outside the blackout, because the portal is
            open then.
        logins: Which logins work.
    """

    at: pendulum.DateTime
    in_blackout: bool
    old: ProfileView | None
    new: ProfileView | None
    manual: tuple[TimeSlot, ...]
    logins: WorkingLogins

    def __repr__(self) -> str:
        state = "in the blackout, " if self.in_blackout else ""
        return f"Visibility({state}old={self.old!r}, new={self.new!r}, {len(self.manual)} slots by hand)"


def visibility_at(
    snapshot: Snapshot,
    plan: MigrationPlan,
    *,
    at: datetime,
    within: TimeSlot | None = None,
    minutes: int = 60,
) -> Visibility:
    """Return the data visible to everybody at an instant of a migration.

    Args:
        snapshot: The present data, untouched or with a part of the plan done.
        plan: The migration.
        at: The instant; any aware datetime.
        within: The time to search for free slots. Default: a week from the instant on.
        minutes: The length of a slot.

    Raises:
        ApplyRefused: The present data have drifted from the plan, as for `expected_snapshot`.
        InvalidValueError: `at` is naive, or `minutes` is no whole number above zero.

    Takes time in proportion to the edits of the plan and to the data of the practitioner and the visible
    customers.
    """
    moment = utc(at, "at")
    if within is None:
        end_us = min(microseconds(moment) + _LOOKS_AHEAD, LAST_MICROSECOND)
        within = TimeSlot.from_microseconds(min(microseconds(moment), end_us - 1), end_us)
    then = expected_snapshot(snapshot, plan, moment)
    both = (old_profile(then, plan), new_profile(then, plan))
    known = sorted({row.id for profile in both if profile for row in visible_customers(then, profile.id)})
    old, new = (
        _view(then, plan, profile, moment, within, minutes, known) if profile else None for profile in both
    )
    closed = in_blackout(plan, moment)
    manual = manual_availability(then, plan, within=within, minutes=minutes, at=moment)
    return Visibility(
        at=moment,
        in_blackout=closed,
        old=old,
        new=new,
        manual=manual if closed else (),
        logins=working_logins(then, plan, moment),
    )


def _view(
    snapshot: Snapshot,
    plan: MigrationPlan,
    profile: Profile,
    at: pendulum.DateTime,
    within: TimeSlot,
    minutes: int,
    known: Iterable[str],
) -> ProfileView:
    customers = visible_customers(snapshot, profile.id)
    return ProfileView(
        profile_id=profile.id,
        schedule=profile.schedule,
        zone=profile.hours.zone if profile.hours else None,
        portal=portal_availability(
            snapshot, plan, profile_id=profile.id, at=at, within=within, minutes=minutes
        ),
        customers=customers,
        quick_view=quick_view(snapshot, profile.id, at=at),
        histories=tuple(profile_history(snapshot, profile.id, row.id, at=at) for row in customers),
        routes=tuple(booking_route(snapshot, profile.id, id) for id in known),
    )


@value_class(eq=False, repr=False, kw_only=True)
class WorkingLogins(ShownValue):
    """Which logins of a practitioner work at an instant of a migration.

    Attributes:
        old: Whether the old login works.
        new: Whether the new login works; False before the new profile is open.
        may_be_disrupted: Whether it is the blackout, in which access to either may be disrupted.
        old_ends: The end of the old login, or None if no schedule is activated.
    """

    old: bool
    new: bool
    may_be_disrupted: bool
    old_ends: pendulum.DateTime | None = None


def working_logins(snapshot: Snapshot, plan: MigrationPlan, at: datetime) -> WorkingLogins:
    """Return which of the two logins of a migration work at an instant.

    A login works while the store has it enabled. The old login also ends at the latest `old_login_days` (of
    24 hours each) after the activation, even if the store has not disabled it.

    Args:
        snapshot: The present data, or the expected data of the instant.
        plan: The migration.
        at: The instant; any aware datetime.

    Raises:
        InvalidValueError: `at` is naive.
    """
    at_us = microseconds(utc(at, "at"))
    old, new = old_profile(snapshot, plan), new_profile(snapshot, plan)
    ends_us = end_of_old_login(plan.change_set, plan.blackout, plan.rules.old_login_days)
    is_over = ends_us is not None and ends_us <= at_us and old is not None and old.schedule != "active"
    return WorkingLogins(
        old=_is_enabled(old) and not is_over,
        new=_is_enabled(new),
        may_be_disrupted=in_blackout(plan, at),
        old_ends=from_microseconds(ends_us) if ends_us is not None else None,
    )


def _is_enabled(profile: Profile | None) -> bool:
    return profile is not None and profile.login == "enabled"
