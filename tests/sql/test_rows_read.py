"""Rows of a caller's tables that are unusual, and yet read, or told."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pendulum
import pytest
import small_service
import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql
from accountmerge.changes.commands import Conflict
from accountmerge.changes.questions import LiveBookings, Questions
from accountmerge.errors import LoadError
from accountmerge.sql.fetching import Reader
from accountmerge.sql.writing import Writer

NOW = pendulum.datetime(2026, 5, 1)


def practice(path: Path, made: sql.Mapping) -> tuple[sa.Engine, sql.Store]:
    engine = small_service.engine_for(path / "practice.db", made)
    with engine.begin() as connection:
        small_service.fill(connection, made.metadata)
    return engine, sql.Store(engine, made, clock=lambda: NOW)


def with_rows_of_emails() -> tuple[sa.Table, sql.Mapping]:
    metadata = small_service.tables()
    table = sa.Table(
        "client_email",
        metadata,
        sa.Column("client_id", sa.Integer, sa.ForeignKey("client.id"), primary_key=True),
        sa.Column("address", sa.String(320), primary_key=True),
        sa.Column("use", sa.Integer),
    )
    use = sql.Codes("use", {1: "primary"})
    emails = sql.EmailRows(table, owner="client_id", address="address", use=use)
    return table, small_service.mapping(metadata, client={"emails": emails})


def test_a_customer_without_a_row_of_email_is_read(tmp_path: Path) -> None:
    _, store = practice(tmp_path, with_rows_of_emails()[1])
    assert store.snapshot().customers["client-1"].emails == ()


def test_customers_without_any_column_for_emails_are_read(tmp_path: Path) -> None:
    made = small_service.mapping(small_service.tables(), client={"emails": None})
    _, store = practice(tmp_path, made)
    assert store.snapshot().customers["client-1"].emails == ()


def test_a_code_without_a_word_in_rows_of_another_table_is_a_fault(tmp_path: Path) -> None:
    table, made = with_rows_of_emails()
    engine, store = practice(tmp_path, made)
    rows = [{"client_id": k, "address": f"{k}@example.com", "use": 9 if k == 2 else 1} for k in range(1, 5)]
    with engine.begin() as connection:
        connection.execute(table.insert(), rows)
    with pytest.raises(LoadError) as caught:
        store.snapshot()
    assert [(fault.path, fault.facts["count"]) for fault in caught.value.faults] == [("client_email.use", 1)]


def test_an_unknown_zone_is_told_at_its_own_column(tmp_path: Path) -> None:
    engine, store = practice(tmp_path, small_service.mapping(small_service.tables()))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE booking SET zone = 'Mars/Olympus' WHERE id = 1")
    with pytest.raises(LoadError) as caught:
        store.snapshot()
    assert [fault.path for fault in caught.value.faults] == ["booking.zone"]


def test_a_start_in_seconds_with_a_length_is_found(tmp_path: Path) -> None:
    metadata = small_service.tables()
    metadata.tables["booking"].c.starts.type = sa.Integer()
    made = small_service.mapping(metadata, booking={"start": sql.Utc("starts")})
    engine = small_service.engine_for(tmp_path / "practice.db", made)
    start = int(NOW.timestamp()) + 86_400 * 3
    question = LiveBookings(field="profile_id", id="calendar-1", start=NOW, end=NOW.add(days=9))
    with engine.begin() as connection:
        for row in (
            "calendar VALUES (1, 'H', 'a@example.com', 1, 1)",
            "client VALUES (1, 'N', NULL, NULL, NULL, 1)",
            f"booking VALUES (1, 1, 1, {start}, 60, 'UTC', 1, 'A')",
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
        found: list[Any] = Reader(connection, made.tables).fetch(Questions(bookings=(question,)))
    assert [row.id for row in found] == ["booking-1"]


def test_a_followed_column_without_a_foreign_key_is_refused() -> None:
    metadata = small_service.tables()
    metadata.remove(metadata.tables["invoice"])
    columns = (sa.Column("id", sa.Integer, primary_key=True), sa.Column("booking_id", sa.Integer))
    sa.Table("invoice", metadata, *columns)
    with pytest.raises(am.InvalidValueError):
        small_service.mapping(metadata).follows("invoice.booking_id")


def test_resume_says_before_and_after_a_merge_how_much_is_done(tmp_path: Path) -> None:
    made = small_service.mapping(small_service.tables())
    engine, store = practice(tmp_path, made)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE client SET email1 = NULL WHERE id = 2")
        access = made.tables.of("access").table
        rows = [{"profile_id": 1, "customer_id": key, "level": "treating"} for key in (1, 2)]
        connection.execute(access.insert(), rows)
    request = am.MergeRequest(survivor="client-1", absorbed=["client-2"], actor="calendar-1")
    confirmed = am.plan(store.snapshot(), request, at=NOW).confirm(by="Ana Duarte", at=NOW)
    assert not store.resume(confirmed).is_finished
    store.apply(confirmed, by="a test")
    assert store.resume(confirmed).is_finished


def test_rows_of_another_table_go_with_the_row_to_which_they_belong(tmp_path: Path) -> None:
    """SQLite does not follow foreign keys on each connection, so that no cascade removes them."""
    metadata = small_service.tables()
    away = sa.Table(
        "away",
        metadata,
        sa.Column("calendar_id", sa.Integer, sa.ForeignKey("calendar.id")),
        sa.Column("starts", sa.DateTime),
        sa.Column("ends", sa.DateTime),
    )
    slots = sql.SlotRows(away, owner="calendar_id", start="starts", end="ends")
    made = small_service.mapping(metadata, calendar={"unavailable": slots})
    engine, store = practice(tmp_path, made)
    kept = store.snapshot().profiles["calendar-1"]
    profile = attrs.evolve(kept, id="calendar-9", unavailable=[am.TimeSlot(NOW, NOW.add(days=1))])
    with engine.begin() as connection:
        writer = Writer(connection, made, {}, set())
        written = writer.write(am.changes.Edit(None, profile))
        writer.write(am.changes.Edit(kept, attrs.evolve(kept, unavailable=profile.unavailable)))
        writer.flush()
        assert connection.scalar(sa.select(sa.func.count()).select_from(away)) == 2
        own = attrs.evolve(profile, id=str(written.store_id))
        writer.write(am.changes.Edit(own, None))
        writer.remove()
        assert connection.scalars(sa.select(away.c.calendar_id)).all() == [1]


def test_a_rehearsal_compares_the_rows_of_addresses_with_their_owner(tmp_path: Path) -> None:
    table, made = with_rows_of_emails()
    engine, store = practice(tmp_path, made)
    with engine.begin() as connection:
        rows = [{"client_id": k, "address": f"{k}@example.com", "use": 1} for k in range(1, 5)]
        connection.execute(table.insert(), rows)
    change = am.customers.PrimaryEmailChange(
        customer_id="client-1", action="set", address="new@example.com", by="Ann Example", reason="asked"
    )
    plan = am.customers.plan_primary_email(store.snapshot(), change, at=NOW)
    assert plan.is_ready, plan.blockers
    found = store.rehearse(plan)
    assert (found.is_as_planned, found.beyond) == (True, ())
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER swept AFTER INSERT ON client_email BEGIN"
            " DELETE FROM client_email WHERE client_id = 2; END"
        )
    assert {each.table for each in store.rehearse(plan).beyond} == {"client_email"}


@pytest.mark.parametrize(
    "changes", [{"given_name": "Other"}, {"birth_date": date(1990, 1, 1)}], ids=lambda row: next(iter(row))
)
def test_a_row_that_is_gone_when_it_is_written_is_a_conflict(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Also if only its overlay is written, because no column has the field."""
    made = small_service.mapping(small_service.tables())
    engine, store = practice(tmp_path, made)
    client = store.snapshot().customers["client-1"]
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM client WHERE id = 1")
        writer = Writer(connection, made, {}, set())
        with pytest.raises(Conflict):
            writer.write(am.changes.Edit(client, attrs.evolve(client, **changes)))


