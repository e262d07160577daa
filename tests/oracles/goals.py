"""Goals: what of a request is not so on the data, by brute force and without a look at the planners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.customers.requests import AccessDecision, CustomerEdit, NewAccessRequest, PrimaryEmailChange
from accountmerge.merges.requests import MergeRequest
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.model.emails import EmailAddress
from accountmerge.model.entities import KINDS
from accountmerge.rebooking.requests import RebookingRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pendulum

    from accountmerge.model.snapshots import Snapshot


def unmet(request: Any, before: Snapshot, after: Snapshot, at: pendulum.DateTime) -> list[str]:
    """Return what of a request is not so when it was carried out, in words.

    Args:
        request: What was asked, of any kind.
        before: The data before.
        after: The data afterwards.
        at: The instant of the plan.
    """
    gone = [f"{name} {id} is gone" for name, id in vanished(before, after)]
    return gone or list(_GOALS[type(request)](request, before, after, at))


def vanished(before: Snapshot, after: Snapshot) -> list[tuple[str, str]]:
    """Return the kind and the id of what is gone and no plan may remove: all but records and access."""
    return [
        (kind.name, row.id)
        for kind in KINDS
        if kind.name not in ("record", "access")
        for row in before.table(kind.collection)
        if row.id not in after.table(kind.collection)
    ]


def _migration(
    request: MigrationRequest, before: Snapshot, after: Snapshot, at: pendulum.DateTime
) -> Iterator[str]:
    old = after.profiles[request.profile_id]
    new = after.profiles.get(old.succeeded_by or "")
    if new is None:
        yield "the old profile names no successor"
        return
    if _is_handed_on(request, before):
        return  # carried out before; the successor may have a successor of its own by now
    if old.schedule != "inactive":
        yield "the old schedule is not off"
    if (new.schedule, new.login) != ("active", "enabled"):
        yield "the new schedule or login is not on"
    if new.practitioner_id != old.practitioner_id:
        yield "the new profile is another practitioner's"
    if new.email.mailbox != request.new_email.mailbox:
        yield "the new profile has another address"
    for row in after.appointments:
        if row.profile_id == old.id and row.status in ("booked", "held") and row.slot.start >= at:
            yield f"booking {row.id} stays with the old profile"


def _is_handed_on(request: MigrationRequest, before: Snapshot) -> bool:
    old = before.profiles[request.profile_id]
    new = before.profiles.get(old.succeeded_by or "")
    return old.schedule == "inactive" and new is not None and new.schedule == "inactive"


def _merge(request: MergeRequest, before: Snapshot, after: Snapshot, at: pendulum.DateTime) -> Iterator[str]:
    del at
    survivor = after.customers[request.survivor]
    if survivor.merged_into is not None or survivor.status != before.customers[survivor.id].status:
        yield "the survivor is not what it was"
    for id in request.absorbed:
        row = after.customers[id]
        if (row.merged_into, row.status) != (survivor.id, "disabled"):
            yield f"customer {id} is not merged into the survivor"


def _new_access(
    request: NewAccessRequest, before: Snapshot, after: Snapshot, at: pendulum.DateTime
) -> Iterator[str]:
    pair = (request.profile_id, request.customer_id)
    asked = [row for row in after.access_requests if (row.profile_id, row.customer_id) == pair]
    waiting = [row for row in asked if row.status == "pending" and row.expires_at >= at]
    answered = any((row.requested_at, row.expires_at) == (at, request.expires_at) for row in asked)
    if not (waiting or answered or _is_treated(after, *pair)):
        yield "nobody is asked"
    if len(waiting) > 1 and any(row.id not in before.access_requests for row in waiting):
        yield "somebody is asked twice"


def _is_treated(snapshot: Snapshot, profile_id: str, customer_id: str) -> bool:
    wanted = (profile_id, customer_id, "treating")
    return any((row.profile_id, row.customer_id, row.level) == wanted for row in snapshot.access)


def _decision(
    request: AccessDecision, before: Snapshot, after: Snapshot, at: pendulum.DateTime
) -> Iterator[str]:
    del at
    row = after.access_requests[request.request_id]
    wanted = {"approve": "approved", "deny": "denied", "withdraw": "withdrawn"}[request.decision]
    if row.status != wanted:
        yield f"the request is {row.status}"
    was_so = before.access_requests[row.id].status == wanted
    if wanted == "approved" and not was_so and not _is_treated(after, row.profile_id, row.customer_id):
        yield "it is approved and gives no access"
    if not was_so and (row.decided_by, row.reason or "") != (request.by, request.reason):
        yield "who decided, or why, is not there"


def _edit(request: CustomerEdit, before: Snapshot, after: Snapshot, at: pendulum.DateTime) -> Iterator[str]:
    del before, at
    person = after.customers[request.customer_id]
    changes = dict(request.changes.value)
    held = {email.address.mailbox for email in person.emails}
    for text in changes.pop("add_emails", ()):
        if EmailAddress(text).mailbox not in held:
            yield "an address is not there"
    for name, wanted in changes.items():
        found: Any = getattr(person, name)
        if name == "phones":
            found = list(found)
        elif name == "birth_date":
            found = found and found.isoformat()
        if found != wanted:
            yield f"{name} is not what it should be"


def _primary(
    request: PrimaryEmailChange, before: Snapshot, after: Snapshot, at: pendulum.DateTime
) -> Iterator[str]:
    del before, at
    person = after.customers[request.customer_id]
    if request.action == "correct" and person.merged_into is not None:
        person = after.customers[person.merged_into]
    primary = {email.address.mailbox for email in person.emails if email.use == "primary"}
    mailbox = request.address.mailbox
    named = {mailbox} if mailbox else primary  # of two, which is a fault of the data, one may be named
    if request.action == "clear" and primary & named:
        yield "a primary email is left"
    if request.action == "release" and mailbox in {email.address.mailbox for email in person.emails}:
        yield "the address is not released"
    if request.action in ("set", "correct") and primary != {mailbox}:
        yield "the address is not the primary one"


def _rebooking(
    request: RebookingRequest, before: Snapshot, after: Snapshot, at: pendulum.DateTime
) -> Iterator[str]:
    del at
    existing = asked_about(request, before)
    new = {row.id for row in after.profiles if row.email.mailbox == request.new_email.mailbox}
    found = [
        row
        for row in after.appointments
        if (row.profile_id in new, row.customer_id) == (True, existing.customer_id)
        and row.slot.start == request.start
    ]
    if not found:
        yield "there is no such session with the new profile"
    if sum(row.status in ("booked", "held") and row.modality == request.modality for row in found) > 1:
        yield "the session is booked twice"


def asked_about(request: RebookingRequest, before: Snapshot) -> Any:
    """Return the appointment that a rebooking request names."""
    old = {row.id for row in before.profiles if row.email.mailbox == request.old_email.mailbox}
    (found,) = (row for row in before.appointments if row.number == request.number and row.profile_id in old)
    return found


_GOALS: dict[type, Callable[..., Iterator[str]]] = {
    MigrationRequest: _migration,
    MergeRequest: _merge,
    NewAccessRequest: _new_access,
    AccessDecision: _decision,
    CustomerEdit: _edit,
    PrimaryEmailChange: _primary,
    RebookingRequest: _rebooking,
}
