"""One entity as plain JSON data: it comes back as it was, and each fault of a row is told with its path."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.errors import MOST_FAULTS
from accountmerge.model.entities import KIND_OF_NAME, KINDS, Entity, kind_of
from accountmerge.testing.strategies import snapshots
from full_documents import as_json, faults_in, full_snapshot

FULL = full_snapshot()
ROWS: list[Entity] = [row for kind in KINDS for row in FULL.table(kind.collection)]


def named(row: Entity) -> str:
    return f"{kind_of(row).name} {row.id}"


def refused(name: Any, row: Any) -> tuple[am.documents.Fault, ...]:
    """Return the faults for which a row is refused."""
    with pytest.raises(am.LoadError) as caught:
        am.documents.entity_from_json(name, row)
    return caught.value.faults


def faults_of_row(name: Any, row: Any) -> tuple[am.documents.Fault, ...]:
    """Return the faults of a row; none if it can be read."""
    try:
        am.documents.entity_from_json(name, row)
    except am.LoadError as error:
        return error.faults
    return ()


def places_of(faults: tuple[am.documents.Fault, ...]) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in faults]


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_an_entity_comes_back_as_it_was_and_is_written_as_in_a_file(row: Entity) -> None:
    kind = kind_of(row)
    data = am.documents.entity_to_json(row)
    assert type(data) is dict
    assert json.loads(json.dumps(data)) == data
    assert data == next(entry for entry in as_json(FULL)[kind.collection] if entry["id"] == row.id)
    found = am.documents.entity_from_json(kind.name, data)
    assert (type(found), found) == (type(row), row)


@given(snapshots())
def test_every_drawn_entity_comes_back_and_the_data_share_no_part_with_it(drawn: am.Snapshot) -> None:
    for kind in KINDS:
        for row in drawn.table(kind.collection):
            data = am.documents.entity_to_json(row)
            kept = copy.deepcopy(data)
            assert am.documents.entity_from_json(kind.name, data) == row
            assert data == kept  # a reader empties nothing
            for part in data.values():
                if isinstance(part, list | dict):
                    part.clear()
            assert am.documents.entity_to_json(row) == kept


@pytest.mark.parametrize("row", ROWS, ids=named)
@pytest.mark.parametrize("wrong", [None, 7, "", [], {}, ["\ud800"], "x\x00"], ids=repr)
def test_a_row_is_refused_for_the_faults_that_a_file_is_refused_for(row: Entity, wrong: Any) -> None:
    """The same value at the same key has the same faults, below the place of the row in the file."""
    kind, whole = kind_of(row), as_json(FULL)
    place = [entry["id"] for entry in whole[kind.collection]].index(row.id)
    for key in [*am.documents.entity_to_json(row), "stranger"]:
        data = am.documents.entity_to_json(row) | {key: wrong}
        whole[kind.collection][place] = data
        below = f"{kind.collection}[{place}]"
        of_file = [f for f in faults_in(whole) if f.path.startswith(below) and f.code != "dangling_reference"]
        found = [fault.below(below) for fault in faults_of_row(kind.name, data)]
        assert found == [fault for fault in of_file if fault.code != "duplicate_id"], key


def test_every_fault_of_a_row_is_told_with_its_path() -> None:
    row = am.documents.entity_to_json(FULL.customers["C1"])
    del row["record_number"]
    row |= {"birth_date": "1990-13-01", "givenName": "Ann", "phones": ["1", ""]}
    row["emails"][1]["use"] = "alias"
    assert places_of(refused("customer", row)) == [
        ("record_number", "missing_key"),
        ("emails[1].use", "not_in_vocabulary"),
        ("phones[1]", "invalid_value"),
        ("birth_date", "invalid_value"),
        ("givenName", "unknown_key"),
    ]


@pytest.mark.parametrize("row", [None, [], "x", 7, am.Access], ids=repr)
@pytest.mark.parametrize("name", KIND_OF_NAME)
def test_a_value_that_is_no_object_is_refused(name: str, row: Any) -> None:
    assert places_of(refused(name, row)) == [("", "wrong_type")]


CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("value", "path", "code"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC), "data.pages", "wrong_type"),
        (Decimal(1), "data.pages", "wrong_type"),
        ({1, 2}, "data.pages", "wrong_type"),
        (b"x", "data.pages", "wrong_type"),
        ({7: "x"}, "data.pages.<key>", "wrong_type"),
        ({"Ann": [3j]}, "data.pages.<key>[0]", "wrong_type"),
        (float("nan"), "data", "invalid_value"),
        (2**60, "data", "invalid_value"),
        ("\ud800", "data", "invalid_value"),
    ],
    ids=repr,
)
def test_a_value_that_json_cannot_hold_is_told_with_its_path_and_never_shown(
    value: Any, path: str, code: str
) -> None:
    path = path.replace("pages", "days")  # a word of files, which a path may show
    row = {"id": "R1", "kind": "note", "customer_id": "C1", "data": {"days": value}}
    faults = refused("record", row)
    assert places_of(faults) == [(path, code)]
    for language in ("en", "fr"):
        assert "Ann" not in faults[0].describe(language)


def test_a_row_that_contains_itself_or_is_too_deep_is_refused() -> None:
    deep: Any = 0
    for _ in range(5_000):
        deep = [deep]
    for value in (CYCLE, deep):
        (fault,) = refused("record", {"id": "R1", "kind": "note", "customer_id": "C1", "data": value})
        assert fault.code == "too_deep"
        assert fault.path.startswith("data[0][0]")
    (fault,) = refused("record", {"id": "R1", "kind": "note", "customer_id": "C1", "data": nested(65)})
    assert (fault.path, fault.facts["reason"]) == ("data", "json_too_deep")


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def test_many_faults_are_counted_beyond_the_limit() -> None:
    row = am.documents.entity_to_json(FULL.customers["C1"]) | {"phones": [""] * (MOST_FAULTS + 5)}
    with pytest.raises(am.LoadError) as caught:
        am.documents.entity_from_json("customer", row)
    assert len(caught.value.faults) == MOST_FAULTS
    assert caught.value.facts["count"] == MOST_FAULTS + 5


class Label(str):
    """A text of a driver."""

    __slots__ = ()


def test_tuples_are_lists_and_subclasses_of_text_are_text() -> None:
    plain = am.documents.entity_to_json(FULL.customers["C1"])
    row = {Label(key): tuple(part) if isinstance(part, list) else part for key, part in plain.items()}
    row[Label("address")] = Label(plain["address"])
    found = am.documents.entity_from_json("customer", row)  # type: ignore[arg-type]
    assert found == FULL.customers["C1"]
    assert isinstance(found, am.Customer)
    assert type(found.address) is str


@pytest.mark.parametrize("name", ["customers", "Customer", "", None, 7])
def test_an_unknown_kind_of_entity_is_refused(name: Any) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.documents.entity_from_json(name, {})
    assert (caught.value.code, caught.value.facts["field"]) == ("not_one_of", "name")
    assert "access_request" in caught.value.facts["allowed"]  # type: ignore[operator]


@pytest.mark.parametrize("value", [None, {}, "C1", FULL, am.Customer])
def test_only_entities_are_written(value: Any) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.documents.entity_to_json(value)
    assert (caught.value.code, caught.value.facts["wanted"]) == ("wrong_type", "entity")


@given(st.sampled_from(ROWS), st.data())
def test_no_personal_value_is_in_the_error_of_a_row(row: Entity, data: Any) -> None:
    """A text that nobody else has is put at any key, and as a key."""
    plain = am.documents.entity_to_json(row)
    key = data.draw(st.sampled_from(sorted(plain)))
    wrong = data.draw(
        st.sampled_from([["Canary"], {"Canary": "Canary"}, "Canary\x00", {"start": ["Canary"]}])
    )
    with pytest.raises(am.LoadError) as caught:
        am.documents.entity_from_json(kind_of(row).name, plain | {key: wrong, "Canary": 1})
    error = caught.value
    assert "Canary" not in error.describe("en") + error.describe("fr") + repr(error) + repr(error.faults)
