"""What becomes of a practice when something small is asked about one customer: only that, and no value is lost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.customers.requests import AccessDecision, CustomerEdit, NewAccessRequest
from accountmerge.model.access import AccessRequest
from accountmerge.model.customers import Customer
from oracles.conservation.moved_bookings import LEVELS, access_twice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pendulum

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.customers.requests import CustomerRequest
    from accountmerge.model.snapshots import Snapshot
    from oracles.conservation.outcomes import Loss


def after_a_small_plan(
    request: CustomerRequest,
    before: Snapshot,
    after: Snapshot,
    at: pendulum.DateTime,
    ledger: Sequence[LedgerEntry],
) -> Iterator[Loss]:
    """Yield what a small plan lost, made up or touched without need."""
    for name in ("profiles", "appointments", "records"):
        if getattr(before, name) != getattr(after, name):
            yield (f"{name} were touched",)
    if {row.id for row in before.customers} != {row.id for row in after.customers}:
        yield ("customers came or went",)
    told = Counter((entry.id, entry.field, str(entry.value.value)) for entry in ledger)
    yield from (("told twice", id, field) for (id, field, _), count in told.items() if count > 1)
    for row in before.customers:
        now = after.customers.get(row.id)
        if now is not None:
            yield from _customer(request, row, now, told)
    yield from _addresses(request, before, after, told)
    yield from _access(request, before, after, at)
    yield from _questions(request, before, after, at)


def _customer(
    request: CustomerRequest, row: Customer, now: Customer, told: Counter[tuple[str, str, str]]
) -> Iterator[Loss]:
    """Only what an edit names is another value, and the ledger says what it was."""
    is_asked = isinstance(request, CustomerEdit) and request.customer_id == row.id
    asked = set(request.changes.value) if is_asked else set()  # type: ignore[union-attr]
    for field in attrs.fields(Customer):
        old, new = getattr(row, field.name), getattr(now, field.name)
        if field.name == "emails":
            continue
        if old != new and field.name not in asked:
            yield "altered", row.id, field.name
        values = old if field.name == "phones" else () if old in (None, new) else (old,)
        kept = new if field.name == "phones" else (new,)
        gone = {str(value) for value in values if value not in kept}
        listed = {value for id, name, value in told if (id, name) == (row.id, field.name)}
        if listed != gone:
            yield "ledger does not tell", row.id, field.name


def _addresses(
    request: CustomerRequest, before: Snapshot, after: Snapshot, told: Counter[tuple[str, str, str]]
) -> Iterator[Loss]:
    """No mailbox vanishes but by a release; who signed in with one before still has it where it was a login."""
    released = {value for _, name, value in told if name == "emails"}
    for mailbox, text in _mailboxes(before).items() - _mailboxes(after).items():
        if mailbox not in _mailboxes(after) and text not in released:
            yield ("address lost",)
    releases = getattr(request, "action", None) == "release"
    if released and not releases:
        yield ("address released unasked",)
    if not releases and _logins(before) - _logins(after):
        yield ("login forgotten",)
    named = {getattr(request, "customer_id", None)}
    people = {row.id: row for row in before.customers}
    named |= {getattr(people.get(str(id)), "merged_into", None) for id in set(named)}
    involved = named | {row.id for row in before.customers if row.merged_into in named}
    for row in before.customers:
        if row.id not in involved and after.customers[row.id].emails != row.emails:
            yield "address of somebody else", row.id
        if row.id in involved and not releases:
            kept = {email.address.text for email in after.customers[row.id].emails}
            lost = {email.address.text for email in row.emails} - kept
            if lost and row.merged_into is None:
                yield "spelling lost", row.id


def _mailboxes(snapshot: Snapshot) -> dict[str, str]:
    return {email.address.mailbox: email.address.text for row in snapshot.customers for email in row.emails}


def _logins(snapshot: Snapshot) -> set[str]:
    return {
        email.address.mailbox
        for row in snapshot.customers
        for email in row.emails
        if email.use != "secondary"
    }


def _access(
    request: CustomerRequest, before: Snapshot, after: Snapshot, at: pendulum.DateTime
) -> Iterator[Loss]:
    """Only an approval gives access, to who asked; nothing takes any away."""
    approval = isinstance(request, AccessDecision) and request.decision == "approve"
    row: Any = before.access_requests.get(request.request_id) if isinstance(request, AccessDecision) else None
    pair = (row.profile_id, row.customer_id) if approval else None
    for held in before.access:
        now: Any = after.access.get(held.id)
        same = now is not None and attrs.evolve(now, level=held.level) == held
        if not same or LEVELS.index(now.level) < LEVELS.index(held.level):
            yield "access lost", held.id
    for found in after.access:
        if found != before.access.get(found.id) and (found.profile_id, found.customer_id) != pair:
            yield "access unasked", found.id
    made = [found for found in after.access if found.id not in before.access]
    yield from (("access made up", found.id) for found in made if found.since != at)
    yield from access_twice(before, made)


def _questions(
    request: CustomerRequest, before: Snapshot, after: Snapshot, at: pendulum.DateTime
) -> Iterator[Loss]:
    """No other request for access is touched, and only who asks makes a new one."""
    decided = request.request_id if isinstance(request, AccessDecision) else None
    may_differ = ("status", "reason", "decided_by", "decided_at")
    for row in before.access_requests:
        now: Any = after.access_requests.get(row.id)
        names = may_differ if row.id == decided else ()
        if now is None or attrs.evolve(now, **{name: getattr(row, name) for name in names}) != row:
            yield "request altered", row.id
    made = [row for row in after.access_requests if row.id not in before.access_requests]
    for row in made:
        asked = isinstance(request, NewAccessRequest) and AccessRequest(
            id=row.id,
            profile_id=request.profile_id,
            customer_id=request.customer_id,
            requested_at=at,
            expires_at=request.expires_at,
            status="pending",
        )
        if len(made) > 1 or row != asked:
            yield "request made up", row.id
