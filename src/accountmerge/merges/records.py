"""The records that a merge moves to the survivor or drops, and the records attached to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Literal

import attrs

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, read_guard
from accountmerge.changes.steps import Reason
from accountmerge.findings.finding import Finding
from accountmerge.merges.situation import MergeSituation
from accountmerge.messages import Facts
from accountmerge.model.instants import microseconds
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.records import RELATION, Record
from accountmerge.model.values import Value, value_class
from accountmerge.plans.verdicts import Draft
from accountmerge.wire.canonical import frozen

DropRule = Literal["between_merged", "duplicate_relation", "one_per_customer", "ends_with_customer"]


@value_class(eq=False, repr=False)
class Drop(Value):
    """A record that does not survive.

    Attributes:
        record: The record before the merge.
        rule: The reason.
        kept: The duplicate that is kept. None for a relation between merged customers, and for a record that ends
            with its customer.
    """

    record: Record
    rule: DropRule
    kept: Record | None


@value_class(eq=False, repr=False)
class MergedRecords(Value):
    """The records that name an absorbed customer, moved or dropped.

    Attributes:
        moved: The records that move to the survivor, before and after, sorted by id.
        drops: The records that do not survive, sorted by id.
        kept_twice: Pairs of records with the same kind and key that are both kept.
    """

    moved: tuple[tuple[Record, Record], ...]
    drops: tuple[Drop, ...]
    kept_twice: tuple[tuple[Record, Record], ...]


def merged_records(situation: MergeSituation) -> MergedRecords:
    """Return the records that name an absorbed customer, moved or dropped by the rules."""
    coming = situation.records()
    between = {row.id for row in coming if _is_between_merged(situation, row)}
    ending = {row.id for row in coming if ends_with_customer(situation, row)}
    drops = [Drop(row, "between_merged", None) for row in coming if row.id in between]
    drops += [Drop(row, "ends_with_customer", None) for row in coming if row.id in ending]
    groups: dict[Hashable, list[Record]] = defaultdict(list)
    twins: dict[Hashable, list[Record]] = defaultdict(list)
    moving = {row.id for row in coming} - between - ending
    after_of: dict[str, Record] = {}
    for row in (
        *_standing(situation, moving | between | ending),
        *(row for row in coming if row.id in moving),
    ):
        after = after_of[row.id] = _moved(situation, row)
        if _is_only_one(situation, after):
            groups[after.duplicate_key].append(row)
        elif after.unique_key is not None and after.customer_id == situation.survivor.id:
            twins[after.kind, after.unique_key].append(row)
    for rows in groups.values():
        drops += _duplicates(rows, moving)
    gone = {drop.record.id for drop in drops}
    moved = tuple((row, after_of[row.id]) for row in coming if row.id not in gone)
    pairs = [pair for rows in twins.values() for pair in _pairs(rows, moving)]
    return MergedRecords(
        moved,
        tuple(sorted(drops, key=lambda drop: drop.record.id)),
        tuple(sorted(pairs, key=lambda pair: (pair[0].id, pair[1].id))),
    )


def _moved(situation: MergeSituation, row: Record) -> Record:
    """Return a record with the survivor in the place of each absorbed customer."""
    absorbed, survivor = situation.absorbed_ids, situation.survivor.id
    related = survivor if row.related_customer_id in absorbed else row.related_customer_id
    customer = survivor if row.customer_id in absorbed else row.customer_id
    if (customer, related) == (row.customer_id, row.related_customer_id):
        return row
    return attrs.evolve(row, customer_id=customer, related_customer_id=related)


def _is_between_merged(situation: MergeSituation, row: Record) -> bool:
    """Return whether a record is a relation between two merged customers."""
    merged = {customer.id for customer in situation.customers}
    ends = (row.customer_id, row.related_customer_id)
    return row.kind == RELATION and ends[0] != ends[1] and merged.issuperset(ends)


def ends_with_customer(situation: MergeSituation, row: Record) -> bool:
    """Return whether a record belongs to an absorbed customer and is of a kind that the rules remove."""
    record_kind = situation.rules.record_kind(row.kind)
    return (
        record_kind is not None and record_kind.ends == "remove" and row.customer_id in situation.absorbed_ids
    )


def _standing(situation: MergeSituation, coming: set[str]) -> list[Record]:
    """Return the records that name the survivor already, sorted by id."""
    table, survivor = situation.snapshot.records, situation.survivor.id
    by_id = {
        row.id: row
        for attribute in ("customer_id", "related_customer_id")
        for row in table.where(attribute, survivor)
        if row.id not in coming
    }
    return [by_id[id] for id in sorted(by_id)]


def _is_only_one(situation: MergeSituation, after: Record) -> bool:
    """Return whether a record, as it is after the merge, may have no duplicate."""
    if after.kind == RELATION:
        return after.related_customer_id is not None
    record_kind = situation.rules.record_kind(after.kind)
    return (
        record_kind is not None
        and record_kind.one_per_customer
        and after.customer_id == situation.survivor.id
    )


def _duplicates(rows: list[Record], moving: set[str]) -> Iterator[Drop]:
    """Yield the duplicates that are dropped; the survivor's own or else the earliest is kept."""
    kept = min(rows, key=lambda row: (row.id in moving, *_age(row)))
    rule: DropRule = "duplicate_relation" if kept.kind == RELATION else "one_per_customer"
    for row in rows:
        if row is not kept and row.id in moving:
            yield Drop(row, rule, kept)


