"""`accountmerge schema`: what is shown is what is shipped, and hostile files end every command with a code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_runs import practice, run, saved

import accountmerge as am
from accountmerge.documents.files import FORMATS
from accountmerge.documents.json_schemas import SCHEMA_NAMES
from full_documents import golden_documents
from mutations import resealed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", [*SCHEMA_NAMES, *FORMATS])
def test_a_schema_is_shown_by_its_noun_and_by_its_format(name: str) -> None:
    ran = run("schema", name)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == am.documents.json_schema(name)


def test_without_a_noun_all_are_listed() -> None:
    ran = run("schema")
    assert (ran.code, ran.out.split()) == (0, list(SCHEMA_NAMES))


def test_a_schema_is_written_to_a_file_that_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "rules.json"
    assert run("schema", "rules", "--out", target).code == 0
    assert json.loads(target.read_bytes()) == am.documents.json_schema("rules")
    assert run("schema", "rules", "--out", target).code == 0
    assert run("schema", "plan", "--out", target).code == 2
    assert json.loads(target.read_bytes()) == am.documents.json_schema("rules")
    assert run("schema", "plan", "--out", target, "--force").code == 0


@pytest.mark.parametrize("name", ["snapshots", "accountmerge.snapshot/2", "", "../plan"])
def test_a_format_that_is_none_is_told_with_those_that_are(name: str) -> None:
    for language, words in (("en", "changeset"), ("fr", "changeset")):
        ran = run("schema", name, "--lang", language)
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.err


def test_hostile_files_end_every_command_with_a_code_and_no_defect(tmp_path: Path) -> None:
    """Exit code 2 for what cannot be read, 1 for what cannot be applied; never the block of a defect of ours."""
    golden = golden_documents("merge.confirmed", "merge.plan", "merge.receipt", "practice")
    confirmed = golden["merge.confirmed"]
    without_guards = resealed(
        confirmed | {"steps": [step | {"guards": []} for step in reversed(confirmed["steps"])]}
    )
    texts = {
        "deep": "[" * 100_000,
        "later": json.dumps(confirmed | {"requires": ["time_travel"]}),
        "digits": json.dumps(golden["merge.receipt"] | {"step_id": "a/" + "9" * 5_000}),
        "empty step": json.dumps(resealed(confirmed | {"steps": [confirmed["steps"][0] | {"edits": []}]})),
        "backwards": json.dumps(without_guards),
        "another format": json.dumps(golden["merge.receipt"]),
        "nothing": "",
    }
    data = saved(tmp_path, practice())
    for name, text in texts.items():
        path = tmp_path / f"{name}.json"
        path.write_text(text, encoding="utf-8")
        for command in (
            ("show", path),
            ("check", path),
            ("apply", data, path, "--out", "-"),
            ("apply", path, path, "--out", "-"),
            ("confirm", path, "--by", "Kim", "--at", "2026-03-02T00:00:00Z", "--out", "-"),
        ):
            ran = run(*command)
            assert ran.code in ((0, 1, 2) if name == "backwards" else (2,)), (name, command, ran)
            assert "accountmerge.json" not in ran.err
            assert ".py:" not in ran.err, (name, command, ran.err)
