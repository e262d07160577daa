"""A row that is read again is the same entity, unless its columns, its overlay or its links have changed."""

from __future__ import annotations

from typing import Any

import pytest
import small_service
import sqlalchemy as sa
from single_columns import memory

import accountmerge as am
from accountmerge import sql
from accountmerge.changes.questions import Equality, Questions
from accountmerge.sql import mapped_tables
from accountmerge.sql.built_tables import Tables
from accountmerge.sql.fetching import FEW_VALUES, Reader

ALL = tuple(f"booking-{number}" for number in range(1, 40))


def filled(made: sql.Mapping) -> tuple[sa.Connection, Tables]:
    connection = memory().connect()
    made.metadata.create_all(connection)
    made.tables.added.create_all(connection)
    small_service.fill(connection, made.metadata)
    return connection, made.tables


def bookings(reader: Reader, ids: tuple[str, ...] = ALL) -> dict[str, am.Appointment]:
    found: Any = reader.fetch(Questions(ids=(("appointment", ids),)))
    return {row.id: row for row in found}


def test_a_row_that_is_read_again_is_the_same_entity_until_it_changes() -> None:
    made = small_service.mapping(small_service.tables())
    connection, tables = filled(made)
    reader = Reader(connection, tables)
    first = bookings(reader)
    connection.execute(sa.text("UPDATE booking SET minutes = minutes + 5 WHERE id = 1"))
    again = bookings(Reader(connection, tables, known=reader.known))
    assert again.keys() == first.keys() > {"booking-1"}
    assert [id for id in first if again[id] is not first[id]] == ["booking-1"]
    assert again["booking-1"].slot.end_us == first["booking-1"].slot.end_us + 5 * 60_000_000


def test_few_rows_are_known_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped_tables, "MOST_KNOWN", 1)
    connection, tables = filled(small_service.mapping(small_service.tables()))
    reader = Reader(connection, tables)
    assert bookings(reader) == bookings(reader)
    assert [len(rows) for rows in reader.known.values()] == [1]


@pytest.mark.parametrize(("kind", "is_known"), [(sa.Numeric(), False), (sa.JSON(), False), (sa.Date(), True)])
def test_equal_rows_of_a_table_whose_equal_values_have_several_texts_are_not_known(
    kind: Any, is_known: bool
) -> None:
    """1.0 equals 1.00, and yet the data of a booking are different text."""
    metadata = small_service.tables()
    metadata.tables["booking"].append_column(sa.Column("extra", kind))
    made = small_service.mapping(metadata, booking={"data": sql.Columns("extra")})
    assert made.tables.of("appointment").can_be_known is is_known


@pytest.mark.parametrize("count", [1, 2, FEW_VALUES, FEW_VALUES + 1, 30])
def test_any_number_of_values_finds_the_same_rows(count: int) -> None:
    """Few values have a parameter each; the kept statement of one number of values is not used for another."""
    connection, tables = filled(small_service.mapping(small_service.tables()))
    everything = bookings(Reader(connection, tables))
    for some in (ALL[:count], ALL[1 : count + 1]):
        assert bookings(Reader(connection, tables), some) == {
            id: row for id, row in everything.items() if id in some
        }
    people = tuple(f"client-{number}" for number in range(1, count + 1))
    asked = Equality(entity="appointment", attribute="customer_id", values=people)
    found: Any = Reader(connection, tables).fetch(Questions(equalities=(asked,)))
    assert {row.id for row in found} == {id for id, row in everything.items() if row.customer_id in people}
