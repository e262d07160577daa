"""A mapping that does not fit, and a database that refuses, are told with a sentence and without any value."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from booking_service import NOW, confirmed, contents, mapped, migration_of, opened, store_of
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError

import accountmerge as am
from accountmerge import sql
from accountmerge.changes.commands import Fetch, Write
from accountmerge.changes.questions import Questions
from accountmerge.messages import LANGUAGES
from accountmerge.sql.bindings import Binding
from accountmerge.sql.driver import Driver
from accountmerge.sql.troubles import error_of


def tables() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "calendar",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text) for name in ("person", "login", "enabled", "state")),
    )
    sa.Table("client", metadata, sa.Column("id", sa.Integer), sa.Column("file_no", sa.Text))
    sa.Table(
        "booking",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text) for name in ("calendar", "client", "starts", "ends", "way", "state")),
    )
    return metadata


PROFILES: dict[str, Any] = {
    "practitioner_id": "person",
    "email": "login",
    "login": "enabled",
    "schedule": "state",
}
CUSTOMERS: dict[str, Any] = {"record_number": "file_no", "status": sql.Constant("active"), "key": "id"}
BOOKINGS: dict[str, Any] = {
    "profile_id": "calendar",
    "customer_id": "client",
    "start": "starts",
    "end": "ends",
    "modality": "way",
    "status": "state",
}


def declared() -> sql.Mapping:
    mapping = sql.Mapping(tables(), zone="Australia/Sydney")
    mapping.profiles("calendar", **PROFILES)
    return mapping


def whole(**bookings: Any) -> sql.Mapping:
    mapping = declared()
    mapping.customers("client", **CUSTOMERS)
    mapping.appointments("booking", **{**BOOKINGS, **bookings})
    mapping.tables  # noqa: B018 - they are made here
    return mapping


WRONG: dict[str, Callable[[], object]] = {
    "sql_no_table": lambda: declared().customers("patient", **CUSTOMERS),
    "sql_no_column": lambda: declared().customers(
        "client", record_number="number", status="file_no", key="id"
    ),
    "sql_no_key": lambda: declared().customers("client", record_number="file_no", status="file_no"),
    "sql_mapped_twice": lambda: declared().profiles("calendar", **PROFILES),
    "sql_mapping_in_use": lambda: whole().profiles("calendar", **PROFILES),
    "sql_kind_has_no_table": lambda: declared().tables,
    "sql_not_a_reference": lambda: whole(replaces=Binding()),
    "sql_not_a_time": lambda: whole(start=sql.Day("starts")),
    "sql_not_our_id": lambda: (
        whole().tables.of("appointment").bindings["profile_id"].values(tables().tables["booking"], "person-1")
    ),
    "sql_no_code": lambda: sql.Codes("state", {}).values(tables().tables["booking"], "booked"),
}


WEEKS: Any = "weeks"
WRONG_OPTIONS: dict[str, Callable[[], object]] = {
    "Table booking has no column site.": lambda: whole(copy_from={"site": "calendar.id"}),
    "Table booking has no column place.": lambda: whole(new_values={"place": "A"}),
    "Table booking has no column room.": lambda: whole(copy_other_columns=["room"]),
    "Table calendar has no column site.": lambda: whole(copy_from={"way": "calendar.site"}),
    "Column or field booking of table booking cannot refer to a row of one mapped table. "
    "Name its columns and the table with Reference.": lambda: whole(copy_from={"way": "booking.way"}),
    "booking.status: The value must be one of: held, booked, completed, cancelled, missed.": (
        lambda: whole(status=sql.Codes("state", {"b": "bookd"}))
    ),
    "Table calendar takes no colour. Its fields and options are: copy_from, copy_other_columns, data, email, hours, "
    "key, login, new_number, new_values, overlaps, practitioner_id, prefix, schedule, succeeded_by, unavailable, "
    "version, where.": lambda: sql.Mapping(tables(), zone="UTC").profiles(
        "calendar", **PROFILES, colour="red"
    ),
    "booking.where: The type is wrong. It takes: a condition of SQLAlchemy, such as table.c.deleted_at.is_(None) or "
    "sa.text(…).": lambda: whole(where="state = 1"),
    "booking.copy_from: The type is wrong. It takes: a dict from columns to values.": lambda: whole(
        copy_from=["way"]
    ),
    "booking.copy_other_columns: The type is wrong. It takes: a column, by its name or itself, or a list of columns.": (
        lambda: whole(copy_other_columns=1)
    ),
    "booking.overlaps: The type is wrong. It takes: true or false.": lambda: whole(overlaps="no"),
    "Utc.unit: The value must be one of: microseconds, milliseconds, seconds, minutes, hours.": lambda: (
        sql.Utc("starts", unit=WEEKS)
    ),
    "Duration.unit: The value must be one of: microseconds, milliseconds, seconds, minutes, hours.": lambda: (
        sql.Duration("ends", unit=WEEKS)
    ),
}


@pytest.mark.parametrize("sentence", WRONG_OPTIONS)
def test_a_wrong_option_of_a_table_is_refused_before_any_step(sentence: str) -> None:
    with pytest.raises(am.InvalidValueError) as told:
        WRONG_OPTIONS[sentence]()
    assert str(told.value) == sentence


@pytest.mark.parametrize("of", ["practitioners", "customers"])
def test_one_text_is_no_list_of_ids(tmp_path: Path, of: str) -> None:
    store = store_of(opened(tmp_path / "service.db"))
    with pytest.raises(am.InvalidValueError) as told:
        store.snapshot(**{of: "client-11"})
    assert str(told.value).startswith(f"Store.{of}: ")


@pytest.mark.parametrize("batch", [0, -1, True, 1.5, "2", None])
def test_a_batch_has_at_least_one_step(tmp_path: Path, batch: Any) -> None:
    with pytest.raises(am.InvalidValueError) as told:
        store_of(opened(tmp_path / "service.db"), batch=batch)
    assert str(told.value).startswith("Store.batch: ")


@pytest.mark.parametrize("code", WRONG)
def test_a_mapping_that_does_not_fit_is_refused_with_a_sentence(code: str) -> None:
    with pytest.raises(am.InvalidValueError) as told:
        WRONG[code]()
    assert told.value.code == code
    texts = {told.value.describe(language) for language in LANGUAGES}
    assert len(texts) == len(LANGUAGES)
    assert not [text for text in texts if code in text or "{" in text]


def test_a_store_wants_a_synchronous_engine_and_says_so() -> None:
    asynchronous: Any = type("AsyncEngine", (), {"dialect": sqlite.dialect()})()
    with pytest.raises(am.InvalidValueError) as told:
        sql.Store(asynchronous, whole())
    assert str(told.value) == "Store.engine: The type is wrong. It takes: a synchronous engine of SQLAlchemy."
    with pytest.raises(am.InvalidValueError) as other:
        sql.Store(sa.create_mock_engine("mysql://", lambda *_: None), whole())  # type: ignore[arg-type]
    assert other.value.facts["field"] == "engine"


def told_by(work: Callable[[], object]) -> sql.DatabaseError:
    with pytest.raises(sql.DatabaseError) as told:
        work()
    assert told.value.__cause__ is None
    assert "example.com" not in "".join(
        (str(told.value), repr(told.value), *map(told.value.describe, LANGUAGES))
    )
    return told.value


def test_a_database_that_refuses_is_told_without_any_value(tmp_path: Path) -> None:
    engine = opened(tmp_path / "service.db")
    bare = sql.Store(engine, mapped(engine))
    assert told_by(bare.snapshot).code == "sql_missing_table"
    store = store_of(engine)
    change_set = confirmed(migration_of(store.snapshot()))

    def apply() -> object:
        return store.apply(change_set, by="a test")

    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_login BEFORE INSERT ON calendar BEGIN SELECT RAISE(ABORT, 'ada@example.com'); END"
        )
    assert told_by(apply).code == "sql_trigger_refused"
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER no_login")
        connection.exec_driver_sql("ALTER TABLE booking RENAME COLUMN way TO manner")
    failed = told_by(store.snapshot)
    assert (failed.code, failed.facts["database_code"]) == ("sql_failed", "SQLITE_ERROR")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE booking RENAME COLUMN manner TO way")
    with opened(tmp_path / "service.db").connect() as other:
        other.exec_driver_sql("BEGIN EXCLUSIVE")
        impatient = sql.Store(
            sa.create_engine(f"sqlite:///{tmp_path / 'service.db'}", connect_args={"timeout": 0}),
            store.mapping,
        )
        assert told_by(impatient.snapshot).code == "sql_conflict"
    with closing(sqlite3.connect(tmp_path / "service.db", isolation_level=None)) as db:
        db.executescript("PRAGMA page_size = 512; VACUUM;")  # so that new rows soon need a page
    for pragma, code in (("query_only = ON", "sql_read_only"), ("max_page_count = 1", "sql_full")):
        limited = opened(tmp_path / "service.db")
        sa.event.listen(
            limited, "connect", lambda connection, _, pragma=pragma: connection.execute(f"PRAGMA {pragma}")
        )
        restricted = sql.Store(limited, store.mapping, clock=lambda: NOW)
        assert told_by(partial(restricted.apply, change_set, by="a test")).code == code
    assert error_of(OperationalError("", {}, OSError("ada@example.com"))).code == "sql_lost"


def test_a_command_before_a_transaction_and_a_row_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    engine = opened(tmp_path / "service.db")
    store = store_of(engine)
    driver = Driver(engine, store.mapping, "rows", lambda: None, {})  # type: ignore[arg-type, return-value]
    with pytest.raises(sql.DatabaseError) as told:
        driver._answer(Fetch(Questions()))
    assert told.value.code == "sql_no_transaction"
    with pytest.raises(sql.DatabaseError):
        driver._answer(Write(am.changes.Edit(None, store.snapshot().profiles["calendar-3"])))
    odd = mapped(engine, profiles={"new_values": {"state": 7}})
    change_set = confirmed(migration_of(store.snapshot()))
    before = contents(engine)
    with pytest.raises(am.InvalidValueError) as refused:
        sql.Store(engine, odd, clock=lambda: NOW).apply(change_set, by="a test")
    assert refused.value.code == "sql_not_read_back"
    assert contents(engine) == before


def test_a_reference_to_a_missing_row_names_its_table_its_column_and_both_rows(tmp_path: Path) -> None:
    engine = opened(tmp_path / "service.db")
    store = store_of(engine)
    with engine.begin() as connection:
        (column,) = store.mapping.tables.of("appointment").bindings["customer_id"].columns
        connection.exec_driver_sql(f"UPDATE booking SET {column} = 999 WHERE id = 21")  # noqa: S608
    with pytest.raises(am.LoadError) as told:
        store.snapshot()
    (fault,) = told.value.faults
    assert (fault.code, fault.path) == ("sql_dangling", f"booking.{column}")
    assert (fault.facts["row"], fault.facts["id"]) == ("booking-21", "client-999")
    texts = {told.value.describe(language) for language in LANGUAGES}
    assert all("booking-21" in text and "[" not in text for text in texts)


def test_rows_without_a_meaning_are_counted_by_table_and_column(tmp_path: Path) -> None:
    engine = opened(tmp_path / "service.db")
    store = store_of(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE booking SET status = 9 WHERE id > 22")
        connection.exec_driver_sql("UPDATE client SET born = 'ida@example.com' WHERE id = 11")
    with pytest.raises(am.LoadError) as told:
        store.snapshot()
    assert [(fault.path, fault.facts["count"]) for fault in told.value.faults] == [
        ("booking.status", 3),
        ("client.born", 1),
    ]
    assert "3 rows have" in str(told.value)
    assert "example.com" not in str(told.value)
