"""Remedies followed to the letter: by the code of a blocker, each way in which its remedy says that it can be mended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
from aimed_plans import Aimed, confirmed

import accountmerge as am
from accountmerge.migrations.rules import BECOMES
from accountmerge.model.entities import KIND_OF_NAME
from accountmerge.model.successions import survivor_of
from small_values import NOON, access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def ways_to_follow(case: Aimed, finding: am.Finding) -> list[Aimed]:
    """Return the case mended in each way that the remedy of a blocker names; an acceptance is one of them."""
    mended = list(WAYS[finding.code](case, finding))
    return [*mended, _accepted(case, finding)] if finding.is_acceptable else mended


def _accepted(case: Aimed, finding: am.Finding) -> Aimed:
    entry = am.Acceptance(finding=finding.id, by="Ann Example", why="agreed")
    return _asked(case, accept=(*case.request.accept, entry))


def _asked(case: Aimed, **changes: Any) -> Aimed:
    return attrs.evolve(case, request=attrs.evolve(case.request, **changes))


def _set(case: Aimed, collection: str, id: Any, **changes: Any) -> Aimed:
    row: Any = case.snapshot.table(collection)[id]  # type: ignore[arg-type]
    return case.put(attrs.evolve(row, **changes))


def _new_address(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    taken = {row.mailbox for row in case.snapshot.profiles}
    free = next(text for n in range(99) if (text := f"other-{n}@example.com") not in taken)
    yield _asked(case, new_email=am.model.EmailAddress(free))


def _new_ticket(case: Aimed) -> Aimed:
    return _asked(case, ticket=case.request.ticket + "-again")


def _derived_id_taken(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    name: Any = finding.facts["entity"]
    if name == "profile":
        yield _new_ticket(case)
        return
    collection = KIND_OF_NAME[name].collection
    row: Any = case.snapshot.table(collection)[finding.facts["id"]]  # type: ignore[index]
    clear = {"replaces": None} if name == "appointment" else {}
    moved = attrs.evolve(row, id=f"own-{row.id}", **clear)
    naming = [
        attrs.evolve(other, **{field: moved.id})
        for other in case.snapshot.appointments
        for field in ("replaces", "replaced_by")
        if name == "appointment" and getattr(other, field) == row.id and other.id != row.id
    ]
    attached = [
        attrs.evolve(other, attached_to=moved.id)
        for other in case.snapshot.records
        if name == "record" and other.attached_to == row.id and other.id != row.id
    ]
    yield attrs.evolve(case, snapshot=case.snapshot.changed([moved, *naming, *attached], {name: [row.id]}))
    try:
        yield attrs.evolve(case, snapshot=case.snapshot.changed(drop={name: [row.id]}))
    except am.LoadError:
        return  # others refer to it, so it cannot be removed


def _under_way(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    other = case.snapshot.profiles[str(finding.facts["successor_id"])]
    yield _asked(case, new_email=other.email)
    if not case.snapshot.profiles.where("mailbox", case.request.new_email.mailbox):
        yield _set(case, "profiles", other.id, email=case.request.new_email)
    old = case.snapshot.profiles[str(finding.facts["profile_id"])]
    if old.succeeded_by != other.id and not case.snapshot.appointments.where("profile_id", other.id):
        yield _new_ticket(case)
    if case.applied is not None and any(row.id == other.id for row in _written(case.applied)):
        try:
            inverse = confirmed(am.invert(case.applied))
            yield attrs.evolve(case, snapshot=am.apply(case.snapshot, inverse), applied=None)
        except am.ApplyRefused:
            return  # it was changed since, so it cannot be taken back


def _written(change_set: am.ChangeSet) -> Iterator[Any]:
    for step in change_set.wanted_steps:
        yield from (edit.after for edit in step.edits if edit.after is not None)


def _not_active(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    human = case.snapshot.profiles[case.request.profile_id].practitioner_id
    active = [
        row.id
        for row in case.snapshot.profiles.where("practitioner_id", human)
        if row.schedule == "active" and row.id != case.request.profile_id
    ]
    for id in active:
        yield _asked(case, profile_id=id)
    if not active:
        yield _set(case, "profiles", finding.facts["profile_id"], schedule="active")


def _switched_off(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    yield _set(case, "profiles", finding.facts["profile_id"], schedule="pending", login="enabled")


def _closed(*facts: str) -> Callable[[Aimed, am.Finding], Iterator[Aimed]]:
    def ways(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
        for fact in facts:
            yield _set(case, "profiles", finding.facts[fact], schedule="inactive")

    return ways


def _one_cancelled(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    for fact in ("first_id", "second_id"):
        if case.snapshot.appointments[str(finding.facts[fact])].is_live:
            yield _set(case, "appointments", finding.facts[fact], status="cancelled")


def _one_replacement(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    table, named = case.snapshot.appointments, finding.facts["replacement_ids"]
    assert isinstance(named, tuple)
    booking = table[str(finding.facts["appointment_id"])]
    others = [table[id] for id in named if id in table]
    unlinked = [attrs.evolve(row, replaces=None) for row in others if row.replaces == booking.id]
    yield case.put(attrs.evolve(booking, replaced_by=None), *unlinked)


def _access_missing(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    actor, customer_id = str(finding.facts["profile_id"]), str(finding.facts["customer_id"])
    held = [row for row in case.snapshot.access.where("customer_id", customer_id) if row.profile_id == actor]
    row = held[0] if held else access(f"given-{customer_id}", profile_id=actor, customer_id=customer_id)
    enabled = attrs.evolve(case.snapshot.profiles[actor], login="enabled")
    yield case.put(attrs.evolve(row, level="treating"), enabled)


def _absorbed(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    gone, survivor = finding.facts["customer_id"], str(finding.facts["survivor_id"])
    request = case.request
    if _is_in_a_circle(case.snapshot, gone):
        yield _set(case, "customers", gone, merged_into=None, status="active")
    elif isinstance(request, am.MergeRequest):
        named = [survivor if id == gone else id for id in (request.survivor, *request.absorbed)]
        others = {*named[1:]} - {named[0]}
        yield _asked(case, survivor=named[0], absorbed=others or {gone})  # merged the other way round before
    elif isinstance(request, am.customers.AccessDecision):
        yield from _asked_again(case, survivor)
    elif isinstance(request, am.rebooking.RebookingRequest):
        rows = case.snapshot.appointments.where("customer_id", str(gone))
        yield case.put(*(attrs.evolve(row, customer_id=survivor) for row in rows))
    else:
        yield _asked(case, customer_id=survivor)


def _is_in_a_circle(snapshot: am.Snapshot, customer_id: Any) -> bool:
    return survivor_of(snapshot.customers, snapshot.customers[customer_id]) is None


def _enabled(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    yield _set(case, "customers", finding.facts["customer_id"], status="active")


def _one_cleared(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    ids = finding.facts["customer_ids"]
    assert isinstance(ids, tuple)
    rows = [case.snapshot.customers[id] for id in ids]
    for kept in sorted(
        {email.address.mailbox for row in rows for email in row.emails if email.use == "primary"}
    ):
        yield case.put(*(attrs.evolve(row, emails=_former(row, kept)) for row in rows))


def _former(row: am.Customer, kept: str) -> list[am.CustomerEmail]:
    return [email if email.address.mailbox == kept else _as_former(email) for email in row.emails]


def _as_former(email: am.CustomerEmail) -> am.CustomerEmail:
    return attrs.evolve(email, use="former") if email.use == "primary" else email


def _asked_again(case: Aimed, customer_id: str | None = None) -> Iterator[Aimed]:
    """Yield the case in which access is asked for anew, and that is what is decided on."""
    row = case.snapshot.access_requests[case.request.request_id]
    wanted = am.customers.NewAccessRequest(
        profile_id=row.profile_id,
        customer_id=customer_id or row.customer_id,
        expires_at=NOON + timedelta(days=7),
    )
    plan = am.plan(case.snapshot, wanted, rules=case.rules, at=case.at)
    if plan.is_ready:
        after = am.apply(case.snapshot, plan.change_set)
        rows = after.access_requests.where("customer_id", wanted.customer_id)
        open_ = [
            other
            for other in rows
            if other.profile_id == row.profile_id and other.status == "pending" and other.expires_at >= NOON
        ]
        for other in open_[:1]:
            signs_in = bool(after.customers[other.customer_id].primary_mailboxes)
            who = (
                {"role": "customer", "by": other.customer_id} if signs_in else {"role": "staff", "by": "Ann"}
            )
            request = attrs.evolve(case.request, request_id=other.id, **who)
            yield attrs.evolve(case, snapshot=after, request=request)


def _right_decider(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    row = case.snapshot.access_requests[case.request.request_id]
    signs_in = bool(case.snapshot.customers[row.customer_id].primary_mailboxes)
    yield (
        _asked(case, role="customer", by=row.customer_id)
        if signs_in
        else _asked(case, role="staff", by="Ann")
    )


def _login(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    yield _set(case, "profiles", finding.facts["profile_id"], login="enabled")


def _other_address(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    yield _asked(case, action="set", address=am.model.EmailAddress("free@home.example"))


def _one_address_each(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    """Yield, for each profile that shares a mailbox, that the others get another address."""
    ids = finding.facts["holder_ids"]
    assert isinstance(ids, tuple)
    for kept in ids:
        rows = [case.snapshot.profiles[id] for id in ids if id != kept]
        yield case.put(*(attrs.evolve(row, email=f"own-{row.id}@example.com") for row in rows))


def _email_unknown(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    row = case.snapshot.customers[str(finding.facts["customer_id"])]
    use: Any = "primary" if case.request.action == "clear" else "secondary"
    yield case.put(attrs.evolve(row, emails=(*row.emails, am.CustomerEmail(case.request.address, use))))


def _free_time(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    yield _asked(case, start=NOON + timedelta(days=20))


def _open_profile(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    human = case.snapshot.profiles[str(finding.facts["profile_id"])].practitioner_id
    for row in case.snapshot.profiles.where("practitioner_id", human):
        if row.schedule != "inactive" and row.mailbox != case.request.old_email.mailbox:
            yield _asked(case, new_email=row.email)


def _numbered(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    for row in sorted(
        case.snapshot.appointments.where("profile_id", str(finding.facts["profile_id"])),
        key=lambda row: row.id,
    ):
        if row.number is not None:
            yield _asked(case, number=row.number)
            return


def _modality(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    yield _asked(case, modality=finding.facts["modality"])
    yield _set(case, "appointments", finding.facts["appointment_id"], modality=case.request.modality)


def _declared(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    kind = str(finding.facts["kind"])
    for becomes in BECOMES:
        entry = am.migrations.ProfileRecords(kind=kind, becomes=becomes)
        yield attrs.evolve(
            case, rules=attrs.evolve(case.rules, record_kinds=(*case.rules.record_kinds, entry))
        )


def _no_way(case: Aimed, finding: am.Finding) -> Iterator[Aimed]:
    """Yield nothing: the remedy says that nothing is to be done, or to ask somebody."""
    yield from ()


WAYS: dict[str, Callable[[Aimed, am.Finding], Iterator[Aimed]]] = {
    "access_missing": _access_missing,
    "already_absorbed": _absorbed,
    "customer_disabled": _enabled,
    "derived_id_taken": _derived_id_taken,
    "destination_double_booking": _one_cancelled,
    "email_claimed": _other_address,
    "email_claimed_twice": _one_address_each,
    "email_in_use": _new_address,
    "email_same": _new_address,
    "email_unknown": _email_unknown,
    "introduced_double_booking": _one_cancelled,
    "login_disabled": _login,
    "migration_under_way": _under_way,
    "modality_differs": _modality,
    "new_profile_unknown": _no_way,
    "not_one_practitioner": _no_way,
    "not_the_decider": _right_decider,
    "number_in_use": lambda case, _: iter([_asked(case, numbers=())]),
    "number_shared": _no_way,
    "number_unknown": _numbered,
    "old_profile_unknown": _no_way,
    "one_per_customer": _no_way,
    "other_active_schedule": _closed("other_id"),
    "profile_switched_off": _switched_off,
    "request_closed": lambda case, _: _asked_again(case),
    "request_expired": lambda case, _: _asked_again(case),
    "schedule_inactive": _open_profile,
    "schedule_not_active": _not_active,
    "several_replacements": _one_replacement,
    "slot_not_free": _free_time,
    "staff_may_not_decide": _right_decider,
    "two_active_schedules": _closed("profile_id", "successor_id"),
    "two_primary_emails": _one_cleared,
    "undeclared_kind": _declared,
    "unfinished_rebooking": _one_cancelled,
}
"""Every blocker that an aimed plan may meet."""
