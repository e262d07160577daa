"""A database with mapped tables, as the conformance kit sees it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

import attrs
import pendulum
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from written_rows import MOST_WRITTEN, Written, emptying

import accountmerge as am
from accountmerge import sql
from accountmerge.model.entities import KIND_OF_NAME, KINDS, EntityName, kind_of
from accountmerge.sql.dialects import constraint_of, trouble_of
from accountmerge.sql.field_bindings import OPTIONAL_LINKS
from accountmerge.sql.writing import Writer
from accountmerge.testing.adapters import Busy, CannotHold, ForeignWrite
from accountmerge.testing.reference.renamed_rows import renamed_row

ORDER: tuple[EntityName, ...] = ("profile", "customer", "appointment", "record", "access", "access_request")
FREED: tuple[EntityName, ...] = ("appointment", "access", "access_request")
"""The kinds whose rows are removed before others are written, so that their numbers and times are free."""
NOW = pendulum.datetime(2026, 3, 2, 9)


class MappedAdapter:
    """A store under test.

    Args:
        engine: The database, with the caller's tables and the added ones.
        mapping: The mapping.
        locks: The way of locking.
        batch: The number of steps in one transaction.
    """

    def __init__(self, engine: sa.Engine, mapping: sql.Mapping, locks: Any = "rows", batch: int = 1) -> None:
        self.engine, self.mapping, self.locks, self.batch = engine, mapping, locks, batch
        self._written: dict[int, Written] = {}
        self.limits = am.Limits(record_kinds=mapping.record_kinds(), overlaps=mapping.overlaps)

    def store(self, now: pendulum.DateTime = NOW) -> sql.Store:
        """Return the store, at some time."""
        return sql.Store(self.engine, self.mapping, locks=self.locks, batch=self.batch, clock=lambda: now)

    @property
    def _tables(self) -> list[sa.Table]:
        """All tables, those that refer to others first."""
        added = self.mapping.tables.added.sorted_tables
        return [*reversed(added), *reversed(self.mapping.metadata.sorted_tables)]

    def seed(self, snapshot: am.Snapshot) -> dict[Any, str]:
        """Write data into empty tables; rules of the tables, and links without a column, may refuse them.

        Data that were written once are written again as the rows that they became, which is much faster.
        """
        known = self._written.get(id(snapshot))
        if known is not None:
            known.restore(self.engine)
            return dict(known.ids)
        try:
            ids = self._seed(snapshot)
        except DBAPIError as error:
            if trouble_of(error) in ("unique", "refused"):
                raise CannotHold(constraint_of(error) or "rule") from None
            raise
        except am.InvalidValueError as error:
            if error.code == "sql_not_our_id":
                raise CannotHold(str(error.facts["column"])) from None
            raise

        if len(self._written) == MOST_WRITTEN:
            self._written.clear()
        self._written[id(snapshot)] = Written.of(self.engine, self._tables, snapshot, ids)
        return ids

    def _seed(self, snapshot: am.Snapshot) -> dict[Any, str]:
        rows: list[Any] = [row for kind in KINDS for row in snapshot.table(kind.collection)]
        rows.sort(key=lambda row: ORDER.index(kind_of(row).name))
        for _, limit in (broken for row in rows for broken in self.limits.violations(row)):
            raise CannotHold(limit)
        ids: dict[Any, str] = {}
        with self._writing() as connection:
            for command in emptying(connection, self._tables):
                connection.exec_driver_sql(command)
            writer = Writer(connection, self.mapping, {}, set())
            for row in rows:
                bare = renamed_row(without_links(row), ids)
                written = writer.write(am.changes.Edit(None, bare))
                ids[kind_of(row).name, row.id] = written.store_id or row.id
            for row in rows:
                full, bare = renamed_row(row, ids), renamed_row(without_links(row), ids)
                if full != bare:
                    writer.write(am.changes.Edit(bare, full))
            writer.flush()
        return ids if self.mapping.gives_ids else {}

    def dump(self) -> am.Snapshot:
        return self.store().snapshot()

    def receipts(self) -> list[Any]:
        return list(self.store().receipts())

    def preflight(self, change_set: am.ChangeSet, *, now: pendulum.DateTime) -> tuple[Any, ...]:
        return self.store(now).check(change_set)

    def apply(self, change_set: am.ChangeSet, *, now: pendulum.DateTime, reach: Any) -> Mapping[int, Any]:
        return self.store(now).apply(change_set, by="a test", on_point=reach).outcomes

    def foreign_write(self, write: ForeignWrite) -> None:
        try:
            with self._writing(waits=False) as connection:
                self._write(connection, write)
        except DBAPIError as error:
            if trouble_of(error) == "conflict":
                raise Busy from None
            raise

    def _write(self, connection: sa.Connection, write: ForeignWrite) -> None:
        """Write as the caller's program does; it knows the added tables, too."""
        data = sql.fetching.Reader(connection, self.mapping.tables)
        found = sql.scopes.whole_snapshot(data, NOW, None, None)
        writer = Writer(connection, self.mapping, {}, data.sided)
        drops = sorted(write.drop, key=lambda key: -ORDER.index(key[0]))
        early = [key for key in drops if key[0] in FREED]
        for name, id in early:
            self._drop(connection, writer, found.table(KIND_OF_NAME[name].collection).get(id))
        for row in sorted(write.put, key=lambda row: ORDER.index(kind_of(row).name)):
            before = found.table(kind_of(row).collection).get(row.id)
            self._wait_for(connection, before)
            writer.write(am.changes.Edit(before, row))
        writer.flush()
        for name, id in drops:
            if (name, id) not in early:
                self._drop(connection, writer, found.table(KIND_OF_NAME[name].collection).get(id))

    def _drop(self, connection: sa.Connection, writer: Writer, gone: Any) -> None:
        if gone is not None:
            self._wait_for(connection, gone)
            writer.write(am.changes.Edit(gone, None))
            writer.remove()

    def _wait_for(self, connection: sa.Connection, row: Any) -> None:
        """Lock a row before it changes, also if only the tables beside it do."""
        if row is None or self.engine.dialect.name == "sqlite":
            return
        table = self.mapping.tables.of(kind_of(row).name, getattr(row, "kind", None))
        key = table.keys.key_of(row.id)
        if key is not None:
            own = table.keys.columns
            connection.execute(sa.select(*own).where(table.by_keys([key])).with_for_update())

    @contextmanager
    def _writing(self, *, waits: bool = True) -> Any:
        with self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {5000 if waits else 0}")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql("BEGIN")
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {5000 if waits else 1}")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            finally:
                if self.engine.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA busy_timeout = 5000")
            connection.exec_driver_sql("COMMIT")

    def reopen(self) -> None:
        """Do no more: each call makes a store anew, and gives its connection back, which ends what is not committed."""

    def close(self) -> None:
        self.engine.dispose()


def without_links(row: Any) -> Any:
    """Return an entity without the references that may be empty."""
    empty: dict[str, Any] = dict.fromkeys(OPTIONAL_LINKS[kind_of(row).name])
    if isinstance(row, am.Customer):
        empty["emails"] = [attrs.evolve(email, login_of=None) for email in row.emails]
    return attrs.evolve(row, **empty)
