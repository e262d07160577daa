"""Write transactions, locks and some expressions for SQLite and PostgreSQL, and sort their errors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from accountmerge.errors import InvalidValueError
from accountmerge.sql.column_values import INTERVALS

Trouble = Literal["conflict", "lost", "unique", "refused", "read_only", "full", "missing_table", "failed"]
"""Kinds of errors of a database.

`conflict`: another transaction was first, and a later attempt may succeed. `lost`: the connection broke. `unique`: a
unique or exclusion constraint refused a row. `refused`: another constraint did.
"""

SUPPORTED = ("sqlite", "postgresql")


class _AsStored(sa.types.UserDefinedType[Any]):
    """The type of a value that the database gives and takes as it is stored."""

    cache_ok = True


AS_STORED = _AsStored()


def as_stored(connection: sa.Connection, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return the expression for a value that can be written again without any change, as `AS_STORED`.

    PostgreSQL writes each value as text, and reads that text for a column of the same type.
    """
    if connection.dialect.name == "postgresql":
        return sa.cast(column, sa.Text)
    return sa.type_coerce(column, AS_STORED)


class unusual(FunctionElement[bool]):  # noqa: N801 - an SQL function, written as SQLAlchemy's own
    """The condition that text has characters other than visible ASCII."""

    inherit_cache = True
    # Not Boolean, or SQLAlchemy writes `= 1` after it on SQLite, and then the partial index does not match.
    type: sa.types.TypeEngine[Any] = sa.types.NullType()
    name = "unusual"


@compiles(unusual, "sqlite")
def _unusual_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)}) GLOB '*[^!-~]*'"


@compiles(unusual, "postgresql")
def _unusual_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})::text COLLATE \"C\" ~ '[^!-~]'"


class later(FunctionElement[Any]):  # noqa: N801 - as above
    """The sum of a time and a length, from two columns.

    It may be up to a second too early.
    """

    inherit_cache = True
    name = "later"

    def __init__(self, start: sa.ColumnElement[Any], length: sa.ColumnElement[Any], seconds: Decimal) -> None:
        super().__init__(start, length, sa.literal_column(str(seconds)))
        self.type = start.type


@compiles(later, "sqlite")
def _later_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    start, length, seconds = (compiler.process(part, **options) for part in element.clauses)
    if isinstance(list(element.clauses)[1].type, INTERVALS):
        length, seconds = f"strftime('%s', {length})", "1"  # SQLAlchemy stores it as a time after 1970
    # The form in which SQLAlchemy stores times, so that texts compare as times do.
    return f"strftime('%Y-%m-%d %H:%M:%f', {start}, '+' || ({length} * {seconds}) || ' seconds') || '000'"


@compiles(later, "postgresql")
def _later_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    start, length, seconds = element.clauses
    written = compiler.process(length, **options)
    if not isinstance(length.type, INTERVALS):
        written = f"{written} * interval '1 second' * {compiler.process(seconds, **options)}"
    return f"({compiler.process(start, **options)} + {written})"


def require_supported(name: str) -> None:
    """Refuse an engine of another database."""
    if name not in SUPPORTED:
        raise InvalidValueError("not_one_of", of="Store", field="engine", allowed=SUPPORTED)


def dialect_of(target: sa.Engine | sa.Dialect | str) -> sa.Dialect:
    """Return the dialect of an engine, a dialect itself, or that of a database by its name.

    Raises:
        InvalidValueError: It is another database.
    """
    found = target.dialect if isinstance(target, sa.Engine) else target
    require_supported(found if isinstance(found, str) else found.name)
    if isinstance(found, str):
        made: Any = {"sqlite": sqlite, "postgresql": postgresql}[found]
        dialect: sa.Dialect = made.dialect()
        return dialect
    return found


def begin(connection: sa.Connection, *, only_reads: bool) -> None:
    """Begin a transaction on a connection that begins none by itself.

    One that only reads sees the data of one instant. One that writes locks the whole file on SQLite.
    """
    if connection.dialect.name == "sqlite":
        statement = "BEGIN" if only_reads else "BEGIN IMMEDIATE"
    elif only_reads:
        statement = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    else:
        statement = "BEGIN ISOLATION LEVEL READ COMMITTED"
    connection.exec_driver_sql(statement)


