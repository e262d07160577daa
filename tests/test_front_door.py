"""The front door: what is promised is there, costs no extra to import, and fails in one way."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import pkgutil
import subprocess
import sys
from importlib import resources
from types import ModuleType
from typing import Any

import pytest

import accountmerge as am

EXTRAS = ("typer", "rich", "hypothesis", "click")
LAZY = ("email_validator", "dns", "cattrs")


def loaded_after(code: str) -> set[str]:
    """Return the modules that another interpreter has loaded after some code."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    return set(json.loads(done.stdout))


def test_every_name_is_there_sorted_and_seen_by_dir() -> None:
    assert list(am.__all__) == sorted(am.__all__)
    assert len(set(am.__all__)) == len(am.__all__)
    assert set(am.__all__) <= set(dir(am))
    assert all(getattr(am, name) is not None for name in am.__all__)
    public = {name for name in dir(am) if not name.startswith("_")}
    packages = {name for name in public if isinstance(getattr(am, name), ModuleType)}
    assert public - packages == set(am.__all__)


def test_every_name_has_a_docstring() -> None:
    assert not [name for name in am.__all__ if not (getattr(am, name).__doc__ or "").strip()]


def test_importing_loads_no_extra_and_nothing_slow() -> None:
    assert not loaded_after("import accountmerge").intersection((*EXTRAS, *LAZY))


def test_loading_a_file_loads_no_extra() -> None:
    text = '{"format":"accountmerge.rules/1","intent":"migration","minutes_per_booking":5}'
    loaded = loaded_after(f"import accountmerge as am; am.loads({text!r}); am.loads({text!r})")
    assert not loaded.intersection((*EXTRAS, "email_validator"))


def test_only_who_asks_whether_an_unusual_address_is_valid_loads_the_validator() -> None:
    for asked in ("EmailAddress('é@b.co').mailbox", "EmailAddress('a@b.co').is_valid"):
        assert "email_validator" not in loaded_after(f"import accountmerge as am; assert am.{asked}")
    assert "email_validator" in loaded_after(
        "import accountmerge as am; assert am.EmailAddress('é@b.co').is_valid"
    )


def test_types_are_shipped() -> None:
    assert resources.files(am).joinpath("py.typed").is_file()


ERRORS: list[am.AccountMergeError] = [
    am.InvalidValueError("wall_time_missing", zone="UTC"),
    am.InvalidValueError("wrong_type", field="by", wanted="text"),
    am.Fault("missing_key", "profiles[0].id"),
    am.Fault("invalid_value", "taken_at", reason="naive_time"),
    am.Fault("wrong_type", "at", wanted="time", found="truth_value"),
    am.LoadError([am.Fault("missing_key", "format"), am.Fault("not_utf8")]),
    am.ApplyRefused(
        [
            am.Failure.of("blocked", codes=("email_same",)),
            am.Failure.of("too_late", 3, instant="a", taken_at="b"),
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
    raised = {
        value for value in vars(am).values() if isinstance(value, type) and issubclass(value, BaseException)
    }
    assert all(issubclass(error, am.AccountMergeError) for error in raised)
    assert raised == {am.AccountMergeError, am.ApplyRefused, am.Fault, am.InvalidValueError, am.LoadError}
    assert issubclass(am.InvalidValueError, ValueError)
    assert not issubclass(am.LoadError, ValueError)


def test_a_type_in_an_error_is_put_into_words() -> None:
    error: Any = am.Fault("wrong_type", "at", wanted="truth_value", found="null")
    assert error.describe("en") == "at: should be true or false, is null"
    assert error.describe("fr") == "at: devrait être vrai ou faux, est null"
    assert am.InvalidValueError("wrong_type", field="by", wanted="text").describe("fr").endswith("du texte.")


def test_a_fault_gains_its_path_as_it_climbs() -> None:
    fault = am.Fault("missing_key")
    assert fault.below("").path == ""
    assert fault.below("id").below("[3]").below("profiles").path == "profiles[3].id"
    assert am.Fault("missing_key", "id").below("profiles[3]").describe("en") == "profiles[3].id: is missing"
    assert am.Fault("missing_key", "id") == am.Fault("missing_key", "id") != am.Fault("missing_key", "at")
    assert len({am.Fault("missing_key", "id"), am.Fault("missing_key", "id")}) == 1
    assert am.Fault("missing_key", "id") != "missing_key"
    assert repr(am.Fault("missing_key", "id")) == "Fault('missing_key', 'id')"


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
