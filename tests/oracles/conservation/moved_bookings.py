"""What becomes of a practice when a practitioner moves: bookings move once, history and everybody else stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.edits import differing_fields
from oracles.conservation.profile_records import handed_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pendulum

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.migrations.requests import MigrationRequest
    from accountmerge.migrations.rules import MigrationRules
    from accountmerge.model.access import Access
    from accountmerge.model.appointments import Appointment
    from accountmerge.model.profiles import Profile
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.model.time_slots import TimeSlot
    from oracles.conservation.outcomes import Loss

UNTOUCHED = ("customers", "access_requests")
"""What no move of a practitioner touches."""
LEVELS = ("none", "viewing", "treating")
"""The levels of access, weakest first."""


def after_a_migration(
    request: MigrationRequest,
    before: Snapshot,
    after: Snapshot,
    at: pendulum.DateTime,
    rules: MigrationRules | None = None,
    ledger: Sequence[LedgerEntry] = (),
) -> Iterator[Loss]:
    """Yield what a migration lost, doubled, widened or touched without need."""
    for name in UNTOUCHED:
        if getattr(before, name) != getattr(after, name):
            yield (f"{name} were touched",)
    old, now = before.profiles[request.profile_id], after.profiles[request.profile_id]
    moved = {row.id: row for row in before.appointments if _is_to_move(row, old, at)}
    new = after.profiles.get(now.succeeded_by or "")
    if new is None:
        yield ("no successor", old.id)
        return
    yield from _profiles(request, before, after, old, new, at)
    yield from handed_over(before, after, old.id, new.id, rules, ledger)
    yield from rebooked(before, after, moved, new, dict(request.numbers))
    yield from sight(before, after, old, new, {row.customer_id for row in moved.values()}, at)


def _is_to_move(row: Appointment, old: Profile, at: pendulum.DateTime) -> bool:
    return row.profile_id == old.id and row.status in ("booked", "held") and row.slot.start >= at


def _profiles(
    request: MigrationRequest,
    before: Snapshot,
    after: Snapshot,
    old: Profile,
    new: Profile,
    at: pendulum.DateTime,
) -> Iterator[Loss]:
    """Nobody else's profile is touched; hours and times of absence to come are there in the new one."""
    there = {row.id for row in before.profiles}
    if {row.id for row in after.profiles} - there - {new.id} or there - {row.id for row in after.profiles}:
        yield ("profiles came or went",)
    for row in before.profiles:
        may_differ = {
            old.id: ("schedule", "succeeded_by", "unavailable"),
            new.id: ("schedule", "succeeded_by", "unavailable", "login", "hours", "data"),
        }.get(row.id, ())
        now: Any = after.profiles.get(row.id)
        if now is not None and attrs.evolve(now, **{name: getattr(row, name) for name in may_differ}) != row:
            yield "profile altered", row.id
    was: Any = before.profiles.get(new.id)
    if was is not None and was.schedule != "pending":
        if new.data != was.data:
            yield "data not kept", new.id
        return  # it is in force by itself
    if new.hours != ((was and was.hours) or old.hours):
        yield "hours not kept", new.id
    if new.data != (old.data if was is None or was.data is None else was.data):
        yield "data not kept", new.id
    yield from _absences(request, after, old, new, was.unavailable if was else (), at)


def _absences(
    request: MigrationRequest,
    after: Snapshot,
    old: Profile,
    new: Profile,
    had: tuple[TimeSlot, ...],
    at: pendulum.DateTime,
) -> Iterator[Loss]:
    """Time of absence to come is there in the new profile, none is lost, and just a window is added."""
    known = {*old.unavailable, *had}
    if any(slot.end > at and not _covered(slot, new) for slot in known):
        yield "absence not copied", new.id
    left = after.profiles[old.id]
    if not all(_covered(slot, left) for slot in old.unavailable):
        yield "absence lost", old.id
    for row in (left, new):
        added = [slot for slot in row.unavailable if slot not in known]
        if len(added) > 1 or any(slot.start < at and slot != request.window for slot in added):
            yield "absence made up", row.id


