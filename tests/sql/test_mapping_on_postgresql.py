"""The checks of a mapping on PostgreSQL: indexes that are used, keys across schemas, statements that run."""

from __future__ import annotations

import pendulum
import pytest
import small_service
import sqlalchemy as sa

from accountmerge import sql

NOW = pendulum.datetime(2026, 5, 1)


@pytest.fixture
def made(postgres_engine: sa.Engine) -> sql.Mapping:
    found = small_service.mapping(small_service.tables())
    found.metadata.create_all(postgres_engine)
    found.create_all(postgres_engine)
    with postgres_engine.begin() as connection:
        small_service.fill(connection, found.metadata)
    return found


def test_each_statement_runs_and_each_index_is_named_once(
    postgres_engine: sa.Engine, made: sql.Mapping
) -> None:
    gaps = [
        made.missing(intent, database=postgres_engine) for intent in ("migration", "merge", "access_request")
    ]
    statements = [*made.indexes(postgres_engine), *(gap.ddl for found in gaps for gap in found if gap.ddl)]
    with postgres_engine.begin() as connection:
        for statement in dict.fromkeys(statements):
            connection.exec_driver_sql(statement)
    assert made.indexes(postgres_engine) == ()


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            (
                "SELECT * FROM client WHERE lower(email1) IN ('a') "
                "OR ((email1)::text COLLATE \"C\" ~ '[^!-~]' AND email1 > '')"
            ),
            "client_email1_unusual",
        ),
        (
            (
                "SELECT * FROM booking WHERE calendar_id = 1 "
                "AND (starts + minutes * interval '1 second' * 60) > '2026-05-04'"
            ),
            "booking_profile_id",
        ),
    ],
)
def test_reading_uses_the_indexes(
    postgres_engine: sa.Engine, made: sql.Mapping, query: str, index: str
) -> None:
    with postgres_engine.begin() as connection:
        for statement in made.indexes(postgres_engine):
            connection.exec_driver_sql(statement)
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {query}")]
    assert any(f"{made.prefix}{index}" in line for line in plan)


def test_a_foreign_key_of_another_schema_is_told(postgres_engine: sa.Engine, made: sql.Mapping) -> None:
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA other")
        connection.exec_driver_sql("CREATE TABLE other.rating (who integer REFERENCES client (id))")
    found = {(each.by, each.table, each.columns) for each in made.unmapped(postgres_engine)}
    assert ("foreign_key", "other.rating", ("who",)) in found


def test_an_audit_says_which_rows_are_locked(postgres_engine: sa.Engine, made: sql.Mapping) -> None:
    found = sql.Store(postgres_engine, made, clock=lambda: NOW).audit()
    assert found.is_readable
    assert (found.observations, found.locks.code) == ((), "locks_rows")
