"""The page on privacy names every personal field and command, and explanations name pages that exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import typer

import accountmerge as am
from accountmerge.cli.program import app
from accountmerge.model.private import DECLARED
from accountmerge.plans.explanations import REASON_SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/privacy.md").read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    return page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def test_every_reason_of_an_explanation_names_a_page_that_speaks_of_it(root: Path) -> None:
    pages = {source: (root / source).read_text(encoding="utf-8") for source in set(REASON_SOURCES.values())}
    for key, source in REASON_SOURCES.items():
        family, _, code = key.partition(".")
        assert family not in ("finding", "obligation") or f"`{code}`" in pages[source], key


def test_every_personal_field_is_told(page: str) -> None:
    told = set(re.findall(r"`(\w+)`", section(page, "Personal fields")))
    personal = {
        field
        for cls, fields in DECLARED.items()
        for field in fields.personal
        if cls is not am.model.EmailAddress and cls.__module__.startswith("accountmerge.")
    }
    assert personal <= told


def commands_of(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield the words of every command, however deep, and the command."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


def test_the_table_of_commands_has_each_command_once_and_its_options(page: str) -> None:
    table = section(page, "Content of each text").split("### Commands")[1]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    told = {name: shows for names, shows in rows for name in re.findall("`([^`]+)`", names)}
    assert len(told) == sum(len(re.findall("`[^`]+`", names)) for names, _ in rows)
    commands = dict(commands_of(typer.main.get_command(app)))
    assert told.keys() == commands.keys()
    asked = section(page, "Plans seen by a profile")
    for name, command in commands.items():
        options = {option for parameter in command.params for option in parameter.opts}
        told_of = told[name] + ("--values --asked-by" if "plan as above" in told[name] else "")
        assert ("--values" in options) <= ("--values" in told_of), name
        assert ("--asked-by" in options) <= any(f"`{word}`" in asked for word in (name, name.split()[0])), (
            name
        )
        assert ("--values" in told[name]) <= ("--values" in options), name
