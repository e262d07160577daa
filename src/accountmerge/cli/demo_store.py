"""The store of the demo, which is one SQLite file with a table for each kind of entity.

A step is one transaction with its receipt. Each column has the name of its key in a snapshot file, and keys without
a column are in the column `more`, as a JSON object.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import accountmerge as am
from accountmerge.changes import (
    Applied,
    Applier,
    Begin,
    Commit,
    Conflict,
    Edit,
    Fetch,
    Note,
    Point,
    Questions,
    ReadReceipts,
    Rollback,
    Wait,
    Write,
    WrittenEntity,
    compiled,
)
from accountmerge.model.entities import KINDS

TABLES = """
CREATE TABLE IF NOT EXISTS profile (
    id TEXT PRIMARY KEY, practitioner_id TEXT, email TEXT, login TEXT, schedule TEXT, succeeded_by TEXT, more TEXT, version
);
CREATE TABLE IF NOT EXISTS customer (
    id TEXT PRIMARY KEY, record_number TEXT, given_name TEXT, family_name TEXT, birth_date TEXT, address TEXT,
    status TEXT, merged_into TEXT, more TEXT, version
);
CREATE TABLE IF NOT EXISTS customer_email (customer_id TEXT, address TEXT, use TEXT, login_of TEXT);
CREATE TABLE IF NOT EXISTS appointment (
    id TEXT PRIMARY KEY, number TEXT, profile_id TEXT, customer_id TEXT, start TEXT, "end" TEXT, time_zone TEXT,
    modality TEXT, status TEXT, cancel_reason TEXT, replaces TEXT, replaced_by TEXT, more TEXT, version
);
CREATE TABLE IF NOT EXISTS record (
    id TEXT PRIMARY KEY, kind TEXT, customer_id TEXT, related_customer_id TEXT, profile_id TEXT, attached_to TEXT,
    created_at TEXT, more TEXT, version
);
CREATE TABLE IF NOT EXISTS access (
    id TEXT PRIMARY KEY, profile_id TEXT, customer_id TEXT, level TEXT, more TEXT, version
);
CREATE TABLE IF NOT EXISTS access_request (
    id TEXT PRIMARY KEY, profile_id TEXT, customer_id TEXT, status TEXT, more TEXT, version
);
CREATE TABLE IF NOT EXISTS receipt (plan_id TEXT, ordinal INTEGER, body TEXT, PRIMARY KEY (plan_id, ordinal));
CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, kind TEXT, facts TEXT);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, last INTEGER);
"""
COLLECTIONS = {kind.name: kind.collection for kind in KINDS}
"""The collection of a snapshot for each table."""
OTHERS = ("customer_email", "receipt", "outbox", "counter")
FIRST_NUMBER = 901
"""The first appointment number that the store gives by itself."""
WAIT = 5
"""The number of seconds for which a transaction waits for another one."""
EMAILS = "id IN (SELECT customer_id FROM customer_email WHERE {} = ?)"
CONDITIONS = {
    "mailbox": "mailbox(email) = ?",
    "reserved_mailboxes": EMAILS.format("mailbox(address)"),
    "former_logins": EMAILS.format("login_of"),
}
"""The conditions of questions about values that have no column; other questions name a column."""
OVERLAPPING = (
    "{} = ? AND status IN ('held', 'booked') AND substr(\"end\", 1, 19) >= ? AND substr(start, 1, 19) <= ?"
)
"""The live bookings of an owner in a range of times, compared by whole seconds, so perhaps a booking more."""
SECOND = len("2026-03-02T10:00:00")
"""The number of letters of a time in whole seconds, with which each stored time begins."""
CONFLICTS = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
"""Another transaction has the lock, or has stored the receipt."""


class DemoStore:
    """A store in one SQLite file.

    Args:
        path: The file, which is made if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.transaction() as db:
            for statement in TABLES.split(";"):
                db.execute(statement)

    def seed(self, snapshot: am.Snapshot) -> None:
        """Empty the store and fill it with a snapshot."""
        with self.transaction() as db:
            for table in (*COLLECTIONS, *OTHERS):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names of our tables
            versions = [0]
            for table, collection in COLLECTIONS.items():
                for row in snapshot.table(collection):
                    _put(db, table, row, row.version)
                    versions += [row.version] if isinstance(row.version, int) else []
            counters = [("version", max(versions)), ("number", FIRST_NUMBER - 1)]
            db.executemany("INSERT INTO counter VALUES (?, ?)", counters)

    def snapshot(self, now: datetime) -> am.Snapshot:
        """Read all data of the store in one transaction.

        Args:
            now: The instant of the reading; any aware datetime.
        """
        with self.transaction("BEGIN") as db:
            tables = {name: _entities(db, table, "1") for table, name in COLLECTIONS.items()}
        return am.Snapshot(now, **cast("Any", tables))

    def apply(
        self, change_set: am.ChangeSet, *, now: datetime, reach: Callable[[str], object] = lambda _: None
    ) -> Applied:
        """Apply the remaining steps of a change set, each in a transaction.

        Args:
            change_set: The change set.
            now: The time on the clock of the store.
            reach: A function that is called between the commands; for tests.
        """
        commands = Applier(compiled(change_set), by="accountmerge demo").commands()
        with closing(self._connected(WAIT)) as db:
            send: Callable[[Any], Any] = commands.send
            answer: Any = None
            while True:
                try:
                    command = send(answer)
                except StopIteration as end:
                    return cast("Applied", end.value)
                try:
                    send, answer = commands.send, _answer(db, command, now, reach)
                except sqlite3.Error as error:
                    if error.sqlite_errorcode not in CONFLICTS:
                        raise
                    send, answer = commands.throw, Conflict()

    def receipts(self) -> tuple[am.Receipt, ...]:
        """Return the receipts of all steps that are done, by plan and step."""
        with self.transaction("BEGIN") as db:
            rows = db.execute("SELECT body FROM receipt ORDER BY plan_id, ordinal").fetchall()
        return tuple(cast("am.Receipt", am.loads(row["body"])) for row in rows)

    @contextmanager
    def transaction(
        self, begin: str = "BEGIN IMMEDIATE", *, timeout: float = WAIT
    ) -> Iterator[sqlite3.Connection]:
        """Commit the work inside, or none of it if an error is raised."""
        with closing(self._connected(timeout)) as db:
            db.execute(begin)
            with db:
                yield db

    def _connected(self, timeout: float) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=timeout, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute(
            "PRAGMA synchronous = OFF"
        )  # a demo outlives its process, but need not outlive the machine
        db.create_function("mailbox", 1, _mailbox, deterministic=True)
        return db


