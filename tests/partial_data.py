"""Partial data for tests: the part of a snapshot that it would hold if it were whole for some and not for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import KINDS, kind_of, references

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.changes.edits import Key
    from accountmerge.model.entities import Entity


def rows_of(snapshot: am.Snapshot) -> dict[Key, Entity]:
    """Return every entity, by its kind and id."""
    return {(kind.name, row.id): row for kind in KINDS for row in snapshot.table(kind.collection).sorted()}


def partial(snapshot: am.Snapshot, complete_for: am.Completeness, keep: Iterable[Key] = ()) -> am.Snapshot:
    """Return what a snapshot holds of another that claims to be whole for some, and what that refers to.

    Args:
        snapshot: All there is.
        complete_for: What the part is whole for.
        keep: Entities that are loaded besides.
    """
    rows = rows_of(snapshot)
    found = {key for key, row in rows.items() if _belongs(snapshot, row, complete_for)}
    found |= set(keep) & rows.keys()
    owned = set(found)
    while True:
        linked = {
            key
            for key, row in rows.items()
            for field, name in kind_of(row).references
            if name == key[0] in ("record", "appointment") and (name, getattr(row, field)) in owned
        }
        if linked <= owned:
            break
        owned |= linked
    waiting = list(owned)
    kept: set[Key] = set()
    while waiting:
        key = waiting.pop()
        if key not in kept:
            kept.add(key)
            waiting += [(name, id) for _, name, id in references(rows[key])]
    tables: Any = {
        kind.collection: [rows[key] for key in sorted(kept) if key[0] == kind.name] for kind in KINDS
    }
    known = complete_for.customers
    if known != "*":
        complete_for = attrs.evolve(complete_for, customers=[id for id in known if ("customer", id) in rows])
    return am.Snapshot(snapshot.taken_at, complete_for=complete_for, **tables)


def _belongs(snapshot: am.Snapshot, row: Entity, complete_for: am.Completeness) -> bool:
    """Tell whether data that are whole for some have to hold an entity."""
    if isinstance(row, am.Profile):
        return complete_for.addresses or complete_for.covers_practitioner(row.practitioner_id)
    if isinstance(row, am.Customer) and (complete_for.addresses or complete_for.covers_customer(row.id)):
        return True
    for _, name, id in references(row):
        if name == "customer" and complete_for.covers_customer(id):
            return True
        if name == "profile" and complete_for.covers_practitioner(snapshot.profiles[id].practitioner_id):
            return True
    return False


def touched_owners(snapshot: am.Snapshot, change_set: am.ChangeSet) -> am.Completeness:
    """Return completeness for every practitioner and customer that a set touches or asks about."""
    images = [
        image
        for step in change_set.steps
        for edit in step.edits
        for image in (edit.before, edit.after)
        if image is not None
    ]
    owners = {row.id: row.practitioner_id for row in snapshot.profiles.sorted()}
    owners |= {row.id: row.practitioner_id for row in images if isinstance(row, am.Profile)}
    named = {(kind_of(row).name, row.id) for row in images}
    named |= {(name, id) for row in images for _, name, id in references(row)}
    named |= {key for step in change_set.steps for guard in step.guards for key in guard.named.values()}
    return am.Completeness(
        practitioners=[owners[id] for name, id in named if name == "profile" and id in owners],
        customers=[id for name, id in named if name == "customer" and id in snapshot.customers],
    )


def touched_rows(change_set: am.ChangeSet) -> set[Key]:
    """Return the entities that a set edits or reads."""
    edited = {edit.key for step in change_set.steps for edit in step.edits}
    return edited | {
        key for step in change_set.steps for guard in step.guards for key in guard.named.values()
    }


@st.composite
def some_of(draw: st.DrawFn, whole: am.Completeness) -> am.Completeness:
    """Draw completeness for a part of those that it is for: often all but one of them, or of one kind only."""

    def part(ids: Any) -> Any:
        if not ids:
            return draw(st.sampled_from([(), ("nobody",)]))
        less = draw(st.sampled_from(ids))
        return draw(st.sampled_from([ids, ids, (), "*", (less,), tuple(id for id in ids if id != less)]))

    return am.Completeness(part(whole.practitioners), part(whole.customers), draw(st.booleans()))
