"""Numbers that occur twice: of appointments, and of customers' records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding
from accountmerge.model.successions import Persons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.snapshots import Snapshot


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
    """Yield each record number that several customers have, or that belongs to one and once was another's.

    An absorbed customer's number is among the former numbers of its survivor: that is one person.
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