def _age(row: Record) -> tuple[bool, int, str]:
    written = row.created_at
    return (written is None, microseconds(written) if written else 0, row.id)


def _pairs(rows: list[Record], moving: set[str]) -> Iterator[tuple[Record, Record]]:
    """Yield the first record of a key with each other one that moves."""
    first, *others = sorted(rows, key=lambda row: (row.id in moving, *_age(row)))
    for other in others:
        if other.id in moving:
            yield first, other


def record_findings(merged: MergedRecords) -> Iterator[Finding]:
    """Yield the findings about duplicate records, dropped or kept."""
    for drop in merged.drops:
        if drop.rule == "one_per_customer" and drop.kept is not None:
            ids = (drop.kept.id, drop.record.id)
            same = _content(drop.kept) == _content(drop.record)
            facts = {"kept_id": ids[0], "dropped_id": ids[1], "kind": drop.record.kind}
            yield Finding.of("one_per_customer", ids, "warning" if same else "blocker", **facts)
    for first, second in merged.kept_twice:
        facts = {"first_id": first.id, "second_id": second.id, "kind": first.kind}
        yield Finding.of("duplicate_record", (first.id, second.id), **facts)


def _content(row: Record) -> tuple[object, ...]:
    return (row.unique_key, row.data, row.profile_id, row.attached_to, row.related_customer_id)


class _Present:
    """The present records and their attachments, while one after the other is dropped."""

    def __init__(self, situation: MergeSituation) -> None:
        self._table = situation.snapshot.records
        self._edited: dict[str, Record] = {}
        self._attached: dict[str, set[str]] = {}

    def get(self, row: Record) -> Record:
        """Return the present state of a record."""
        return self._edited.get(row.id, row)

    def put(self, row: Record) -> None:
        """Replace a record."""
        self._edited[row.id] = row
        if row.attached_to is not None:
            self._attached.setdefault(row.attached_to, set()).add(row.id)

    def attached_to(self, record: Record) -> list[Record]:
        """Return the other records that are attached to a record at present, sorted by id."""
        rows = {row.id: self.get(row) for row in self._table.where("attached_to", record.id)}
        rows |= {id: self._edited[id] for id in self._attached.get(record.id, ())}
        rows.pop(record.id, None)
        return [rows[id] for id in sorted(rows) if rows[id].attached_to == record.id]


