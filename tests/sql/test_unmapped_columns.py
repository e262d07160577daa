"""No column that refers to a mapped table can be forgotten, declared or only in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import small_service
import sqlalchemy as sa

from accountmerge import sql


@pytest.fixture
def practice(tmp_path: Path) -> tuple[sql.Mapping, sa.Engine]:
    made = small_service.mapping(small_service.tables())
    return made, small_service.engine_for(tmp_path / "practice.db", made)


def told(made: sql.Mapping, engine: sa.Engine) -> list[tuple[str, str, tuple[str, ...], str]]:
    return [(each.by, each.table, each.columns, each.target) for each in made.unmapped(engine)]


INVOICE = ("foreign_key", "invoice", ("booking_id",), "booking")


def test_a_foreign_key_that_is_not_declared_is_told(practice: tuple[sql.Mapping, sa.Engine]) -> None:
    assert told(*practice) == [INVOICE]


@pytest.mark.parametrize("way", ["leaves", "follows"])
def test_a_declared_foreign_key_is_not_told(practice: tuple[sql.Mapping, sa.Engine], way: str) -> None:
    made, engine = practice
    if way == "leaves":
        made.leaves("invoice.booking_id", why="a paid invoice stays with its booking")
    else:
        made.follows("invoice.booking_id")
    assert told(made, engine) == []


def test_a_table_that_only_the_database_has_cannot_be_forgotten(
    practice: tuple[sql.Mapping, sa.Engine],
) -> None:
    made, engine = practice
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE rating (who INTEGER REFERENCES client (id), stars INTEGER)")
    assert told(made, engine) == [INVOICE, ("foreign_key", "rating", ("who",), "client")]


def test_a_new_foreign_key_of_a_mapped_table_is_told(practice: tuple[sql.Mapping, sa.Engine]) -> None:
    made, engine = practice
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE note ADD COLUMN second INTEGER REFERENCES client (id)")
    assert ("foreign_key", "note", ("second",), "client") in told(made, engine)


def test_a_foreign_key_in_data_is_told_because_plans_do_not_know_it() -> None:
    metadata = small_service.tables()
    metadata.tables["note"].append_column(sa.Column("for_client", sa.Integer, sa.ForeignKey("client.id")))
    made = small_service.mapping(metadata, note={"data": sql.Columns("text", "for_client")})
    engine = sa.create_engine("sqlite://")
    assert ("foreign_key", "note", ("for_client",), "client") in told(made, engine)


@pytest.mark.parametrize("name", ["client_id", "CLIENT_ID", "clientid", "ClientId"])
def test_a_column_named_like_a_key_is_told_after_the_foreign_keys(
    practice: tuple[sql.Mapping, sa.Engine], name: str
) -> None:
    made, engine = practice
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE audit_line (at TEXT, {name} INTEGER)")
    assert told(made, engine) == [INVOICE, ("name", "audit_line", (name,), "client")]


@pytest.mark.parametrize("name", ["client", "client_name", "id", "clients_note"])
def test_a_column_with_another_name_is_not_told(practice: tuple[sql.Mapping, sa.Engine], name: str) -> None:
    made, engine = practice
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE audit_line (at TEXT, {name} INTEGER)")
    assert told(made, engine) == [INVOICE]


def test_the_added_tables_are_not_told(practice: tuple[sql.Mapping, sa.Engine]) -> None:
    made, engine = practice
    assert any(table.startswith(made.prefix) for table in sa.inspect(engine).get_table_names())
    assert not any(table.startswith(made.prefix) for _, table, _, _ in told(made, engine))


def test_the_rows_of_a_list_field_are_known() -> None:
    metadata = small_service.tables()
    reference = sa.Column("client_id", sa.Integer, sa.ForeignKey("client.id"), primary_key=True)
    phone = sa.Table(
        "client_phone", metadata, reference, sa.Column("number", sa.String(40), primary_key=True)
    )
    engine = sa.create_engine("sqlite://")
    rows: Any = sql.Rows(phone, owner="client_id", value="number")
    assert told(small_service.mapping(metadata, client={"phones": rows}), engine) == [INVOICE]
    assert len(told(small_service.mapping(metadata), engine)) == 2
