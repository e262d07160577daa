"""The notebooks of the docs run as scripts, are clean for marimo, and their pages show no person and no path."""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import accountmerge as am
from browser_pages import WIDTHS
from chart_examples import ROOT
from measuring import OF_MEASURING

if TYPE_CHECKING:
    from browser_pages import Chromium

EXAMPLES = ROOT / "docs/examples"
NOTEBOOKS = [EXAMPLES / f"{name}.py" for name in ("plan_a_move", "clean_up_duplicates")]
OTHER_EXTRAS = (
    "polars",
    "pandas",
    "numpy",
    "splink",
    "duckdb",
    "pyarrow",
    "sqlalchemy",
    "typer",
    "rich",
    "hypothesis",
)
ALONE = f"import runpy, sys; sys.modules.update(dict.fromkeys({OTHER_EXTRAS!r})); runpy.run_path(sys.argv[1], run_name='__main__')"
"""Runs a file as a script, where no package of another extra can be imported."""
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"

FRONTEND = re.compile(r"https://cdn\.jsdelivr\.net/npm/@marimo-team/frontend@[^/]+/dist/([^?]*)")
"""The program of marimo, which a page takes from the network, and the tests from the installed package."""
CELLS = {"plan_a_move": 8, "clean_up_duplicates": 1}
"""The least number of cells of the library that are seen in each notebook."""
CELLS_OUTSIDE = """[...document.querySelectorAll('.accountmerge')]
  .filter(cell => cell.getBoundingClientRect().right > document.scrollingElement.clientWidth + 1.5 || !cell.innerText.trim())
  .map(cell => cell.innerText.slice(0, 40))"""
"""JavaScript: the first words of each cell that sticks out of the page, or is empty."""

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
pytestmark = pytest.mark.unmeasured


def python(*arguments: str | Path, folder: Path = ROOT, program: str = sys.executable) -> str:
    """Run another interpreter, and return what it prints."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OF_MEASURING)}
    done = subprocess.run(
        [program, *map(str, arguments)],
        cwd=folder,
        env={**inherited, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout + done.stderr


@each_notebook
def test_a_notebook_runs_as_a_script_without_warnings_and_without_another_extra(
    path: Path, tmp_path: Path
) -> None:
    assert python("-W", "error", "-c", ALONE, path, folder=tmp_path) == ""


def test_marimo_finds_nothing_to_say_about_the_notebooks() -> None:
    python("-m", "marimo", "check", "--strict", *NOTEBOOKS)


def addresses() -> set[str]:
    """Return every e-mail of the data of the notebooks, but those that the notebooks write themselves."""
    with (EXAMPLES / "data/fake_1000.csv").open(encoding="utf-8", newline="") as file:
        found = {row["email"] for row in csv.DictReader(file)}
    practice = am.loads(EXAMPLES / "practice.json")
    assert isinstance(practice, am.Snapshot)
    for customer in practice.customers:
        found |= {email.address.text for email in customer.emails}
        found |= {text for text in (customer.family_name, *customer.phones) if text}
    return {text for text in found if len(text) > 7}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Return a function that exports a notebook to HTML, once."""
    folder = tmp_path_factory.mktemp("pages")
    copied = folder / "examples"  # because marimo keeps the results beside a notebook
    shutil.copytree(EXAMPLES, copied, ignore=shutil.ignore_patterns("__*"))

    @cache
    def page(path: Path) -> Path:
        made = folder / f"{path.stem}.html"
        python("-m", "marimo", "export", "html", copied / path.name, "--output", made, folder=folder)
        return made

    return page


@each_notebook
def test_the_page_of_a_notebook_shows_no_person_and_no_path(
    path: Path, pages: Callable[[Path], Path]
) -> None:
    page = pages(path)
    text = page.read_text(encoding="utf-8")
    assert "vega-lite" in text
    assert path.stem in text
    hidden = {str(ROOT), str(Path.home()), str(page.parent), str(Path(sys.prefix))} - {"/"}
    assert not [word for word in hidden if f"{word}/" in text or f"{word}\\" in text]
    people = addresses()
    assert len(people) > 500
    assert not [word for word in people if word in text]


def of_marimo(address: str) -> Path | None:
    """Return the file of the installed marimo that its pages take from the network."""
    found = FRONTEND.fullmatch(address)
    static = Path(str(find_spec("marimo").origin)).parent / "_static"  # type: ignore[union-attr]
    file = static / found[1] if found else None
    return file if file is not None and file.is_file() else None


@each_notebook
def test_the_page_of_a_notebook_is_shown_on_every_screen(
    path: Path, pages: Callable[[Path], Path], chromium: Chromium
) -> None:
    with chromium.page(pages(path), kept=of_marimo) as shown:
        shown.page.wait_for_selector(".vega-embed svg, .vega-embed canvas", timeout=60_000)
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                shown.page.set_viewport_size({"width": width, "height": 900})
                shown.page.emulate_media(color_scheme=scheme)
                assert shown.page.evaluate("document.scrollingElement.scrollWidth") == width
                assert shown.page.evaluate(CELLS_OUTSIDE) == [], (width, scheme)
        assert shown.page.evaluate("document.querySelectorAll('.accountmerge').length") >= CELLS[path.stem]
        assert shown.dialogs == []
        assert shown.errors == []
        assert [address for address in shown.requests if of_marimo(address) is None] == []


def module(path: Path) -> ModuleType:
    """Return a script of the docs as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_the_pairs_are_those_that_the_script_makes(tmp_path: Path) -> None:
    target = tmp_path / "pairs.csv"
    module(EXAMPLES / "make_pairs.py").main(target)
    assert target.read_bytes() == (EXAMPLES / "data/fake_1000_pairs.csv").read_bytes()


def test_the_pictures_of_the_pages_are_those_of_today() -> None:
    """The SVG depends on the fonts of a machine, so the chart beside it is compared."""
    maker = module(ROOT / "docs/pictures/make_pictures.py")
    for name, picture in maker.pictures().items():
        folder = ROOT / "docs/pictures"
        assert (folder / f"{name}.json").read_text(encoding="utf-8") == maker.chart_text(picture), (
            "run nox -s pictures"
        )
        drawn = (folder / f"{name}.svg").read_text(encoding="utf-8")
        assert len(drawn) < 100_000
        assert picture.to_dict()["title"]["text"][0].split(",")[0] in drawn
        assert "<script" not in drawn


@pytest.mark.long
def test_a_newcomer_runs_both_notebooks_from_the_wheel_with_one_extra(tmp_path: Path) -> None:
    python("-c", BUILD, tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    python("-m", "venv", tmp_path / "fresh")
    program = str(tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin") / "python")
    python("-m", "pip", "install", "--quiet", f"{wheel}[notebook]", program=program)
    for path in NOTEBOOKS:
        python("-W", "error", path, folder=tmp_path, program=program)
