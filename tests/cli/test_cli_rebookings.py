"""`rebook-request`: a message is written and read back, asked about, checked and planned."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs
import pytest
from cli_runs import CANARIES, practice, run, saved

import accountmerge as am

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = {
    "--number": "APP-1",
    "--initials": "C.C.",
    "--start": "2026-03-03T20:00:00+11:00",
    "--zone": "Australia/Sydney",
    "--modality": "video",
    "--old-email": "canary.old@example.org",
    "--new-email": "canary.new@example.org",
}
WORDS = [word for pair in OPTIONS.items() for word in pair]
AT = ("--at", "2026-03-02T09:00:00+11:00")
REQUEST = am.rebooking.RebookingRequest(
    number="APP-1",
    initials="C.C.",
    start=datetime(2026, 3, 3, 9, tzinfo=UTC),
    time_zone="Australia/Sydney",
    modality="video",
    old_email="canary.old@example.org",
    new_email="canary.new@example.org",
)


def two_profiles() -> am.Snapshot:
    """Return the practice with the new profile of its practitioner, who works whenever asked."""
    before = practice()
    old = before.profiles["p-1"]
    return before.changed([attrs.evolve(old, id="p-2", email="canary.new@example.org", schedule="pending")])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_printed_is_read(language: str) -> None:
    printed = run("rebook-request", "print", *WORDS, "--lang", language)
    assert (printed.code, printed.err) == (0, "")
    assert printed.out == am.rebooking.rebooking_message(REQUEST, language) + "\n"
    read = run("rebook-request", "read", "-", stdin=printed.out)
    assert (read.code, read.err) == (0, "")
    assert am.loads(read.out) == REQUEST


def test_a_request_goes_from_a_file_to_a_message_and_back(tmp_path: Path) -> None:
    message = tmp_path / "message.txt"
    message.write_text(run("rebook-request", "print", saved(tmp_path, REQUEST, "request.json")).out, "utf-8")
    out = tmp_path / "again.json"
    ran = run("rebook-request", "read", message, "--out", out)
    assert (ran.code, ran.out) == (0, "")
    assert am.loads(out) == REQUEST


def test_what_has_to_be_asked_ends_with_1() -> None:
    printed = run("rebook-request", "print", *WORDS).out.replace("2026-03-03", "03/04/2026")
    text = "\n".join(line for line in printed.splitlines() if "Time zone" not in line)
    ran = run("rebook-request", "read", "-", stdin=text)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.splitlines() == [
        "- Date of the session: which number is the day, and which the month?",
        "- Time zone of the session: not found in the message. Please give it.",
    ]
    ran = run("rebook-request", "read", "-", "--json", "--zone", "Australia/Sydney", stdin=text)
    assert (ran.code, json.loads(ran.out)) == (1, [{"code": "day_or_month", "field": "date"}])
    for option, start in (("--day-first", "2026-04-03T09:00:00Z"), ("--month-first", "2026-03-04T09:00:00Z")):
        ran = run("rebook-request", "read", "-", "--zone", "Australia/Sydney", option, stdin=text)
        assert (ran.code, json.loads(ran.out)["start"]) == (0, start)


def test_with_a_snapshot_the_request_is_planned(tmp_path: Path) -> None:
    message = tmp_path / "message.txt"
    message.write_text(am.rebooking.rebooking_message(REQUEST), "utf-8")
    path, out = saved(tmp_path, two_profiles()), tmp_path / "plan.json"
    ran = run("rebook-request", "read", message, "--snapshot", path, *AT, "--out", out)
    assert ran.code == 0
    assert not [text for text in CANARIES if text in (ran.out + ran.err).lower()]
    plan = am.loads(out)
    assert isinstance(plan, am.rebooking.RebookingPlan)
    assert [step.kind for step in plan.change_set.steps] == ["book"]
    assert run("apply", path, out, "--out", tmp_path / "after.json").code == 0
    other = run("rebook-request", "read", message, "--snapshot", saved(tmp_path, practice(), "one.json"), *AT)
    assert other.code == 1
    assert "support team" in other.out


def test_a_finding_is_accepted_by_name(tmp_path: Path) -> None:
    message = tmp_path / "message.txt"
    busy = attrs.evolve(REQUEST, start=two_profiles().appointments["a-2"].slot.start)
    message.write_text(am.rebooking.rebooking_message(busy), "utf-8")
    arguments = ("rebook-request", "read", message, "--snapshot", saved(tmp_path, two_profiles()), *AT)
    blocked = run(*arguments, "--json")
    assert blocked.code == 1
    finding = json.loads(blocked.out)["findings"][0]
    named = ":".join((finding["code"], *finding["ids"]))
    assert finding["code"] == "slot_not_free"
    assert run(*arguments, "--accept", named, "--accepted-by", "A", "--why", "b").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["print"], "all of these options"),
        (["print", "--number", "APP-1"], "all of these options"),
        (["print", "request.json", "--number", "APP-1"], "all of these options"),
        (["print", *(word if word != "APP-1" else "7\n" for word in WORDS)], "--number"),
        (
            ["print", *(word if word != "video" else "pigeon" for word in WORDS)],
            "--modality takes one of: in_person, ",
        ),
        (["print", *(word if word != "Australia/Sydney" else "Mars" for word in WORDS)], "no such time zone"),
        (["print", *(word if not word.startswith("2026") else "2026" for word in WORDS)], "--start"),
        (["read", "nowhere.txt"], "nowhere.txt"),
        (["read", "-", "--zone", "Mars"], "no such time zone"),
        (["read", "-", "--snapshot", "x.json"], "--snapshot and --at go together"),
        (["read", "-", *AT], "--snapshot and --at go together"),
        (["read", "-", "--snapshot", "-", *AT], "standard input"),
        (
            ["read", "-", "--accept", "x:y", "--accepted-by", "A", "--why", "b", "--rules", "x.json"],
            "--accept, --accepted-by, --why, --rules say how to plan",
        ),
        (["read", "-", "--rules", "x.json"], "--rules say how to plan"),
    ],
)
def test_a_wrong_command_line_ends_with_2(arguments: list[str], told: str) -> None:
    ran = run("rebook-request", *arguments, stdin="Date: 2026-03-03")
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "canary" not in ran.err


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--initials", "canary name", "Initials of the customer: cannot be read"),
        ("--initials", "", "Initials of the customer: not found"),
        ("--initials", "AB or CD", "could not be read back"),
        ("--new-email", "canary", "New profile e-mail"),
        ("--old-email", "canary.old@example.org.", "could not be read back"),
    ],
)
def test_what_could_not_be_read_back_is_not_printed(option: str, value: str, told: str) -> None:
    words = [word for pair in (OPTIONS | {option: value}).items() for word in pair]
    ran = run("rebook-request", "print", *words)
    assert (ran.code, ran.out) == (2, "")
    assert "could not be read back" in ran.err
    assert told in ran.err
    assert "canary" not in ran.err


def test_a_request_that_accepts_findings_is_printed_without_them(tmp_path: Path) -> None:
    accepted = attrs.evolve(REQUEST, accept=[am.Acceptance(finding="x:y", by="A", why="b")])
    ran = run("rebook-request", "print", saved(tmp_path, accepted, "request.json"))
    assert (ran.code, ran.out) == (0, am.rebooking.rebooking_message(REQUEST) + "\n")


def test_a_message_that_is_no_text_ends_with_2() -> None:
    ran = run("rebook-request", "read", "-", stdin=b"\xff\xfe\x00")
    assert (ran.code, ran.out) == (2, "")


def test_help_has_an_example() -> None:
    for name in ("print", "read"):
        assert f"accountmerge rebook-request {name}" in run("rebook-request", name, "--help").out
