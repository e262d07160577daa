"""Write edits to mapped tables, and what their columns do not hold to the tables beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.changes.commands import Conflict
from accountmerge.changes.edits import Edit
from accountmerge.changes.edits import Key as EntityKey
from accountmerge.changes.receipts import WrittenEntity
from accountmerge.errors import InvalidValueError
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import Entity, kind_of
from accountmerge.model.records import Record
from accountmerge.sql import dialects
from accountmerge.sql.bindings import UnmappedValue, Version
from accountmerge.sql.dialects import AS_STORED
from accountmerge.sql.keys import Key, has_keys
from accountmerge.sql.list_rows import NEW, ListWriter
from accountmerge.sql.mapped_tables import MOST_KEYS, MappedTable
from accountmerge.sql.mapping import Mapping as SqlMapping
from accountmerge.sql.overlays import overlay_of, text_of
from accountmerge.sql.side_tables import Side, key_name, login_name

OWN = "accountmerge_own_"
"""The text before the names of parameters for keys."""


@attrs.frozen(eq=False)
class _Written:
    """A written entity.

    Attributes:
        key: The key of its row.
        wanted: The entity.
        stored: The columns of its row as they are stored.
        said: The entity as these columns say it, if that is known and no rows of other tables belong to it.
    """

    key: Key
    wanted: Entity
    stored: Sequence[Any]
    said: Entity | None


@attrs.frozen(eq=False)
class Writer:
    """The writer of one transaction.

    Attributes:
        connection: The connection.
        mapping: The mapping.
        sources: For the id of a new entity in the plan, the kind and the id of the row whose place it takes.
        sided: The ids of entities that have a row in a side table already.
        watched: The names of tables whose rows may change after they are written, because of triggers.
        changing: The names of tables with any triggers. One may empty a cancelled booking, whose columns a new one takes.
        told: The ids that the database gave, by the kind and the planned id, as receipts have them.
        related: The customers of a merge or of its undo, whose addresses and phones move between them.
    """

    connection: sa.Connection
    mapping: SqlMapping
    sources: Mapping[EntityKey, str]
    sided: set[str]
    watched: frozenset[str] = frozenset()
    changing: frozenset[str] = frozenset()
    told: Mapping[EntityKey, str] = MappingProxyType({})
    related: frozenset[str] = frozenset()
    _rows: dict[tuple[MappedTable, Key], Sequence[Any]] = attrs.field(factory=dict, init=False)
    _saved: dict[tuple[MappedTable, Key], dict[str, Any]] = attrs.field(factory=dict, init=False)
    _sides: dict[tuple[MappedTable, Key], _Written] = attrs.field(factory=dict, init=False)
    _gone: dict[tuple[MappedTable, Key], None] = attrs.field(factory=dict, init=False)
    _lists: ListWriter = attrs.field(init=False)

    @_lists.default
    def _list_writer(self) -> ListWriter:
        return ListWriter(self.connection, self.related)

    def write(self, edit: Edit, *, again: bool = False) -> WrittenEntity:
        """Write an edit, and return what the database gave to its row.

        Rows of other tables that belong to it, and its overlay, are written by `flush`; rows go with `remove`.

        Args:
            edit: The edit.
            again: Whether a later edit of the step is of the same row. Then one that changes no column is left out.
        """
        row: Any = edit.after if edit.after is not None else edit.before
        table = self.table_of(row)
        if edit.after is None:
            self._gone[table, self.key_of(table, edit.id)] = None
            return WrittenEntity(entity=edit.entity, id=edit.id)
        if edit.before is None:
            stored = self.insert(table, edit)
            key = tuple(stored[: len(table.keys.columns)])
        else:
            key = self.key_of(table, edit.id)
            values = self.changed_values(table, edit)
            is_same = values.keys() <= _counters(table)
            if again and is_same:
                return WrittenEntity(entity=edit.entity, id=edit.id)
            self._save(table, key, edit)
            known = self._rows.get((table, key)) if is_same else None
            stored = self._update(table, key, values) if known is None else known
        if table.table.name in self.watched and stored is not self._rows.get((table, key)):
            stored = self._stored(table, key)
        self._rows[table, key] = stored
        said = self._as_columns_say(table, stored, edit.id)
        self.keep(table, key, edit.before, edit.after, stored, said)
        own = self.mapping.gives_ids and edit.before is None
        return WrittenEntity(
            entity=edit.entity,
            id=edit.id,
            store_id=said.id if own else None,
            number=getattr(said, "number", None),
            version=said.version,
        )

    def keep(
        self,
        table: MappedTable,
        key: Key,
        before: Entity | None,
        after: Entity,
        stored: Sequence[Any],
        said: Entity | None = None,
    ) -> None:
        """Remember a written entity, for its rows in other tables and its overlay.

        Args:
            table: Its table.
            key: Its key.
            before: The entity before; None if it is new.
            after: The entity.
            stored: The columns of its row as they are stored.
            said: The entity as these columns say it, if it is known.
        """
        if table.rows:
            self._lists.keep(table, key, before, after)
        if table.side is not None:
            self._sides[table, key] = _Written(key, after, stored, None if table.rows else said)

    def table_of(self, row: Any) -> MappedTable:
        """Return the table of an entity."""
        return self.mapping.tables.of(kind_of(row).name, row.kind if isinstance(row, Record) else None)

    @staticmethod
    def key_of(table: MappedTable, id: str) -> Key:
        """Return the key of the row with an id; refuse an id that no row can have."""
        key = table.keys.key_of(id)
        if key is None:
            raise InvalidValueError("sql_not_our_id", table=table.table.name, column=table.keys.names[0])
        return key

    def insert(self, table: MappedTable, edit: Edit) -> Sequence[Any]:
        """Insert a row; return its columns as they are stored, the key first."""
        values = self.new_values(table, edit)
        row = self._copy(table, self.source_of(edit.key), values)
        return row if row is not None else self._returned(self._insertion(table, values), parameters(values))

    def source_of(self, key: EntityKey) -> str | None:
        """Return the id in the database of the row whose place a new one takes. None if there is none."""
        source = self.sources.get(key)
        return None if source is None else self.told.get((key[0], source), source)

    def new_values(self, table: MappedTable, edit: Edit) -> dict[str, Any]:
        """Return the values of the columns of a new row, some of them as expressions."""
        entity: Any = edit.after
        values = {name: value for name, value in table.values_of(entity).items() if value is not None}
        values |= table.new_values
        if not self.mapping.gives_ids:
            values |= dict(zip(table.keys.names, self.key_of(table, edit.id), strict=True))
        number = table.bindings.get("number")
        if number is not None and entity.number is not None:
            values |= number.values(table.table, entity.number)
        elif number is not None and table.new_number is not None:
            values[number.columns[0]] = table.new_number
        return values | self._referred(table, entity)

    @staticmethod
    def _referred(table: MappedTable, entity: Entity) -> dict[str, Any]:
        """Return the columns that a new row takes from rows to which it refers, as expressions."""
        found = {}
        for name, column in table.copied_from.items():
            field, keys = table.reference_to(column.table)
            id = getattr(entity, field)
            key = None if id is None else keys.key_of(id)
            if key is not None:
                found[name] = sa.select(column).where(has_keys(keys.columns, [key])).scalar_subquery()
        return found

    def _copy(
        self, table: MappedTable, source: str | None, values: Mapping[str, Any]
    ) -> Sequence[Any] | None:
        """Insert a row that takes its other columns from another row. None if there is no such row."""
        key = None if source is None else table.keys.key_of(source)
        copied = [name for name in table.copied if name not in values]
        if key is None or not copied:
            return None
        saved = self._saved.get((table, key))
        if saved is not None:
            taken = {name: sa.bindparam(NEW + name, type_=AS_STORED) for name in copied}
            insertion = sa.insert(table.table).values({**given(table, values), **taken})
            stored = {NEW + name: saved[name] for name in copied}
            return self._returned(insertion.returning(*table.columns), {**parameters(values), **stored})

        def made() -> Any:
            chosen = sa.select(*given(table, values).values(), *(table.table.c[name] for name in copied))
            source = chosen.where(table.with_key(OWN))
            return sa.insert(table.table).from_select([*values, *copied], source).returning(*table.columns)

        statement = self._prepared("copy", table, values, made)
        return self.connection.execute(
            statement, {**parameters(values), **table.key_parameters(OWN, key)}
        ).first()

    def _save(self, table: MappedTable, key: Key, edit: Edit) -> None:
        """Read the columns that a new booking takes from a row, before a trigger may change that row."""
        row = edit.before
        if table.table.name not in self.changing or not isinstance(row, Appointment) or not row.is_live:
            return
        if table.copied and self.sources and (table, key) not in self._saved:
            columns = [dialects.as_stored(self.connection, table.table.c[name]) for name in table.copied]
            found = self.connection.execute(sa.select(*columns).where(table.by_keys([key]))).first()
            if found is not None:
                self._saved[table, key] = dict(zip(table.copied, found, strict=True))

    def _insertion(self, table: MappedTable, values: Mapping[str, Any]) -> Any:
        def made() -> Any:
            return sa.insert(table.table).values(given(table, values)).returning(*table.columns)

        return self._prepared("insert", table, values, made)

    def _prepared(
        self, purpose: str, table: MappedTable, values: Mapping[str, Any], made: Callable[[], Any]
    ) -> Any:
        """Return a statement, which is made only once if its values are parameters."""
        if len(parameters(values)) < len(values):
            return made()
        return self.mapping.tables.prepared((table, purpose, tuple(values)), made)

    @staticmethod
    def changed_values(table: MappedTable, edit: Edit) -> dict[str, Any]:
        """Return the values of the columns of the fields that an edit changes."""
        before, after = edit.before, edit.after
        if before is None or after is None:
            return {}
        names = (field.name for field in attrs.fields(type(after)))
        return table.values_of(
            after, [name for name in names if getattr(before, name) != getattr(after, name)]
        )

    def _update(self, table: MappedTable, key: Key, values: Mapping[str, Any]) -> Sequence[Any]:
        """Update columns; return the columns as they are stored."""
        if not values:
            return self._stored(table, key)

        def made() -> Any:
            own = table.with_key(OWN)
            return sa.update(table.table).where(own).values(given(table, values)).returning(*table.columns)

        statement = self._prepared("update", table, values, made)
        return self._returned(statement, {**parameters(values), **table.key_parameters(OWN, key)})

    def _returned(self, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        row = self.connection.execute(statement, dict(values)).first()
        if row is None:
            raise Conflict  # another program has removed the row since it was read
        return row

    def _stored(self, table: MappedTable, key: Key) -> Sequence[Any]:
        row = self.connection.execute(sa.select(*table.columns).where(table.by_keys([key]))).first()
        if row is None:
            raise Conflict
        return row

    @staticmethod
    def _as_columns_say(
        table: MappedTable, row: Sequence[Any], id: str, lists: Mapping[str, Any] = MappingProxyType({})
    ) -> Entity:
        """Return a written entity as its columns, and rows of other tables, say it, without any overlay."""
        try:
            return table.read(row, lists, None, {})
        except (UnmappedValue, InvalidValueError):
            raise InvalidValueError("sql_not_read_back", table=table.table.name, id=id) from None

    def _delete(self, table: MappedTable, key: Key) -> None:
        self._sides.pop((table, key), None)
        self._lists.remove(table, key)
        if table.side is not None:
            own = list(table.side.table.primary_key)
            self.connection.execute(sa.delete(table.side.table).where(has_keys(own, [key])))
        self.connection.execute(sa.delete(table.table).where(table.by_keys([key])))

    def remove(self) -> None:
        """Remove the rows of all entities that were removed since the last call."""
        gone = list(self._gone)
        self._gone.clear()
        for table, key in gone:
            self._delete(table, key)

    def flush(self) -> None:
        """Write the lists and the overlays of entities that were written since the last call."""
        self._rows.clear()
        self._saved.clear()
        self._lists.flush()
        by_table: dict[MappedTable, list[_Written]] = {}
        for (table, _), written in self._sides.items():
            by_table.setdefault(table, []).append(written)
        self._sides.clear()
        for table, rows in by_table.items():
            self._flush_table(table, list(self._read_back(table, rows)))

    def _read_back(
        self, table: MappedTable, written: Sequence[_Written]
    ) -> Iterator[tuple[Key, Entity, Entity]]:
        """Yield each written entity with its key, and as the caller's tables have it."""
        for start in range(0, len(written), MOST_KEYS):
            part = written[start : start + MOST_KEYS]
            broken: dict[Key, UnmappedValue] = {}
            lists = table.lists(self.connection, [row.stored for row in part], broken)
            for row in part:
                key, wanted, said = row.key, row.wanted, row.said
                if key in broken:
                    raise InvalidValueError("sql_not_read_back", table=table.table.name, id=wanted.id)
                if said is None:
                    said = self._as_columns_say(table, row.stored, wanted.id, lists.get(key, {}))
                yield key, wanted, said

    def _flush_table(self, table: MappedTable, written: Iterable[tuple[Key, Entity, Entity]]) -> None:
        side = table.side
        if side is None:
            return
        rows, customers = [], []
        given = {"id", "version", *(field for field, _, _ in side.links)}
        given.update(field for field in table.kind.store_given if field in table.bindings)
        key_names = side.key_names
        for key, wanted, said in written:
            overlay = overlay_of(wanted, said, given)
            row: dict[str, Any] = dict(zip(key_names, key, strict=True))
            row["overlay"] = text_of(overlay)
            for field, target, columns in side.links:
                link = getattr(wanted, field)
                linked_key = None if link is None else target.key_of(link)
                for place, column in enumerate(columns):
                    row[column.name] = None if linked_key is None else linked_key[place]
            is_empty = all(row[name] is None for name in row if name not in key_names)
            if is_empty and said.id not in self.sided:
                continue
            rows.append(row)
            self.sided.add(said.id)
            if isinstance(wanted, Customer):
                customers.append((key, wanted if "emails" in overlay else None))
        if rows:
            self._upsert(side, rows)
        if customers:
            self._write_emails(customers)

    @staticmethod
    def _login(table: MappedTable, id: str | None) -> dict[str, Any]:
        """Return the columns with the key of the customer that signed in with an address."""
        names = [login_name(name) for name in table.keys.names]
        key = None if id is None else table.keys.key_of(id)
        return dict(zip(names, key or (None,) * len(names), strict=True))

    def _upsert(self, side: Side, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows of a side table, or replace those with the same keys."""
        name = self.connection.dialect.name
        statement = self.mapping.tables.prepared(
            (side, name), lambda: dialects.upsertion(name, side.table, side.key_names)
        )
        self.connection.execute(statement, rows)

    def _write_emails(self, customers: Sequence[tuple[Key, Customer | None]]) -> None:
        """Write the addresses in overlays, for searches by mailbox."""
        emails = self.mapping.tables.journal.emails
        table = self.mapping.tables.of("customer")
        own = [emails.c[key_name(name)] for name in table.keys.names]
        self.connection.execute(sa.delete(emails).where(has_keys(own, [key for key, _ in customers])))
        rows = [
            {
                **dict(zip((column.name for column in own), key, strict=True)),
                "mailbox": email.address.mailbox,
                "login_of": email.login_of,
                **self._login(table, email.login_of),
            }
            for key, customer in customers
            for email in (customer.emails if customer is not None else ())
        ]
        if rows:
            self.connection.execute(sa.insert(emails), rows)


def _counters(table: MappedTable) -> set[str]:
    """Return the columns that count writes."""
    version = table.bindings.get("version")
    return set(version.columns) if isinstance(version, Version) else set()


def given(table: MappedTable, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the expressions for values of columns. Expressions stay, and others become parameters."""
    return {
        name: value
        if isinstance(value, sa.ClauseElement)
        else sa.bindparam(NEW + name, type_=table.table.c[name].type)
        for name, value in values.items()
    }


def parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the parameters that `_given` makes."""
    return {NEW + name: value for name, value in values.items() if not isinstance(value, sa.ClauseElement)}
