"""Apply change sets to a database with mapped tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from accountmerge.changes.appliers import Applied, Applier
from accountmerge.changes.applying import check
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Key as EntityKey
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.moves import moves_of
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.resuming import Resumption, resume
from accountmerge.changes.store_ids import receipted_plans
from accountmerge.errors import InvalidValueError
from accountmerge.model.access import Access
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.value_rules import POSITIVE_INTEGER, wrong_type
from accountmerge.plans.executions import compiled, seal_failures
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.sql import dialects
from accountmerge.sql.audits import Audit, audit
from accountmerge.sql.driver import Driver, LockMode
from accountmerge.sql.fetching import Reader
from accountmerge.sql.journals import (
    MovedRow,
    OwedRow,
    PlanStatus,
    mark_done,
    moved_rows,
    owed_rows,
    receipts_of,
    status_of,
    wait_for_feed,
)
from accountmerge.sql.mapping import Mapping
from accountmerge.sql.rehearsals import Rehearsal
from accountmerge.sql.rehearsing import RehearsingDriver, rehearsed
from accountmerge.sql.scopes import whole_snapshot
from accountmerge.sql.troubles import error_of
from accountmerge.sql.whole_sets import WholeDriver

A = TypeVar("A")


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """A database whose tables a mapping describes.

    Each call takes a connection from the engine, and gives it back. Call `create_tables` once before the others.

    Args:
        engine: The database, SQLite or PostgreSQL.
        mapping: The meaning of its tables.
        locks: `rows` locks the profiles and customers of a step and the rows that it reads, and is enough if every
            other program locks the same profiles and customers first. `tables` lets no other program write to the mapped
            tables during a step. SQLite always locks the file.
        batch: The number of steps in one transaction. Default: 1.
        clock: A function that returns the present time. Default: the clock of this machine.

    Raises:
        InvalidValueError: The engine is asynchronous, the database is another one, or a value is unknown.
    """

    def __init__(
        self,
        engine: sa.Engine,
        mapping: Mapping,
        *,
        locks: LockMode = "rows",
        batch: int = 1,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        if not isinstance(engine, sa.Engine):
            raise wrong_type("engine").at("Store", "engine")
        dialects.require_supported(engine.dialect.name)
        if locks not in ("rows", "tables"):
            raise InvalidValueError("not_one_of", of="Store", field="locks", allowed=("rows", "tables"))
        try:
            POSITIVE_INTEGER.check(batch)
        except InvalidValueError as error:
            raise error.at("Store", "batch") from None
        self.engine = engine
        self.mapping = mapping
        self.locks: LockMode = locks
        self.batch = batch
        self._clock = clock

    def create_tables(self) -> None:
        """Create the tables that the library adds, if they do not exist. No table of the caller is changed.

        Raises:
            DatabaseError: The database refused a statement.
        """
        with _told():
            self.mapping.create_all(self.engine)

    def snapshot(
        self, *, practitioners: Iterable[str] | None = None, customers: Iterable[str] | None = None
    ) -> Snapshot:
        """Read a snapshot in one transaction, so that all rows are of one instant.

        Args:
            practitioners: The ids of practitioners. With them or with customers, only their rows and the rows to which
                these refer are read, and the snapshot is whole for them. Default: none, and without customers all rows.
            customers: The ids of customers. Default: none.

        Raises:
            LoadError: Rows have values without a meaning. The faults name tables and columns, and count rows.
            DatabaseError: The database refused a statement.
        """
        with self._reading() as reader:
            return whole_snapshot(reader, self._clock(), practitioners, customers)

    def audit(self) -> Audit:
        """Read all rows in one transaction, and count those that are unusual or cannot be read.

        Raises:
            DatabaseError: The database refused a statement.
        """
        with self._reading() as reader:
            return audit(reader.connection, self.mapping.tables.mapped, self._clock(), self.locks)

    def check(self, change_set: ChangeSet | Plan[Any, Any]) -> tuple[Failure, ...]:
        """Return the reasons not to apply a change set to the present rows; empty if there are none.

        Steps that are done already are no reason.

        Raises:
            LoadError: Rows have values without a meaning.
            DatabaseError: The database refused a statement.
        """
        wanted = change_set_of(change_set)
        altered = tuple(seal_failures(wanted))
        if altered:
            return altered
        with self._reading() as reader:
            receipts = receipts_of(reader.connection, self.mapping.tables.journal, receipted_plans(wanted))
            _, failures = reader.evaluated(lambda data: check(data, wanted, receipts), self._clock())
            return failures

    def resume(self, change_set: ChangeSet | Plan[Any, Any]) -> Resumption:
        """Return how much of a change set is done.

        Raises:
            ApplyRefused: The change set was altered, or entities of it are absent.
            LoadError: Rows have values without a meaning.
            DatabaseError: The database refused a statement.
        """
        wanted = change_set_of(change_set)
        altered = tuple(seal_failures(wanted))
        if altered:
            raise ApplyRefused(altered)
        with self._reading() as reader:
            receipts = receipts_of(reader.connection, self.mapping.tables.journal, receipted_plans(wanted))
            excerpt, _ = reader.evaluated(lambda data: check(data, wanted, receipts), self._clock())
            return resume(excerpt, wanted, receipts)

    def apply(
        self,
        change_set: ChangeSet | Plan[Any, Any],
        *,
        by: str,
        on_step: Callable[[int, int], object] = lambda _, __: None,
        on_point: Callable[[str], object] = lambda _: None,
        patience: float = 30.0,
    ) -> Applied:
        """Apply the steps of a change set that are not done yet.

        Each step is one transaction with its receipt, or several steps are (`batch`).

        Args:
            change_set: A change set, or a plan.
            by: The person or program in the receipts.
            on_step: A function that is called after each commit, with the ordinal of its last step and the number of
                steps. Steps that are done already are skipped without a call.
            on_point: A function that is called with the name of each point, such as `committed 3`.
            patience: The number of seconds after which a step that meets conflicts is given up.

        Returns:
            The outcome of each step. Apply again after a crash; steps that are done are skipped.

        Raises:
            ApplyRefused: The change set does not fit the data, and no row was written.
            Conflict: Other programs were first until the patience was over.
            LostAnswer: The database did not answer until the patience was over.
            LoadError: Rows have values without a meaning.
            DatabaseError: The database refused a statement. Earlier steps are committed.
        """
        ready = compiled(change_set)

        def reach(point: str) -> None:
            on_point(point)
            word, _, ordinal = point.partition(" ")
            if word == "committed":
                on_step(int(ordinal), ready.count)

        sources, related = sources_of(ready.change_set), related_in(ready.change_set)
        if ready.count > 1 and self.batch >= ready.count:
            whole = WholeDriver(self.engine, self.mapping, self.locks, self._clock, sources, reach, related)
            applied = whole.apply(ready, by)
            if applied is not None:
                return applied
        driver = Driver(self.engine, self.mapping, self.locks, self._clock, sources, reach, related)
        return driver.run(
            Applier(ready, by=by, batch=self.batch, gives_ids=self.mapping.gives_ids, patience=patience)
        )

    def rehearse(self, change_set: Plan[Any, Any] | ChangeSet, *, patience: float = 30.0) -> Rehearsal:
        """Try a change set in one transaction, compare the written rows with the plan, and roll back.

        The database executes every statement, its constraints and its triggers; no table keeps a change. PostgreSQL does
        not take back the numbers of sequences. Locks are held as long as the rehearsal takes, so choose a quiet hour. A
        plan that is not confirmed can be rehearsed.

        Args:
            change_set: A plan or a change set.
            patience: The number of seconds after which conflicts with other programs are given up.

        Raises:
            Conflict: Other programs were first until the patience was over.
            LostAnswer: The database did not answer until the patience was over.
            LoadError: Rows have values without a meaning, before the steps or after them.
            DatabaseError: The database cannot execute a statement, such as one for a table that is missing.
        """

        def driver_of(ready: ChangeSet) -> RehearsingDriver:
            return RehearsingDriver(
                self.engine,
                self.mapping,
                self.locks,
                self._clock,
                sources_of(ready),
                related=related_in(ready),
                change_set=ready,
            )

        return rehearsed(driver_of, change_set, patience)

    def receipts(self, plan_id: str | None = None) -> tuple[Receipt, ...]:
        """Return the receipts of a plan, or of all plans, by plan and step.

        Raises:
            DatabaseError: The database refused a statement.
        """
        with self._reading() as reader:
            plan_ids = None if plan_id is None else (plan_id,)
            return receipts_of(reader.connection, self.mapping.tables.journal, plan_ids)

    def status(self, plan_id: str) -> PlanStatus:
        """Return the receipts, the obligations and the moved ids of a plan; empty if it is unknown."""
        with self._reading() as reader:
            return status_of(reader.connection, self.mapping.tables.journal, plan_id)

    def owed(self, plan_id: str | None = None) -> tuple[OwedRow, ...]:
        """Return the obligations that are not done, of a plan or of all plans, the oldest first."""
        journal = self.mapping.tables.journal
        conditions: list[sa.ColumnElement[bool]] = [journal.owed.c.done_at.is_(None)]
        if plan_id is not None:
            conditions.append(journal.owed.c.plan_id == plan_id)
        with self._reading() as reader:
            return owed_rows(reader.connection, journal, *conditions)

    def mark_done(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Mark obligations as done at the present time of the store.

        Args:
            ids: The ids of the obligations. Unknown ids are left out.

        Returns:
            The ids that were owed until now. Of two programs that mark an obligation, only one gets its id.

        Raises:
            InvalidValueError: `ids` is a text.
            DatabaseError: The database refused a statement, and no obligation is marked.
        """
        with self._writing() as connection:
            return mark_done(connection, self.mapping.tables.journal, ids, self._clock())

    def moved(self, after: int = 0, *, most: int | None = None) -> tuple[MovedRow, ...]:
        """Return the rows of the feed of moved ids after a number.

        The feed is for a program that keeps ids in another store. The program keeps the number of the last row that it
        has read, and asks with it the next time. All rows of one step have the same number. On PostgreSQL, the call waits
        for steps that other connections are writing, so that no row with a lower number appears later.

        Args:
            after: The number. Default: from the first row.
            most: The number of steps whose rows are returned at most; no step is split. Default: all.
        """
        journal = self.mapping.tables.journal
        if self.engine.dialect.name == "sqlite":
            with self._reading() as reader:
                return moved_rows(reader.connection, journal, journal.receipts.c.number > after, most=most)
        with self._writing() as connection:
            wait_for_feed(connection, journal)
            return moved_rows(connection, journal, journal.receipts.c.number > after, most=most)

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        """Open a transaction that sees the data of one instant."""
        with _told(), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            dialects.begin(connection, only_reads=True)
            try:
                yield Reader(connection, self.mapping.tables)
            finally:
                if dialects.in_transaction(connection):
                    connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def _writing(self) -> Any:
        """Open a transaction that writes to added tables."""
        with _told(), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            dialects.begin(connection, only_reads=False)
            try:
                yield connection
                connection.exec_driver_sql("COMMIT")
            finally:
                if dialects.in_transaction(connection):
                    connection.exec_driver_sql("ROLLBACK")