def record_drafts(situation: MergeSituation, merged: MergedRecords) -> Iterator[Draft]:
    """Yield a step for each dropped record, then for each record that moves to the survivor."""
    now = _Present(situation)
    for drop in merged.drops:
        yield _drop_draft(situation, drop, now)
    for row, after in merged.moved:
        present = now.get(row)
        wanted = after if present is row else attrs.evolve(after, attached_to=present.attached_to)
        named = {row.customer_id, row.related_customer_id}.intersection(situation.absorbed_ids)
        facts = Facts(
            id=row.id, absorbed_ids=tuple(sorted(id for id in named if id)), survivor_id=situation.survivor.id
        )
        guards = (_alone_guard(wanted),) if _is_only_one(situation, wanted) else ()
        yield Draft("move_record", Reason("names_absorbed", facts), (Edit(present, wanted),), guards)


def _alone_guard(after: Record) -> Guard:
    """Return the guard that no duplicate of a record has appeared on the survivor."""
    facts = Facts(id=after.id, customer_id=after.customer_id)
    if after.kind == RELATION and after.related_customer_id is not None:
        facts = Facts(**facts, related_customer_id=after.related_customer_id)
    return Guard("no_like_record", facts)


def _drop_draft(situation: MergeSituation, drop: Drop, now: _Present) -> Draft:
    """Return the step that drops a record, after its attached records move to the kept one.

    A record that would be attached to itself then, through the kept one, loses its attachment.
    """
    loose = _way_down(situation, drop, now)
    edits = []
    for row in now.attached_to(drop.record):
        target = drop.kept.id if drop.kept and row.id != loose else None
        hung = attrs.evolve(row, attached_to=target)
        now.put(hung)
        edits.append(Edit(row, hung))
    present = now.get(drop.record)
    now.put(attrs.evolve(present, attached_to=None))
    edits.append(Edit(present, None))
    if drop.rule == "ends_with_customer":
        facts = Facts(id=drop.record.id, customer_id=drop.record.customer_id)
        return Draft("drop_record", Reason("ends_with_customer", facts), tuple(edits))
    if drop.kept is None:
        facts = Facts(id=drop.record.id, survivor_id=situation.survivor.id)
        return Draft("drop_record", Reason("between_merged", facts), tuple(edits))
    facts = Facts(id=drop.record.id, kept_id=drop.kept.id)
    return Draft("drop_record", Reason("duplicate_of", facts), tuple(edits), (read_guard(drop.kept),))


def _way_down(situation: MergeSituation, drop: Drop, now: _Present) -> str | None:
    """Return the id of the record that attaches the kept one to the dropped one, or None."""
    row, seen = drop.kept, set[str]()
    while row is not None and row.id not in seen:
        seen.add(row.id)
        row = now.get(row)
        if row.attached_to == drop.record.id:
            return row.id
        row = situation.snapshot.records.get(row.attached_to or "")
    return None


def record_ledger(situation: MergeSituation, merged: MergedRecords) -> Iterator[LedgerEntry]:
    """Yield an entry with each dropped record, and one with each attachment that is lost."""
    gone = {drop.record.id for drop in merged.drops}
    now = _Present(situation)
    for drop in merged.drops:
        yield _entry(drop.record, "record", frozen(drop.record), drop.rule)
        for edit in _drop_draft(situation, drop, now).edits:
            row, after = edit.before, edit.after
            if not isinstance(row, Record) or not isinstance(after, Record) or row.id in gone:
                continue
            if after.attached_to is None:
                yield _entry(row, "attached_to", FrozenJson.of(row.attached_to), drop.rule)


def _entry(row: Record, field: str, value: FrozenJson, rule: DropRule) -> LedgerEntry:
    return LedgerEntry(
        entity="record", id=row.id, field=field, value=value, from_id=row.customer_id, rule=rule
    )
