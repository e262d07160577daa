"""What becomes of the people: the absorbed are emptied and point at the survivor, others stay as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.customers import Customer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oracles.conservation.outcomes import Loss, Outcome


def absorbed_customers(outcome: Outcome) -> Iterator[Loss]:
    """An absorbed customer keeps id, record number and names, points at the survivor since the merge, and has nothing else."""
    for id in outcome.absorbed:
        was, is_now = outcome.before.customers[id], outcome.after.customers[id]
        since = was.merged_at if was.merged_into == outcome.survivor else outcome.at or is_now.merged_at
        wanted = Customer(
            id=id,
            record_number=was.record_number,
            given_name=was.given_name,
            family_name=was.family_name,
            emails=(),
            status="disabled",
            merged_into=outcome.survivor,
            merged_at=since,
            version=was.version,
        )
        if is_now != wanted:
            yield (id,)


_OF_THE_STORE = ("status", "merged_into", "merged_at", "version")
"""What a merge leaves as it is on the survivor, whatever else it gains."""


def bystanders(outcome: Outcome) -> Iterator[Loss]:
    """Profiles and other customers are as they were; those absorbed earlier point at the survivor."""
    if outcome.before.profiles != outcome.after.profiles:
        yield ("profiles",)
    merged = {outcome.survivor, *outcome.absorbed}
    now = {row.id: row for row in outcome.after.customers}
    if {row.id for row in outcome.before.customers} != now.keys():
        yield ("customers",)
    for row in outcome.before.customers:
        wanted = (
            row if row.merged_into is None else attrs.evolve(row, merged_into=outcome.home(row.merged_into))
        )
        if row.id not in merged and now.get(row.id) != wanted:
            yield (row.id,)
    was, is_now = outcome.before.customers[outcome.survivor], now[outcome.survivor]
    if any(getattr(was, name) != getattr(is_now, name) for name in _OF_THE_STORE):
        yield ("survivor",)


def references(outcome: Outcome) -> Iterator[Loss]:
    """Nothing names an absorbed customer but history."""
    after = outcome.after
    rows: list[Any] = [*after.appointments, *after.records, *after.access, *after.customers]
    rows += [row for row in after.access_requests if row.status == "pending"]
    for row in rows:
        for field in ("customer_id", "related_customer_id", "merged_into"):
            if getattr(row, field, None) in outcome.absorbed:
                yield type(row).__name__, row.id


def unfounded_entries(outcome: Outcome) -> Iterator[Loss]:
    """Every entry names something that was there, and its owner."""
    for entry in outcome.ledger:
        table = {"customer": outcome.before.customers, "record": outcome.before.records}
        rows: Any = table.get(entry.entity, outcome.before.access)
        owner = getattr(rows.get(entry.id), "customer_id", entry.from_id)
        if entry.id not in rows or entry.from_id not in outcome.before.customers or owner != entry.from_id:
            yield entry.entity, entry.id
        if entry.entity == "customer" and entry.from_id not in {row.id for row in outcome.people()}:
            yield entry.entity, entry.id
