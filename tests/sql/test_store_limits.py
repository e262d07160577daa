"""The limits of a mapping are those of its tables."""

from __future__ import annotations

import small_service
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint

import accountmerge as am
from accountmerge import sql


def test_the_limits_are_those_of_the_columns() -> None:
    """Codes, ids, time zones and columns without a meaning have shorter ones, which do not count."""
    made = small_service.mapping(small_service.tables())
    assert made.limits() == am.Limits(
        longest_text=40,
        record_kinds=["note"],
        not_obeyed=["access_requests", "former_emails", "merged_into", "unavailable"],
    )


def test_a_text_as_long_as_the_shortest_column_fits_and_a_longer_one_does_not() -> None:
    metadata = small_service.tables()
    metadata.tables["client"].c.first_name.type = sa.String(7)
    limits = small_service.mapping(metadata).limits()
    row = am.Customer(id="c-1", record_number="1", emails=[], status="active", given_name="x" * 7)
    assert list(limits.violations(row)) == []
    longer = am.Customer(id="c-1", record_number="1", emails=[], status="active", given_name="x" * 8)
    assert list(limits.violations(longer)) == [("given_name", "longest_text")]


def test_the_column_of_rows_counts_and_a_number_that_the_database_gives_does_not() -> None:
    metadata = small_service.tables()
    reference = sa.Column("client_id", sa.Integer, sa.ForeignKey("client.id"), primary_key=True)
    phone = sa.Table(
        "client_phone", metadata, reference, sa.Column("number", sa.String(12), primary_key=True)
    )
    metadata.tables["booking"].append_column(sa.Column("ticket", sa.String(6)))
    rows = sql.Rows(phone, owner="client_id", value="number")
    made = small_service.mapping(metadata, client={"phones": rows}, booking={"number": "ticket"})
    assert made.limits().longest_text == 12


def test_text_without_a_length_is_no_limit() -> None:
    metadata = small_service.tables()
    for table in metadata.tables.values():
        for column in table.c:
            if isinstance(column.type, sa.String):
                column.type = sa.Text()
    assert small_service.mapping(metadata).limits().longest_text is None


def test_overlaps_are_refused_if_declared_or_if_the_database_has_an_exclusion_constraint() -> None:
    assert small_service.mapping(small_service.tables()).limits().overlaps
    assert not small_service.mapping(small_service.tables(), booking={"overlaps": False}).limits().overlaps
    metadata = small_service.tables()
    booking = metadata.tables["booking"]
    booking.append_constraint(ExcludeConstraint((booking.c.calendar_id, "="), name="one_at_a_time"))
    assert not small_service.mapping(metadata).limits().overlaps


def test_a_table_of_access_requests_lets_the_program_see_them() -> None:
    metadata = small_service.tables()
    sa.Table(
        "question",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("calendar_id", sa.Integer),
        sa.Column("client_id", sa.Integer),
        *(sa.Column(name, sa.DateTime) for name in ("asked", "ends")),
        sa.Column("state", sa.Text),
    )
    made = small_service.mapping(metadata, client={"emails": sql.EmailColumns("email1", former=["phone1"])})
    made.access_requests(
        "question",
        profile_id="calendar_id",
        customer_id="client_id",
        requested_at="asked",
        expires_at="ends",
        status="state",
    )
    assert made.limits().not_obeyed == ("merged_into", "unavailable")


def test_a_program_without_addresses_ignores_no_former_one() -> None:
    """None of its customers can get one."""
    made = small_service.mapping(small_service.tables(), client={"emails": None})
    assert made.limits().not_obeyed == ("access_requests", "merged_into", "unavailable")


def test_columns_whose_values_are_json_are_no_limit() -> None:
    metadata = small_service.tables()
    metadata.tables["note"].append_column(sa.Column("colour", sa.String(7)))
    made = small_service.mapping(metadata, note={"data": sql.Columns("text", "colour")})
    assert made.limits().longest_text == 40
