"""A step of ours and a transaction of the caller's program that cross each other, always in the same way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal

import attrs
import sqlalchemy as sa
import their_program as theirs
from foreign_practice import FIRST_DAY
from foreign_schema import calendar
from moved_practice import AT, merge_of, migration_of, new_calendar_key, overlapping, store_of
from sqlalchemy.exc import DBAPIError

from accountmerge import sql
from accountmerge.changes.appliers import Applied, Applier
from accountmerge.plans.executions import compiled
from accountmerge.sql.driver import Driver
from accountmerge.sql.fetching import Reader
from accountmerge.sql.writing import Writer

Ours = Literal["rows", "tables", "serializable"]
"""The ways of our step; `serializable` is SERIALIZABLE without a lock, which `Store` does not offer."""
Theirs = Literal["looks", "locks", "serializable"]
"""The ways of the program: it looks and writes, it locks the calendar first, or it looks at SERIALIZABLE."""
First = Literal["ours", "theirs"]
"""Who is first: our step has read when the program looks, or the program has written when our step begins."""
Event = Literal["moves", "books", "cancels", "notes"]
"""What the program does: it moves a booking into the slot, books the slot, cancels the booking that moves, or adds a
note to a client that is absorbed."""
PATIENCE = 10.0
_LOOK_AGAIN = 0.01
_SURELY_WAITS = 0.25
"""Seconds after which a transaction on SQLite, which does not tell it, surely waits for another one."""


@attrs.frozen
class Outcome:
    """What came of a crossing.

    Attributes:
        waited: Who waited for the other: `ours`, `theirs` or `nobody`.
        ours: The outcome of our step: `applied` or `drifted`.
        theirs: `wrote`, `refused` because the slot was taken, or `failed` with an error of the database.
        is_doubled: Whether two live bookings overlap.
    """

    waited: str
    ours: str
    theirs: str
    is_doubled: bool

    def __str__(self) -> str:
        return f"{self.waited} waited, ours {self.ours}, theirs {self.theirs}{', doubled' * self.is_doubled}"


class SerializableDriver(Driver):
    """A driver that trusts the isolation of the database, and locks nothing."""

    def _begin(self, *, only_reads: bool) -> Any:
        if only_reads:
            return super()._begin(only_reads=True)
        self.connection.exec_driver_sql("BEGIN ISOLATION LEVEL SERIALIZABLE")
        self._reader = Reader(self.connection, self.mapping.tables)
        self._writer = Writer(self.connection, self.mapping, self.sources, self._reader.sided)
        return self.clock()

    def _lock(self, keys: Any) -> None:
        """Lock nothing."""


def applied(
    engine: sa.Engine, mapping: sql.Mapping, ours: Ours, change_set: Any, reach: Callable[[str], object]
) -> Applied:
    """Apply a change set in one of our ways."""
    if ours != "serializable":
        return store_of(engine, mapping, locks=ours).apply(change_set, by="a test", on_point=reach)
    driver = SerializableDriver(engine, mapping, "rows", lambda: AT, {}, reach)
    return driver.run(Applier(compiled(change_set), by="a test", gives_ids=True))


class Program(threading.Thread):
    """One transaction of the caller's program, in a thread of its own."""

    def __init__(self, engine: sa.Engine, way: Theirs, event: Event, key: int) -> None:
        super().__init__(daemon=True)
        self.engine, self.way, self.event, self.key = engine, way, event, key
        self.has_written, self.may_commit = threading.Event(), threading.Event()
        self.result = "failed"

    def run(self) -> None:
        try:
            with self._working() as connection:
                self.result = self._written(connection)
                self.has_written.set()
                self.may_commit.wait(PATIENCE)
        except DBAPIError:
            self.result = "failed"
        finally:
            self.has_written.set()

    @contextmanager
    def _working(self) -> Iterator[sa.Connection]:
        engine = self.engine
        if engine.dialect.name == "sqlite":
            with engine.begin() as connection:
                if self.way == "locks":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
            return
        level: Any = "SERIALIZABLE" if self.way == "serializable" else "READ COMMITTED"
        with engine.execution_options(isolation_level=level).begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(PATIENCE * 1000)}")
            yield connection

    def _written(self, connection: sa.Connection) -> str:
        if self.event == "notes":
            theirs.add_note(connection, self.key, "an example")
            return "wrote"
        mine = new_calendar_key(connection)
        if self.way == "locks" and connection.dialect.name == "postgresql":
            connection.execute(sa.select(calendar).where(calendar.c.id == mine).with_for_update()).all()
        if self.event == "cancels":
            theirs.cancel(connection, self.key)
            return "wrote"
        if not theirs.is_free(connection, mine, FIRST_DAY):
            return "refused"
        if self.event == "moves":
            theirs.move(connection, self.key, FIRST_DAY)
        else:
            theirs.book(connection, mine, self.key, FIRST_DAY, zone="America/Toronto")
        return "wrote"


