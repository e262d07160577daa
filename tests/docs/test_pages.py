"""Every snippet of README and of the pages runs, and shows what it says it shows."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from sybil import Document, Example
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser
from typer.testing import CliRunner, Result

import accountmerge as am
from accountmerge.cli.program import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING")),
    *sorted((ROOT / "docs").glob("*.md")),
]

LONG = ("testing.md", "many-at-once.md")
"""Pages that run the kit, or 208 merges."""

every_page = pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=[pytest.mark.unmeasured] if page.name in LONG else []) for page in PAGES],
    ids=lambda page: str(page.relative_to(ROOT)),
)


class Snippets:
    """How each language of a page is run: Python for real, `text` as what the Python before it printed."""

    def __init__(self) -> None:
        self.printed = ""

    def python(self, example: Example) -> None:
        stream = io.StringIO()
        with redirect_stdout(stream):
            PythonEvaluator()(example)
        self.printed = stream.getvalue()

    def text(self, example: Example) -> None:
        assert self.printed == example.parsed

    def json(self, example: Example) -> None:
        value = json.loads(example.parsed)
        if isinstance(value, dict) and "format" in value:
            am.loads(example.parsed)

    def console(self, example: Example) -> None:
        for line in example.parsed.replace("\\\n", " ").splitlines():
            done = run(line.removeprefix("$ "))
            assert done.exit_code in (0, 1), f"{line}\n{done.output}"
            assert done.exception is None or isinstance(done.exception, SystemExit), line


def run(command: str) -> Result:
    """Run a command line of the program, in this process; that the program runs as one is shown in `tests/cli`."""
    program, *arguments = shlex.split(command)
    assert Path(program).name == "accountmerge", command
    return CliRunner().invoke(app, arguments)


def parsed(page: Path) -> Document:
    snippets = Snippets()
    languages = {
        "python": snippets.python,
        "text": snippets.text,
        "json": snippets.json,
        "console": snippets.console,
    }
    parsers = [CodeBlockParser(language, evaluator) for language, evaluator in languages.items()]
    return Document.parse(str(page), *parsers)


@pytest.fixture
def fresh_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in which the paths that the pages name are there, and may be written to."""
    shutil.copytree(ROOT / "docs/examples", tmp_path / "docs/examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@every_page
def test_every_snippet_of_a_page_runs(page: Path, fresh_clone: Path) -> None:
    for example in parsed(page):
        example.evaluate()


@every_page
def test_every_fence_of_a_page_names_a_language_that_is_run(page: Path) -> None:
    fences = re.findall(r"^```(.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(fences[::2]) <= {"python", "text", "json", "console", "sh"}
    assert set(fences[1::2]) <= {""}


@every_page
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        assert "://" not in target, "pages link only to pages, so that nothing rots unseen"
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if anchor:
            assert anchor in anchors(linked), target


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
