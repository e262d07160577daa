"""Bad input: exit code 2, one readable block on standard error, no traceback, nothing written."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cli_runs import files_in, migrate, plain, practice, run, saved

import accountmerge as am
from accountmerge.cli import files

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli_runs import Ran


def _refused(ran: Ran, *texts: str) -> None:
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("ERROR ")
    for text in texts:
        assert text in ran.err


def _without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda data: data["appointments"][0].pop(key)


SPOILT: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "wrong type": (lambda d: d["appointments"][0].update(status=5), "appointments[0].status: should be"),
    "not a list": (lambda d: d.update(records={}), "records: should be"),
    "unknown key": (
        lambda d: d["profiles"][0].update(colour="red"),
        "profiles[0].<key>: is not a known key",
    ),
    "unknown top key": (lambda d: d.update(extra=1), "<key>: is not a known key"),
    "missing key": (_without("end"), "appointments[0]"),
    "naive time": (lambda d: d["appointments"][0].update(start="2026-03-03T09:00:00"), "has no offset"),
    "end before start": (
        lambda d: d["appointments"][0].update(end="2026-01-01T00:00:00Z"),
        "The end is not after the start.",
    ),
    "zero length": (
        lambda d: d["appointments"][0].update(end=d["appointments"][0]["start"]),
        "The end is not after the start.",
    ),
    "duplicate id": (
        lambda d: d["appointments"].append(d["appointments"][0]),
        "appointments[3].id: the id a-0 occurs a second time",
    ),
    "dangling reference": (
        lambda d: d["appointments"][0].update(customer_id="c-9"),
        "appointments[0].customer_id: refers to customer c-9, which is not in the snapshot",
    ),
    "unknown format": (lambda d: d.update(format="accountmerge.snapshot/9"), "format: is not a format"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_file_is_refused_with_the_place_of_the_fault(tmp_path: Path, name: str) -> None:
    spoil, text = SPOILT[name]
    data = plain(practice())
    spoil(data)
    path = tmp_path / "spoilt.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    _refused(run("check", path), f"ERROR {path}: Cannot be read: 1 fault found.\n", text)
    _refused(migrate(path, "--out", tmp_path / "plan.json"), text)
    assert files_in(tmp_path) == {"spoilt.json"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "This is not JSON, or it is not complete (line 1, column 1)"),
        (am.dumps(practice()).encode()[:-20], "or it is not complete"),
        (b"\xff\xfe\x00", "The file is not UTF-8 text."),
        (b"[" * 100_000, "The JSON is nested too deeply."),
        (b'{"format":' * 100_000, "The JSON is nested too deeply."),
        (b"null", "should be"),
        (b"9" * 50_000, "a number with thousands of digits"),
    ],
    ids=["empty", "truncated", "not UTF-8", "deep lists", "deep objects", "null", "long number"],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "garbage"
    path.write_bytes(content)
    _refused(run("check", path), text)
    _refused(run("show", path), text)
    _refused(run("apply", path, path, "--out", tmp_path / "out.json"), text)
    assert files_in(tmp_path) == {"garbage"}


@pytest.mark.parametrize("unit", [b"garbage\x80 ", b"[", b'{"a":1},', b"\x00"])
def test_fifty_megabytes_of_garbage_are_refused_in_a_few_lines(tmp_path: Path, unit: bytes) -> None:
    path = tmp_path / "garbage"
    path.write_bytes(unit * (50_000_000 // len(unit)))
    ran = run("check", path)
    _refused(ran, "Cannot be read: 1 fault found.")
    assert len(ran.err) < 500


@pytest.mark.unmeasured
def test_ten_thousand_faults_are_counted_and_some_shown(tmp_path: Path) -> None:
    data = plain(practice())
    row = data["appointments"][0]
    data["appointments"] = [row | {"id": f"a-{n}", "status": None} for n in range(10_000)]
    path = tmp_path / "faulty.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    ran = run("check", path)
    _refused(ran, "10000 faults found", "… and 9980 more.")
    assert len(ran.err.splitlines()) == 22
    assert "10000 défauts" in run("check", path, "--lang", "fr").err


def test_a_document_of_another_kind_is_refused_with_both_names(tmp_path: Path) -> None:
    path = saved(tmp_path, practice())
    _refused(run("show", path), "This is accountmerge.snapshot/1", "accountmerge.plan/1")
    _refused(migrate(path, "--rules", path), "accountmerge.rules/1")
    plan = tmp_path / "plan.json"
    migrate(path, "--out", plan)
    _refused(run("check", plan), "This is accountmerge.plan/1", "accountmerge.snapshot/1")


def test_an_altered_plan_is_refused(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    migrate(path, "--out", plan)
    plan.write_text(plan.read_text(encoding="utf-8").replace("T-1", "T-2"), encoding="utf-8")
    _refused(run("apply", path, plan, "--out", tmp_path / "after.json"), "altered after it was planned")


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    _refused(run("check", tmp_path / "none.json"), f"{tmp_path}/none.json: There is no such file.\n")
    _refused(run("check", tmp_path), "This is a folder, not a file.")
    _refused(run("check", saved(tmp_path, practice()) / "below"), "There is no such file.")
    _refused(run("check", ""), "This is a folder")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "Reading it is not permitted."),
        (OSError(errno.EIO, "Input/output error"), "It cannot be read (Input/output error)."),
    ],
)
def test_a_file_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, error: OSError, text: str) -> None:
    def fail(_: Path) -> bytes:
        raise error

    monkeypatch.setattr(Path, "read_bytes", fail)
    _refused(run("check", "some.json"), f"ERROR some.json: {text}")


def test_a_naive_time_is_refused_with_what_to_add(tmp_path: Path) -> None:
    path = saved(tmp_path, practice())
    ran = migrate(path, at="2026-03-02T09:00:00", agreed_at="yesterday")
    _refused(
        ran, "--at: The time has no offset. Give a time with its offset", "--agreed-at: This is not an RFC"
    )
    ran = migrate(path, "--lang", "fr", at="2026-03-02T09:00:00")
    assert (ran.code, ran.err[:13]) == (2, "ERREUR --at\u00a0:")
    assert "pas de décalage" in ran.err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--number", "a-0"], "--number: This is not ID=NUMBER"),
        (["--number", "=APP-1"], "--number: This is not ID=NUMBER"),
        (["--number", "a-0=APP-1", "--number", "a-0=APP-2"], "a-0 is given more than one number"),
        (["--accept", "x:y"], "--accept needs --accepted-by and --why"),
        (["--accept", "x:y", "--accepted-by", "B", "--why", "  "], "--accept needs --accepted-by and --why"),
        (["--why", "W"], "Name the finding with --accept"),
        (["--ticket", "\udcff"], "--ticket: The value holds bytes that are not text."),
        (["--number", "\udcff=APP-1"], "--number: The value holds bytes that are not text."),
    ],
)
def test_options_that_contradict_or_cannot_be_read(tmp_path: Path, arguments: list[str], text: str) -> None:
    _refused(migrate(saved(tmp_path, practice()), *arguments), text)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ["check"],
            "FILE is missing. Name a snapshot, or a database with --store or ACCOUNTMERGE_STORE.\nSee: accountmerge check --help",
        ),
        (["migrate", "x"], "--profile is missing"),
        (["apply", "x", "y"], "--out is missing"),
        (["check", "x", "Canary"], "There is an argument too many"),
        (["chek", "x"], "There is no such command. Did you mean check?\nSee: accountmerge --help"),
        (["store", "tabels"], "There is no such command. Did you mean tables?"),
        (["Canary", "x"], "There is no such command. The commands are: check, "),
        (["check", "x", "--jsno"], "There is no option --jsno. Did you mean --json?"),
        (["check", "x", "--zzzz"], "There is no option --zzzz.\nSee"),
        (["check", "x", "--lang", "de"], "--lang takes one of: en, fr."),
        (["check", "x", "--lang"], "--lang needs a value"),
        (["show", "x", "--json=yes"], "--json needs a value, or does not take one"),
    ],
)
def test_a_command_line_that_is_not_understood(arguments: list[str], text: str) -> None:
    _refused(run(*arguments), text)


def test_a_command_line_that_is_not_understood_is_told_in_the_language_asked_for() -> None:
    ran = run("show", "--lang", "fr")
    assert (ran.code, ran.err) == (2, "ERREUR Il manque PLAN.\nVoir\u00a0: accountmerge show --help\n")


def test_no_command_shows_the_help_and_ends_with_2() -> None:
    ran = run()
    assert (ran.code, ran.out) == (2, "")
    assert "Usage" in ran.err


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    path = saved(tmp_path, practice())
    _refused(run("apply", "-", "-", "--out", "-", stdin=path.read_bytes()), "Only one input can be -")
    _refused(migrate("-", "--rules", "-"), "Only one input can be -")


def test_faults_of_standard_input_name_it() -> None:
    _refused(run("check", "-", stdin="{"), "ERROR <stdin>: Cannot be read")


def test_an_id_cannot_forge_lines_or_command_the_terminal(tmp_path: Path) -> None:
    data = plain(practice())
    data["appointments"][0]["customer_id"] = "x\n  BLOCKER forged\x1b[2J\u202e"
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    ran = run("check", path)
    _refused(ran, "appointments[0].customer_id: The text has a control or format character")
    assert len(ran.err.splitlines()) == 2
    assert "BLOCKER" not in ran.err


def test_a_defect_of_ours_shows_its_place_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("canary@example.org")

    monkeypatch.setattr(files, "read_input", fail)
    ran = run("check", "x")
    _refused(
        ran, "This is a defect of accountmerge, not of your data: ZeroDivisionError at test_cli_bad_input.py"
    )
    assert "canary" not in ran.err


def test_an_interruption_ends_with_130_and_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "read_input", interrupt)
    ran = run("check", "x")
    assert (ran.code, ran.out, ran.err) == (130, "", "Interrupted.\n")
