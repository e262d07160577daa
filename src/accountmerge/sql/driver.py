"""A driver that executes the commands of an applier on a database."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, cast

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, StatementError

from accountmerge.changes import commands
from accountmerge.changes.appliers import Applied, Applier
from accountmerge.changes.edits import Key as EntityKey
from accountmerge.changes.moves import Moved
from accountmerge.changes.obligations import Owed
from accountmerge.changes.receipts import Receipt
from accountmerge.documents.files import dumps, loads
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import EntityName
from accountmerge.model.instants import rfc3339
from accountmerge.sql import dialects
from accountmerge.sql.fetching import Reader
from accountmerge.sql.keys import Singles, one_of
from accountmerge.sql.mapped_tables import KnownRows
from accountmerge.sql.mapping import Mapping as SqlMapping
from accountmerge.sql.troubles import DatabaseError, error_of
from accountmerge.sql.writing import Writer

LockMode = Literal["rows", "tables"]
OWNERS: tuple[EntityName, ...] = ("customer", "profile")
"""The kinds of entity whose rows are locked before any row is read, in this order."""


@attrs.define(eq=False)
class Driver:
    """The execution of one applier on one database.

    Attributes:
        engine: The database.
        mapping: The mapping.
        locks: `rows` or `tables`.
        clock: A function that returns the present time.
        sources: For the id of a new entity in the plan, the id of the row whose place it takes.
        reach: A function that is called at each point.
        related: The customers of a merge or of its undo.
    """

    engine: sa.Engine
    mapping: SqlMapping
    locks: LockMode
    clock: Callable[[], datetime]
    sources: Mapping[EntityKey, str]
    reach: Callable[[str], object] = lambda _: None
    related: frozenset[str] = frozenset()
    _connection: sa.Connection | None = None
    _reader: Reader | None = None
    _writer: Writer | None = None
    _refusals: int = 0
    _watched: frozenset[str] | None = None
    _changing: frozenset[str] = frozenset()
    _is_noting: bool = False
    _known: KnownRows = attrs.field(factory=dict, init=False)
    _given: dict[EntityKey, str] = attrs.field(factory=dict, init=False)
    _has_followed: set[tuple[str, str]] = attrs.field(factory=set, init=False)

    def run(self, applier: Applier) -> Applied:
        """Execute the commands of an applier.

        Raises:
            ApplyRefused: The change set does not fit.
            Conflict: Other programs were first for too long.
            LostAnswer: The database did not answer for too long.
            DatabaseError: The database refused a statement.
        """
        generator = applier.commands()
        send: Any = generator.send
        answer: Any = None
        try:
            while True:
                try:
                    command = send(answer)
                except StopIteration as end:
                    return cast("Applied", end.value)
                try:
                    send, answer = generator.send, self._answer(command)
                except (commands.Conflict, commands.LostAnswer) as told:
                    send, answer = generator.throw, told
                except StatementError as error:
                    send, answer = generator.throw, self._told(error)
        finally:
            self._close()

    def _told(self, error: StatementError) -> Exception:
        """Return what to throw into the applier for an error of the database, or raise it."""
        trouble, is_noting = dialects.trouble_of(error), self._is_noting
        self._is_noting = False
        if trouble == "lost":
            self._close(broken=True)
            return commands.LostAnswer()
        if trouble == "conflict" or (trouble == "unique" and is_noting):
            return commands.Conflict()
        if trouble == "unique" and not self._refusals:
            # Another program has claimed the same since the rows were read. The guards of the next attempt explain it.
            self._refusals += 1
            return commands.Conflict()
        raise error_of(error) from None

    def _answer(self, command: Any) -> Any:  # noqa: C901 - one case for each command
        match command:
            case commands.Begin(step):
                return self._begin(only_reads=step is None)
            case commands.Lock(keys):
                self._lock(keys)
            case commands.ReadReceipts(plan_ids, ordinal):
                return self._receipts(plan_ids, ordinal)
            case commands.Fetch(questions):
                self._open_writer().flush()
                self._open_writer().remove()
                return self._open_reader().fetch(questions)
            case commands.Write(edit, again):
                self._open_reader().locked.clear()  # a later step of the transaction reads what this one writes
                written = self._open_writer().write(edit, again=again)
                if edit.after is None and isinstance(edit.before, Appointment) and edit.before.is_live:
                    self._release(edit.before)
                return written
            case commands.Note():
                self._note(command)
            case commands.Commit():
                self._end("COMMIT")
                self._refusals = 0
            case commands.Rollback():
                self._end("ROLLBACK")
            case commands.Point(name):
                self.reach(name)
            case commands.Wait(seconds):
                time.sleep(seconds)
        return None

    @property
    def connection(self) -> sa.Connection:
        """The connection, whose transactions the driver begins and ends itself."""
        if self._connection is None:
            self._connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    def _open_reader(self) -> Reader:
        if self._reader is None:
            raise DatabaseError("sql_no_transaction")
        return self._reader

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise DatabaseError("sql_no_transaction")
        return self._writer

    def _begin(self, *, only_reads: bool) -> datetime:
        connection = self.connection
        dialects.begin(connection, only_reads=only_reads)
        locks = not only_reads and self.locks == "rows" and connection.dialect.name == "postgresql"
        self._reader = Reader(connection, self.mapping.tables, locks, known=self._known)
        if self._watched is None:
            self._watched = dialects.tables_with_triggers(connection, self.mapping.prefix)
            self._changing = dialects.tables_with_triggers(connection, self.mapping.prefix, before=True)
        self._has_followed.clear()
        self._writer = Writer(
            connection,
            self.mapping,
            self.sources,
            self._reader.sided,
            self._watched,
            self._changing,
            self._given,
            self.related,
        )
        return self.clock()

    def _lock(self, keys: tuple[EntityKey, ...]) -> None:
        """Lock rows in the order of their kinds and keys, and then tables.

        A program that locks the row of a calendar before it books has to wait for that row. If it waited for the table
        of bookings instead, the new booking of the step would wait for the row, and neither would come to an end.
        """
        if self.connection.dialect.name == "sqlite":
            return  # the whole file is locked
        reader = self._open_reader()
        for kind in OWNERS:
            reader.lock(kind, [id for name, id in keys if name == kind])
        if self.locks == "tables":
            mapped = self.mapping.tables.mapped
            others = [rows.table for table in mapped for rows in table.rows.values()]
            others += [table.side.table for table in mapped if table.side is not None]
            dialects.lock_tables(self.connection, [*(table.table for table in mapped), *others])

    def _receipts(self, plan_ids: tuple[str, ...], ordinal: int | None) -> list[Any]:
        tables = self.mapping.tables

        def made() -> Any:
            receipts = tables.journal.receipts
            statement = sa.select(receipts.c.body).where(one_of(receipts.c.plan_id, Singles(tuple(plans))))
            return (
                statement if ordinal is None else statement.where(receipts.c.ordinal == sa.bindparam("step"))
            )

        plans = {f"plan{place}": id for place, id in enumerate(plan_ids)}
        statement = tables.prepared(("receipts", ordinal is None, len(plans)), made)
        values = {**plans, **({} if ordinal is None else {"step": ordinal})}
        receipts: list[Any] = [loads(body) for (body,) in self.connection.execute(statement, values)]
        self._given.update(
            ((entry.entity, entry.id), entry.store_id)
            for receipt in receipts
            for entry in receipt.written
            if entry.store_id is not None
        )
        return receipts

    def _note(self, note: commands.Note) -> None:
        writer, journal = self._open_writer(), self.mapping.tables.journal
        writer.flush()
        for each in note.moved if self.mapping.followed else ():
            if (each.entity, each.old_id) not in self._has_followed:
                self._follow(each.entity, each.old_id, each.new_id)
        self._has_followed.clear()
        writer.remove()
        owed = [row for each in note.owed for row in owed_rows([each], note.receipt)]
        if owed:
            self.connection.execute(sa.insert(journal.owed), owed)
        self._is_noting = True
        self.connection.execute(sa.insert(journal.receipts), [receipt_row(note.receipt, note.moved)])
        self._is_noting = False

    def _release(self, gone: Appointment) -> None:
        """Remove a live booking before another one gets its time; rows that followed it lead back first."""
        if gone.replaces is not None:
            self._follow("appointment", gone.id, gone.replaces)
            self._has_followed.add(("appointment", gone.id))
        self._open_writer().remove()

    def _follow(self, entity: str, old_id: str, new_id: str) -> None:
        """Let declared foreign keys lead to the new row."""
        for followed in self.mapping.followed:
            table = self.mapping.tables.with_id(cast("Any", entity), old_id)
            target = next(iter(followed.column.foreign_keys)).column
            if table is None or target.table is not table.table or len(table.keys.columns) != 1:
                continue
            old, new = table.keys.key_of(old_id), table.keys.key_of(new_id)
            if old is None or new is None:
                continue
            statement = sa.update(followed.column.table).where(followed.column == old[0])
            if followed.where is not None:
                statement = statement.where(followed.where)
            self.connection.execute(statement.values({followed.column: new[0]}))

    def _end(self, statement: str) -> None:
        """End the transaction, if there is one."""
        self._reader = self._writer = None
        if self._connection is None:
            return
        if statement == "ROLLBACK" and not dialects.in_transaction(self._connection):
            return
        self._connection.exec_driver_sql(statement)

    def _close(self, *, broken: bool = False) -> None:
        """Give the connection back; a transaction that is open is discarded."""
        connection, self._connection = self._connection, None
        self._reader = self._writer = None
        if connection is None:
            return
        if broken:
            connection.invalidate()
        else:
            try:
                if dialects.in_transaction(connection):
                    connection.exec_driver_sql("ROLLBACK")
            except DBAPIError:
                connection.invalidate()
        connection.close()


def receipt_row(receipt: Receipt, moved: Iterable[Moved]) -> dict[str, Any]:
    """Return the row for a receipt and the entities whose places others take."""
    told = [[each.entity, each.old_id, each.new_id, each.why] for each in moved]
    step = {"plan_id": receipt.plan_id, "ordinal": receipt.ordinal}
    return {**step, "body": dumps(receipt), "moved": json.dumps(told)}


def owed_rows(owed: Iterable[Owed], receipt: Receipt) -> Iterator[dict[str, Any]]:
    """Yield the rows for obligations that are due with a receipt."""
    for each in owed:
        yield {
            "plan_id": receipt.plan_id,
            "ordinal": receipt.ordinal,
            "id": each.id,
            "kind": each.obligation.kind,
            "whom": each.obligation.whom,
            "when_due": each.obligation.when,
            "facts": json.dumps(dict(each.obligation.facts), ensure_ascii=False),
            "due_at": rfc3339(receipt.at),
        }
