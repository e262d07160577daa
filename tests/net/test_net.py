"""The net: what the planners answer to stored questions of every kind, to the letter."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

import accountmerge as am
from stored_questions import (
    KINDS,
    MANY,
    SNAPSHOTS,
    Answer,
    Question,
    answered,
    lines,
    loaded,
    of_kind,
    questions,
    snapshot,
)

FEWEST = {"undo": 15, "migrations": 8, "merges": 8}
"""How many questions of a kind there are at the least; of any other kind, 50."""


def differences(name: str, stored: Any, now: Any) -> list[str]:
    """Return the places at which two answers differ, each in one line."""
    if isinstance(stored, dict) and isinstance(now, dict):
        keys = sorted(stored.keys() | now.keys())
        return [line for key in keys for line in differences(f"{name}.{key}", stored.get(key), now.get(key))]
    if isinstance(stored, list) and isinstance(now, list) and len(stored) == len(now):
        pairs = enumerate(zip(stored, now, strict=True))
        return [line for place, pair in pairs for line in differences(f"{name}[{place}]", *pair)]
    return [] if stored == now else [f"{name}: stored {stored!r}, now {now!r}"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_stored_question_is_answered_as_it_was(kind: str) -> None:
    asked = of_kind(kind)
    assert len(asked) >= FEWEST.get(kind, 50), f"questions of the kind {kind} are missing"
    found = [
        line
        for question in asked
        for line in differences(question["name"], question["answer"], _now(question))
    ]
    assert not found, "\n".join((f"{len(found)} differences:", *found[:40]))


def _now(question: Question) -> Answer:
    """Return the answer to a question now; an error is an answer that differs."""
    try:
        return answered(question)
    except Exception as error:  # noqa: BLE001 - the test says which question it was
        return {"error": repr(error)}


def test_there_are_questions_of_all_kinds_and_of_no_other_and_no_two_have_one_name() -> None:
    assert {question["kind"] for question in questions()} == set(KINDS)
    names = [question["name"] for question in questions()]
    assert len(set(names)) == len(names) >= 450


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("undo", *MANY)])
def test_the_plans_of_a_kind_are_ready_in_part_and_blocked_in_part(kind: str) -> None:
    blocked = [bool(question["answer"]["blocked"]) for question in of_kind(kind)]
    assert min(blocked.count(True), blocked.count(False)) >= 20


def test_undoings_are_made_in_part_and_refused_in_part() -> None:
    refused = ["refused" in question["answer"] for question in of_kind("undo")]
    assert refused.count(True) >= 3
    assert refused.count(False) >= 10


WORD_OF_TEXTS = "customer_label"
"""The field of rules that chooses a word of texts alone, which no answer holds."""


@pytest.mark.parametrize("rules", [am.MigrationRules, am.MergeRules, am.customers.CustomerRules])
def test_every_field_of_the_rules_is_set_in_some_question(rules: Any) -> None:
    asked = [loaded(question["rules"]) for question in questions()]
    given, usual = [found for found in asked if type(found) is rules], rules()
    names = {field.name for field in attrs.fields(rules)} - {WORD_OF_TEXTS}
    assert names == {
        name for name in names for found in given if getattr(found, name) != getattr(usual, name)
    }


def test_what_is_asked_is_stored_as_it_is_written_and_no_snapshot_is_stored_in_vain() -> None:
    for question in questions():
        parts = [question["rules"], *question.get("requests", [question.get("request")])]
        found = [part for part in parts if part is not None]
        assert [json.loads(am.dumps(loaded(part))) for part in found] == found, question["name"]
    rows = lines(SNAPSHOTS)
    assert [json.loads(am.dumps(snapshot(n))) for n in range(len(rows))] == [json.loads(row) for row in rows]
    assert {question["snapshot"] for question in questions()} == set(range(len(rows)))


def test_a_difference_is_told_with_the_name_of_its_question() -> None:
    question = of_kind("merge")[0]
    stored = {**question["answer"], "plan_id": "another"}
    (line,) = differences(question["name"], stored, answered(question))
    assert line.startswith(f"{question['name']}.plan_id: stored 'another', now ")
