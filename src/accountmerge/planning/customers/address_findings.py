"""What stands against a change of the primary email: addresses that are unknown, malformed or kept for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding
from accountmerge.planning.customers.address_changes import is_held
from accountmerge.planning.customers.standing import shared_address_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.customers import Customer
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.rules.customer_requests import PrimaryEmailChange


def address_findings(
    snapshot: Snapshot,
    request: PrimaryEmailChange,
    customer: Customer,
    absorbed: tuple[Customer, ...],
    after: Customer,
) -> Iterator[Finding]:
    """Yield what there is to say about the address of a request, and about having none.

    Args:
        snapshot: The present data.
        request: What is asked.
        customer: The customer whose addresses change.
        absorbed: Those absorbed into it that still have the address, and hand it over.
        after: The customer as it is to be.
    """
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
    """Yield that others claim what signs the customer in no more, so that undoing lets them pass."""
    left = (mailbox for mailbox in customer.primary_mailboxes if mailbox not in after.primary_mailboxes)
    rows = (snapshot.customers.where("reserved_mailboxes", mailbox) for mailbox in left)
    for ids in sorted({tuple(sorted({row.id for row in claiming})) for claiming in rows}):
        if len(ids) > 1:
            yield Finding.of("email_claimed_twice", ids, kind="customer", holder_ids=ids)


def _clear_findings(request: PrimaryEmailChange, customer: Customer) -> Iterator[Finding]:
    """Yield a finding if the address named is not the primary one; cleared already, it is a former one."""
    if request.address.text and request.address.mailbox not in customer.reserved_mailboxes:
        yield Finding.of("email_unknown", (customer.id,), customer_id=customer.id)


def _release_findings(request: PrimaryEmailChange, customer: Customer) -> Iterator[Finding]:
    """Yield why nobody answers for a release.

    An address that is not there only warns: it may have been released before, and leaves no trace here.
    """
    about = customer.id
    if not request.by.strip():
        yield Finding.of("name_missing", (about,), customer_id=about)
    if not request.reason.strip():
        yield Finding.of("reason_missing", (about,), customer_id=about)
    if not is_held(customer, request.address):
        yield Finding.of("email_unknown", (about,), "warning", customer_id=about)
