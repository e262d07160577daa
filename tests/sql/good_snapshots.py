"""Snapshots without the faults that the oracle refuses, made of any drawn ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import attrs
from oracle_rows import holdable

from accountmerge.findings.double_bookings import BookingCluster, find_double_bookings, unfinished_groups
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot

REFUSED_CODES = frozenset(
    {
        "existing_double_booking",
        "customer_double_booking",
        "unfinished_rebooking",
        "several_active_schedules",
        "succession_circle",
        "merged_in_circle",
        "merged_in_chain",
        "absorbed_active",
        "several_primary_emails",
        "email_claimed_twice",
        "appointment_number_twice",
        "record_number_twice",
    }
)
"""The codes of faults that the oracle may refuse; data without any of them it has to take."""
REFUSED_BOOKINGS = frozenset({"existing_double_booking", "customer_double_booking", "unfinished_rebooking"})
"""The codes of faults that the oracle always refuses, whatever else there is."""


def made_good(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot that the oracle takes, as near to a given one as is simple.

    Bookings that overlap or are one booking are cancelled but for one. Of things that only one may have, the first one
    in the order of ids keeps it.
    """
    tidy = holdable(snapshot).changed(
        [
            *_profiles(snapshot.profiles),
            *_customers(snapshot.customers),
            *_numbers(snapshot.appointments),
        ]
    )
    tidy = holdable(tidy)
    while offenders := {row.id for row in _offenders(tidy)}:
        tidy = tidy.changed(
            attrs.evolve(tidy.appointments[id], status="cancelled") for id in sorted(offenders)[-1:]
        )
    return tidy


def _offenders(snapshot: Snapshot) -> Iterator[Appointment]:
    for double in find_double_bookings(snapshot):
        yield double.second
    for halves in unfinished_groups(snapshot, snapshot.appointments):
        yield (halves.members if isinstance(halves, BookingCluster) else halves)[-1]


def _profiles(profiles: Iterable[Profile]) -> Iterator[Profile]:
    mailboxes: set[str] = set()
    active: set[str] = set()
    for number, row in enumerate(sorted(profiles, key=lambda each: each.id)):
        email = f"username{number}@example.com" if row.mailbox in mailboxes else row.email
        closed = row.schedule == "active" and row.practitioner_id in active
        mailboxes.add(row.mailbox)
        if row.schedule == "active":
            active.add(row.practitioner_id)
        yield attrs.evolve(
            row, email=email, schedule="inactive" if closed else row.schedule, succeeded_by=None
        )


def _customers(customers: Iterable[Customer]) -> Iterator[Customer]:
    rows = sorted(customers, key=lambda each: each.id)
    links = {row.id: row.merged_into for row in rows}
    survivors = {row.merged_into for row in rows if row.merged_into not in (None, row.id)}
    claimed: dict[str, str] = {}
    for row in rows:
        into = links[row.id] if row.id not in survivors and links[row.id] != row.id else None
        emails = tuple(_emails(row, claimed))
        claimed |= dict.fromkeys(attrs.evolve(row, emails=emails).reserved_mailboxes, row.id)
        yield attrs.evolve(
            row,
            record_number=f"number of {row.id}",
            former_record_numbers=(),
            emails=emails,
            merged_into=into,
            status="disabled" if into else row.status,
        )


def _emails(customer: Customer, claimed: dict[str, str]) -> Iterator[CustomerEmail]:
    """Yield the addresses of a customer, without claims of others and without a second primary one."""
    primary: set[str] = set()
    for email in customer.emails:
        mailbox = email.address.mailbox
        second = email.use == "primary" and bool(primary - {mailbox})
        if email.use == "primary" and not second:
            primary.add(mailbox)
        if second or mailbox in claimed:
            yield CustomerEmail(email.address, "secondary")
        else:
            yield email


def _numbers(appointments: Iterable[Appointment]) -> Iterator[Appointment]:
    rows = list(appointments)
    counts = Counter(row.number for row in rows)
    for row in rows:
        yield attrs.evolve(row, number=None) if counts[row.number] > 1 else row
