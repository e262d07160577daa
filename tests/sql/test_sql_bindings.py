"""Bindings write what a column holds, and read it again; they count what has no meaning and never pass it on."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from single_columns import Kept, fault_of, kept, untyped
from sqlalchemy.dialects import postgresql

import accountmerge as am
from accountmerge import sql
from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import MICROSECONDS_PER_DAY, microseconds
from accountmerge.sql.bindings import Binding, EmailText, PlainJson, Unit, WallTime, name_of
from accountmerge.sql.column_values import as_column, as_json, from_json, is_whole_number, text_of
from accountmerge.sql.field_bindings import plain_binding
from accountmerge.testing.strategies import scalars, times

DECLARED = (False, True)
"""Whether a table is as the program declares it, or reflected from the database."""


def both(kind: Any) -> list[Kept]:
    return [kept(kind, reflected=reflected) for reflected in DECLARED]


TEXT_LIKE = [*both(sa.Text()), *both(sa.String(5)), *both(sa.Integer()), *both(sa.BigInteger()), untyped()]
TEXT_LIKE += [kept(sa.Uuid()), kept(sa.Uuid(as_uuid=False)), kept(sa.Boolean()), *both(sa.Date())]
TEXT_LIKE += [kept(sa.Enum("ab", "7")), kept(sa.LargeBinary()), kept(sa.Interval()), kept(sa.Time())]
SPECIAL = [
    "7",
    "-7",
    "007",
    "+7",
    "7.0",
    "٧",
    "9223372036854775807",
    "9223372036854775808",
    "-0",
    "2026-03-02",
]
SPECIAL += [
    "6f6c3b1e-9c1c-4a8b-8f0e-0a4ab0cbb7a1",
    "6F6C3B1E9C1C4A8B8F0E0A4AB0CBB7A1",
    "True",
    "abcdefg",
    "ab",
]


@given(st.one_of(st.sampled_from(SPECIAL), scalars.labels(), st.integers().map(str)))
def test_a_text_is_read_as_it_was_written_or_leaves_its_column_empty(text: str) -> None:
    for table in TEXT_LIKE:
        found = table.written(sql.Text("value"), text)
        assert found == (None if as_column(table.table.c.value, text) is None else text)


def test_each_type_holds_some_text_and_not_every_one() -> None:
    for table in TEXT_LIKE:
        held = [text for text in SPECIAL if table.written(sql.Text("value"), text) == text]
        kind = table.table.c.value.type
        assert bool(held) != isinstance(kind, sa.Boolean | sa.LargeBinary | sa.Interval | sa.Time)
        is_any = isinstance(kind, sa.types.NullType) or (isinstance(kind, sa.String) and not kind.length)
        assert (held == SPECIAL) == is_any


@pytest.mark.parametrize(
    ("kind", "text", "raw"),
    [
        (sa.Integer(), "-9223372036854775808", -(2**63)),
        (sa.BigInteger(), "1234567890123456789", 1234567890123456789),
        (sa.Numeric(), "12.50", Decimal("12.50")),
        (sa.Date(), "2026-03-02", date(2026, 3, 2)),
        (sa.String(3), "abc", "abc"),
        (sa.Enum("a", "b"), "a", "a"),
        (sa.JSON(), "a", "a"),
        (postgresql.CITEXT(), "a", "a"),
    ],
)
def test_a_text_becomes_a_value_of_the_type_of_its_column(kind: Any, text: str, raw: Any) -> None:
    assert as_column(sa.Column("value", kind), text) == raw
    assert text_of(raw) == text


@given(st.integers(-(2**64), 2**64), st.sampled_from(["{}", " {}", "{} ", "+{}", "0{}", "{}.0", "{}_0"]))
def test_a_whole_number_has_64_bits_and_is_written_as_python_writes_it(number: int, form: str) -> None:
    text = form.format(number)
    assert is_whole_number(text) == (text == str(number) and -(2**63) <= number < 2**63)
    assert not is_whole_number("")
    assert not is_whole_number("9" * 5000)


UNITS: dict[Unit, int] = {
    "microseconds": 1,
    "milliseconds": 1_000,
    "seconds": 1_000_000,
    "minutes": 60_000_000,
    "hours": 3_600_000_000,
}
INSTANTS = times.instants()


EXACT_TIMES = [table for kind in (sa.DateTime(), sa.Text(), sa.String(40)) for table in both(kind)]


@given(INSTANTS)
def test_an_instant_is_read_as_it_was_written(instant: datetime) -> None:
    for table in EXACT_TIMES:
        assert table.written(sql.Utc("value"), instant) == instant


@given(INSTANTS)
def test_an_instant_is_cut_to_the_unit_of_its_column(instant: datetime) -> None:
    whole, numbers, floats = microseconds(instant), _once(sa.BigInteger()), _once(sa.Float(53))
    for unit, size in UNITS.items():
        found = microseconds(numbers.written(sql.Utc("value", unit=unit), instant))
        assert found == whole // size * size
        found = microseconds(floats.written(sql.Utc("value", unit=unit), instant))
        assert abs(found - whole) <= 1
    found = microseconds(_once(sa.Date()).written(sql.Utc("value"), instant))
    assert found == whole // MICROSECONDS_PER_DAY * MICROSECONDS_PER_DAY


def test_an_instant_with_an_offset_is_the_same_instant_in_utc() -> None:
    table, zone = kept(sa.Text()), timezone(timedelta(hours=-3, minutes=-30))
    local = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=zone)
    assert table.written(sql.Utc("value"), local) == local
    assert table.read(sql.Utc("value"), [local.isoformat()]) == local
    aware, plain = sa.DateTime(timezone=True), sa.DateTime()
    assert sql.Utc("value").written(kept(aware).table, local) == local
    assert sql.Utc("value").written(kept(plain).table, local) == datetime(2026, 3, 2, 12, 30, 0, 5)  # noqa: DTZ001
    exact = sql.Utc("value").written(kept(sa.Numeric(20, 6)).table, datetime(2026, 3, 2, tzinfo=UTC))
    assert exact == Decimal(1_772_409_600)
    assert table.read(sql.Utc("value"), [Decimal("0.000005")]) == datetime(1970, 1, 1, 0, 0, 0, 5, tzinfo=UTC)


DAYS = [table for kind in (sa.Date(), sa.Text(), sa.DateTime()) for table in both(kind)]


@given(st.dates())
def test_a_day_is_read_as_it_was_written(day: date) -> None:
    for table in DAYS:
        assert table.written(sql.Day("value"), day) == day


@given(st.datetimes())
def test_a_wall_time_is_read_as_it_was_written(moment: datetime) -> None:
    for table in EXACT_TIMES:
        assert table.written(WallTime("value"), moment) == moment
        assert sql.Local("value").naive(sql.Local("value").of_wall_time(table.table, moment)) == moment


def test_a_column_with_a_date_holds_no_wall_time() -> None:
    table, moment = kept(sa.Date()).table, datetime(2026, 3, 2, 9)  # noqa: DTZ001 - as clocks show it
    assert sql.Local("value").of_wall_time(table, moment) == moment.date()
    assert WallTime("value").written(table, moment) == moment.date()
    assert fault_of(lambda: kept(sa.Date()).read(WallTime("value"), [moment.date()])) == (
        "unreadable_column",
        "value",
    )


def _is_large(value: Any) -> bool:
    """Return whether SQLite makes a whole number of a text with this number, which JSON cannot hold exactly."""
    return isinstance(value, float) and value.is_integer()


JSONS = [*both(sa.JSON()), *both(sa.Text())]


@given(scalars.json_values().filter(lambda value: not _is_large(value.value)))
def test_json_is_read_as_it_was_written(value: am.model.FrozenJson) -> None:
    for table in JSONS:
        found = table.written(sql.Json("value"), value)
        assert found == value or (found is None and value.text == "null")


@given(st.lists(scalars.filled_lines()), times.weekly_hours(), st.lists(times.time_slots()))
def test_lists_hours_and_slots_are_read_as_they_were_written(
    texts: list[str], hours: am.WeeklyHours, slots: list[am.TimeSlot]
) -> None:
    for table in JSONS:
        assert table.written(NAMES, tuple(texts)) == tuple(texts)
        assert table.written(HOURS, hours) == hours
        assert table.written(SLOTS, tuple(slots)) == tuple(slots)


_MADE: dict[Any, Kept] = {}


def _once(kind: Any, *names: str) -> Kept:
    """Return a table that is made once for each type."""
    key = (repr(kind), *names)
    if key not in _MADE:
        _MADE[key] = kept(kind, names=names or ["value"])
    return _MADE[key]


@pytest.mark.parametrize(
    ("binding", "value"),
    [
        (sql.Text("value"), "a"),
        (sql.Utc("value"), datetime(2026, 3, 2, tzinfo=UTC)),
        (sql.Day("value"), date(2026, 3, 2)),
        (sql.Json("value"), am.model.FrozenJson.of({})),
        (PlainJson("value"), ("a",)),
        (EmailText("value"), am.model.EmailAddress("ann@example.com")),
        (sql.Codes("value", {"1": "a"}), "a"),
    ],
)
def test_a_field_without_a_value_is_null_and_null_is_no_value(binding: Binding, value: Any) -> None:
    table = kept(sa.Text())
    assert table.written(binding, value) == value
    assert binding.values(table.table, None) == {"value": None}
    assert table.written(binding, None) is None


# Values without a meaning


HOURS, SLOTS, NAMES = (
    plain_binding("profile", "hours", "value"),
    plain_binding("profile", "unavailable", "value"),
    plain_binding("customer", "opt_outs", "value"),
)
UNREADABLE: list[tuple[Binding, Any]] = [
    *(
        (sql.Utc("value"), raw)
        for raw in ("abc", "", True, float("nan"), 10**30, b"1", "2026-02-30", Decimal("NaN"))
    ),
    *((sql.Day("value"), raw) for raw in ("abc", 5, "2026-03-02 10:00", b"2026-03-02")),
    *((WallTime("value"), raw) for raw in ("abc", 5, "10:00")),
    *((HOURS, raw) for raw in ("abc", "[]", "5", '"a"', '{"x":1}', '{"zone":"Nowhere"}', "[" * 9, b"{}")),
    *((SLOTS, raw) for raw in ("abc", "{}", "5", '"abc"', '[{"start":"abc"}]', "[5]")),
    *((NAMES, raw) for raw in ("abc", '"abc"', '{"a":1}', "[1]", "5")),
]


@pytest.mark.parametrize(("binding", "raw"), UNREADABLE)
def test_an_unreadable_value_is_a_fault_of_its_column_without_the_value(binding: Binding, raw: Any) -> None:
    code, column = fault_of(lambda: kept(sa.Text()).read(binding, [raw]))
    assert (code, column) in [("unreadable_column", "value"), ("time_out_of_range", "value")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [("[", "wrong_type"), ('{"a":1,"a":2}', "wrong_type"), (b"{}", "json_type"), (2**60, "json_integer")],
)
def test_data_that_are_no_json_are_a_fault(raw: Any, code: str) -> None:
    assert fault_of(lambda: kept(sa.Text()).read(sql.Json("value"), [raw])) == (code, "value")


@pytest.mark.parametrize(
    "raw", ["2026-03-02 10:00+11:00", "2026-03-02T10:00Z", datetime(2026, 3, 2, tzinfo=UTC)]
)
def test_a_local_time_with_an_offset_is_a_fault(raw: Any) -> None:
    assert fault_of(lambda: sql.Local("starts").naive(raw)) == ("wall_time_aware", "starts")


def test_json_null_in_a_list_is_empty() -> None:
    for binding in (HOURS, SLOTS, NAMES):
        assert kept(sa.Text()).read(binding, ["null"]) is None


# Codes


class Way(enum.Enum):
    ROOM = 1
    VIDEO = 2


def test_codes_become_words_and_the_first_code_of_a_word_is_written() -> None:
    table = kept(sa.Integer())
    binding = sql.Codes("value", {0: "held", 1: "booked", 7: "booked"})
    assert [table.read(binding, [code]) for code in (0, 1, 7)] == ["held", "booked", "booked"]
    assert binding.values(table.table, "booked") == {"value": 1}
    assert binding.codes_of(["booked"]) == (1, 7)
    assert binding.wanted(table.table, ["booked", "missed"]) == [1, 7]


@pytest.mark.parametrize("raw", [2, "0", "held", [0], b"", 0.5])
def test_an_unknown_code_is_a_fault(raw: Any) -> None:
    binding = sql.Codes("state", {0: "held", 1: "booked"})
    table = kept(sa.Integer(), names=["state"])
    assert fault_of(lambda: table.read(binding, [raw])) == ("unknown_code", "state")


def test_a_word_without_a_code_names_table_column_and_word() -> None:
    with pytest.raises(InvalidValueError) as caught:
        sql.Codes("value", {0: "held"}).values(kept(sa.Integer()).table, "missed")
    assert caught.value.code == "sql_no_code"
    assert dict(caught.value.facts) == {"table": "kept", "column": "value", "word": "missed"}


def test_null_may_be_a_code() -> None:
    table, binding = kept(sa.Integer()), sql.Codes("value", {None: "held", 1: "booked"})
    assert [table.read(binding, [code]) for code in (None, 1)] == ["held", "booked"]
    assert table.written(binding, "held") == "held"
    assert binding.wanted(table.table, ["held", "booked"]) == [1]
    assert _matches(table, binding, ["held"], None)
    assert not _matches(table, sql.Codes("value", {1: "booked"}), ["booked"], None)


def test_codes_may_be_members_of_an_enumeration() -> None:
    table, binding = kept(sa.Enum(Way)), sql.Codes("value", {Way.ROOM: "in_person", Way.VIDEO: "video"})
    assert table.written(binding, "video") == "video"
    assert table.written(sql.Text("value"), "ROOM") == "ROOM"
    assert table.written(sql.Text("value"), "elsewhere") is None
    assert fault_of(lambda: table.read(plain_binding("appointment", "modality", "value"), [Way.ROOM])) == (
        "unknown_code",
        "value",
    )


# Searches


def _matches(table: Kept, binding: Binding, wanted: list[str], raw: Any) -> bool:
    table.stored(value=raw)
    condition = binding.condition(table.table, sa.bindparam("wanted", expanding=True))
    assert condition is not None
    statement = sa.select(sa.literal(1)).select_from(table.table).where(condition)
    return (
        table.connection.execute(statement, {"wanted": binding.wanted(table.table, wanted)}).first()
        is not None
    )


@given(st.lists(scalars.labels(), max_size=3), scalars.labels())
def test_a_search_finds_exactly_the_wanted_texts(wanted: list[str], stored: str) -> None:
    text = stored.replace("\x00", "")
    assert _matches(_once(sa.Text()), sql.Text("value"), wanted, text) == (text in wanted)


ADDRESSES = ["ann@example.com", "Ann@Example.COM", " ann@example.com", "zoë@example.org", "ZOË@example.org"]
ADDRESSES += [
    "bo@münchen.example",
    "bo@xn--mnchen-3ya.example",
    "BO@XN--MNCHEN-3YA.example",
    "K@example.com",
    "",
    "İ@x.org",
]


@pytest.mark.parametrize("binding", [EmailText("value"), sql.EmailColumns("value")])
@given(st.sampled_from(ADDRESSES), st.sampled_from(ADDRESSES))
def test_a_search_for_a_mailbox_never_misses_a_spelling(binding: Binding, stored: str, sought: str) -> None:
    mailbox = am.model.EmailAddress(sought).mailbox
    if am.model.EmailAddress(stored).mailbox == mailbox:
        assert _matches(_once(sa.Text()), binding, [mailbox], stored)


def test_a_search_for_a_mailbox_does_not_find_every_address() -> None:
    assert not _matches(kept(sa.Text()), EmailText("value"), ["ann@example.com"], "bo@example.com")


def test_fields_without_a_column_of_their_own_are_not_searched() -> None:
    table = kept(sa.Text()).table
    parameter: sa.BindParameter[Any] = sa.bindparam("wanted", expanding=True)
    bindings = (
        sql.Constant(1),
        sql.Utc("value"),
        sql.Flags(a="value"),
        sql.EmailColumns(secondary=["value"]),
    )
    for binding in bindings:
        assert binding.condition(table, parameter) is None
        assert binding.wanted(table, ["a"]) == ["a"]


# Constants, versions, names


def test_a_constant_has_no_column() -> None:
    table, binding = kept(sa.Text()), sql.Constant("active")
    assert binding.columns == ()
    assert binding.values(table.table, "other") == {}
    assert table.read(binding, [None]) == "active"


def test_a_write_adds_one_to_a_version_that_is_a_number() -> None:
    number, text = kept(sa.Integer()), kept(sa.Text())
    binding = sql.Version("value")
    assert str(binding.values(number.table, None)["value"]) == "kept.value + :value_1"
    assert binding.values(text.table, None) == {}
    assert [number.read(binding, [raw]) for raw in (3, "a", None, 1.5)] == [3, "a", None, "1.5"]


def test_names_from_sqlalchemy_become_plain_texts() -> None:
    quoted = sa.quoted_name("value", True)
    column = sa.Column(quoted, sa.Text)
    bindings: list[Binding] = [sql.Text(quoted), sql.Text(column), sql.Columns(quoted), sql.Flags(a=quoted)]
    bindings += [
        sql.Values(quoted),
        sql.EmailColumns(quoted, former=[column]),
        sql.Reference(column, to=quoted),
    ]
    for binding in bindings:
        assert {type(name) for name in binding.columns} == {str}
    assert type(name_of(column)) is str
    assert type(sql.Reference("a", to=sa.Table(quoted, sa.MetaData())).to) is str


def test_the_base_of_bindings_leaves_reading_and_writing_to_each_binding() -> None:
    table, binding = kept(sa.Text()).table, Binding()
    calls: list[Callable[[], Any]] = [
        lambda: binding.getter(table, {}),
        lambda: binding.values(table, None),
        lambda: sql.Local("value").reader(table),
        lambda: sql.Local("value").written(table, 1),
    ]
    for call in calls:
        with pytest.raises(NotImplementedError):
            call()
    assert binding.columns == ()


# The rest of a row


REST: list[tuple[Any, Any, Any]] = [
    (sa.Boolean(), True, True),
    (sa.Integer(), 5, 5),
    (sa.BigInteger(), 2**60, str(2**60)),
    (sa.Float(), 1.5, 1.5),
    (sa.Float(), float("inf"), "inf"),
    (sa.Date(), date(2026, 3, 2), "2026-03-02"),
    (sa.DateTime(), datetime(2026, 3, 2, 9), "2026-03-02T09:00:00"),  # noqa: DTZ001
    (sa.Time(), datetime(2026, 3, 2, 9).time(), "09:00:00"),  # noqa: DTZ001
    (sa.Interval(), timedelta(minutes=50, microseconds=1), 3000.000001),
    (sa.LargeBinary(), b"\x00\xff", "00ff"),
    (sa.Uuid(as_uuid=False), "6f6c3b1e-9c1c-4a8b-8f0e-0a4ab0cbb7a1", "6f6c3b1e-9c1c-4a8b-8f0e-0a4ab0cbb7a1"),
    (sa.Enum(Way), Way.ROOM, "ROOM"),
    (sa.JSON(), {"a": [1, None]}, {"a": [1, None]}),
    (sa.String(3), "abc", "abc"),
    (postgresql.INTERVAL(), timedelta(seconds=2), 2.0),
]


@pytest.mark.parametrize(("kind", "raw", "plain"), REST)
def test_a_value_of_each_type_becomes_json_and_back(kind: Any, raw: Any, plain: Any) -> None:
    column = sa.Column("value", kind)
    assert as_json(raw) == plain
    assert from_json(column, plain) == raw
    if not isinstance(kind, postgresql.INTERVAL):
        table, binding = kept(kind), sql.Columns("value")
        assert table.written(binding, am.model.FrozenJson.of({"value": plain})).value == {"value": plain}


@given(
    st.one_of(
        scalars.json_values(), st.sampled_from([plain for _, _, plain in REST]).map(am.model.FrozenJson.of)
    )
)
def test_json_that_a_column_does_not_hold_leaves_it_empty_or_changes_but_is_no_error(
    value: am.model.FrozenJson,
) -> None:
    binding = sql.Columns("value")
    for kind in (*(kind for kind, _, _ in REST[:-1]), sa.Uuid(), sa.Numeric(8, 2)):
        table = _once(kind)
        found = table.written(binding, am.model.FrozenJson.of({"value": value.value}))
        assert found is None or list(found.value) == ["value"]


def test_data_that_are_no_object_leave_columns_empty() -> None:
    assert kept(sa.Text()).written(sql.Columns("value"), am.model.FrozenJson.of(["a"])) is None


@pytest.mark.parametrize(
    "kind", [sa.Float(), sa.Numeric(), sa.Integer(), sa.Interval(), sa.String()], ids=repr
)
def test_only_a_boolean_column_holds_a_truth_value(kind: Any) -> None:
    assert from_json(sa.Column("value", kind), True) is None
    assert from_json(sa.Column("value", sa.Boolean()), True) is True


def test_columns_are_one_object_and_null_has_no_key() -> None:
    table, binding = kept(sa.Text(), names=["a", "b"]), sql.Columns("a", "b")
    assert table.written(binding, am.model.FrozenJson.of({"b": "x", "c": 1})) == am.model.FrozenJson.of(
        {"b": "x"}
    )
    assert table.written(binding, None) is None
    assert table.read(binding, [memoryview(b"a"), Decimal("1.50")]).value == {"a": "61", "b": "1.50"}


def test_a_column_whose_value_is_no_json_is_named() -> None:
    table = kept(sa.JSON(), names=["a", "b"])
    assert fault_of(lambda: table.read(sql.Columns("a", "b"), [1, [float("nan")]])) == (
        "json_not_a_number",
        "b",
    )


def test_an_untyped_column_holds_no_nested_value() -> None:
    column: sa.Column[Any] = untyped().table.c.value
    assert isinstance(column.type, sa.types.NullType)
    values: list[Any] = ["a", 1, True, [1], {}]
    assert [from_json(column, value) for value in values] == ["a", 1, True, None, None]


# Lists in columns


@given(st.sets(st.sampled_from("abc")))
def test_flags_hold_the_words_that_have_a_column(words: set[str]) -> None:
    binding = sql.Flags(a="x", b="y")
    for kind in (sa.Boolean(), sa.Integer(), sa.SmallInteger()):
        table = _once(kind, "x", "y")
        assert table.written(binding, tuple(sorted(words))) == tuple(sorted(words - {"c"}))
        assert table.written(binding, None) == ()


def test_a_flag_is_zero_or_one_and_text_has_no_meaning() -> None:
    table = kept(sa.Text(), names=["x", "y"])
    assert table.read(sql.Flags(a="x", b="y"), [None, 1]) == ("b",)
    for raw in ("N", "0", "", 2, b"\x00", "false"):
        get = partial(table.read, sql.Flags(a="x", b="y"), [1, raw])
        assert fault_of(get) == ("unknown_code", "y")


@given(st.lists(scalars.filled_lines(), max_size=4))
def test_values_fill_their_columns_in_order(texts: list[str]) -> None:
    table = _once(sa.String(12), "x", "y")
    assert table.written(sql.Values("x", "y"), tuple(texts)) == tuple(texts[:2])


def test_a_value_that_its_column_cannot_hold_is_left_out() -> None:
    assert kept(sa.String(3), names=["x"]).written(sql.Values("x"), ("long text",)) == ()
    assert kept(sa.Integer(), names=["x"]).written(sql.Values("x"), ("+61 7",)) == ()
    assert kept(sa.Integer(), names=["x"]).written(sql.Values("x"), ("617",)) == ("617",)


def test_addresses_have_a_column_for_each_use() -> None:
    table = kept(sa.String(20), names=["a", "b", "c", "d"])
    binding = sql.EmailColumns("a", secondary=["b", "c"], former=["d"])
    assert binding.columns == ("a", "b", "c", "d")
    made = am.CustomerEmail
    held = (
        made("p@example.com", "primary"),
        made("s@example.com", "secondary"),
        made("f@example.com", "former"),
    )
    assert table.written(binding, held) == held
    more = (*held, made("t@example.com", "secondary"), made("u@example.com", "secondary"))
    assert len(table.written(binding, more)) == 4
    login = made("l@example.com", "former", "client-1")
    assert table.written(binding, (held[0], login)) == held[:1]
    assert table.written(binding, (made("a-long-name@long.example.com", "primary"),)) == ()
    assert table.written(binding, None) == ()
    assert table.read(binding, [5, None, "", None]) == (made("5", "primary"),)


@pytest.mark.parametrize("value", ["ann@example.com", "x" * 12 + "@example.com"])
def test_an_address_that_its_column_cannot_hold_leaves_it_empty(value: str) -> None:
    found = kept(sa.String(20)).written(EmailText("value"), am.model.EmailAddress(value))
    assert found == (am.model.EmailAddress(value) if len(value) <= 20 else None)


def test_json_of_a_list_is_written_canonically() -> None:
    assert NAMES.values(kept(sa.Text()).table, ("b", "a")) == {
        "value": json.dumps(["b", "a"], separators=(",", ":"))
    }
