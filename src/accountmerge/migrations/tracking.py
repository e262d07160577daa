"""The progress of a migration."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import pendulum

from accountmerge.changes.obligations import Owed, owed_after
from accountmerge.findings.double_bookings import (
    MOST_PAIRS,
    BookingCluster,
    DoubleBooking,
    doubles_of_practitioner,
)
from accountmerge.messages import sentence
from accountmerge.migrations.plan import MigrationPlan, new_profile, old_profile
from accountmerge.migrations.replacements import origins_in
from accountmerge.migrations.timeline import PhaseKind
from accountmerge.model.appointments import REBOOKED, Appointment
from accountmerge.model.bookings import future_bookings
from accountmerge.model.instants import microseconds
from accountmerge.model.profiles import Profile
from accountmerge.model.sessions import are_one_session
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import BookingRoots, Persons, of_one_person, replacements_of
from accountmerge.model.time_slots import contains
from accountmerge.model.values import ShownValue, Value, value_class


@value_class(eq=False, repr=False, kw_only=True)
class Gate(ShownValue):
    """The counters that are checked before a phase may be entered.

    Attributes:
        expected: The number of bookings that the plan rebooks.
        rebooked: The number of those in the new profile.
        left: The number of those that are not rebooked for a known reason.
        waiting: The number of those still to rebook.
        unexplained: The number of those without an explanation, and of bookings that the plan does not know.
        conflicts: The number of double bookings of the new profile that were not accepted; at most 20 of a cluster.
    """

    expected: int
    rebooked: int
    left: int
    waiting: int
    unexplained: int
    conflicts: int

    @property
    def is_open(self) -> bool:
        """Whether no booking is waiting, unexplained or double-booked."""
        return self.waiting == self.unexplained == self.conflicts == 0

    @property
    def share(self) -> float:
        """The share of bookings that are rebooked or left, from 0 to 1. 1 if there are no bookings."""
        done = self.rebooked + self.left
        whole = done + self.waiting + self.unexplained
        return done / whole if whole else 1.0


@value_class(eq=False, repr=False, kw_only=True)
class BookingProgress(Value):
    """The state of one booking that the plan rebooks.

    Attributes:
        appointment_id: The id of the old booking.
        state: `rebooked`, `left`, `waiting` or `unexplained`.
        reason: One of `PROGRESS_REASONS`, if the booking is left or unexplained.
    """

    appointment_id: str
    state: BookingState
    reason: str | None = None

    def describe(self, language: str = "en") -> str:
        """Return the state as a sentence."""
        return sentence(f"progress.{self.reason or self.state}", {"id": self.appointment_id}, language)

    def __repr__(self) -> str:
        return f"BookingProgress({self.appointment_id!r}, {self.state!r}, {self.reason!r})"


@value_class(eq=False, repr=False, kw_only=True)
class MigrationProgress(Value):
    """The progress of a migration by the present data.

    Attributes:
        plan_id: The id of the plan.
        at: The instant at which the data were read.
        phase: The phase that is reached. None if no agreement is given.
        bookings: Each booking that the plan rebooks, in the order of its steps.
        unknown: The ids of future live bookings in the old profile that the plan does not know. They count as
            unexplained until `rebase` adds them.
        booked_meanwhile: The ids of future live bookings in the new profile that did not come from the old one, such
            as those of customer service.
        conflicts: Future double bookings of the new profile that were not accepted.
        blocked: The codes of the plan's blockers.
        practitioner_id: The id of the practitioner.
        owed: The obligations that are due by the present data and not done.
    """

    plan_id: str
    at: pendulum.DateTime
    phase: PhaseKind | None
    bookings: tuple[BookingProgress, ...] = ()
    unknown: tuple[str, ...] = ()
    booked_meanwhile: tuple[str, ...] = ()
    conflicts: tuple[DoubleBooking, ...] = ()
    blocked: tuple[str, ...] = ()
    practitioner_id: str = ""
    owed: tuple[Owed, ...] = ()

    @property
    def gates(self) -> Mapping[PhaseKind, Gate]:
        """The gates with counters, by the phase that they lead to. There is one, for `activation`."""
        states = Counter(booking.state for booking in self.bookings)
        gate = Gate(
            expected=len(self.bookings),
            rebooked=states["rebooked"],
            left=states["left"],
            waiting=states["waiting"],
            unexplained=states["unexplained"] + len(self.unknown),
            conflicts=len(self.conflicts),
        )
        return MappingProxyType({"activation": gate})

    @property
    def may_activate(self) -> bool:
        """Whether the gate of activation is open, and the plan has no blockers."""
        return self.gates["activation"].is_open and not self.blocked

    @property
    def is_done(self) -> bool:
        """Whether the new schedule is active, and no booking is waiting or unexplained."""
        gate = self.gates["activation"]
        return self.phase in ("settling", "closed") and gate.waiting == gate.unexplained == 0

    def __repr__(self) -> str:
        gate = self.gates["activation"]
        return f"MigrationProgress({self.phase!r}, {gate!r}, plan_id={self.plan_id!r})"


def progress(snapshot: Snapshot, plan: MigrationPlan, *, done: Iterable[str] = ()) -> MigrationProgress:
    """Return the phase that a migration has reached, and the state of every booking.

    The progress is read from the data alone, so it also counts the work of other programs, of people and of earlier
    plans. Announcements are not in the data, so a blackout entered for later counts as announced.

    Args:
        snapshot: The present data, complete for the practitioner.
        plan: The applied plan. To a blocked plan all bookings are unknown.
        done: The ids of the obligations that are done, from `accountmerge.changes.due`.

    Takes time in proportion to the practitioner's bookings and to the pairs that overlap, once the snapshot is
    indexed.
    """
    from_us = max(microseconds(snapshot.taken_at), microseconds(plan.change_set.at))
    present = _Present(snapshot, plan, old_profile(snapshot, plan), new_profile(snapshot, plan), from_us)
    expected = tuple(id for id, _ in plan.rebooked)
    states = booking_states(snapshot, expected, present.old_id, present.new_id, present.from_us)
    bookings = tuple(
        BookingProgress(appointment_id=id, state=state, reason=reason)
        for id, (state, reason) in zip(expected, states, strict=True)
    )
    return MigrationProgress(
        plan_id=plan.plan_id,
        at=snapshot.taken_at,
        phase=present.phase(any_rebooked=any(row.state == "rebooked" for row in bookings)),
        bookings=bookings,
        unknown=present.unknown(set(expected)),
        booked_meanwhile=present.booked_meanwhile(),
        conflicts=tuple(present.conflicts()),
        blocked=plan.change_set.blocked,
        owed=owed_after(plan, present.due_steps(), done if isinstance(done, str) else set(done)),
        practitioner_id=next((row.practitioner_id for row in (present.new, present.old) if row), ""),
    )


@value_class(eq=False, repr=False)
class _Present(Value):
    """The present data of a plan."""

    snapshot: Snapshot
    plan: MigrationPlan
    old: Profile | None
    new: Profile | None
    from_us: int

    @property
    def old_id(self) -> str | None:
        return self.old.id if self.old else None

    @property
    def new_id(self) -> str | None:
        return self.new.id if self.new else None

    def _to_come(self, profile: Profile | None) -> list[Appointment]:
        return future_bookings(self.snapshot, profile.id, self.from_us) if profile else []

    def unknown(self, expected: set[str]) -> tuple[str, ...]:
        return tuple(row.id for row in self._to_come(self.old) if row.id not in expected)

    def booked_meanwhile(self) -> tuple[str, ...]:
        rows, old = self._to_come(self.new), self.old
        origins = origins_in(self.snapshot, old) if old is not None else None
        return tuple(row.id for row in rows if origins is None or not origins.came_along(row))

    def conflicts(self) -> Iterator[DoubleBooking]:
        if self.new is None:
            return
        table = self.snapshot.appointments
        roots = BookingRoots(table, Persons(self.snapshot.customers))
        tolerated = set(self.plan.change_set.tolerated)
        accepted = [finding for finding in self.plan.findings if finding.id in tolerated]
        digests = {finding.ids[0] for finding in accepted if finding.is_cluster}
        rows = (table.get(id) for finding in accepted for id in finding.ids if not finding.is_cluster)
        known = {row.id: roots.booking(row) for row in rows if row is not None}
        pairs = {frozenset(known.get(id, (id, "")) for id in finding.ids) for finding in accepted}
        for double in doubles_of_practitioner(self.snapshot, self.new.practitioner_id):
            if isinstance(double, DoubleBooking):
                yield from self._conflict(double, pairs, roots)
            elif double.digest not in digests:
                yield from itertools.islice(self._crowded(double, pairs, roots), MOST_PAIRS)

    def _crowded(
        self, cluster: BookingCluster, pairs: Container[frozenset[tuple[str, str]]], roots: BookingRoots
    ) -> Iterator[DoubleBooking]:
        """Yield the double bookings of a cluster's first bookings in the new profile."""
        rows = [row for row in cluster.members if row.slot.end_us > self.from_us]
        new = itertools.islice((row for row in rows if row.profile_id == self.new_id), MOST_PAIRS)
        for row in new:
            for other in rows:
                if row.id == other.id or roots.are_one(row, other) or are_one_session(row, other):
                    continue
                if row.slot.overlaps(other.slot):
                    first, second = sorted((row, other), key=lambda each: each.order)
                    overlap = first.slot.intersection(second.slot)
                    if overlap is not None:
                        yield from self._conflict(
                            DoubleBooking("practitioner", first, second, overlap), pairs, roots
                        )

    def _conflict(
        self, double: DoubleBooking, pairs: Container[frozenset[tuple[str, str]]], roots: BookingRoots
    ) -> Iterator[DoubleBooking]:
        """Yield a double booking of the new profile, unless it was accepted before.

        A booking counts as the same as the one that it was rebooked from.
        """
        involved = self.new_id in (double.first.profile_id, double.second.profile_id)
        stood = frozenset((roots.booking(double.first), roots.booking(double.second))) in pairs
        if involved and double.overlap.end_us > self.from_us and not stood:
            yield double

    def phase(self, *, any_rebooked: bool) -> PhaseKind | None:
        """Return the last phase that is reached, or None."""
        old, new = self.old, self.new
        unopened: PhaseKind | None = None if "agreement_missing" in self.plan.change_set.blocked else "agreed"
        if old is None or new is None:
            return unopened
        if old.schedule == "inactive":
            handed_over = old.succeeded_by == new.id and new.schedule != "pending"
            if handed_over:
                return "settling" if old.login == "enabled" else "closed"
            return "activation"
        if any_rebooked or self._has_begun(old, new):
            return "rebooking"
        if new.login == "disabled":
            return unopened
        return self._closed(old, new) or "opened"

    def due_steps(self) -> Iterator[int]:
        """Yield the steps that turned availability off or opened the new schedule, if the data say so."""
        old, new = self.old, self.new
        if old is None or new is None:
            return
        is_open = old.schedule == "inactive" and new.schedule == "active"
        is_off = old.schedule == "inactive" or self._off_from(old, new) is not None
        for step in self.plan.change_set.steps:
            if (step.kind == "close_availability" and is_off) or (
                step.kind == "activate_schedule" and is_open
            ):
                yield step.ordinal

    def _has_begun(self, old: Profile, new: Profile) -> bool:
        """Return whether a booking in the new profile came from the old one."""
        origins = origins_in(self.snapshot, old)
        return any(map(origins.came_along, self.snapshot.appointments.where("profile_id", new.id)))

    def _closed(self, old: Profile, new: Profile) -> PhaseKind | None:
        """Return the phase of the blackout, or None if it is not entered in both profiles."""
        start = self._off_from(old, new)
        if start is None:
            return None
        return "announced" if start > microseconds(self.snapshot.taken_at) else "availability_off"

    def _off_from(self, old: Profile, new: Profile) -> int | None:
        """Return the start of the blackout, or None if it is not entered in both profiles."""
        blackout = self.plan.blackout
        is_entered = blackout and all(contains(profile.unavailable, blackout) for profile in (old, new))
        return blackout.start_us if blackout and is_entered else None


