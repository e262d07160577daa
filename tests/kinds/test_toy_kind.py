"""A kind of request that is entered in the table of kinds is known everywhere."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from toy_kind import INTENT, STEP, TIME_OFF, TimeOff, TimeOffPlan, TimeOffRules, toy_kind
from typer.testing import CliRunner, Result

import accountmerge as am
from accountmerge import frames
from accountmerge.cli.program import app
from accountmerge.documents.document_schemas import made_schemas
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.private import DECLARED
from accountmerge.testing.reference.stores import ReferenceStore
from accountmerge.testing.strategies import PlannedCase, planned_cases
from accountmerge.testing.strategies.planned_cases import CASES
from small_values import NOON, profile, slot, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE = "an operation"
KEY = b"a key of sixteen bytes or more"
FOUND = snapshot(profiles=[profile()])


@pytest.fixture(autouse=True)
def _entered() -> Iterator[None]:
    with toy_kind():
        yield


def asked(profile_id: str = "P1") -> Any:
    return TimeOff(profile_id=profile_id, slot=slot(60), why=PRIVATE)


def planned(**fields: Any) -> Any:
    return am.plan(FOUND, asked(**fields), at=NOON)


def refusals(document: str) -> list[str]:
    """Return the places of a document that its JSON Schema refuses."""
    data = json.loads(document)
    schema = made_schemas()[data["format"].removeprefix("accountmerge.").removesuffix("/1")]
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(data)]


def test_it_is_planned() -> None:
    plan = planned()
    assert type(plan) is TimeOffPlan
    assert plan.is_ready
    assert (plan.request, plan.rules) == (asked(), TimeOffRules())
    assert [(step.kind, [edit.id for edit in step.edits]) for step in plan.change_set.steps] == [
        (STEP, ["P1"])
    ]
    assert am.plan(am.apply(FOUND, plan), asked(), at=NOON).change_set.steps == ()


def test_it_is_refused_as_every_kind_is() -> None:
    assert planned(profile_id="P9").change_set.blocked == ("unknown_profile",)
    early = am.plan(FOUND, asked(), at=NOON - timedelta(seconds=1))
    assert early.change_set.blocked == ("at_before_snapshot",)
    partial = attrs.evolve(FOUND, complete_for=am.Completeness(practitioners=[]))
    assert am.plan(partial, asked(), at=NOON).change_set.blocked == ("snapshot_not_whole",)
    wrong: Any = am.MergeRules()
    with pytest.raises(am.InvalidValueError, match="TimeOffRules"):
        am.plan(FOUND, asked(), rules=wrong, at=NOON)


@pytest.mark.parametrize("part", ["request", "rules", "plan", "change_set"])
def test_its_documents_are_read_back_as_they_were_written(part: str) -> None:
    plan = planned()
    value = plan if part == "plan" else getattr(plan, part)
    written = am.dumps(value)
    assert am.loads(written) == value
    assert type(am.loads(written)) is type(value)
    assert not refusals(written)


def test_a_document_that_says_another_word_is_refused() -> None:
    written = json.loads(am.dumps(asked()))
    other = json.dumps(written | {"intent": "time_on"})
    with pytest.raises(am.LoadError, match="time_off"):
        am.loads(other)
    assert refusals(other)


def test_it_is_explained() -> None:
    lines = planned().explain("P1").lines()
    assert any("asked for time off" in line for line in lines)
    assert PRIVATE not in "".join(lines)


def test_it_is_reported() -> None:
    for shown in (planned(), planned().change_set):
        text = am.plan_text(shown)
        assert "Time off of profile P1" in text
        assert "Take time off" in text
        assert PRIVATE not in text
    assert "1 time off" in planned().summary()


def test_its_plan_is_a_frame() -> None:
    plan = planned()
    for value in (plan, [plan, plan.change_set]):
        steps = frames.rows(value)
        assert set(steps["kind"]) == {STEP}
        assert all("asked for time off" in text for text in steps["description"])
    summary = frames.rows(plan, of=am.plans.Plan)
    assert summary.select("intent", "profile_id", "edits").rows() == [(INTENT, "P1", 1)]
    assert frames.rows(planned(profile_id="P9"), of=am.Finding)["code"].to_list() == ["unknown_profile"]
    assert PRIVATE not in "".join(frames.rows(plan, of=of).write_csv() for of in (None, am.changes.Edit))


@pytest.mark.parametrize("part", ["plan", "change_set"])
def test_its_private_values_are_redacted(part: str) -> None:
    plan = planned()
    shown = am.reports.redacted(plan if part == "plan" else plan.change_set, key=KEY)
    request = shown["request"]
    assert PRIVATE not in json.dumps(shown)
    assert request["why"].startswith("redacted:")
    assert (request["profile_id"], request["slot"]) == ("P1", json.loads(am.dumps(asked()))["slot"])


def test_it_is_redacted_whole_until_its_fields_are_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(DECLARED, TimeOff)
    request = am.reports.redacted(planned(), key=KEY)["request"]
    assert request["why"].startswith("redacted:")
    assert request["profile_id"].startswith("redacted:")


def test_it_is_planned_again_on_other_data() -> None:
    assert am.rebase(FOUND, planned()).is_same
    other = FOUND.changed([profile(unavailable=[slot(500)])])
    rebased = am.rebase(other, planned())
    assert [step.difference for step in rebased.steps] == ["changed"]
    assert type(rebased.plan) is TimeOffPlan


def test_it_is_checked_applied_and_undone() -> None:
    plan = planned()
    assert am.check(FOUND, plan) == ()
    after = am.apply(FOUND, plan)
    assert after.profiles["P1"].unavailable == (slot(60),)
    inverse = am.loads(am.dumps(am.invert(plan).confirm(by="Ann Example", at=NOON)))
    assert isinstance(inverse, am.ChangeSet)
    assert am.apply(after, inverse) == FOUND
    assert am.resume(after, plan).is_finished
    drifted = FOUND.changed([profile(schedule="inactive")])
    assert [failure.code for failure in am.check(drifted, plan)]


def test_its_rules_may_ask_for_a_confirmation() -> None:
    rules: Any = TimeOffRules(is_confirmed=True)
    plan = am.plan(FOUND, asked(), rules=rules, at=NOON)
    with pytest.raises(am.ApplyRefused):
        am.apply(FOUND, plan)
    assert am.apply(FOUND, plan.confirm(by="Ann Example", at=NOON)).profiles["P1"].unavailable


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def saved(path: Path, value: Any) -> Path:
    path.write_text(am.dumps(value), encoding="utf-8")
    return path


def test_the_command_line_reads_its_files(tmp_path: Path) -> None:
    data, plan = saved(tmp_path / "data.json", FOUND), saved(tmp_path / "plan.json", planned())
    for command in (("show", plan), ("verify", plan, data), ("rebase", plan, data), ("explain", plan, "P1")):
        ran = run(*command)
        assert ran.exit_code == 0, ran.output
        assert PRIVATE not in ran.output
    after, undo = tmp_path / "after.json", tmp_path / "undo.json"
    assert run("apply", data, plan, "--out", after).exit_code == 0
    assert am.loads(after) == am.apply(FOUND, planned())
    assert run("undo", plan, "--out", undo).exit_code == 0
    assert am.loads(undo) == am.invert(planned())


def test_the_command_line_names_the_format_of_its_request(tmp_path: Path) -> None:
    refused = run("check", saved(tmp_path / "request.json", asked()))
    assert refused.exit_code == 2
    assert "accountmerge.request/1" in refused.output


def test_the_kit_draws_a_case_of_every_kind_of_request() -> None:
    assert set(CASES) == set(REQUEST_KINDS)
    assert REQUEST_KINDS[INTENT] is TIME_OFF


def test_a_drawn_case_of_it_keeps_the_laws_of_change_sets() -> None:
    drawn: set[str] = set()

    @given(planned_cases(intents=(INTENT,)))
    def law(case: PlannedCase) -> None:
        change_set, at = case.change_set, case.change_set.at
        drawn.add(change_set.intent)
        assert am.loads(am.dumps(change_set)) == change_set
        assert am.check(case.snapshot, change_set) == ()
        applied = am.apply(case.snapshot, change_set)
        store = ReferenceStore()
        store.seed(case.snapshot)
        store.apply(change_set, now=at, reach=lambda _: None)
        assert store.dump().profiles["P1"].unavailable == applied.profiles["P1"].unavailable != ()
        assert am.apply(applied, am.invert(change_set).confirm(by="Ann Example", at=at)) == case.snapshot

    law()
    assert drawn == {INTENT}
