"""The page on the testing kit names every law, capability, status and strategy, and what each law needs."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import attrs
import pytest

from accountmerge.testing import strategies
from accountmerge.testing.adapters import StoreAdapter
from accountmerge.testing.conformance import DEFAULT_PROFILE, PROFILES, STATUSES, Capabilities
from accountmerge.testing.conformance.store_laws import STORE_LAWS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/testing.md").read_text(encoding="utf-8")


def rows(page: str, heading: str) -> dict[str, str]:
    """Return the rows of the tables of a section: by the first word of the first cell, the other cells."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    return dict(re.findall(r"^\| `(\w+)[^`]*` \| (.*) \|$", section, flags=re.MULTILINE))


def test_every_law_is_there_in_its_order_with_what_it_says_and_needs(page: str) -> None:
    table = rows(page, "Laws")
    assert tuple(table) == PROFILES[DEFAULT_PROFILE].laws
    for law in STORE_LAWS.values():
        promise, _, needs = table[law.name].rpartition(" | ")
        assert promise == law.promise.splitlines()[0]
        assert set(re.findall(r"`(\w+)`", needs)) == set(law.needs)


def test_every_capability_is_there_with_what_is_taken_for_granted(page: str) -> None:
    table = rows(page, "Capabilities")
    assert list(table) == [field.name for field in attrs.fields(Capabilities)]
    assert {name: cells.endswith("| yes") for name, cells in table.items()} == attrs.asdict(Capabilities())


def test_every_status_and_every_method_of_an_adapter_is_there(page: str) -> None:
    assert set(rows(page, "Reading a report")) == set(STATUSES)
    methods = {name for name in vars(StoreAdapter) if not name.startswith("_")}
    assert set(rows(page, "Adapters")) == methods


def test_every_strategy_is_there_with_its_knobs(page: str) -> None:
    found = {name: getattr(strategies, name) for name in strategies.__all__}
    drawn = {name: strategy for name, strategy in found.items() if name.islower() and callable(strategy)}
    assert set(rows(page, "Strategies")) == set(drawn)
    for name, strategy in drawn.items():
        parameters = inspect.signature(strategy).parameters.values()
        knobs = [parameter.name for parameter in parameters if parameter.default is not parameter.empty]
        (told,) = re.findall(rf"`{name}\((.*?)\)`", page)
        assert re.findall(r"(\w+)=", told) == knobs
