"""W: the faults that applying a change set may never add, found by brute force.

Shares nothing with the library but its values, so that what it says proves something.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import accountmerge as am

Fault = tuple[object, ...]


def booking_root(snapshot: am.Snapshot, row: am.Appointment) -> str:
    """Follow `replaces` to the first appointment; in a circle, to the least id."""
    path = [row.id]
    while row.replaces is not None:
        if row.replaces in path:
            return min(path[path.index(row.replaces) :])
        row = snapshot.appointments[row.replaces]
        path.append(row.id)
    return row.id


def live_bookings(snapshot: am.Snapshot) -> Counter[str]:
    """Count the live appointments of each booking."""
    return Counter(
        booking_root(snapshot, row) for row in snapshot.appointments if row.status in ("held", "booked")
    )


def double_booked(snapshot: am.Snapshot) -> set[Fault]:
    live = [row for row in snapshot.appointments if row.status in ("held", "booked")]
    found: set[Fault] = set()
    for first, second in itertools.combinations(live, 2):
        if not (first.slot.start_us < second.slot.end_us and second.slot.start_us < first.slot.end_us):
            continue
        roots = frozenset(booking_root(snapshot, row) for row in (first, second))
        humans = {snapshot.profiles[row.profile_id].practitioner_id for row in (first, second)}
        if len(roots) == 2:
            if len(humans) == 1:
                found.add(("double booking of a practitioner", roots))
            if first.customer_id == second.customer_id:
                found.add(("double booking of a customer", roots))
    return found


def claimed_twice(snapshot: am.Snapshot) -> set[Fault]:
    holders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for profile in snapshot.profiles:
        holders["profile", profile.email.mailbox].add(profile.id)
    for customer in snapshot.customers:
        for email in customer.emails:
            if email.use == "primary":
                holders["customer", email.address.mailbox].add(customer.id)
    return {("claimed twice", *key) for key, ids in holders.items() if len(ids) > 1}


def merged_too_far(snapshot: am.Snapshot) -> set[Fault]:
    return {
        ("merged too far", row.id)
        for row in snapshot.customers
        if row.merged_into and snapshot.customers[row.merged_into].merged_into
    }


def two_active(snapshot: am.Snapshot) -> set[Fault]:
    active = Counter(row.practitioner_id for row in snapshot.profiles if row.schedule == "active")
    return {("two active schedules", human) for human, count in active.items() if count > 1}


def dangling(snapshot: am.Snapshot) -> set[Fault]:
    profiles = {row.id for row in snapshot.profiles}
    customers = {row.id for row in snapshot.customers}
    bookings = {row.id for row in snapshot.appointments}
    found: set[Fault] = set()
    for row in snapshot.appointments:
        if row.profile_id not in profiles or row.customer_id not in customers:
            found.add(("dangling", row.id))
        if any(link is not None and link not in bookings for link in (row.replaces, row.replaced_by)):
            found.add(("dangling", row.id))
    for profile in snapshot.profiles:
        if profile.succeeded_by is not None and profile.succeeded_by not in profiles:
            found.add(("dangling", profile.id))
    for access in snapshot.access:
        if access.profile_id not in profiles or access.customer_id not in customers:
            found.add(("dangling", access.id))
    return found


def w_faults(snapshot: am.Snapshot) -> set[Fault]:
    """Return every fault of W that a snapshot has by itself."""
    return (
        double_booked(snapshot)
        | claimed_twice(snapshot)
        | merged_too_far(snapshot)
        | two_active(snapshot)
        | dangling(snapshot)
    )


def added_faults(before: am.Snapshot, after: am.Snapshot) -> set[Fault]:
    """Return the faults of W that one snapshot has and another had not, bookings lost or doubled included."""
    added = w_faults(after) - w_faults(before)
    then, now = live_bookings(before), live_bookings(after)
    for root in then.keys() | now.keys():
        if then[root] and not now[root]:
            added.add(("booking lost", root))
        if now[root] > max(then[root], 1):
            added.add(("booking doubled", root))
    return added
