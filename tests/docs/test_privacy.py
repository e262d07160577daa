"""The page on privacy names every personal field and every section that an explanation rests on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from accountmerge.explanations.sources import REASON_SOURCES
from accountmerge.model.private import DECLARED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/privacy.md").read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    return page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def test_every_section_of_the_design_that_is_named_is_told(page: str) -> None:
    rows = re.findall(r"^\| `([0-9.]+)` \| \S", section(page, "Sections of the design"), flags=re.MULTILINE)
    numbers = [tuple(map(int, row.split("."))) for row in rows]
    assert set(rows) == set(REASON_SOURCES.values())
    assert numbers == sorted(numbers)


def test_every_personal_field_is_told(page: str) -> None:
    told = set(re.findall(r"`(\w+)`", section(page, "What is personal")))
    personal = {
        field for name, fields in DECLARED.items() for field in fields.personal if name != "EmailAddress"
    }
    assert personal <= told