def lock_tables(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """Let no other transaction write to tables until this one ends. SQLite has locked the file."""
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.format_table
        names = ", ".join(quote(table) for table in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def upsertion(dialect_name: str, table: sa.Table, keys: Sequence[str]) -> Any:
    """Return the statement that inserts rows, or replaces those with the same keys."""
    dialect: Any = sqlite if dialect_name == "sqlite" else postgresql
    statement = dialect.insert(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed)


_SQLITE: dict[int, Trouble] = {
    sqlite3.SQLITE_BUSY: "conflict",
    sqlite3.SQLITE_LOCKED: "conflict",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CONSTRAINT: "refused",
}
_SQLITE_UNIQUE = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
_POSTGRESQL: dict[str, Trouble] = {
    "40001": "conflict",  # serialization_failure
    "40P01": "conflict",  # deadlock_detected
    "55P03": "conflict",  # lock_not_available
    "23505": "unique",  # unique_violation
    "23P01": "unique",  # exclusion_violation
    "25006": "read_only",  # read_only_sql_transaction
    "53100": "full",  # disk_full
    "42P01": "missing_table",  # undefined_table
    "P0001": "refused",  # raise_exception, in a function of a trigger
}
"""Conditions of a database by its codes (PostgreSQL, appendix A; SQLite, result codes)."""


def trouble_of(error: StatementError) -> Trouble:
    """Return the kind of an error of a database, or of a value that its driver refuses."""
    origin: Any = error.orig
    if isinstance(origin, sqlite3.Error):
        return _sqlite_trouble(origin)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "lost"
    state = getattr(origin, "sqlstate", None)
    if state is None:  # the error is of the driver: the connection broke, or it cannot send a value
        return "lost" if isinstance(error, OperationalError | InterfaceError) else "failed"
    if state[:2] in ("08", "57"):
        return "lost"
    return _POSTGRESQL.get(state) or ("refused" if state[:2] == "23" else "failed")


def _sqlite_trouble(origin: Any) -> Trouble:
    code = getattr(origin, "sqlite_errorcode", None)
    if code is None:
        return "failed"
    if code in _SQLITE_UNIQUE:
        return "unique"
    if code == sqlite3.SQLITE_ERROR and "no such table" in str(origin):
        return "missing_table"
    return _SQLITE.get(code & 0xFF, "failed")


def constraint_of(error: StatementError) -> str:
    """Return the name of the constraint that refused a row; empty if a trigger or a rule did. It has no value of a row.

    The text of a trigger is the caller's, and may have values.
    """
    origin: Any = error.orig
    if isinstance(origin, sqlite3.Error):
        text = str(origin)
        if text == _SQLITE_REFERENCE:
            return "FOREIGN KEY"
        is_own = getattr(origin, "sqlite_errorcode", None) == sqlite3.SQLITE_CONSTRAINT_TRIGGER
        return text.rpartition(": ")[2] if "constraint failed: " in text and not is_own else ""
    told: Any = getattr(origin, "diag", None)
    column = getattr(told, "column_name", None)  # of NOT NULL, which may have no name
    named = getattr(told, "constraint_name", None)
    return str(named or (f"{told.table_name}.{column}" if column else ""))


_SQLITE_REFERENCE = "FOREIGN KEY constraint failed"
"""The text of SQLite for a reference, also of one whose action SQLite carries out as a trigger of its own."""


_QUOTES = '"\u00ab\u00bb\u201c\u201d\u201e'
"""The marks in which servers put a name, in their languages."""


def table_of(error: StatementError) -> str:
    """Return the name of the table that a statement needs and the database lacks, or an empty text."""
    origin: Any = error.orig
    if isinstance(origin, sqlite3.Error):
        return str(origin).rpartition("no such table: ")[2]
    text = str(getattr(getattr(origin, "diag", None), "message_primary", None) or "")
    quoted = re.search(f"[{_QUOTES}]\\s*(.+?)\\s*[{_QUOTES}]", text)
    return quoted[1] if quoted is not None else ""


def in_transaction(connection: sa.Connection) -> bool:
    """Return whether a transaction is open that the driver has begun itself."""
    driver: Any = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        return driver.in_transaction
    return bool(driver.info.transaction_status)


def tables_with_triggers(connection: sa.Connection, prefix: str, *, before: bool = False) -> frozenset[str]:
    """Return the names of tables with triggers that run after a row is written.

    Args:
        connection: The connection.
        prefix: The text with which the names of our triggers begin.
        before: Whether triggers count, too, that run before a row is written. On SQLite they always do.
    """
    if connection.dialect.name == "sqlite":
        query = "SELECT tbl_name, name, 0 FROM sqlite_master WHERE type = 'trigger'"
    else:  # the second bit of the type means before; foreign keys have internal triggers
        query = (
            "SELECT c.relname, t.tgname, t.tgtype & 2 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal"
        )
    rows = connection.exec_driver_sql(query)
    return frozenset(
        table for table, name, is_before in rows if not name.startswith(prefix) and (before or not is_before)
    )
