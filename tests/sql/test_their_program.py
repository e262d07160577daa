"""The invented booking service works by itself, on both databases, in both variations."""

from __future__ import annotations

from datetime import datetime

import pytest
import their_program as theirs
from foreign_schema import BOOKING_SERVICE, CLINIC_SERVICE, booking, calendar, client, client_programme, note
from sqlalchemy import Engine, MetaData, insert, inspect, select
from sqlalchemy.exc import IntegrityError

pytestmark = pytest.mark.unmeasured

NINE, TEN = datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 10)  # noqa: DTZ001 - as clocks show it
OURS = {"replaces", "replaced_by", "merged_into", "fold", "phone3", "succeeded_by", "session_id"}


@pytest.mark.parametrize("schema", [BOOKING_SERVICE, CLINIC_SERVICE], ids=["booking", "clinic"])
def test_the_tables_are_made_on_both_databases_without_a_column_of_ours(
    engine: Engine, schema: MetaData
) -> None:
    schema.create_all(engine)
    reflected = MetaData()
    reflected.reflect(engine)
    assert set(reflected.tables) == set(schema.tables)
    for name, table in reflected.tables.items():
        assert set(table.columns.keys()) == set(schema.tables[name].columns.keys())
        assert not OURS & set(table.columns.keys())
        keys = {key.target_fullname for key in table.foreign_keys}
        assert keys == {key.target_fullname for key in schema.tables[name].foreign_keys}
    assert "access" not in BOOKING_SERVICE.tables


def test_the_program_books_moves_and_cancels(engine: Engine) -> None:
    BOOKING_SERVICE.create_all(engine)
    with theirs.at_work(engine) as connection:
        one = theirs.new_calendar(connection, "H1", "ann@example.com")
        other = theirs.new_calendar(connection, "H1", "ann@example.org", state=0)
        person = theirs.new_client(connection, "N1", first_name="Bo")
        key = theirs.book(connection, one, person, NINE)
        assert not theirs.is_free(connection, one, NINE)
        theirs.move(connection, key, TEN, calendar_id=other)
    with theirs.at_work(engine) as connection:
        row = connection.execute(select(booking)).one()
        assert (row.calendar_id, row.starts, row.status, row.room) == (other, TEN, theirs.BOOKED, "A1")
        theirs.cancel(connection, key)
        assert theirs.is_free(connection, other, TEN)
        assert connection.execute(select(calendar.c.colour).distinct()).scalar_one() == "#336699"


def test_the_program_fills_changes_and_clears_addresses_and_adds_notes(engine: Engine) -> None:
    BOOKING_SERVICE.create_all(engine)
    with theirs.at_work(engine) as connection:
        person = theirs.new_client(connection, "N1")
        theirs.set_email(connection, person, "email1", "bo@example.com")
        theirs.set_email(connection, person, "email2", "bo@example.org")
        theirs.clear_email(connection, person, "email1")
        theirs.change_client(connection, person, phone2="0")
        theirs.add_note(connection, person, "an example")
    with engine.connect() as connection:
        row = connection.execute(select(client)).one()
        assert (row.email1, row.email2, row.phone2) == (None, "bo@example.org", "0")
        assert connection.execute(select(note.c.text)).scalar_one() == "an example"


def test_the_program_uses_a_key_again(engine: Engine) -> None:
    BOOKING_SERVICE.create_all(engine)
    with theirs.at_work(engine) as connection:
        key = theirs.new_client(connection, "N1", email1="bo@example.com")
        theirs.use_key_again(connection, client, key, {"file_no": "N2"})
        row = connection.execute(select(client)).one()
        assert (row.id, row.file_no, row.email1) == (key, "N2", None)


def test_the_program_cannot_change_a_row_that_is_gone(engine: Engine) -> None:
    BOOKING_SERVICE.create_all(engine)
    with theirs.at_work(engine) as connection, pytest.raises(LookupError):
        theirs.cancel(connection, 1)


def test_keys_of_several_columns_and_references_are_held(engine: Engine) -> None:
    BOOKING_SERVICE.create_all(engine)
    assert inspect(engine).get_pk_constraint("client_programme")["constrained_columns"] == [
        "client_id",
        "programme_no",
    ]
    with pytest.raises(IntegrityError), theirs.at_work(engine) as connection:
        connection.execute(insert(client_programme).values(client_id=1, programme_no=1))
