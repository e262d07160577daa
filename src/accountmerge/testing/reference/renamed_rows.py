"""Rows and requests with other ids, such as those that a store gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from accountmerge.changes.edits import Key
from accountmerge.changes.store_ids import renamed
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KINDS
from accountmerge.model.snapshots import Snapshot

Names = Mapping[Key, str]
"""Other ids of rows, by kind and id."""
V = TypeVar("V")


def keyed_rows(snapshot: Snapshot) -> dict[Key, Any]:
    """Return all rows by kind and id."""
    return {(kind.name, row.id): row for kind in KINDS for row in snapshot.table(kind.collection)}


def renamed_row(row: Any, names: Names) -> Any:
    """Return a row with other ids, its own and those to which it refers."""
    other: Any = renamed(row, names)
    if isinstance(other, Customer) and other.former_logins:
        emails = [
            attrs.evolve(email, login_of=names.get(("customer", email.login_of or ""), email.login_of))
            for email in other.emails
        ]
        other = attrs.evolve(other, emails=emails)
    return other


def renamed_snapshot(snapshot: Snapshot, names: Names) -> Snapshot:
    """Return data with other ids."""
    if not names:
        return snapshot
    tables: Any = {
        kind.collection: [renamed_row(row, names) for row in snapshot.table(kind.collection)]
        for kind in KINDS
    }
    return Snapshot(snapshot.taken_at, complete_for=snapshot.complete_for, **tables)


def named(value: V, names: Names) -> V:
    """Return a request with other ids in all its fields."""
    by_text = {id: other for (_, id), other in names.items()}
    other: V = _named(value, by_text)
    return other


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, tuple):
        return tuple(_named(item, names) for item in value)
    if isinstance(value, Mapping):
        return {_named(key, names): _named(item, names) for key, item in value.items()}
    if attrs.has(type(value)) and type(value).__module__.endswith(".requests"):
        changes: Any = {
            field.name: _named(getattr(value, field.name), names) for field in attrs.fields(type(value))
        }
        return attrs.evolve(
            value, **{name: new for name, new in changes.items() if new != getattr(value, name)}
        )
    return value
