"""Report how far a migration is."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

import attrs
import pendulum

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
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import BookingRoots, Persons, of_one_person, replacements_of
from accountmerge.model.time_slots import contains


@attrs.frozen(kw_only=True)
class Gate:
    """A check with counters: what has to come out before a phase may be entered.

    Attributes:
        expected: How many bookings the plan rebooks.
        rebooked: Of those, how many stand in the new profile.
        left: Of those, how many stay where they are for a known reason.
        waiting: Of those, how many are still to do.
        unexplained: How many nobody can account for: of those, and those that the plan does not know.
        conflicts: How many double bookings involve the new profile and were not accepted. Of many connected bookings,
            20 count at most.
    """

    expected: int
    rebooked: int
    left: int
    waiting: int
    unexplained: int
    conflicts: int

    @property
    def is_open(self) -> bool:
        """Whether nothing is to do, nothing is unexplained, and nothing is booked twice."""
        return self.waiting == self.unexplained == self.conflicts == 0

    @property
    def share(self) -> float:
        """How much is accounted for, from 0 to 1; 1 if there is nothing to account for."""
        done = self.rebooked + self.left
        whole = done + self.waiting + self.unexplained
        return done / whole if whole else 1.0


@attrs.frozen(repr=False, kw_only=True)
class BookingProgress:
    """How one booking that the plan rebooks stands.

    Attributes:
        appointment_id: The old booking.
        state: `rebooked`, `left`, `waiting` or `unexplained`.
        reason: Why it is left or unexplained; one of `PROGRESS_REASONS`.
    """

    appointment_id: str
    state: BookingState
    reason: str | None = None

    def describe(self, language: str = "en") -> str:
        """Return how it stands, as a sentence."""
        return sentence(f"progress.{self.reason or self.state}", {"id": self.appointment_id}, language)

    def __repr__(self) -> str:
        return f"BookingProgress({self.appointment_id!r}, {self.state!r}, {self.reason!r})"


@attrs.frozen(repr=False, kw_only=True)
class MigrationProgress:
    """How far the present data are along a migration.

    Attributes:
        plan_id: Which plan.
        at: When the data were read.
        phase: The phase that is reached; nothing if not even an agreement is given.
        bookings: Each booking that the plan rebooks, in the order of its steps.
        unknown: Live bookings to come in the old profile that the plan does not know; unexplained until `rebase`
            takes them in.
        booked_meanwhile: Live bookings to come in the new profile that came from nowhere else: those of
            customer service.
        conflicts: Double bookings to come that involve the new profile and that nobody accepted.
        blocked: Codes of what blocks the plan.
        practitioner_id: Who moves.
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

    @property
    def gates(self) -> Mapping[PhaseKind, Gate]:
        """The gates that have counters, by the phase that they lead to: that of `activation`."""
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
        """Whether the gate of activation is open, and nothing blocks the plan."""
        return self.gates["activation"].is_open and not self.blocked

    @property
    def is_done(self) -> bool:
        """Whether the new schedule is on and every booking is accounted for."""
        gate = self.gates["activation"]
        return self.phase in ("settling", "closed") and gate.waiting == gate.unexplained == 0

    def __repr__(self) -> str:
        gate = self.gates["activation"]
        return f"MigrationProgress({self.phase!r}, {gate!r}, plan_id={self.plan_id!r})"


