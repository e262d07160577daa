"""The front door: what is promised is there, costs no extra to import, and fails in one way."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import json
import os
import pickle
import pkgutil
import pydoc
import subprocess
import sys
import tomllib
import traceback
from collections import Counter
from importlib import metadata, resources
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge import _ROOMS, _doors
from measuring import OF_MEASURING

EXTRAS = ("typer", "rich", "hypothesis", "click")
LAZY = ("email_validator", "dns", "cattrs")


def loaded_after(code: str) -> set[str]:
    """Return the modules that another interpreter has loaded after some code."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OF_MEASURING)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True, env=plain
    )
    return set(json.loads(done.stdout))


ROOMS = sorted(_ROOMS)
DOORS: list[ModuleType] = [am, *(getattr(am, room) for room in ROOMS)]


def named(module: ModuleType) -> str:
    return module.__name__


def vars_of(door: ModuleType) -> list[Any]:
    return [getattr(door, name) for name in door.__all__]


@pytest.mark.parametrize("door", DOORS, ids=named)
def test_every_name_is_there_sorted_and_seen_by_dir(door: ModuleType) -> None:
    assert list(door.__all__) == sorted(door.__all__)
    assert len(set(door.__all__)) == len(door.__all__)
    assert set(door.__all__) <= set(dir(door))
    assert all(getattr(door, name) is not None for name in door.__all__)


@pytest.mark.parametrize("door", DOORS, ids=named)
def test_every_name_has_a_docstring(door: ModuleType) -> None:
    named_here = [name for name in door.__all__ if name != "Facts"]
    assert not [name for name in named_here if not (getattr(door, name).__doc__ or "").strip()]


@pytest.mark.parametrize("door", DOORS, ids=named)
def test_the_signature_of_every_class_shows_the_type_of_each_argument(door: ModuleType) -> None:
    classes = [value for value in vars_of(door) if isinstance(value, type) and attrs.has(value)]
    untyped = {"Any", "typing.Any", Any, inspect.Parameter.empty}
    assert not [
        f"{cls.__name__}.{argument.name}"
        for cls in classes
        for argument in inspect.signature(cls).parameters.values()
        if argument.annotation in untyped or "ForwardRef" in str(argument.annotation)
    ]


def test_a_signature_shows_what_a_checker_allows() -> None:
    """A field with a rule takes its own type. A field with a converter takes what the converter takes."""
    shown = {name: str(found.annotation) for name, found in inspect.signature(am.Access).parameters.items()}
    assert shown == {
        **dict.fromkeys(("id", "profile_id", "customer_id"), "str"),
        "level": "AccessLevel",
        "since": "datetime | None",
        "created_at": "datetime | None",
        "made_by": "str | None",
        "version": "str | int | None",
    }
    shown = {name: str(found.annotation) for name, found in inspect.signature(am.Customer).parameters.items()}
    assert shown["emails"] == "Iterable[CustomerEmail]"
    assert "birth_date: 'date | None' = None" in pydoc.render_doc(am.Customer, renderer=pydoc.plaintext)  # type: ignore[attr-defined]


@pytest.mark.parametrize("door", DOORS, ids=named)
def test_no_module_bears_a_public_name_of_its_package(door: ModuleType) -> None:
    modules = {found.name for found in pkgutil.iter_modules(door.__path__)}
    assert not modules & set(door.__all__)


