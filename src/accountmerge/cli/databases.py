"""Databases with mapped tables, which need the extra `sql`. No error has the URL, or a value of a row."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import accountmerge as am
from accountmerge.changes.appliers import Applied
from accountmerge.cli.named_objects import named_object
from accountmerge.cli.problems import BadInput, Problem

_INSTALL = "pip install 'accountmerge[sql]'"
try:
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

    from accountmerge import sql
    from accountmerge.sql.side_tables import sqlite_triggers
    from accountmerge.sql.troubles import error_of
except ImportError as missing:
    raise BadInput(Problem("sql_missing", command=_INSTALL)) from missing

_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""The name of the installed driver for a database that is named without one."""


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

    @property
    def engine(self) -> sa.Engine:
        """The engine."""
        return self._store.engine

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

    def apply(self, change_set: am.ChangeSet, by: str) -> Applied:
        """Apply a change set to the database."""
        with self.telling():
            return self._store.apply(change_set, by=by)

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
            return self.mapping.unmapped(self.engine)

    def create_tables(self) -> None:
        """Create the tables that the library adds."""
        with self.telling():
            self._store.create_tables()

    def statements(self) -> tuple[str, ...]:
        """Return the statements that create the tables that the library adds."""
        dialect, added = self.engine.dialect, self.mapping.tables.added
        made: list[str] = []
        for table in added.sorted_tables:
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            elements: tuple[sa.schema.DDLElement, ...] = (
                sa.schema.CreateTable(table),
                *map(sa.schema.CreateIndex, indexes),
            )
            made += (str(element.compile(dialect=dialect)).strip() for element in elements)
        if dialect.name == "sqlite":
            made += (statement for _, statement in sqlite_triggers(added))
        return tuple(made)

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Turn errors of the database into problems without a value of any row."""
        try:
            yield
        except DBAPIError as error:
            raise self._problem(error_of(error)) from None
        except sql.DatabaseError as error:
            raise self._problem(error) from None
        except SQLAlchemyError as error:
            raise BadInput(Problem("store_failed", kind=type(error).__name__)) from None

    def _problem(self, error: sql.DatabaseError) -> BadInput:
        """Return the problem of an error; missing tables of the library have their own."""
        if error.code == "sql_missing_table" and self._lacks_added_tables():
            return BadInput(Problem("tables_missing", command="accountmerge store tables --create"))
        return BadInput(error)

    def _lacks_added_tables(self) -> bool:
        with contextlib.suppress(SQLAlchemyError):
            there = sa.inspect(self.engine)
            return not all(
                there.has_table(table.name, schema=table.schema)
                for table in self.mapping.tables.added.sorted_tables
            )
        return False


def opened(url: str, mapping: str) -> Database:
    """Return the database of a URL with its mapping."""
    return Database(sql.Store(_engine(url), _mapping(mapping), clock=now))


def _engine(text: str) -> sa.Engine:
    try:
        url = sa.make_url(text)
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise BadInput(Problem("store_unknown"))
        _require_file(url)
        return sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise BadInput(_missing_driver(error)) from None
    except NoSuchModuleError:
        raise BadInput(Problem("store_unknown")) from None
    except (ArgumentError, ValueError, TypeError):
        raise BadInput(Problem("store_no_url")) from None


def _missing_driver(error: ModuleNotFoundError) -> Problem:
    if error.name == "psycopg":
        return Problem("sql_missing", command=_INSTALL)
    return Problem("driver_missing", name=str(error.name or "?"))


def _require_file(url: sa.URL) -> None:
    """Refuse a file that does not exist, because SQLite would make an empty one."""
    name = url.database
    if url.get_backend_name() != "sqlite" or (name or "").startswith("file:"):
        return
    if not name or name == ":memory:" or not Path(name).is_file():
        raise BadInput(Problem("no_database_file"))


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
