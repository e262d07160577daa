"""An audit of all rows of mapped tables, before the first plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import attrs
import sqlalchemy as sa

from accountmerge.changes.edits import Key as EntityKey
from accountmerge.changes.edits import differing_fields
from accountmerge.documents.entity_rows import entity_to_json
from accountmerge.errors import InvalidValueError, LoadError
from accountmerge.findings.faults import find_faults
from accountmerge.model.entities import KINDS, Entity, kind_of, references
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.model.wall_times import resolve_wall_time
from accountmerge.sql.bindings import Local, UnmappedValue, name_of
from accountmerge.sql.keys import Key
from accountmerge.sql.mapped_tables import MOST_KEYS, MappedTable
from accountmerge.sql.overlays import overlay_from

MOST_IDS = 10
"""The most ids that are told with a count."""
LockCode = Literal["locks_file", "locks_rows", "locks_tables"]
"""The locks of a step, which it holds until it is committed.

`locks_file`: the whole file; no other connection writes. `locks_rows`: the profiles and customers of the step, and the rows
that it reads; another program that books must lock the same profiles and customers first. `locks_tables`: the tables; other
programs read them, but do not write to them.
"""


@attrs.frozen
class Observation:
    """A number of rows with one property.

    Attributes:
        code: `no_target`: a reference leads to no row, or to one that `where` hides; no snapshot can have such a row.
            `not_in_columns`: the columns do not hold the value, so the added
            tables have to. `overlay_outdated`: another program has changed the columns since the added tables got their
            value. `wall_time_ambiguous`, `wall_time_missing`: clocks show the time
            twice, or never. Other codes: the row cannot be read, and why.
        table: The table.
        field: The column, or the field if it has no column of its own.
        count: The number of rows.
        ids: The first ids of the rows, at most 10.
    """

    code: str
    table: str
    field: str
    count: int
    ids: tuple[str, ...]


@attrs.frozen
class Held:
    """The locks of a step, which it holds until it is committed.

    Attributes:
        code: One of `LockCode`.
        tables: The tables, or those whose rows are locked before any row is read.
    """

    code: LockCode
    tables: tuple[str, ...]


@attrs.frozen
class Audit:
    """The result of an audit.

    It has ids and counts, and no value of any row.

    Attributes:
        rows: The number of rows of each table.
        unreadable: Rows that cannot be read, such as those with a code without a word. Plans need them mended.
        observations: Rows that can be read and are unusual.
        faults: The number of findings of `find_faults`, by code. Rows that refer to no row do not count.
        locks: The locks of a step of this store.
    """

    rows: tuple[tuple[str, int], ...]
    unreadable: tuple[Observation, ...]
    observations: tuple[Observation, ...]
    faults: tuple[tuple[str, int], ...]
    locks: Held

    @property
    def is_readable(self) -> bool:
        """Whether every row can be read."""
        return not self.unreadable


def audit(
    connection: sa.Connection,
    tables: Sequence[MappedTable],
    taken_at: datetime,
    locks: Literal["rows", "tables"],
) -> Audit:
    """Read all rows, and observe what plans would meet.

    Args:
        connection: A connection in a transaction that sees the data of one instant.
        tables: The mapped tables.
        taken_at: The present time.
        locks: How the store locks.
    """
    auditor = _Auditor(connection)
    for table in tables:
        auditor.read(table)
    auditor.observe_orphans()
    return Audit(
        rows=tuple(sorted(auditor.rows.items())),
        unreadable=auditor.unreadable.observations(),
        observations=auditor.observed.observations(),
        faults=tuple(sorted(Counter(each.code for each in find_faults(auditor.snapshot(taken_at))).items())),
        locks=held(connection.dialect.name, tables, locks),
    )


def held(database: str, tables: Sequence[MappedTable], locks: Literal["rows", "tables"]) -> Held:
    """Return what a step locks on a database."""
    names = tuple(name_of(table.table.name) for table in tables)
    if database == "sqlite":
        return Held("locks_file", names)
    if locks == "tables":
        return Held("locks_tables", names)
    owners = [table for table in tables if table.kind.name in ("customer", "profile")]
    return Held("locks_rows", tuple(name_of(table.table.name) for table in owners))


class _Tally:
    """Counts of rows by code, table and field, with the first ids."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str, str], list[str]] = {}
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, code: str, table: sa.Table, field: str, id: str) -> None:
        place = (code, name_of(table.name), field)
        self._counts[place] += 1
        ids = self._ids.setdefault(place, [])
        if len(ids) < MOST_IDS:
            ids.append(id)

    def observations(self) -> tuple[Observation, ...]:
        return tuple(
            Observation(*place, count, tuple(self._ids[place]))
            for place, count in sorted(self._counts.items())
        )


