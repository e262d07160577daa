"""Read and write snapshots, which need no plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from accountmerge.errors import Fault, FaultList, InvalidValueError, LoadError
from accountmerge.model.entities import KINDS, CollectionName, Entity, EntityKind, EntityName
from accountmerge.model.integrity import integrity_faults
from accountmerge.model.snapshots import Completeness, Snapshot, unknown_customers
from accountmerge.wire import scalars
from accountmerge.wire.class_readers import AT_ONCE, Shared
from accountmerge.wire.converter import model_converter, rows_reader
from accountmerge.wire.faults import Faults, collect, read_part, shown_key
from accountmerge.wire.model_hooks import forget_slots

SNAPSHOT = "accountmerge.snapshot/1"
"""The format of a snapshot."""


def read_by_format(data: Any, readers: Mapping[str, Callable[[dict[str, Any]], Any]]) -> Any:
    """Read a value from plain JSON data that name its format, by the reader of the format."""
    try:
        if type(data) is not dict:
            raise scalars.wrong_type("object", data)
        if "format" not in data:
            raise Fault("missing_key", "format")
        formats = tuple(readers)  # any value may be asked for, also one without a hash
        if data["format"] not in formats:
            raise Fault("unknown_format", "format", allowed=formats)
        return readers[data["format"]]({key: value for key, value in data.items() if key != "format"})
    except (Fault, Faults, ExceptionGroup, InvalidValueError) as error:
        faults = FaultList()
        collect(faults, error)
        raise LoadError(faults, faults.more) from None


def read_snapshot(data: dict[str, Any]) -> Snapshot:
    """Read a snapshot from plain JSON data, without the key that names its format.

    The plain data are emptied on the way.
    """
    faults: list[Fault] = FaultList(
        Fault("unknown_key", shown_key(key)) for key in sorted(data.keys() - _SNAPSHOT_KEYS)
    )
    taken_at = read_part(data, "taken_at", scalars.instant, faults)
    complete_for = read_part(data, "complete_for", _read_completeness, faults)
    collections: dict[CollectionName, list[Entity | None]] = {}
    unreadable: dict[CollectionName, dict[int, dict[str, Any]]] = {}
    shared: Shared = {}
    for kind in KINDS:
        rows, unread = _read_rows(data, kind, faults, shared)
        collections[kind.collection], unreadable[kind.collection] = rows, unread
        if kind.name in _OFTEN_NAMED:
            shared.update((row.id, row.id) for row in rows if row)
    forget_slots()
    faults += integrity_faults(collections, unreadable)
    if complete_for is not None:
        known = {row.id for row in collections["customers"] if row}
        unread_ids = {str(row.get("id")) for row in unreadable["customers"].values()}
        faults += unknown_customers(complete_for, known | unread_ids)
    if faults:
        raise Faults(faults)
    whole: Any = collections
    return Snapshot.of_checked(taken_at, complete_for, whole)


def written_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as plain JSON data, each collection in the order of the ids."""
    document: dict[str, Any] = {
        "taken_at": model_converter().unstructure(snapshot.taken_at),
        "complete_for": model_converter().unstructure(snapshot.complete_for),
    }
    for kind in KINDS:
        write = model_converter().get_unstructure_hook(kind.cls)
        document[kind.collection] = [write(row) for row in snapshot.table(kind.collection).sorted()]
    return document


_SNAPSHOT_KEYS = frozenset({"taken_at", "complete_for", *(kind.collection for kind in KINDS)})


_OFTEN_NAMED: frozenset[EntityName] = frozenset({"profile", "customer"})
"""Kinds that other entities name often. Those references share their ids."""


def _read_completeness(value: Any) -> Completeness:
    return model_converter().structure(value, Completeness)


def _read_rows(
    data: dict[str, Any], kind: EntityKind, faults: list[Fault], shared: Shared
) -> tuple[list[Entity | None], dict[int, dict[str, Any]]]:
    """Return the rows of a collection, None for an unreadable one, and the plain values of those.

    Many rows are read at once, and one by one only after a fault. The plain rows are released on the way, so that a big
    file is not in memory twice.
    """
    values = read_part(data, kind.collection, _listed, faults) or []
    cls: Any = kind.cls
    read_at_once = rows_reader(cls)
    rows: list[Entity | None] = []
    unreadable: dict[int, dict[str, Any]] = {}
    for start in range(0, len(values), AT_ONCE):
        some = values[start : start + AT_ONCE]
        values[start : start + AT_ONCE] = [None] * len(some)
        made = read_at_once(some, shared) if read_at_once is not None else None
        rows += _one_by_one(kind, some, start, faults, unreadable) if made is None else made
    return rows, unreadable


def _one_by_one(
    kind: EntityKind,
    values: list[Any],
    start: int,
    faults: list[Fault],
    unreadable: dict[int, dict[str, Any]],
) -> Iterator[Entity | None]:
    """Yield rows read one by one, None for an unreadable one.

    Collects its faults and its plain values.
    """
    read = model_converter().get_structure_hook(kind.cls)
    for position, value in enumerate(values, start):
        try:
            yield read(value, kind.cls)
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            collect(faults, error, f"{kind.collection}[{position}]")
            if isinstance(value, dict):
                unreadable[position] = value
            yield None


def _listed(value: Any) -> list[Any]:
    if type(value) is not list:
        raise scalars.wrong_type("list", value)
    return value
