"""A database with mapped tables, to which change sets are applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
from accountmerge.changes.moves import moved
from accountmerge.changes.readings import read_answer
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.resuming import Resumption, resume
from accountmerge.changes.store_ids import receipted_plans
from accountmerge.documents.files import loads
from accountmerge.errors import InvalidValueError
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import compiled, seal_failures
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.sql import dialects
from accountmerge.sql.driver import Driver, LockMode
from accountmerge.sql.fetching import Reader
from accountmerge.sql.mapping import Mapping
from accountmerge.sql.scopes import whole_snapshot
from accountmerge.sql.troubles import error_of

A = TypeVar("A")


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """A database whose tables a mapping describes.

    Args:
        engine: The database: SQLite or PostgreSQL.
        mapping: The mapping.
        locks: `rows` locks the profiles and customers of a step and the rows that it reads, and is enough if every
            other program locks the same profiles and customers first. `tables` lets no other program write to the mapped
            tables during a step. SQLite always locks the file.
        batch: The number of steps in one transaction. Default: 1.
        clock: A function that returns the present time. Default: the clock of this machine.

    Raises:
        InvalidValueError: The database is another one, or a value is unknown.
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
        dialects.require_supported(engine.dialect.name)
        if locks not in ("rows", "tables"):
            raise InvalidValueError("not_one_of", of="Store", field="locks", allowed=("rows", "tables"))
        self.engine = engine
        self.mapping = mapping
        self.locks: LockMode = locks
        self.batch = batch
        self._clock = clock

    def create_tables(self) -> None:
        """Create the tables that the library adds, if they do not exist."""
        with _told():
            self.mapping.create_all(self.engine)

    def snapshot(
        self, *, practitioners: Iterable[str] | None = None, customers: Iterable[str] | None = None
    ) -> Snapshot:
        """Read a snapshot in one transaction, so that all rows are of one instant.

        Args:
            practitioners: The ids of practitioners for whom the snapshot is whole. Default: all, if no customers are
                given either.
            customers: The ids of customers for whom the snapshot is whole. Default: as above.

        Raises:
            LoadError: Rows have values without a meaning. The faults name tables and columns, and count rows.
            DatabaseError: The database refused a statement.
        """
        with self._reading() as reader:
            return whole_snapshot(reader, self._clock(), practitioners, customers)

    def check(self, change_set: ChangeSet | Plan[Any, Any]) -> tuple[Failure, ...]:
        """Return the reasons not to apply a change set; empty if it can be applied."""
        wanted = change_set_of(change_set)
        return tuple(seal_failures(wanted)) or self._evaluated(wanted, check)

    def resume(self, change_set: ChangeSet | Plan[Any, Any]) -> Resumption:
        """Return how much of a change set is done.

        Raises:
            ApplyRefused: The content is not what was planned, or the images do not join.
            DatabaseError: The database refused a statement.
        """
        wanted = change_set_of(change_set)
        failures = tuple(seal_failures(wanted))
        if failures:
            raise ApplyRefused(failures)
        return self._evaluated(wanted, resume)

    def _evaluated(
        self,
        wanted: ChangeSet,
        evaluate: Callable[[Snapshot, ChangeSet, tuple[Receipt, ...]], A],
    ) -> A:
        with self._reading() as reader:
            receipts = self._receipts(reader.connection, receipted_plans(wanted))

            def answered(data: Snapshot) -> A | ApplyRefused:
                try:
                    return evaluate(data, wanted, receipts)
                except ApplyRefused as refused:  # it counts once all rows are read
                    return refused

            reading = read_answer(answered, self._clock())
            try:
                questions = next(reading)
                while True:
                    questions = reading.send(reader.fetch(questions))
            except StopIteration as end:
                answer: A | ApplyRefused = end.value[1]
        if isinstance(answer, ApplyRefused):
            raise answer
        return answer

    def apply(
        self,
        change_set: ChangeSet | Plan[Any, Any],
        *,
        by: str,
        on_point: Callable[[str], object] = lambda _: None,
        patience: float = 30.0,
    ) -> Applied:
        """Apply the steps of a change set that are not done yet, each in a transaction with its receipt.

        Args:
            change_set: A change set, or a plan.
            by: The person or program in the receipts.
            on_point: A function that is called with the name of each point, such as `committed 3`.
            patience: The number of seconds after which a step that meets conflicts is given up.

        Returns:
            The outcome of each step. Apply again after a crash; steps that are done are skipped.

        Raises:
            ApplyRefused: The change set does not fit the data, and no row was written.
            Conflict: Other programs were first until the patience was over.
            LostAnswer: The database did not answer until the patience was over.
            DatabaseError: The database refused a statement; earlier steps are committed.
        """
        ready = compiled(change_set)
        driver = Driver(
            self.engine, self.mapping, self.locks, self._clock, sources_of(ready.change_set), on_point
        )
        return driver.run(
            Applier(ready, by=by, batch=self.batch, gives_ids=self.mapping.gives_ids, patience=patience)
        )

    def receipts(self, plan_id: str | None = None) -> tuple[Receipt, ...]:
        """Return the receipts of a plan, or of all plans, by plan and step."""
        with self._reading() as reader:
            return self._receipts(reader.connection, None if plan_id is None else (plan_id,))

    def _receipts(self, connection: sa.Connection, plan_ids: Iterable[str] | None) -> tuple[Receipt, ...]:
        table = self.mapping.tables.journal.receipts
        statement = sa.select(table.c.body).order_by(table.c.plan_id, table.c.ordinal)
        if plan_ids is not None:
            statement = statement.where(table.c.plan_id.in_(list(plan_ids)))
        found: list[Any] = [loads(body) for (body,) in connection.execute(statement)]
        return tuple(found)

    @contextmanager
    def _reading(self) -> Any:
        """Open a transaction that sees the data of one instant."""
        with _told(), self.engine.connect() as plain:
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            dialects.begin(connection, only_reads=True)
            try:
                yield Reader(connection, self.mapping.tables)
            finally:
                if dialects.in_transaction(connection):
                    connection.exec_driver_sql("ROLLBACK")


def sources_of(change_set: ChangeSet) -> dict[EntityKey, str]:
    """Return the id of the row whose place each new entity takes, by the kind and the planned id of the new one."""
    return {(each.entity, each.new_id): each.old_id for each in moved(change_set)}


@contextmanager
def _told() -> Any:
    """Raise errors of the database without a value of any row."""
    try:
        yield
    except StatementError as error:
        raise error_of(error) from None
