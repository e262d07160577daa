"""A durable store on SQLite, to which an `Applier` writes: a file to copy, with `sqlite_driver.py`.

- A step is written whole or not at all: it is one transaction, with its receipt.
- A transaction locks the file before it reads, so no write of another program is overwritten.
- A commit waits for the disk, so it outlives the process and the machine.
- Only the rows that a step needs are read, by an index over the values that questions name.

    store = SqliteStore("practice.db")
    store.seed(snapshot)
    store.apply(plan.confirm(by="Ana Duarte", at=now), now=now)
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import attrs
from sqlite_driver import NOTES, Driver, receipts_of

import accountmerge as am
from accountmerge import changes

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    from accountmerge.testing.adapters import ForeignWrite

TABLES = """
CREATE TABLE IF NOT EXISTS entity (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lookup (kind TEXT, name TEXT, value TEXT, start TEXT, until TEXT, id TEXT);
CREATE INDEX IF NOT EXISTS lookup_value ON lookup (kind, name, value, until);
CREATE INDEX IF NOT EXISTS lookup_id ON lookup (kind, id);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
"""
KINDS: dict[Any, tuple[Any, str]] = {
    "profile": ("profiles", "succeeded_by practitioner_id mailbox"),
    "customer": ("customers", "merged_into reserved_mailboxes former_logins"),
    "appointment": ("appointments", "profile_id customer_id replaces replaced_by number"),
    "record": ("records", "customer_id related_customer_id profile_id attached_to"),
    "access": ("access", "profile_id customer_id"),
    "access_request": ("access_requests", "profile_id customer_id"),
}
"""The collection of each kind, and the attributes that a question may name."""
FIRST_NUMBER = 9_000_001
"""The first appointment number that the store gives by itself."""
WAIT = 5
"""The number of seconds for which a transaction waits for another one."""
ANY_TIME = datetime.fromtimestamp(0, UTC)
ROWS = "SELECT kind, body FROM entity"
BY_ID = f"{ROWS} WHERE kind = ? AND id = ?"
BY_VALUE = f"{ROWS} JOIN lookup USING (kind, id) WHERE kind = ? AND name = ? AND value = ?"
BY_RANGE = f"{BY_VALUE} AND until > ? AND start < ?"


class SqliteStore:
    """A store in one file, shared by threads and processes. It opens a connection for each call."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        with closing(sqlite3.connect(path, timeout=WAIT)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # readers do not wait for a writer
            connection.executescript(TABLES + NOTES)

    def seed(self, snapshot: am.Snapshot) -> None:
        """Empty the store and fill it with a snapshot."""
        with self._transaction() as connection:
            for table in ("entity", "lookup", "receipt", "outbox", "counter"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand a line above
            versions = [0]
            for kind, (name, _) in KINDS.items():
                for row in snapshot.table(name):
                    _put(connection, kind, row)
                    versions += [row.version] if isinstance(row.version, int) else []
            counters = [("version", max(versions)), ("number", FIRST_NUMBER - 1)]
            connection.executemany("INSERT INTO counter VALUES (?, ?)", counters)

    def dump(self) -> am.Snapshot:
        """Read all data of the store."""
        with self._transaction("BEGIN") as connection:
            query = f"{ROWS} WHERE kind = ?"
            tables = {name: _entities(connection, query, kind) for kind, (name, _) in KINDS.items()}
            return am.Snapshot(ANY_TIME, **cast("Any", tables))

    def preflight(self, change_set: am.ChangeSet, *, now: datetime) -> tuple[changes.Failure, ...]:
        """Return every reason not to apply a change set; write no row."""
        with self._transaction("BEGIN") as connection:
            receipts = receipts_of(connection, (change_set.plan_id,))
            reading = changes.reading(change_set, receipts=receipts, taken_at=now)
            try:
                questions = next(reading)
                while True:
                    questions = reading.send(_found(connection, questions))
            except StopIteration as end:
                return am.check(end.value, change_set, receipts)

    def apply(
        self, change_set: am.ChangeSet, *, now: datetime, reach: Callable[[str], object] = lambda _: None
    ) -> Mapping[int, Any]:
        """Apply the remaining steps of a change set, and return the outcome of each.

        `now` is the time on the clock of the store. Tests stop the process, or write, in `reach`.
        """
        applier = changes.Applier(changes.compiled(change_set), by="sqlite_store")
        with closing(self._connection(WAIT)) as connection:
            read, write = partial(_found, connection), partial(_written, connection)
            return Driver(connection, read, write, now, reach=reach).run(applier).outcomes

    def reopen(self) -> None:
        """Start again: no data are kept between two calls."""

    def foreign_write(self, write: ForeignWrite) -> None:
        """Write as another program does, or raise `BlockingIOError` if a transaction locks the store."""
        with self._transaction(timeout=0) as connection:
            for kind, id in write.drop:
                _drop(connection, kind, id)
            for row in write.put:
                _written(connection, changes.Edit(None, row))

    def close(self) -> None:
        """Release everything: no connection is open."""

    def _connection(self, timeout: float) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=timeout, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
        return connection

    @contextmanager
    def _transaction(
        self, begin: str = "BEGIN IMMEDIATE", *, timeout: float = WAIT
    ) -> Iterator[sqlite3.Connection]:
        """Commit the work inside, or none of it if an error is raised."""
        with closing(self._connection(timeout)) as connection:
            try:
                connection.execute(begin)
            except sqlite3.OperationalError as locked:
                raise BlockingIOError(str(locked)) from locked
            with connection:
                yield connection


def _found(connection: sqlite3.Connection, questions: changes.Questions) -> list[Any]:
    """Read the rows that answer questions."""
    asked: list[tuple[str, ...]] = [(BY_ID, kind, id) for kind, ids in questions.ids for id in ids]
    for each in questions.equalities:
        asked += [(BY_VALUE, each.entity, each.attribute, value) for value in each.values]
    asked += [(BY_VALUE, "access", "pair", json.dumps(pair)) for pair in questions.access]
    for booked in questions.bookings:
        end = "no end" if booked.end is None else booked.end.isoformat()  # letters sort after digits
        asked += [(BY_RANGE, "appointment", booked.field, booked.id, booked.start.isoformat(), end)]
    return [row for query, *values in asked for row in _entities(connection, query, *values)]


def _entities(connection: sqlite3.Connection, query: str, *values: str) -> list[Any]:
    rows = connection.execute(query, values)
    return [am.documents.entity_from_json(kind, json.loads(body)) for kind, body in rows]


def _written(connection: sqlite3.Connection, edit: changes.Edit) -> changes.WrittenEntity:
    """Write one edit. A new booking gets a number, and each row a new version."""
    kind, row, given = edit.entity, cast("Any", edit.after), {}
    is_new = not _entities(connection, BY_ID, kind, edit.id)
    _drop(connection, kind, edit.id)
    if row is not None:
        given["version"] = _next(connection, "version")
        if kind == "appointment" and is_new and row.number is None:
            given["number"] = _free_number(connection)
        _put(connection, kind, attrs.evolve(row, **given))
    return changes.WrittenEntity(entity=kind, id=edit.id, **given)


def _put(connection: sqlite3.Connection, kind: str, row: Any) -> None:
    """Insert a row, and the values by which questions look it up."""
    body = json.dumps(am.documents.entity_to_json(row))
    connection.execute("INSERT INTO entity VALUES (?, ?, ?)", (kind, row.id, body))
    found = {name: getattr(row, name) for name in KINDS[kind][1].split()}
    if kind == "access":
        found["pair"] = json.dumps([row.profile_id, row.customer_id])
    is_live = kind == "appointment" and row.is_live
    times = (row.slot.start.isoformat(), row.slot.end.isoformat()) if is_live else ("", "")
    for name, values in found.items():
        for value in values if isinstance(values, tuple) else (values,):
            if value is not None:
                lookup = (kind, name, value, *times, row.id)
                connection.execute("INSERT INTO lookup VALUES (?, ?, ?, ?, ?, ?)", lookup)


def _drop(connection: sqlite3.Connection, kind: str, id: str) -> None:
    for table in ("entity", "lookup"):
        connection.execute(f"DELETE FROM {table} WHERE kind = ? AND id = ?", (kind, id))  # noqa: S608


def _next(connection: sqlite3.Connection, name: str) -> Any:
    """Count one further; a number is never given again, also if its booking is removed."""
    query = "UPDATE counter SET last = last + 1 WHERE name = ? RETURNING last"
    return connection.execute(query, (name,)).fetchall()[0][0]


def _free_number(connection: sqlite3.Connection) -> str:
    while _entities(
        connection, BY_VALUE, "appointment", "number", number := f"APP-{_next(connection, 'number')}"
    ):
        pass
    return number
