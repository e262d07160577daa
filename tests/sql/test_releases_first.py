"""The time of a booking is free before a step gives it to another one, also if the database looks at each statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import small_service
import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql

AT = datetime(2026, 4, 1, 14, tzinfo=UTC)
REQUEST = am.MigrationRequest(
    profile_id="calendar-2",
    new_email="p@example.net",
    reason="security",
    ticket="T-1",
    agreement=am.Agreement(by="Ann Example", at=AT, version="1"),
)
ONE_AT_A_TIME = (
    "CREATE UNIQUE INDEX one_of_a_client ON booking (client_id, starts) WHERE status IN (0, 1)",
    "CREATE UNIQUE INDEX one_of_a_practice ON booking (starts) WHERE status IN (0, 1)",
)
EMPTIES_A_ROOM = {
    "sqlite": (
        (
            "CREATE TRIGGER room_is_free AFTER UPDATE ON booking WHEN NEW.status = 3 BEGIN"
            " UPDATE booking SET room = '-', blob = NULL, price = NULL, seen = NULL WHERE id = NEW.id; END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION room_is_free() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.status = 3 THEN"
            " NEW.room := '-'; NEW.blob := NULL; NEW.price := NULL; NEW.seen := NULL; END IF; RETURN NEW; END $$"
        ),
        "CREATE TRIGGER room_is_free BEFORE UPDATE ON booking FOR EACH ROW EXECUTE FUNCTION room_is_free()",
    ),
}
"""Statements for a trigger of the caller that takes the room of a cancelled booking away."""


def tables(*, links: bool) -> sa.MetaData:
    """Return the tables of the service, perhaps with columns for both links between bookings."""
    metadata = small_service.tables()
    for name, type_ in (("price", sa.Numeric(8, 2)), ("blob", sa.LargeBinary), ("seen", sa.DateTime)):
        metadata.tables["booking"].append_column(sa.Column(name, type_))
    for name in ("earlier", "later") if links else ():
        metadata.tables["booking"].append_column(sa.Column(name, sa.Integer, sa.ForeignKey("booking.id")))
    return metadata


def practice(
    engine: sa.Engine, *, links: bool = False, more: tuple[str, ...] = (), batch: int = 1
) -> sql.Store:
    """Return a store on the small service, whose bookings may not share a time while they are live."""
    fields = {"replaces": "earlier", "replaced_by": "later"} if links else {}
    mapping = small_service.mapping(tables(links=links), booking=fields)
    mapping.follows("invoice.booking_id")
    mapping.metadata.create_all(engine)
    mapping.create_all(engine)
    booking = mapping.metadata.tables["booking"]
    with engine.begin() as connection:
        small_service.fill(connection, mapping.metadata, bookings=6)
        connection.execute(
            mapping.metadata.tables["invoice"].insert(), [{"booking_id": key} for key in (1, 2, 3)]
        )
        rare = {"price": 12.5, "blob": b"\x00\xff'", "seen": datetime(2026, 1, 2, 3, 4, 5, 6)}  # noqa: DTZ001
        connection.execute(booking.update().values(rare))
        if engine.dialect.name == "postgresql":
            for name in ("calendar", "booking"):
                connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 100)")
        for statement in (*ONE_AT_A_TIME, *more):
            connection.exec_driver_sql(statement)
    return sql.Store(engine, mapping, batch=batch, clock=lambda: AT)


def rows(store: sql.Store, name: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table of the service."""
    table = store.mapping.metadata.tables[name]
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table).order_by(table.c.id))]


@contextmanager
def written(engine: sa.Engine) -> Iterator[Counter[str]]:
    """Count the statements that write bookings, by their first word."""
    counts: Counter[str] = Counter()

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        words = statement.replace('"', "").split()
        if "booking" in words[1:3] and words[0] != "SELECT":
            counts[words[0]] += 1

    sa.event.listen(engine, "before_cursor_execute", count)
    yield counts
    sa.event.remove(engine, "before_cursor_execute", count)


