"""Compare columns that no step writes, in rows that the steps write.

Only a trigger or a rule of the database changes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.changes.edits import Key as EntityKey
from accountmerge.changes.edits import differing_fields
from accountmerge.model.entities import Entity, kind_of
from accountmerge.model.records import Record
from accountmerge.sql.built_tables import Tables
from accountmerge.sql.keys import Key
from accountmerge.sql.mapped_tables import MOST_KEYS, MappedTable
from accountmerge.sql.table_contents import raw_column

Columns = dict[str, Any]
"""The values of the columns of a row, as the database has them."""


@attrs.define(eq=False)
class UnwrittenColumns:
    """The columns of rows before the first step, to compare them after the last one.

    Attributes:
        connection: The connection.
        tables: The mapped tables.
        sources: For the id of a new entity in the plan, the id of the row whose place it takes.
        followed: The columns that are set to new rows, by the name of their table.
        before: The columns of each row, by its kind and id.
    """

    connection: sa.Connection
    tables: Tables
    sources: Mapping[EntityKey, str]
    followed: Callable[[sa.Table], frozenset[str]]
    before: dict[EntityKey, Columns] = attrs.field(factory=dict)

    def remember(self, rows: Iterable[tuple[EntityKey, Entity]]) -> None:
        """Read the columns of rows before they are written."""
        self.before = self._read(rows)

    def changed(
        self,
        before: Mapping[EntityKey, Entity],
        wanted: Mapping[EntityKey, Entity],
        new: Mapping[EntityKey, str],
    ) -> dict[EntityKey, tuple[str, ...]]:
        """Return the columns that changed, although no step writes them, by row.

        Args:
            before: The entities before the first step that the steps write.
            wanted: The same entities as planned, and the new ones.
            new: The planned id of each new entity.
        """
        now = self._read(wanted.items())
        found: dict[EntityKey, tuple[str, ...]] = {}
        for key, row in wanted.items():
            table, columns = self._table_of(row), now.get(key, {})
            if key in before:
                own = self._unwritten(table, before[key], row)
                first = self.before.get(key, {})
            else:
                own = set(table.copied)
                first = self.before.get((key[0], self.sources.get((key[0], new.get(key, key[1])), "")), {})
            names = sorted(
                name for name in own if name in first and name in columns and first[name] != columns[name]
            )
            if names:
                found[key] = tuple(str.__str__(name) for name in names)
        return found

    def _unwritten(self, table: MappedTable, before: Entity, wanted: Entity) -> set[str]:
        """Return the columns of a row that no step writes and the database does not compute."""
        written = table.values_of(wanted, differing_fields(before, wanted)).keys() | self.followed(
            table.table
        )
        return {
            column.name
            for column in table.table.c
            if column.name not in written
            and column.computed is None
            and column.onupdate is None
            and column.server_onupdate is None
        }

    def _read(self, rows: Iterable[tuple[EntityKey, Entity]]) -> dict[EntityKey, Columns]:
        wanted: dict[MappedTable, list[Key]] = {}
        for key, row in rows:
            table = self._table_of(row)
            own = table.keys.key_of(key[1])
            if own is not None:
                wanted.setdefault(table, []).append(own)
        found: dict[EntityKey, Columns] = {}
        for table, keys in wanted.items():
            names = [column.name for column in table.table.c]
            raw = [raw_column(column, self.connection.dialect.name) for column in table.table.c]
            for start in range(0, len(keys), MOST_KEYS):
                chosen = table.by_keys(keys[start : start + MOST_KEYS])
                statement = sa.select(*table.keys.columns, *raw).where(chosen)
                size = len(table.keys.columns)
                for each in self.connection.execute(statement):
                    key = (table.kind.name, table.keys.id_of(each[:size]))
                    found[key] = dict(zip(names, each[size:], strict=True))
        return found

    def _table_of(self, row: Any) -> MappedTable:
        return self.tables.of(kind_of(row).name, row.kind if isinstance(row, Record) else None)
