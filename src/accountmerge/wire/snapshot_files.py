"""Snapshots in JSON: every collection read row by row, so that one bad row hides no fault of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.errors import Fault, FaultList
from accountmerge.model.entities import KINDS
from accountmerge.model.integrity import integrity_faults
from accountmerge.model.snapshots import Completeness, Snapshot, unknown_customers
from accountmerge.wire import scalars
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import Faults, collect, read_part, shown_key

if TYPE_CHECKING:
    from accountmerge.model.entities import CollectionName, Entity, EntityKind


def read_snapshot(data: dict[str, Any]) -> Snapshot:
    """Read a snapshot from plain JSON data, without the key that names its format; the data is used up."""
    faults: list[Fault] = FaultList(
        Fault("unknown_key", shown_key(key)) for key in sorted(data.keys() - _KEYS)
    )
    taken_at = read_part(data, "taken_at", scalars.instant, faults)
    complete_for = read_part(data, "complete_for", _read_completeness, faults)
    collections: dict[CollectionName, list[Entity | None]] = {}
    unreadable: dict[CollectionName, set[str]] = {}
    for kind in KINDS:
        rows, ids = _read_rows(data, kind, faults)
        collections[kind.collection], unreadable[kind.collection] = rows, ids
    faults += integrity_faults(collections, unreadable)
    if complete_for is not None:
        known = {row.id for row in collections["customers"] if row}
        faults += unknown_customers(complete_for, known | unreadable["customers"])
    if faults:
        raise Faults(faults)
    whole: Any = collections
    return Snapshot.of_checked(taken_at, complete_for, whole)


def written_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as plain JSON data, each collection in the order of the ids."""
    found: dict[str, Any] = {
        "taken_at": converter().unstructure(snapshot.taken_at),
        "complete_for": converter().unstructure(snapshot.complete_for),
    }
    for kind in KINDS:
        write = converter().get_unstructure_hook(kind.cls)
        found[kind.collection] = [write(row) for row in snapshot.table(kind.collection).sorted()]
    return found


_KEYS = frozenset({"taken_at", "complete_for", *(kind.collection for kind in KINDS)})


def _read_completeness(value: Any) -> Completeness:
    return converter().structure(value, Completeness)


def _read_rows(
    data: dict[str, Any], kind: EntityKind, faults: list[Fault]
) -> tuple[list[Entity | None], set[str]]:
    """Return the rows of a collection, nothing in the place of an unreadable one, and the ids of those.

    The plain rows are given up one by one, so that a big file is not in memory twice.
    """
    values = read_part(data, kind.collection, _listed, faults) or []
    cls = kind.cls
    read = converter().get_structure_hook(cls)
    rows: list[Entity | None] = []
    unreadable: set[str] = set()
    for position, value in enumerate(values):
        values[position] = None
        try:
            rows.append(read(value, cls))
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            collect(faults, error, f"{kind.collection}[{position}]")
            rows.append(None)
            if isinstance(value, dict) and isinstance(value.get("id"), str):
                unreadable.add(value["id"])
    return rows, unreadable


def _listed(value: Any) -> list[Any]:
    if type(value) is not list:
        raise scalars.wrong_type("list", value)
    return value