def _covered(slot: TimeSlot, profile: Profile) -> bool:
    """Tell whether a profile is unavailable at every instant of a slot."""
    covered_until = slot.start_us
    for closed in sorted(profile.unavailable):
        if closed.start_us <= covered_until:
            covered_until = max(covered_until, closed.end_us)
    return bool(covered_until >= slot.end_us)


_FILLED = ("local_start", "data", "created_at", "made_by")
"""What the other half of a rebooking gets from the booking, unless it has its own."""


def rebooked(
    before: Snapshot, after: Snapshot, moved: dict[str, Appointment], new: Profile, numbers: dict[str, str]
) -> Iterator[Loss]:
    """Each booking that moves is booked anew just once, and everything else stands as it did."""
    known = {row.number for row in before.appointments if row.number is not None}
    replacements_of: set[str] = set()
    for id, row in moved.items():
        now = after.appointments.get(id)
        other = after.appointments.get((now and now.replaced_by) or "")
        if now is None or other is None:
            yield "not rebooked", id
            continue
        cancelled = attrs.evolve(row, status="cancelled", cancel_reason="rebooked", replaced_by=other.id)
        if now != cancelled:
            yield "cancelled in another way", id
        wanted = attrs.evolve(
            row,
            id=other.id,
            profile_id=new.id,
            number=other.number,
            replaces=id,
            replaced_by=None,
            version=other.version,
        )
        was = before.appointments.get(other.id)
        own = {name for name in _FILLED if was is not None and getattr(was, name) is not None}
        yield from (("not kept", id, name) for name in differing_fields(wanted, other) if name not in own)
        if was is None and (other.number != numbers.get(id) or other.number in known):
            yield "number not its own", other.id
        filled = {name: getattr(row, name) for name in _FILLED if name not in own}
        if was is not None and attrs.evolve(was, replaces=id, **filled) != other:
            yield "altered", other.id
        if other.id in replacements_of:
            yield "shared", other.id
        replacements_of.add(other.id)
    yield from _others_stand(before, after, moved.keys() | replacements_of)


def _others_stand(before: Snapshot, after: Snapshot, but: set[str]) -> Iterator[Loss]:
    for id in {row.id for row in (*before.appointments, *after.appointments)} - but:
        if before.appointments.get(id) != after.appointments.get(id):
            yield "touched without need", id


def sight(
    before: Snapshot, after: Snapshot, old: Profile, new: Profile, customers: set[str], at: pendulum.DateTime
) -> Iterator[Loss]:
    """The new profile sees those whose bookings move, just as well as the old one does; nobody else sees more."""
    for row in before.access:
        now = after.access.get(row.id)
        raised = (row.profile_id, row.customer_id) in {(new.id, id) for id in customers}
        if now is None or (now != row and not (raised and attrs.evolve(now, level=row.level) == row)):
            yield "access altered", row.id
    made = [row for row in after.access if row.id not in before.access]
    for row in made:
        if row.profile_id != new.id or row.customer_id not in customers or row.since != at:
            yield "access made up", row.id
    yield from access_twice(before, made)
    for customer in customers:
        wanted = max(_level(before, old, customer), _level(before, new, customer))
        if _level(after, new, customer) != wanted:
            yield "access not as it was", customer


def access_twice(before: Snapshot, made: Iterable[Access]) -> Iterator[Loss]:
    """Nobody is given access to whom they have access to, nor twice."""
    held = {(row.profile_id, row.customer_id) for row in before.access}
    for row in made:
        pair = (row.profile_id, row.customer_id)
        if pair in held:
            yield "access twice", row.id
        held.add(pair)


def _level(snapshot: Snapshot, profile: Profile, customer_id: str) -> int:
    pair = (profile.id, customer_id)
    rows = (row for row in snapshot.access if (row.profile_id, row.customer_id) == pair)
    return max((LEVELS.index(row.level) for row in rows), default=0)
