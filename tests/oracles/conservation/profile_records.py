"""What becomes of the records of a profile that is left: each has one home where its kind belongs, or an entry."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.migrations.rules import MigrationRules
    from accountmerge.model.records import Record
    from oracles.conservation.outcomes import Loss

HISTORY = ("programme", "note", "file", "relation")


@attrs.frozen(repr=False)
class Handing:
    """The records before and after a migration, the two profiles, and what each kind becomes."""

    before: Snapshot
    after: Snapshot
    old: str
    new: str
    fates: dict[str, str]

    def fate(self, row: Record) -> str:
        """Return what becomes of a record; one of another profile stays."""
        return self.fates.get(row.kind, "undeclared") if row.profile_id == self.old else "stays"

    def is_gone(self, id: str | None) -> bool:
        """Tell whether a record was there and ended."""
        row = self.before.records.get(id or "")
        return row is not None and self.fate(row) == "ends"


def handed_over(
    before: Snapshot,
    after: Snapshot,
    old: str,
    new: str,
    rules: MigrationRules | None,
    ledger: Sequence[LedgerEntry],
) -> Iterator[Loss]:
    """Yield which record is not where its kind belongs, was made up, or has no entry or one without need."""
    declared = {entry.kind: str(entry.becomes) for entry in (rules.record_kinds if rules else ())}
    handing = Handing(before, after, old, new, dict.fromkeys(HISTORY, "stays") | declared)
    yield from _rows(handing)
    yield from _copies(handing)
    yield from _entries(handing, ledger)


def _rows(handing: Handing) -> Iterator[Loss]:
    for row in handing.before.records:
        fate, now = handing.fate(row), handing.after.records.get(row.id)
        if fate == "undeclared":
            yield "undeclared", row.id
        elif fate == "ends":
            if now is not None:
                yield "not ended", row.id
            continue
        loose = None if handing.is_gone(row.attached_to) else row.attached_to
        home = handing.new if fate == "moves" else row.profile_id
        if now is None:
            yield "record gone", row.id
        elif row.profile_id == handing.new and row.attached_to is None and now.attached_to is not None:
            continue  # a copy of before, which is attached like its record now
        elif now != attrs.evolve(row, profile_id=home, attached_to=loose, version=now.version):
            yield "record altered", row.id


def _copies(handing: Handing) -> Iterator[Loss]:
    """Each record that is copied is there in the new profile as often as in the old one, and no other one is made."""
    wanted = Counter(
        _content(row, handing) for row in handing.before.records if handing.fate(row) == "copied"
    )
    had = Counter(_said(row) for row in handing.before.records if row.profile_id == handing.new)
    made = [row for row in handing.after.records if row.id not in handing.before.records]
    if any(row.profile_id != handing.new or row.version is not None for row in made):
        yield ("made elsewhere",)
    for what, count in (wanted_alone := _without_place(wanted)).items():
        if sum(_said(row) == what for row in made) != max(count - had[what], 0):
            yield "not copied once", what[0]
    if any(_said(row) not in wanted_alone for row in made):
        yield ("made up",)
    placed = Counter(_content(row, handing) for row in made)
    if placed - wanted:
        yield ("attached elsewhere",)


def _without_place(wanted: Counter[Any]) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for (what, _), count in wanted.items():
        found[what] += count
    return found


def _said(row: Record) -> tuple[Any, ...]:
    return (row.kind, row.customer_id, row.related_customer_id, row.unique_key, row.created_at, row.data)


def _content(row: Record, handing: Handing) -> tuple[Any, Any]:
    """Return what a record says, and what it is attached to: of a copy, the copy of that."""
    target = handing.after.records.get(row.attached_to or "")
    if target is None:
        return _said(row), None
    is_copied = handing.fate(target) == "copied" or target.id not in handing.before.records
    return _said(row), _said(target) if is_copied else target.id


def _entries(handing: Handing, ledger: Sequence[LedgerEntry]) -> Iterator[Loss]:
    """Each record that ends is in the ledger once, whole, and each attachment to it; no other value is."""
    ended = [row for row in handing.before.records if handing.fate(row) == "ends"]
    gone = {row.id for row in ended}
    loose = [row for row in handing.before.records if row.attached_to in gone and row.id not in gone]
    wanted = {(row.id, "record") for row in ended} | {(row.id, "attached_to") for row in loose}
    told = Counter((entry.id, entry.field) for entry in ledger)
    yield from (("no entry of its own", *key) for key in wanted if told[key] != 1)
    yield from (("told as lost", *key) for key in told if key not in wanted)
    rows = {row.id: row for row in ended}
    for entry in ledger:
        value: Any = json.loads(entry.value.text)
        row = rows.get(entry.id) if entry.field == "record" else None
        kept = (value or {}).get("data") if row is not None else None
        if row is not None and kept != (row.data.value if row.data else None):
            yield "entry not whole", row.id