def _answer(db: sqlite3.Connection, command: Any, now: datetime, reach: Callable[[str], object]) -> Any:
    """Execute a command of an applier, and return its answer."""
    match command:
        case Begin(step):
            db.execute("BEGIN" if step is None else "BEGIN IMMEDIATE")
            return now
        case ReadReceipts(plan_ids, ordinal):
            return _receipts(db, plan_ids, ordinal)
        case Fetch(questions):
            return found(db, questions)
        case Write(edit):
            return written(db, edit)
        case Note():
            _note(db, command)
        case Commit():
            db.commit()
        case Rollback():
            db.rollback()
        case Point(name):
            reach(name)
        case Wait(seconds):
            time.sleep(seconds)
    return None  # `Lock` as well: the whole file is locked


def _note(db: sqlite3.Connection, note: Note) -> None:
    """Store the receipt of a step, and the obligations that it makes due."""
    receipt = note.receipt
    db.execute("INSERT INTO receipt VALUES (?, ?, ?)", (receipt.plan_id, receipt.ordinal, am.dumps(receipt)))
    for owed in note.owed:
        due = (owed.id, owed.obligation.kind, json.dumps(dict(owed.obligation.facts)))
        db.execute("INSERT OR IGNORE INTO outbox VALUES (?, ?, ?)", due)


def _receipts(db: sqlite3.Connection, plan_ids: Iterable[str], ordinal: int | None) -> list[Any]:
    query = "SELECT body FROM receipt WHERE plan_id = ? AND ? IN (ordinal, -1)"
    asked = -1 if ordinal is None else ordinal
    return [am.loads(row["body"]) for plan_id in plan_ids for row in db.execute(query, (plan_id, asked))]


