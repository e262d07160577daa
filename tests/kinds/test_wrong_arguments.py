"""Wrong arguments: every public function that takes a snapshot, or a source of JSON, says what it takes."""

from __future__ import annotations

import inspect
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

import accountmerge as am
from accountmerge import _ROOMS
from small_values import NOON, customer, profile, request, snapshot

DOORS: list[ModuleType] = [am, *(getattr(am, room) for room in _ROOMS)]
WHOLE = snapshot(profiles=[profile()], customers=[customer("C1")])
PLAN = am.plan_migration(WHOLE, request(), at=NOON)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "apply": (PLAN,),
    "check": (PLAN,),
    "resume": (PLAN,),
    "rebase": (PLAN,),
    "find_faults": (),
    "find_double_bookings": (),
    "find_primary_email_conflicts": (),
    "find_customers": ("Ann",),
    "diagnose_login": ("a@example.com",),
}
"""The functions that are not planners, with the arguments after the snapshot."""
PLANNED = {"plan", "plan_migration", "plan_merge"}


def functions() -> dict[str, Any]:
    found = {name: getattr(door, name) for door in DOORS for name in door.__all__}
    return {
        name: value
        for name, value in found.items()
        if inspect.isfunction(value) and next(iter(inspect.signature(value).parameters), "") == "snapshot"
    }


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("wrong", [{}, None, "practice.json", PLAN])
def test_what_is_no_snapshot_is_refused_in_our_words(name: str, wrong: Any) -> None:
    with pytest.raises(am.InvalidValueError, match="a Snapshot") as refused:
        functions()[name](wrong, *ARGUMENTS[name])
    assert refused.value.facts["field"] == "snapshot"


def test_no_function_of_the_root_is_forgotten() -> None:
    roots = {name for name in functions() if name in am.__all__}
    assert roots == PLANNED | (set(ARGUMENTS) & set(am.__all__))


@pytest.mark.parametrize("wrong", [None, {}, 3, ["a"]])
def test_what_is_no_source_is_refused_in_our_words(wrong: Any) -> None:
    with pytest.raises(am.InvalidValueError, match=r"pathlib\.Path") as refused:
        am.loads(wrong)
    assert refused.value.facts["field"] == "source"


@pytest.mark.parametrize("wrong", [None, 3, ("record", "R1")])
def test_what_is_no_id_is_not_explained(wrong: Any) -> None:
    with pytest.raises(am.InvalidValueError) as refused:
        PLAN.explain(wrong)
    assert refused.value.facts["field"] == "asked"


@pytest.mark.parametrize("wrong", [None, "2026-03-02", NOON.replace(tzinfo=None)])
def test_an_instant_that_is_none_is_refused_by_its_name(wrong: Any) -> None:
    with pytest.raises(am.InvalidValueError, match=r"^at: ") as refused:
        am.plan(WHOLE, request(), at=wrong)
    assert refused.value.facts["field"] == "at"


GIVEN: dict[str, Any] = {
    "snapshot": WHOLE,
    "plan": PLAN,
    "requests": (),
    "profile_id": "P1",
    "customer_id": "C1",
    "within": am.TimeSlot(NOON, NOON + timedelta(days=1)),
    "minutes": 60,
    "at": NOON,
    "start": NOON,
    "change_set": PLAN.change_set,
    "instant": NOON,
    "zone": "UTC",
}
"""Arguments that are right, by their name."""
REQUESTS: dict[str, Any] = {
    "AnyRequest": request(),
    "MigrationRequest": request(),
    "MergeRequest": am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1"),
    "NewAccessRequest": am.customers.NewAccessRequest(
        profile_id="P1", customer_id="C1", expires_at=NOON + timedelta(days=1)
    ),
}
"""Requests by the class that a function wants. All other planners of one request share the code of these."""


def timed_functions() -> list[tuple[str, str, Any]]:
    """Return every public function that takes an instant, with the name of the argument."""
    return [
        (f"{name}-{argument.name}", argument.name, value)
        for door in DOORS
        for name in door.__all__
        if inspect.isfunction(value := getattr(door, name)) and name != "resolve_wall_time"
        for argument in inspect.signature(value).parameters.values()
        if "datetime" in str(argument.annotation)
    ]


@pytest.mark.parametrize(
    ("name", "value"), [pytest.param(name, value, id=id) for id, name, value in timed_functions()]
)
@pytest.mark.parametrize("wrong", ["2026-03-02", NOON.replace(tzinfo=None)])
def test_every_function_names_the_argument_that_is_no_instant(name: str, value: Any, wrong: Any) -> None:
    arguments = inspect.signature(value).parameters
    given = {key: GIVEN[key] for key in arguments if key in GIVEN}
    if "request" in arguments:
        wanted = str(arguments["request"].annotation)
        if wanted not in REQUESTS:
            assert "Kind" in inspect.getsource(inspect.getmodule(value))  # type: ignore[arg-type]
            return
        given["request"] = REQUESTS[wanted]
    value(**given)
    with pytest.raises(am.InvalidValueError) as refused:
        value(**{**given, name: wrong})
    assert refused.value.facts["field"] == name
    assert refused.value.describe().startswith(f"{name}: ")
