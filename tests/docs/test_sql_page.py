"""The page about mapped tables shows its example whole, counts its lines, and names each part of the package."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path
from typing import get_args

import pytest

from accountmerge import sql
from accountmerge.sql import dialects
from accountmerge.sql.side_tables import OWN_FIELDS

MOST = 50
_BLANK = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/sql.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def example(root: Path) -> str:
    return (root / "docs/examples/sql_service.py").read_text(encoding="utf-8")


def code_lines(source: str) -> int:
    """Return the number of lines with code, without blank lines, comments and the docstring of the module."""
    tokens = [
        token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in _BLANK
    ]
    if tokens[0].type == tokenize.STRING:
        tokens = tokens[1:]
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)})


def code_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_comments_blank_lines_and_the_docstring_are_no_code() -> None:
    assert code_lines('"""A module,\nof two lines."""\n\nx = 1  # one\n# none\ny = [\n    2,\n]\n') == 4


def test_a_migration_and_a_merge_take_as_many_lines_as_the_page_says(page: str, example: str) -> None:
    (said,) = re.findall(r"\((\d+) lines of code\)", page)
    assert int(said) == code_lines(example)
    assert code_lines(example) <= MOST


def test_the_page_shows_the_whole_example(page: str, example: str) -> None:
    section = page.split("\n## From zero\n")[1].split("\n## ", maxsplit=1)[0]
    shown = "\n".join(re.findall(r"^```python\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL))
    assert code_of(shown) == code_of(example.split('"""', maxsplit=2)[2])


@pytest.mark.parametrize("name", sql.__all__)
def test_every_public_name_of_the_package_is_on_the_page(page: str, name: str) -> None:
    assert re.search(rf"\bsql\.{name}\b|`(?:sql\.)?{name}[`(.]", page), f"{name} is not on the page"


def test_every_option_of_a_table_is_on_the_page(page: str) -> None:
    from accountmerge.sql.declarations import Options

    assert {field.name for field in Options.__attrs_attrs__} <= set(
        re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    )


def test_every_error_of_the_database_is_on_the_page(page: str) -> None:
    words = set(get_args(dialects.Trouble)) - {"conflict", "lost", "unique"}
    assert {f"sql_{word}" for word in words} <= set(re.findall(r"`(\w+)`", page))


def test_the_page_names_the_added_tables(page: str) -> None:
    added = {"receipt", "owed", "email", *OWN_FIELDS}
    assert {f"accountmerge_{name}" for name in added} <= set(re.findall(r"`(\w+)`", page))
