"""The faults that applying a change set may never add, found by brute force.

It shares only the values with the library, so that the result is a proof.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accountmerge.model.snapshots import Snapshot

Fault = tuple[object, ...]
"""The kind of the fault, and the ids of the entities with it."""


def booking_roots(snapshot: Snapshot, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the booking of each appointment as the id of its first appointment.

    Either half of a link is enough. Appointments of two persons are two bookings, and a merged customer is
    the person of its survivor. A booking whose chain begins with another person's appointment has the id of
    its own first one. In a cycle, the first one is the least id.

    Args:
        snapshot: The data.
        known: The bookings of appointments in earlier data, which stay, also for their replacements.
    """
    replacements_of: defaultdict[str, list[str]] = defaultdict(list)
    for row in snapshot.appointments:
        if row.replaced_by is not None:
            replacements_of[row.replaced_by].append(row.id)
    before = {
        row.id: row.replaces or min(replacements_of[row.id], default=None) for row in snapshot.appointments
    }
    bookings: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for row in snapshot.appointments:
        root, depth = _first(before, row.id)
        bookings[root, person(snapshot, row.customer_id)].append((depth, row.id))
    root_of_id: dict[str, str] = {}
    earlier = known or {}
    for members in bookings.values():
        ids = [id for _, id in sorted(members)]
        name = next((earlier[id] for id in ids if id in earlier), ids[0])
        root_of_id.update((id, earlier.get(id, name)) for id in ids)
    return root_of_id


def _first(before: dict[str, str | None], id: str) -> tuple[str, int]:
    path = [id]
    while (earlier := before[path[-1]]) is not None:
        if earlier in path:
            root = min(path[path.index(earlier) :])
            return root, path.index(root)
        path.append(earlier)
    return path[-1], len(path) - 1


def person(snapshot: Snapshot, customer_id: str) -> str:
    """Return the last survivor of a customer; in a cycle, the least id."""
    path = [customer_id]
    while (onward := snapshot.customers[path[-1]].merged_into) is not None:
        if onward in path:
            return min(path[path.index(onward) :])
        path.append(onward)
    return path[-1]


def live_bookings(snapshot: Snapshot, known: Mapping[str, str] | None = None) -> Counter[str]:
    """Count the live appointments of each booking; `known` is as for `booking_roots`."""
    roots = booking_roots(snapshot, known)
    return Counter(roots[row.id] for row in snapshot.appointments if row.status in ("held", "booked"))


def double_booked(snapshot: Snapshot, known: Mapping[str, str] | None = None) -> set[Fault]:
    """Find overlapping live bookings of one practitioner, or of one person, that are not one booking.

    A practitioner's bookings with one `session_id` and one slot are one session, which several customers attend.
    A person is a customer with all customers merged into it. `known` is as for `booking_roots`.
    """
    live = [row for row in snapshot.appointments if row.status in ("held", "booked")]
    names = booking_roots(snapshot, known)
    faults: set[Fault] = set()
    for first, second in itertools.combinations(live, 2):
        if not (first.slot.start_us < second.slot.end_us and second.slot.start_us < first.slot.end_us):
            continue
        roots = frozenset(names[row.id] for row in (first, second))
        humans = {snapshot.profiles[row.profile_id].practitioner_id for row in (first, second)}
        sessions = {(row.session_id, row.slot.start_us, row.slot.end_us) for row in (first, second)}
        together = len(sessions) == 1 and first.session_id is not None
        if len(roots) > 1:
            if len(humans) == 1 and not together:
                faults.add(("double booking of a practitioner", roots))
            if person(snapshot, first.customer_id) == person(snapshot, second.customer_id):
                faults.add(("double booking of a customer", roots))
    return faults


def claimed_twice(snapshot: Snapshot) -> set[Fault]:
    """Find mailboxes that are the login of several profiles, or of several customers."""
    holders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for profile in snapshot.profiles:
        holders["profile", profile.email.mailbox].add(profile.id)
    for customer in snapshot.customers:
        for email in customer.emails:
            if email.use == "primary":
                holders["customer", email.address.mailbox].add(customer.id)
    return {("claimed twice", *key) for key, ids in holders.items() if len(ids) > 1}


def merged_too_far(snapshot: Snapshot) -> set[Fault]:
    """Find customers merged into a merged customer or, over any number of hops, into themselves."""
    into = {row.id: row.merged_into for row in snapshot.customers}
    faults: set[Fault] = {("merged too far", id) for id, other in into.items() if other and into.get(other)}
    for start in into:
        path = [start]
        while (onward := into.get(path[-1])) and onward not in path:
            path.append(onward)
        if onward == start:
            faults.add(("merged in a circle", start))
    return faults


def two_active(snapshot: Snapshot) -> set[Fault]:
    """Find practitioners with more than one active schedule."""
    active = Counter(row.practitioner_id for row in snapshot.profiles if row.schedule == "active")
    return {("two active schedules", human) for human, count in active.items() if count > 1}


_NAMED = {
    "profile_id": "profiles",
    "succeeded_by": "profiles",
    "customer_id": "customers",
    "related_customer_id": "customers",
    "merged_into": "customers",
    "replaces": "appointments",
    "replaced_by": "appointments",
    "attached_to": "records",
}
_TABLES = ("profiles", "customers", "appointments", "records", "access", "access_requests")


def dangling(snapshot: Snapshot) -> set[Fault]:
    """Find dangling references, including that of an address to its former customer."""
    ids = {name: {row.id for row in getattr(snapshot, name)} for name in _TABLES}
    faults: set[Fault] = set()
    for table in _TABLES:
        for row in getattr(snapshot, table):
            named = [(_NAMED[field], getattr(row, field, None)) for field in _NAMED]
            named += [("customers", email.login_of) for email in getattr(row, "emails", ())]
            if any(target is not None and target not in ids[name] for name, target in named):
                faults.add(("dangling", table, row.id))
    return faults


def faults_of(snapshot: Snapshot, known: Mapping[str, str] | None = None) -> set[Fault]:
    """Return every fault of one snapshot; `known` is as for `booking_roots`."""
    return (
        double_booked(snapshot, known)
        | claimed_twice(snapshot)
        | merged_too_far(snapshot)
        | two_active(snapshot)
        | dangling(snapshot)
    )


def added_faults(before: Snapshot, after: Snapshot) -> set[Fault]:
    """Return the faults that only the later snapshot has, including lost and doubled bookings."""
    known = booking_roots(before)
    added = faults_of(after, known) - faults_of(before)
    then, now = live_bookings(before), live_bookings(after, known)
    for root in then.keys() | now.keys():
        if then[root] and not now[root]:
            added.add(("booking lost", root))
        if now[root] > max(then[root], 1):
            added.add(("booking doubled", root))
    return added
