"""A durable store on SQLite, and the program that applies change sets to it: a file to copy.

- A step is whole or nothing: it is one transaction.
- Nothing that came in between is overwritten: a transaction holds others out *before* it reads, so what
  `am.apply` compares and asks its guards about is what is there when it writes.
- What was committed outlives the process, and the machine: SQLite waits for the disk.
- A set that is delivered again changes nothing more: each transaction also writes the receipt of its step.

    store = SqliteStore("practice.db")
    store.seed(snapshot)
    store.apply(plan.confirm(by="Ana Duarte", at=now), now=now)
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import accountmerge as am

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

Outcome = Literal["applied", "already", "drifted"]
"""What became of a step: written now, there before, or not written because its rows have changed."""

TABLES = """
CREATE TABLE IF NOT EXISTS entity (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS receipt (step_id TEXT PRIMARY KEY, plan_id TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, last INTEGER NOT NULL);
"""
COLLECTIONS: dict[Any, Any] = {
    "profile": "profiles",
    "customer": "customers",
    "appointment": "appointments",
    "record": "records",
    "access": "access",
    "access_request": "access_requests",
}
FIRST_NUMBER = 9_000_001
"""The first appointment number that the store gives by itself."""
WAIT = 60
"""For how many seconds a transaction waits for another one."""
ANY_TIME = datetime.fromtimestamp(0, UTC)


class Write(Protocol):
    """A write by another program."""

    def on(self, snapshot: am.Snapshot) -> am.Snapshot:
        """Return the data after it."""
        ...


class SqliteStore:
    """A store in one file, which any number of threads and processes may share.

    It holds nothing but the path, and opens a connection for each transaction.

    Args:
        path: The file; made if it is not there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        with closing(sqlite3.connect(path, timeout=WAIT)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # who reads is not held out by who writes
            connection.executescript(TABLES)

    def seed(self, snapshot: am.Snapshot) -> None:
        """Empty the store and fill it with this data."""
        with self._transaction() as connection:
            for table in ("entity", "receipt", "counter"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand a line above
            versions = [0]  # whatever the data come with, the store's own ones are later
            document = json.loads(am.dumps(snapshot))
            for kind, collection in COLLECTIONS.items():
                for row in document[collection]:
                    _put(connection, kind, row)
                    versions += [row["version"]] if isinstance(row.get("version"), int) else []
            counters = [("version", max(versions)), ("number", FIRST_NUMBER - 1)]
            connection.executemany("INSERT INTO counter VALUES (?, ?)", counters)

    def dump(self) -> am.Snapshot:
        """Read all that is in the store."""
        with self._transaction("BEGIN") as connection:
            return _read(connection, ANY_TIME)

    def preflight(self, change_set: am.ChangeSet, *, now: datetime) -> tuple[am.changes.Failure, ...]:
        """Return what stands against applying a set; write nothing."""
        with self._transaction("BEGIN") as connection:
            return am.check(_read(connection, now), change_set, _receipts(connection, change_set))

    def apply(
        self, change_set: am.ChangeSet, *, now: datetime, reach: Callable[[str], object] = lambda _: None
    ) -> dict[int, Outcome]:
        """Apply what is left of a set, each step in a transaction of its own, and say what came of each.

        Args:
            change_set: What to do.
            now: What the clock shows.
            reach: Called wherever the process might end, or another one come in between; for tests.

        Raises:
            ApplyRefused: Something stands against the set, and nothing was written.
        """
        refused = self.preflight(change_set, now=now)
        if refused:
            raise am.ApplyRefused(refused)
        outcomes: dict[int, Outcome] = {}
        for step in change_set.wanted_steps:
            reach(f"before {step.ordinal}")
            with self._transaction() as connection:
                outcomes[step.ordinal] = _apply_step(connection, change_set, step, now, reach)
            if outcomes[step.ordinal] == "drifted":
                break
            reach(f"committed {step.ordinal}")
        return outcomes

    def reopen(self) -> None:
        """Start anew: nothing is kept between two transactions."""

    def foreign_write(self, write: Write) -> None:
        """Write as another program does: at once or not at all.

        Raises:
            BlockingIOError: A transaction holds others out.
        """
        with self._transaction(timeout=0) as connection:
            present = _read(connection, ANY_TIME)
            for _ in _written(connection, present, write.on(present)):
                pass

    def close(self) -> None:
        """Let go: no connection is open."""

    @contextmanager
    def _transaction(
        self, begin: str = "BEGIN IMMEDIATE", *, timeout: float = WAIT
    ) -> Iterator[sqlite3.Connection]:
        """Commit what is done within, or none of it if anything breaks off.

        Raises:
            BlockingIOError: Another transaction was not over in time.
        """
        with closing(sqlite3.connect(self.path, timeout=timeout, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")  # a commit is on the disk, not on its way
            try:
                connection.execute(begin)
            except sqlite3.OperationalError as locked:
                raise BlockingIOError(str(locked)) from locked
            with connection:
                yield connection


def _apply_step(
    connection: sqlite3.Connection,
    change_set: am.ChangeSet,
    step: am.changes.Step,
    now: datetime,
    reach: Callable[[str], object],
) -> Outcome:
    """Do what is left of one step: work out what it makes of the present data, and write the difference."""
    present = _read(connection, now)
    receipts = _receipts(connection, change_set)
    try:
        after = am.apply(present, change_set.prefix(step.ordinal), receipts)
    except am.ApplyRefused:
        return "drifted"
    written = []
    for entry in _written(connection, present, after):
        written.append(entry)
        reach(f"inside {step.ordinal}: wrote {entry.entity} {entry.id}")
    if not written:
        return "already"
    step_id = f"{change_set.plan_id}/{step.ordinal}"
    receipt = am.Receipt(step_id=step_id, outcome="applied", written=written, at=now, by="sqlite_store")
    connection.execute(
        "INSERT INTO receipt VALUES (?, ?, ?)", (step_id, change_set.plan_id, am.dumps(receipt))
    )
    return "applied"


def _read(connection: sqlite3.Connection, now: datetime) -> am.Snapshot:
    """Read the whole store.

    A big one reads what the set touches and what its guards ask about, and says so in `complete_for`.
    """
    document = json.loads(am.dumps(am.Snapshot(now)))
    for kind, body in connection.execute("SELECT kind, body FROM entity"):
        document[COLLECTIONS[kind]].append(json.loads(body))
    return cast("am.Snapshot", am.loads(json.dumps(document)))


def _receipts(connection: sqlite3.Connection, change_set: am.ChangeSet) -> list[Any]:
    """Read what was noted of the steps of a set that were applied before."""
    rows = connection.execute("SELECT body FROM receipt WHERE plan_id = ?", (change_set.plan_id,))
    return [am.loads(body) for (body,) in rows]


def _written(
    connection: sqlite3.Connection, before: am.Snapshot, after: am.Snapshot
) -> Iterator[am.changes.WrittenEntity]:
    """Write the rows that a snapshot does not share with the one it was made of, and yield each.

    A new booking gets its number here, and every row a version that none ever had.
    """
    document = json.loads(am.dumps(after))
    for kind, collection in COLLECTIONS.items():
        old, new = before.table(collection), after.table(collection)
        for id in [row.id for row in old if row.id not in new]:
            connection.execute("DELETE FROM entity WHERE kind = ? AND id = ?", (kind, id))
            yield am.changes.WrittenEntity(entity=kind, id=id)
        for row in document[collection]:
            if old.get(row["id"]) is new[row["id"]]:
                continue
            if kind == "appointment" and row["id"] not in old and "number" not in row:
                row["number"] = _free_number(connection, after)
            row["version"] = _next(connection, "version")
            _put(connection, kind, row)
            yield am.changes.WrittenEntity(
                entity=kind, id=row["id"], number=row.get("number"), version=row["version"]
            )


def _put(connection: sqlite3.Connection, kind: str, row: dict[str, Any]) -> None:
    connection.execute("INSERT OR REPLACE INTO entity VALUES (?, ?, ?)", (kind, row["id"], json.dumps(row)))


def _next(connection: sqlite3.Connection, name: str) -> int:
    """Count one further; a number that was given is never given again, whatever becomes of its booking."""
    query = "UPDATE counter SET last = last + 1 WHERE name = ? RETURNING last"
    ((last,),) = connection.execute(query, (name,))
    return int(last)


def _free_number(connection: sqlite3.Connection, snapshot: am.Snapshot) -> str:
    taken = {row.number for row in snapshot.appointments}
    while (number := f"APP-{_next(connection, 'number')}") in taken:
        pass
    return number
