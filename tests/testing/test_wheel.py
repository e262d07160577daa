"""The kit as callers get it: from the wheel, in a folder of their own, under their own settings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

import broken
import strategies
from planner_laws import PLANNER_LAWS
from planner_laws.verifying import verify_planner

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
MOST_LINES = 8_200
"""The most lines of the kit, with the parts for stores that give their own ids and for narrow ones."""
OF_THIS_RUN = ("COV_", "COVERAGE_", "HYPOTHESIS_", "PYTEST_", "PYTHON")
"""How the names begin of what this run of pytest, and whoever measures it, hand on to other processes."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-c", BUILD, folder], cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the wheel is installed: a wheel without programs is installed by unpacking it."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def python(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run another interpreter in a folder, for which the installed wheel comes before the checkout."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OF_THIS_RUN)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def loaded_after(installed: Path, folder: Path, module: str) -> set[str]:
    """Return the modules that are loaded after one is imported, which comes from the wheel."""
    code = f"import {module} as it, json, sys; print(json.dumps([it.__file__, sorted(sys.modules)]))"
    done = python(installed, folder, "-c", code)
    assert not done.returncode, done.stderr
    origin, modules = json.loads(done.stdout)
    assert Path(origin).is_relative_to(installed)
    return set(modules)


def test_the_reference_needs_no_extra(installed: Path, tmp_path: Path) -> None:
    for module in ("adapters", "reference"):
        loaded = loaded_after(installed, tmp_path, f"accountmerge.testing.{module}")
        assert not loaded & {"hypothesis", "pytest", "_pytest"}


@pytest.mark.parametrize("module", ["strategies", "conformance"])
def test_no_part_of_the_kit_imports_pytest(installed: Path, tmp_path: Path, module: str) -> None:
    assert not loaded_after(installed, tmp_path, f"accountmerge.testing.{module}") & {"pytest", "_pytest"}


def test_the_wheel_hooks_into_nothing(installed: Path) -> None:
    (found,) = installed.glob("*.dist-info/entry_points.txt")
    entries = ConfigParser()
    entries.read(found, encoding="utf-8")
    assert entries.sections() == ["console_scripts"]


@pytest.fixture(scope="session")
def kit(installed: Path) -> dict[str, str]:
    """The modules of the kit that is installed: the text of each, by its name."""
    folder = installed / "accountmerge/testing"
    paths = {path.relative_to(installed).with_suffix(""): path for path in folder.rglob("*.py")}
    return {".".join(name.parts): path.read_text(encoding="utf-8") for name, path in paths.items()}


def test_what_proves_us_does_not_ship(kit: dict[str, str]) -> None:
    """Neither broken stores and planners nor laws of planners, nor what our own parsers and views are tried on."""
    parts = {name.split(".")[2] for name in kit}
    assert parts == {"__init__", "adapters", "conformance", "reference", "strategies"}
    made = {
        name for text in kit.values() for name in re.findall(r"^(?:def |class )?(\w+)\b", text, re.MULTILINE)
    }
    assert {"verify_store", "ReferenceStore", "planned_cases", "PIVOT"} <= made
    assert not made & {*broken.__all__, *strategies.__all__, *PLANNER_LAWS, verify_planner.__name__}


def test_the_kit_is_small(kit: dict[str, str]) -> None:
    assert sum(len(text.splitlines()) for text in kit.values()) <= MOST_LINES


def test_every_module_of_the_kit_is_imported_without_our_tests(
    installed: Path, tmp_path: Path, kit: dict[str, str]
) -> None:
    names = sorted(name.removesuffix(".__init__") for name in kit)
    code = f"import importlib; [importlib.import_module(name) for name in {names}]"
    done = python(installed, tmp_path, "-c", code)
    assert not done.returncode, done.stderr


