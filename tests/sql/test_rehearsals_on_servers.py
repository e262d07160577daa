"""A rehearsal on SQLite and on PostgreSQL, with its triggers, deferred constraints and locks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from foreign_practice import fill_practice
from foreign_schema import BOOKING_SERVICE
from mapped_schemas import booking_service
from sqlalchemy import Engine, MetaData, event, insert, select

import accountmerge as am
from accountmerge import sql
from accountmerge.sql.rehearsals import HeldLock, RowChanges

NOW = datetime(2026, 10, 20, 14, tzinfo=UTC)
REQUEST = am.MigrationRequest(
    profile_id="calendar-1",
    new_email="ann.new@example.com",
    reason="business_name_change",
    ticket="T-1",
    agreement=am.Agreement(by="Ann Example", at=datetime(2026, 10, 1, tzinfo=UTC), version="1"),
)


def store_on(engine: Engine, **options: Any) -> sql.Store:
    BOOKING_SERVICE.create_all(engine)
    with engine.begin() as connection:
        fill_practice(connection, clients=3, bookings=6)
    store = sql.Store(engine, booking_service(), clock=lambda: NOW, **options)
    store.create_tables()
    with engine.begin() as connection:
        access = store.mapping.tables.of("access").table
        pairs = [(profile, client) for profile in (1, 2) for client in (1, 2, 3)]
        rows = [{"profile_id": one, "customer_id": other, "level": "treating"} for one, other in pairs]
        connection.execute(insert(access), rows)
    return store


def planned(store: sql.Store) -> am.ChangeSet:
    plan = am.plan_migration(store.snapshot(), REQUEST, at=NOW)
    assert not plan.change_set.blocked
    return plan.change_set


def contents(store: sql.Store) -> dict[str, list[Any]]:
    tables = [*store.mapping.metadata.sorted_tables, *store.mapping.tables.added.sorted_tables]
    with store.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }


def rehearsed(store: sql.Store, change_set: am.ChangeSet) -> sql.Rehearsal:
    before = contents(store)
    found = store.rehearse(change_set)
    assert contents(store) == before
    return found


def execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def trigger(name: str, when: str, body: str) -> tuple[str, str]:
    """Return the statements that make a trigger of PostgreSQL."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$",
        f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def test_a_rehearsal_writes_as_apply_does_and_keeps_no_change(engine: Engine) -> None:
    store = store_on(engine)
    change_set = planned(store)
    found = rehearsed(store, change_set)
    assert found.is_as_planned, (found, found.differences, found.refusal, found.failures)
    applied = store.apply(change_set, by="a test")
    assert found.steps == applied.steps
    inserted = {each.table: each.inserted for each in found.writes}
    assert (inserted["calendar"], inserted["booking"]) == (1, 3)


def test_the_locks_of_postgresql_are_told(postgres_engine: Engine) -> None:
    store = store_on(postgres_engine)
    change_set = planned(store)
    held: dict[str, int] = {}

    def count(_: object, __: object, statement: str, *___: object) -> None:
        """Count the rows of each table that another connection cannot lock, just before they are released."""
        if statement == "ROLLBACK":
            with postgres_engine.connect() as other:
                for name in ("calendar", "client", "booking", "note"):
                    table = BOOKING_SERVICE.tables[name]
                    free = other.execute(select(table.c.id).with_for_update(skip_locked=True)).all()
                    held[name] = len(other.execute(select(table.c.id)).all()) - len(free)

    event.listen(postgres_engine, "before_cursor_execute", count)
    found = store.rehearse(change_set)
    event.remove(postgres_engine, "before_cursor_execute", count)
    rows = {lock.table: lock.rows for lock in found.locks}
    assert {lock.kind for lock in found.locks} == {"rows"}
    assert {name: rows.get(name, 0) for name in held} == held
    assert held["calendar"] >= 1
    strict = sql.Store(postgres_engine, store.mapping, locks="tables", clock=lambda: NOW)
    locks = rehearsed(strict, change_set).locks
    assert HeldLock(kind="table", table="booking") in locks
    assert {lock.kind for lock in locks} == {"table"}


def test_a_column_that_a_trigger_sets_before_the_write_is_found_although_it_reads_back_as_planned(
    postgres_engine: Engine,
) -> None:
    store = store_on(postgres_engine)
    change_set = planned(store)
    execute(
        postgres_engine,
        *trigger("phoned", "BEFORE INSERT ON booking", "NEW.way := 'phone'; NEW.room := 'Z';"),
    )
    found = rehearsed(store, change_set)
    assert {(each.entity, each.fields, each.columns) for each in found.differences} == {
        ("appointment", (), ("room", "way"))
    }


