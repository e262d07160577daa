"""The data of a snapshot that a migration needs, read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs
import pendulum

from accountmerge.migrations.estimates import WorkingTime, estimated, longest_blackout
from accountmerge.migrations.records import ProfileRows, read_profile_rows
from accountmerge.migrations.replacements import Replacements, is_other_half, replacement_id, replacements
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.appointments import Appointment
from accountmerge.model.bookings import future_bookings
from accountmerge.model.identifiers import derived_id
from accountmerge.model.instants import microseconds
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Persons, of_one_person
from accountmerge.model.time_slots import TimeSlot, contains
from accountmerge.model.values import Value, value_class


@value_class(eq=False, repr=False)
class MigrationSituation(Value):
    """The data of a snapshot that a migration needs.

    Attributes:
        at: The instant of the plan. Bookings that start at it or later are future.
        old: The old profile.
        successor: The new profile in the snapshot, if it exists already.
        new: The new profile as it is to be before activation.
        history: Every appointment of the old profile.
        moving: Its future live bookings, soonest first.
        derived_ids: The id of each replacement, by the id of the moving booking, the same in every retry.
        replacements: The existing replacements, by the id of the moving booking.
        contested: The ids of live bookings that replace more than one booking.
        blackout: The time in which availability is to be off.
        rows: The records that name the old profile.
    """

    snapshot: Snapshot
    request: MigrationRequest
    at: pendulum.DateTime
    old: Profile
    successor: Profile | None
    new: Profile
    history: tuple[Appointment, ...]
    moving: tuple[Appointment, ...]
    derived_ids: Mapping[str, str]
    replacements: Mapping[str, Replacements]
    contested: frozenset[str]
    blackout: TimeSlot
    rows: ProfileRows

    @property
    def is_finished(self) -> bool:
        """Whether the migration is complete. The successor may have handed over to another profile since."""
        return self.is_linked and not self.moving and self.rows.is_settled

    @property
    def is_linked(self) -> bool:
        """Whether the new profile has taken over; the old one may have got bookings and records since."""
        return _is_linked(self.old, self.successor)

    @property
    def needs_blackout(self) -> bool:
        """Whether the old schedule is open and availability is not yet off for the blackout in both profiles."""
        both = (self.old, self.new)
        return self.old.schedule == "active" and not all(contains(p.unavailable, self.blackout) for p in both)

    @property
    def changes_profiles(self) -> bool:
        """Whether a profile is left to change."""
        return not self.is_linked or self.new != self.successor or self.new.schedule != "active"

    @property
    def decided_blackout(self) -> TimeSlot | None:
        """The blackout of the plan, or the one that profiles have already; None without either."""
        if self.request.window is not None or self.needs_blackout:
            return self.blackout
        changing = ((self.old, "inactive"), (self.new, "active"))
        rows = [profile for profile, wanted in changing if profile.schedule != wanted]
        return entered_blackout(rows, self.at)

    @property
    def planned_id(self) -> str:
        """The id of the profile that the request opens, the same in every retry."""
        return new_profile_id(self.old, self.request)

    def active_elsewhere(self) -> list[Profile]:
        """Return the practitioner's other profiles with an active schedule."""
        rows = self.snapshot.profiles.where("practitioner_id", self.old.practitioner_id)
        involved = (self.old.id, self.new.id)
        return [row for row in rows if row.schedule == "active" and row.id not in involved]

    def half_done(self, booking: Appointment) -> Appointment | None:
        """Return the live replacement of a moving booking in the new profile, if that is clear.

        It is clear if there is exactly one, made for this booking alone and equal to it in the fields that a rebooking
        keeps. Other replacements need the decision of a person.
        """
        live = self.replacements.get(booking.id, Replacements()).live
        if len(live) != 1 or live[0].id in self.contested:
            return None
        (other,) = live
        return other if is_other_half(other, booking, self.new) else None

    def new_id(self, booking: Appointment) -> str:
        """Return the id of a moving booking in the new profile."""
        other = self.half_done(booking)
        return other.id if other else self.derived_ids[booking.id]


def entered_blackout(profiles: Iterable[Profile], at: datetime) -> TimeSlot | None:
    """Return the time around an instant in which all profiles are unavailable, or None."""
    at_us = microseconds(at)
    entered = [
        max((slot for slot in row.unavailable if slot.start_us <= at_us < slot.end_us), default=None)
        for row in profiles
    ]
    slots = [slot for slot in entered if slot is not None]
    if not slots or len(slots) < len(entered):
        return None
    return TimeSlot.from_microseconds(max(s.start_us for s in slots), min(s.end_us for s in slots))


def _is_linked(old: Profile, successor: Profile | None) -> bool:
    if successor is None or successor.schedule == "pending":
        return False
    return old.succeeded_by == successor.id and old.schedule == "inactive"


def new_profile_id(old: Profile, request: MigrationRequest) -> str:
    """Return the id of the profile that a request opens, the same in every retry."""
    return derived_id("profile", old.id, request.ticket)


