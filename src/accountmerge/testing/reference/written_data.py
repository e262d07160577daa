"""Edits of a change set, and snapshots of stores that write edits one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.model.entities import KIND_OF_NAME, KINDS
from accountmerge.model.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.model.entities import Entity


def edits_of(change_set: ChangeSet) -> list[Edit]:
    """Return every edit of a change set, in order."""
    return [edit for step in change_set.steps for edit in step.edits]


def crashed(snapshot: Snapshot, edits: Iterable[Edit]) -> Snapshot:
    """Write edits one by one, as a store without guards does that then stops."""
    rows: dict[str, dict[str, Entity]] = {
        kind.collection: {row.id: row for row in snapshot.table(kind.collection)} for kind in KINDS
    }
    for edit in edits:
        table = rows[KIND_OF_NAME[edit.entity].collection]
        if edit.after is not None:
            table[edit.id] = edit.after
        else:
            del table[edit.id]
    lists: dict[str, Any] = {name: list(by_id.values()) for name, by_id in rows.items()}
    return Snapshot(snapshot.taken_at, complete_for=snapshot.complete_for, **lists)


def row_of(snapshot: Snapshot, edit: Edit) -> Any:
    """Return the entity of an edit as it is in a snapshot, or None."""
    return snapshot.table(KIND_OF_NAME[edit.entity].collection).get(edit.id)