BookingState = Literal["rebooked", "left", "waiting", "unexplained"]

PROGRESS_REASONS: dict[str, BookingState] = {
    "cancelled_meanwhile": "left",
    "completed": "left",
    "missed": "left",
    "begun": "left",
    "rebooked_elsewhere": "left",
    "gone": "unexplained",
    "moved": "unexplained",
    "nothing_in_its_place": "unexplained",
    "other_customer": "unexplained",
    "doubled": "unexplained",
    "shared": "unexplained",
    "both_stand": "unexplained",
}
"""The reasons for which a booking is neither rebooked nor waiting, each with the state of the booking."""

Found = tuple[BookingState, str | None]


def booking_states(
    snapshot: Snapshot, expected: Sequence[str], old_id: str | None, new_id: str | None, from_us: int
) -> Iterator[Found]:
    """Yield the state of each booking, and the reason if it is left or unexplained.

    Replacements are found by links, because a store may give ids of its own, and followed through all rebookings.
    Bookings that start before `from_us` have begun.
    """
    persons = Persons(snapshot.customers)
    stories = [_story(snapshot, persons, id) for id in expected]
    holders = Counter(row.id for story in stories for row in story.final_replacements)
    holders.update(expected)
    for story in stories:
        if any(holders[row.id] > 1 for row in story.final_replacements):
            yield "unexplained", "shared"
        else:
            yield story.found(old_id, new_id, from_us)


