"""FrozenJson: any JSON value, deeply immutable, compared by JSON type and value."""

from __future__ import annotations

import json
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.json_text import DEEPEST, EMPTY_OBJECT, LARGEST_INTEGER
from accountmerge.testing.strategies import json_scalars, json_values

plain = st.recursive(
    json_scalars(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab", max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


def typed(value: Any) -> Any:
    """Return a value that is equal to another one just when both are the same JSON."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return ("number" if type(value) in (int, float) else type(value), value)


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


@given(plain, plain)
def test_values_are_equal_when_they_are_the_same_json(one: Any, other: Any) -> None:
    first, second = am.model.FrozenJson.of(one), am.model.FrozenJson.of(other)
    assert (first == second) == (typed(one) == typed(other))
    if first == second:
        assert hash(first) == hash(second)


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"key": x}])
def test_what_python_mixes_up_stays_apart(wrap: Any) -> None:
    different = [0, False, "", None, "0", "false", "null", [], {}]
    frozen = {am.model.FrozenJson.of(wrap(value)) for value in different}
    assert len(frozen) == len(different)
    assert am.model.FrozenJson.of({}) != am.model.FrozenJson.of({"key": None})


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (0, -0.0), (10**15, 1e15), ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}), ([1], (1,))],
)
def test_the_same_json_is_one_value(one: Any, other: Any) -> None:
    assert am.model.FrozenJson.of(one) == am.model.FrozenJson.of(other)
    assert hash(am.model.FrozenJson.of(one)) == hash(am.model.FrozenJson.of(other))


@given(json_values())
def test_a_value_is_frozen_and_thawed(frozen: am.model.FrozenJson) -> None:
    assert am.model.FrozenJson.of(frozen.value) == frozen
    assert json.loads(frozen.text) == frozen.value


def test_changing_what_comes_out_changes_nothing() -> None:
    source: dict[str, Any] = {"list": [1, {"deep": []}]}
    frozen = am.model.FrozenJson.of(source)
    source["list"].append(2)
    frozen.value["list"][1]["deep"].append(3)
    assert frozen.value == {"list": [1, {"deep": []}]}
    assert frozen.value is not frozen.value


class Name(StrEnum):
    ANN = "ann"


class Number(IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("json_not_a_number", float("nan")),
        ("json_not_a_number", float("inf")),
        ("json_not_a_number", float("-inf")),
        ("json_surrogate", "\ud800"),
        ("json_surrogate", "a\udfff"),
        ("json_integer", LARGEST_INTEGER + 1),
        ("json_integer", -LARGEST_INTEGER - 1),
        ("json_integer", 10**4000),
        ("json_type", {1, 2}),
        ("json_type", b"bytes"),
        ("json_type", object()),
        ("json_type", Number.ONE),
        ("json_too_deep", nested(DEEPEST + 1)),
        ("json_too_deep", nested(5000)),
    ],
)
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [x], lambda x: {"key": [x]}])
def test_what_is_not_safe_json_is_refused_at_any_level(code: str, value: Any, wrap: Any) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.model.FrozenJson.of(wrap(value))
    assert caught.value.code == code


def test_a_subclass_of_text_is_kept_as_plain_text() -> None:
    frozen = am.model.FrozenJson.of({Name.ANN: [Name.ANN]})
    assert frozen == am.model.FrozenJson('{"ann": ["ann"]}')
    assert frozen.text == '{"ann":["ann"]}'


@pytest.mark.parametrize("text", ["", "nonsense", "{", '{"a":1,"a":2}', "[" * 10_000, 5, None, b"1"])
def test_what_is_no_json_text_cannot_be_frozen(text: Any) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.model.FrozenJson(text)
    assert caught.value.code == "wrong_type"


@pytest.mark.parametrize(
    ("text", "code"),
    [("NaN", "json_not_a_number"), ("9007199254740993", "json_integer"), ('"\\ud800"', "json_surrogate")],
)
def test_json_text_is_held_to_the_same_rules_as_plain_data(text: str, code: str) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.model.FrozenJson(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("json_type", 1),
        ("json_type", None),
        ("json_type", True),
        ("json_surrogate", "\ud800"),
    ],
)
def test_keys_are_text(code: str, key: Any) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.model.FrozenJson.of({"fine": {key: 1}})
    assert caught.value.code == code


@pytest.mark.parametrize(
    "value",
    [
        LARGEST_INTEGER,
        -LARGEST_INTEGER,
        1.5,
        1e300,
        5e-324,
        2.0**53,
        "😀",
        "\u2028",
        "a\x00b",
        nested(DEEPEST),
    ],
)
def test_what_every_reader_keeps_is_kept(value: Any) -> None:
    assert am.model.FrozenJson.of(value).value == value


def test_nothing_of_a_value_shows() -> None:
    assert "canary" not in repr(am.model.FrozenJson.of({"canary": "canary"}))


def test_an_empty_object_is_that() -> None:
    assert am.model.FrozenJson.of({}) == EMPTY_OBJECT