def read_situation(
    snapshot: Snapshot, request: MigrationRequest, rules: MigrationRules, at: pendulum.DateTime, old: Profile
) -> MigrationSituation:
    """Return the data of a snapshot that a migration needs."""
    successor = successor_in(snapshot, request, old)
    new = _prepared(successor, old, at) if successor else _opened(request, old, at)
    start_us = microseconds(at)
    moving = tuple(future_bookings(snapshot, old.id, start_us))
    derived_ids = {booking.id: replacement_id(booking, new) for booking in moving}
    in_place = replacements(snapshot, moving, derived_ids, new)
    counts = Counter(other.id for others in in_place.values() for other in others.live)
    return MigrationSituation(
        snapshot=snapshot,
        request=request,
        at=at,
        old=old,
        successor=successor,
        new=new,
        history=tuple(snapshot.appointments.where("profile_id", old.id)),
        moving=moving,
        derived_ids=derived_ids,
        replacements=in_place,
        contested=frozenset(id for id, count in counts.items() if count > 1),
        blackout=request.window or _from_now(start_us, old, len(moving), rules),
        rows=read_profile_rows(snapshot, rules, old, new, is_linked=_is_linked(old, successor)),
    )


def _from_now(start_us: int, old: Profile, bookings: int, rules: MigrationRules) -> TimeSlot:
    """Return the estimated blackout from the plan's instant, or the longest if the estimate is refused."""
    longest = longest_blackout(start_us)
    working = WorkingTime(rules.business_hours_for(old), longest)
    return estimated(old.id, start_us, bookings, rules, working).slot or longest


def successor_in(snapshot: Snapshot, request: MigrationRequest, old: Profile) -> Profile | None:
    """Return the existing profile that takes over by this request, or None.

    That is the successor, or else a waiting or active profile with the new address. An inactive profile counts only
    if this move opened it or booked into it.
    """
    mailbox = request.new_email.mailbox
    linked = snapshot.profiles.get(old.succeeded_by) if old.succeeded_by else None
    ours = linked is not None and linked.practitioner_id == old.practitioner_id
    if ours and linked is not None and linked.mailbox == mailbox != old.mailbox:
        return linked
    begun = list(dict.fromkeys((*rebooked_into(snapshot, old), new_profile_id(old, request))))
    candidates = [
        profile
        for profile in snapshot.profiles.where("mailbox", mailbox)
        if profile.practitioner_id == old.practitioner_id
        and profile.id != old.id
        and (profile.schedule != "inactive" or profile.id in begun)
    ]
    rank = {id: place for place, id in enumerate(begun)}
    last = len(begun)
    return min(
        candidates,
        key=lambda row: (row.schedule == "inactive", rank.get(row.id, last), row.id),
        default=None,
    )


def was_begun(snapshot: Snapshot, request: MigrationRequest, old: Profile, profile: Profile) -> bool:
    """Return whether a move from the old profile opened another one, or rebooked an appointment into it."""
    return profile.id == new_profile_id(old, request) or profile.id in rebooked_into(snapshot, old)


def rebooked_into(snapshot: Snapshot, old: Profile) -> list[str]:
    """Return the ids of the profiles that the old one's bookings moved to, most bookings first.

    Either half of a link is enough. A booking that replaces one of another person does not count.
    """
    table, persons = snapshot.appointments, Persons(snapshot.customers)
    replaced = table.groups("replaces")
    counts: Counter[str] = Counter()
    for row in table.where("profile_id", old.id):
        if not row.is_live:
            ids = {other.id for other in replaced.get(row.id, ()) if of_one_person(persons, other, row)}
            if row.replaced_by is not None:
                ids.add(row.replaced_by)
            counts.update(table[id].profile_id for id in ids)
    return sorted(counts, key=lambda id: (-counts[id], id))


def _opened(request: MigrationRequest, old: Profile, at: pendulum.DateTime) -> Profile:
    return Profile(
        id=new_profile_id(old, request),
        practitioner_id=old.practitioner_id,
        email=request.new_email,
        login="enabled",
        schedule="pending",
        hours=old.hours,
        unavailable=_future(old.unavailable, at),
        data=old.data,
    )


def _prepared(successor: Profile, old: Profile, at: pendulum.DateTime) -> Profile:
    """Return the successor as it is to be before activation, with the old profile's times if it waits."""
    if successor.schedule != "pending":
        return attrs.evolve(successor, login="enabled") if successor.schedule == "active" else successor
    lacking = tuple(
        slot for slot in _future(old.unavailable, at) if not contains(successor.unavailable, slot)
    )
    return attrs.evolve(
        successor,
        login="enabled",
        hours=successor.hours or old.hours,
        unavailable=(*successor.unavailable, *lacking),
        data=old.data if successor.data is None else successor.data,
        succeeded_by=None,  # on the way back to an earlier profile, it would point at the old one
    )


def _future(slots: tuple[TimeSlot, ...], at: pendulum.DateTime) -> tuple[TimeSlot, ...]:
    start_us = microseconds(at)
    return tuple(slot for slot in slots if slot.end_us > start_us)
