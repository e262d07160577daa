"""Merging as laws need it: merges carried out, and what belongs to a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.testing.strategies import PIVOT, MergeCase, Practice
from oracles.conservation import not_conserved

if TYPE_CHECKING:
    from collections.abc import Iterable

Item = tuple[object, ...]
FREE = am.MergeRules(
    kept_primary="survivor", record_kinds=[am.merges.RecordKind(kind="insurance_card", one_per_customer=True)]
)
"""Rules under which nothing has to be decided by a person but who accepts what."""


def unmerged(practice: Practice) -> list[str]:
    """Return the absorbed of a practice who were not absorbed before."""
    return [id for id in practice.absorbed if practice.snapshot.customers[id].merged_into is None]


def confirmed(case: MergeCase) -> am.ChangeSet:
    """Return the change set of a ready case with the word of a named person."""
    return case.plan().confirm(by="Ann Example", at=case.at)


def accepted(case: MergeCase) -> MergeCase:
    """Return a case in which somebody takes upon themselves what may be."""
    accept = [
        am.Acceptance(finding=found.id, by="Ann Example", why="agreed")
        for found in case.plan().blockers
        if found.is_acceptable
    ]
    return attrs.evolve(case, request=attrs.evolve(case.request, accept=(*case.request.accept, *accept)))


def merged(
    snapshot: am.Snapshot, survivor: str, absorbed: Iterable[str], actor: str, rules: am.MergeRules = FREE
) -> tuple[am.Snapshot, tuple[am.changes.LedgerEntry, ...]]:
    """Carry out a merge and see that it conserves all; return the result and the ledger."""
    request = am.MergeRequest(survivor=survivor, absorbed=tuple(absorbed), actor=actor)
    case = accepted(MergeCase(snapshot, request, rules, PIVOT))
    plan = case.plan()
    assert plan.is_ready, plan.blockers
    result = am.apply(snapshot, plan.confirm(by="Ann Example", at=PIVOT))
    assert not not_conserved(snapshot, survivor, request.absorbed, result, plan.ledger, at=PIVOT)
    return result, plan.ledger


def items(
    snapshot: am.Snapshot, customer_id: str, ledger: Iterable[am.changes.LedgerEntry] = ()
) -> set[Item]:
    """Return everything that belongs to a customer, with what the ledger says did not survive.

    What stands in one place or the other is one item: who survives decides which value is live.
    """
    owner = snapshot.customers[customer_id]
    entries = [(entry.field, entry.id, entry.value) for entry in ledger]
    found: set[Item] = {
        ("booking", row.id) for row in snapshot.appointments if row.customer_id == customer_id
    }
    found |= {
        ("record", row.id)
        for row in snapshot.records
        if customer_id in (row.customer_id, row.related_customer_id)
    }
    found |= {("record", id) for field, id, _ in entries if field == "record"}
    found |= {("mailbox", email.address.mailbox) for email in owner.emails}
    found |= {("phone", phone) for phone in owner.phones}
    found |= {("phone", value.value) for field, _, value in entries if field == "phones"}
    found |= {("number", number) for number in (owner.record_number, *owner.former_record_numbers)}
    found |= {("opt-out", entry) for entry in owner.opt_outs}
    found |= {
        ("attributes", am.model.FrozenJson.of({name: value}))
        for name, value in owner.attributes.value.items()
    }
    for field in ("given_name", "family_name", "birth_date", "address"):
        value: Any = getattr(owner, field)
        if value is not None:
            found.add((field, am.model.FrozenJson.of(value.isoformat() if field == "birth_date" else value)))
    scalars = ("attributes", "given_name", "family_name", "birth_date", "address")
    found |= {(field, value) for field, _, value in entries if field in scalars}
    return found | _sight(snapshot, customer_id)


def _sight(snapshot: am.Snapshot, customer_id: str) -> set[Item]:
    rows = [row for row in snapshot.access if row.customer_id == customer_id]
    found: set[Item] = set()
    for profile_id in {row.profile_id for row in rows}:
        own = [row for row in rows if row.profile_id == profile_id]
        since = min((row.since for row in own if row.since), default=None)
        found.add(("access", profile_id, min(row.level for row in own), since))  # treating < viewing
    return found


def with_rows(case: MergeCase, *rows: Any) -> MergeCase:
    """Return a case in whose data entities are added or exchanged."""
    return attrs.evolve(case, snapshot=case.snapshot.changed(rows))
