"""Faults of merged customers: merges that lead nowhere, and absorbed customers that are not empty and disabled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding
from accountmerge.model.json_text import EMPTY_OBJECT
from accountmerge.model.successions import circles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.messages import Fact
    from accountmerge.model.customers import Customer
    from accountmerge.model.snapshots import Snapshot


def merge_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each circle of merges, and each other customer whose survivor was merged in its turn."""
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
    """Yield the absorbed customers that are active, that sign in, or that a merge would still take entries from."""
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
    """Count the entries that name some absorbed customers and that a merge would move or close."""
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
    """Count the values of an absorbed customer that a merge would give to its survivor."""
    lists = (customer.emails, customer.phones, customer.opt_outs, customer.former_record_numbers)
    single = (customer.birth_date is not None, customer.address is not None)
    return sum(map(len, lists)) + sum(single) + (customer.attributes != EMPTY_OBJECT)
