"""README keeps its promises to a newcomer: soon to the point, and commands that are the real ones."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import accountmerge as am

PROGRAM = Path(sys.executable).with_name("accountmerge")


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def install_command(readme: str) -> str:
    (line,) = (line for line in readme.splitlines() if ".venv/bin/accountmerge" in line)
    return line


def test_the_purpose_stands_by_line_3_and_code_by_line_20(readme: str) -> None:
    lines = readme.splitlines()
    assert lines[2].startswith("Plans the move of a practitioner")
    assert lines.index("```sh") < 20
    pictures = re.findall(r"!\[[^]]*\]\(([^)]*)\)", readme)
    assert pictures == ["docs/pictures/week.svg"], "no badges, and one picture below the code"
    assert readme.index("![") > readme.index("```python")


def test_the_test_command_is_the_very_line_of_ci(root: Path, readme: str) -> None:
    lines = [line.strip() for line in (root / ".ci/run").read_text(encoding="utf-8").splitlines()]
    (command,) = (line for line in lines if line.startswith("python3 -m venv .venv && "))
    assert command in readme.splitlines()
    (cluster,) = (line for line in lines if line.endswith('nox" -s cluster'))
    assert cluster.startswith("python3 -m venv ")


def test_ci_fails_if_either_of_its_runs_fails_and_shows_both(root: Path, tmp_path: Path) -> None:
    """The run is tried with a Python that only notes what it is asked."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(root / ".ci/run", tmp_path / ".ci/run")
    fake = tmp_path / "bin/python3"
    fake.parent.mkdir()
    fake.write_text(
        """#!/bin/sh
mkdir -p "$3/bin" && printf '#!/bin/sh\\nexit 0\\n' >"$3/bin/python"
printf '#!/bin/sh\\necho "asked: $*"\\ntest "$FAILS" != "${2:-rest}"\\n' >"$3/bin/nox"
chmod +x "$3/bin/python" "$3/bin/nox"
""",
        encoding="utf-8",
    )
    fake.chmod(0o755)
    fake.with_name("chromium").symlink_to(fake)  # installed already
    for fails, code in (("no", 0), ("cluster", 1), ("rest", 1)):
        done = subprocess.run(
            [tmp_path / ".ci/run"],
            env={"PATH": f"{fake.parent}:{os.environ['PATH']}", "FAILS": fails},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (fails, done.returncode, done.stdout, done.stderr) == (
            fails,
            code,
            "asked: \nasked: -s cluster\n",
            "",
        )


def test_the_first_command_needs_nothing_but_python(readme: str) -> None:
    create, install, plan = install_command(readme).split(" && ")
    assert create == "python3 -m venv .venv"
    assert install == ".venv/bin/python -m pip install --quiet '.[cli]'"
    assert plan.startswith(".venv/bin/accountmerge migrate docs/examples/practice.json ")


def planned(root: Path, readme: str, *more: str) -> str:
    _, *arguments = shlex.split(install_command(readme).split(" && ")[-1])
    done = subprocess.run(
        [PROGRAM, *arguments, *more], cwd=root, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_command_shows_every_warning_and_the_ends_of_every_kind_of_step(
    root: Path, readme: str, plan: am.MigrationPlan
) -> None:
    shown = planned(root, readme)
    assert f"Plan {plan.plan_id[:12]}: " in shown
    ordinals: dict[str, list[int]] = {}
    for step in plan.change_set.steps:
        ordinals.setdefault(step.kind, []).append(step.ordinal)
    for first, *others in ordinals.values():
        for ordinal in (first, *others[-1:]):
            assert re.search(rf"^ +{ordinal}\. ", shown, flags=re.MULTILINE)
        assert len(others) < 2 or f"{len(others) - 1} more steps" in shown
    for finding in plan.warnings:
        assert finding.id in shown


def test_the_first_command_and_the_python_below_make_the_same_plan(
    root: Path, readme: str, plan: am.MigrationPlan
) -> None:
    assert am.loads(planned(root, readme, "--json")) == plan
    assert plan.request.agreement is not None
    for value in (plan.request.new_email.text, plan.request.ticket, plan.request.agreement.by):
        assert json.dumps(value) in readme


def test_every_page_is_on_the_map(root: Path) -> None:
    index = (root / "docs/index.md").read_text(encoding="utf-8")
    for page in (root / "docs").glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index


def test_the_changelog_starts_with_what_is_not_released(root: Path) -> None:
    headings = re.findall(
        r"^## (.*)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert headings[0] == "Unreleased"


ABOUT_WORDS = "languages.md"
"""The page about the words that a practice may choose for a customer."""


def test_no_page_uses_a_word_that_the_glossary_replaces(root: Path) -> None:
    refused = re.compile(r"\b(accounts?|patients?|clients?|clinicians?|downtime|go-live)\b", re.IGNORECASE)
    not_ours = re.compile(
        r"`[^`\n]+`|^.*\b(aucun|le|les|du|des)\b.*$", re.MULTILINE
    )  # a word of files; French
    pages = [page for page in (root / "docs").glob("*.md") if page.name != ABOUT_WORDS]
    for page in (root / "README.md", root / "CHANGELOG.md", *pages):
        found = refused.findall(not_ours.sub("", page.read_text(encoding="utf-8")))
        assert not found, f"{page.name}: {found}"
