"""Checks that no id occurs twice and that every reference has a target."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import Any

from accountmerge.errors import Fault, InvalidValueError
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KINDS, CollectionName, Entity, EntityKind, EntityName, references
from accountmerge.model.texts import IDENTIFIER

Unreadable = Mapping[CollectionName, Mapping[int, Mapping[str, Any]]]
"""The plain values of the entities that could not be read, by their positions."""


def integrity_faults(
    collections: Mapping[CollectionName, Sequence[Entity | None]], unreadable: Unreadable
) -> list[Fault]:
    """Return every repeated id and every dangling reference, in the order of the lists.

    An entity that could not be read is None. Its id and its references count as well, if it has plain values for them.
    """
    read = {kind.name: {row.id for row in collections[kind.collection] if row is not None} for kind in KINDS}
    ids = {kind.name: read[kind.name] | set(_unread_ids(kind, unreadable).values()) for kind in KINDS}
    faults: list[Fault] = []
    for kind in KINDS:
        rows = collections[kind.collection]
        if len(read[kind.name]) < len(rows):
            faults.extend(_repeated(kind, rows, _unread_ids(kind, unreadable)))
        faults.extend(_dangling(kind, rows, ids, unreadable.get(kind.collection, {})))
    return faults


def dangling_in(entity: Entity, known: Mapping[EntityName, Container[str]]) -> Iterator[Fault]:
    """Yield a fault for each reference of an entity to an unknown id."""
    return _lost(references(entity), known)


def _lost(
    targets: Iterator[tuple[str, EntityName, str]], known: Mapping[EntityName, Container[str]]
) -> Iterator[Fault]:
    for path, name, target in targets:
        if target not in known[name]:
            yield Fault("dangling_reference", path, kind=name, id=target)


def _unread_ids(kind: EntityKind, unreadable: Unreadable) -> dict[int, str]:
    rows = unreadable.get(kind.collection, {})
    return {position: row["id"] for position, row in rows.items() if _is_id(row.get("id"))}


def _is_id(value: object) -> bool:
    try:
        IDENTIFIER.check(value)
    except InvalidValueError:
        return False
    return True


def _repeated(kind: EntityKind, rows: Sequence[Entity | None], unread: Mapping[int, str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, row in enumerate(rows):
        id = unread.get(position) if row is None else row.id
        if id in seen:
            yield Fault("duplicate_id", f"{kind.collection}[{position}].id", kind=kind.name, id=id)
        elif id is not None:
            seen.add(id)


def _names_a_login(row: Entity | None) -> bool:
    return isinstance(row, Customer) and any(email.login_of is not None for email in row.emails)


def _dangling(
    kind: EntityKind,
    rows: Sequence[Entity | None],
    ids: Mapping[EntityName, AbstractSet[str]],
    unread: Mapping[int, Mapping[str, Any]],
) -> Iterator[Fault]:
    suspects: set[int] = set(unread)
    present = [row for row in rows if row is not None]
    for field, name in kind.references:
        lost = set(map(attrgetter(field), present)) - ids[name] - {None}
        if lost:
            suspects.update(
                position for position, row in enumerate(rows) if getattr(row, field, None) in lost
            )
    if kind.cls is Customer:
        suspects.update(position for position, row in enumerate(rows) if _names_a_login(row))
    for position in sorted(suspects):
        row = rows[position]
        targets = _unread_references(kind, unread[position]) if row is None else references(row)
        yield from (fault.below(f"{kind.collection}[{position}]") for fault in _lost(targets, ids))


def _unread_references(kind: EntityKind, row: Mapping[str, Any]) -> Iterator[tuple[str, EntityName, str]]:
    """Yield the references of an entity that could not be read, as `references` does."""
    for field, name in kind.references:
        if _is_id(row.get(field)):
            yield field, name, row[field]
    emails = row.get("emails")
    if kind.cls is Customer and isinstance(emails, list):
        logins = {
            email["login_of"] for email in emails if isinstance(email, dict) and _is_id(email.get("login_of"))
        }
        for target in sorted(logins):
            yield "emails.login_of", "customer", target
