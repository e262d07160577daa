"""Texts of the command line that need a terminal, a closed stream or a missing package."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import pytest
from cli_runs import OPTIONS, booking, migrate, practice, run, saved

import accountmerge as am
from accountmerge.cli import main, screens
from accountmerge.cli.exit_codes import BAD_INPUT
from accountmerge.cli.files import read_bytes
from accountmerge.cli.problems import BadInput, output_problem, usage_problems
from accountmerge.messages import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path


class _Terminal:
    """The standard error of a terminal."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("language", LANGUAGES)
def test_slow_work_is_told_on_a_terminal(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = set()
    busy = screens.Screen.busy

    def on_a_terminal(screen: screens.Screen, key: str, **facts: str) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", _Terminal())
            shown: Any = busy(screen, key, **facts)
        told.add(str(shown.status).partition(" ")[0])
        return contextlib.nullcontext()

    monkeypatch.setattr(screens.Screen, "busy", on_a_terminal)
    path, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    words = ("--lang", language)
    assert migrate(path, "--out", plan, *words).code == 0
    assert run("apply", path, plan, "--out", "-", *words).code in (0, 1)
    assert run("verify", plan, path, *words).code in (0, 1)
    assert run("who-sees", plan, path, "--at", OPTIONS["--at"], *words).code == 0
    assert len(told) == 5, "reading, planning, applying, checking, looking"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closed_output_is_told(language: str) -> None:
    assert output_problem(BrokenPipeError()).describe(language)
    assert "full" in output_problem(OSError(28, "full")).describe(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_error_of_the_parser_is_told(language: str) -> None:
    problem, help_ = usage_problems(RuntimeError("canary"))
    assert "canary" not in problem.describe(language) + help_.describe(language)


def test_a_process_without_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(BadInput) as caught:
        read_bytes("-")
    assert [problem.code for problem in caught.value.problems] == ["no_stdin"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_package_is_told(
    language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["accountmerge", "check", "x", "--lang", language])
    monkeypatch.delitem(sys.modules, "accountmerge.cli.program")
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == BAD_INPUT
    assert "accountmerge[cli]" in capsys.readouterr().err


def test_what_shows_more_than_a_profile_may_see_is_refused(tmp_path: Path) -> None:
    path, plan, only = saved(tmp_path, practice()), tmp_path / "plan.json", tmp_path / "set.json"
    assert migrate(path, "--asked-by", "p-1", "--values").code == BAD_INPUT
    assert migrate(path, "--out", plan).code == 0
    whole = am.loads(plan.read_bytes())
    assert isinstance(whole, am.MigrationPlan)
    only.write_text(am.dumps(whole.change_set), encoding="utf-8")
    refused = run("show", only, "--asked-by", "p-1")
    assert (refused.code, "needs a plan" in refused.err) == (BAD_INPUT, True)


def test_a_customer_is_found_by_an_address(tmp_path: Path) -> None:
    data = practice()
    address = data.customers["c-1"].emails[0].address.text
    for language in LANGUAGES:
        ran = run("find", saved(tmp_path, data), address, "--lang", language)
        assert (ran.code, "c-1" in ran.out, address in ran.out) == (0, True, False)


def test_a_step_that_a_new_plan_adds_is_told(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    assert migrate(path, "--out", plan).code == 0
    more = saved(tmp_path, practice(booking(9)), "more.json")
    for language in LANGUAGES:
        ran = run("rebase", plan, more, "--lang", language)
        assert (ran.code, "a-9" in ran.out) == (0, True)
