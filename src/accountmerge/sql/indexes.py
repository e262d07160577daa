"""The indexes that reading by questions needs."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.changes.questions import EQUALITIES
from accountmerge.sql.bindings import Duration, EmailText, Text, Utc, name_of
from accountmerge.sql.dialects import unusual
from accountmerge.sql.list_bindings import EmailColumns, EmailRows
from accountmerge.sql.mapped_tables import KeyReference, MappedTable

_LONGEST_NAME = 60
"""The most characters of the name of an index; PostgreSQL allows 63 bytes."""


@attrs.frozen(eq=False)
class Wanted:
    """An index that reading needs.

    Attributes:
        table: A copy of the table.
        what: The part of its name after that of the table.
        parts: The columns and expressions.
        where: The condition of a partial index.
    """

    table: sa.Table
    what: str
    parts: tuple[sa.ColumnElement[Any], ...]
    where: sa.ColumnElement[bool] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it has only columns."""
        return self.where is None and all(isinstance(part, sa.Column) for part in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(name_of(part) for part in self.parts if isinstance(part, sa.Column))

    def named(self, prefix: str) -> str:
        """Return its name."""
        name = f"{prefix}{name_of(self.table.name)}_{self.what}"
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 9]}_{digest}"

    def statement(self, prefix: str, dialect: sa.Dialect) -> str:
        """Return the statement that makes it."""
        where: dict[str, Any] = {} if self.where is None else {f"{dialect.name}_where": self.where}
        index = sa.Index(self.named(prefix), *self.parts, **where)
        return str(sa.schema.CreateIndex(index).compile(dialect=dialect)).strip()


def statements(
    tables: Collection[MappedTable], prefix: str, dialect: sa.Dialect, engine: sa.Engine | None
) -> tuple[str, ...]:
    """Return the statements for the indexes that do not exist, each once.

    Args:
        tables: The mapped tables.
        prefix: The text before the name of each index.
        dialect: The database for which they are written.
        engine: The database whose indexes are read. None: only the declared ones count.
    """
    existing = Existing(dialect, engine)
    found: dict[str, None] = {}
    for table in tables:
        for wanted in _of_table(table, dialect):
            if not existing.serves(wanted, prefix):
                found[wanted.statement(prefix, dialect)] = None
    return tuple(found)


def _of_table(table: MappedTable, dialect: sa.Dialect) -> Iterator[Wanted]:
    """Yield the indexes for all questions about a table and the rows that belong to it."""
    copy = table.table.to_metadata(sa.MetaData())
    for rows in table.rows.values():
        child = rows.table.to_metadata(sa.MetaData())
        yield Wanted(child, "owner", tuple(child.c[name] for name in rows.owner))
        if isinstance(rows, EmailRows):
            yield from _mailboxes(child, rows.address)
    for attribute in EQUALITIES[table.kind.name]:
        field = _FIELD_ASKED.get(attribute, attribute)
        binding = table.bindings.get(field)
        if isinstance(binding, EmailText):
            yield from _mailboxes(copy, binding.column)
        elif isinstance(binding, EmailColumns):
            for name, use in binding.uses if attribute == "reserved_mailboxes" else ():
                if use != "secondary":
                    yield from _mailboxes(copy, name)
        elif isinstance(binding, KeyReference | Text):
            yield Wanted(
                copy, field, (*_columns(copy, binding.columns), *_ending(table, copy, field, dialect))
            )


_FIELD_ASKED = {"mailbox": "email", "reserved_mailboxes": "emails"}
"""The field that an attribute of a question is about, if it has another name."""


def _columns(table: sa.Table, names: Iterable[str]) -> tuple[sa.Column[Any], ...]:
    return tuple(table.c[name] for name in names)


def _mailboxes(table: sa.Table, name: str) -> Iterator[Wanted]:
    """Yield the indexes for the condition of `mailbox_condition`."""
    column = table.c[name]
    yield Wanted(table, f"{name}_mailbox", (sa.func.lower(column),))
    yield Wanted(table, f"{name}_unusual", (column,), unusual(column))