class _Auditor:
    """The reading of all rows."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._found: dict[EntityKey, tuple[MappedTable, Entity]] = {}
        self._ids: set[EntityKey] = set()
        self.rows: Counter[str] = Counter()
        self.unreadable = _Tally()
        self.observed = _Tally()

    def read(self, table: MappedTable) -> None:
        """Read the rows of a table."""
        self.rows[name_of(table.table.name)] += 0
        for rows in self._connection.execute(table.selected()).partitions(MOST_KEYS):
            for row, lists in self._with_lists(table, rows):
                self._read_row(table, row, lists)

    def _with_lists(
        self, table: MappedTable, rows: Sequence[Any]
    ) -> Iterator[tuple[Sequence[Any], Mapping[str, Any] | UnmappedValue]]:
        """Yield each row with its list fields, or with the reason why they cannot be read."""
        size = len(table.keys.columns)
        broken: dict[Key, UnmappedValue] = {}
        lists = table.lists(self._connection, rows, broken)
        for row in rows:
            key = tuple(row[:size])
            yield row, broken.get(key) or lists.get(key, {})

    def _read_row(
        self, table: MappedTable, row: Sequence[Any], lists: Mapping[str, Any] | UnmappedValue
    ) -> None:
        id = table.keys.id_of(row[: len(table.keys.columns)])
        self.rows[name_of(table.table.name)] += 1
        key = (table.kind.name, id)
        self._ids.add(key)
        try:
            if isinstance(lists, UnmappedValue):
                raise lists
            plain = table.read(row, lists, None, {})
            whole = self._whole(table, row, lists, plain)
            self._observe(table, row, plain, whole)
        except UnmappedValue as fault:
            of = _child(table, fault) if fault is lists else table.table
            self.unreadable.add(fault.code, of, _column(table, fault), id)
        except InvalidValueError as error:
            self.unreadable.add(
                error.code, table.table, table.column_of(str(error.facts.get("field", ""))), id
            )
        except LoadError as error:
            for each in error.faults:
                self.unreadable.add(each.code, table.table, each.path, id)
        else:
            self._found[key] = (table, whole)

    def _whole(
        self, table: MappedTable, row: Sequence[Any], lists: Mapping[str, Any], plain: Entity
    ) -> Entity:
        """Return a row with its values in the added tables, and count outdated ones."""
        width = len(table.names)
        if table.side is None or all(value is None for value in row[width:]):
            return plain
        overlay = row[width]
        if overlay is not None:
            said = entity_to_json(plain)
            for name, (_, before) in overlay_from(overlay).items():
                if said.get(name) != before:
                    self.observed.add("overlay_outdated", table.table, table.column_of(name), plain.id)
        return table.read(row, lists, overlay, table._links(row))  # noqa: SLF001 - the same reading

    def _observe(self, table: MappedTable, row: Sequence[Any], plain: Entity, whole: Entity) -> None:
        for field in not_in_columns(table, row, whole):
            self.observed.add("not_in_columns", table.table, table.column_of(field), whole.id)
        for binding in (table.slot.start, table.slot.end) if table.slot is not None else ():
            if isinstance(binding, Local):
                naive = binding.naive(row[table.names.index(binding.column)])
                code = _unusual_clock(naive, str(getattr(plain, "time_zone", "")))
                if code is not None:
                    self.observed.add(code, table.table, binding.column, whole.id)

    def observe_orphans(self) -> None:
        """Count references that lead to no row. A snapshot with such a row is refused."""
        for table, entity in self._found.values():
            for field, name, id in references(entity):
                if (name, id) not in self._ids:
                    self.unreadable.add("no_target", table.table, table.column_of(field), entity.id)

    def snapshot(self, taken_at: datetime) -> Snapshot:
        """Return a snapshot of the rows whose references all lead to rows in it."""
        rows = {key: entity for key, (_, entity) in self._found.items()}
        while left := [
            key for key, row in rows.items() if any((n, id) not in rows for _, n, id in references(row))
        ]:
            for key in left:
                del rows[key]
        collections: dict[Any, list[Entity]] = {kind.collection: [] for kind in KINDS}
        for row in rows.values():
            collections[kind_of(row).collection].append(row)
        return Snapshot.of_checked(taken_at, Completeness(), collections)


def _child(table: MappedTable, fault: UnmappedValue) -> sa.Table:
    """Return the table of list fields that has a fault."""
    return next(rows.table for rows in table.rows.values() if rows.table.name == fault.table)


def _column(table: MappedTable, fault: UnmappedValue) -> str:
    """Return the column of a fault; an unknown zone is told at the column of the zone."""
    return table.column_of("time_zone") if fault.code == "zone_unknown" else fault.column


def _unusual_clock(naive: datetime, zone: str) -> str | None:
    try:
        resolve_wall_time(naive, zone, ambiguous="refuse", missing="refuse")
    except InvalidValueError as error:
        return error.code
    return None


def not_in_columns(table: MappedTable, row: Sequence[Any], entity: Entity) -> Iterable[str]:
    """Return the fields of an entity that its columns would not hold if it were written.

    Args:
        table: Its table.
        row: Its row.
        entity: The entity.
    """
    values = table.values_of(entity)
    written = [values.get(name, raw) for name, raw in zip(table.names, row, strict=False)]
    lists = {}
    for field, binding in table.rows.items():
        children = binding.rows(getattr(entity, field))
        children.sort(key=lambda child: [child[column.name] for column in binding.sorting()])
        names = [column.name for column in binding.selected()]
        lists[field] = binding.members([[child[name] for name in names] for child in children])
    back = table.read(written, lists, None, {})
    return [field for field in differing_fields(entity, back) if field not in table.kind.store_given]
