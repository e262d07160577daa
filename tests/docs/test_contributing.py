"""What CONTRIBUTING says of the project is so: files, names, rooms, commands, and plain English."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from accountmerge import _ROOMS
from accountmerge.changes import conflicts, guard_checks, wholeness
from accountmerge.changes.guards import GUARD_FACTS, GUARD_KINDS
from accountmerge.testing.reference import foreign_writes
from accountmerge.testing.reference import guards as reference_guards
from plain_english import judged, sentences_of_page

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "CONTRIBUTING.md").read_text(encoding="utf-8")


def code(page: str) -> list[str]:
    """Return the pieces of code of the page, without what runs in a shell."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL))


def test_every_path_of_the_page_exists(root: Path, page: str) -> None:
    words = [word for piece in code(page) for word in piece.split()]
    whole = {word for word in words if re.match(r"(src|tests|docs)/", word)}
    short = {word for word in words if re.match(r"[a-z_*/]+/[\w.*/]*$", word)} - whole
    assert len(whole) > 40
    missing = [path for path in whole if not (root / path).exists()]
    missing += [path for path in short if not list((root / "src/accountmerge").glob(path.rstrip("/")))]
    assert not missing


def test_every_name_is_in_the_file_that_is_named_after_it(root: Path, page: str) -> None:
    found = re.findall(r"((?:`\w+`(?:, | and )?)+)\s+in\s+`((?:src|tests)/[\w/]+\.py)`", page)
    assert len(found) > 20
    for names, path in found:
        text = (root / path).read_text(encoding="utf-8")
        for name in re.findall(r"\w+", names.replace(" and ", " ")):
            assert re.search(rf"^(def |class )?{name}\b", text, flags=re.MULTILINE), (
                f"{name} is not in {path}"
            )


def test_every_session_of_the_page_exists_and_every_session_is_on_it(root: Path, page: str) -> None:
    sessions = re.findall(
        r"@nox\.session.*\ndef (\w+)", (root / "noxfile.py").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    named = set(re.findall(r"nox -s (\w+)", page))
    assert named <= set(sessions)
    assert named >= set(sessions) - {"lint", "types", "tests"}


def test_the_rooms_stand_in_the_order_of_the_layers(root: Path, page: str) -> None:
    table = page.split("| room, from top to bottom |")[1].split("\n\n", maxsplit=1)[0]
    rows = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines()[2:]]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    told = [name for row in rows for name in sorted(row)]
    assert told == [
        name.removeprefix("accountmerge.").strip() for layer in layers for name in sorted(layer.split(" | "))
    ]
    assert set(_ROOMS) <= set(told)


@pytest.mark.parametrize(
    "table",
    [
        GUARD_FACTS,
        guard_checks._CHECKS,
        conflicts._ASKED,
        wholeness.ANSWERED_BY,
        reference_guards._HOLDS,
        foreign_writes._AIMED,
    ],
)
def test_every_table_of_guards_that_the_page_names_has_every_guard(table: dict[str, object]) -> None:
    assert set(table) == set(GUARD_KINDS)


def test_the_page_is_in_plain_english(page: str) -> None:
    assert [found for sentence in sentences_of_page(page) for found in judged(sentence)] == []


def test_the_page_is_part_of_what_is_shipped_as_source(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert "/CONTRIBUTING.md" in project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
