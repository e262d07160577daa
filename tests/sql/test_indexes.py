"""Reading by questions uses the indexes that a mapping names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum
import pytest
import small_service
import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql
from accountmerge.changes.questions import Equality, LiveBookings, Questions
from accountmerge.sql.fetching import Reader

KINDS_OF_STEP = ("open_profile", "rebook", "merge_fields", "retire_customers")
NOW = pendulum.datetime(2026, 5, 1)
SLOT_COLUMNS = {
    "length": {},
    "wall times": {"end": sql.Local("ends")},
    "instants": {"start": "starts", "end": "ends"},
}
"""How the end of a booking is stored."""


def service(end: str = "length", **changes: Any) -> sql.Mapping:
    metadata = small_service.tables()
    metadata.tables["booking"].append_column(sa.Column("ends", sa.DateTime))
    return small_service.mapping(metadata, booking=SLOT_COLUMNS[end], **changes)


def with_indexes(made: sql.Mapping, path: Path) -> sa.Engine:
    engine = small_service.engine_for(path / "practice.db", made)
    with engine.begin() as connection:
        small_service.fill(connection, made.metadata, bookings=32, clients=8)
        _write_ends(connection, made.metadata.tables["booking"])
        client = made.metadata.tables["client"]
        connection.execute(sa.update(client).where(client.c.id == 2).values(email1=None))
        access = made.tables.of("access").table
        connection.execute(
            access.insert(),
            [{"profile_id": 1, "customer_id": key, "level": "treating"} for key in range(1, 9)],
        )
        for statement in made.indexes(engine):
            connection.exec_driver_sql(statement)
    return engine


def _write_ends(connection: sa.Connection, booking: sa.Table) -> None:
    rows = connection.execute(sa.select(booking.c.id, booking.c.starts)).all()
    statement = sa.update(booking).where(booking.c.id == sa.bindparam("key")).values(ends=sa.bindparam("end"))
    connection.execute(statement, [{"key": key, "end": start + timedelta(hours=1)} for key, start in rows])


def scans(made: sql.Mapping, engine: sa.Engine, questions: Questions) -> Iterator[str]:
    """Yield the parts of the query plans of a fetch that read a whole table.

    The few addresses that are not plain ASCII are read whole, from an index that has only these.
    """
    names = {table.table.name for table in made.tables.mapped}
    for detail in query_plans(made, engine, questions):
        words = detail.split()
        if words[0] == "SCAN" and words[1] in names and not words[-1].endswith("_unusual"):
            yield detail


def query_plans(made: sql.Mapping, engine: sa.Engine, questions: Questions) -> Iterator[str]:
    """Yield the parts of the query plans of a fetch."""
    asked: list[tuple[str, Any]] = []
    with engine.connect() as connection:
        listener = lambda _, __, statement, parameters, *___: asked.append((statement, parameters))  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", listener)
        Reader(connection, made.tables).fetch(questions)
        sa.event.remove(engine, "before_cursor_execute", listener)
        assert asked
        for statement, parameters in asked:
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
                yield row.detail


def asked_by(made: sql.Mapping, engine: sa.Engine, plan: Any, step: int) -> Iterator[Questions]:
    """Yield the questions of all rounds in which a step is checked."""
    reading = am.changes.reading(plan, step=step, taken_at=NOW)
    with engine.connect() as connection:
        reader = Reader(connection, made.tables)
        try:
            questions = next(reading)
            while True:
                yield questions
                questions = reading.send(reader.fetch(questions))
        except StopIteration:
            return


def plans(made: sql.Mapping, engine: sa.Engine) -> list[Any]:
    """Return a migration and a merge."""
    before = sql.Store(engine, made, clock=lambda: NOW).snapshot()
    migration = am.MigrationRequest(
        profile_id="calendar-1",
        new_email="new@example.com",
        reason="security",
        ticket="T-1",
        agreement=am.Agreement(by="Ann Example", at=NOW, version="1"),
        accept=[
            am.Acceptance(finding=f"{code}:calendar-1", by="Ann Example", why="This is a test.")
            for code in ("window_outside_hours", "window_under_estimate")
        ],
    )
    merge = am.MergeRequest(survivor="client-1", absorbed=["client-2"], actor="calendar-1")
    return [am.plan(before, migration, at=NOW), am.plan(before, merge, at=NOW)]


@pytest.mark.parametrize("end", SLOT_COLUMNS)
def test_no_fetch_of_a_plan_reads_a_whole_table(tmp_path: Path, end: str) -> None:
    made = service(end)
    engine = with_indexes(made, tmp_path)
    for plan in plans(made, engine):
        assert plan.is_ready
        asked = [
            questions
            for step in plan.change_set.steps
            if step.kind in KINDS_OF_STEP
            for questions in asked_by(made, engine, plan, step.ordinal)
        ]
        assert any(questions.bookings or questions.equalities for questions in asked)
        for questions in dict.fromkeys(asked):
            assert list(scans(made, engine, questions)) == []


def test_without_the_indexes_whole_tables_are_read(tmp_path: Path) -> None:
    made = service()
    engine = small_service.engine_for(tmp_path / "practice.db", made)
    asked = LiveBookings(field="profile_id", id="calendar-1", start=NOW, end=None)
    mailboxes = Equality(entity="profile", attribute="mailbox", values=("p1@example.com",))
    both = Questions(bookings=(asked,), equalities=(mailboxes,))
    assert list(scans(made, engine, both)) == ["SCAN calendar", "SCAN booking"]


def test_the_end_of_a_booking_is_part_of_the_search(tmp_path: Path) -> None:
    made = service()
    engine = with_indexes(made, tmp_path)
    asked = LiveBookings(field="customer_id", id="client-1", start=NOW, end=None)
    (plan,) = [row for row in query_plans(made, engine, Questions(bookings=(asked,))) if "client_id" in row]
    assert plan == f"SEARCH booking USING INDEX {made.prefix}booking_customer_id (client_id=? AND <expr>>?)"


def test_an_index_that_exists_is_not_made_again(tmp_path: Path) -> None:
    made = service()
    engine = with_indexes(made, tmp_path)
    assert made.indexes("sqlite")
    assert made.indexes(engine) == ()


def test_a_declared_index_with_more_columns_serves_too() -> None:
    metadata = small_service.tables()
    sa.Index("by_client", metadata.tables["note"].c.client_id, metadata.tables["note"].c.id)
    assert not any(
        " ON note " in statement for statement in small_service.mapping(metadata).indexes("sqlite")
    )
    metadata = small_service.tables()
    sa.Index("by_id", metadata.tables["note"].c.id, metadata.tables["note"].c.client_id)
    assert any(" ON note " in statement for statement in small_service.mapping(metadata).indexes("sqlite"))


def test_a_partial_index_does_not_serve_all_rows() -> None:
    metadata = small_service.tables()
    note = metadata.tables["note"]
    sa.Index("some", note.c.client_id, sqlite_where=note.c.text.is_not(None))
    assert any(" ON note " in statement for statement in small_service.mapping(metadata).indexes("sqlite"))


def test_a_declared_index_on_small_letters_serves_for_mailboxes() -> None:
    metadata = small_service.tables()
    sa.Index("by_login", sa.func.lower(metadata.tables["calendar"].c.login), unique=True)
    made = small_service.mapping(metadata).indexes("postgresql")
    assert not any("(lower(login))" in statement for statement in made)
    assert any("(lower(email1))" in statement for statement in made)


def test_the_tables_of_the_caller_get_no_index_of_ours() -> None:
    made = service()
    made.indexes("postgresql")
    assert not any(table.indexes for table in made.metadata.tables.values())


def test_postgresql_has_no_index_on_an_end_that_depends_on_the_zone_of_a_session() -> None:
    metadata = small_service.tables()
    metadata.tables["booking"].c.starts.type = sa.DateTime(timezone=True)
    made = small_service.mapping(metadata, booking={"start": "starts"})
    assert any(
        statement.endswith("ON booking (client_id, starts)") for statement in made.indexes("postgresql")
    )


def test_each_name_is_short_enough_for_postgresql() -> None:
    made = small_service.mapping(small_service.tables(), options={"prefix": f"{'long_' * 9}_"})
    names = [statement.split()[2] for statement in made.indexes("postgresql")]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 63 for name in names)


def test_addresses_in_rows_of_another_table_are_searched(tmp_path: Path) -> None:
    metadata = small_service.tables()
    email = sa.Table(
        "client_email",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("client_id", sa.Integer, sa.ForeignKey("client.id")),
        sa.Column("address", sa.String(320)),
        sa.Column("use", sa.Text),
    )
    rows = sql.EmailRows(email, owner="client_id", address="address", use="use")
    made = small_service.mapping(metadata, client={"emails": rows})
    engine = small_service.engine_for(tmp_path / "practice.db", made)
    with engine.begin() as connection:
        small_service.fill(connection, metadata)
        found = [
            {"client_id": key, "address": f"c{key}@example.com", "use": "primary"} for key in range(1, 5)
        ]
        connection.execute(email.insert(), found)
        for statement in made.indexes(engine):
            connection.exec_driver_sql(statement)
    asked = Equality(entity="customer", attribute="reserved_mailboxes", values=("c2@example.com",))
    plans = list(query_plans(made, engine, Questions(equalities=(asked,))))
    used = {detail.split("INDEX ")[-1].split(" ")[0] for detail in plans if "client_email USING" in detail}
    assert used == {
        f"{made.prefix}client_email_{what}" for what in ("address_mailbox", "address_unusual", "owner")
    }
    assert not any(detail.startswith("SCAN client") for detail in plans)
