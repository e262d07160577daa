"""Functions that find the faults of a snapshot."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

from accountmerge.findings.booked_times import moved_promises, session_faults
from accountmerge.findings.double_bookings import BookingCluster, double_booking_faults, unfinished_groups
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.findings.vocabulary import Severity
from accountmerge.messages import Fact
from accountmerge.model.appointments import LIVE, Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.json_text import EMPTY_OBJECT
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.successions import Persons, circles, several_replacements_of


def find_faults(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Return every fault of a snapshot, in a defined order.

    - Bookings: double bookings, unfinished rebookings, one booking with several replacements, live bookings in a
      profile that is closed or has a successor, sessions with several times, promised times that have moved.
    - Profiles: several active schedules of one practitioner, successions in a circle.
    - Customers: merges in a circle or over more than one step; absorbed customers that are active, sign in or still
      have entries; several primary emails of one customer.
    - Addresses and numbers: malformed addresses, a mailbox reserved for several profiles or customers,
      appointment numbers and record numbers that occur twice.

    All of them are warnings, because no change is planned yet. If bookings that are connected by overlap, or that are
    one booking, have more than 20 pairs, one finding has the count, the first and the last; `find_double_bookings`
    returns every overlapping pair. Takes O(n log n) for n entities.
    """
    require_snapshot(snapshot)
    findings = itertools.chain(
        double_booking_faults(snapshot),
        replacement_faults(snapshot),
        misplaced_bookings(snapshot),
        session_faults(snapshot),
        moved_promises(snapshot, snapshot.appointments),
        schedule_faults(snapshot),
        succession_faults(snapshot),
        merge_faults(snapshot),
        absorbed_faults(snapshot),
        address_faults(snapshot),
        repeated_appointment_numbers(snapshot),
        repeated_record_numbers(snapshot),
    )
    return tuple(sorted(dict.fromkeys(findings), key=finding_order))


def merge_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each circle of merges, and each other customer whose survivor was merged too."""
    links = {row.id: row.merged_into for row in snapshot.customers if row.merged_into is not None}
    round_about: set[str] = set()
    for ids in circles(links):
        round_about.update(ids)
        yield Finding.of("merged_in_circle", ids, customer_ids=ids)
    for id, into in links.items():
        if into in links and id not in round_about:
            facts: dict[str, Fact] = {"customer_id": id, "survivor_id": into, "next_id": links[into]}
            yield Finding.of("merged_in_chain", (id,), **facts)


def absorbed_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield absorbed customers that are active, sign in, or have entries that a merge would move."""
    absorbed = [row for row in snapshot.customers if row.merged_into is not None]
    if not absorbed:
        return
    held = _entries(snapshot, {row.id for row in absorbed})
    for row in absorbed:
        facts: dict[str, Fact] = {"customer_id": row.id, "survivor_id": str(row.merged_into)}
        if row.status == "active":
            yield Finding.of("absorbed_active", (row.id,), **facts)
        if any(email.use == "primary" for email in row.emails):
            yield Finding.of("absorbed_signs_in", (row.id,), **facts)
        count = held[row.id] + _own_values(row)
        if count:
            yield Finding.of("absorbed_not_empty", (row.id,), **facts, count=count)


def _entries(snapshot: Snapshot, absorbed: set[str]) -> Counter[str]:
    """Count the entries that refer to absorbed customers and that a merge would move or close."""
    held = Counter(row.customer_id for row in snapshot.appointments if row.customer_id in absorbed)
    for record in snapshot.records:
        held.update(absorbed.intersection((record.customer_id, record.related_customer_id)))
    held.update(row.customer_id for row in snapshot.access if row.customer_id in absorbed)
    held.update(
        row.customer_id
        for row in snapshot.access_requests
        if row.status == "pending" and row.customer_id in absorbed
    )
    return held


def _own_values(customer: Customer) -> int:
    """Count the values of an absorbed customer that a merge would copy to its survivor."""
    lists = (customer.emails, customer.phones, customer.opt_outs, customer.former_record_numbers)
    single = (customer.birth_date is not None, customer.address is not None)
    return sum(map(len, lists)) + sum(single) + (customer.attributes != EMPTY_OBJECT)


