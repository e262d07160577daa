"""Find the edits that lead from one snapshot to another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from accountmerge.changes.edits import Edit
from accountmerge.model.entities import KINDS, CollectionName
from accountmerge.model.snapshots import Snapshot, require_snapshot


def difference(first: Snapshot, second: Snapshot) -> tuple[Edit, ...]:
    """Return the edits that lead from one snapshot to another.

    Putting the `after` of each edit into the first snapshot, and removing each entity without `after`, gives the
    entities of the second. All fields count, also `version` and the `number` of an appointment, which a change set
    never compares: `edit.changed_fields` has the names. `taken_at` and `complete_for` are not compared.

    Args:
        first: The snapshot before, such as the one that was read.
        second: The snapshot after, such as the result of `apply`.

    Returns:
        At most one edit for each entity. First those that create, then those that change, then those that remove.
        Creating and changing edits are in the order profiles, customers, appointments, records, access, access
        requests, and removing ones in the reverse order, so that an entity of another kind exists before it is
        referred to and as long as it is. Edits of one kind are in the order of the ids.

    Raises:
        InvalidValueError: An argument is no snapshot.

    Takes time in proportion to the entities of both.
    """
    require_snapshot(first, "first")
    require_snapshot(second, "second")
    names = [kind.collection for kind in KINDS]
    created = chain.from_iterable(_created(first, second, name) for name in names)
    changed = chain.from_iterable(_changed(first, second, name) for name in names)
    removed = chain.from_iterable(_created(second, first, name) for name in reversed(names))
    return (*created, *changed, *(Edit(edit.after, None) for edit in removed))


def _created(first: Snapshot, second: Snapshot, name: CollectionName) -> Iterator[Edit]:
    """Yield an edit for each entity that only the second snapshot has."""
    known = first.table(name)
    for row in sorted((row for row in second.table(name) if row.id not in known), key=lambda row: row.id):
        yield Edit(None, row)


def _changed(first: Snapshot, second: Snapshot, name: CollectionName) -> Iterator[Edit]:
    """Yield an edit for each entity that has other values in the second snapshot."""
    table = first.table(name)
    pairs = ((table.get(row.id), row) for row in second.table(name))
    differing = ((old, new) for old, new in pairs if old is not None and old is not new and old != new)
    for old, new in sorted(differing, key=lambda pair: pair[1].id):
        yield Edit(old, new)
