"""The page about the caller's database names each column that a plan writes, and each command of an applier."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from accountmerge.changes.commands import Command
from accountmerge.changes.questions import Questions
from accountmerge.kinds import REQUEST_KINDS
from stored_questions import planned


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/your-database.md").read_text(encoding="utf-8")


def rows(page: str, heading: str) -> dict[str, str]:
    """Return the rows of the table of a section, by their first cell."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    return dict(re.findall(r"^\| ([\w ]+) \| (.*) \|$", section, flags=re.MULTILINE))


@pytest.mark.parametrize("kind", REQUEST_KINDS)
def test_each_column_that_a_plan_changes_is_in_its_row(page: str, kind: str) -> None:
    row = rows(page, "Columns that plans write")[kind.replace("_", " ")]
    edits = [edit for _, change_set in planned(kind) for step in change_set.steps for edit in step.edits]
    changed = {field for edit in edits if edit.op == "change" for field in edit.changed_fields}
    assert changed <= set(re.findall(r"`(\w+)`", row))
    created = {edit.entity for edit in edits if edit.op == "create"}
    words = {"record": "copies", "access": "access"}
    assert all(words.get(entity, f"new {entity.replace('_', ' ')}") in row for entity in created)


def test_each_command_is_in_the_table(page: str) -> None:
    section = page.split("\n| command | what the driver does | answer |\n")[1].split("\n\n", maxsplit=1)[0]
    assert set(re.findall(r"`am\.changes\.(\w+)`", section)) - {"WrittenEntity"} == {
        command.__name__ for command in get_args(Command)
    }


def test_each_field_of_questions_is_in_the_table(page: str) -> None:
    section = page.split("\n| field of `Questions` |")[1].split("\n\n", maxsplit=1)[0]
    assert re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE) == list(Questions.__slots__[:4])
