"""A store that writes edits one by one and knows no guards, as one that stops in the middle does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.model.entities import KINDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accountmerge.model.entities import Entity

COLLECTIONS = {kind.name: kind.collection for kind in KINDS}


def edits_of(change_set: am.ChangeSet) -> list[am.Edit]:
    return [edit for step in change_set.wanted_steps for edit in step.edits]


def written(snapshot: am.Snapshot, edits: Iterable[am.Edit]) -> am.Snapshot:
    """Return what a store holds after some edits; the snapshot is built anew, so that nothing may dangle."""
    rows: dict[str, dict[str, Entity]] = {
        kind.collection: {row.id: row for row in snapshot.table(kind.collection)} for kind in KINDS
    }
    for edit in edits:
        table = rows[COLLECTIONS[edit.entity]]
        if edit.after is None:
            table.pop(edit.id, None)
        else:
            table[edit.id] = edit.after
    return rebuilt(snapshot, rows)


def rebuilt(snapshot: am.Snapshot, rows: Mapping[str, Mapping[str, Entity]]) -> am.Snapshot:
    lists: dict[str, Any] = {name: list(found.values()) for name, found in rows.items()}
    return am.Snapshot.of_checked(snapshot.taken_at, snapshot.complete_for, lists)


def renamed(value: Any, own_ids: Mapping[str, str]) -> Any:
    """Return an entity with the store's own ids wherever a planned one stands."""
    if value is None:
        return None
    names = ("id", *(field for field, _ in kind_of(value).references))
    changes: dict[str, Any] = {
        name: own_ids[getattr(value, name)] for name in names if getattr(value, name) in own_ids
    }
    return attrs.evolve(value, **changes)


def in_own_ids(edits: Iterable[am.Edit], own_ids: Mapping[str, str]) -> list[am.Edit]:
    return [am.Edit(renamed(edit.before, own_ids), renamed(edit.after, own_ids)) for edit in edits]
