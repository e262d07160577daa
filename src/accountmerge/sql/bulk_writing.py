"""Write many edits with few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import InvalidRequestError

from accountmerge.changes.commands import Conflict
from accountmerge.changes.edits import Edit
from accountmerge.changes.edits import Key as EntityKey
from accountmerge.changes.store_ids import renamed
from accountmerge.model.entities import ENTITY_NAMES, Entity, kind_of
from accountmerge.sql.dialects import AS_STORED
from accountmerge.sql.keys import Key
from accountmerge.sql.list_rows import NEW
from accountmerge.sql.mapped_tables import MOST_KEYS, MappedTable
from accountmerge.sql.writing import OWN, Writer, given, parameters

Row = Sequence[Any]
EXACT = (sa.Integer, sa.String, sa.Boolean, sa.Numeric, sa.Date, sa.DateTime, sa.Uuid)
"""The types whose values Python reads from PostgreSQL and writes without any change. Rows with others copy them in SQL."""


@attrs.define(eq=False)
class BulkWriter:
    """The writer of all edits of a change set, one for each entity.

    Changes are written before new rows are inserted, and links to new rows after them.

    Attributes:
        writer: The writer of the transaction.
        ids: The ids that the database gave to new entities, by kind and planned id.
        rows: The stored columns of each written entity, by table and key.
    """

    writer: Writer
    ids: dict[EntityKey, str] = attrs.field(factory=dict, init=False)
    rows: dict[tuple[MappedTable, Key], Row] = attrs.field(factory=dict, init=False)

    def write(self, edits: Sequence[Edit]) -> None:
        """Write edits; rows that go are only marked, and `Writer.remove` removes them."""
        new = {edit.key for edit in edits if edit.before is None}
        changes = [edit for edit in edits if edit.before is not None and edit.after is not None]
        releases, links = [], []
        for edit in [*changes, *(edit for edit in edits if edit.before is None)]:
            bare = self._bare(edit, new)
            if edit.before is not None and bare != edit.before:
                releases.append(Edit(edit.before, bare))
            if bare != edit.after:
                links.append(Edit(bare, edit.after))
        self._update(releases)
        for name in ENTITY_NAMES:
            self._insert([edit for edit in edits if edit.before is None and edit.entity == name], new)
        self._update([Edit(self._own(edit.before), self._own(edit.after)) for edit in links])
        self._read_back({*self._places(releases), *self._places(links)})
        for edit in edits:
            if edit.after is None:
                self.writer.write(edit)
            else:
                self._keep(edit)

    def number_of(self, key: EntityKey) -> str | None:
        """Return the number of a written appointment, by the store's id; None for others."""
        if key[0] != "appointment":
            return None
        table = self.writer.mapping.tables.of("appointment")
        number = table.bindings.get("number")
        own = table.keys.key_of(key[1])
        row = None if number is None or own is None else self.rows.get((table, own))
        raw = None if row is None or number is None else row[table.names.index(number.columns[0])]
        return None if raw is None else str(raw)

    def _bare(self, edit: Edit, new: set[EntityKey]) -> Any:
        """Return an entity with its references to new rows as they were. A new one is without its optional ones."""
        row: Any = edit.after
        table = self.writer.table_of(row)
        fields: dict[str, Any] = {
            field: getattr(edit.before, field, None)
            for field, name in kind_of(row).references
            if (name, getattr(row, field)) in new
            and field in table.bindings
            and (edit.before is not None or field in table.optional_links)
        }
        return attrs.evolve(row, **fields) if fields else row

    def _own(self, row: Entity | None) -> Entity | None:
        return renamed(row, self.ids)

    def _place(self, row: Entity) -> tuple[MappedTable, Key]:
        table = self.writer.table_of(row)
        return table, self.writer.key_of(table, self.ids.get((kind_of(row).name, row.id), row.id))

    def _places(self, edits: Iterable[Edit]) -> list[tuple[MappedTable, Key]]:
        return [self._place(edit.after) for edit in edits if edit.after is not None]

    def _update(self, edits: Iterable[Edit]) -> None:
        """Update rows, those with the same columns in one statement."""
        groups: dict[tuple[MappedTable, tuple[str, ...]], list[dict[str, Any]]] = {}
        statements: dict[tuple[MappedTable, tuple[str, ...]], Any] = {}
        for edit in edits:
            table, key = self._place(edit.after)  # type: ignore[arg-type] # no row goes here
            values = self.writer.changed_values(table, edit)
            if not values:
                continue
            group = (table, tuple(values))
            groups.setdefault(group, []).append({**parameters(values), **table.key_parameters(OWN, key)})
            if group not in statements:
                chosen = sa.update(table.table).where(table.with_key(OWN))
                statements[group] = chosen.values(given(table, values))
        for group, rows in groups.items():
            self.writer.connection.execute(statements[group], rows)

    def _insert(self, edits: Sequence[Edit], new: set[EntityKey]) -> None:
        """Insert the rows of one kind of entity, those with the same columns in one statement."""
        groups: dict[tuple[Any, ...], list[tuple[Edit, dict[str, Any]]]] = {}
        copied = self._copied(edits)
        for edit in edits:
            own = Edit(None, self._own(self._bare(edit, new)))
            table = self.writer.table_of(own.after)
            own_values = self.writer.new_values(table, own)
            values = {**copied.get(edit.key, {}), **own_values}
            if len(parameters(values)) < len(values) or not self._fits_many(edit, table):
                self._given(edit, table, self.writer.insert(table, own))
            else:
                groups.setdefault((table, tuple(values), tuple(own_values)), []).append((edit, values))
        for (table, names, own_names), members in groups.items():
            bound = given(table, dict.fromkeys(names))
            if self._copies_as_stored:
                taken = [name for name in names if name not in own_names]
                bound |= {name: sa.bindparam(NEW + name, type_=AS_STORED) for name in taken}
            statement = sa.insert(table.table).values(bound)
            rows = self._stored(table, statement, [parameters(values) for _, values in members])
            for (edit, _), row in zip(members, rows, strict=True):
                self._given(edit, table, row)

    def _stored(
        self, table: MappedTable, statement: sa.Insert, rows: Sequence[dict[str, Any]]
    ) -> Sequence[Row]:
        """Insert rows with the same columns; return them as they are stored, in the same order."""
        connection = self.writer.connection
        ordered = statement.returning(*table.columns, sort_by_parameter_order=True)
        with suppress(InvalidRequestError):  # the database cannot keep the order of this table's rows
            return connection.execute(ordered, rows).all()
        single = statement.returning(*table.columns)
        return [connection.execute(single, values).one() for values in rows]

    def _fits_many(self, edit: Edit, table: MappedTable) -> bool:
        """Return whether a new row can be inserted with others.

        It still has to have exactly the columns of its source.
        """
        if any(column.nullable for column in table.table.primary_key):
            return False  # as SQLite tells keys; SQLAlchemy then cannot tell which row got which key
        if self._copies_as_stored or edit.key not in self.writer.sources:
            return True
        types = [table.table.c[name].type for name in table.copied]
        return all(isinstance(type_, EXACT) and not isinstance(type_, sa.Enum) for type_ in types)

    @property
    def _copies_as_stored(self) -> bool:
        return self.writer.connection.dialect.name == "sqlite"

    def _given(self, edit: Edit, table: MappedTable, row: Row) -> None:
        key = tuple(row[: len(table.keys.columns)])
        self.rows[table, key] = row
        id = table.keys.id_of(key)
        if id != edit.id:
            self.ids[edit.key] = id

    def _copied(self, edits: Sequence[Edit]) -> dict[EntityKey, dict[str, Any]]:
        """Return the columns that new rows take from the rows whose places they take."""
        wanted: dict[MappedTable, dict[Key, list[EntityKey]]] = {}
        for edit in edits:
            source = self.writer.source_of(edit.key)
            table = self.writer.table_of(edit.after)
            key = None if source is None or not table.copied else table.keys.key_of(source)
            if key is not None and self._fits_many(edit, table):
                wanted.setdefault(table, {}).setdefault(key, []).append(edit.key)
        found: dict[EntityKey, dict[str, Any]] = {}
        for table, keys in wanted.items():
            taken: list[Any] = [table.table.c[name] for name in table.copied]
            if self._copies_as_stored:
                taken = [sa.type_coerce(column, AS_STORED) for column in taken]
            columns = [*table.keys.columns, *taken]
            for row in self._selected(table, columns, list(keys)):
                own = tuple(row[: len(table.keys.columns)])
                values = dict(zip(table.copied, row[len(own) :], strict=True))
                found.update((new, values) for new in keys[own])
        return found

    def _read_back(self, places: Iterable[tuple[MappedTable, Key]]) -> None:
        """Read the columns of updated rows, and of inserted ones that triggers may have changed."""
        wanted: dict[MappedTable, set[Key]] = {}
        for table, key in places:
            wanted.setdefault(table, set()).add(key)
        for table, key in self.rows:
            if table.table.name in self.writer.watched:
                wanted.setdefault(table, set()).add(key)
        for table, keys in wanted.items():
            rows = self._selected(table, table.columns, sorted(keys))
            if len(rows) < len(keys):
                raise Conflict  # another program has removed a row since it was read
            self.rows.update(((table, tuple(row[: len(table.keys.columns)])), row) for row in rows)

    def _selected(self, table: MappedTable, columns: Sequence[Any], keys: Sequence[Key]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(keys), MOST_KEYS):
            chosen = table.by_keys(keys[start : start + MOST_KEYS])
            found += self.writer.connection.execute(sa.select(*columns).where(chosen)).all()
        return found

    def _keep(self, edit: Edit) -> None:
        """Remember the entity for its overlay and its rows in other tables."""
        row: Any = edit.after
        table, key = self._place(row)
        stored = self.rows.get((table, key))
        if stored is None:
            (stored,) = self._selected(table, table.columns, [key])
        own: Any = self._own(row)
        self.writer.keep(table, key, edit.before, own, stored)
