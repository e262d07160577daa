"""Strict on the way in: at every place of every document, whatever is not as it should be is told with its path."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.model.entities import KINDS
from full_documents import (
    Place,
    as_json,
    faults_in,
    full_documents,
    full_snapshot,
    is_free,
    path_of,
    places,
    removed,
    replaced,
    value_at,
)

VALUES = full_documents()
DOCUMENTS = {name: as_json(value) for name, value in VALUES.items()}
OF_EACH_TYPE: dict[type, Any] = {
    dict: {},
    list: [],
    str: "?",
    int: 1,
    float: 1.5,
    bool: True,
    type(None): None,
}
ANY_SCALAR = "attributes"
TEXT_OR_NUMBER = "version"


@pytest.fixture(params=list(DOCUMENTS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def strict_places(name: str) -> list[Place]:
    return [place for place in places(DOCUMENTS[name]) if not is_free(name, place)]


def told(data: Any) -> dict[str, str]:
    return {fault.path: fault.code for fault in faults_in(data)}


def fits(place: Place, kind: type, value: Any) -> bool:
    """Tell whether a value of a type may stand at a place that holds another one."""
    if type(value) is kind:
        return True
    if ANY_SCALAR in place[:-1]:
        return kind not in (dict, list)
    if place[-1] == TEXT_OR_NUMBER:
        return kind in (str, int)
    # What an edit takes away is written as null, and facts of findings and guards are of several types.
    return (kind is type(None) and place[-2:-1] == ("after",)) or "facts" in place[:-1]


def test_full_documents_are_full_and_can_be_read(name: str) -> None:
    assert faults_in(DOCUMENTS[name]) == ()
    assert len(strict_places(name)) > 2


def test_every_optional_field_is_in_the_full_snapshot() -> None:
    for kind in KINDS:
        rows = [row for row in full_snapshot().table(kind.collection) if row.id.endswith("1")]
        for field in attrs.fields(kind.cls):
            assert any(getattr(row, field.name) != field.default for row in rows), f"{kind.name}.{field.name}"


@pytest.mark.unmeasured
def test_a_value_of_another_type_is_told_at_its_place(name: str) -> None:
    for place in strict_places(name):
        value = value_at(DOCUMENTS[name], place)
        for kind, other in OF_EACH_TYPE.items():
            if not fits(place, kind, value):
                found = told(replaced(DOCUMENTS[name], place, other))
                assert path_of(place) in found, (path_of(place), other, found)


def test_null_is_no_value(name: str) -> None:
    for place in strict_places(name):
        if not fits(place, type(None), value_at(DOCUMENTS[name], place)):
            code = told(replaced(DOCUMENTS[name], place, None))[path_of(place)]
            assert code in (
                "wrong_type",
                "not_in_vocabulary",
                "unknown_format",
                "wrong_facts",
                "invalid_value",
                "unknown_feature",
            ), place


def is_shown(name: str, place: Place) -> bool:
    """Tell whether an unknown word may be shown at a place, because it is in rules or limits."""
    return (
        name in ("rules", "limits") or place[:1] in (("rules",), ("limits",))
    ) and "business_hours" not in place


def test_an_unknown_key_is_told_at_its_place(name: str) -> None:
    objects = [
        (),
        *(place for place in strict_places(name) if isinstance(value_at(DOCUMENTS[name], place), dict)),
    ]
    for place in objects:
        inside = (*place, "surprise")
        if place[-1:] not in (
            ("facts",),
            ("numbers",),
            ("treated_by",),
            ("zone_rules",),
            ("rebooked",),
            ("clusters",),
            (ANY_SCALAR,),
        ) and not is_free(name, inside):
            found = told(replaced(DOCUMENTS[name], inside, 1))
            shown = "surprise" if is_shown(name, place) else "<key>"
            assert found.get(path_of((*place, shown))) == "unknown_key", (place, found)


def test_a_fact_too_many_or_too_few_is_told(name: str) -> None:
    for place in strict_places(name):
        if place[-1] == "facts":
            assert told(replaced(DOCUMENTS[name], (*place, "surprise"), "x"))[path_of(place)] == "wrong_facts"
        if place[-2:-1] == ("facts",) and place[-1] != TEXT_OR_NUMBER:
            assert "wrong_facts" in told(removed(DOCUMENTS[name], place)).values(), place


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_field_is_required_just_when_it_has_no_default(kind: Any) -> None:
    data = as_json(full_snapshot())
    names = {"slot": ("start", "end")}
    for field in attrs.fields(kind.cls):
        for key in names.get(field.name, (field.name,)):
            without = removed(data, (kind.collection, 0, key))
            if field.default is attrs.NOTHING:
                assert told(without)[f"{kind.collection}[0].{key}"] == "missing_key"
            else:
                row = full_snapshot().table(kind.collection)[data[kind.collection][0]["id"]]
                changed = attrs.evolve(row, **{field.name: field.default})
                found: Any = am.loads(json.dumps(without))
                assert found.table(kind.collection)[row.id] == changed


@pytest.mark.parametrize(
    "place",
    [
        *(
            ("snapshot", key)
            for key in ("format", "taken_at", "complete_for", *(kind.collection for kind in KINDS))
        ),
        *(("snapshot", "complete_for", key) for key in ("practitioners", "customers", "addresses")),
        *(("snapshot", "profiles", 0, "hours", key) for key in ("zone", "days", "closed")),
        *(("snapshot", "profiles", 0, "unavailable", 0, key) for key in ("start", "end")),
        *(("snapshot", "customers", 0, "emails", 0, key) for key in ("address", "use")),
        *(("request", key) for key in ("format", "intent", "profile_id", "new_email", "reason", "ticket")),
        *(("request", "agreement", key) for key in ("by", "at", "version")),
        *(("request", "accept", 0, key) for key in ("finding", "by", "why")),
        *(("rules", key) for key in ("format", "subject", "minutes_per_booking")),
        *(
            ("change set", key)
            for key in (
                "format",
                "plan_id",
                "intent",
                "request",
                "rules_digest",
                "at",
                "steps",
                "ledger",
                "obligations",
            )
        ),
        *(("change set", "steps", 0, key) for key in ("ordinal", "kind", "reason", "guards", "edits")),
        *(("change set", "steps", 0, "guards", 0, key) for key in ("kind", "facts")),
        *(("change set", "steps", 0, "edits", 0, key) for key in ("op", "entity", "id", "after")),
        *(("change set", "ledger", 0, key) for key in ("entity", "id", "field", "value", "from", "rule")),
        *(("change set", "obligations", 0, key) for key in ("kind", "whom", "when", "facts")),
        *(("change set", "confirmation", key) for key in ("by", "at", "plan_id")),
        *(("plan", key) for key in ("format", "intent", "request", "rules", "findings", "change_set")),
        *(("plan", "findings", 0, key) for key in ("code", "ids", "severity", "facts")),
    ],
    ids=lambda place: f"{place[0]}: {path_of(place[1:])}",
)
def test_a_required_key_is_always_written_and_always_wanted(place: Place) -> None:
    name, *rest = place
    found = told(removed(DOCUMENTS[str(name)], tuple(rest)))
    assert found[path_of(tuple(rest))] == "missing_key"


def test_required_keys_are_written_also_when_empty() -> None:
    empty = as_json(am.Snapshot(full_snapshot().taken_at))
    assert list(empty) == ["format", "taken_at", "complete_for", *(kind.collection for kind in KINDS)]
    assert all(empty[kind.collection] == [] for kind in KINDS)
    blocked = DOCUMENTS["blocked change set"]
    assert (blocked["steps"], blocked["ledger"]) == ([], [])
    assert "obligations" in blocked
    bare = as_json(full_snapshot())["customers"][1]
    assert sorted(bare) == ["emails", "id", "record_number", "status"]
    assert bare["emails"] == []
    hours = as_json(
        full_snapshot().changed([attrs.evolve(full_snapshot().profiles["P1"], hours=am.WeeklyHours("UTC"))])
    )
    assert hours["profiles"][0]["hours"] == {"zone": "UTC", "days": {}, "closed": []}
