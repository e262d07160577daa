"""The columns of the tables: every field of a class has one, with the privacy that its class declares."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

import accountmerge as am
from accountmerge.frames.columns import VERSION_NUMBER, Column, columns_of, holds_personal_values, schema_of
from accountmerge.model.entities import KINDS, EntityKind
from accountmerge.model.private import fields_of
from full_documents import as_json, full_snapshot

FULL = as_json(full_snapshot())
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_columns_are_the_keys_of_a_file(kind: EntityKind) -> None:
    keys = [key for row in FULL[kind.collection] for key in row]
    names = [column.name for column in columns_of(kind.collection)]
    assert set(names) == set(keys) | {VERSION_NUMBER}
    assert len(names) == len(set(names))
    assert {column.field for column in columns_of(kind.collection)} == set(attrs.fields_dict(kind.cls))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_column_is_personal_if_its_class_says_so(kind: EntityKind) -> None:
    personal = fields_of(kind.cls).personal
    for column in columns_of(kind.collection):
        assert column.is_personal or column.field not in personal
        assert not column.is_personal or column.field in personal | {"emails"}


def test_a_field_whose_class_has_personal_fields_is_a_personal_column() -> None:
    assert holds_personal_values(tuple[am.CustomerEmail, ...])
    assert not holds_personal_values(am.WeeklyHours | None)
    assert "emails" not in schema_of("customers")
    assert "emails" in schema_of("customers", values=True)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_page_lists_each_column_with_its_type(kind: EntityKind) -> None:
    page = (ROOT / "docs/frames.md").read_text(encoding="utf-8")
    _, _, rest = page.partition(f"\n### `{kind.collection}`\n")
    rows = [line for line in rest.partition("\n#")[0].splitlines() if line.startswith("| `")]
    assert rows == [row_of(column) for column in columns_of(kind.collection)]


def row_of(column: Column) -> str:
    """Return the line of the page for a column."""
    form = ", ".join(f"`{word}`" for word in column.words) or _FORMS[column.form]
    needed = "required" if column.is_required else ""
    return f"| `{column.name}` | {form} | {needed} | {'personal' if column.is_personal else ''} |"


_FORMS = {
    "text": "text",
    "whole_number": "whole number",
    "instant": "instant",
    "wall_time": "wall time",
    "date": "date",
    "json": "JSON text",
}
