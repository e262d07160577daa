"""The declaration of what is personal: complete for every class that is stored, planned, asked or recorded."""

from __future__ import annotations

import subprocess
import sys
import types
import typing
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.change_sets import Confirmation, LedgerEntry
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.entities import KINDS
from accountmerge.model.private import DECLARED, Fields, fields_of, privacy
from accountmerge.plans.plan import Plan

LEAVES = (am.model.FrozenJson, am.model.Facts)
"""What is declared where it is a field."""
ROOTS: tuple[type, ...] = (
    *(kind.cls for kind in KINDS),
    *(cls for classes in REQUEST_KINDS.values() for cls in (classes.request, classes.rules)),
    *(Plan, am.Finding, am.ChangeSet, am.Receipt),
)


def inside(hint: Any) -> set[type]:
    """Return the classes with fields that a type speaks of."""
    if typing.get_origin(hint) is not None or isinstance(hint, types.UnionType):
        return {cls for argument in typing.get_args(hint) for cls in inside(argument)}
    return {hint} if isinstance(hint, type) and attrs.has(hint) and not issubclass(hint, LEAVES) else set()


def reachable() -> list[type]:
    found: dict[type, None] = {}
    waiting = list(ROOTS)
    while waiting:
        cls = waiting.pop()
        if cls not in found:
            found[cls] = None
            hints = typing.get_type_hints(cls)
            waiting += [part for field in attrs.fields(cls) for part in inside(hints[field.name])]
    return sorted(found, key=lambda cls: cls.__name__)


def test_everything_that_a_plan_is_made_of_is_looked_at() -> None:
    names = {cls.__name__ for cls in reachable()}
    assert names >= {
        "CustomerEmail",
        "EmailAddress",
        "TimeSlot",
        "DailyHours",
        "Acceptance",
        "FieldRule",
        "Edit",
    }
    assert len(names) == len(reachable()), "two classes of one name would be one declaration"


@pytest.mark.parametrize("cls", reachable(), ids=lambda cls: cls.__name__)
def test_every_field_is_declared_personal_or_not(cls: type) -> None:
    fields = DECLARED.get(cls, Fields())
    assert not fields.personal & fields.plain
    assert fields.personal | fields.plain == {field.name for field in attrs.fields(cls)}


def test_what_the_design_calls_private_is_declared_so() -> None:
    assert DECLARED[am.Customer].personal >= {
        *("given_name", "family_name", "phones", "birth_date", "address", "opt_outs", "attributes"),
    }
    private = {
        (am.CustomerEmail, "address"),
        (am.model.EmailAddress, "text"),
        (am.Profile, "email"),
        (am.Record, "data"),
        (am.Appointment, "cancel_reason"),
        (am.AccessRequest, "reason"),
        (LedgerEntry, "value"),
        (Confirmation, "by"),
        (am.Agreement, "by"),
        (am.Acceptance, "by"),
        (am.Acceptance, "why"),
        (am.merges.Authority, "person"),
        (am.merges.Authority, "role"),
        (am.merges.Authority, "why"),
        (am.MigrationRequest, "new_email"),
    }
    assert [(cls, field) for cls, field in private if field not in DECLARED[cls].personal] == []


def test_what_is_not_declared_counts_as_personal() -> None:
    @attrs.frozen
    class Newcomer:
        name: str

    assert fields_of(Newcomer).personal == {"name"}
    assert fields_of(am.MergePlan) == DECLARED[Plan]


def test_a_field_that_is_forgotten_in_a_declaration_counts_as_personal() -> None:
    @privacy(plain="id")
    @attrs.frozen
    class Declared:
        id: str
        name: str

    @attrs.frozen
    class Inheriting(Declared):
        note: str

    @privacy(plain="note")
    @attrs.frozen
    class Redeclared(Inheriting):
        pass

    try:
        assert fields_of(Declared) == Fields(frozenset({"name"}), frozenset({"id"}))
        assert fields_of(Inheriting).personal == {"name", "note"}
        assert fields_of(Redeclared) == Fields(frozenset({"name"}), frozenset({"id", "note"}))
    finally:
        del DECLARED[Declared], DECLARED[Redeclared]


READING = """
import accountmerge.documents.files
from accountmerge.model.private import DECLARED

print(*sorted(cls.__name__ for cls in DECLARED))
"""


def test_a_reader_of_files_knows_every_declared_class_whatever_was_imported_before() -> None:
    """A path in an error shows a key only if it is a word of the formats, and these are the declared fields."""
    run = subprocess.run([sys.executable, "-c", READING], capture_output=True, text=True, check=True)
    ours = (cls.__name__ for cls in DECLARED if cls.__module__.startswith("accountmerge."))
    assert run.stdout.split() == sorted(ours)
    assert {cls.__name__ for cls in reachable()} - {"MergePlan", "CustomerPlan"} <= set(run.stdout.split())