def progress(snapshot: Snapshot, plan: MigrationPlan) -> MigrationProgress:
    """Tell how far a migration is: the phase that is reached, and what became of every booking.

    Read from the data alone, so it is right whoever did what is done: a program, people by hand, an earlier plan. What was told
    to people the data do not say: a blackout that is entered for later counts as announced.

    Args:
        snapshot: The present data, whole for the practitioner; "to come" is judged by its `taken_at`.
        plan: The plan that is carried out; one that is blocked rebooks nothing, so all is unknown to it.

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
        practitioner_id=next((row.practitioner_id for row in (present.new, present.old) if row), ""),
    )


@attrs.frozen(repr=False)
class _Present:
    """The present data, seen from a plan."""

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
        accepted = [found for found in self.plan.findings if found.id in tolerated]
        digests = {found.ids[0] for found in accepted if found.is_cluster}
        rows = (table.get(id) for found in accepted for id in found.ids if not found.is_cluster)
        known = {row.id: roots.booking(row) for row in rows if row is not None}
        pairs = {frozenset(known.get(id, (id, "")) for id in found.ids) for found in accepted}
        for double in doubles_of_practitioner(self.snapshot, self.new.practitioner_id):
            if isinstance(double, DoubleBooking):
                yield from self._conflict(double, pairs, roots)
            elif double.digest not in digests:
                yield from itertools.islice(self._crowded(double, pairs, roots), MOST_PAIRS)

    def _crowded(
        self, cluster: BookingCluster, pairs: Container[frozenset[tuple[str, str]]], roots: BookingRoots
    ) -> Iterator[DoubleBooking]:
        """Yield double bookings of a cluster: those of its first bookings in the new profile, for there are many."""
        rows = [row for row in cluster.members if row.slot.end_us > self.from_us]
        new = itertools.islice((row for row in rows if row.profile_id == self.new_id), MOST_PAIRS)
        for row in new:
            for other in rows:
                if row.id != other.id and row.slot.overlaps(other.slot) and not roots.are_one(row, other):
                    first, second = sorted((row, other), key=lambda each: each.order)
                    overlap = first.slot.intersection(second.slot)
                    if overlap is not None:
                        yield from self._conflict(
                            DoubleBooking("practitioner", first, second, overlap), pairs, roots
                        )

    def _conflict(
        self, double: DoubleBooking, pairs: Container[frozenset[tuple[str, str]]], roots: BookingRoots
    ) -> Iterator[DoubleBooking]:
        """Yield a double booking of the new profile, unless the two stood beside one another with consent before.

        A booking is known by the first appointment of its chain, so that it counts as the one it was rebooked from.
        """
        involved = self.new_id in (double.first.profile_id, double.second.profile_id)
        stood = frozenset((roots.booking(double.first), roots.booking(double.second))) in pairs
        if involved and double.overlap.end_us > self.from_us and not stood:
            yield double

    def phase(self, *, any_rebooked: bool) -> PhaseKind | None:
        """Return the phase that is reached, the last one first."""
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

    def _has_begun(self, old: Profile, new: Profile) -> bool:
        """Tell whether anything in the new profile came along from the old one."""
        origins = origins_in(self.snapshot, old)
        return any(map(origins.came_along, self.snapshot.appointments.where("profile_id", new.id)))

    def _closed(self, old: Profile, new: Profile) -> PhaseKind | None:
        """Return how far availability is off in both profiles: not, entered for later, or since some instant."""
        start = self._off_from(old, new)
        if start is None:
            return None
        return "announced" if start > microseconds(self.snapshot.taken_at) else "availability_off"

    def _off_from(self, old: Profile, new: Profile) -> int | None:
        """Return from when availability is off in both profiles; nothing if it is not."""
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
"""The closed vocabulary of why a booking is neither rebooked nor waiting, and what it is instead."""

Found = tuple[BookingState, str | None]


def booking_states(
    snapshot: Snapshot, expected: Sequence[str], old_id: str | None, new_id: str | None, from_us: int
) -> Iterator[Found]:
    """Yield how each booking stands, and the reason if it is left or unexplained.

    What takes the place of a booking is known by its links, by `replaces` most of all, for a store may give ids of
    its own; chains of rebookings are followed to their ends.

    Args:
        snapshot: The present data.
        expected: Ids of the bookings that the plan rebooks.
        old_id: The old profile.
        new_id: The new profile; nothing if there is none yet.
        from_us: What starts before it has begun, in microseconds.
    """
    persons = Persons(snapshot.customers)
    stories = [_story(snapshot, persons, id) for id in expected]
    holders = Counter(row.id for story in stories for row in story.standing)
    holders.update(expected)
    for story in stories:
        if any(holders[row.id] > 1 for row in story.standing):
            yield "unexplained", "shared"
        else:
            yield story.found(old_id, new_id, from_us)


def _story(snapshot: Snapshot, persons: Persons, id: str) -> _Story:
    old = snapshot.appointments.get(id)
    if old is None:
        return _Story(None, (), strangers=False)
    found = replacements_of(snapshot.appointments, old)
    own = tuple(row for row in found if of_one_person(persons, row, old))
    return _Story(old, own, strangers=len(own) < len(found))


@attrs.frozen(repr=False)
class _Story:
    """A booking and all that was booked in its place.

    Attributes:
        old: The booking.
        replacements_of: What was booked in its place for the same person.
        strangers: Whether anything was booked in its place for another person: that is another booking.
    """

    old: Appointment | None
    replacements_of: tuple[Appointment, ...]
    strangers: bool

    @property
    def standing(self) -> tuple[Appointment, ...]:
        """What was not passed on in its turn."""
        return tuple(row for row in self.replacements_of if not _is_passed_on(row))

    def found(self, old_id: str | None, new_id: str | None, from_us: int) -> Found:
        old = self.old
        if old is None:
            return "unexplained", "gone"
        live = sum(row.is_live for row in self.standing)
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
        if not self.standing:
            return "unexplained", "other_customer" if self.strangers else "nothing_in_its_place"
        if any(row.profile_id == new_id for row in self.replacements_of):
            return "rebooked", None
        return "left", "rebooked_elsewhere"


_LEFT = {"cancelled": "cancelled_meanwhile", "completed": "completed", "missed": "missed"}


def _is_passed_on(row: Appointment) -> bool:
    """Tell whether a booking was cancelled because another takes its place, and for no other reason."""
    if row.status != "cancelled":
        return False
    return row.cancel_reason == REBOOKED or (row.cancel_reason is None and row.replaced_by is not None)
