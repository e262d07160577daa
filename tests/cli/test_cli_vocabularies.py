"""Vocabularies: a word that is none of the allowed ones ends a command with 2, and so does a value that cannot exist."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cli_runs import OPTIONS, TAKEN_AT, Ran, files_in, plain, practice, run, saved

import accountmerge as am
from accountmerge.customers.requests import DECIDER_ROLES, DECISIONS, PRIMARY_ACTIONS
from accountmerge.documents.json_schemas import SCHEMA_NAMES
from accountmerge.messages import LANGUAGES
from accountmerge.migrations.requests import MIGRATION_REASONS
from accountmerge.migrations.rules import ROLES
from accountmerge.model.access import LEVELS
from accountmerge.model.appointments import MODALITIES

if TYPE_CHECKING:
    from pathlib import Path

AT = ("--at", OPTIONS["--at"])
LATER = "2026-03-16T09:00:00+11:00"
OUT = ("--out", "OUT")
MIGRATE = tuple(word for pair in OPTIONS.items() for word in pair)
MERGE = ("--survivor", "c-1", "--absorb", "c-2", "--actor", "p-1", *AT)
ASK = ("--profile", "p-1", "--customer", "c-1", "--expires", LATER, *AT)
DECIDE = ("--request", "q-1", "--by", "c-1", *AT)
MESSAGE = {
    "--number": "APP-1234",
    "--initials": "A.B.",
    "--start": "2026-03-31T14:30:00+11:00",
    "--zone": "Australia/Sydney",
    "--modality": "video",
    "--old-email": "old@example.org",
    "--new-email": "new@example.org",
}
PRINT = tuple(word for pair in MESSAGE.items() for word in pair)
IMPORTED = (
    *("--zone", "Australia/Sydney", "--taken-at", TAKEN_AT.isoformat()),
    *("--access-from-appointments", "treating"),
)
COMMANDS: dict[str, tuple[str, ...]] = {
    "migrate": ("migrate", "FILE", *MIGRATE, *OUT),
    "merge": ("merge", "FILE", *MERGE, *OUT),
    "primary-email": ("primary-email", "FILE", "--customer", "c-1", "--action", "clear", *AT, *OUT),
    "edit": ("edit", "FILE", "--customer", "c-1", "--given-name", "Canary", *AT, *OUT),
    "request": ("access", "request", "FILE", *ASK, *OUT),
    **{decision: ("access", decision, "FILE", *DECIDE, *OUT) for decision in DECISIONS},
    "confirm": ("confirm", "PLAN", "--by", "Canary Name", *AT, *OUT),
    "rebase": ("rebase", "PLAN", "FILE", *AT, *OUT),
    "timeline": ("timeline", "PLAN"),
    "report": ("report", "PLAN", *OUT),
    "login": ("login", "FILE", "canary.customer@example.org", "--asked-by", "p-1"),
    "windows": ("windows", "FILE", "--profile", "p-1"),
    "who-sees": ("who-sees", "PLAN", "FILE", *AT),
    "print": ("rebook-request", "print", *PRINT),
    "read": ("rebook-request", "read", "MESSAGE", *OUT),
    "schema": ("schema", *OUT),
    "import": ("import", "TABLE", *IMPORTED, *OUT),
}
"""The commands that take a word, a name, a time or a zone, each with a command line that is right."""
BLOCKED = frozenset({"merge", "withdraw"})
"""Those of them that end with 1 on the practice of these tests."""


def asked() -> am.Snapshot:
    """Return the practice with an access request."""
    return practice().changed(
        [
            am.AccessRequest(
                id="q-1",
                profile_id="p-1",
                customer_id="c-1",
                requested_at=TAKEN_AT - timedelta(days=1),
                expires_at=TAKEN_AT + timedelta(days=14),
                status="pending",
            )
        ]
    )


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("inputs")
    path = saved(made, asked())
    assert run("migrate", path, *MIGRATE, "--out", made / "plan.json").code == 0
    message = run("rebook-request", "print", *PRINT).out
    (made / "message.txt").write_text(message, encoding="utf-8")
    profiles = "id,practitioner_id,email,login,schedule\np-9,h-9,p-9@example.org,enabled,active\n"
    (made / "profiles.csv").write_text(profiles, encoding="utf-8")
    return made


@pytest.fixture
def folder(inputs: Path, tmp_path: Path) -> Path:
    shutil.copytree(inputs, tmp_path, dirs_exist_ok=True)
    return tmp_path


def ran(folder: Path, command: str, **changed: str) -> Ran:
    """Run a command in a folder with other values of some options; an option that it did not have is added."""
    words = list(COMMANDS[command])
    for name, value in changed.items():
        option = f"--{name.strip('_').replace('_', '-')}"
        if option in words:
            words[words.index(option) + 1] = value
        else:
            words += [option, value]
    files = {
        "FILE": "practice.json",
        "PLAN": "plan.json",
        "MESSAGE": "message.txt",
        "TABLE": "profiles.csv",
        "OUT": "out.json",
    }
    return run(*(str(folder / files[word]) if word in files else word for word in words))


def refused(folder: Path, command: str, *texts: str, **changed: str) -> Ran:
    """Run a command that has to end with 2 and to write no file."""
    before = files_in(folder)
    end = ran(folder, command, **changed)
    assert (end.code, end.out, files_in(folder)) == (2, "", before), end
    assert end.err.startswith(("ERROR ", "ERREUR "))
    assert "defect of accountmerge" not in end.err
    for text in texts:
        assert text in end.err
    return end


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_lines_of_these_tests_are_right_but_for_what_a_test_changes(
    folder: Path, command: str
) -> None:
    end = ran(folder, command)
    assert end.code == (1 if command in BLOCKED else 0), end
    assert (folder / "out.json").exists() == ("OUT" in COMMANDS[command])


VOCABULARIES: dict[tuple[str, str], tuple[str, ...]] = {
    ("migrate", "--reason"): MIGRATION_REASONS,
    ("primary-email", "--action"): PRIMARY_ACTIONS,
    **{(decision, "--role"): DECIDER_ROLES for decision in DECISIONS},
    ("timeline", "--role"): ROLES,
    ("print", "--modality"): MODALITIES,
    ("import", "--access-from-appointments"): LEVELS,
    **{(command, "--lang"): LANGUAGES for command in COMMANDS},
}
"""Every option that takes a word of a closed vocabulary."""


@pytest.mark.parametrize("wrong", ["nonsense", "", "SECURITY"])
@pytest.mark.parametrize(("command", "option"), VOCABULARIES)
def test_a_word_outside_its_vocabulary_ends_with_2_and_names_the_words_that_are_allowed(
    folder: Path, command: str, option: str, wrong: str
) -> None:
    allowed = ", ".join(VOCABULARIES[command, option])
    end = refused(folder, command, f"{option}", f"one of: {allowed}.", **{option.strip("-"): wrong})
    assert wrong == "" or wrong not in end.err


@pytest.mark.parametrize(("command", "option"), [key for key in VOCABULARIES if key[1] != "--lang"])
def test_every_word_of_a_vocabulary_is_taken(folder: Path, command: str, option: str) -> None:
    for word in VOCABULARIES[command, option]:
        end = ran(folder, command, **{option.strip("-"): word})
        assert end.code in (0, 1), end
        (folder / "out.json").unlink(missing_ok=True)


def test_a_word_outside_its_vocabulary_is_told_in_french_too(folder: Path) -> None:
    end = refused(folder, "migrate", "--reason", "lost_mailbox", reason="boredom", lang="fr")
    assert end.err.startswith("ERREUR ")


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are(folder: Path) -> None:
    before = files_in(folder)
    end = run("schema", "receipts", "--out", folder / "out.json")
    assert (end.code, end.out, files_in(folder)) == (2, "", before)
    assert ", ".join(SCHEMA_NAMES) in end.err


def test_all_that_is_wrong_with_a_command_line_is_told_in_one_go(folder: Path) -> None:
    refused(
        folder,
        "migrate",
        *("--reason takes one of", "--agreed-at: ", "--ticket: ", "--window-start and --window-end"),
        *("--at: ", "--accept needs --accepted-by"),
        reason="boredom",
        agreed_at="today",
        ticket="\udcff",
        window_start="now",
        at="2026-03-02",
        accept="x:y",
    )


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("migrate", "--profile"),
        ("merge", "--survivor"),
        ("merge", "--actor"),
        ("primary-email", "--customer"),
        ("edit", "--customer"),
        ("request", "--profile"),
        ("approve", "--request"),
    ],
)
def test_an_id_that_is_unknown_is_answered_with_a_finding(folder: Path, command: str, option: str) -> None:
    end = ran(folder, command, **{option.strip("-"): "unknown-1"})
    assert (end.code, "BLOCKER" in end.out) == (1, True)
    assert (folder / "out.json").exists()


IDS = [
    ("migrate", "--profile"),
    ("merge", "--survivor"),
    ("merge", "--absorb"),
    ("merge", "--actor"),
    ("primary-email", "--customer"),
    ("edit", "--customer"),
    ("request", "--profile"),
    ("request", "--customer"),
    *[(decision, "--request") for decision in DECISIONS],
    ("windows", "--profile"),
    ("login", "--asked-by"),
]
"""Every option that takes an id alone."""
VISIBLE = [
    *IDS,
    ("migrate", "--ticket"),
    ("migrate", "--number"),
    ("migrate", "--agreed-by"),
    ("migrate", "--agreed-version"),
    ("migrate", "--accepted-by"),
    ("merge", "--accepted-by"),
    ("primary-email", "--by"),
    *[(decision, "--by") for decision in DECISIONS],
    ("confirm", "--by"),
    ("print", "--number"),
    ("print", "--initials"),
]
"""Every option that takes an id, a ticket, a number or the name of a person who acts."""


@pytest.mark.parametrize("wrong", ["a\n1", "\u200b", "a\u2028b", "\udcff"])
@pytest.mark.parametrize(("command", "option"), VISIBLE)
def test_text_with_a_control_or_format_character_ends_with_2(
    folder: Path, command: str, option: str, wrong: str
) -> None:
    end = refused(folder, command, f"{option}: ", **{option.strip("-"): wrong})
    assert wrong not in end.err


@pytest.mark.parametrize("wrong", ["", " ", "\t"])
@pytest.mark.parametrize(("command", "option"), IDS)
def test_an_empty_id_ends_with_2(folder: Path, command: str, option: str, wrong: str) -> None:
    end = refused(folder, command, f"{option}: The text is empty.", **{option.strip("-"): wrong})
    assert len(end.err.splitlines()) == 1
    assert "Le texte est vide" in ran(folder, command, lang="fr", **{option.strip("-"): wrong}).err


TIMES = [
    *[(command, "--at") for command, words in COMMANDS.items() if "--at" in words],
    ("migrate", "--agreed-at"),
    ("request", "--expires"),
    ("windows", "--earliest"),
    ("import", "--taken-at"),
    ("print", "--start"),
]


@pytest.mark.parametrize("wrong", ["2026-03-02T09:00:00", "", "9999-12-31T23:59:59-12:00"])
@pytest.mark.parametrize(("command", "option"), TIMES)
def test_a_time_without_offset_or_beyond_all_years_ends_with_2(
    folder: Path, command: str, option: str, wrong: str
) -> None:
    refused(folder, command, f"{option}: ", **{option.strip("-"): wrong})


@pytest.mark.parametrize(
    "wrong", ["Mars", "", "localtime", "../etc/passwd", "Australia/Sydney\x00", "\udcff"]
)
@pytest.mark.parametrize("command", ["print", "read", "import"])
def test_an_unknown_zone_ends_with_2(folder: Path, command: str, wrong: str) -> None:
    refused(folder, command, "--zone: ", zone=wrong)


@pytest.mark.parametrize("blank", ["", "  ", "\u2009"])
def test_a_confirmation_by_nobody_ends_with_2(folder: Path, blank: str) -> None:
    refused(folder, "confirm", "name of a person", by=blank)


BUILT: dict[str, str] = {
    "migrate": "MigrationRequest",
    "merge": "MergeRequest",
    "primary-email": "customers.PrimaryEmailChange",
    "edit": "customers.CustomerEdit",
    "request": "customers.NewAccessRequest",
    **dict.fromkeys(DECISIONS, "customers.AccessDecision"),
    "print": "rebooking.RebookingRequest",
}
"""The class of which each command builds its request."""


@pytest.mark.parametrize("error", ["value", "file"])
@pytest.mark.parametrize("command", BUILT)
def test_a_value_that_a_request_cannot_hold_ends_with_2_in_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, error: str
) -> None:
    def refuse(**_: object) -> None:
        if error == "value":
            raise am.InvalidValueError("wrong_type", field="ticket", wanted="text")
        raise am.LoadError([am.documents.Fault("invalid_value", "ticket", reason="not_a_date")])

    monkeypatch.setattr(f"accountmerge.{BUILT[command]}", refuse)
    refused(folder, command, "ticket")


@pytest.mark.parametrize("command", BUILT)
def test_no_request_is_built_of_a_command_line_that_is_wrong(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def build(**_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(f"accountmerge.{BUILT[command]}", build)
    option, *_ = (name for name in ("--at", "--start") if name in COMMANDS[command])
    refused(folder, command, f"{option}: ", **{option.strip("-"): "soon"})


@pytest.mark.parametrize("command", ["migrate", "merge"])
def test_no_acceptance_is_built_of_a_command_line_that_is_wrong(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def build(**_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(am, "Acceptance", build)
    refused(folder, command, "--accept", accept="x:y", accepted_by="\udcff", why="because")


def test_a_snapshot_that_cannot_be_built_after_applying_ends_with_2(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise am.InvalidValueError("not_one_of", field="status", allowed=("active",))

    monkeypatch.setattr(am, "plan_migration", lambda *_, **__: refuse())
    monkeypatch.setattr(am, "apply", refuse)
    refused(folder, "migrate", "status")
    before = files_in(folder)
    end = run("apply", folder / "practice.json", folder / "plan.json", "--out", folder / "out.json")
    assert (end.code, end.out, files_in(folder)) == (2, "", before)


def test_a_request_file_with_an_unknown_word_ends_with_2(folder: Path) -> None:
    request = run("rebook-request", "read", folder / "message.txt").out
    spoilt = folder / "request.json"
    spoilt.write_text(request.replace('"video"', '"pigeon"'), encoding="utf-8")
    end = run("rebook-request", "print", spoilt)
    assert (end.code, end.out) == (2, "")
    assert ", ".join(MODALITIES) in end.err


@pytest.mark.parametrize(
    ("rules", "word"),
    [
        (am.MergeRules(), {"kept_primary": "newest"}),
        (am.MergeRules(), {"undo": "always"}),
        (am.MergeRules(), {"fields": [{"field": "address", "policy": "random"}]}),
    ],
)
def test_rules_with_an_unknown_word_end_with_2(
    folder: Path, rules: am.MergeRules, word: dict[str, Any]
) -> None:
    saved_rules = folder / "rules.json"
    saved_rules.write_text(json.dumps(plain(rules) | word), encoding="utf-8")
    refused(folder, "merge", "rules.json: Cannot be read", rules=str(saved_rules))