def replacement_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the rebookings with two live halves, and the bookings with several replacements."""
    linked = _linked(snapshot)
    for halves in unfinished_groups(snapshot, linked):
        yield unfinished_finding(halves)
    for id, replacements_of in several_replacements_of(linked):
        yield Finding.of(
            "several_replacements", (id, *replacements_of), appointment_id=id, replacement_ids=replacements_of
        )


def _linked(snapshot: Snapshot) -> list[Appointment]:
    """Return the appointments that replace another or are replaced, by either half of a link.

    Only these can be halves of a rebooking, and in most data they are few.
    """
    holders = [
        row for row in snapshot.appointments if row.replaces is not None or row.replaced_by is not None
    ]
    table, linked = snapshot.appointments, {row.id: row for row in holders}
    for row in holders:
        for id in (row.replaces, row.replaced_by):
            if id is not None:
                linked[id] = table[id]
    return list(linked.values())


def unfinished_finding(
    halves: tuple[Appointment, Appointment] | BookingCluster, severity: Severity | None = None
) -> Finding:
    """Return the finding of two live halves of one rebooking, or of many."""
    if isinstance(halves, BookingCluster):
        return halves.as_finding("unfinished_rebooking", severity)
    first, second = halves
    ids = (first.id, second.id)
    return Finding.of("unfinished_rebooking", ids, severity, first_id=first.id, second_id=second.id)


def misplaced_bookings(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield live bookings that start at `taken_at` or later in a profile that is closed or succeeded."""
    closed = {
        row.id for row in snapshot.profiles if row.schedule == "inactive" or row.succeeded_by is not None
    }
    if not closed:
        return
    from_us = microseconds(snapshot.taken_at)
    for row in snapshot.appointments:
        if row.profile_id in closed and row.status in LIVE and row.slot.start_us >= from_us:
            yield Finding.of(
                "booking_in_closed_profile",
                (row.id,),
                appointment_id=row.id,
                profile_id=row.profile_id,
                start=rfc3339(row.slot.start_us),
            )


def repeated_appointment_numbers(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each number that several appointments have."""
    numbers = Counter(row.number for row in snapshot.appointments)
    several = {number for number, count in numbers.items() if count > 1 and number}
    if not several:
        return
    holders: dict[str, list[str]] = {}
    for row in snapshot.appointments:
        if row.number in several:
            holders.setdefault(row.number, []).append(row.id)
    for number, appointment_ids in holders.items():
        ids = tuple(sorted(appointment_ids))
        yield Finding.of("appointment_number_twice", ids, number=number, appointment_ids=ids)


def repeated_record_numbers(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each present or former record number that several persons have, or several customers at present.

    An absorbed customer's number may be a former number of its survivor, because both are one person.
    """
    present: dict[str, set[str]] = {}
    holders: dict[str, set[str]] = {}
    for row in snapshot.customers:
        present.setdefault(row.record_number, set()).add(row.id)
        for number in (row.record_number, *row.former_record_numbers):
            holders.setdefault(number, set()).add(row.id)
    persons = Persons(snapshot.customers)
    for number, customers in holders.items():
        if len(customers) == 1:
            continue
        own = [id for id in present.get(number, ()) if not _is_kept(snapshot, id, number)]
        if len(own) > 1 or len({persons.of(id) for id in customers}) > 1:
            ids = tuple(sorted(customers))
            yield Finding.of("record_number_twice", ids, customer_ids=ids)


def _is_kept(snapshot: Snapshot, customer_id: str, number: str) -> bool:
    """Return whether the number of an absorbed customer is among the former ones of its survivor."""
    into = snapshot.customers[customer_id].merged_into
    return into is not None and number in snapshot.customers[into].former_record_numbers


def schedule_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each practitioner who has several active schedules."""
    active: dict[str, list[str]] = {}
    for profile in snapshot.profiles:
        if profile.schedule == "active":
            active.setdefault(profile.practitioner_id, []).append(profile.id)
    for practitioner, profile_ids in active.items():
        if len(profile_ids) > 1:
            ids = tuple(sorted(profile_ids))
            yield Finding.of("several_active_schedules", ids, practitioner_id=practitioner, profile_ids=ids)


def succession_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each circle of profiles that succeed one another."""
    links = {row.id: row.succeeded_by for row in snapshot.profiles if row.succeeded_by is not None}
    for ids in circles(links):
        yield Finding.of("succession_circle", ids, profile_ids=ids)


def address_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield the faults of the addresses of profiles and customers.

    A mailbox is reserved for a customer whose present or former login it is.
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
