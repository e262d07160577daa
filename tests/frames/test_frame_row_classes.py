"""The table of the rows of results: complete for every public class, and as the page says."""

from __future__ import annotations

import re
import typing
from types import FunctionType
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import accountmerge as am
from accountmerge import _ROOMS, frames
from accountmerge.frames.row_columns import CELL_TYPES, DATA_TYPES, TYPE_OF_FACT, RowKind
from accountmerge.frames.row_frames import FIRST_ROWS, ROW_KINDS, containers_of
from accountmerge.messages import FACT_TYPES
from accountmerge.model.entities import KIND_OF_CLASS
from frame_column_page import PAGE, head_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_RESULTS: dict[str, str] = {
    "asked or ruled": (
        "AccessDecision Acceptance Agreement Authority CustomerEdit CustomerRules FieldRule Limits MergeRequest MergeRules"
        " MigrationRequest MigrationRules NewAccessRequest PrimaryEmailChange ProfileRecords RebookingRequest RecordKind"
        " Wording"
    ),
    "a part of an entity or of a step": (
        "Completeness Confirmation CustomerEmail DailyHours EmailAddress Facts FrozenJson Reason WeeklyHours"
    ),
    "between a program and its store": (
        "Applier Begin Commit Compiled Equality Fetch LiveBookings Lock Note Point Questions ReadReceipts Rollback Wait"
        " Write"
    ),
    "a text for people": "Cell",
    "an error without a list": "AccountMergeError Conflict InvalidValueError LostAnswer",
}
"""The public classes that are no results, by the reason. A new public class is a result, or is entered here."""

DOORS = [am, *(getattr(am, room) for room in _ROOMS)]
PUBLIC = {getattr(door, name) for door in DOORS for name in door.__all__}
CLASSES = sorted((value for value in PUBLIC if isinstance(value, type)), key=lambda cls: cls.__name__)
FUNCTIONS = sorted(
    (value for value in PUBLIC if isinstance(value, FunctionType)), key=lambda function: function.__name__
)
RESULTS = {*FIRST_ROWS, *ROW_KINDS, *KIND_OF_CLASS}
LEFT_OUT = {name for text in NO_RESULTS.values() for name in text.split()}


def is_result(cls: type) -> bool:
    return not RESULTS.isdisjoint(cls.__mro__)


def test_every_public_class_has_rows_or_is_no_result() -> None:
    forgotten = [cls.__name__ for cls in CLASSES if not is_result(cls) and cls.__name__ not in LEFT_OUT]
    assert forgotten == [], "enter it in the table of rows, or in NO_RESULTS with its reason"


def test_no_result_is_left_out() -> None:
    assert {cls.__name__ for cls in CLASSES} >= LEFT_OUT
    assert [cls.__name__ for cls in CLASSES if is_result(cls) and cls.__name__ in LEFT_OUT] == []


def inside(hint: Any) -> Iterator[type]:
    for argument in typing.get_args(hint):
        yield from inside(argument)
    if isinstance(hint, type) and attrs.has(hint):
        yield hint


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_every_value_that_a_public_function_returns_has_rows_or_is_no_result(function: FunctionType) -> None:
    hints = typing.get_type_hints(function, vars(__import__(function.__module__, fromlist=["_"])))
    returned = inside(hints.get("return"))
    assert [cls for cls in returned if not is_result(cls) and cls.__name__ not in LEFT_OUT] == []


def test_a_result_that_contains_others_says_which_come_first() -> None:
    for container, first in FIRST_ROWS.items():
        assert container in containers_of(first) or container is first, container
    taken = {container for cls in (*ROW_KINDS, *KIND_OF_CLASS) for container in containers_of(cls)}
    assert {cls for cls in taken if cls not in ROW_KINDS} <= {
        *FIRST_ROWS,
        am.MigrationPlan,  # a plan
    }


@pytest.mark.parametrize("kind", ROW_KINDS.values(), ids=lambda kind: kind.cls.__name__)
def test_the_columns_of_a_class_are_named_once_and_explained(kind: RowKind) -> None:
    names = [column.name for column in kind.columns]
    assert len(set(names)) == len(names)
    for column in kind.columns:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", column.name)
        assert column.type in CELL_TYPES
        assert column.meaning
        assert not column.meaning.endswith(".")
    assert kind.rows.endswith(".")
    values = frames.rows((), of=kind.cls, values=True)
    assert values.columns == names
    assert values.dtypes == [DATA_TYPES[column.type] for column in kind.columns]


def test_the_column_of_a_fact_has_the_type_of_the_fact() -> None:
    assert {*TYPE_OF_FACT} == {*FACT_TYPES.values()}
    for cls in (am.Finding, am.changes.Guard, am.changes.Obligation, am.changes.Failure, am.migrations.Task):
        for column in ROW_KINDS[cls].columns:
            if column.name in FACT_TYPES and column.name not in ("id", "address"):
                assert column.type == TYPE_OF_FACT[FACT_TYPES[column.name]], (cls, column.name)


def test_the_page_has_the_tables_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == head_of(page) + written(), "run tests/frame_column_page.py"


def test_the_page_has_the_types_of_the_code() -> None:
    head = head_of(PAGE.read_text(encoding="utf-8"))
    types = re.findall(r"^\| ([a-z ]+) \| `(\w+(?:\([^`]*\))?)` \|", head, flags=re.MULTILINE)
    assert dict(types) == {name: str(kind) for name, kind in DATA_TYPES.items()}
