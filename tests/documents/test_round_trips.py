"""What is written is read back as an equal value, and equal values are written alike."""

from __future__ import annotations

import json
import random
from typing import Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import KINDS
from accountmerge.testing.strategies import (
    MigrationCase,
    Request,
    json_values,
    merge_rules,
    migration_cases,
    migration_rules,
    requests,
    snapshots,
)
from full_documents import as_json, full_documents, full_snapshot
from small_values import migration


@pytest.mark.parametrize("name", list(full_documents()))
def test_every_kind_of_document_comes_back(name: str) -> None:
    value = full_documents()[name]
    for indent in (None, 2):
        text = am.dumps(value, indent=indent)
        assert am.loads(text) == value
        assert type(am.loads(text)) is type(value)
        assert am.dumps(am.loads(text), indent=indent) == text
    assert as_json(value)["format"].startswith("accountmerge.")


@given(snapshots(), st.integers(0, 99))
def test_snapshots_come_back_and_order_does_not_matter(drawn: am.Snapshot, seed: int) -> None:
    text = am.dumps(drawn)
    found = am.loads(text.encode())
    assert found == drawn
    assert am.dumps(found) == text
    rows: dict[str, Any] = {kind.collection: list(drawn.table(kind.collection)) for kind in KINDS}
    for collection in rows.values():
        random.Random(seed).shuffle(collection)  # noqa: S311 - nothing secret
    assert am.dumps(am.Snapshot(drawn.taken_at, complete_for=drawn.complete_for, **rows)) == text


@given(requests(full_snapshot()))
def test_requests_come_back(drawn: Request) -> None:
    assert am.loads(am.dumps(drawn)) == drawn


@given(st.one_of(migration_rules(), merge_rules()))
def test_rules_come_back(drawn: am.MigrationRules | am.MergeRules) -> None:
    assert am.loads(am.dumps(drawn)) == drawn


@given(migration_cases(max_appointments=4), json_values())
def test_plans_and_change_sets_come_back(case: MigrationCase, remark: am.model.FrozenJson) -> None:
    plan = case.plan()
    event("ready" if plan.is_ready else "blocked")
    annotations = am.model.FrozenJson.of({"remark": remark.value})
    remarked = attrs.evolve(plan, change_set=attrs.evolve(plan.change_set, annotations=annotations))
    for value in (plan, plan.change_set, remarked, remarked.change_set):
        assert am.loads(am.dumps(value)) == value


def test_lists_that_are_sets_are_written_sorted_and_phones_in_their_order() -> None:
    data = as_json(full_snapshot())
    for kind in KINDS:
        ids = [row["id"] for row in data[kind.collection]]
        assert ids == sorted(ids)
    person = data["customers"][0]
    assert person["former_record_numbers"] == ["7", "8"]
    assert person["opt_outs"] == ["post", "sms"]
    assert [email["address"] for email in person["emails"]] == ["a b", "ann@example.com"]
    assert person["phones"] == ["2", "1"]
    assert data["complete_for"] == {"practitioners": ["H1"], "customers": ["C1", "C2"], "addresses": False}


def test_times_are_written_in_utc_and_read_with_any_offset() -> None:
    text = am.dumps(full_snapshot())
    assert '"taken_at":"2026-03-02T12:00:00Z"' in text
    for same in ("2026-03-02T23:00:00+11:00", "2026-03-02t12:00:00.000z", "2026-03-02T12:00:00-00:00"):
        assert am.loads(text.replace("2026-03-02T12:00:00Z", same)) == full_snapshot()


def test_words_of_every_language_are_written_as_they_are() -> None:
    person = attrs.evolve(full_snapshot().customers["C1"], given_name="Zoë 😀")
    text = am.dumps(full_snapshot().changed([person]))
    assert "Zoë 😀" in text
    assert am.loads(text.encode()) == full_snapshot().changed([person])


def test_what_python_mixes_up_stays_apart_on_the_wire() -> None:
    values = {"zero": 0, "false": False, "empty": "", "null": None, "text": "0"}
    person = attrs.evolve(full_snapshot().customers["C1"], attributes=am.model.FrozenJson.of(values))
    found = am.loads(am.dumps(full_snapshot().changed([person])))
    assert isinstance(found, am.Snapshot)
    thawed = found.customers["C1"].attributes.value
    assert [(key, type(item), item) for key, item in thawed.items()] == [
        (key, type(item), item) for key, item in sorted(values.items())
    ]
    for version in (0, "0", None):
        changed = full_snapshot().changed([attrs.evolve(person, version=version)])
        again = am.loads(am.dumps(changed))
        assert isinstance(again, am.Snapshot)
        assert type(again.customers["C1"].version) is type(version)


def test_a_partial_snapshot_says_for_whom_it_is_whole() -> None:
    for complete in (
        am.Completeness(),
        am.Completeness((), ()),
        am.Completeness("*", ["C1"], addresses=False),
    ):
        partial = am.Snapshot(
            full_snapshot().taken_at, customers=full_snapshot().customers, complete_for=complete
        )
        found = am.loads(am.dumps(partial))
        assert isinstance(found, am.Snapshot)
        assert found.complete_for == complete


def test_annotations_are_kept_and_change_no_plan_id() -> None:
    change_set = migration().change_set
    remarked = attrs.evolve(change_set, annotations=am.model.FrozenJson.of({"ticket": {"seen": [1, None]}}))
    found = am.loads(am.dumps(remarked))
    assert isinstance(found, am.ChangeSet)
    assert found.annotations.value == {"ticket": {"seen": [1, None]}}
    assert found.plan_id == change_set.plan_id
    assert "annotations" not in json.loads(am.dumps(change_set))
