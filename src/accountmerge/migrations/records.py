"""The edits of a migration to the records that name the old profile, by kind of record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import attrs

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, no_other_record_guard
from accountmerge.findings.finding import Finding
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.identifiers import derived_id
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.values import Value, value_class
from accountmerge.wire.canonical import frozen

ENDS_WITH_PROFILE = "ends_with_profile"
"""The rule that a ledger entry names for a removed record."""


@value_class(eq=False, repr=False)
class ProfileRows(Value):
    """The records that name the old profile and do not stay with it, sorted by id.

    Attributes:
        old: The old profile.
        new: The new profile.
        moving: The records that move to the new profile.
        ending: The records that are removed.
        attached: The other records that are attached to a removed record.
        copied: The records that are copied to the new profile.
        copy_ids: The id of each copy, by the id of the copied record.
        missing: The ids of the records without a copy so far.
        loose: The existing copies without the attachment of their record, by the id of the record.
        staying: The kinds of record that stay.
        undeclared: The number of records of each kind that no rule declares.
    """

    old: Profile
    new: Profile
    moving: tuple[Record, ...]
    ending: tuple[Record, ...]
    attached: tuple[Record, ...]
    copied: tuple[Record, ...]
    copy_ids: Mapping[str, str]
    missing: frozenset[str]
    loose: Mapping[str, Record]
    staying: tuple[str, ...]
    undeclared: Mapping[str, int]

    @property
    def is_settled(self) -> bool:
        """Whether no record is left to move or to remove. Copies do not count: they are made before activation."""
        return not (self.moving or self.ending)

    def edits(self) -> tuple[Edit, ...]:
        """Return the edits that are left, copies first; a record is removed after those attached to it."""
        return (*self._copies(), *self._moves(), *self._ends())

    def guard(self, *, before: bool) -> Guard:
        """Return the guard that no other record names the old profile, except of the kinds that stay.

        It applies before or after the records are handed over. After it, only the copied records are left.
        """
        rows = (*self.copied, *self.moving, *self.ending) if before else self.copied
        return no_other_record_guard(self.old.id, self.staying, (row.id for row in rows))

    def ledger(self) -> Iterator[LedgerEntry]:
        """Yield an entry with each removed record, and one with each attachment to a removed record."""
        for row in self.ending:
            yield self._entry(row, "record", frozen(row))
        for row in self.attached:
            yield self._entry(row, "attached_to", FrozenJson.of(row.attached_to))

    def _entry(self, row: Record, field: str, value: FrozenJson) -> LedgerEntry:
        return LedgerEntry(
            entity="record",
            id=row.id,
            field=field,
            value=value,
            from_id=self.old.id,
            rule=ENDS_WITH_PROFILE,
        )

    @property
    def _released(self) -> frozenset[str]:
        """The ids of the records that lose their attachment."""
        return frozenset(row.id for row in self.attached)

    def _copies(self) -> Iterator[Edit]:
        """Yield the copies, each after the copy that it is attached to, except in a circle."""
        order, detached = leaves_first(self.copied)
        for row in reversed(order):
            if row.id in self.missing:
                copy = self._copy(row)
                yield Edit(None, attrs.evolve(copy, attached_to=None) if row.id in detached else copy)
        for row in order:
            copy = self._copy(row)
            loose = self.loose.get(row.id) or attrs.evolve(copy, attached_to=None)
            if row.id in detached and (row.id in self.missing or row.id in self.loose):
                yield Edit(loose, attrs.evolve(loose, attached_to=copy.attached_to))

    def _copy(self, row: Record) -> Record:
        target = None if row.id in self._released else row.attached_to
        attached_to = target if target is None else self.copy_ids.get(target, target)
        return attrs.evolve(
            row, id=self.copy_ids[row.id], profile_id=self.new.id, attached_to=attached_to, version=None
        )

    def _moves(self) -> Iterator[Edit]:
        """Yield each record that moves or loses its attachment."""
        moving, attached = {row.id for row in self.moving}, {row.id for row in self.attached}
        rows = {row.id: row for row in (*self.moving, *self.attached)}
        for id in sorted(rows):
            row = rows[id]
            after = attrs.evolve(row, profile_id=self.new.id) if id in moving else row
            yield Edit(row, attrs.evolve(after, attached_to=None) if id in attached else after)

    def _ends(self) -> Iterator[Edit]:
        """Yield the removals; in a circle of attachments, one record is released first."""
        order, detached = leaves_first(self.ending)
        released = {row.id: attrs.evolve(row, attached_to=None) for row in order if row.id in detached}
        for row in order:
            if row.id in released:
                yield Edit(row, released[row.id])
        for row in order:
            yield Edit(released.get(row.id, row), None)


def leaves_first(rows: Iterable[Record]) -> tuple[list[Record], frozenset[str]]:
    """Return records in an order in which each comes before the record that it is attached to.

    Returns:
        The records, and the ids of those whose attachment is ignored because it closes a circle.
    """
    by_id = {row.id: row for row in sorted(rows, key=lambda row: row.id)}
    target = {
        id: row.attached_to for id, row in by_id.items() if row.attached_to in by_id and row.attached_to != id
    }
    waiting = Counter(target.values())
    free = [id for id in by_id if not waiting[id]]
    order: list[Record] = []
    detached: set[str] = set()
    done: set[str] = set()
    starts = iter(by_id)
    while len(order) < len(by_id):
        if not free:  # only circles are left: the first record of one loses its attachment
            first = next(id for id in starts if id not in done)
            detached.add(first)
            free.extend(_unwaited(target.pop(first), waiting))
            continue
        id = free.pop()
        done.add(id)
        order.append(by_id[id])
        if id in target:
            free.extend(_unwaited(target[id], waiting))
    return order, frozenset(detached)


def _unwaited(id: str, waiting: Counter[str]) -> Iterator[str]:
    """Yield a record when no other record is attached to it any more."""
    waiting[id] -= 1
    if not waiting[id]:
        yield id


def read_profile_rows(
    snapshot: Snapshot, rules: MigrationRules, old: Profile, new: Profile, *, is_linked: bool
) -> ProfileRows:
    """Sort the records that name the old profile by the rules for their kinds.

    If the profiles are linked already, no copy is made, because an absent copy was removed on purpose.
    """
    by_fate: defaultdict[str | None, list[Record]] = defaultdict(list)
    for row in sorted(snapshot.records.where("profile_id", old.id), key=lambda row: row.id):
        by_fate[rules.becomes(row.kind)].append(row)
    ending, copied = tuple(by_fate["ends"]), tuple(by_fate["copied"])
    gone = {row.id for row in ending}
    copies = _copies_there(snapshot, copied, new)
    missing = {row.id for row in copied if row.id not in copies}
    ids = {row.id: copies.get(row.id) or copy_id(row, new) for row in copied}
    return ProfileRows(
        old=old,
        new=new,
        moving=tuple(by_fate["moves"]),
        ending=ending,
        attached=tuple(sorted(_attached(snapshot, gone), key=lambda row: row.id)),
        copied=copied,
        copy_ids=ids,
        missing=frozenset(() if is_linked else missing),
        loose={} if is_linked else _loose(snapshot, copied, copies),
        staying=rules.staying_kinds,
        undeclared=dict(sorted(Counter(row.kind for row in by_fate[None]).items())),
    )


def copy_id(row: Record, new: Profile) -> str:
    """Return the id of the copy of a record, the same in every retry."""
    return derived_id("record", row.id, new.id)


def _attached(snapshot: Snapshot, gone: set[str]) -> Iterator[Record]:
    """Yield the records that are kept and are attached to a removed record."""
    for id in gone:
        yield from (row for row in snapshot.records.where("attached_to", id) if row.id not in gone)


def _copies_there(snapshot: Snapshot, copied: tuple[Record, ...], new: Profile) -> dict[str, str]:
    """Return the id of each existing copy, by the id of its record.

    A copy names the new profile. It has its derived id, or equal content if the store gave it another id. No record
    is the copy of two.
    """
    copies: dict[str, str] = {}
    for row in copied:
        other = snapshot.records.get(copy_id(row, new))
        if other is not None and other.profile_id == new.id and _is_of(other, row):
            copies[row.id] = other.id
    taken = set(copies.values())
    equal: defaultdict[object, list[str]] = defaultdict(list)
    for other in sorted(
        snapshot.records.where("profile_id", new.id) if copied else (), key=lambda row: row.id
    ):
        if other.id not in taken:
            equal[_content(other)].append(other.id)
    for row in copied:
        rows = equal[_content(row)] if row.id not in copies else []
        if rows:
            copies[row.id] = rows.pop(0)
    return copies


def _loose(snapshot: Snapshot, copied: tuple[Record, ...], copies: Mapping[str, str]) -> dict[str, Record]:
    """Return the existing copies that lack the attachment of their record."""
    rows = {
        row.id: snapshot.records[copies[row.id]] for row in copied if row.id in copies and row.attached_to
    }
    return {id: copy for id, copy in rows.items() if copy.attached_to is None}


def _is_of(other: Record, row: Record) -> bool:
    """Return whether two records have the same kind and customer; their data may differ."""
    return (other.kind, other.customer_id) == (row.kind, row.customer_id)


def _content(row: Record) -> object:
    """Return the fields that a copy shares with its record."""
    return (row.kind, row.customer_id, row.related_customer_id, row.unique_key, row.created_at, row.data)


def record_findings(rows: ProfileRows) -> Iterator[Finding]:
    """Yield a finding for each kind of record that no rule declares."""
    for kind, count in rows.undeclared.items():
        yield Finding.of("undeclared_kind", (kind,), kind=kind, count=count)
