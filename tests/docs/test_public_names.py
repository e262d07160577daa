"""Every public name of the library is in a snippet that runs, or in a sentence of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import accountmerge as am
from accountmerge import _ROOMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOMS = sorted(_ROOMS)
NAMES = [
    *((f"am.{name}", name) for name in am.__all__),
    *((f"am.{room}.{name}", name) for room in ROOMS for name in getattr(am, room).__all__),
]
"""Each public name as users write it, and alone."""


def named_in(page: str) -> Iterator[str]:
    """Yield the names that a page uses in Python that runs, or names in backticks.

    A name counts with its room (`am.customers.find_customers`). The name of a class counts alone, too.
    """
    snippets = re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    for text in (*snippets, *re.findall(r"`([^`]+)`", prose)):
        yield from re.findall(r"\bam(?:\.\w+)+", text)
    for text in re.findall(r"`([A-Z]\w+)[`.(]", prose):
        yield text


@pytest.fixture(scope="module")
def named(root: Path) -> set[str]:
    pages = (root / "README.md", *sorted((root / "docs").glob("*.md")))
    found = {name for page in pages for name in named_in(page.read_text(encoding="utf-8"))}
    return found | {name.rpartition(".")[0] for name in found if name.count(".") > 1}


@pytest.mark.parametrize(("whole", "alone"), NAMES, ids=[whole for whole, _ in NAMES])
def test_every_public_name_is_on_a_page(named: set[str], whole: str, alone: str) -> None:
    assert whole in named or (alone[0].isupper() and alone in named), f"{whole} is in no page"


def test_a_name_in_a_sentence_without_backticks_does_not_count() -> None:
    assert [*named_in("The plan is applied; call am.check first, and read Finding.")] == []
    assert [*named_in("Call `am.check`, and read `Finding`.\n\n```python\nam.apply(a, b)\n```\n")] == [
        *("am.apply", "am.check", "Finding")
    ]
