"""Checks that no id occurs twice and that every reference has a target."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter

from accountmerge.errors import Fault
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KINDS, CollectionName, Entity, EntityKind, EntityName, references


def integrity_faults(
    collections: Mapping[CollectionName, Sequence[Entity | None]],
    unreadable: Mapping[CollectionName, AbstractSet[str]],
) -> list[Fault]:
    """Return every repeated id and every dangling reference, in the order of the lists.

    An entity that could not be read is None; references to its id, if known, do not dangle.
    """
    read = {kind.name: {row.id for row in collections[kind.collection] if row is not None} for kind in KINDS}
    ids = {kind.name: read[kind.name] | unreadable.get(kind.collection, set()) for kind in KINDS}
    faults: list[Fault] = []
    for kind in KINDS:
        rows = collections[kind.collection]
        if len(read[kind.name]) < len(rows):
            faults.extend(_repeated(kind, rows))
        faults.extend(_dangling(kind, rows, ids))
    return faults


def dangling_in(entity: Entity, known: Mapping[EntityName, Container[str]]) -> Iterator[Fault]:
    """Yield a fault for each reference of an entity to an unknown id."""
    for path, name, target in references(entity):
        if target not in known[name]:
            yield Fault("dangling_reference", path, kind=name, id=target)


def _repeated(kind: EntityKind, rows: Sequence[Entity | None]) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, row in enumerate(rows):
        if row is None:
            continue
        if row.id in seen:
            yield Fault("duplicate_id", f"{kind.collection}[{position}].id", kind=kind.name, id=row.id)
        seen.add(row.id)


def _names_a_login(row: Entity | None) -> bool:
    return isinstance(row, Customer) and any(email.login_of is not None for email in row.emails)


def _dangling(
    kind: EntityKind, rows: Sequence[Entity | None], ids: Mapping[EntityName, AbstractSet[str]]
) -> Iterator[Fault]:
    suspects: set[int] = set()
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
        if row is not None:
            yield from (fault.below(f"{kind.collection}[{position}]") for fault in dangling_in(row, ids))