@pytest.mark.parametrize("door", DOORS, ids=named)
def test_checkers_and_the_interpreter_find_each_name_at_one_place(door: ModuleType) -> None:
    """A name stands twice in the source of a door, once for checkers and once for the interpreter."""
    (block,) = (
        node
        for node in ast.parse(inspect.getsource(door)).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imported = {
        alias.name: str(node.module).removeprefix("accountmerge").removeprefix(".")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    rooms = dict.fromkeys(ROOMS, "") if door is am else {}
    assert imported == {**door._HOMES, **rooms}
    assert set(door._HOMES) - {"__version__"} == set(door.__all__)


def test_the_root_has_at_most_45_names() -> None:
    assert len(am.__all__) <= 45


def test_no_name_stands_at_two_doors() -> None:
    counts = Counter(name for door in DOORS for name in door.__all__)
    assert [name for name, count in counts.items() if count > 1] == []


def test_importing_loads_nothing_until_a_name_is_used() -> None:
    loaded = loaded_after("import accountmerge as am; dir(am); dir(am.merges)")
    assert {name for name in loaded if name.startswith("accountmerge")} == {
        "accountmerge",
        "accountmerge._doors",
        "accountmerge.merges",
    }
    assert not loaded.intersection((*EXTRAS, *LAZY, "attrs", "pendulum"))


def test_entities_are_made_without_the_converter() -> None:
    loaded = loaded_after("import accountmerge as am; am.Customer, am.Snapshot, am.Appointment")
    assert not loaded.intersection((*EXTRAS, *LAZY))


def test_no_code_of_cells_is_loaded_before_a_notebook_asks() -> None:
    plan = "am.plan_migration(am.Snapshot(at, profiles=[row]), asked, at=at)"
    loaded = loaded_after(f"{FIRST_PLAN}\nplan = {plan}\nrepr(plan), repr(plan.change_set.steps), hash(row)")
    assert not {name for name in loaded if name.startswith(("accountmerge.reports", "xml"))}
    asked = loaded_after(f"{FIRST_PLAN}\n{plan}._repr_html_()")
    assert asked >= {"accountmerge.reports.cells", "xml.etree.ElementTree"}


FIRST_PLAN = """
import accountmerge as am
from datetime import datetime, timezone
at = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
row = am.Profile(id="P", practitioner_id="H", email="p@example.com", login="enabled", schedule="active")
agreed = am.Agreement(by="Ann Example", at=at, version="1")
asked = am.MigrationRequest(
    profile_id="P", new_email="q@example.com", reason="security", ticket="T", agreement=agreed
)
assert am.plan_migration(am.Snapshot(at, profiles=[row]), asked, at=at).is_ready
"""


def test_planning_loads_no_module_that_only_applies_or_explains() -> None:
    loaded = loaded_after(FIRST_PLAN)
    applying = ("applying", "excerpts", "inverting", "receipts", "revisions", "store_ids", "wholeness")
    assert "accountmerge.changes.change_sets" in loaded
    assert not loaded.intersection(f"accountmerge.changes.{module}" for module in applying)
    assert not loaded.intersection(
        {"accountmerge.kinds", "accountmerge.plans.explaining", "gettext", "_hashlib"}
    )


def test_a_star_imports_just_the_names_of_the_root() -> None:
    space: dict[str, Any] = {}
    exec("from accountmerge import *", space)  # noqa: S102
    assert set(space) - {"__builtins__"} == set(am.__all__)


def test_a_name_of_a_namespace_is_told_with_its_place() -> None:
    for room in ROOMS:
        for name in getattr(am, room).__all__:
            with pytest.raises(AttributeError, match=f"it is am.{room}.{name}$"):
                getattr(am, name)
    with pytest.raises(AttributeError, match=r"it is am\.Snapshot$"):
        getattr(am.merges, "Snapshot")  # noqa: B009
    with pytest.raises(AttributeError, match=r"it is am\.customers\.find_customers$"):
        getattr(am.merges, "find_customers")  # noqa: B009
    with pytest.raises(AttributeError, match=r"no attribute 'Timetable'$") as caught:
        getattr(am, "Timetable")  # noqa: B009
    assert (caught.value.name, caught.value.obj) == ("Timetable", am)
    assert not hasattr(am, "__wrapped__")


@pytest.mark.parametrize("door", DOORS, ids=named)
def test_a_misspelt_name_is_told_with_the_name_that_is_meant(door: ModuleType) -> None:
    prefix = "am" if door is am else f"am.{door.__name__.rpartition('.')[2]}"
    for name in door.__all__:
        with pytest.raises(AttributeError, match=rf"did you mean {prefix}\.{name}\?$"):
            getattr(door, f"{name}_")


@pytest.mark.parametrize(
    ("misspelt", "hint"),
    [
        ("MergeRequests", "did you mean am.MergeRequest?"),
        ("Plans", "did you mean am.plans?"),
        ("migration", "did you mean am.migrations?"),
        ("find_customer", "did you mean am.customers.find_customers?"),
        ("Plan", "it is am.plans.Plan"),
    ],
)
def test_a_near_miss_is_told_with_its_place_and_only_once(misspelt: str, hint: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(am, misspelt)
    told = "".join(traceback.format_exception_only(caught.value))
    assert told.strip().endswith(f"; {hint}")


def test_an_extra_is_imported_by_its_name() -> None:
    told = loaded_after(
        "import accountmerge as am\n"
        "for name in ('cli', 'frames', 'notebook', 'sql', 'testing'):\n"
        "    try: getattr(am, name)\n"
        "    except AttributeError as error: assert str(error).endswith(f'import accountmerge.{name}'), error\n"
        "    else: raise SystemExit('no error')"
    )
    assert not {"hypothesis", "polars", "sqlalchemy", "altair"} & set(told)


def test_every_package_with_an_extra_is_known_as_one() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    packages = {module.name for module in pkgutil.iter_modules(am.__path__)}
    assert set(_doors.EXTRAS) == packages.intersection(extras)


def test_functions_and_classes_of_the_doors_are_pickled_and_copied() -> None:
    for door in DOORS:
        for name in door.__all__:
            value = getattr(door, name)
            assert pickle.loads(pickle.dumps(value)) is value  # noqa: S301
            assert copy.copy(value) is value


def test_a_door_can_be_loaded_again_and_looked_at_whole() -> None:
    assert importlib.reload(am.merges).plan_merges is am.merges.plan_merges
    assert set(am.__all__) <= {name for name, _ in inspect.getmembers(am)}
    assert "plan_merge" in pydoc.render_doc(am, renderer=pydoc.plaintext)  # type: ignore[attr-defined]


def test_the_version_is_that_of_the_package() -> None:
    assert am.__version__ == metadata.version("accountmerge")


def test_loading_a_file_loads_no_extra() -> None:
    text = '{"format":"accountmerge.rules/1","subject":"migrations","minutes_per_booking":5}'
    loaded = loaded_after(f"import accountmerge as am; am.loads({text!r}); am.loads({text!r})")
    assert not loaded.intersection((*EXTRAS, "email_validator"))


def test_only_who_asks_whether_an_unusual_address_is_valid_loads_the_validator() -> None:
    for asked in ("model.EmailAddress('é@b.co').mailbox", "model.EmailAddress('a@b.co').is_valid"):
        assert "email_validator" not in loaded_after(f"import accountmerge as am; assert am.{asked}")
    assert "email_validator" in loaded_after(
        "import accountmerge as am; assert am.model.EmailAddress('é@b.co').is_valid"
    )


def test_types_are_shipped() -> None:
    assert resources.files(am).joinpath("py.typed").is_file()


ERRORS: list[am.AccountMergeError] = [
    am.InvalidValueError("wall_time_missing", zone="UTC"),
    am.InvalidValueError("wrong_type", field="by", wanted="text"),
    am.documents.Fault("missing_key", "profiles[0].id"),
    am.documents.Fault("invalid_value", "taken_at", reason="naive_time"),
    am.documents.Fault("wrong_type", "at", wanted="time", found="truth_value"),
    am.LoadError([am.documents.Fault("missing_key", "format"), am.documents.Fault("not_utf8")]),
    am.ApplyRefused(
        [
            am.changes.Failure.of("blocked", codes=("email_same",)),
            am.changes.Failure.of("too_late", 3, instant="a", taken_at="b"),
        ]
    ),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_is_told_in_both_languages_and_survives_pickling(error: am.AccountMergeError) -> None:
    assert str(error) == error.describe() == error.describe("en")
    assert error.describe("fr-CA") == error.describe("fr") != error.describe("en")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301
        assert type(twin) is type(error)
        assert (twin.code, twin.facts, str(twin)) == (error.code, error.facts, str(error))
        for name in ("path", "faults", "failures"):
            assert getattr(twin, name, None) == getattr(error, name, None)


def test_there_is_one_base_class() -> None:
    values = [getattr(door, name) for door in DOORS for name in door.__all__]
    raised = {value for value in values if isinstance(value, type) and issubclass(value, BaseException)}
    assert all(issubclass(error, am.AccountMergeError) for error in raised)
    errors = {am.AccountMergeError, am.ApplyRefused, am.InvalidValueError, am.LoadError}
    assert raised == {*errors, am.documents.Fault, am.changes.Conflict, am.changes.LostAnswer}
    assert issubclass(am.InvalidValueError, ValueError)
    assert not issubclass(am.LoadError, ValueError)


def test_a_type_in_an_error_is_put_into_words() -> None:
    error: Any = am.documents.Fault("wrong_type", "at", wanted="truth_value", found="null")
    assert error.describe("en") == "at: should be true or false, is null"
    assert error.describe("fr") == "at\u00a0: il faut vrai ou faux, et non null"
    assert am.InvalidValueError("wrong_type", field="by", wanted="text").describe("fr").endswith("du texte.")


def test_a_fault_gains_its_path_as_it_climbs() -> None:
    fault = am.documents.Fault("missing_key")
    assert fault.below("").path == ""
    assert fault.below("id").below("[3]").below("profiles").path == "profiles[3].id"
    assert (
        am.documents.Fault("missing_key", "id").below("profiles[3]").describe("en")
        == "profiles[3].id: is missing"
    )
    assert (
        am.documents.Fault("missing_key", "id")
        == am.documents.Fault("missing_key", "id")
        != am.documents.Fault("missing_key", "at")
    )
    assert len({am.documents.Fault("missing_key", "id"), am.documents.Fault("missing_key", "id")}) == 1
    assert am.documents.Fault("missing_key", "id") != "missing_key"
    assert repr(am.documents.Fault("missing_key", "id")) == "Fault('missing_key', 'id')"


LISTING = tuple(
    name
    for name in (
        "accountmerge",
        *(found.name for found in pkgutil.walk_packages(am.__path__, "accountmerge.")),
    )
    if not name.endswith(".__main__") and hasattr(importlib.import_module(name), "__all__")
)
"""The packages and modules that list their public names."""


def untrue_names(module: ModuleType) -> list[str]:
    """Return the names that a module lists and does not have, or lists twice."""
    listed = list(module.__all__)
    return sorted({name for name in listed if not hasattr(module, name) or listed.count(name) > 1})


@pytest.mark.parametrize("name", LISTING)
def test_every_name_that_a_package_lists_exists(name: str) -> None:
    assert untrue_names(importlib.import_module(name)) == []


def test_the_packages_with_a_list_are_found_and_an_untrue_list_is_noticed() -> None:
    assert {"accountmerge", "accountmerge.testing.reference"} <= set(LISTING)
    module = ModuleType("listing")
    vars(module).update(__all__=["there", "absent", "there"], there=1)
    assert untrue_names(module) == ["absent", "there"]
