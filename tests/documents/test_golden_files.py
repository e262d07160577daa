"""Golden files: what earlier releases wrote loads, is written alike, and applies as it did, for ever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import accountmerge as am
from accountmerge.documents.files import FORMATS
from accountmerge.kinds import REQUEST_KINDS

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import Intent

GOLDEN = Path(__file__).parents[1] / "data/golden"
FILES = {path.stem: path for path in sorted((GOLDEN / "1").glob("*.json"))}
LONG = ("migration", "merge", "undo")
"""Intents of which the plan has several steps, so that there are prefixes."""
DECIDED = {"blackout", "successor_id", "rebooked"}
"""Keys of a plan that the golden files are too old to have."""


def golden(name: str) -> Any:
    return am.loads(FILES[name])


def applied(name: str) -> str:
    """Return the name of the snapshot that a change set was planned on."""
    return {"undo": "merge.after", "rebooking": "migration.after"}.get(
        name.split(".", maxsplit=1)[0], "practice"
    )


def test_there_is_a_file_of_every_part_of_every_intent_and_of_every_format() -> None:
    wanted = {"practice", "limits", "blocked.plan", "blocked.changeset"}
    for intent in REQUEST_KINDS:
        wanted |= {f"{intent}.{part}" for part in ("request", "rules", "plan")}
    for intent in (*REQUEST_KINDS, "undo"):
        wanted |= {f"{intent}.{part}" for part in ("changeset", "confirmed", "receipt", "after")}
    wanted |= {f"{intent}.{part}" for intent in LONG for part in ("prefix", "halfway")}
    assert FILES.keys() == wanted
    assert {json.loads(path.read_bytes())["format"] for path in FILES.values()} == set(FORMATS)


@pytest.mark.parametrize("name", list(FILES))
def test_a_golden_file_loads_and_is_written_as_it_was(name: str) -> None:
    value = golden(name)
    text = FILES[name].read_text(encoding="utf-8")
    written, stored = json.loads(am.dumps(value)), json.loads(text)
    added = written.keys() - stored.keys()
    assert added <= (DECIDED if name.endswith(".plan") else set())
    kept = {key: part for key, part in written.items() if key not in added}
    assert json.dumps(kept, ensure_ascii=False, indent=1) + "\n" == text
    assert am.loads(text) == value == am.loads(am.dumps(value))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".changeset", ".confirmed"))])
def test_a_golden_change_set_makes_the_golden_snapshot(name: str) -> None:
    intent, part = name.split(".")
    change_set, before = golden(name), golden(applied(name))
    if change_set.blocked or (change_set.needs_confirmation and part != "confirmed"):
        with pytest.raises(am.ApplyRefused) as caught:
            am.apply(before, change_set)
        assert {failure.code for failure in caught.value.failures} <= {"blocked", "unconfirmed"}
        return
    after = golden(f"{intent}.after")
    assert am.apply(before, change_set) == after
    assert am.apply(after, change_set) == after
    assert am.resume(after, change_set).is_finished


@pytest.mark.parametrize("intent", LONG)
def test_a_golden_prefix_makes_the_golden_half_and_the_whole_does_the_rest(intent: str) -> None:
    before, halfway = golden(applied(f"{intent}.x")), golden(f"{intent}.halfway")
    assert am.apply(before, golden(f"{intent}.prefix")) == halfway
    assert am.apply(halfway, golden(f"{intent}.confirmed")) == golden(f"{intent}.after")


@pytest.mark.parametrize("intent", list(REQUEST_KINDS))
def test_a_golden_plan_holds_the_golden_parts(intent: Intent) -> None:
    plan = golden(f"{intent}.plan")
    assert type(plan) is REQUEST_KINDS[intent].plan
    assert plan.request == golden(f"{intent}.request")
    assert plan.rules == golden(f"{intent}.rules")
    assert plan.change_set == golden(f"{intent}.changeset")


@pytest.mark.parametrize("intent", ["migration", "rebooking"])
def test_a_golden_plan_knows_what_it_decided_as_the_same_plan_made_now(intent: Intent) -> None:
    data = json.loads(FILES[f"{intent}.plan"].read_bytes())
    without: Any = am.loads(json.dumps({key: value for key, value in data.items() if key not in DECIDED}))
    old = golden(f"{intent}.plan")
    assert without == old
    now = am.plan(golden(applied(f"{intent}.x")), old.request, rules=old.rules, at=old.change_set.at)
    known = [name for name in sorted(DECIDED) if hasattr(now, name)]
    assert [getattr(old, name) for name in known] == [getattr(now, name) for name in known]
    assert intent == "rebooking" or all(getattr(old, name) for name in known)


@pytest.mark.parametrize("intent", [*REQUEST_KINDS, "undo"])
def test_a_golden_receipt_belongs_to_the_golden_change_set(intent: str) -> None:
    receipt, change_set = golden(f"{intent}.receipt"), golden(f"{intent}.changeset")
    assert receipt.plan_id == change_set.plan_id
    report = am.resume(golden(applied(f"{intent}.x")), change_set, [receipt])
    assert {edit.step for edit in report.edits} == {step.ordinal for step in change_set.steps}


def test_a_feature_that_the_reader_does_not_know_is_all_that_is_told() -> None:
    data = json.loads(FILES["merge.confirmed"].read_bytes())
    data |= {"requires": ["time_travel"], "steps": "of a kind that nobody knows yet", "new": 1}
    for document in (data, json.loads(FILES["merge.plan"].read_bytes()) | {"change_set": data, "new": 2}):
        with pytest.raises(am.LoadError) as caught:
            am.loads(json.dumps(document))
        path = "requires[0]" if document is data else "change_set.requires[0]"
        assert [(fault.code, fault.path) for fault in caught.value.faults] == [("unknown_feature", path)]
        assert all(map(caught.value.describe, ("en", "fr")))
