"""A driver that carries out the commands of an `Applier` on SQLite: a file to copy."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

import attrs

import accountmerge as am
from accountmerge import changes

NOTES = """
CREATE TABLE IF NOT EXISTS receipt (plan_id TEXT, ordinal INTEGER, body TEXT, PRIMARY KEY (plan_id, ordinal));
CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, kind TEXT, facts TEXT);
"""
"""The tables that an applier needs: the receipts, and the obligations that are due."""
CONFLICTS = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
"""Another transaction has the lock, or has stored the receipt."""


@attrs.frozen
class Driver:
    """A driver for an applier, on any SQLite database with the tables of `NOTES`.

    Attributes:
        connection: A connection without automatic transactions.
        read: A function that returns the entities that answer questions.
        write: A function that writes an edit.
        now: The time on the clock of the store.
        follow: A function that is called with each `Moved`, for tables that keep ids.
        reach: A function that is called at each point; for tests.
    """

    connection: sqlite3.Connection
    read: Callable[[changes.Questions], list[Any]]
    write: Callable[[changes.Edit], changes.WrittenEntity | None]
    now: datetime
    follow: Callable[[changes.Moved], object] = lambda _: None
    reach: Callable[[str], object] = lambda _: None

    def run(self, applier: changes.Applier) -> changes.Applied:
        """Carry out the commands of an applier."""
        commands = applier.commands()
        send, answer = commands.send, None
        while True:
            try:
                command = send(answer)
            except StopIteration as end:
                return cast("changes.Applied", end.value)
            try:
                send, answer = commands.send, self._answer(command)
            except sqlite3.Error as error:
                if error.sqlite_errorcode not in CONFLICTS:
                    raise
                send, answer = cast("Any", commands.throw), changes.Conflict()

    def _answer(self, command: Any) -> Any:
        match command:
            case changes.Begin(step):
                self.connection.execute("BEGIN" if step is None else "BEGIN IMMEDIATE")
                return self.now
            case changes.ReadReceipts(plan_ids, ordinal):
                return receipts_of(self.connection, plan_ids, ordinal)
            case changes.Fetch(questions):
                return self.read(questions)
            case changes.Write(edit):
                return self.write(edit)
            case changes.Note():
                self._note(command)
            case changes.Commit():
                self.connection.commit()
            case changes.Rollback():
                self.connection.rollback()
            case changes.Point(name):
                self.reach(name)
            case changes.Wait(seconds):
                time.sleep(seconds)
        return None  # `Lock` as well: the whole file is locked

    def _note(self, note: changes.Note) -> None:
        row = (note.receipt.plan_id, note.receipt.ordinal, am.dumps(note.receipt))
        self.connection.execute("INSERT INTO receipt VALUES (?, ?, ?)", row)
        for each in note.owed:
            due = (each.id, each.obligation.kind, json.dumps(dict(each.obligation.facts)))
            self.connection.execute("INSERT OR IGNORE INTO outbox VALUES (?, ?, ?)", due)
        for moved in note.moved:
            self.follow(moved)


def receipts_of(
    connection: sqlite3.Connection, plan_ids: Iterable[str], ordinal: int | None = None
) -> list[Any]:
    """Read the receipts of plans, or only those of the steps with an ordinal."""
    query = "SELECT body FROM receipt WHERE plan_id = ? AND ordinal BETWEEN ? AND ?"
    first, last = (0, 2**63 - 1) if ordinal is None else (ordinal, ordinal)
    return [am.loads(body) for id in plan_ids for (body,) in connection.execute(query, (id, first, last))]