def test_a_trigger_that_writes_elsewhere_or_refuses_is_told(postgres_engine: Engine) -> None:
    store = store_on(postgres_engine)
    change_set = planned(store)
    execute(
        postgres_engine,
        *trigger("invoiced", "AFTER INSERT ON booking", "UPDATE invoice SET cents = 0 WHERE booking_id = 2;"),
    )
    found = rehearsed(store, change_set)
    assert found.beyond == (RowChanges(table="invoice", updated=1),)
    execute(
        postgres_engine,
        *trigger("closed", "BEFORE UPDATE ON booking", "RAISE EXCEPTION 'ann@example.com';"),
    )
    refusal = rehearsed(store, change_set).refusal
    assert refusal is not None
    assert (refusal.table, refusal.constraint) == ("booking", None)
    assert change_set.steps[refusal.step - 1].kind == "rebook"


@pytest.mark.parametrize("deferred", ["", "DEFERRABLE INITIALLY DEFERRED"])
def test_a_constraint_is_verified_at_the_end_of_the_step_that_breaks_it(
    postgres_engine: Engine, deferred: str
) -> None:
    store = store_on(postgres_engine)
    change_set = planned(store)
    execute(
        postgres_engine,
        f"ALTER TABLE calendar ADD CONSTRAINT one_at_work UNIQUE (person, enabled) {deferred}",
    )
    found = rehearsed(store, change_set)
    refusal = found.refusal
    assert refusal is not None
    assert (refusal.table, refusal.constraint, refusal.code) == ("calendar", "one_at_work", "sql_refused")
    assert found.steps == tuple((n, "applied") for n in range(1, refusal.step))
    with pytest.raises(sql.DatabaseError) as told:
        store.apply(change_set, by="a test")
    assert told.value.facts["constraint"] == "one_at_work"
    assert len(store.receipts()) == refusal.step - 1


def test_a_constraint_that_holds_again_at_the_end_of_its_step_refuses_none(postgres_engine: Engine) -> None:
    store = store_on(postgres_engine)
    change_set = planned(store)
    execute(
        postgres_engine,
        "ALTER TABLE invoice DROP CONSTRAINT invoice_booking_id_fkey",
        "ALTER TABLE invoice ADD CONSTRAINT booked FOREIGN KEY (booking_id) REFERENCES booking"
        " DEFERRABLE INITIALLY DEFERRED",
        *trigger(
            "early",
            "BEFORE INSERT ON booking",
            "INSERT INTO invoice (booking_id) VALUES (NEW.id);",
        ),
    )
    found = rehearsed(store, change_set)
    assert found.refusal is None
    assert found.beyond == (RowChanges(table="invoice", inserted=3),)


def test_a_program_that_polls_waits_for_numbers_that_are_not_committed(postgres_engine: Engine) -> None:
    store = store_on(postgres_engine)
    change_set = planned(store)
    seen: list[Any] = []
    poll = threading.Thread(target=lambda: seen.append(store.moved()))

    def on_point(point: str) -> None:
        if point == "before 3":
            receipts = store.mapping.tables.journal.receipts
            with postgres_engine.connect() as other:
                values = {"plan_id": "other", "ordinal": 1, "body": "", "moved": "[]"}
                other.execute(insert(receipts).values(values))
                poll.start()
                poll.join(0.3)
                assert seen == []
                other.rollback()

    store.apply(change_set, by="a test", on_point=on_point)
    poll.join(10)
    assert len(seen) == 1
    assert store.moved()[: len(seen[0])] == seen[0]


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_steps_of_one_transaction_read_what_those_before_them_wrote(engine: Engine, batch: int) -> None:
    store = store_on(engine, batch=batch)
    applied = store.apply(planned(store), by="a test")
    assert applied.failures == ()
    assert set(applied.outcomes.values()) == {"applied"}


def test_values_that_the_driver_cannot_read_are_compared_and_copied(postgres_engine: Engine) -> None:
    store = store_on(postgres_engine)
    execute(
        postgres_engine,
        "ALTER TABLE booking ADD COLUMN valid timestamp DEFAULT 'infinity', ADD COLUMN since date",
        "UPDATE booking SET since = '0044-03-15 BC'",
    )
    tables = MetaData()
    tables.reflect(postgres_engine)
    for batch in (1, 100):
        again = sql.Store(postgres_engine, booking_service(tables), batch=batch, clock=lambda: NOW)
        change_set = planned(again)
        assert again.rehearse(change_set).is_as_planned
    again.apply(change_set, by="a test")
    with postgres_engine.connect() as connection:
        count = "SELECT count(*), count(DISTINCT (valid::text, since::text)) FROM booking"
        assert connection.exec_driver_sql(count).one() == (len(store.snapshot().appointments), 1)
