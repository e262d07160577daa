"""Requests: wrong types raise at once, and name the field; wrong facts are left to the planner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

import accountmerge as am

AT = datetime(2026, 3, 2, tzinfo=UTC)


def request(**changes: Any) -> am.MigrationRequest:
    whole: dict[str, Any] = {
        "profile_id": "P1",
        "new_email": "new@example.com",
        "reason": "security",
        "ticket": "T-1",
    }
    return am.MigrationRequest(**{**whole, **changes})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("profile_id", 5),
        ("new_email", None),
        ("reason", None),
        ("ticket", b"T-1"),
        ("numbers", {"A1": 1}),
        ("accept", ["existing_double_booking:A1:A2"]),
    ],
)
def test_a_wrong_type_raises_and_names_the_field(field: str, value: Any) -> None:
    with pytest.raises(am.InvalidValueError) as error:
        request(**{field: value})
    assert error.value.code == "wrong_type"
    assert error.value.facts["field"] == field
    assert error.value.describe("fr") != error.value.describe("en")


@pytest.mark.parametrize("field", ["profile_id", "new_email", "reason", "ticket"])
def test_half_a_character_pair_is_refused_where_it_enters(field: str) -> None:
    with pytest.raises(am.InvalidValueError) as error:
        request(**{field: "\ud800"})
    assert error.value.code == "json_surrogate"


def test_an_agreement_is_an_agreement() -> None:
    with pytest.raises(am.InvalidValueError) as error:
        request(agreement="yes")
    assert (error.value.code, error.value.facts["field"]) == ("wrong_type", "agreement")
    with pytest.raises(am.InvalidValueError):
        am.Agreement(by="Ann Example", at=datetime(2026, 1, 1), version="1")  # noqa: DTZ001


@pytest.mark.parametrize("minutes", [0, -1, 1.5, True, "5"])
def test_rules_refuse_what_is_no_number_of_minutes(minutes: Any) -> None:
    with pytest.raises(am.InvalidValueError):
        am.MigrationRules(minutes_per_booking=minutes)


def test_numbers_and_acceptances_have_no_order() -> None:
    first = am.Acceptance(finding="a:1", by="Ann Example", why="agreed")
    second = attrs.evolve(first, finding="b:2")
    assert request(accept=[first, second]) == request(accept=[second, first, first])
    assert request(numbers={"A1": "APP-1", "A2": "APP-2"}) == request(
        numbers=[("A2", "APP-2"), ("A1", "APP-1")]
    )
