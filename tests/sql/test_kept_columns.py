"""Columns without a field move with an address, a phone or an access row to the survivor, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import small_service
import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql

AT = datetime(2026, 4, 1, 14, tzinfo=UTC)
MERGE = am.MergeRequest(
    survivor="client-1",
    absorbed=["client-2"],
    authority=am.merges.Authority(person="Bo Example", role="head", ticket="T-2", why="an example"),
)
RULES = am.MergeRules(actor="authorised", kept_primary="survivor", undo="while_unchanged")


def tables() -> sa.MetaData:
    """Return the tables of the service, with addresses, phones and access in rows that have more columns."""
    metadata = small_service.tables()

    def owner(name: str, target: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer, sa.ForeignKey(target), nullable=False)

    def rest() -> list[sa.Column[Any]]:
        return [sa.Column("label", sa.String(20)), sa.Column("proof", sa.LargeBinary)]

    sa.Table(
        "address",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        owner("client_id", "client.id"),
        sa.Column("text", sa.String(200), nullable=False, unique=True),
        sa.Column("use", sa.String(20), nullable=False),
        *rest(),
    )
    sa.Table(
        "phone",
        metadata,
        owner("client_id", "client.id"),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        *rest(),
        sa.PrimaryKeyConstraint("client_id", "place"),
    )
    sa.Table(
        "care",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        owner("calendar_id", "calendar.id"),
        owner("client_id", "client.id"),
        sa.Column("level", sa.String(20), nullable=False),
        *rest(),
        sa.UniqueConstraint("calendar_id", "client_id"),
    )
    return metadata


def practice(engine: sa.Engine, *, batch: int) -> sql.Store:
    """Return a store in which only the second client has addresses, a phone and access."""
    metadata = tables()
    own = metadata.tables
    emails = sql.EmailRows(own["address"], owner="client_id", address="text", use="use")
    phones = sql.Rows(own["phone"], owner="client_id", value="number", order="place")
    mapping = small_service.mapping(metadata, client={"emails": emails, "phones": phones})
    mapping.access("care", profile_id="calendar_id", customer_id="client_id", level="level")
    mapping.metadata.create_all(engine)
    mapping.create_all(engine)
    with engine.begin() as connection:
        small_service.fill(connection, metadata, bookings=4)
        rest: dict[str, Any] = {"client_id": 2, "label": "at work", "proof": b"\x00'\xff"}
        rows: dict[str, list[dict[str, Any]]] = {
            "address": [
                {"id": 7, "text": "login@example.com", "use": "primary", **rest},
                {"id": 8, "text": "Other@example.com", "use": "secondary", **rest, "label": "at home"},
            ],
            "phone": [{"place": 1, "number": "555-2222", **rest}],
            "care": [{"id": 5, "calendar_id": 1, "level": "treating", **rest}],
        }
        for name, some in rows.items():
            connection.execute(own[name].insert(), some)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('care', 'id'), 100)")
    return sql.Store(engine, mapping, batch=batch, clock=lambda: AT)


def kept(store: sql.Store, name: str) -> set[tuple[Any, ...]]:
    """Return the owner, the text and the further columns of the rows of a table."""
    table = store.mapping.metadata.tables[name]
    text = {"address": "text", "phone": "number", "care": "calendar_id"}[name]
    with store.engine.connect() as connection:
        found = connection.execute(
            sa.select(*(table.c[each] for each in ("client_id", text, "label", "proof")))
        )
        return {tuple(row) for row in found}


@pytest.mark.parametrize("batch", [1, 100])
def test_other_columns_follow_a_row_to_the_survivor_and_an_undo_brings_them_back(
    engine: sa.Engine, batch: int
) -> None:
    store = practice(engine, batch=batch)
    before, data = {name: kept(store, name) for name in ("address", "phone", "care")}, store.snapshot()
    plan = am.plan_merge(data, MERGE, rules=RULES, at=AT)
    assert plan.is_ready
    merge = plan.confirm(by="Bo Example", at=AT)
    store.apply(merge, by="a test")
    assert store.snapshot().customers["client-1"].phones == ("555-2222",)
    for name, rows in before.items():
        now = kept(store, name)
        assert {row[1:] for row in now} == {row[1:] for row in rows}
        assert {row[0] for row in now if row[1] != "Other@example.com"} >= {1}
    undo = am.invert(merge).confirm(by="Bo Example", at=AT)
    store.apply(undo, by="a test")
    assert {name: kept(store, name) for name in before} == before
    assert store.snapshot().customers == data.customers
