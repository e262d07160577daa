"""Rows that were written once, and are written again in one message to the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

import accountmerge as am

MOST_WRITTEN = 40
"""The most snapshots whose rows are kept."""


@attrs.frozen
class Written:
    """The rows of all tables after a snapshot was written.

    Attributes:
        snapshot: The snapshot.
        ids: The ids that the database gave, by kind and planned id.
        emptying: The commands that remove all rows.
        filling: For each table with rows, the command that writes them, and on SQLite the rows.
    """

    snapshot: am.Snapshot
    ids: dict[Any, str]
    emptying: tuple[str, ...]
    filling: tuple[tuple[str, list[Any]], ...]

    @classmethod
    def of(
        cls, engine: sa.Engine, tables: Sequence[sa.Table], snapshot: am.Snapshot, ids: dict[Any, str]
    ) -> Written:
        """Read the rows of tables, of which those that refer to others stand first."""
        with engine.connect() as connection:
            commands = tuple(emptying(connection, tables))
            read = _of_sqlite if engine.dialect.name == "sqlite" else _of_postgresql
            return cls(snapshot, ids, commands, tuple(read(connection, tables[::-1])))

    def restore(self, engine: sa.Engine) -> None:
        """Remove all rows, and write these."""
        with engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = connection.connection.driver_connection
            if engine.dialect.name == "postgresql":
                commands = [*self.emptying, *(command for command, _ in self.filling)]
                driver.execute("; ".join(["BEGIN", *commands, "COMMIT"]), prepare=False)
                return
            driver.execute("BEGIN IMMEDIATE")
            for command in self.emptying:
                driver.execute(command)
            for command, rows in self.filling:
                driver.executemany(command, rows)
            driver.execute("COMMIT")


def emptied(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Remove all rows of tables in the transaction of a connection, with one message to a server."""
    quote = connection.dialect.identifier_preparer.format_table
    commands = [f"DELETE FROM {quote(table)}" for table in tables]  # noqa: S608
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        driver.execute("; ".join(commands), prepare=False)
        return
    for command in commands:
        connection.exec_driver_sql(command)


def emptying(connection: sa.Connection, tables: Sequence[sa.Table]) -> Iterator[str]:
    """Yield the commands that remove all rows; keys are counted from 1 again. Triggers see each row go."""
    quote = connection.dialect.identifier_preparer.format_table
    for table in tables:
        yield f"DELETE FROM {quote(table)}"  # noqa: S608
    if connection.dialect.name == "postgresql":
        counted = [
            f"setval({sequence}, 1, false)" for table in tables for sequence in _sequence(connection, table)
        ]
        if counted:
            yield f"SELECT {', '.join(counted)}"
    elif connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").first():
        yield "DELETE FROM sqlite_sequence"


def _sequence(connection: sa.Connection, table: sa.Table) -> Iterator[str]:
    """Yield the sequence that counts the keys of a table, if there is one."""
    column = table.autoincrement_column
    if column is not None:
        name = connection.dialect.identifier_preparer.format_table(table)
        yield f"pg_get_serial_sequence('{name}', '{column.name}')"


def _columns(connection: sa.Connection, table: sa.Table) -> str:
    """Return the columns of a table, without computed ones."""
    quote = connection.dialect.identifier_preparer.quote
    return ", ".join(quote(column.name) for column in table.c if column.computed is None)


def _of_sqlite(connection: sa.Connection, tables: Sequence[sa.Table]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the commands that write rows, and the rows as they are stored."""
    driver: Any = connection.connection.driver_connection
    for table in tables:
        name, columns = (
            connection.dialect.identifier_preparer.format_table(table),
            _columns(connection, table),
        )
        rows = driver.execute(f"SELECT {columns} FROM {name}").fetchall()  # noqa: S608
        if rows:
            places = ", ".join("?" * len(rows[0]))
            yield f"INSERT INTO {name} ({columns}) VALUES ({places})", rows  # noqa: S608


def _of_postgresql(connection: sa.Connection, tables: Sequence[sa.Table]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the commands that write rows, and let the database give keys after theirs."""
    for table in tables:
        name, columns = (
            connection.dialect.identifier_preparer.format_table(table),
            _columns(connection, table),
        )
        chosen = f"SELECT json_agg(own)::text FROM (SELECT {columns} FROM {name}) own"  # noqa: S608
        stored = connection.exec_driver_sql(chosen).scalar()
        if stored is not None:
            text = stored.replace("'", "''")
            kind = (
                name if table.schema else f"public.{name}"
            )  # there is a type with the name `record` elsewhere
            rows = f"SELECT {columns} FROM json_populate_recordset(NULL::{kind}, '{text}')"  # noqa: S608
            command = f"INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE {rows}"
            yield command, []
            for sequence in _sequence(connection, table):
                key = table.autoincrement_column
                assert key is not None
                yield f"SELECT setval({sequence}, max({key.name})) FROM {name}", []  # noqa: S608
