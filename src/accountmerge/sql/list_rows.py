"""Write the rows of other tables that belong to an entity, such as its addresses and phones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.model.entities import Entity
from accountmerge.sql import dialects
from accountmerge.sql.dialects import AS_STORED
from accountmerge.sql.gaps import is_unique
from accountmerge.sql.keys import Key, has_keys
from accountmerge.sql.list_bindings import ChildRows
from accountmerge.sql.mapped_tables import MappedTable

NEW = "accountmerge_new_"
"""The text before the names of parameters for new values. A parameter may not have the name of a column."""


@attrs.frozen(eq=False)
class _Child:
    """A row of another table that belongs to an entity.

    Attributes:
        identity: The text or the times that stay the same if the row moves to another owner.
        own: The columns of the binding.
        rest: The other columns, as they are stored.
    """

    identity: Any
    own: dict[str, Any]
    rest: dict[str, Any]


@attrs.frozen(eq=False)
class ListWriter:
    """The writer of the rows of other tables, for one transaction.

    Attributes:
        connection: The connection.
        related: The customers of a merge or of its undo, whose addresses and phones move between them.
    """

    connection: sa.Connection
    related: frozenset[str]
    _written: dict[tuple[MappedTable, Key], tuple[Entity | None, Entity]] = attrs.field(
        factory=dict, init=False
    )

    def keep(self, table: MappedTable, key: Key, before: Entity | None, after: Entity) -> None:
        """Remember a written entity until `flush`; `before` is None if it is new."""
        first, _ = self._written.get((table, key), (before, None))
        self._written[table, key] = (first, after)

    def remove(self, table: MappedTable, key: Key) -> None:
        """Remove the rows that belong to an entity, which is removed afterwards."""
        self._written.pop((table, key), None)
        self.flush()  # other rows may still name the one that goes
        for binding in table.rows.values():
            columns = [binding.table.c[name] for name in binding.owner]
            self.connection.execute(sa.delete(binding.table).where(has_keys(columns, [key])))

    def flush(self) -> None:
        """Write the rows of other tables that belong to written entities, if their fields change.

        All rows that go are removed before any row comes, so that what only one may have, such as an address, is free
        before another one gets it. A new row takes the other columns of a removed one with the same text or times, or
        those of a row with the same text that goes in another step. Rows that stay are not touched.
        """
        gone: dict[sa.Table, list[_Child]] = {}
        new: dict[sa.Table, tuple[MappedTable, ChildRows, list[_Child]]] = {}
        for (table, key), (before, after) in self._written.items():
            for field, binding in table.rows.items():
                value = getattr(after, field)
                if before is None or getattr(before, field) != value:
                    removed, missing = self._replaced(binding, key, value)
                    gone.setdefault(binding.table, []).extend(removed)
                    new.setdefault(binding.table, (table, binding, []))[2].extend(missing)
        self._written.clear()
        for child, (table, binding, rows) in new.items():
            left: dict[Any, list[_Child]] = {}
            for each in gone.get(child, []):
                left.setdefault(each.identity, []).append(each)
            found = [
                (row, left[row.identity].pop(0).rest if left.get(row.identity) else None) for row in rows
            ]
            unknown = [row for row, rest in found if rest is None]
            alike = self._alike(table, binding, unknown) if unknown else {}
            self._insert_children(
                child, ((row, alike.get(row.identity, {}) if rest is None else rest) for row, rest in found)
            )

    def _alike(
        self, table: MappedTable, binding: ChildRows, rows: Sequence[_Child]
    ) -> dict[Any, dict[str, Any]]:
        """Return the other columns of rows with the same text that other customers of the change set have."""
        others = [column for column in _other_columns(binding) if not _is_unique(column)]
        keys = table.keys.keys_of(sorted(self.related))
        if not others or not keys or binding.text_column is None:
            return {}
        text = binding.table.c[binding.text_column]
        owner = [binding.table.c[name] for name in binding.owner]
        raw = [dialects.as_stored(self.connection, column) for column in others]
        texts = [row.own[binding.text_column] for row in rows]
        statement = sa.select(text, *raw).where(has_keys(owner, keys), text.in_(texts)).order_by(*owner)
        names = [column.name for column in others]
        found: dict[Any, dict[str, Any]] = {}
        for row in self.connection.execute(statement):
            identity = _same_child(binding, {binding.text_column: row[0]})
            found.setdefault(identity, dict(zip(names, row[1:], strict=True)))
        return found

    def _replaced(self, binding: ChildRows, key: Key, value: Any) -> tuple[list[_Child], list[_Child]]:
        """Remove the rows of an owner that a value does not have.

        Returns:
            The removed rows, and the missing ones.
        """
        owner = has_keys([binding.table.c[name] for name in binding.owner], [key])
        wanted = [tuple(row.items()) for row in binding.rows(value)]
        names = [name for name in binding.child_columns if name not in binding.owner]
        others = _other_columns(binding)
        kept, removed = [], []
        if wanted or others:
            columns = [binding.table.c[name] for name in names]
            raw = [dialects.as_stored(self.connection, column) for column in others]
            for row in self.connection.execute(sa.select(*columns, *raw).where(owner)):
                own = dict(zip(names, row[: len(names)], strict=True))
                if tuple(own.items()) in wanted:
                    kept.append(tuple(own.items()))
                else:
                    rest = dict(zip((column.name for column in others), row[len(names) :], strict=True))
                    removed.append(_Child(_same_child(binding, own), own, rest))
        stays = [sa.and_(*(binding.table.c[name] == value for name, value in row)) for row in kept]
        self.connection.execute(sa.delete(binding.table).where(owner, *(sa.not_(row) for row in stays)))
        owned = dict(zip(binding.owner, key, strict=True))
        missing = [
            _Child(_same_child(binding, dict(row)), {**owned, **dict(row)}, {})
            for row in wanted
            if row not in kept
        ]
        return removed, missing

    def _insert_children(self, table: sa.Table, rows: Iterable[tuple[_Child, dict[str, Any]]]) -> None:
        """Insert rows of another table with their other columns, those with the same columns in one statement."""
        groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[dict[str, Any]]] = {}
        for row, rest in rows:
            groups.setdefault((tuple(row.own), tuple(rest)), []).append(
                {NEW + name: value for name, value in {**row.own, **rest}.items()}
            )
        for (own, others), values in groups.items():
            bound = {name: sa.bindparam(NEW + name, type_=table.c[name].type) for name in own}
            bound |= {name: sa.bindparam(NEW + name, type_=AS_STORED) for name in others}
            self.connection.execute(sa.insert(table).values(bound), values)


def _other_columns(binding: ChildRows) -> list[sa.Column[Any]]:
    """Return the columns that the binding does not use and that can be written."""
    return [
        column
        for column in binding.table.c
        if column.name not in binding.child_columns
        and column.computed is None
        and not (column.identity is not None and column.identity.always)
    ]


def _is_unique(column: sa.Column[Any]) -> bool:
    """Return whether two rows may not have the same value in a column."""
    return column.primary_key or is_unique(column)


def _same_child(binding: ChildRows, values: Mapping[str, Any]) -> Any:
    """Return what two rows of a list have in common if one takes the place of the other."""
    if binding.text_column is None:
        return tuple(values[name] for name in binding.child_columns if name not in binding.owner)
    return str(values[binding.text_column]).strip().casefold()
