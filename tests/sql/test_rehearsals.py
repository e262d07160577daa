"""A rehearsal writes every step to the database, tells what differs from the plan, and keeps no change."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from booking_service import confirmed, contents, merge_of, migration_of, opened, store_of

import accountmerge as am
from accountmerge import sql
from accountmerge.sql import rehearsing
from accountmerge.sql.rehearsals import HeldLock, Rehearsal, RowChanges
from accountmerge.sql.table_contents import changes_between, content_of

CLOSED = """
    CREATE TRIGGER closed BEFORE UPDATE ON booking WHEN NEW.status = 3
    BEGIN SELECT RAISE(ABORT, 'ida@example.com'); END
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = opened(tmp_path / "service.db")
    yield made
    made.dispose()


def execute(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rehearsed(store: sql.Store, change_set: Any) -> Rehearsal:
    """Rehearse, and require that every table is as before, and that no transaction is left open."""
    before = contents(store.engine)
    found = store.rehearse(change_set)
    assert contents(store.engine) == before
    execute(store.engine, "UPDATE invoice SET cents = cents")
    return found


def changes(found: Rehearsal) -> dict[str, tuple[int, int, int]]:
    return {each.table: (each.inserted, each.updated, each.deleted) for each in found.writes}


def sizes(engine: sa.Engine) -> dict[str, int]:
    return {name: len(rows) for name, rows in contents(engine).items()}


@pytest.mark.parametrize("planner", [migration_of, merge_of])
def test_a_rehearsal_tells_what_apply_then_does(engine: sa.Engine, planner: Callable[..., Any]) -> None:
    store = store_of(engine)
    change_set = confirmed(planner(store.snapshot()))
    found = rehearsed(store, change_set)
    assert found.is_as_planned
    assert repr(found) == f"Rehearsal({len(change_set.steps)} steps, as planned)"
    assert found.locks == (HeldLock(kind="file"),)
    assert 0 < found.writing_seconds < found.locked_seconds
    before, statements = sizes(engine), 0
    batched = store_of(engine, batch=len(change_set.steps) - 1)  # step by step, in two transactions

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    sa.event.listen(engine, "before_cursor_execute", count)
    applied = batched.apply(change_set, by="a test")
    sa.event.remove(engine, "before_cursor_execute", count)
    assert found.steps == applied.steps
    grown = {name: size - before[name] for name, size in sizes(engine).items() if name != "sqlite_sequence"}
    told = {name: new - gone for name, (new, _, gone) in changes(found).items()}
    assert {name: told.get(name, 0) for name in grown} == grown
    assert found.statements <= statements
    again = rehearsed(store, change_set)
    assert again.is_as_planned
    assert {outcome for _, outcome in again.steps} == {"already"}
    assert again.writes == ()


def test_the_rest_of_a_set_that_is_partly_applied_is_rehearsed(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    store.apply(change_set.prefix(3), by="a test")
    found = rehearsed(store, change_set)
    assert found.is_as_planned
    assert [outcome for _, outcome in found.steps] == ["already"] * 3 + ["applied"] * 5


@pytest.mark.parametrize("batch", [1, 100])
def test_a_plan_that_is_not_confirmed_is_tried_and_told(engine: sa.Engine, batch: int) -> None:
    store = store_of(engine, batch=batch)
    plan = merge_of(store.snapshot())
    found = rehearsed(store, plan)
    assert [failure.code for failure in found.failures] == ["unconfirmed"]
    assert found.steps == rehearsed(store, confirmed(plan)).steps
    assert not found.is_as_planned
    assert store.receipts() == ()


def test_a_set_that_does_not_fit_is_told_as_check_tells_it(engine: sa.Engine) -> None:
    store = store_of(engine)
    plan = merge_of(store.snapshot())
    execute(
        engine, "UPDATE client SET last_name = 'Other' WHERE id = 12", "DELETE FROM booking WHERE id = 25"
    )
    found = rehearsed(store, confirmed(plan))
    assert found.failures == store.check(confirmed(plan)) != ()
    assert found.steps == ()
    assert rehearsed(store, plan).failures[0].code == "unconfirmed"


def test_a_trigger_that_changes_a_written_column_is_found_by_id_and_column(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        "CREATE TRIGGER room_moves AFTER INSERT ON booking"
        " BEGIN UPDATE booking SET way = 'phone' WHERE id = NEW.id; END",
    )
    found = rehearsed(store, change_set)
    (difference,) = found.differences
    assert (difference.entity, difference.id) == ("appointment", "booking-26")
    assert difference.columns == ("way",)
    assert difference.fields == ()  # the overlay keeps the planned value
    assert not found.is_as_planned
    assert found.beyond == ()


def test_a_trigger_that_spoils_a_later_step_is_told_as_its_drift(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        "CREATE TRIGGER first_moves AFTER INSERT ON booking"
        " BEGIN UPDATE booking SET status = 4 WHERE id = 22; END",
    )
    found = rehearsed(store, change_set)
    drifted = [n for n, outcome in found.steps if outcome == "drifted"]
    assert drifted == [found.failures[0].step] == [len(found.steps)]
    assert len(found.steps) < len(change_set.steps)
    assert ("appointment", "booking-22", ("status",)) in [
        (each.entity, each.id, each.fields) for each in found.differences
    ]


def test_what_triggers_write_beyond_the_plan_is_counted_by_table(engine: sa.Engine) -> None:
    execute(engine, "CREATE TABLE audit (id INTEGER PRIMARY KEY, what)", "CREATE TABLE mail (subject)")
    store = store_of(engine)
    for name in ("audit", "mail"):
        sa.Table(name, store.mapping.metadata, autoload_with=engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        "INSERT INTO mail VALUES ('one'), ('one'), ('two')",
        "CREATE TRIGGER audited AFTER INSERT ON booking BEGIN"
        " INSERT INTO audit (what) VALUES (NEW.id); UPDATE invoice SET cents = 0 WHERE id = 53;"
        " DELETE FROM mail WHERE subject = 'two'; UPDATE calendar SET colour = 'red' WHERE id = 8; END",
    )
    found = rehearsed(store, change_set)
    assert set(found.beyond) == {
        RowChanges(table="audit", inserted=2),
        RowChanges(table="invoice", updated=1),
        RowChanges(table="mail", deleted=1),
        RowChanges(table="calendar", updated=1),
    }
    assert found.differences == ()
    assert not found.is_as_planned


@pytest.mark.parametrize("event", ["INSERT", "UPDATE"])
def test_a_trigger_that_changes_a_column_that_no_step_writes_is_found_in_the_row_of_the_step(
    engine: sa.Engine, event: str
) -> None:
    """Of a new row, the columns that it takes from the old one are known."""
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        f"CREATE TRIGGER room_moves AFTER {event} ON booking"  # noqa: S608 - a name of SQL
        " BEGIN UPDATE booking SET room = 'cellar' WHERE id = NEW.id; END",
    )
    found = rehearsed(store, change_set)
    columns = {(each.id, each.fields, each.columns) for each in found.differences}
    old = {(f"booking-{key}", (), ("room",)) for key in (21, 22)}
    new = {(f"booking-{key}", (), ("room",)) for key in (26, 27)}
    assert columns == (new if event == "INSERT" else old)
    assert found.beyond == ()
    assert not found.is_as_planned


def test_a_trigger_that_changes_a_mapped_column_that_its_step_does_not_write_is_found(
    engine: sa.Engine,
) -> None:
    """Also if an overlay keeps the planned value."""
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        "CREATE TRIGGER way_moves AFTER UPDATE OF status ON booking"
        " BEGIN UPDATE booking SET way = 'phone' WHERE id = NEW.id; END",
    )
    found = rehearsed(store, change_set)
    assert ("booking-21", ("way",)) in {(each.id, each.columns) for each in found.differences}


