"""Errors of both drivers have one of a few kinds, and the differences of the databases are in one place."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from single_columns import memory
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from accountmerge.errors import InvalidValueError
from accountmerge.sql import DatabaseError
from accountmerge.sql.dialects import (
    begin,
    constraint_of,
    in_transaction,
    later,
    lock_tables,
    require_supported,
    trouble_of,
    unusual,
    upsertion,
)
from accountmerge.sql.troubles import error_of

PERSON = "ann@example.com"  # a value of a row, which no error shows


def dialect_of(module: Any) -> Any:
    return module.dialect()


def error_with(origin: BaseException, *, invalidated: bool = False) -> DBAPIError:
    return DBAPIError(
        "INSERT INTO t VALUES (?)", {"value": PERSON}, origin, connection_invalidated=invalidated
    )


def of_postgresql(state: str, constraint: str | None = None) -> DBAPIError:
    """Return an error as the driver of PostgreSQL raises it for a state."""
    known = psycopg.errors.lookup(state)
    made = type(
        known.__name__, (known,), {"diag": SimpleNamespace(constraint_name=constraint), "sqlstate": state}
    )
    return error_with(made(f"detail: {PERSON}"))


STATES = {
    "40001": "conflict",
    "40P01": "conflict",
    "55P03": "conflict",
    "23505": "unique",
    "23P01": "unique",
    "23502": "refused",
    "23503": "refused",
    "23514": "refused",
    "P0001": "refused",
    "25006": "read_only",
    "53100": "full",
    "42P01": "missing_table",
    "08006": "lost",
    "08003": "lost",
    "57P01": "lost",
    "57P03": "lost",
    "42703": "failed",
    "22001": "failed",
    "42501": "failed",
}


@pytest.mark.parametrize(("state", "trouble"), STATES.items())
def test_each_state_of_postgresql_has_a_kind(state: str, trouble: str) -> None:
    error = of_postgresql(state, "one_login")
    assert trouble_of(error) == trouble
    told = error_of(error)
    assert isinstance(told, DatabaseError)
    refused = trouble in ("unique", "refused")
    assert told.code == ("sql_refused" if refused else f"sql_{trouble}")
    named = {"table": "?"} if trouble == "missing_table" else {}
    assert dict(told.facts) == ({"constraint": "one_login"} if refused else {"database_code": state, **named})


def test_an_error_without_a_state_or_with_a_broken_connection_is_a_lost_one() -> None:
    assert trouble_of(OperationalError(PERSON, {}, psycopg.OperationalError("closed"))) == "lost"
    assert trouble_of(InterfaceError(PERSON, {}, psycopg.InterfaceError("closed"))) == "lost"
    assert trouble_of(error_with(psycopg.errors.SyntaxError("no"), invalidated=True)) == "lost"
    assert dict(error_of(error_with(psycopg.OperationalError(PERSON))).facts) == {"database_code": "?"}


def test_a_value_that_the_driver_cannot_send_is_no_lost_connection() -> None:
    assert trouble_of(error_with(psycopg.DataError("too late a year"))) == "failed"
    assert trouble_of(error_with(psycopg.ProgrammingError("no such type"))) == "failed"


def refused(connection: sa.Connection, *statements: str) -> DBAPIError:
    """Return the error of the last of some statements."""
    for statement in statements[:-1]:
        connection.exec_driver_sql(statement)
    with pytest.raises(DBAPIError) as caught:
        connection.exec_driver_sql(statements[-1])
    return caught.value


ONE = "CREATE TABLE one (id INTEGER PRIMARY KEY, name TEXT UNIQUE, age INTEGER NOT NULL CHECK (age > 0))"
OTHER = "CREATE TABLE other (one INTEGER REFERENCES one (id))"
KEPT = "CREATE TABLE kept (one INTEGER REFERENCES one (id) ON DELETE RESTRICT)"
RAISES = (
    "CREATE TRIGGER closed BEFORE INSERT ON one BEGIN"
    " SELECT RAISE(ABORT, 'UNIQUE constraint failed: ann@example.com'); END"
)
FIRST = "INSERT INTO one VALUES (1, 'ann@example.com', 5)"
CASES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "unique": ((ONE, FIRST, "INSERT INTO one VALUES (2, 'ann@example.com', 5)"), "unique", "one.name"),
    "key": ((ONE, FIRST, "INSERT INTO one VALUES (1, 'b', 5)"), "unique", "one.id"),
    "empty": ((ONE, "INSERT INTO one VALUES (1, 'b', NULL)"), "refused", "one.age"),
    "check": ((ONE, "INSERT INTO one VALUES (1, 'b', -5)"), "refused", "age > 0"),
    "foreign": ((ONE, OTHER, "INSERT INTO other VALUES (7)"), "refused", "FOREIGN KEY"),
    "restrict": (
        (ONE, KEPT, FIRST, "INSERT INTO kept VALUES (1)", "DELETE FROM one"),
        "refused",
        "FOREIGN KEY",
    ),
    "trigger": ((ONE, RAISES, FIRST), "refused", ""),
    "table": (("SELECT * FROM missing",), "missing_table", ""),
    "column": ((ONE, "SELECT missing FROM one"), "failed", ""),
    "syntax": (("SELEC",), "failed", ""),
    "read_only": ((ONE, "PRAGMA query_only = 1", FIRST), "read_only", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_each_error_of_sqlite_has_a_kind_and_the_name_of_its_constraint(case: str) -> None:
    statements, trouble, constraint = CASES[case]
    with memory().connect() as connection:
        error = refused(connection, "PRAGMA foreign_keys = ON", *statements)
    assert trouble_of(error) == trouble
    assert constraint_of(error) == constraint
    told = error_of(error)
    if trouble in ("unique", "refused"):
        facts = {"constraint": constraint} if constraint else {}
        assert (told.code, dict(told.facts)) == ("sql_refused" if facts else "sql_trigger_refused", facts)
        assert "example.com" not in f"{told} {told!r}"
    else:
        assert told.code == f"sql_{trouble}"
        assert str(told.facts["database_code"]).startswith("SQLITE_")
        assert told.facts.get("table") == ("missing" if case == "table" else None)


def _of_sqlite(code: int | None) -> DBAPIError:
    origin = sqlite3.OperationalError(f"about {PERSON}")
    if code is not None:
        origin.sqlite_errorcode = code
    return error_with(origin)


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (sqlite3.SQLITE_BUSY, "conflict"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "conflict"),
        (sqlite3.SQLITE_LOCKED, "conflict"),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, "conflict"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "read_only"),
        (sqlite3.SQLITE_FULL, "full"),
        (sqlite3.SQLITE_CONSTRAINT_TRIGGER, "refused"),
        (sqlite3.SQLITE_CORRUPT, "failed"),
        (sqlite3.SQLITE_ERROR, "failed"),
        (None, "failed"),
    ],
)
def test_each_code_of_sqlite_has_a_kind(code: int | None, trouble: str) -> None:
    assert trouble_of(_of_sqlite(code)) == trouble
    assert PERSON not in repr(error_of(_of_sqlite(code)))


def test_no_error_has_a_value_of_a_row() -> None:
    errors = [of_postgresql(state) for state in STATES]
    with memory().connect() as connection:
        errors.append(refused(connection, *CASES["unique"][0]))
    for error in errors:
        assert PERSON in str(error)
        told = error_of(error)
        assert PERSON not in repr((told, told.facts, told.code, told.args))


def test_other_databases_are_refused() -> None:
    require_supported("sqlite")
    require_supported("postgresql")
    with pytest.raises(InvalidValueError) as caught:
        require_supported("mysql")
    assert caught.value.facts["allowed"] == ("sqlite", "postgresql")


# Statements

TABLE = sa.Table("t", sa.MetaData(), *(sa.Column(name, sa.Text) for name in ("a", "b", "c")))


def _text(statement: Any, dialect: Any) -> str:
    return str(statement.compile(dialect=dialect))


@pytest.mark.parametrize(
    ("name", "dialect"), [("sqlite", dialect_of(sqlite)), ("postgresql", dialect_of(postgresql))]
)
def test_rows_replace_those_with_the_same_keys(name: str, dialect: Any) -> None:
    found = _text(upsertion(name, TABLE, ["a"]), dialect)
    assert found.endswith("ON CONFLICT (a) DO UPDATE SET b = excluded.b, c = excluded.c")


def test_expressions_are_written_for_each_database() -> None:
    start, minutes, length = (
        sa.Column("s", sa.DateTime),
        sa.Column("m", sa.Integer),
        sa.Column("i", sa.Interval),
    )
    on_sqlite, on_postgresql = dialect_of(sqlite), dialect_of(postgresql)
    half = Decimal("0.5")
    assert _text(later(start, minutes, half), on_postgresql) == "(s + m * interval '1 second' * 0.5)"
    assert _text(later(start, length, half), on_postgresql) == "(s + i)"
    assert "(m * 0.5)" in _text(later(start, minutes, half), on_sqlite)
    assert "(strftime('%s', i) * 1)" in _text(later(start, length, half), on_sqlite)
    assert "GLOB" in _text(unusual(start), on_sqlite)
    assert "COLLATE" in _text(unusual(start), on_postgresql)


class Recorder:
    """A connection that only writes down its statements."""

    def __init__(self, dialect: Any) -> None:
        self.dialect, self.statements = dialect, list[str]()

    def exec_driver_sql(self, statement: str) -> None:
        self.statements.append(statement)


@pytest.mark.parametrize(
    ("dialect", "only_reads", "expected"),
    [
        (dialect_of(sqlite), True, "BEGIN"),
        (dialect_of(sqlite), False, "BEGIN IMMEDIATE"),
        (dialect_of(postgresql), True, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        (dialect_of(postgresql), False, "BEGIN ISOLATION LEVEL READ COMMITTED"),
    ],
)
def test_a_transaction_begins_as_its_purpose_needs(dialect: Any, only_reads: bool, expected: str) -> None:
    recorder: Any = Recorder(dialect)
    begin(recorder, only_reads=only_reads)
    assert recorder.statements == [expected]


def test_tables_are_locked_on_postgresql_only() -> None:
    recorder: Any = Recorder(dialect_of(postgresql))
    lock_tables(recorder, [TABLE, sa.Table("Order", sa.MetaData(), schema="shop")])
    assert recorder.statements == ['LOCK TABLE t, shop."Order" IN SHARE ROW EXCLUSIVE MODE']
    recorder = Recorder(dialect_of(sqlite))
    lock_tables(recorder, [TABLE])
    assert recorder.statements == []


def test_an_open_transaction_of_sqlite_is_seen() -> None:
    with memory().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert not in_transaction(connection)
        begin(connection, only_reads=False)
        assert in_transaction(connection)
        connection.exec_driver_sql("ROLLBACK")
        assert not in_transaction(connection)


def test_an_open_transaction_of_postgresql_is_seen() -> None:
    for status in (0, 2):
        driver = SimpleNamespace(info=SimpleNamespace(transaction_status=status))
        connection: Any = SimpleNamespace(connection=SimpleNamespace(driver_connection=driver))
        assert in_transaction(connection) == bool(status)
