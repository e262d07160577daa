"""Entities are made of values as their constructors make them, and refused alike."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

import accountmerge as am
import small_values
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.sql.entity_makers import allowed_words, checked_maker, fast_maker

ENTITIES: list[Any] = [
    small_values.profile(hours=None),
    small_values.customer(phones=("1", "2"), opt_outs=("news",)),
    small_values.appointment(number="7", data=am.model.FrozenJson.of({"room": [1]}), version=3),
    small_values.record(),
    small_values.access(),
    small_values.access_request(),
]


def given(entity: Any) -> dict[str, Any]:
    """Return the fields of an entity that differ from their defaults."""
    fields = attrs.fields(type(entity))
    return {each.name: value for each in fields if (value := getattr(entity, each.name)) != each.default}


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda row: type(row).__name__)
def test_an_entity_is_made_as_its_constructor_makes_it(entity: Any) -> None:
    made = fast_maker(type(entity), ())(given(entity))
    assert made == entity
    assert type(made) is type(entity)
    assert {kind_of(row).name for row in ENTITIES} == {kind.name for kind in KINDS}


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda row: type(row).__name__)
def test_values_are_refused_as_by_the_constructor(entity: Any) -> None:
    values = given(entity)
    broken = [{**values, name: "\x00 "} for name in values]
    missing = [{name: values[name] for name in values if name != left_out} for left_out in values]
    for each in (*broken, *missing):
        results = [
            _result(maker, each) for maker in (fast_maker(type(entity), ()), checked_maker(type(entity)))
        ]
        assert results[0] == results[1]


def _result(maker: Any, values: dict[str, Any]) -> Any:
    try:
        return maker(values)
    except am.InvalidValueError as error:
        return error.code, error.facts


def test_a_trusted_value_is_kept_as_it_is() -> None:
    appointment = small_values.appointment()
    assert fast_maker(am.Appointment, {"status"})({**given(appointment), "status": "odd"}).status == "odd"  # type: ignore[union-attr]
    assert "booked" in allowed_words(am.Appointment, "status")
    assert allowed_words(am.Appointment, "data") == ()
