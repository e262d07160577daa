"""The same data in another order or read at another instant, and the same edits in the ids of a store."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.model.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from accountmerge.changes.edits import Key


def shuffled(snapshot: Snapshot, seed: int) -> Snapshot:
    """Return an equal snapshot whose collections were given in another order."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    rows: dict[str, Any] = {kind.collection: list(snapshot.table(kind.collection)) for kind in KINDS}
    for collection in rows.values():
        chance.shuffle(collection)
    return Snapshot(snapshot.taken_at, complete_for=snapshot.complete_for, **rows)


def read_at(snapshot: Snapshot, moment: datetime) -> Snapshot:
    """Return the same data, read at another instant."""
    rows: dict[str, Any] = {kind.collection: snapshot.table(kind.collection) for kind in KINDS}
    return Snapshot(moment, complete_for=snapshot.complete_for, **rows)


def in_store_ids(edits: Iterable[Edit], store_ids: Mapping[Key, str]) -> list[Edit]:
    """Return edits as a store writes them that gives new entities ids of its own.

    Args:
        edits: Edits in the ids of the plan.
        store_ids: The id of the store, by the kind and the planned id.
    """
    return [Edit(_renamed(edit.before, store_ids), _renamed(edit.after, store_ids)) for edit in edits]


def _renamed(value: Any, store_ids: Mapping[Key, str]) -> Any:
    if value is None:
        return None
    kind = kind_of(value)
    changes: dict[str, Any] = {}
    for field, name in (("id", kind.name), *kind.references):
        planned = getattr(value, field)
        changes[field] = store_ids.get((name, planned), planned)
    return attrs.evolve(value, **changes)
