"""Plan a change of the primary email of a customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs
import pendulum

from accountmerge.changes.change_sets import LedgerEntry, Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import read_guard
from accountmerge.changes.steps import Reason
from accountmerge.customers.requests import PRIMARY_ACTIONS, CustomerPlan, PrimaryEmailChange
from accountmerge.customers.rules import CustomerRules
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.model.customers import Customer
from accountmerge.model.emails import EMAIL_USES, CustomerEmail, EmailAddress
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.kind import Kind
from accountmerge.plans.preconditions import customer_findings
from accountmerge.plans.verdicts import NO_WORK, Draft, Verdict, Work, steps_from


def plan_primary_email(
    snapshot: Snapshot,
    request: PrimaryEmailChange,
    *,
    rules: CustomerRules | None = None,
    at: datetime,
    limits: Limits | None = None,
) -> CustomerPlan:
    """Plan a change of the primary email of a customer.

    The replaced or cleared primary email becomes a former one. Only a release removes an address, and keeps it in the
    ledger. If there is no difference, the plan is empty and ready.

    Args:
        snapshot: The present data.
        request: The address and the action.
        rules: The rules of the practice. Default: the rules of the library.
        at: The instant of the change. Any aware datetime.
        limits: The limits of the store, which the plan is checked against. Default: no limits.

    Raises:
        InvalidValueError: `at` is naive.
    """
    return PRIMARY_EMAIL.planned(snapshot, request, rules, at, limits)


def decide_primary_email(
    snapshot: Snapshot,
    request: PrimaryEmailChange,
    rules: CustomerRules,  # noqa: ARG001 - every planner is given its rules
    at: pendulum.DateTime,
) -> Verdict:
    """Return the verdict on a request to change the primary email of a customer."""
    findings: list[Finding] = []
    if request.action not in PRIMARY_ACTIONS:
        ids = (request.customer_id,)
        findings.append(
            Finding.of("action_unknown", ids, customer_id=request.customer_id, actions=PRIMARY_ACTIONS)
        )
    customer = _holder(snapshot, request)
    findings += customer_findings(snapshot, customer.id if customer else request.customer_id)
    if customer is None:
        return Verdict(findings=findings)
    absorbed = _absorbed(snapshot, request, customer)
    after = _after(request, customer, absorbed)
    findings += address_findings(snapshot, request, customer, absorbed, after)
    return Verdict(findings=findings, work=lambda: _changed(snapshot, request, at, customer, absorbed, after))


def _holder(snapshot: Snapshot, request: PrimaryEmailChange) -> Customer | None:
    """Return the customer whose addresses change. A correction of an absorbed one changes its survivor."""
    customer = snapshot.customers.get(request.customer_id)
    if request.action != "correct" or customer is None or customer.merged_into is None:
        return customer
    return snapshot.customers[customer.merged_into]


def _absorbed(snapshot: Snapshot, request: PrimaryEmailChange, survivor: Customer) -> tuple[Customer, ...]:
    """Return the customers absorbed into the survivor that still have an address to correct."""
    if request.action != "correct":
        return ()
    rows = snapshot.customers.where("merged_into", survivor.id)
    having = (row for row in rows if row.id != survivor.id and is_held(row, request.address))
    return tuple(sorted(having, key=lambda row: row.id))


def _after(request: PrimaryEmailChange, customer: Customer, absorbed: tuple[Customer, ...]) -> Customer:
    """Return the customer after the change."""
    if request.action == "clear":
        named = request.address if request.address.text.strip() else None
        return attrs.evolve(customer, emails=cleared(customer.emails, named))
    if request.action == "release":
        return attrs.evolve(customer, emails=without(customer.emails, request.address))
    known = origin_of(absorbed, request.address)
    return attrs.evolve(customer, emails=made_primary(customer.emails, request.address, known))


def _changed(
    snapshot: Snapshot,
    request: PrimaryEmailChange,
    at: pendulum.DateTime,
    customer: Customer,
    absorbed: tuple[Customer, ...],
    after: Customer,
) -> Work:
    """Return the step that makes the change, or no step if it was made already."""
    edits = tuple(_edits(request, customer, absorbed, after))
    if not edits:
        return NO_WORK
    asked = snapshot.customers[request.customer_id]
    touched = {edit.id for edit in edits}
    draft = Draft(
        "change_primary",
        Reason("primary_asked", Facts(customer_id=customer.id, action=request.action)),
        edits,
        tuple(read_guard(row) for row in dict.fromkeys((asked, customer)) if row.id not in touched),
    )
    return Work(
        steps=steps_from((draft,), at=at),
        ledger=_ledger(request, customer),
        obligations=_obligations(customer, after),
    )


def _edits(
    request: PrimaryEmailChange, customer: Customer, absorbed: tuple[Customer, ...], after: Customer
) -> Iterator[Edit]:
    """Yield the edits of a change.

    First, absorbed customers release the login. Then the survivor gets the address, and the absorbed lose it.
    """
    demoted = {row.id: attrs.evolve(row, emails=cleared(row.emails, request.address)) for row in absorbed}
    for row in absorbed:
        if demoted[row.id] != row:
            yield Edit(row, demoted[row.id])
    if after != customer:
        yield Edit(customer, after)
    for row in demoted.values():
        yield Edit(row, attrs.evolve(row, emails=without(row.emails, request.address)))


def _ledger(request: PrimaryEmailChange, customer: Customer) -> Iterator[LedgerEntry]:
    """Yield the ledger entries of each spelling of a released address."""
    if request.action == "release":
        mailbox = request.address.mailbox
        texts = {email.address.text for email in customer.emails if email.address.mailbox == mailbox}
        for text in sorted(texts):
            yield LedgerEntry(
                entity="customer",
                id=customer.id,
                field="emails",
                value=FrozenJson.of(text),
                from_id=customer.id,
                rule="released",
            )


def _obligations(customer: Customer, after: Customer) -> Iterator[Obligation]:
    """Yield the tasks after a change of the primary email."""
    if customer.primary_mailboxes == after.primary_mailboxes:
        return
    facts = Facts(customer_id=customer.id)
    if not after.primary_mailboxes:
        yield Obligation(kind="end_sessions", whom="support_team", when="afterwards", facts=facts)
    kind = "tell_primary_email" if after.primary_mailboxes else "tell_no_login"
    yield Obligation(kind=kind, whom="customer", when="afterwards", facts=facts)


def address_findings(
    snapshot: Snapshot,
    request: PrimaryEmailChange,
    customer: Customer,
    absorbed: tuple[Customer, ...],
    after: Customer,
) -> Iterator[Finding]:
    """Yield the findings about the address of a request, and about a customer without a login."""
    if request.action in ("set", "correct"):
        yield from _claim_findings(snapshot, request, customer, absorbed)
    if request.action == "clear":
        yield from _clear_findings(request, customer)
    if request.action == "release":
        yield from _release_findings(request, customer)
    yield from _standing_claims(snapshot, customer, after)
    claims = request.action in ("set", "correct") or customer.primary_mailboxes != after.primary_mailboxes
    if claims and not snapshot.complete_for.addresses:  # undoing a clearing claims the address again
        yield Finding.of("addresses_not_whole", (customer.id,), kind="customer", id=customer.id)
    if customer.primary_mailboxes and not after.primary_mailboxes:
        yield Finding.of("no_primary_email", (customer.id,), customer_id=customer.id)


def _claim_findings(
    snapshot: Snapshot, request: PrimaryEmailChange, customer: Customer, absorbed: tuple[Customer, ...]
) -> Iterator[Finding]:
    about, address = customer.id, request.address
    if not (absorbed or is_held(customer, address)):
        if request.action == "correct":
            yield Finding.of("email_unknown", (about,), customer_id=about)
        elif not address.is_valid:
            yield Finding.of("email_invalid", (about,), kind="customer", id=about)
    own = {about, *(row.id for row in absorbed)}
    claiming = {row.id for row in snapshot.customers.where("reserved_mailboxes", address.mailbox)} - own
    if claiming and address.mailbox not in customer.primary_mailboxes:
        holder_ids = tuple(sorted(claiming))
        yield Finding.of("email_claimed", (about, *holder_ids), customer_id=about, holder_ids=holder_ids)
    yield from shared_address_findings(snapshot, about, address)


def _standing_claims(snapshot: Snapshot, customer: Customer, after: Customer) -> Iterator[Finding]:
    """Yield the claims of other customers on a former primary email, so that undoing tolerates them."""
    left = (mailbox for mailbox in customer.primary_mailboxes if mailbox not in after.primary_mailboxes)
    rows = (snapshot.customers.where("reserved_mailboxes", mailbox) for mailbox in left)
    for ids in sorted({tuple(sorted({row.id for row in claiming})) for claiming in rows}):
        if len(ids) > 1:
            yield Finding.of("email_claimed_twice", ids, kind="customer", holder_ids=ids)


def _clear_findings(request: PrimaryEmailChange, customer: Customer) -> Iterator[Finding]:
    """Yield a finding if the named address is neither a primary nor a former email."""
    if request.address.text and request.address.mailbox not in customer.reserved_mailboxes:
        yield Finding.of("email_unknown", (customer.id,), customer_id=customer.id)


def _release_findings(request: PrimaryEmailChange, customer: Customer) -> Iterator[Finding]:
    """Yield the reasons against a release.

    An address that the customer lacks is a warning, because it may have been released before.
    """
    about = customer.id
    if not request.by.strip():
        yield Finding.of("name_missing", (about,), customer_id=about)
    if not request.reason.strip():
        yield Finding.of("reason_missing", (about,), customer_id=about)
    if not is_held(customer, request.address):
        yield Finding.of("email_unknown", (about,), "warning", customer_id=about)


def shared_address_findings(snapshot: Snapshot, customer_id: str, address: EmailAddress) -> Iterator[Finding]:
    """Yield a finding for each profile whose username is also an address of a customer."""
    for profile in sorted(snapshot.profiles.where("mailbox", address.mailbox), key=lambda row: row.id):
        yield Finding.of(
            "email_shared_name_space",
            (profile.id, customer_id),
            profile_id=profile.id,
            customer_ids=(customer_id,),
        )


Emails = tuple[CustomerEmail, ...]


def is_held(customer: Customer, address: EmailAddress) -> bool:
    """Return whether a customer has an address, in any use."""
    return address.mailbox in customer.mailboxes


def cleared(emails: Emails, address: EmailAddress | None = None) -> Emails:
    """Return addresses after the primary ones, or only a given one, have become former."""
    return tuple(
        attrs.evolve(email, use="former")
        if email.use == "primary" and (address is None or email.address.is_same_mailbox(address))
        else email
        for email in emails
    )


def without(emails: Emails, address: EmailAddress) -> Emails:
    """Return addresses without one of them, in any spelling."""
    return tuple(email for email in emails if not email.address.is_same_mailbox(address))


def made_primary(emails: Emails, address: EmailAddress, origin: CustomerEmail | None = None) -> Emails:
    """Return addresses with a new primary one. The previous primary one becomes former.

    An `origin` is the row of an absorbed customer for this address. It gives the spelling if the customer has none, and
    names the customer whose login it was.
    """
    same = [email for email in emails if email.address.is_same_mailbox(address)]
    others = cleared(without(emails, address))
    known = min(same, key=lambda email: (EMAIL_USES.index(email.use), email), default=None)
    best = known or origin or CustomerEmail(address, "primary")
    login_of = best.login_of or (origin.login_of if origin else None)
    rest = (email for email in same if email is not known)
    return (*others, *rest, attrs.evolve(best, use="primary", login_of=login_of))


def origin_of(absorbed: Iterable[Customer], address: EmailAddress) -> CustomerEmail | None:
    """Return the row of absorbed customers for an address, with the customer whose login it was."""
    emails = [
        _with_origin(email, row.id)
        for row in absorbed
        for email in row.emails
        if email.address.is_same_mailbox(address)
    ]
    return min(emails, key=lambda email: email.login_of is None, default=None)


def _with_origin(email: CustomerEmail, customer_id: str) -> CustomerEmail:
    was_login = email.use != "secondary"
    return attrs.evolve(email, login_of=email.login_of or (customer_id if was_login else None))


PRIMARY_EMAIL = Kind(
    intent="primary_email",
    request=PrimaryEmailChange,
    rules=CustomerRules,
    plan=CustomerPlan,
    decide=decide_primary_email,
    shown=("customer_id",),
    subject="customers",
    known=("email_claimed_twice",),
)
