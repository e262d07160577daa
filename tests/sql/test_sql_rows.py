"""Fields that are rows of another table are read as they were written, and searched there."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from single_columns import fault_of, memory

import accountmerge as am
from accountmerge import sql
from accountmerge.sql.keys import Keys
from accountmerge.sql.list_bindings import ChildRows
from accountmerge.testing.strategies import emails, scalars, times

CUSTOMERS = ("client-1", "client-2")
PERSON = sa.Table("client", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
KEYS = Keys((PERSON.c.id,), "client-")


def child(*columns: sa.Column[Any]) -> sa.Table:
    return sa.Table("child", sa.MetaData(), sa.Column("owner", sa.Integer), *columns)


PHONES = sql.Rows(
    child(sa.Column("number", sa.String(12)), sa.Column("position", sa.Integer)),
    owner="owner",
    value="number",
    order="position",
)
NAMES = sql.Rows(child(sa.Column("name", sa.Text)), owner=["owner"], value="name")
CODES = sql.Rows(child(sa.Column("name", sa.Integer)), owner="owner", value="name")
AWAY = sql.SlotRows(
    child(sa.Column("starts", sa.DateTime), sa.Column("ends", sa.BigInteger)),
    owner="owner",
    start="starts",
    end=sql.Utc("ends", unit="microseconds"),
)
ADDRESSES = sql.EmailRows(
    child(sa.Column("address", sa.String(30)), sa.Column("use", sa.Text), sa.Column("was", sa.Integer)),
    owner="owner",
    address="address",
    use="use",
    login_of="was",
    keys=KEYS,
)
TWO_USES = sql.EmailRows(
    child(sa.Column("address", sa.Text), sa.Column("signs_in", sa.Boolean)),
    owner="owner",
    address="address",
    use=sql.Codes("signs_in", {True: "primary", False: "secondary"}),
)


def through(binding: ChildRows, value: Any) -> Any:
    """Return the value of a field after its rows were written and read."""
    with memory().begin() as connection:
        binding.table.create(connection)
        rows = [{**row, "owner": 1} for row in binding.rows(value)]
        if rows:
            connection.execute(sa.insert(binding.table), rows)
        statement = sa.select(*binding.selected()).order_by(*binding.sorting())
        return binding.members(connection.execute(statement).all())


@given(
    st.lists(scalars.filled_lines(), max_size=3),
    st.lists(times.time_slots(), max_size=3),
    st.lists(emails.customer_emails(CUSTOMERS), max_size=3),
)
def test_rows_are_read_as_they_were_written(
    texts: list[str], slots: list[am.TimeSlot], addresses: list[am.CustomerEmail]
) -> None:
    assert through(PHONES, tuple(texts)) == tuple(texts)
    assert through(NAMES, tuple(texts)) == tuple(sorted(texts, key=str.encode))
    assert sorted(through(AWAY, tuple(slots))) == sorted(slots)
    assert sorted(through(ADDRESSES, tuple(addresses))) == sorted(addresses)
    held = [each for each in addresses if each.use != "former" and each.login_of is None]
    assert sorted(through(TWO_USES, tuple(addresses))) == sorted(held)


@pytest.mark.parametrize("binding", [PHONES, NAMES, AWAY, ADDRESSES, TWO_USES])
def test_a_field_without_a_value_has_no_rows(binding: ChildRows) -> None:
    assert binding.rows(None) == []
    assert through(binding, None) == ()


def test_a_value_that_its_column_cannot_hold_has_no_row_and_the_others_are_counted_from_one() -> None:
    assert PHONES.rows(("a" * 13, "b", "c")) == [
        {"number": "b", "position": 1},
        {"number": "c", "position": 2},
    ]
    assert CODES.rows(("5", "05", "x")) == [{"name": 5}]
    long = am.CustomerEmail("x" * 20 + "@long.example.com", "primary")
    assert ADDRESSES.rows([long]) == []


def test_empty_values_are_no_members() -> None:
    assert PHONES.members([("",), (None,), ("7",)]) == ("7",)
    assert CODES.members([(7,)]) == ("7",)
    assert ADDRESSES.members([(None, "primary", None)]) == ()


def test_the_former_holder_of_a_login_needs_a_column_and_a_key() -> None:
    former = am.CustomerEmail("a@example.com", "former", "client-5")
    row = ("a@example.com", "former", 5)
    assert ADDRESSES.rows([former]) == [{"address": "a@example.com", "use": "former", "was": 5}]
    assert ADDRESSES.members([row]) == (former,)
    without = sql.EmailRows(ADDRESSES.table, owner="owner", address="address", use="use")
    assert without.rows([former]) == []
    assert without.members([row[:2]]) == (am.CustomerEmail("a@example.com", "former"),)
    unkeyed = sql.EmailRows(ADDRESSES.table, owner="owner", address="address", use="use", login_of="was")
    assert unkeyed.rows([former]) == [{"address": "a@example.com", "use": "former", "was": None}]
    assert unkeyed.members([row]) == (am.CustomerEmail("a@example.com", "former"),)
    assert unkeyed.child_wanted("former_logins", ["client-5"]) == []
    elsewhere = am.CustomerEmail("a@example.com", "former", "other-5")
    assert ADDRESSES.rows([elsewhere])[0]["was"] is None


def test_a_faulty_row_is_a_fault_of_its_column() -> None:
    start, end = "2026-03-02 09:00", "2026-03-02 10:00"
    text = sql.SlotRows(AWAY.table, owner="owner", start="starts", end="ends")
    for row, fault in (
        (("abc", end), ("unreadable_column", "starts")),
        ((start, "abc"), ("unreadable_column", "ends")),
        ((start, None), ("unreadable_column", "ends")),
        ((end, start), ("end_not_after_start", "ends")),
        (("0001-01-01 00:00+14:00", end), ("time_out_of_range", "starts")),
    ):
        assert fault_of(lambda row=row: text.members([row])) == fault  # type: ignore[misc]
    assert fault_of(lambda: ADDRESSES.members([("a@example.com", "billing", None)])) == (
        "unknown_code",
        "use",
    )


# Searches


def _found(binding: ChildRows, attribute: str, wanted: list[str], value: Any) -> bool:
    condition = binding.child_condition(attribute, sa.bindparam("wanted", expanding=True))
    assert condition is not None
    with memory().begin() as connection:
        binding.table.create(connection)
        connection.execute(sa.insert(binding.table), binding.rows(value))
        statement = sa.select(binding.table).where(condition)
        values = {"wanted": binding.child_wanted(attribute, wanted)}
        return connection.execute(statement, values).first() is not None


def test_addresses_are_found_by_mailbox_and_by_their_former_holder() -> None:
    former = [am.CustomerEmail("Ann@Example.com", "former", "client-5")]
    assert _found(ADDRESSES, "reserved_mailboxes", ["ann@example.com"], former)
    assert not _found(ADDRESSES, "reserved_mailboxes", ["bo@example.com"], former)
    assert _found(ADDRESSES, "former_logins", ["client-5", "other"], former)
    assert not _found(ADDRESSES, "former_logins", ["client-6", "client-05"], former)


def test_rows_that_say_nothing_of_an_attribute_are_not_searched() -> None:
    parameter: sa.BindParameter[Any] = sa.bindparam("wanted", expanding=True)
    assert TWO_USES.child_condition("former_logins", parameter) is None
    for binding in (PHONES, NAMES, AWAY):
        assert binding.child_condition("phones", parameter) is None
        assert binding.child_wanted("phones", ["a"]) == ["a"]


def test_the_columns_of_the_other_table_are_known() -> None:
    assert PHONES.child_columns == ("owner", "number", "position")
    assert NAMES.child_columns == ("owner", "name")
    assert AWAY.child_columns == ("owner", "starts", "ends")
    assert ADDRESSES.child_columns == ("owner", "address", "use", "was")
    assert [binding.columns for binding in (PHONES, AWAY, ADDRESSES)] == [(), (), ()]


def test_the_base_of_rows_leaves_reading_and_writing_to_each_binding() -> None:
    base: Any = ChildRows(PHONES.table, owner="owner")
    assert base.child_columns == ("owner",)
    for call in (base.selected, base.sorting, lambda: base.members([]), lambda: base.rows(())):
        with pytest.raises(NotImplementedError):
            call()