STORES = """
from pathlib import Path

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase

import accountmerge
from accountmerge.testing.conformance import StoreLaws, verify_store
from accountmerge.testing.reference import ReferenceStore

LAWS = ["seeded_data_are_read_back_whole"]


class NotedDatabase(DirectoryBasedExampleDatabase):
    def fetch(self, key):
        found = sorted(super().fetch(key))
        with Path("fetched.txt").open("a") as noted:
            print(key.hex(), len(found), file=noted)
        return found


PHASES = [Phase.reuse, Phase.generate, Phase.shrink]
KEPT = settings(max_examples=10, deadline=None, phases=PHASES, database=NotedDatabase("examples"))


class SoundStore(ReferenceStore):
    pass


class SpellingStore(ReferenceStore):
    def dump(self):
        found = super().dump()
        lost = [row for row in found.customers if row.phones and not row.id.startswith("customer-")]
        return found.changed([attrs.evolve(row, phones=()) for row in lost])


def test_it_is_the_wheel_that_is_tried():
    assert Path(accountmerge.__file__).is_relative_to(Path(__file__).parents[1] / "installed")


@pytest.mark.parametrize("how", [None, KEPT], ids=["the kit's", "kept"])
def test_a_sound_store(how):
    verify_store(SoundStore, laws=LAWS, settings=how).raise_if_broken()


@pytest.mark.parametrize("how", [None, KEPT], ids=["the kit's", "kept"])
def test_a_broken_store(how):
    report = verify_store(SpellingStore, laws=LAWS, settings=how)
    assert report.broken == ("seeded_data_are_read_back_whole",)
    assert "differs in phones" in report.results[0].why
    report.raise_if_broken()


class TestSoundStore(StoreLaws):
    make_store = SoundStore
"""
OWN_PROFILE = """
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

ours = DirectoryBasedExampleDatabase("examples-of-ours")
settings.register_profile("ours", max_examples=3, deadline=1, database=ours)
settings.load_profile("ours")
"""
WANTED = "wheel or sound_store or broken_store or read_back"
"""Which tests of the caller are run: of the class, only that of one law."""


def outcomes(installed: Path, folder: Path, wanted: str) -> str:
    """Run tests of the caller on two cores; return what pytest says of them."""
    done = python(installed, folder, "-m", "pytest", "-n", "2", "-k", wanted)
    assert "FAILED test_stores.py::test_a_broken_store[" in done.stdout, done.stdout + done.stderr
    assert "seeded_data_are_read_back_whole" in done.stdout
    return done.stdout.splitlines()[-1]


def folder_of_a_caller(installed: Path, where: Path, conftest: str = "") -> Path:
    """Return an empty folder with the tests of a caller, beside the installed wheel."""
    (where / "installed").symlink_to(installed)
    folder = where / "tests"
    folder.mkdir()
    (folder / "test_stores.py").write_text(STORES, encoding="utf-8")
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    return folder


def test_the_kit_works_under_a_profile_of_the_caller_that_it_leaves_alone(
    installed: Path, tmp_path: Path
) -> None:
    folder = folder_of_a_caller(installed, tmp_path, OWN_PROFILE)
    assert "2 failed, 4 passed" in outcomes(tmp_path / "installed", folder, WANTED)
    assert not (folder / "examples-of-ours").exists()


def test_the_kit_works_in_an_empty_folder_and_never_mixes_examples(installed: Path, tmp_path: Path) -> None:
    folder = folder_of_a_caller(installed, tmp_path)
    assert "2 failed, 4 passed" in outcomes(tmp_path / "installed", folder, WANTED)
    (folder / "fetched.txt").unlink()
    assert "1 failed, 1 passed" in outcomes(tmp_path / "installed", folder, "kept")
    found = {b"SoundStore": 0, b"SpellingStore": 0}
    for line in (folder / "fetched.txt").read_text(encoding="utf-8").splitlines():
        key, count = line.split()
        (owner,) = (name for name in found if name in bytes.fromhex(key))
        found[owner] += int(count)
    assert found[b"SpellingStore"]
    assert not found[b"SoundStore"]
