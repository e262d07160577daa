"""A change set that is applied at once leaves the same rows as one that is applied step by step."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from booking_service import contents
from sqlalchemy.pool import StaticPool

import accountmerge as am
from accountmerge import sql

EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/sql_service.sql"
NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
STATUS = {0: "held", 1: "booked", 2: "completed", 3: "cancelled", 4: "missed"}
MORE_COLUMNS = """
ALTER TABLE booking ADD COLUMN site VARCHAR(8);
ALTER TABLE booking ADD COLUMN floor VARCHAR(8) DEFAULT 'ground';
ALTER TABLE booking ADD COLUMN seats INTEGER DEFAULT 1;
UPDATE booking SET site = 'east', floor = NULL, seats = 'two' WHERE id = 1;
"""
TYPED_COLUMNS = """
ALTER TABLE booking ADD COLUMN entered DATETIME;
ALTER TABLE booking ADD COLUMN price NUMERIC(8, 2);
ALTER TABLE booking ADD COLUMN details JSON;
UPDATE booking SET entered = '2026-01-01T10:00', price = 80.123, details = '{"b": 1,  "a": 2}' WHERE id < 3;
UPDATE booking SET entered = 'unknown', price = 'free', details = 'null' WHERE id = 3;
"""


def opened(more: str) -> sa.Engine:
    """Return a database with the tables of the example, and more columns."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    plain: Any = engine.raw_connection()
    plain.executescript(EXAMPLE.read_text(encoding="utf-8") + more)
    plain.close()
    return engine


def mapped(engine: sa.Engine, *, not_null: bool) -> sql.Mapping:
    """Return the mapping; SQLite tells that keys may be NULL, and programs declare that they may not."""
    tables = sa.MetaData()
    tables.reflect(engine)
    for table in tables.tables.values():
        for column in table.primary_key:
            column.nullable = not not_null
    made = sql.Mapping(tables, zone="America/Toronto")
    made.profiles("calendar", practitioner_id="owner", email="login", login="sign_in", schedule="state")
    made.customers(
        "person", record_number="file_no", status=sql.Codes("active", {True: "active", False: "disabled"})
    )
    made.appointments(
        "booking",
        profile_id="calendar_id",
        customer_id="person_id",
        start=sql.Local("starts"),
        end=sql.Duration("minutes"),
        modality=sql.Codes("way", {"room": "in_person", "video": "video"}),
        status=sql.Codes("status", STATUS),
    )
    made.records("note", "note", customer_id="person_id", profile_id="calendar_id", data=sql.Columns("text"))
    made.access("care", profile_id="calendar_id", customer_id="person_id", level="level")
    made.follows("invoice.booking_id")
    return made


def migration_of(store: sql.Store) -> am.ChangeSet:
    """Return the migration of the first calendar."""
    request = am.MigrationRequest(
        profile_id="calendar-1",
        new_email="nadia@example.org",
        reason="security",
        ticket="T-2",
        agreement=am.Agreement(by="Nadia Haddad", at=NOW, version="1"),
    )
    return am.plan_migration(store.snapshot(practitioners=["P1"]), request, at=NOW).change_set


@pytest.mark.parametrize("batch", [1, 1_000])
@pytest.mark.parametrize(
    "name", ["new_status", "own", "own_id", "source", "plans", "key", "order", "new %(id)s"]
)
def test_a_column_of_the_caller_may_have_any_name(name: str, batch: int) -> None:
    engine = opened(f'ALTER TABLE booking ADD COLUMN "{name}" INTEGER; UPDATE booking SET "{name}" = 7;')  # noqa: S608
    store = sql.Store(engine, mapped(engine, not_null=True), batch=batch, clock=lambda: NOW)
    store.create_tables()
    change_set = migration_of(store)
    store.apply(change_set, by="a test")
    assert {row[-1] for row in contents(engine)["booking"]} == {("int", 7)}
    assert len(contents(engine)["booking"]) == 7
    store.apply(am.invert(change_set).confirm(by="Ana Duarte", at=NOW), by="a test")
    engine.dispose()


@pytest.mark.parametrize("batch", [1, 1_000])
@pytest.mark.parametrize("steps", [1, 3])
def test_a_new_profile_has_the_columns_of_the_old_one_if_only_some_steps_are_applied(
    batch: int, steps: int
) -> None:
    engine = opened("")
    store = sql.Store(engine, mapped(engine, not_null=False), batch=batch, clock=lambda: NOW)
    store.create_tables()
    store.apply(migration_of(store).prefix(steps), by="a test")
    with engine.connect() as connection:
        colours = connection.exec_driver_sql("SELECT owner, colour FROM calendar ORDER BY id").all()
    assert colours == [("P1", "#336699"), ("P2", "#993366"), ("P1", "#336699")]
    engine.dispose()


EMPTYING = """
CREATE TRIGGER emptied AFTER UPDATE ON booking WHEN NEW.status = 3
BEGIN UPDATE booking SET room = NULL WHERE id = NEW.id; END;
"""
"""A trigger that frees the room of a cancelled booking."""


@pytest.mark.parametrize("batch", [1, 1_000])
def test_a_new_booking_keeps_what_a_trigger_takes_from_the_cancelled_one(batch: int) -> None:
    engine = opened(EMPTYING)
    store = sql.Store(engine, mapped(engine, not_null=False), batch=batch, clock=lambda: NOW)
    store.create_tables()
    store.apply(migration_of(store), by="a test")
    with engine.connect() as connection:
        rooms = connection.exec_driver_sql(
            "SELECT status, room FROM booking WHERE minutes = 50 ORDER BY 1, 2"
        )
        assert rooms.all() == [(1, None), (1, "A1"), (1, "B2"), (1, "B2"), (3, None), (3, None), (3, None)]
    engine.dispose()


@pytest.mark.parametrize(
    "not_null", [False, True], ids=["keys-as-sqlite-tells-them", "keys-that-are-not-null"]
)
@pytest.mark.parametrize("more", [MORE_COLUMNS, MORE_COLUMNS + TYPED_COLUMNS], ids=["texts", "types"])
def test_a_set_at_once_and_step_by_step_leave_equal_tables_and_the_undo_restores_them(
    more: str, not_null: bool
) -> None:
    left: list[list[dict[str, Any]]] = []
    for batch in (1, 1_000):
        engine = opened(more)
        store = sql.Store(engine, mapped(engine, not_null=not_null), batch=batch, clock=lambda: NOW)
        theirs = set(contents(engine))
        store.create_tables()
        states = [contents(engine)]
        plan = migration_of(store)
        undo = am.invert(plan).confirm(by="Ana Duarte", at=NOW)
        for change_set in (plan, undo):
            points: list[str] = []
            store.apply(change_set, by="a test", on_point=points.append)
            states.append(contents(engine))
            commits = sum(point.startswith("committed ") for point in points)
            assert commits == (1 if batch > 1 else len(change_set.steps))
        assert {name: states[2][name] for name in theirs} == {name: states[0][name] for name in theirs}
        left.append(states)
        engine.dispose()
    assert left[0] == left[1]
