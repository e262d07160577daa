"""Read a snapshot that is whole for all people, or for some."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from accountmerge.changes.questions import EQUALITIES, Equality, Questions
from accountmerge.errors import Fault, InvalidValueError, LoadError
from accountmerge.model.entities import KINDS, Entity, EntityName, kind_of, references
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.model.value_rules import listed
from accountmerge.sql.built_tables import Tables
from accountmerge.sql.fetching import Reader, refuse
from accountmerge.sql.mapped_tables import MappedTable, Troubles

ROWS_AT_A_TIME = 5_000
"""The number of rows that the driver of the database keeps while everything is read."""

FEW_ROWS = 500
"""So many rows of a table are read at once; only for more does a server keep a cursor, which takes more messages."""

Rows = dict[tuple[EntityName, str], Entity]


def whole_snapshot(
    reader: Reader,
    taken_at: datetime,
    practitioners: Iterable[str] | None,
    customers: Iterable[str] | None,
) -> Snapshot:
    """Read a snapshot that is whole for all people, or for some."""
    if practitioners is None and customers is None:
        return _made(reader.tables, taken_at, list(_everything(reader)), Completeness())
    people, persons = _ids(practitioners, "practitioners"), _ids(customers, "customers")
    rows: Rows = {}
    _add(rows, reader.fetch(_about(people, persons)))
    profiles = sorted(id for name, id in rows if name == "profile")
    _add(rows, reader.fetch(_naming("profile", profiles)))
    while missing := _missing(rows):
        before = len(rows)
        _add(rows, reader.fetch(Questions(ids=missing)))
        if len(rows) == before:
            break  # a reference has no target, which the snapshot reports
    whole = Completeness(practitioners=people, customers=persons, addresses=False)
    return _made(reader.tables, taken_at, list(rows.values()), whole)


def _ids(ids: Iterable[str] | None, name: str) -> list[str]:
    try:
        return sorted(set(listed(ids or ())))
    except InvalidValueError as error:
        raise error.at("Store", name) from None


def _everything(reader: Reader) -> Iterator[Entity]:
    troubles: Troubles = Counter()
    for table in reader.tables.mapped:
        few = _few(reader, table, troubles) if reader.connection.dialect.name == "postgresql" else None
        if few is not None:
            yield from few
            continue
        statement = table.selected().execution_options(yield_per=ROWS_AT_A_TIME)
        yield from table.entities(reader.connection, statement, troubles, reader.sided)
    refuse(troubles)


def _few(reader: Reader, table: MappedTable, troubles: Troubles) -> list[Entity] | None:
    """Return the entities of a table with few rows, in one message to the server. None if there are more rows."""
    statement = reader.tables.prepared((table, "few"), lambda: table.selected().limit(FEW_ROWS))
    seen: Troubles = Counter()
    found = list(table.entities(reader.connection, statement, seen, reader.sided))
    if len(found) + seen.total() >= FEW_ROWS:
        return None
    troubles.update(seen)
    return found


def _made(own: Tables, taken_at: datetime, rows: Iterable[Entity], whole: Completeness) -> Snapshot:
    tables: dict[str, list[Any]] = {kind.collection: [] for kind in KINDS}
    for row in rows:
        tables[kind_of(row).collection].append(row)
    try:
        return Snapshot(taken_at, complete_for=whole, **tables)
    except LoadError as error:
        more = int(str(error.facts["count"])) - len(error.faults)
        raise LoadError([_of_columns(own, tables, fault) for fault in error.faults], more) from None


_PLACE = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
"""The path of a fault of a snapshot: the collection, the place of the row, and the field."""


def _of_columns(own: Tables, rows: dict[str, list[Any]], fault: Fault) -> Fault:
    """Return a fault of a reference with the table and the column as its path."""
    place = _PLACE.match(fault.path)
    if fault.code != "dangling_reference" or place is None:
        return fault
    row = rows[place[1]][int(place[2])]
    table = own.of(kind_of(row).name, row.kind if isinstance(row, Record) else None)
    child = table.rows.get(place[3])
    name = f"{table.table.name}.{table.column_of(place[3])}" if child is None else child.table.name
    return Fault("sql_dangling", name, row=row.id, kind=fault.facts["kind"], id=fault.facts["id"])


def _add(rows: Rows, found: Iterable[Entity]) -> None:
    rows.update(((kind_of(row).name, row.id), row) for row in found)


def _about(practitioners: list[str], customers: list[str]) -> Questions:
    """Return the questions for profiles of practitioners, for customers, and for rows that name them."""
    named = _naming("customer", customers)
    own = (Equality(entity="profile", attribute="practitioner_id", values=tuple(practitioners)),)
    return Questions(
        ids=(("customer", tuple(customers)),) if customers else (),
        equalities=(*(own if practitioners else ()), *named.equalities),
    )


def _naming(name: EntityName, ids: list[str]) -> Questions:
    """Return the questions for the rows that refer to some entities."""
    asked = [(kind.name, field) for kind in KINDS for field, target in kind.references if target == name]
    if name == "customer":
        asked.append(("customer", "former_logins"))
    return Questions(
        equalities=tuple(
            Equality(entity=entity, attribute=field, values=tuple(ids))
            for entity, field in asked
            if ids and field in EQUALITIES[entity]
        )
    )


def _missing(rows: Rows) -> tuple[tuple[EntityName, tuple[str, ...]], ...]:
    """Return the ids that rows refer to and that are not among them, by kind."""
    found: dict[EntityName, set[str]] = {}
    for row in rows.values():
        for _, name, id in references(row):
            if (name, id) not in rows:
                found.setdefault(name, set()).add(id)
    return tuple((name, tuple(sorted(ids))) for name, ids in sorted(found.items()))
