"""The declaration of what is personal: complete for every class that is stored, planned, asked or recorded."""

from __future__ import annotations

import types
import typing
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.entities import KINDS
from accountmerge.model.private import DECLARED, fields_of
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
    fields = DECLARED[cls.__name__]
    assert not fields.personal & fields.plain
    assert fields.personal | fields.plain == {field.name for field in attrs.fields(cls)}


def test_what_the_design_calls_private_is_declared_so() -> None:
    assert DECLARED["Customer"].personal >= {
        *("given_name", "family_name", "phones", "birth_date", "address", "opt_outs", "attributes"),
    }
    private = {
        ("CustomerEmail", "address"),
        ("EmailAddress", "text"),
        ("Profile", "email"),
        ("Record", "data"),
        ("Appointment", "cancel_reason"),
        ("AccessRequest", "reason"),
        ("LedgerEntry", "value"),
        ("Confirmation", "by"),
        ("Agreement", "by"),
        ("Acceptance", "by"),
        ("Acceptance", "why"),
        ("Authority", "person"),
        ("Authority", "role"),
        ("Authority", "why"),
        ("MigrationRequest", "new_email"),
    }
    assert [(cls, field) for cls, field in private if field not in DECLARED[cls].personal] == []


def test_what_is_not_declared_counts_as_personal() -> None:
    @attrs.frozen
    class Newcomer:
        name: str

    assert fields_of(Newcomer).personal == {"name"}
    assert fields_of(am.MergePlan) == DECLARED["Plan"]