def _story(snapshot: Snapshot, persons: Persons, id: str) -> _Story:
    old = snapshot.appointments.get(id)
    if old is None:
        return _Story(None, (), strangers=False)
    later = replacements_of(snapshot.appointments, old)
    own = tuple(row for row in later if of_one_person(persons, row, old))
    return _Story(old, own, strangers=len(own) < len(later))


@value_class(eq=False, repr=False)
class _Story(Value):
    """A booking and its replacements.

    Attributes:
        old: The booking.
        replacements_of: Its replacements for the same person.
        strangers: Whether it has a replacement for another person.
    """

    old: Appointment | None
    replacements_of: tuple[Appointment, ...]
    strangers: bool

    @property
    def final_replacements(self) -> tuple[Appointment, ...]:
        """The replacements that were not rebooked themselves."""
        return tuple(row for row in self.replacements_of if not _is_passed_on(row))

    def found(self, old_id: str | None, new_id: str | None, from_us: int) -> Found:
        old = self.old
        if old is None:
            return "unexplained", "gone"
        live = sum(row.is_live for row in self.final_replacements)
        if live > 1:
            return "unexplained", "doubled"
        if _is_passed_on(old):
            return self._passed_on(new_id)
        if old.is_live and old.profile_id != old_id:
            return "unexplained", "moved"
        if old.is_live and old.slot.start_us >= from_us:
            return "waiting", None
        return ("unexplained", "both_stand") if live else ("left", _LEFT.get(old.status, "begun"))

    def _passed_on(self, new_id: str | None) -> Found:
        if not self.final_replacements:
            return "unexplained", "other_customer" if self.strangers else "nothing_in_its_place"
        if any(row.profile_id == new_id for row in self.replacements_of):
            return "rebooked", None
        return "left", "rebooked_elsewhere"


_LEFT = {"cancelled": "cancelled_meanwhile", "completed": "completed", "missed": "missed"}


def _is_passed_on(row: Appointment) -> bool:
    """Return whether a booking was cancelled because it was rebooked."""
    if row.status != "cancelled":
        return False
    return row.cancel_reason == REBOOKED or (row.cancel_reason is None and row.replaced_by is not None)
