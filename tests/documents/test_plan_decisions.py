"""What a plan decided, as optional keys of its file: left out where empty, refused where the steps say otherwise."""

from __future__ import annotations

import json
import pickle
from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator

import accountmerge as am
from accountmerge.documents.files import written_document
from full_documents import as_json, faults_in, golden_documents
from small_values import migration, request, slot, snapshot

PLAN = migration(2)
DATA = as_json(PLAN)
WINDOW = {"start": "2026-03-02T12:00:00Z", "end": "2026-03-02T13:00:00Z"}
SCHEMA = Draft202012Validator(am.documents.json_schema("plan"))


def told(data: Any) -> list[tuple[str, str]]:
    return [(fault.code, fault.path) for fault in faults_in(data)]


def test_a_plan_has_its_decision_as_plain_values_and_its_change_set_has_not() -> None:
    assert PLAN.blackout is not None
    assert DATA["blackout"] == {
        key: DATA["change_set"]["obligations"][0]["facts"][key] for key in ("start", "end")
    }
    assert DATA["successor_id"] == PLAN.successor_id == DATA["change_set"]["steps"][0]["edits"][0]["id"]
    assert DATA["rebooked"] == dict(PLAN.rebooked)
    assert list(DATA["rebooked"]) == ["A0", "A1"]
    assert not {"blackout", "successor_id", "rebooked"} & DATA["change_set"].keys()


def test_what_is_empty_is_left_out_and_a_blocked_plan_keeps_the_window_that_its_request_names() -> None:
    blocked = as_json(migration(ticket=""))
    assert not {"blackout", "successor_id", "rebooked"} & blocked.keys()
    named = migration(ticket="", window=slot(120, 180))
    assert named.blackout == slot(120, 180)
    assert as_json(named).keys() - blocked.keys() == {"blackout"}
    without = {key: value for key, value in as_json(named).items() if key != "blackout"}
    assert am.loads(json.dumps(without)) == named


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("blackout", WINDOW),
        ("successor_id", "P9"),
        ("rebooked", {}),
        ("rebooked", {"A0": dict(PLAN.rebooked)["A0"]}),
        ("rebooked", dict(PLAN.rebooked) | {"A1": "A9"}),
        ("rebooked", dict(PLAN.rebooked) | {"A2": "A9"}),
    ],
)
def test_a_decision_that_the_steps_contradict_is_a_fault(key: str, value: Any) -> None:
    assert told(DATA | {key: value}) == [("plan_contradicts_itself", key)]
    blocked = as_json(migration(ticket=""))
    assert told(blocked | {key: value}) == ([("plan_contradicts_itself", key)] if value else [])


@pytest.mark.parametrize(
    ("key", "value", "path"),
    [
        ("blackout", None, "blackout"),
        ("blackout", WINDOW | {"start": 1}, "blackout.start"),
        ("successor_id", 7, "successor_id"),
        ("rebooked", [["A0", "A9"]], "rebooked"),
        ("rebooked", {"A0": None}, "rebooked.A0"),
    ],
)
def test_a_decision_of_another_type_is_a_fault_at_its_place(key: str, value: Any, path: str) -> None:
    assert told(DATA | {key: value}) == [("wrong_type", path)]
    assert not SCHEMA.is_valid(DATA | {key: value})


def test_another_spelling_of_the_same_decision_is_the_same_plan() -> None:
    assert PLAN.blackout is not None
    there = {
        name: end.in_timezone("Australia/Sydney").isoformat()
        for name, end in (("start", PLAN.blackout.start), ("end", PLAN.blackout.end))
    }
    backwards = dict(reversed(DATA["rebooked"].items()))
    assert am.loads(json.dumps(DATA | {"blackout": there, "rebooked": backwards})) == PLAN


@pytest.mark.parametrize("name", ["merge.plan", "rebooking.plan", "customer_edit.plan"])
def test_a_plan_of_another_kind_has_no_such_key(name: str) -> None:
    data = golden_documents()[name]
    for key in ("blackout", "successor_id"):
        assert told(data | {key: DATA[key]}) == [("unknown_key", key)]
        assert not SCHEMA.is_valid(data | {key: DATA[key]})
    wanted = "plan_contradicts_itself" if name == "rebooking.plan" else "unknown_key"
    assert told(data | {"rebooked": DATA["rebooked"]}) == [(wanted, "rebooked")]


def test_a_plan_stays_what_it_is_through_pickle_copies_and_another_planning() -> None:
    again = pickle.loads(pickle.dumps(PLAN))  # noqa: S301 - it was made here
    assert (again, hash(again)) == (PLAN, hash(PLAN))
    assert attrs.evolve(PLAN) == PLAN
    assert attrs.evolve(PLAN, rebooked=()) != PLAN
    planned = am.rebase(snapshot(), am.plan_migration(snapshot(), request(), at=PLAN.change_set.at)).plan
    assert (planned.successor_id, planned.rebooked) == (PLAN.successor_id, ())
    assert repr(PLAN).startswith("MigrationPlan(ready, ")


def test_a_redacted_plan_shows_ids_and_times_of_the_decision() -> None:
    shown = am.reports.redacted(PLAN, key=b"0123456789abcdef")
    for key in ("blackout", "successor_id", "rebooked"):
        assert shown[key] == written_document(PLAN)[key]
