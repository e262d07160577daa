"""Databases with mapped tables, which need the extra `sql`. No error has the URL, or a value of a row."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import accountmerge as am
from accountmerge.changes.appliers import Applied
from accountmerge.cli.named_objects import named_object
from accountmerge.cli.problems import BadInput, Problem

_INSTALL = "pip install 'accountmerge[sql]'"
try:
    from accountmerge import sql
    from accountmerge.sql.urls import engine_of, lacks_added_tables, statements_of, told
except ImportError as missing:
    raise BadInput(Problem("sql_missing", command=_INSTALL)) from missing


def now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


class Database:
    """A store of mapped tables, as commands use it.

    Args:
        store: The store.
    """

    def __init__(self, store: sql.Store) -> None:
        self._store = store

    @property
    def mapping(self) -> sql.Mapping:
        """The mapping of the tables."""
        return self._store.mapping

    def snapshot(self, customers: Iterable[str] | None = None) -> am.Snapshot:
        """Read a snapshot of all data, or of those about some customers if they exist."""
        with self.telling():
            if customers is not None:
                with contextlib.suppress(am.LoadError):  # no such customer: the planner says so
                    return self._store.snapshot(customers=customers)
            return self._store.snapshot()

    def limits(self) -> am.Limits:
        """Return the limits of the mapped tables."""
        with self.telling():
            return self.mapping.limits()

    def check(self, change_set: am.ChangeSet) -> tuple[am.changes.Failure, ...]:
        """Return the reasons not to apply a change set."""
        with self.telling():
            return self._store.check(change_set)

    def resume(self, change_set: am.ChangeSet) -> am.changes.Resumption:
        """Return how much of a change set is done."""
        with self.telling():
            return self._store.resume(change_set)

    def apply(self, change_set: am.ChangeSet, by: str, on_step: Callable[[int, int], object]) -> Applied:
        """Apply a change set to the database; tell the steps that are committed and the number of all."""
        with self.telling():
            return self._store.apply(change_set, by=by, on_step=on_step)

    def rehearse(self, change_set: am.ChangeSet) -> sql.Rehearsal:
        """Try a change set, and roll back."""
        with self.telling():
            return self._store.rehearse(change_set)

    def audit(self) -> sql.Audit:
        """Read all rows, and return the unusual ones."""
        with self.telling():
            return self._store.audit()

    def unmapped(self) -> tuple[sql.Unmapped, ...]:
        """Return the columns that the mapping does not know."""
        with self.telling():
            return self.mapping.unmapped(self._store.engine)

    def missing(self, intent: Any) -> tuple[sql.Missing, ...]:
        """Return what the mapped tables lack for plans of an intent."""
        with self.telling():
            return self.mapping.missing(intent, database=self._store.engine)

    def indexes(self) -> tuple[str, ...]:
        """Return the statements for indexes that do not exist."""
        with self.telling():
            return tuple(self.mapping.indexes(self._store.engine))

    def status(self, plan_id: str) -> sql.PlanStatus:
        """Return what the database knows of a plan."""
        with self.telling():
            return self._store.status(plan_id)

    def create_tables(self) -> None:
        """Create the tables that the library adds."""
        with self.telling():
            self._store.create_tables()

    def statements(self) -> tuple[str, ...]:
        """Return the statements that create the tables that the library adds."""
        return statements_of(self.mapping, self._store.engine.dialect)

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Turn errors of the database into problems without a value of any row."""
        try:
            with told():
                yield
        except sql.DatabaseError as error:
            if error.code == "sql_missing_table" and lacks_added_tables(self.mapping, self._store.engine):
                problem = Problem("tables_missing", command="accountmerge store tables --create")
                raise BadInput(problem) from None
            raise BadInput(error) from None


def opened(url: str, mapping: str, **options: Any) -> Database:
    """Return the database of a URL with its mapping and with options of its store."""
    try:
        engine = engine_of(url)
    except sql.DatabaseError as error:
        if error.facts.get("name") == "psycopg":
            raise BadInput(Problem("sql_missing", command=_INSTALL)) from None
        raise BadInput(error) from None
    return Database(sql.Store(engine, _mapping(mapping), clock=now, **options))


def _mapping(name: str) -> sql.Mapping:
    try:
        found: Any = named_object(name)
        if callable(found) and not isinstance(found, sql.Mapping):
            found = found()
    except am.AccountMergeError as error:  # names a table and a column
        raise BadInput(error, about=name) from None
    except (ImportError, AttributeError, ValueError) as error:
        raise BadInput(Problem("no_mapping", name=name, kind=type(error).__name__)) from None
    except Exception as error:  # noqa: BLE001 - a module of the caller, whose text may hold a password
        raise BadInput(Problem("mapping_failed", name=name, kind=type(error).__name__)) from None
    if not isinstance(found, sql.Mapping):
        raise BadInput(Problem("no_mapping", name=name, kind=type(found).__name__))
    return found
