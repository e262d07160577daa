"""`report`: one file for the person who approves, with the command that confirms exactly that plan."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import attrs
import pytest
from cli_runs import CANARIES, migrate, practice, run, saved

import accountmerge as am
from accountmerge.messages import LANGUAGES
from read_reports import read, words_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    assert migrate(saved(tmp_path, practice()), "--out", path).code == 0
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_of_a_report_confirms_the_plan_that_it_shows(
    plan: Path, tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    end = run("report", "plan.json", "--out", "report.html", "--lang", language)
    assert (end.code, end.out) == (0, "")
    document = read((tmp_path / "report.html").read_text(encoding="utf-8"))
    program, *arguments = shlex.split(words_of(document.findall(".//pre")[0]))
    assert program == "accountmerge"
    assert run(*arguments).code == 0
    confirmed = am.loads(tmp_path / "plan-confirmed.json")
    shown = [words_of(node) for node in document.findall(".//code[@class='full']")]
    assert isinstance(confirmed, am.MigrationPlan)
    assert confirmed.change_set.confirmation is not None
    assert [confirmed.plan_id] == shown
    again = run("report", "plan-confirmed.json", "--out", "confirmed.html", "--lang", language)
    assert again.code == 0
    assert "<pre>" not in (tmp_path / "confirmed.html").read_text(encoding="utf-8")


def test_several_files_make_one_report_and_a_blocked_plan_ends_with_1(plan: Path, tmp_path: Path) -> None:
    whole = am.loads(plan)
    assert isinstance(whole, am.MigrationPlan)
    undo = saved(tmp_path, am.invert(whole.change_set), "undo.json")
    out = tmp_path / "report.html"
    assert run("report", plan, undo, "--out", out).code == 0
    document = read(out.read_text(encoding="utf-8"))
    assert len(document.findall(".//article[@class='plan']")) == 2
    request = attrs.evolve(whole.request, agreement=None)
    blocked = saved(tmp_path, am.plan_migration(practice(), request, at=whole.change_set.at), "blocked.json")
    assert run("report", plan, blocked, "--out", out).code == 2  # what is there is kept
    assert run("report", plan, blocked, "--out", out, "--force").code == 1


def test_standard_streams_a_zone_and_values(plan: Path) -> None:
    end = run("report", "-", "--out", "-", "--zone", "America/Toronto", stdin=plan.read_bytes())
    assert end.code == 0
    assert "America/Toronto" in end.out
    assert "<dd>UTC</dd>" in run("report", plan, "--out", "-", "--utc").out
    assert "<dd>Australia/Sydney</dd>" in run("report", plan, "--out", "-").out
    assert not [canary for canary in CANARIES if canary in end.out]
    assert "confirm plan.json" in end.out
    assert [canary for canary in CANARIES if canary in run("report", plan, "--out", "-", "--values").out]


def test_a_wrong_zone_an_own_input_and_another_document_are_refused(plan: Path, tmp_path: Path) -> None:
    assert run("report", plan, "--out", "-", "--zone", "Nowhere").code == 2
    assert run("report", plan, "--out", plan, "--force").code == 2
    assert run("report", tmp_path / "practice.json", "--out", "-").code == 2
    assert run("report", "-", "-", "--out", "-", stdin=plan.read_bytes()).code == 2
