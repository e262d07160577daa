"""Open a database by its URL, and read what it lacks. No error has the URL, or a value of a row."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from accountmerge.sql.dialects import SUPPORTED
from accountmerge.sql.mapping import Mapping
from accountmerge.sql.side_tables import sqlite_triggers
from accountmerge.sql.troubles import DatabaseError, error_of

_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""The name of the installed driver for a database that is named without one."""


def engine_of(text: str) -> sa.Engine:
    """Return the engine of a URL. Each connection is closed after use.

    Raises:
        DatabaseError: The text is no URL, its database is not supported, its driver is not installed, or its file does
            not exist.
    """
    try:
        url = sa.make_url(text)
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        if url.get_backend_name() not in SUPPORTED:
            raise DatabaseError("sql_unknown_database")
        _require_file(url)
        return sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise DatabaseError("sql_no_driver", name=str(error.name or "?")) from None
    except NoSuchModuleError:
        raise DatabaseError("sql_unknown_database") from None
    except (ArgumentError, ValueError, TypeError):
        raise DatabaseError("sql_no_url") from None


def _require_file(url: sa.URL) -> None:
    """Refuse a file that does not exist, because SQLite would make an empty one."""
    name = url.database
    if url.get_backend_name() != "sqlite" or (name or "").startswith("file:"):
        return
    if not name or name == ":memory:" or not Path(name).is_file():
        raise DatabaseError("sql_no_file")


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Raise errors of SQLAlchemy as errors without a value of any row."""
    try:
        yield
    except DBAPIError as error:
        raise error_of(error) from None
    except SQLAlchemyError as error:
        raise DatabaseError("sql_unusable", kind=type(error).__name__) from None


def statements_of(mapping: Mapping, dialect: sa.Dialect) -> tuple[str, ...]:
    """Return the statements that create the tables that the library adds."""
    made: list[str] = []
    for table in mapping.tables.added.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        elements: tuple[sa.schema.DDLElement, ...] = (
            sa.schema.CreateTable(table),
            *map(sa.schema.CreateIndex, indexes),
        )
        made += (str(element.compile(dialect=dialect)).strip() for element in elements)
    if dialect.name == "sqlite":
        made += (statement for _, statement in sqlite_triggers(mapping.tables.added))
    return tuple(made)


def lacks_added_tables(mapping: Mapping, engine: sa.Engine) -> bool:
    """Return whether a table that the library adds does not exist."""
    with contextlib.suppress(SQLAlchemyError):
        there = sa.inspect(engine)
        added = mapping.tables.added.sorted_tables
        return not all(there.has_table(table.name, schema=table.schema) for table in added)
    return False
