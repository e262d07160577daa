"""Ids and keys are one to one, and no id of a table is one of another."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from single_columns import memory

from accountmerge.sql.keys import Keys, among, has_keys, plain_keys
from accountmerge.testing.strategies import scalars

NAMES = ("first", "second", "third")


def keys_of(*kinds: Any, prefix: str = "booking-") -> Keys:
    table = sa.Table("t", sa.MetaData(), *(sa.Column(n, k) for n, k in zip(NAMES, kinds, strict=False)))
    return Keys(tuple(table.c), prefix)


TEXTS = st.one_of(
    scalars.texts(), st.sampled_from([":", "%", "%3A", "a:b", "", "::", "%25", "a/b", "-1", "é", "%é"])
)
NUMBERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-20, 20))
PREFIXES = st.sampled_from(["", "booking-", "booking-1", ":", "%3A", "a:b-"])


@given(PREFIXES, TEXTS, TEXTS, NUMBERS, NUMBERS)
@example("", "a:", "b", 1, 2)
@example("", "a", ":b", -1, -2)
def test_each_key_has_an_id_from_which_it_is_found(
    prefix: str, one: str, other: str, number: int, more: int
) -> None:
    for kinds, key in {
        (sa.Text(),): (one,),
        (sa.Integer(),): (number,),
        (sa.Text(), sa.Text()): (one, other),
        (sa.BigInteger(), sa.Text()): (number, one),
        (sa.Integer(), sa.Text(), sa.SmallInteger()): (number, other, more),
    }.items():
        keys = keys_of(*kinds, prefix=prefix)
        assert keys.key_of(keys.id_of(key)) == key


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=2, max_size=2, unique=True))
@example([("a:", "b"), ("a", ":b")])
@example([("a%3A", "b"), ("a:", "b")])
@example([("", "a"), ("a", "")])
def test_two_keys_have_two_ids(pair: list[tuple[str, str]]) -> None:
    keys = keys_of(sa.Text(), sa.Text())
    assert keys.id_of(pair[0]) != keys.id_of(pair[1])


IDS = st.one_of(
    TEXTS, TEXTS.map(lambda text: f"booking-{text}"), NUMBERS.map(lambda number: f"booking-{number}")
)


@given(st.one_of(IDS, st.tuples(IDS, IDS).map(":".join)))
@example("booking-%41:b")
@example("booking-a%3a:b")
@example("booking-a%ff:b")
def test_only_the_id_of_a_key_leads_to_it(id: str) -> None:
    for kinds in ((sa.Text(),), (sa.Integer(),), (sa.Text(), sa.Text()), (sa.Integer(), sa.Text())):
        keys = keys_of(*kinds)
        key = keys.key_of(id)
        assert key is None or keys.id_of(key) == id


@pytest.mark.parametrize(
    "text",
    ["007", "+7", "7.0", "", "-", "--7", "٧", " 7", "7 ", "1_0", "1e3", "9223372036854775808", "-0", "true"],
)
def test_a_text_that_is_no_whole_number_as_written_is_no_integer_key(text: str) -> None:
    assert keys_of(sa.Integer()).key_of(f"booking-{text}") is None
    assert keys_of(sa.Text(), sa.Integer()).key_of(f"booking-a:{text}") is None
    assert keys_of(sa.Text()).key_of(f"booking-{text}") == (text,)


def test_an_id_needs_the_prefix_and_the_number_of_parts() -> None:
    keys = keys_of(sa.Integer(), sa.Integer())
    assert keys.key_of("booking-1:2") == (1, 2)
    for id in ("1:2", "Booking-1:2", "booking-1", "booking-1:2:3", "booking-", "booking-1%3A2"):
        assert keys.key_of(id) is None
    assert keys.keys_of(["booking-1:2", "other", "booking-3:-4"]) == [(1, 2), (3, -4)]
    assert keys.names == ("first", "second")
    assert {type(name) for name in keys.names} == {str}


@pytest.mark.parametrize(
    ("kind", "key", "wrong"),
    [
        (sa.Uuid(), uuid.UUID(int=5), "00000000000000000000000000000005"),
        (sa.Uuid(as_uuid=False), "00000000-0000-0000-0000-000000000005", "5"),
        (sa.Date(), date(2026, 3, 2), "20260302"),
        (sa.String(3), "abc", "abcd"),
        (sa.Enum("a", "b"), "a", "c"),
        (sa.Boolean(), None, "True"),
    ],
)
def test_a_key_has_the_type_of_its_column(kind: Any, key: Any, wrong: str) -> None:
    keys = keys_of(kind)
    assert keys.key_of(f"booking-{wrong}") is None
    if key is not None:
        assert keys.key_of(keys.id_of((key,))) == (key,)


# Ids of several tables


def test_tables_whose_prefixes_end_alike_may_share_ids() -> None:
    text, number = sa.Text(), sa.Integer()
    cases: list[tuple[Keys, Keys, bool]] = [
        (keys_of(text, prefix="note-"), keys_of(text, prefix="file-"), False),
        (keys_of(text, prefix="note-"), keys_of(number, prefix="note-old-"), True),
        (keys_of(number, prefix="note-"), keys_of(text, prefix="note-old-"), False),
        (keys_of(number, prefix="note-"), keys_of(text, prefix="note-1"), True),
        (keys_of(number, prefix="note-"), keys_of(number, prefix="note--"), True),
        (keys_of(number, prefix="note-"), keys_of(number, prefix="note-1:"), False),
        (keys_of(number, text, prefix="note-"), keys_of(number, prefix="note-1:"), True),
        (keys_of(number, prefix=""), keys_of(number, prefix=""), True),
        (keys_of(text, prefix=""), keys_of(number, prefix="a-"), True),
    ]
    for one, other, expected in cases:
        assert one.may_share_ids(other) == other.may_share_ids(one) == expected


PARTS = {"text": st.sampled_from(["a", "-", "1", "5", "b-1", ":", "1:2"]), "number": st.integers(-12, 12)}
KINDS: dict[str, Any] = {"text": sa.Text(), "number": sa.Integer()}


@st.composite
def _tables(draw: st.DrawFn) -> tuple[Keys, Any]:
    shape = draw(st.lists(st.sampled_from(["text", "number"]), min_size=1, max_size=2))
    prefix = draw(st.sampled_from(["a-", "a--", "a-1", "a-1:", "a-b-", "", "a"]))
    key = tuple(draw(PARTS[kind]) for kind in shape)
    return keys_of(*(KINDS[kind] for kind in shape), prefix=prefix), key


@given(_tables(), _tables())
def test_tables_that_may_not_share_ids_share_none(one: tuple[Keys, Any], other: tuple[Keys, Any]) -> None:
    if not one[0].may_share_ids(other[0]):
        assert one[0].id_of(one[1]) != other[0].id_of(other[1])
        assert other[0].key_of(one[0].id_of(one[1])) is None


# Conditions


def test_a_condition_finds_the_rows_with_some_keys() -> None:
    connection = memory().connect()
    table = sa.Table("t", sa.MetaData(), sa.Column("first", sa.Integer), sa.Column("second", sa.Text))
    table.create(connection)
    rows = [(number, text) for number in (1, 2) for text in "ab"]
    connection.execute(sa.insert(table), [{"first": one, "second": two} for one, two in rows])
    both, single = [table.c.first, table.c.second], [table.c.second]

    def found(condition: Any, **values: Any) -> list[Any]:
        return [tuple(row) for row in connection.execute(sa.select(table).where(condition), values)]

    assert found(has_keys(both, [(1, "b"), (2, "a"), (3, "a")])) == [(1, "b"), (2, "a")]
    assert found(has_keys(single, [("b",)])) == [(1, "b"), (2, "b")]
    assert found(has_keys(both, [])) == found(has_keys(single, [])) == []
    parameter: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
    assert found(among(both, parameter), keys=plain_keys([(2, "b")])) == [(2, "b")]
    assert found(among(single, sa.select(sa.literal("a")))) == [(1, "a"), (2, "a")]
