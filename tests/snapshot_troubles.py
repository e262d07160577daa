"""Troubles: what is wrong in a snapshot, by a look at every pair; shares nothing with what draws them."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from accountmerge.testing.reference import faults_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import accountmerge as am


def troubles_of(snapshot: am.Snapshot) -> Iterator[str]:
    """Yield the troubles of a snapshot; the names of `TROUBLES`, and some that only `snapshots` draws."""
    yield from troubles_of_bookings(snapshot)
    yield from troubles_of_persons(snapshot)
    yield from troubles_of_sessions(snapshot)
    yield from troubles_of_links(snapshot)
    yield from troubles_of_logins(snapshot)
    faults = {fault[0] for fault in faults_of(snapshot)}
    if "two active schedules" in faults:
        yield "several active schedules"
    if "merged too far" in faults:
        yield "chain of merges"
    if "merged in a circle" in faults:
        yield "merged into itself"


def troubles_of_bookings(snapshot: am.Snapshot) -> Iterator[str]:
    live = [row for row in snapshot.appointments.sorted() if row.is_live]
    human = {row.id: row.practitioner_id for row in snapshot.profiles}
    for one, other in itertools.permutations(live, 2):
        a, b = one.slot, other.slot
        same_profile = one.profile_id == other.profile_id
        if same_profile and a.end_us == b.start_us:
            yield "touching slots"
        if same_profile and a != b and a.start_us <= b.start_us and b.end_us <= a.end_us:
            yield "nested slots"
        if same_profile and a == b:
            yield "equal slots"
        if not same_profile and a == b and human[one.profile_id] == human[other.profile_id]:
            yield "several profiles"
        meet = a.start_us < b.end_us and b.start_us < a.end_us
        if meet and human[one.profile_id] != human[other.profile_id] and one.customer_id == other.customer_id:
            yield "customer twice"
        if same_profile and a.start_us < b.start_us and wall(a.start, one) == wall(b.start, other):
            yield "repeated hour"
    for row in live:
        shown = wall(row.slot.end, row) - wall(row.slot.start, row)
        if shown > row.slot.end - row.slot.start:
            yield "skipped hour"


def troubles_of_persons(snapshot: am.Snapshot) -> Iterator[str]:
    """Yield that a customer and one that was merged into it are booked at the same time."""
    live = [row for row in snapshot.appointments if row.is_live]
    for one, other in itertools.permutations(live, 2):
        merged = snapshot.customers[one.customer_id].merged_into
        if one.slot.overlaps(other.slot) and merged == other.customer_id != one.customer_id:
            yield "person twice"


def troubles_of_sessions(snapshot: am.Snapshot) -> Iterator[str]:
    """Yield that two live bookings are in one session."""
    live = [row for row in snapshot.appointments if row.is_live and row.session_id is not None]
    pairs = itertools.combinations(live, 2)
    if any((one.session_id, one.slot) == (other.session_id, other.slot) for one, other in pairs):
        yield "session"


def wall(at: Any, row: am.Appointment) -> Any:
    return at.astimezone(ZoneInfo(row.time_zone)).replace(tzinfo=None)


def troubles_of_links(snapshot: am.Snapshot) -> Iterator[str]:
    rows = {row.id: row for row in snapshot.appointments}
    for old in rows.values():
        new = rows.get(old.replaced_by or "")
        if new is not None and new.replaces == old.id:
            if old.is_live and new.is_live:
                yield "both halves live"
            if new.replaced_by is not None and new.replaced_by != old.id:
                yield "chain of rebookings"
        elif new is not None or any(row.replaces == old.id for row in rows.values()):
            yield "one-way link"
        if old.replaces is not None and rows[old.replaces].replaces == old.id:
            yield "circle of links"


def troubles_of_logins(snapshot: am.Snapshot) -> Iterator[str]:
    profiles = Counter(row.email.mailbox for row in snapshot.profiles)
    emails = {(row.id, email) for row in snapshot.customers for email in row.emails}
    claims = Counter(mailbox for row in snapshot.customers for mailbox in set(row.primary_mailboxes))
    if max(profiles.values(), default=0) > 1 or profiles.keys() & claims.keys():
        yield "claimed login"
    if max(claims.values(), default=0) > 1:
        yield "claimed mailbox"
    spelled = {(id, email.address.text) for id, email in emails}
    held = {(id, email.address.mailbox) for id, email in emails}
    if max(Counter(mailbox for _, mailbox in held).values(), default=0) > 1:
        yield "shared address"
    if len({text for _, text in spelled}) > len({mailbox for _, mailbox in held}):
        yield "several spellings"
    addresses = [email.address for _, email in emails] + [row.email for row in snapshot.profiles]
    if any(not address.is_valid for address in addresses):
        yield "malformed address"