def sources_of(change_set: ChangeSet) -> dict[EntityKey, str]:
    """Return the id of the row whose place each new entity takes, by its kind and planned id.

    Of a prefix, later steps count, too: they say which profile a new profile succeeds.
    """
    found = (each for step in change_set.steps for each in moves_of(step, {}, None))
    return {**_replaced_access(change_set), **{(each.entity, each.new_id): each.old_id for each in found}}


def related_in(change_set: ChangeSet) -> frozenset[str]:
    """Return the ids of the customers of a merge or of its undo."""
    edits = (edit for step in change_set.steps for edit in step.edits if edit.entity == "customer")
    ids = frozenset(edit.id for edit in edits)
    return ids if len(ids) > 1 else frozenset()


def _replaced_access(change_set: ChangeSet) -> dict[EntityKey, str]:
    """Return the removed access row whose place a new row of the same profile takes."""
    edits = [edit for step in change_set.steps for edit in step.edits]
    gone: dict[str, str] = {}
    for edit in edits:
        if edit.after is None and isinstance(edit.before, Access):
            gone.setdefault(edit.before.profile_id, edit.id)
    new = [edit.after for edit in edits if edit.before is None and isinstance(edit.after, Access)]
    return {("access", row.id): gone[row.profile_id] for row in new if row.profile_id in gone}


@contextmanager
def _told() -> Any:
    """Raise errors of the database without a value of any row."""
    try:
        yield
    except StatementError as error:
        raise error_of(error) from None
