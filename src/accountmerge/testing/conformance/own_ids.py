"""The ids that a store gives to seeded rows and to those of a change set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Literal, get_args

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Key
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.store_ids import find_store_ids, told_ids
from accountmerge.model.customers import Customer
from accountmerge.model.entities import Entity, kind_of, references
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.reference.renamed_rows import Names, keyed_rows, renamed_row, renamed_snapshot
from accountmerge.testing.reference.written_data import edits_of

Ids = Literal["planned", "own"]
IDS: tuple[Ids, ...] = get_args(Ids)
"""Whether a store keeps the ids of rows that are written to it, or gives its own ones."""


def matched(seeded: Snapshot, stored: Snapshot) -> dict[Key, str]:
    """Return the store's ids of seeded rows, which are found by their values and links.

    Rows that are alike in all values and links are exchangeable; one of them is taken.
    """
    names: dict[Key, str] = {}
    here, there = keyed_rows(seeded), keyed_rows(stored)
    while True:
        taken = {(key[0], id) for key, id in names.items()}
        ours = _colours(here, names)
        theirs = _colours(there, {key: key[1] for key in there if key in taken})
        by_colour: dict[Hashable, list[Key]] = {}
        for key in sorted(there.keys() - taken):
            by_colour.setdefault(theirs[key], []).append(key)
        counts = Counter(ours[key] for key in here if key not in names)
        open_keys = [key for key in sorted(here) if key not in names and by_colour.get(ours[key])]
        if not open_keys:
            return names
        sure = [key for key in open_keys if counts[ours[key]] == 1]
        for key in sure or open_keys[:1]:
            names[key] = by_colour[ours[key]].pop(0)[1]


def _colours(rows: Mapping[Key, Any], names: Names) -> dict[Key, Hashable]:
    """Return what is known of each row by its values, and by those of the rows around it."""
    colours: dict[Key, int] = {
        key: hash(("known", key[0], names[key])) if key in names else hash((key[0], _values(row)))
        for key, row in rows.items()
    }
    links = {key: list(references(row)) for key, row in rows.items()}
    for _ in range(4):
        backs: dict[Key, list[int]] = {}
        for key, refs in links.items():
            for field, name, id in refs:
                backs.setdefault((name, id), []).append(hash((field, colours[key])))
        colours = {
            key: colour
            if key in names
            else hash(
                (
                    colour,
                    *((field, colours.get((name, id), 0)) for field, name, id in links[key]),
                    *sorted(backs.get(key, ())),
                )
            )
            for key, colour in colours.items()
        }
    return dict(colours)


def _values(row: Any) -> Hashable:
    kind = kind_of(row)
    left_out = {"id", *kind.store_given, *(field for field, _ in kind.references)}
    if isinstance(row, Customer):
        row = attrs.evolve(row, emails=[attrs.evolve(email, login_of=None) for email in row.emails])
    fields = (field.name for field in attrs.fields(type(row)) if field.name not in left_out)
    numbers = tuple(getattr(row, name) for name in ("number",) if hasattr(row, name))
    return (numbers, *(getattr(row, name) for name in fields))


def _told_ids(_: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt]) -> dict[Key, str]:
    return told_ids(change_set, receipts)


@attrs.define(repr=False)
class OwnIds:
    """The ids of a store in terms of the change set that is tried.

    Attributes:
        by_meaning: Whether rows without a receipt are recognised by their meaning, because a store that writes a step
            edit by edit has no receipt of it until the end.
        change_set: The change set whose new rows are read with their planned ids; None for none.
    """

    by_meaning: bool = False
    change_set: ChangeSet | None = None

    def names(self, stored: Snapshot, receipts: Iterable[Receipt]) -> dict[Key, str]:
        """Return the store's ids of the rows that the change set makes, by kind and planned id."""
        if self.change_set is None:
            return {}
        there = keyed_rows(stored)
        ids = find_store_ids if self.by_meaning else _told_ids
        found = ids(stored, self.change_set, receipts)
        return {key: id for key, id in found.items() if (key[0], id) in there}

    def as_planned(self, stored: Snapshot, receipts: Iterable[Receipt]) -> Snapshot:
        """Return stored data with planned ids."""
        names = self.names(stored, receipts)
        return renamed_snapshot(stored, {(key[0], id): key[1] for key, id in names.items()})

    def as_stored(self, write: ForeignWrite, stored: Snapshot, receipts: Iterable[Receipt]) -> ForeignWrite:
        """Return a write with the store's ids; a row that is there under none is not dropped."""
        names, there = self.names(stored, receipts), keyed_rows(stored)
        drop = [(name, names.get((name, id), id)) for name, id in write.drop]
        return ForeignWrite(
            [renamed_row(row, names) for row in write.put], [key for key in drop if key in there]
        )


def expect_told(change_set: ChangeSet, stored: Snapshot, receipts: Iterable[Receipt]) -> None:
    """Raise `LawBroken` unless receipts say the store's id of each row that a change set has made."""
    told, there = told_ids(change_set, receipts), keyed_rows(stored)
    last = {edit.key: edit for edit in edits_of(change_set)}
    made: dict[Key, Entity | None] = {edit.key: edit.before for edit in reversed(edits_of(change_set))}
    for key, before in made.items():
        if before is not None or last[key].after is None or key in there:
            continue
        id = told.get(key)
        if id is None:
            raise LawBroken(f"no receipt says which id the store gave to {' '.join(key)}")
        if (key[0], id) not in there:
            raise LawBroken(f"a receipt says that {' '.join(key)} is {id}, and there is no such {key[0]}")