def found(db: sqlite3.Connection, questions: Questions) -> list[Any]:
    """Read the entities that answer questions.

    Args:
        db: A connection with an open transaction.
        questions: The questions.
    """
    asked: list[tuple[str, ...]] = [(kind, "id = ?", id) for kind, ids in questions.ids for id in ids]
    for each in questions.equalities:
        condition = CONDITIONS.get(each.attribute, f"{each.attribute} = ?")
        asked += [(each.entity, condition, value) for value in each.values]
    asked += [("access", "profile_id = ? AND customer_id = ?", *pair) for pair in questions.access]
    for booked in questions.bookings:
        start, end = booked.start.isoformat()[:SECOND], "no end"  # letters sort after digits
        if booked.end is not None:
            end = booked.end.isoformat()[:SECOND]
        asked.append(("appointment", OVERLAPPING.format(booked.field), booked.id, start, end))
    return [row for kind, condition, *values in asked for row in _entities(db, kind, condition, *values)]


def written(db: sqlite3.Connection, edit: Edit) -> WrittenEntity:
    """Write one edit. A new booking gets a number, and each row a new version.

    Args:
        db: A connection with an open transaction.
        edit: The edit.
    """
    kind, row = edit.entity, cast("Any", edit.after)
    given: dict[str, Any] = {}
    is_new = db.execute(f"DELETE FROM {kind} WHERE id = ?", (edit.id,)).rowcount == 0  # noqa: S608
    if kind == "customer":
        db.execute("DELETE FROM customer_email WHERE customer_id = ?", (edit.id,))
    if row is not None:
        given["version"] = _next(db, "version")
        if kind == "appointment" and is_new and row.number is None:
            given["number"] = _free_number(db)
        _put(db, kind, row, **given)
    return WrittenEntity(entity=kind, id=edit.id, **given)


def _put(db: sqlite3.Connection, kind: str, row: Any, version: object, number: str | None = None) -> None:
    """Insert the row of an entity."""
    data: dict[str, Any] = am.documents.entity_to_json(row)
    if kind == "customer":
        for email in data.pop("emails"):
            values = (row.id, email["address"], email["use"], email.get("login_of"))
            db.execute("INSERT INTO customer_email VALUES (?, ?, ?, ?)", values)
    data |= {"number": number} if number else {}
    columns = {name: data.pop(name, None) for name in _columns(kind)}
    columns |= {"version": version, "more": json.dumps(data, ensure_ascii=False) if data else None}
    places = ", ".join("?" * len(columns))
    db.execute(f"INSERT INTO {kind} VALUES ({places})", tuple(columns.values()))  # noqa: S608


@cache
def _columns(table: str) -> tuple[str, ...]:
    """Return the names of the columns of a table, in their order."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(TABLES)
        return tuple(name for _, name, *_ in db.execute(f"PRAGMA table_info({table})"))


def _entities(db: sqlite3.Connection, kind: str, condition: str, *values: str) -> list[Any]:
    """Read the entities of a table that meet a condition."""
    rows = db.execute(f"SELECT * FROM {kind} WHERE {condition}", values).fetchall()  # noqa: S608
    return [_entity(db, kind, row) for row in rows]


def _entity(db: sqlite3.Connection, kind: Any, row: sqlite3.Row) -> Any:
    data = {name: row[name] for name in row.keys() if row[name] is not None}  # noqa: SIM118 - a row yields values
    data |= json.loads(data.pop("more", "{}"))
    if kind == "customer":
        query = "SELECT address, use, login_of FROM customer_email WHERE customer_id = ?"
        emails = db.execute(query, (row["id"],)).fetchall()
        data["emails"] = [{name: email[name] for name in email.keys() if email[name]} for email in emails]  # noqa: SIM118
    return am.documents.entity_from_json(kind, data)


def _mailbox(address: str | None) -> str | None:
    return None if address is None else am.model.EmailAddress(address).mailbox


def _next(db: sqlite3.Connection, name: str) -> int:
    """Count one further; a number is never given again, also if its booking is removed."""
    db.execute("UPDATE counter SET last = last + 1 WHERE name = ?", (name,))
    row = db.execute("SELECT last FROM counter WHERE name = ?", (name,)).fetchone()
    return int(row["last"])


def _free_number(db: sqlite3.Connection) -> str:
    while True:
        number = f"APP-{_next(db, 'number')}"
        if not _entities(db, "appointment", "number = ?", number):
            return number