class Crossing:
    """The points at which the transaction of the program begins and ends."""

    def __init__(
        self, engine: sa.Engine, mapping: sql.Mapping, ours: Ours, way: Theirs, event: Event, first: First
    ) -> None:
        self.engine, self.mapping, self.ours, self.first = engine, mapping, ours, first
        self.way, self.event = way, event
        self.program: Program | None = None
        self.waited = "nobody"
        self._is_inside = threading.Event()
        self._watch: threading.Thread | None = None

    def outcome(self) -> Outcome:
        """Apply a plan of which one step crosses a transaction of the program."""
        store = store_of(self.engine, self.mapping)
        merges = self.event == "notes"
        change_set = merge_of(store) if merges else migration_of(store).change_set
        wanted = "retire_customers" if merges else "rebook"
        self.step = next(n for n, step in enumerate(change_set.steps, 1) if step.kind == wanted)
        found = applied(self.engine, self.mapping, self.ours, change_set, self.reach)
        assert self.program is not None, "the step was not reached"
        self.program.may_commit.set()
        for thread in (self.program, self._watch):
            if thread is not None:
                thread.join(PATIENCE)
                assert not thread.is_alive()
        result = found.outcomes[self.step]
        return Outcome(self.waited, result, self.program.result, bool(overlapping(self.engine)))

    def reach(self, point: str) -> None:
        """Let the program work at the right points of our step."""
        if point == f"before {self.step}" and self.program is None:
            self.program = Program(self.engine, self.way, self.event, self._key())
            if self.first == "theirs":
                self.program.start()
                assert self.program.has_written.wait(PATIENCE)
                self._watch = threading.Thread(target=self._end_in_time, daemon=True)
                self._watch.start()
        elif point.startswith(f"inside {self.step}:") and not self._is_inside.is_set():
            self._is_inside.set()
            assert self.program is not None
            if self.first == "ours":
                self.program.may_commit.set()
                self.program.start()
                if not self._ends(self.program.is_alive):
                    self.waited = "theirs"
            else:
                self.program.join(PATIENCE)

    def _key(self) -> int:
        """Return the key that the program works on; a booking that moves is far away before."""
        if self.event == "cancels":
            return 1
        if self.event in ("books", "notes"):
            return 2
        with theirs.at_work(self.engine) as connection:
            far = FIRST_DAY + timedelta(days=30)
            return theirs.book(connection, new_calendar_key(connection), 2, far, zone="America/Toronto")

    def _end_in_time(self) -> None:
        """Let the program commit when our step waits for it, or has read."""
        assert self.program is not None
        if not self._ends(lambda: not self._is_inside.is_set()):
            self.waited = "ours"
        self.program.may_commit.set()

    def _ends(self, goes_on: Callable[[], bool]) -> bool:
        """Return True as soon as something ends, and False if a transaction waits for another one before."""
        begun = time.monotonic()
        while goes_on():
            if self._somebody_waits(time.monotonic() - begun):
                return not goes_on()
            time.sleep(_LOOK_AGAIN)
        return True

    def _somebody_waits(self, seconds: float) -> bool:
        if self.engine.dialect.name == "sqlite":
            return seconds > _SURELY_WAITS
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        with self.engine.connect() as connection:
            return bool(connection.exec_driver_sql(waits).scalar_one())


def fresh(engine: sa.Engine, mapping: sql.Mapping, fill: Callable[[sa.Connection], object]) -> None:
    """Empty all tables, let keys begin anew, and fill those of the service."""
    with engine.begin() as connection:
        for table in [*mapping.tables.added.sorted_tables, *mapping.metadata.sorted_tables][::-1]:
            if connection.dialect.name == "sqlite":
                connection.execute(table.delete())
        if connection.dialect.name == "postgresql":
            names = ", ".join(
                connection.dialect.identifier_preparer.format_table(table)
                for table in [*mapping.tables.added.sorted_tables, *mapping.metadata.sorted_tables]
            )
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    with theirs.at_work(engine) as connection:
        fill(connection)


@contextmanager
def at_once(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Begin a transaction of the program that holds the whole file on SQLite, and is at READ COMMITTED on PostgreSQL."""
    with theirs.at_work(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
