"""A log of the statements of one connection, and the rules that a database verifies at a commit."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from accountmerge.sql.built_tables import Tables
from accountmerge.sql.rehearsals import RowChanges
from accountmerge.sql.table_contents import Content, count_of


class StatementLog:
    """The number of the statements of a connection, and of the rows that they write.

    Attributes:
        count: The number of statements.
        table: The table of the latest statement that writes; None if there was none.
        tables: The names of all tables that were written.
        paused_seconds: How long the log was paused.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self.count = 0
        self.paused_seconds = 0.0
        self.table: sa.Table | None = None
        self.tables: set[str] = set()
        self._connection = connection
        self._rows: Counter[tuple[str, str]] = Counter()
        self._now: dict[str, bool] = {}
        self._is_paused = False
        sa.event.listen(connection, "before_cursor_execute", self._counted)
        sa.event.listen(connection, "before_execute", self._started)
        sa.event.listen(connection, "after_execute", self._ended)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Log no statement within."""
        self._is_paused, since = True, time.monotonic()
        try:
            yield
        finally:
            self._is_paused = False
            self.paused_seconds += time.monotonic() - since

    def _counted(self, *_: object) -> None:
        self.count += not self._is_paused

    def _started(self, _: object, statement: Any, *__: object) -> None:
        if isinstance(statement, sa.UpdateBase) and not self._is_paused:
            self.table = getattr(statement, "table", None)

    def _ended(self, _: object, statement: Any, rows: Sequence[Any], *rest: Any) -> None:
        """Count the rows of a statement. One that returns its row writes exactly that one."""
        if self._is_paused or not isinstance(statement, sa.UpdateBase):
            return
        result, table = rest[-1], self.table
        if table is None:
            return
        if isinstance(statement, sa.Insert):
            kind, count = "inserted", max(len(rows), 1)
        elif isinstance(statement, sa.Update):
            kind, count = "updated", 1 if result.returns_rows else result.rowcount
        else:
            kind, count = "deleted", result.rowcount
        self.tables.add(table.fullname)
        self._now[table.fullname] = self._now.get(table.fullname, False) or kind == "deleted"
        self._rows[table.fullname, kind] += count

    def written_now(self) -> dict[str, bool]:
        """Return the tables that were written since the last call, and whether rows of them were deleted."""
        found, self._now = self._now, {}
        return found

    def counts(self, tables: Iterable[sa.Table]) -> dict[sa.Table, int]:
        """Return the number of rows of tables."""
        return {table: count_of(self._connection, table) for table in tables}

    def changes(self, tables: Tables, before: Mapping[str, Content]) -> tuple[RowChanges, ...]:
        """Return the rows that were written, by table.

        One statement inserts or replaces a row of a table of overlays. The difference between the numbers of its rows after
        and before is the number of new ones.
        """
        sides = {
            table.side.table.fullname: table.side.table for table in tables.mapped if table.side is not None
        }
        found = []
        for name in sorted(self.tables):
            inserted, updated, deleted = (
                self._rows[name, kind] for kind in ("inserted", "updated", "deleted")
            )
            if name in sides:
                new = count_of(self._connection, sides[name]) - before[name].count + deleted
                inserted, updated = new, updated + inserted - new
            changes = RowChanges(table=name, inserted=inserted, updated=updated, deleted=deleted)
            if changes != RowChanges(table=name):
                found.append(changes)
        return tuple(found)


class DeferredRules:
    """The rules that a database verifies at a commit, for a transaction that is not committed.

    Args:
        connection: The connection, before the first row is written.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._is_postgresql = connection.dialect.name == "postgresql"
        self._deferred = _deferred(connection) if self._is_postgresql else ""
        has_keys = not self._is_postgresql and connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
        self._broken = self._without_target(()) if has_keys else None

    def broken(self, written: Mapping[str, bool]) -> str | None:
        """Return the table of a row that SQLite would refuse, or None. PostgreSQL raises its own error.

        On SQLite with foreign keys, each table that was written is searched, and all tables if rows were deleted.

        Args:
            written: The tables that were written since the last call, and whether rows of them were deleted.
        """
        if self._is_postgresql:
            self._connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
            if self._deferred:
                self._connection.exec_driver_sql(f"SET CONSTRAINTS {self._deferred} DEFERRED")
            return None
        if self._broken is None or not written:
            return None
        new = self._without_target(() if any(written.values()) else written) - self._broken
        return min((str(row[0]) for row in new), default=None)

    def _without_target(self, tables: Iterable[str]) -> set[tuple[Any, ...]]:
        """Return the references without a target in some tables of SQLite, or in all."""
        quote = self._connection.dialect.identifier_preparer.quote_identifier
        statements = [f"PRAGMA foreign_key_check({quote(name)})" for name in tables]
        return {
            tuple(row)
            for statement in statements or ["PRAGMA foreign_key_check"]
            for row in self._connection.exec_driver_sql(statement)
        }


def _deferred(connection: sa.Connection) -> str:
    """Return the quoted names of the constraints that PostgreSQL verifies at a commit."""
    statement = (
        "SELECT DISTINCT space.nspname, rule.conname FROM pg_constraint rule"
        " JOIN pg_namespace space ON space.oid = rule.connamespace WHERE rule.condeferred ORDER BY 1, 2"
    )
    quote = connection.dialect.identifier_preparer.quote_identifier
    return ", ".join(f"{quote(space)}.{quote(name)}" for space, name in connection.exec_driver_sql(statement))
