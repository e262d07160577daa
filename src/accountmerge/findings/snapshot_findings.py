"""What is wrong with a snapshot as it stands: double bookings, unfinished rebookings, faults of e-mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.double_bookings import find_double_bookings, find_unfinished_rebookings
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.findings.primary_emails import find_primary_email_conflicts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.snapshots import Snapshot


def find_faults(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Return everything that is wrong with a snapshot as it stands, in a defined order.

    That is: double bookings, rebookings of which both halves are live, malformed addresses, and mailboxes
    that several profiles or several customers sign in with.
    """
    findings = [double.as_finding() for double in find_double_bookings(snapshot)]
    for first, second in find_unfinished_rebookings(snapshot):
        ids = (first.id, second.id)
        findings.append(Finding.of("unfinished_rebooking", ids, first_id=first.id, second_id=second.id))
    findings += [*_malformed(snapshot), *_claimed_twice(snapshot)]
    return tuple(sorted(findings, key=finding_order))


def _malformed(snapshot: Snapshot) -> Iterator[Finding]:
    for profile in snapshot.profiles:
        if not profile.email.is_valid:
            yield Finding.of("email_malformed", (profile.id,), kind="profile", id=profile.id)
    for customer in snapshot.customers:
        if not all(email.address.is_valid for email in customer.emails):
            yield Finding.of("email_malformed", (customer.id,), kind="customer", id=customer.id)


def _claimed_twice(snapshot: Snapshot) -> Iterator[Finding]:
    for profiles in snapshot.profiles.groups("mailbox").values():
        yield from _claims("profile", {profile.id for profile in profiles})
    for conflict in find_primary_email_conflicts(snapshot):
        yield from _claims("customer", set(conflict.customer_ids))


def _claims(kind: str, ids: set[str]) -> Iterator[Finding]:
    if len(ids) > 1:
        yield Finding.of("email_claimed_twice", ids, kind=kind, holder_ids=tuple(sorted(ids)))