def test_a_trigger_that_changes_a_row_of_a_table_that_follows_is_found(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    invoice = store.mapping.metadata.tables["invoice"]
    invoice.append_constraint(sa.ForeignKeyConstraint(["booking_id"], ["booking.id"]))
    store.mapping.follows("invoice.booking_id")
    assert rehearsed(store, change_set).is_as_planned
    execute(
        engine,
        "CREATE TRIGGER free AFTER UPDATE OF status ON booking"
        " BEGIN UPDATE invoice SET cents = 0 WHERE booking_id = NEW.id; END",
    )
    found = rehearsed(store, change_set)
    assert found.beyond == (RowChanges(table="invoice", updated=2),)
    assert found.differences == ()


def test_of_a_large_table_only_the_number_of_rows_is_compared(engine: sa.Engine) -> None:
    store = store_of(engine)
    invoice = store.mapping.metadata.tables["invoice"]
    with engine.connect() as connection:
        small, large = content_of(connection, invoice), content_of(connection, invoice, most=3)
        connection.exec_driver_sql("INSERT INTO invoice VALUES (60, 21, 1, 0)")
        connection.exec_driver_sql("UPDATE invoice SET cents = 1")
        later, larger = content_of(connection, invoice), content_of(connection, invoice, most=3)
    assert large.digests is None
    assert changes_between("invoice", large, larger, ()) == RowChanges(table="invoice", inserted=1)
    assert changes_between("invoice", larger, large, ()) == RowChanges(table="invoice", deleted=1)
    assert changes_between("invoice", small, later, ()) == RowChanges(table="invoice", inserted=1, updated=4)
    assert changes_between("invoice", small, later, {(60,), (51,)}) == RowChanges(table="invoice", updated=3)
    assert changes_between("invoice", small, small, ()) is None


@pytest.mark.parametrize(
    ("rule", "constraint"),
    [
        (
            "CREATE UNIQUE INDEX one_way ON booking (client_id, starts, way)",
            "booking.client_id, booking.starts, booking.way",
        ),
        (
            CLOSED,
            None,
        ),
    ],
)
def test_a_constraint_that_would_refuse_is_named_with_its_step(
    engine: sa.Engine, rule: str, constraint: str | None
) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(engine, rule)
    found = rehearsed(store, change_set)
    refusal = found.refusal
    assert refusal is not None
    code = "sql_trigger_refused" if constraint is None else "sql_refused"
    assert (refusal.table, refusal.constraint, refusal.code) == ("booking", constraint, code)
    assert change_set.steps[refusal.step - 1].kind == "rebook"
    assert found.steps == tuple((n, "applied") for n in range(1, refusal.step))
    assert "example.com" not in repr(refusal)
    assert not found.is_as_planned
    with pytest.raises(sql.DatabaseError):
        store.apply(change_set, by="a test")
    assert len(store.receipts()) == refusal.step - 1


def test_a_foreign_key_that_only_a_commit_would_verify_is_told(tmp_path: Path) -> None:
    engine = opened(tmp_path / "service.db")
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    engine.dispose()
    execute(engine, "CREATE TABLE room (id INTEGER PRIMARY KEY)")
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    assert rehearsed(store, change_set).is_as_planned
    execute(
        engine,
        "ALTER TABLE note ADD COLUMN room_id INT DEFAULT NULL REFERENCES room (id) DEFERRABLE INITIALLY DEFERRED",
    )
    with closing(sqlite3.connect(tmp_path / "service.db")) as careless, careless:
        careless.execute("UPDATE note SET room_id = 6 WHERE id = 31")
    assert rehearsed(store, change_set).is_as_planned
    execute(
        engine,
        "CREATE TRIGGER roomed AFTER INSERT ON note BEGIN UPDATE note SET room_id = 7 WHERE id = NEW.id; END",
    )
    refusal = rehearsed(store, change_set).refusal
    assert refusal is not None
    assert (refusal.table, refusal.constraint) == ("note", "FOREIGN KEY")
    assert change_set.steps[refusal.step - 1].kind == "hand_over_records"


def test_a_value_that_the_mapping_cannot_write_is_a_refusal(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    codes = store.mapping.tables.of("appointment").bindings["status"]
    assert isinstance(codes, sql.Codes)
    del codes.words[3]  # type: ignore[attr-defined]
    refusal = rehearsed(store, change_set).refusal
    assert refusal is not None
    assert (refusal.table, refusal.constraint, refusal.code) == ("booking", "status", "sql_no_code")


def test_a_written_row_that_a_trigger_makes_unreadable_is_a_refusal(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(engine, "CREATE TRIGGER odd AFTER INSERT ON booking BEGIN UPDATE booking SET status = 9; END")
    refusal = rehearsed(store, change_set).refusal
    assert refusal is not None
    assert (refusal.table, refusal.code) == ("booking", "sql_not_read_back")


def test_a_trigger_that_changes_a_read_row_is_found_by_id_and_field(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        "CREATE TRIGGER renamed AFTER UPDATE OF state ON calendar"
        " BEGIN UPDATE booking SET way = 'chat' WHERE id = 21; END",
    )
    differences = rehearsed(store, change_set).differences
    assert ("appointment", "booking-21", ("modality",)) in [
        (each.entity, each.id, each.fields) for each in differences
    ]


def test_new_faults_after_the_steps_are_told(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        "CREATE TRIGGER revived AFTER INSERT ON booking BEGIN UPDATE booking SET status = 1 WHERE id < 23; END",
    )
    found = rehearsed(store, change_set)
    assert found.faults_before == ()
    assert found.new_faults == found.faults_after != ()


def test_a_fault_that_the_plan_itself_transfers_is_told_and_is_as_planned(engine: sa.Engine) -> None:
    execute(engine, "UPDATE client SET email2 = 'no address' WHERE id = 12")
    store = store_of(engine)
    found = rehearsed(store, confirmed(merge_of(store.snapshot())))
    assert [finding.id for finding in found.new_faults] == ["email_malformed:client-11"]
    assert found.is_as_planned


def test_an_error_within_leaves_no_change_and_no_transaction(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        "CREATE TRIGGER odd AFTER INSERT ON booking BEGIN UPDATE booking SET status = 9 WHERE id < 23; END",
    )
    before = contents(engine)
    with pytest.raises(am.LoadError):
        store.rehearse(change_set)
    assert contents(engine) == before
    execute(engine, "DROP TRIGGER odd", "ALTER TABLE accountmerge_owed RENAME TO elsewhere")
    before = contents(engine)
    with pytest.raises(sql.DatabaseError) as told:
        store.rehearse(change_set)
    assert told.value.code == "sql_missing_table"
    assert contents(engine) == before
    execute(engine, "UPDATE invoice SET cents = cents")


def test_a_written_row_that_a_trigger_removes_is_found_by_id(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    execute(
        engine,
        "CREATE TRIGGER swept AFTER INSERT ON booking BEGIN DELETE FROM booking WHERE id = 21; END",
    )
    found = rehearsed(store, change_set)
    assert not found.is_as_planned
    assert ("appointment", "booking-21", ("id",)) in [
        (each.entity, each.id, each.fields) for each in found.differences
    ]


def test_a_set_that_drifts_before_the_locks_are_held_is_told_as_check_tells_it(engine: sa.Engine) -> None:
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))
    waiting = ["UPDATE booking SET status = 4 WHERE id = 21"]

    def write_first(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement == "BEGIN IMMEDIATE" and waiting:
            with closing(sqlite3.connect(str(engine.url.database))) as other:
                other.execute(waiting.pop())
                other.commit()

    sa.event.listen(engine, "before_cursor_execute", write_first)
    found = store.rehearse(change_set)
    sa.event.remove(engine, "before_cursor_execute", write_first)
    assert waiting == []
    assert found.failures == store.check(change_set) != ()
    assert found.steps == ()


def test_a_large_table_that_steps_write_is_named_and_only_its_written_rows_are_compared(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsing, "content_of", partial(content_of, most=1))
    store = store_of(engine)
    found = rehearsed(store, confirmed(migration_of(store.snapshot())))
    assert "booking" in found.uncompared
    assert "booking" not in {each.table for each in found.beyond}
    assert found.differences == ()