def test_a_row_of_another_table_that_cannot_be_read_back_is_told_with_its_owner(tmp_path: Path) -> None:
    _, made = with_rows_of_emails()
    engine, store = practice(tmp_path, made)
    client = store.snapshot().customers["client-1"]
    named = attrs.evolve(client, emails=[am.CustomerEmail("ida@example.com", "primary")])
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER odd AFTER INSERT ON client_email BEGIN UPDATE client_email SET use = 9; END"
        )
        writer = Writer(connection, made, {}, set())
        writer.write(am.changes.Edit(client, named))
        with pytest.raises(am.InvalidValueError) as told:
            writer.flush()
    assert (told.value.code, told.value.facts["id"]) == ("sql_not_read_back", "client-1")


def test_a_plan_of_a_part_is_refused_if_somebody_else_has_the_address(tmp_path: Path) -> None:
    """So a large database need not be read whole for a plan: `check` asks it."""
    _, store = practice(tmp_path, small_service.mapping(small_service.tables()))
    profiles = {row.practitioner_id: row for row in store.snapshot().profiles}
    mover, other = sorted(profiles)[:2]
    request = am.MigrationRequest(
        profile_id=profiles[mover].id,
        new_email=profiles[other].email.text,
        reason="security",
        ticket="T-1",
        agreement=am.Agreement(by="Ann Example", at=NOW, version="1"),
        accept=[
            am.Acceptance(finding=f"window_outside_hours:{profiles[mover].id}", by="Ann", why="all night")
        ],
    )
    of_all = am.plan_migration(store.snapshot(), request, at=NOW)
    assert "email_in_use" in {finding.code for finding in of_all.blockers}
    of_part = am.plan_migration(store.snapshot(practitioners=[mover]), request, at=NOW)
    assert of_part.is_ready, of_part.blockers
    assert "addresses_not_whole" in {finding.code for finding in of_part.warnings}
    assert "address_claimed" in {failure.code for failure in store.check(of_part)}
    with pytest.raises(am.ApplyRefused):
        store.apply(of_part, by="a test")


def test_a_lock_before_tables_are_locked_reads_keys_only(postgres_engine: sa.Engine) -> None:
    made = small_service.mapping(small_service.tables())
    made.metadata.create_all(postgres_engine)
    made.create_all(postgres_engine)
    with postgres_engine.begin() as connection:
        small_service.fill(connection, made.metadata)
    said: list[str] = []
    with postgres_engine.begin() as connection:
        sa.event.listen(
            connection, "before_cursor_execute", lambda *row: said.append(" ".join(row[2].split()))
        )
        for locks in (False, True):
            reader = Reader(connection, made.tables, locks=locks)
            reader.lock("customer", ["client-1", "client-2"])
            assert sorted(reader.locked.get("customer", {})) == (["client-1", "client-2"] if locks else [])
    keys, rows = said
    assert keys.startswith("SELECT client.id FROM client WHERE")
    assert keys.endswith("ORDER BY client.id FOR NO KEY UPDATE OF client")
    assert "client.first_name" in rows
    assert rows.endswith("ORDER BY client.id FOR UPDATE OF client")
