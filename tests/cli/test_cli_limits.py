"""`--limits FILE`: plans within the limits of a store, on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cli_runs import all_commands, migrate, practice, run, saved
from test_cli_customers import SMALL, asked
from test_cli_merges import merge, one_person
from test_cli_rebookings import AT, REQUEST, two_profiles
from typer.main import get_command

import accountmerge as am
from accountmerge.cli.program import app
from full_documents import full_limits

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = am.Limits(time_unit="second", not_obeyed=["unavailable"])


def limits_of(document: str) -> am.Limits | None:
    plan: Any = am.loads(document)
    limits: am.Limits | None = plan.limits
    return limits


def test_each_command_that_plans_by_rules_takes_limits() -> None:
    planning = {
        name: {parameter.name for parameter in command.params}
        for name, command in all_commands(get_command(app))
        if {"rules", "out"} <= {parameter.name for parameter in command.params}
    }
    assert len(planning) == 11
    assert [name for name, parameters in planning.items() if "limits" not in parameters] == []


def test_a_move_that_the_program_would_ignore_is_blocked_and_the_plan_has_the_limits(tmp_path: Path) -> None:
    path, out = saved(tmp_path, practice()), tmp_path / "plan.json"
    ran = migrate(path, "--limits", saved(tmp_path, LIMITS, "limits.json"), "--out", out, "--all")
    assert (ran.code, "BLOCKER effect_not_obeyed:p-1:profile:unavailable" in ran.out) == (1, True)
    assert limits_of(out.read_text(encoding="utf-8")) == LIMITS
    assert migrate(path).code == 0


@pytest.mark.parametrize("name", SMALL)
def test_every_small_plan_has_the_limits(tmp_path: Path, name: str) -> None:
    limits = saved(tmp_path, LIMITS, "limits.json")
    ran = run(*SMALL[name], "--limits", limits, "--out", "-", stdin=am.dumps(asked()))
    assert (ran.code, limits_of(ran.out)) == (0, LIMITS)


def test_a_merge_and_a_rebooking_have_the_limits(tmp_path: Path) -> None:
    limits, out = saved(tmp_path, LIMITS, "limits.json"), tmp_path / "rebooking.json"
    ran = merge(saved(tmp_path, one_person()), "--limits", limits, "--out", "-")
    assert limits_of(ran.out) == LIMITS
    path = saved(tmp_path, two_profiles(), "two.json")
    message = tmp_path / "message.txt"
    message.write_text(am.rebooking.rebooking_message(REQUEST), "utf-8")
    run("rebook-request", "read", message, "--snapshot", path, *AT, "--limits", limits, "--out", out)
    assert limits_of(out.read_text(encoding="utf-8")) == LIMITS
    assert "--limits say how to plan" in run("rebook-request", "read", message, "--limits", limits).err


def test_limits_come_from_standard_input_too() -> None:
    ran = run(*("prove", "no_such_module:make", "--limits", "-"), stdin=am.dumps(LIMITS))
    assert "MODULE:FACTORY" in ran.err
    assert "Only one input can be -" in migrate("-", "--limits", "-").err


@pytest.mark.parametrize("words", [("migrate",), ("prove",)])
def test_a_file_that_has_no_limits_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    path = saved(tmp_path, practice())
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"format": "accountmerge.limits/1", "most_phone": -1}), encoding="utf-8")
    for file, told in (
        (path, "accountmerge.limits/1"),
        (wrong, "most_phone"),
        (tmp_path / "none.json", "There is no such file."),
    ):
        if words == ("migrate",):
            ran = migrate(path, "--limits", file)
        else:
            ran = run("prove", "a:b", "--limits", file)
        assert (ran.code, ran.out, told in ran.err) == (2, "", True)


def test_limits_are_written_and_read_back() -> None:
    for limits in (am.Limits(), LIMITS, full_limits()):
        assert am.loads(am.dumps(limits)) == limits
        assert json.loads(am.dumps(limits))["format"] == "accountmerge.limits/1"
    assert am.dumps(am.Limits()) == '{"format":"accountmerge.limits/1"}'


@pytest.mark.unmeasured
def test_a_store_is_proven_within_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "limited_stores.py").write_text(
        "from accountmerge.testing.reference import ReferenceStore as make\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    limits = saved(tmp_path, am.Limits(most_phones=1), "limits.json")
    ran = run("prove", "limited_stores:make", "--level", "smoke", "--limits", limits)
    assert (ran.code, "only within Limits(most_phones=1)" in ran.out) == (0, True)