def _ending(
    table: MappedTable, copy: sa.Table, field: str, dialect: sa.Dialect
) -> tuple[sa.ColumnElement[Any], ...]:
    """Return the end of a booking, as questions about the bookings of its owner compare it."""
    if table.slot is None or field not in ("profile_id", "customer_id"):
        return ()
    start = copy.c[table.slot.start.column]
    is_fixed = not isinstance(table.slot.end, Duration) or not _depends_on_zone(table, start, dialect)
    return (table.slot.ending(copy) if is_fixed else start,)


def _depends_on_zone(table: MappedTable, start: sa.Column[Any], dialect: sa.Dialect) -> bool:
    """Return whether PostgreSQL allows no index on the end, because it depends on the zone of a session."""
    is_aware = isinstance(start.type, sa.DateTime) and start.type.timezone
    return (
        table.slot is not None
        and isinstance(table.slot.start, Utc)
        and is_aware
        and dialect.name == "postgresql"
    )


class Existing:
    """The indexes that tables have, as they are declared and as the database has them.

    Args:
        dialect: The database.
        engine: The database to read, or None.
    """

    def __init__(self, dialect: sa.Dialect, engine: sa.Engine | None) -> None:
        self._dialect = dialect
        self._inspector = None if engine is None else sa.inspect(engine)
        self._names = set() if engine is None else _names_on_sqlite(engine)

    def serves(self, wanted: Wanted, prefix: str) -> bool:
        """Return whether an index serves the purpose of a wanted one."""
        name = wanted.named(prefix)
        declared = {str(index.name) for index in wanted.table.indexes}
        if name in self._names | declared | {str(index["name"]) for index in self._indexes(wanted.table)}:
            return True
        if wanted.is_plain:
            return any(each[: len(wanted.names)] == wanted.names for each in self._columns(wanted.table))
        own = [self._text(part) for part in wanted.parts]
        return any(own == self._texts(index) for index in wanted.table.indexes if wanted.where is None)

    def _columns(self, table: sa.Table) -> Iterator[tuple[str, ...]]:
        """Yield the columns of each index, key and unique constraint."""
        yield tuple(map(name_of, table.primary_key))
        yield from ((name_of(column),) for column in table.c if column.unique or column.index)
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint):
                yield tuple(map(name_of, constraint.columns))
        for index in table.indexes:
            plain = [part for part in index.expressions if isinstance(part, sa.Column)]
            if len(plain) == len(index.expressions) and not _is_partial(index):
                yield tuple(map(name_of, plain))
        if self._inspector is not None and self._inspector.has_table(table.name, schema=table.schema):
            key = self._inspector.get_pk_constraint(table.name, schema=table.schema)
            yield tuple(key["constrained_columns"])
            for unique in self._inspector.get_unique_constraints(table.name, schema=table.schema):
                yield tuple(unique["column_names"])
        for index in self._indexes(table):
            options = index.get("dialect_options", {})
            if None not in index["column_names"] and not any(name.endswith("_where") for name in options):
                yield tuple(index["column_names"])

    def _indexes(self, table: sa.Table) -> list[Any]:
        if self._inspector is None or not self._inspector.has_table(table.name, schema=table.schema):
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # SQLite does not tell expressions
            return list(self._inspector.get_indexes(table.name, schema=table.schema))

    def _text(self, part: Any) -> str:
        options = {"literal_binds": True, "include_table": False}
        return str(part.compile(dialect=self._dialect, compile_kwargs=options))

    def _texts(self, index: sa.Index) -> list[str]:
        return [] if _is_partial(index) else [self._text(part) for part in index.expressions]


def _is_partial(index: sa.Index) -> bool:
    return any(index.dialect_options[name].get("where") is not None for name in ("sqlite", "postgresql"))


def _names_on_sqlite(engine: sa.Engine) -> set[str]:
    """Return the names of all indexes on SQLite, with those on expressions, which the inspector leaves out."""
    if engine.dialect.name != "sqlite":
        return set()
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'index'")
        return {str(name) for (name,) in rows}
