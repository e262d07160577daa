"""`--json`: each command that prints has it, its shape is documented, and what is printed has that shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli_runs import OPTIONS, VALIDATED, all_commands, migrate, overlapping, practice, run, saved, validator
from jsonschema import Draft202012Validator
from typer.main import get_command

import accountmerge as am
from accountmerge.cli.output_schemas import DOCUMENTS, OUTPUT_NAMES, SHAPES, output_schema
from accountmerge.cli.program import app

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
WITHOUT = {
    "import": "it writes a snapshot",
    "schema": "it prints JSON",
    "report": "it writes HTML",
    "rebook-request read": "with a snapshot it prints a plan, and without one a request",
}
COMMANDS = dict(all_commands(get_command(app)))


def test_each_command_that_prints_has_json_with_a_shape() -> None:
    with_json = {name for name, command in COMMANDS.items() if "json" in {row.name for row in command.params}}
    assert COMMANDS.keys() - with_json == WITHOUT.keys() - {"rebook-request read"}
    told = SHAPES.keys() | {name.replace("access-", "access ") for name in DOCUMENTS} - {
        "rebook-request-read"
    }
    assert told - {"findings", "questions"} == with_json - {"rebook-request read"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_shape_of_a_document_is_that_of_its_format(name: str) -> None:
    assert output_schema(f"output/{name}") == am.documents.json_schema(DOCUMENTS[name])


@pytest.mark.parametrize("name", OUTPUT_NAMES)
def test_a_shape_is_shown_by_the_words_of_its_command_and_is_a_schema(name: str) -> None:
    ran = run("schema", name)
    assert (ran.code, json.loads(ran.out)) == (0, output_schema(name))
    Draft202012Validator.check_schema(output_schema(name))


def test_a_shape_refuses_a_key_that_is_missing_or_not_known(tmp_path: Path) -> None:
    printed = json.loads(run("check", saved(tmp_path, overlapping()), "--json").out)
    check = validator("check")
    assert check.is_valid(printed)
    assert not check.is_valid(printed | {"more": 1})
    assert not check.is_valid({})
    for key in printed["findings"][0]:
        spoilt: dict[str, Any] = {k: v for k, v in printed["findings"][0].items() if k != key}
        assert not check.is_valid({"findings": [spoilt]})


def test_the_page_names_each_shape_once() -> None:
    table = PAGE.read_text(encoding="utf-8").split("\n## JSON\n")[1].split("\n## ")[0]
    names = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `output/")]
    assert sorted(names) == sorted(OUTPUT_NAMES)


def test_what_is_printed_about_a_plan_has_its_shape(tmp_path: Path) -> None:
    """Each `run` with `--json` is held to its shape; shapes of databases are held so by `test_cli_store.py`."""
    data, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    assert migrate(data, "--out", plan).code == 0
    after = tmp_path / "after.json"
    assert run("apply", data, plan, "--out", after).code == 0
    for words in _questions(data, plan, after, tmp_path):
        assert run(*words, "--json").code in (0, 1), words
    assert (
        SHAPES.keys()
        - {"prove", "demo", "apply", "rebook-request print", "questions"}
        - {name for name in SHAPES if name.startswith("store ")}
        <= VALIDATED
    )
    assert {"show", "undo", "migrate"} <= VALIDATED


def _questions(data: Path, plan: Path, after: Path, folder: Path) -> Iterator[tuple[Any, ...]]:
    at = ("--at", OPTIONS["--at"])
    moves, clusters = folder / "moves.csv", folder / "clusters.csv"
    moves.write_text("profile,new_email,reason,ticket\np-1,new@example.org,security,T-1\n", encoding="utf-8")
    clusters.write_text("left,right\nc-1,c-2\n", encoding="utf-8")
    yield "check", saved(folder, overlapping(), "double.json"), "--by", "practitioner"
    yield (
        "check",
        saved(folder, overlapping(), "double.json"),
        "--by",
        "customer",
        "--only",
        "email_malformed",
    )
    yield "find", data, "R-1"
    yield "login", data, "canary.customer@example.org"
    yield "windows", data, "--profile", "p-1"
    yield "migrate-all", data, moves, *at, "--out", folder / "plans"
    yield "merge-all", data, clusters, *at, "--out", folder / "plans"
    yield "explain", plan, "a-1"
    yield "explain", plan, "unknown"
    yield "timeline", plan, "--notices"
    yield "who-sees", plan, data, *at
    yield "confirm", plan, "--by", "Kim", *at
    yield "verify", plan, data
    yield "verify", plan, saved(folder, am.Snapshot(practice().taken_at), "empty.json")
    yield "status", plan, data
    yield "status", folder / "plans", data
    yield "resume", plan, data
    yield "rebase", plan, after
    yield "show", plan, "--asked-by", "p-2"
    yield "show", plan, "--step", "2"
    yield "show", plan
    yield "undo", plan
    yield "migrate", data, *(word for pair in OPTIONS.items() for word in pair)
