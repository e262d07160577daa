"""A command is imported when it is chosen, and the help of the program imports none."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_runs import all_commands
from typer.main import get_command

import accountmerge as am
from accountmerge import cli
from accountmerge.cli.program import COMMANDS, app
from small_values import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.unmeasured
LAZY = """
import sys, types
if sys.argv[1] == "lazy":  # the package as it is when its names are imported on demand
    import importlib, importlib.util
    package = types.ModuleType("accountmerge")
    package.__path__ = list(importlib.util.find_spec("accountmerge").submodule_search_locations)
    sys.modules["accountmerge"] = package
from accountmerge.cli import main
sys.argv[1:] = sys.argv[2:]
try:
    main()
finally:
    sys.stdout.flush()
    sys.stderr.write(" ".join(sys.modules))
"""


def imported(*arguments: str, package: str = "eager") -> set[str]:
    """Run the program in a child process, and return the names of the modules that it imported."""
    words = [sys.executable, "-c", LAZY, package, *arguments]
    found = subprocess.run(words, capture_output=True, check=False, text=True, timeout=120)
    assert found.returncode == 0, found.stderr
    return set(found.stderr.split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_the_help_and_the_version_import_neither_a_command_nor_what_commands_need(
    arguments: tuple[str, ...],
) -> None:
    names = imported(*arguments, package="lazy")
    ours = {name for name in names if name.startswith("accountmerge")}
    small = ("asked_language", "exit_codes", "version_text")
    assert ours <= {
        "accountmerge",
        "accountmerge.cli",
        *(f"accountmerge.cli.{name}" for name in ("program", *small)),
    }
    assert not names & {"attr", "cattrs", "pendulum", "rich.console"}


MODULES = frozenset(f"accountmerge.cli.{module}" for module, _ in COMMANDS.values())


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_chosen_command_imports_the_module_of_no_other(module: str) -> None:
    name = next(name for name, (of, _) in COMMANDS.items() if module.endswith(f".{of}"))
    assert imported(name, "--help") & MODULES == {module}


def test_the_check_of_a_right_file_imports_no_plans_and_no_kinds_of_requests(tmp_path: Path) -> None:
    file = tmp_path / "practice.json"
    file.write_bytes(am.dumps(snapshot()).encode())
    names = imported("check", str(file))
    assert "accountmerge.documents.snapshots" in names
    assert not names & {
        "accountmerge.kinds",
        "accountmerge.documents.files",
        "accountmerge.plans.plan",
        "pydantic",
    }


def test_a_fault_of_a_snapshot_shows_the_words_of_every_format_in_a_new_process(tmp_path: Path) -> None:
    file = tmp_path / "practice.json"
    row = {"id": "P1", "mustBeConfirmed": True, "Odile": True}
    file.write_text(json.dumps({**json.loads(am.dumps(snapshot())), "successor_id": "P1", "profiles": [row]}))
    with pytest.raises(am.LoadError) as refused:
        am.loads(file)
    paths = {fault.path for fault in refused.value.faults}
    assert {"successor_id", "profiles[0].mustBeConfirmed", "profiles[0].<key>"} <= paths
    words = [sys.executable, "-c", LAZY, "eager", "check", str(file)]
    run = subprocess.run(words, capture_output=True, check=False, text=True, timeout=120)
    assert [path for path in sorted(paths) if path not in run.stderr] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_in_the_help_is_the_first_sentence_of_its_own(name: str) -> None:
    group = get_command(app)
    command = group.commands[name]  # type: ignore[attr-defined]
    assert COMMANDS[name][1].rstrip(".") == command.get_short_help_str(limit=10_000).rstrip(".")
    assert command.name == name


def commands_in_source() -> Iterator[tuple[str, str]]:
    """Yield each function that is a command outside a group, with the name of its module."""
    for path in Path(str(cli.__file__)).parent.glob("*_command*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                marks = {ast.unparse(mark).partition("(")[0] for mark in node.decorator_list}
                if marks & {"command", "planning"} and not any("." in mark for mark in marks):
                    yield node.name.rstrip("_").replace("_", "-"), path.stem  # `import_`


ALL = dict(all_commands(get_command(app)))


def test_every_command_of_a_module_is_in_the_table() -> None:
    single = {name: module for name, (module, _) in COMMANDS.items() if name in ALL}
    assert dict(commands_in_source()) == single
    assert len(single) == len(COMMANDS) - len({words.split()[0] for words in ALL.keys() - COMMANDS.keys()})


@pytest.mark.parametrize("words", ALL)
def test_the_help_of_every_command_has_an_example_and_ends_with_its_language(words: str) -> None:
    command = ALL[words]
    assert f"accountmerge {words}" in (command.help or "")
    assert command.params[-1].name == "lang"
