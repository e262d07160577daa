"""What the tables of a caller lack for each intent: links, effects, and what is required."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import small_service
import sqlalchemy as sa

from accountmerge import sql
from accountmerge.changes.change_sets import INTENTS
from accountmerge.errors import InvalidValueError
from accountmerge.sql.gaps import Missing

INTENT_OF_EFFECT = {
    "unavailable": "migration",
    "merged_into": "merge",
    "former_emails": "primary_email",
    "access_requests": "access_request",
}


def missing(intent: Any, metadata: sa.MetaData | None = None, **changes: Any) -> tuple[Missing, ...]:
    made = small_service.mapping(small_service.tables() if metadata is None else metadata, **changes)
    return made.missing(intent, database="sqlite")


def required(found: tuple[Missing, ...]) -> set[tuple[str, str, str]]:
    return {(gap.table, gap.field, gap.why) for gap in found if gap.of == "required"}


@pytest.mark.parametrize("intent", INTENTS)
def test_a_practice_without_extra_columns_lacks_no_required_thing(intent: str) -> None:
    assert required(missing(intent)) == set()


def _effects(made: sql.Mapping, intent: Any) -> set[Missing]:
    return {gap for gap in made.missing(intent, database="sqlite") if gap.of == "effects"}


def test_links_without_a_column_need_no_column() -> None:
    found = missing("rebooking")
    links = {gap.field for gap in found if gap.table == "booking"}
    assert {"replaces", "replaced_by", "cancel_reason"} <= links
    assert {gap.of for gap in found} == {"links_and_history"}
    assert all(gap.ddl is None for gap in found)


@pytest.mark.parametrize(("effect", "intent"), INTENT_OF_EFFECT.items())
def test_each_effect_without_a_column_is_told_before_a_plan_is_made(effect: str, intent: str) -> None:
    made = small_service.mapping(small_service.tables())
    told = _effects(made, intent)
    assert all(gap.ddl for gap in told)
    assert effect in made.limits().not_obeyed
    made.obeys(effect)
    assert len(told - _effects(made, intent)) == 1
    assert effect not in made.limits().not_obeyed


@pytest.mark.parametrize(
    ("table", "field", "intent"),
    [("calendar", "unavailable", "migration"), ("client", "merged_into", "merge")],
)
def test_the_statement_for_a_column_makes_one_that_can_be_mapped(
    tmp_path: Path, table: str, field: str, intent: Any
) -> None:
    made = small_service.mapping(small_service.tables())
    engine = small_service.engine_for(tmp_path / "practice.db", made)
    (gap,) = [gap for gap in made.missing(intent, database=engine) if gap.field == field]
    assert gap.ddl is not None
    with engine.begin() as connection:
        connection.exec_driver_sql(gap.ddl)
    reflected = sa.MetaData()
    reflected.reflect(engine)
    again = small_service.mapping(reflected, **{table: {field: field}})
    assert field not in {gap.field for gap in again.missing(intent) if gap.of != "links_and_history"}
    assert field not in again.limits().not_obeyed


def test_the_view_of_former_addresses_shows_those_in_overlays(tmp_path: Path) -> None:
    made = small_service.mapping(small_service.tables())
    engine = small_service.engine_for(tmp_path / "practice.db", made)
    (gap,) = [gap for gap in made.missing("primary_email", database=engine) if gap.of == "effects"]
    overlay = '{"emails":[[{"address":"a@example.org","use":"former"},{"address":"b@example.org","use":"primary"}],[]]}'
    assert gap.ddl is not None
    with engine.begin() as connection:
        small_service.fill(connection, made.metadata)
        connection.exec_driver_sql(gap.ddl)
        side = next(table.side for table in made.tables.of_kind("customer"))
        assert side is not None
        connection.execute(
            side.table.insert(), [{"key_id": 1, "overlay": overlay}, {"key_id": 2, "overlay": "{}"}]
        )
        view = f"SELECT * FROM {made.prefix}former_email"  # noqa: S608
        assert [tuple(row) for row in connection.exec_driver_sql(view)] == [(1, "a@example.org")]


@pytest.mark.parametrize("login_of", ["was", None])
def test_the_logins_of_absorbed_customers_need_a_column_for_their_former_holder(login_of: str | None) -> None:
    metadata = small_service.tables()
    table = sa.Table(
        "mail", metadata, *(sa.Column(name, sa.Text) for name in ("owner", "mail", "use", "was"))
    )
    rows = sql.EmailRows(table, owner="owner", address="mail", use="use", login_of=login_of)
    made = small_service.mapping(metadata, client={"emails": rows})
    told = {
        intent: [gap.field for gap in made.missing(intent, database="sqlite") if gap.field == "emails"]
        for intent in ("merge", "primary_email")
    }
    assert told == {"merge": [] if login_of else ["emails"], "primary_email": []}
    made.obeys("former_emails")
    assert "emails" not in {gap.field for gap in made.missing("merge", database="sqlite")}


def test_the_view_of_pending_requests_is_one_of_the_added_table(tmp_path: Path) -> None:
    made = small_service.mapping(small_service.tables())
    engine = small_service.engine_for(tmp_path / "practice.db", made)
    (gap,) = [gap for gap in made.missing("access_request", database=engine) if gap.of == "effects"]
    assert gap.ddl is not None
    with engine.begin() as connection:
        connection.exec_driver_sql(gap.ddl)
        assert not connection.exec_driver_sql(f"SELECT * FROM {made.prefix}pending_request").all()  # noqa: S608


def test_a_word_without_a_code_is_required() -> None:
    words = {code: word for code, word in small_service.STATUS.items() if word != "cancelled"}
    found = missing("rebooking", booking={"status": sql.Codes("status", words)})
    assert required(found) == {("booking", "status", "no_code")}
    assert [gap.word for gap in found if gap.why == "no_code"] == ["cancelled"]
    assert required(missing("merge", booking={"status": sql.Codes("status", words)})) == set()


def test_a_field_that_all_rows_share_is_an_effect_that_no_program_sees() -> None:
    found = missing("merge", client={"status": sql.Constant("active")})
    assert ("status", "effects", "constant") in {(gap.field, gap.of, gap.why) for gap in found}


def test_a_kind_of_which_rows_are_made_needs_a_table() -> None:
    made = sql.Mapping(small_service.tables(), zone=small_service.ZONE)
    made.profiles("calendar", practitioner_id="person", email="login", login="login", schedule="person")
    made.customers("client", record_number="file_no", status="file_no")
    assert ("appointment", "id", "no_table") in required(made.missing("migration"))


def _with_column(table: str, column: sa.Column[Any]) -> sa.MetaData:
    metadata = small_service.tables()
    metadata.tables[table].append_column(column)
    return metadata


def test_a_column_that_a_new_row_leaves_empty_is_required() -> None:
    metadata = _with_column("calendar", sa.Column("colour", sa.String(7), nullable=False))
    assert required(missing("migration", metadata)) == set(), "a new row takes it from the old one"
    metadata = _with_column("calendar", sa.Column("colour", sa.String(7), nullable=False))
    found = missing("migration", metadata, calendar={"copy_other_columns": False})
    assert required(found) == {("calendar", "colour", "not_filled")}
    for way in ({"new_values": {"colour": "#ffffff"}}, {"data": sql.Columns("colour")}):
        metadata = _with_column("calendar", sa.Column("colour", sa.String(7), nullable=False))
        assert (
            required(missing("migration", metadata, calendar={"copy_other_columns": False, **way})) == set()
        )


def test_a_unique_column_is_not_copied_and_so_required() -> None:
    metadata = _with_column("booking", sa.Column("ticket", sa.Integer, nullable=False, unique=True))
    assert required(missing("rebooking", metadata)) == {("booking", "ticket", "not_filled")}
    assert required(missing("merge", metadata)) == set(), "a merge makes no booking"
    assert required(missing("undo", metadata)) == set(), "an undo removes bookings"


def test_a_column_that_a_new_row_takes_from_the_row_it_refers_to_is_filled() -> None:
    metadata = _with_column("booking", sa.Column("site", sa.String(7), nullable=False))
    metadata.tables["calendar"].append_column(sa.Column("site", sa.String(7), nullable=False))
    taken = {"copy_from": {"site": metadata.tables["calendar"].c.site}}
    assert required(missing("rebooking", metadata)) == {("booking", "site", "not_filled")}
    assert required(missing("rebooking", metadata, booking=taken)) == set()


def test_the_number_of_a_booking_is_given_by_the_database_or_by_an_expression() -> None:
    metadata = _with_column("booking", sa.Column("ticket", sa.String(9), nullable=False))
    assert required(missing("rebooking", metadata, booking={"number": "ticket"})) == {
        ("booking", "ticket", "not_filled")
    }
    given = {"number": "ticket", "new_number": sa.text("'T1'")}
    assert required(missing("rebooking", metadata, booking=given)) == set()


def test_a_key_that_the_database_does_not_give_is_required() -> None:
    metadata = small_service.tables()
    metadata.tables["calendar"].c.id.autoincrement = False
    assert required(missing("migration", metadata)) == {("calendar", "id", "no_key")}
    assert required(missing("merge", metadata)) == set()
    planned = {("access", "no_key"), ("booking", "no_key")}
    found = missing("rebooking", options={"ids": "planned"})
    assert {(table, why) for table, _, why in required(found)} == planned - {("access", "no_key")}


def test_a_key_that_plans_change_is_required() -> None:
    metadata = small_service.tables()
    metadata.remove(metadata.tables["note"])
    sa.Table(
        "note",
        metadata,
        sa.Column("client_id", sa.Integer, sa.ForeignKey("client.id"), primary_key=True),
        sa.Column("text", sa.Text, primary_key=True),
    )
    assert ("note", "client_id", "key_changes") in required(missing("merge", metadata))


@pytest.mark.parametrize("way", ["column", "constraint", "index"])
def test_a_unique_address_that_cannot_be_null_cannot_be_emptied(way: str) -> None:
    metadata = small_service.tables()
    column = metadata.tables["client"].c.email1
    column.nullable = False
    assert required(missing("merge", metadata)) == set(), "an empty text does"
    if way == "column":
        column.unique = True
    elif way == "constraint":
        metadata.tables["client"].append_constraint(sa.UniqueConstraint("email1"))
    else:
        sa.Index("one_login", sa.func.lower(column), unique=True)
    for intent, told in (("merge", True), ("primary_email", True), ("customer_edit", False)):
        found = ("client", "email1", "not_emptied") in required(missing(intent, metadata))
        assert found == told


def test_rows_of_another_table_that_lack_a_column_are_required() -> None:
    metadata = small_service.tables()
    phone = sa.Table(
        "client_phone",
        metadata,
        sa.Column("client_id", sa.Integer, sa.ForeignKey("client.id"), primary_key=True),
        sa.Column("number", sa.String(40), primary_key=True),
        sa.Column("label", sa.String(9), nullable=False),
    )
    rows = sql.Rows(phone, owner="client_id", value="number")
    found = missing("customer_edit", metadata, client={"phones": rows})
    assert required(found) == {("client_phone", "label", "not_filled")}


def test_an_unknown_effect_is_refused() -> None:
    made = small_service.mapping(small_service.tables())
    with pytest.raises(InvalidValueError) as caught:
        made.obeys("unavailable", "unavaliable")
    assert caught.value.code == "not_one_of"
    assert made.limits().not_obeyed == tuple(sorted(INTENT_OF_EFFECT))


def test_an_unknown_intent_is_refused() -> None:
    with pytest.raises(InvalidValueError) as caught:
        missing("closing")
    assert caught.value.code == "not_one_of"


def test_a_booking_of_a_rebooking_may_have_no_earlier_one_to_take_columns_from() -> None:
    metadata = _with_column("booking", sa.Column("desk", sa.Integer, nullable=False))
    assert required(missing("migration", metadata)) == set()
    assert required(missing("rebooking", metadata)) == {("booking", "desk", "not_filled")}
