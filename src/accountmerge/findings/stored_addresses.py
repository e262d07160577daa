"""Faults of stored addresses: malformed ones, mailboxes kept for several, and customers with two primary emails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.snapshots import Snapshot


def address_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the faults of the addresses of profiles and customers.

    A mailbox is kept for a customer that signs in with it, or once did.
    """
    usernames: dict[str, set[str]] = {}
    for profile in snapshot.profiles:
        usernames.setdefault(profile.mailbox, set()).add(profile.id)
        if not profile.email.is_valid:
            yield Finding.of("email_malformed", (profile.id,), kind="profile", id=profile.id)
    kept: dict[str, set[str]] = {}
    for customer in snapshot.customers:
        primary = set()
        for email in customer.emails:
            mailbox = email.address.mailbox
            if email.use == "primary":
                primary.add(mailbox)
            if email.use != "secondary" or email.login_of is not None:
                kept.setdefault(mailbox, set()).add(customer.id)
        if not all(email.address.is_valid for email in customer.emails):
            yield Finding.of("email_malformed", (customer.id,), kind="customer", id=customer.id)
        if len(primary) > 1:
            facts = {"customer_id": customer.id, "count": len(primary)}
            yield Finding.of("several_primary_emails", (customer.id,), **facts)  # type: ignore[arg-type]
    yield from _kept_for_several("profile", usernames)
    yield from _kept_for_several("customer", kept)


def _kept_for_several(kind: str, holders: dict[str, set[str]]) -> Iterator[Finding]:
    for ids in holders.values():
        if len(ids) > 1:
            yield Finding.of("email_claimed_twice", ids, kind=kind, holder_ids=tuple(sorted(ids)))
