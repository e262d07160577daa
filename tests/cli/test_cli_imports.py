"""A command is imported when it is chosen, and the help of the program imports none."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command

from accountmerge.cli.program import COMMANDS, app

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
    assert ours <= {f"accountmerge{rest}" for rest in ("", ".cli", ".cli.program")}
    assert not names & {"attr", "cattrs", "pendulum", "rich.console"}


MODULES = frozenset(f"accountmerge.cli.{module}" for module, _ in COMMANDS.values())


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_chosen_command_imports_the_module_of_no_other(module: str) -> None:
    name = next(name for name, (of, _) in COMMANDS.items() if module.endswith(f".{of}"))
    assert imported(name, "--help") & MODULES == {module}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_in_the_help_is_the_first_sentence_of_its_own(name: str) -> None:
    group = get_command(app)
    command = group.commands[name]  # type: ignore[attr-defined]
    assert COMMANDS[name][1].rstrip(".") == command.get_short_help_str(limit=10_000).rstrip(".")
    assert command.name == name
