"""The kit as callers get it: from the wheel, in a folder of their own, under their own settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
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


@pytest.mark.parametrize("module", ["strategies", "conformance", "mutants"])
def test_no_part_of_the_kit_imports_pytest(installed: Path, tmp_path: Path, module: str) -> None:
    assert not loaded_after(installed, tmp_path, f"accountmerge.testing.{module}") & {"pytest", "_pytest"}


def test_the_wheel_hooks_into_nothing(installed: Path) -> None:
    (found,) = installed.glob("*.dist-info/entry_points.txt")
    entries = ConfigParser()
    entries.read(found, encoding="utf-8")
    assert entries.sections() == ["console_scripts"]