def migrated(store: sql.Store) -> am.ChangeSet:
    """Move the calendar, and return the change set."""
    plan = am.plan_migration(store.snapshot(), REQUEST, at=AT)
    assert plan.is_ready
    change_set = plan.change_set
    if change_set.needs_confirmation:
        change_set = plan.confirm(by="Ann Example", at=AT)
    apply(store, change_set)
    return change_set


def apply(store: sql.Store, change_set: am.ChangeSet) -> bool:
    """Apply a change set, and return whether all its rows were written at once."""
    points: list[str] = []
    applied = store.apply(change_set, by="a test", on_point=points.append)
    assert set(applied.outcomes.values()) == {"applied"}
    return not any(point.startswith("inside") for point in points)


@pytest.mark.parametrize("links", [False, True], ids=["links of ours", "links of theirs"])
@pytest.mark.parametrize("batch", [1, 3, 100])
def test_a_unique_index_on_live_bookings_refuses_no_step_and_no_undo(
    engine: sa.Engine, *, batch: int, links: bool
) -> None:
    store = practice(engine, batch=batch, links=links)
    before, bookings, invoices = store.snapshot(), rows(store, "booking"), rows(store, "invoice")
    change_set = migrated(store)
    after = store.snapshot()
    moved = [row for row in after.appointments if row.replaces is not None]
    assert len(moved) == 3
    assert all(row.is_live and after.appointments[str(row.replaces)].replaced_by == row.id for row in moved)
    assert rows(store, "invoice") != invoices
    undo = am.invert(change_set).confirm(by="Ann Example", at=AT)
    apply(store, undo)
    assert store.snapshot().appointments == before.appointments
    assert (rows(store, "booking"), rows(store, "invoice")) == (bookings, invoices)


@pytest.mark.parametrize(
    ("links", "updates"), [(False, 1), (True, 2)], ids=["links of ours", "links of theirs"]
)
def test_a_release_costs_one_more_statement_only_for_a_link_of_the_callers(
    engine: sa.Engine, *, links: bool, updates: int
) -> None:
    store = practice(engine, links=links)
    with written(engine) as counts:
        change_set = migrated(store)
    assert counts == {"INSERT": 3, "UPDATE": 3 * updates}
    with written(engine) as counts:
        store.apply(am.invert(change_set).confirm(by="Ann Example", at=AT), by="a test")
    assert counts == {"DELETE": 3, "UPDATE": 3 * updates}


def test_a_set_is_written_at_once_beside_a_unique_index_on_live_bookings(engine: sa.Engine) -> None:
    store = practice(engine, batch=100)
    plan = am.plan_migration(store.snapshot(), REQUEST, at=AT)
    assert apply(store, plan.change_set)


@pytest.mark.parametrize("batch", [1, 100])
def test_a_new_booking_takes_the_columns_that_the_old_one_had_before_it_was_cancelled(
    engine: sa.Engine, batch: int
) -> None:
    """Also if a trigger empties them."""
    store = practice(engine, more=EMPTIES_A_ROOM[engine.dialect.name], batch=batch)
    old = {row[0]: row for row in rows(store, "booking")}
    migrated(store)
    new = [row for row in rows(store, "booking") if row[0] not in old]
    assert len(new) == 3
    taken = {(row[2], row[3], row[7:]) for row in old.values()}
    assert {(row[2], row[3], row[7:]) for row in new} <= taken
    assert {row[7] for row in rows(store, "booking") if row[6] == 3} == {"-"}


def test_rehearsal_finds_no_refusal_by_a_unique_index_on_live_bookings(engine: sa.Engine) -> None:
    store = practice(engine)
    plan = am.plan_migration(store.snapshot(), REQUEST, at=AT)
    found = store.rehearse(plan)
    assert found.refusal is None
    assert found.is_as_planned
