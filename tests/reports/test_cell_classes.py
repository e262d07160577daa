"""Every public class of results has a cell, or is named here with the reason."""

from __future__ import annotations

import attrs
import pytest

import accountmerge as am
from accountmerge import _ROOMS
from accountmerge.messages import LANGUAGES
from accountmerge.model.values import Displayed
from accountmerge.reports.cells import CELLS, ROWS

NO_CELL: dict[str, str] = {
    "asked or ruled, and known to who asks": (
        "AccessDecision Acceptance Agreement Authority CustomerEdit CustomerRules FieldRule Limits MergeRequest MergeRules"
        " MigrationRequest MigrationRules NewAccessRequest PrimaryEmailChange ProfileRecords RebookingRequest RecordKind"
        " Wording"
    ),
    "a part of an entity or of a step, as short as its repr": (
        "Completeness Confirmation CustomerEmail DailyHours EmailAddress Facts FrozenJson Reason WeeklyHours"
        " WrittenEntity"
    ),
    "between a program and its store": (
        "Applier Begin Commit Compiled Equality Fetch LiveBookings Lock Note Point Questions ReadReceipts Rollback Wait"
        " Write"
    ),
    "a text for people, shown by its own function": "Cell Notice Question RebookingReading",
    "an error, which a notebook shows with its text": (
        "AccountMergeError ApplyRefused Conflict Fault InvalidValueError LoadError LostAnswer"
    ),
}
LEFT_OUT = {name for text in NO_CELL.values() for name in text.split()}
DOORS = [am, *(getattr(am, room) for room in _ROOMS)]
PUBLIC = {getattr(door, name) for door in DOORS for name in door.__all__}
CLASSES = sorted((value for value in PUBLIC if isinstance(value, type)), key=lambda cls: cls.__name__)


def has_cell(cls: type) -> bool:
    return any(base in CELLS or base in ROWS for base in cls.__mro__)


def test_every_public_class_has_a_cell_or_a_reason() -> None:
    forgotten = [cls.__name__ for cls in CLASSES if not has_cell(cls) and cls.__name__ not in LEFT_OUT]
    assert forgotten == [], "enter it in a table of cells, or in NO_CELL with its reason"


def test_no_class_with_a_cell_is_left_out() -> None:
    assert {cls.__name__ for cls in CLASSES} >= LEFT_OUT
    assert [cls.__name__ for cls in CLASSES if has_cell(cls) and cls.__name__ in LEFT_OUT] == []


def test_a_class_with_a_cell_shows_it() -> None:
    assert [cls for cls in (*CELLS, *ROWS) if not issubclass(cls, Displayed)] == []


def test_rich_asks_every_public_class_that_attrs_makes_for_its_tree() -> None:
    """It would show every field of such a class, personal ones too."""
    assert [cls for cls in CLASSES if attrs.has(cls) and not hasattr(cls, "__rich_repr__")] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cls", ROWS, ids=lambda cls: cls.__name__)
def test_no_heading_is_twice_in_a_table(cls: type, language: str) -> None:
    from accountmerge.messages import sentence

    keys = [key for key, _ in ROWS[cls].columns]
    heads = [sentence(f"cell.{key}", {}, language) for key in keys]
    assert len(set(keys)) == len(keys)
    assert len(set(heads)) == len(heads)
    assert sentence(ROWS[cls].caption, {}, language)
