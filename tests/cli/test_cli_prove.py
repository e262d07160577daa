"""`accountmerge prove`: a store is named on the command line, proven law by law, and the report is printed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from cli_runs import run

if TYPE_CHECKING:
    from pathlib import Path

STORES = '''
from accountmerge.testing.reference import ReferenceStore


class Kinds:
    make = ReferenceStore


class Forgetful(ReferenceStore):
    """Says that all is done already."""

    def apply(self, change_set, *, now, reach):
        return dict.fromkeys(super().apply(change_set, now=now, reach=reach), "already")


class Awaited:
    """A store that is awaited, and reaches its points when all is done."""

    def __init__(self):
        self._store = ReferenceStore()

    async def apply(self, change_set, *, now, reach):
        names = []
        done = self._store.apply(change_set, now=now, reach=names.append)
        for name in names:
            await reach(name)
        return done

    def __getattr__(self, name):
        async def call(*arguments, **more):
            return getattr(self._store, name)(*arguments, **more)

        return call


class Bare(ReferenceStore):
    """Has no receipts to show."""

    receipts = None


def not_ready():
    return object()


NUMBER = 3
'''
LAWS = 21


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a module in the current folder."""
    (tmp_path / "stores_to_prove.py").write_text(STORES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "stores_to_prove", raising=False)
    return "stores_to_prove"


@pytest.mark.unmeasured
def test_a_store_that_keeps_its_promises_ends_with_0(stores: str) -> None:
    ran = run("prove", f"{stores}:Kinds.make", "--level", "smoke", "--seed", "7")
    assert (ran.code, ran.out.splitlines()[0]) == (
        0,
        "profile 2026.11, level smoke, seed 7: all laws hold",
    )
    assert "a_crash_leaves_no_trace: 1 of " in ran.err


@pytest.mark.unmeasured
def test_a_broken_law_ends_with_1_and_json_says_which(stores: str) -> None:
    ran = run("prove", f"{stores}:Forgetful", "--level", "smoke", "--json", "--lang", "fr")
    assert ran.code == 1
    found: dict[str, Any] = json.loads(ran.out)
    assert (found["ok"], found["level"], len(found["laws"])) == (False, "smoke", LAWS)
    (broken,) = (row for row in found["laws"] if row["status"] == "fail")
    assert broken["law"] == "applying_does_what_the_set_says"
    assert broken["call"].startswith("apply of ")
    assert "seeded_data_are_read_back_whole : 1 sur " in ran.err


@pytest.mark.unmeasured
def test_promises_are_named_on_the_command_line(stores: str) -> None:
    words = ("--without", "versions", "--without", "durable_progress", "--with", "atomic_set", "--json")
    ran = run("prove", f"{stores}:Forgetful", "--level", "smoke", *words)
    status = {row["law"]: row["status"] for row in json.loads(ran.out)["laws"]}
    assert status["seeded_data_are_read_back_whole"] == "pass"
    ran = run("prove", f"{stores}:Kinds.make", "--without", "speed")
    assert (ran.code, ran.out) == (2, "")
    assert "--without takes one of: atomic_step, atomic_set" in ran.err


@pytest.mark.unmeasured
def test_a_store_that_is_awaited_is_proven_alike(stores: str) -> None:
    ran = run("prove", f"{stores}:Awaited", "--level", "smoke", "--json")
    passed = [row["law"] for row in json.loads(ran.out)["laws"] if row["status"] == "pass"]
    assert "prefixes_add_up" in passed  # its points come too late for the laws about crashes


@pytest.mark.parametrize(
    "name",
    ["no_such_module:make", "stores_to_prove", "stores_to_prove:no", "stores_to_prove:NUMBER", ":", ""],
)
def test_what_is_no_function_is_told(stores: str, name: str) -> None:
    ran = run("prove", name)
    assert (ran.code, ran.out) == (2, "")
    assert "MODULE:FACTORY" in ran.err
    assert "MODULE:FACTORY" in run("prove", name, "--lang", "fr").err


def test_a_store_with_its_own_ids_needs_receipts(stores: str) -> None:
    ran = run("prove", f"{stores}:Bare", "--ids", "own", "--level", "smoke")
    assert (ran.code, ran.out) == (2, "")
    assert "makes no adapter" in ran.err


def test_what_makes_no_adapter_is_told(stores: str) -> None:
    ran = run("prove", f"{stores}:not_ready")
    assert (ran.code, ran.out) == (2, "")
    assert "makes no adapter" in ran.err


def test_without_the_kit_its_extra_is_named(stores: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("accountmerge.testing.conformance")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    ran = run("prove", f"{stores}:Forgetful")
    assert (ran.code, ran.out) == (2, "")
    assert "pip install 'accountmerge[testing]'" in ran.err
