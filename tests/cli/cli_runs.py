"""What the tests of the command line share: a small practice full of canaries, and a way to run a command."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import accountmerge as am
from accountmerge.cli.output_schemas import DOCUMENTS, output_schema
from accountmerge.cli.program import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAKEN_AT = datetime(2026, 3, 1, 21, 30, tzinfo=UTC)
NEW_EMAIL = "canary.new@example.org"
OPTIONS = {
    "--profile": "p-1",
    "--new-email": NEW_EMAIL,
    "--reason": "lost_mailbox",
    "--ticket": "T-1",
    "--agreed-by": "Canary Agreer",
    "--agreed-at": "2026-03-01T09:00:00+11:00",
    "--at": "2026-03-02T20:00:00+11:00",
}
EXACT = ("--utc", "--full-ids")
"""Texts as the library writes them: times in UTC, and ids whole."""
CANARIES = ("canary", "+61 400")
"""What every personal value of the practice contains, in whatever case."""


@attrs.frozen
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Ran:
    """Run a command. What it prints with `--json` has the documented shape."""
    words = [str(argument) for argument in arguments]
    result = CliRunner().invoke(app, words, input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    if "--json" in words and result.stdout and result.exit_code in (0, 1):
        _has_its_shape(words, json.loads(result.stdout))
    return Ran(result.exit_code, result.stdout, result.stderr)


def _has_its_shape(words: list[str], printed: Any) -> None:
    name = "-".join(words[: 2 if words[0] in GROUPS_OF_COMMANDS else 1])
    if name in DOCUMENTS and isinstance(printed, list):
        name = "questions" if printed and "field" in printed[0] else "findings"
    if "--step" in words:
        document_validator("changeset", "Step").validate(printed)
    elif name in DOCUMENTS:
        document_validator(printed["format"].partition(".")[2].partition("/")[0]).validate(printed)
    else:
        validator(name).validate(printed)
    VALIDATED.add(name)


@cache
def document_validator(noun: str, part: str = "") -> Draft202012Validator:
    schema = am.documents.json_schema(noun)
    return Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{part}"} if part else schema)


@cache
def validator(name: str) -> Draft202012Validator:
    schema = output_schema(f"output/{name}")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


GROUPS_OF_COMMANDS = ("access", "store", "rebook-request")
VALIDATED: set[str] = set()
"""The names of the shapes that an output of this session was held to."""


def all_commands(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command with its words, also in groups."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from all_commands(command, (*before, name))
        else:
            yield " ".join((*before, name)), command


def migrate(file: str | Path, *arguments: str | Path, **changed: str) -> Ran:
    options = OPTIONS | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    words = [word for pair in options.items() for word in pair]
    return run("migrate", file, *words, *arguments)


def booking(number: int, **changed: Any) -> am.Appointment:
    start = TAKEN_AT + timedelta(days=1 + number)
    fields: dict[str, Any] = {
        "id": f"a-{number}",
        "number": f"APP-{number}",
        "profile_id": "p-1",
        "customer_id": "c-1",
        "slot": am.TimeSlot(start, start + timedelta(minutes=50)),
        "time_zone": "Australia/Sydney",
        "modality": "video",
        "status": "booked",
    }
    return am.Appointment(**(fields | changed))


def practice(*more: am.Appointment, bookings: int = 3) -> am.Snapshot:
    return am.Snapshot(
        TAKEN_AT,
        profiles=[
            am.Profile(
                id="p-1",
                practitioner_id="d-1",
                email=am.model.EmailAddress("canary.old@example.org"),
                login="enabled",
                schedule="active",
            )
        ],
        customers=[
            am.Customer(
                id="c-1",
                record_number="R-1",
                given_name="Canarygiven",
                family_name="Canaryfamily",
                emails=[am.CustomerEmail(am.model.EmailAddress("canary.customer@example.org"), "primary")],
                phones=("+61 400 000 001",),
                birth_date=date(1990, 1, 2),
                address="1 Canary Street",
                attributes=am.model.FrozenJson.of({"language": "canary attribute"}),
                status="active",
            )
        ],
        appointments=[*map(booking, range(bookings)), *more],
        access=[am.Access(id="x-1", profile_id="p-1", customer_id="c-1", level="treating")],
    )


def overlapping() -> am.Snapshot:
    return practice(booking(9, slot=booking(0).slot))


def saved(folder: Path, value: Any, name: str = "practice.json") -> Path:
    path = folder / name
    path.write_text(am.dumps(value), encoding="utf-8")
    return path


def plain(value: Any) -> dict[str, Any]:
    """Return a value as plain JSON data, to be spoilt."""
    found: dict[str, Any] = json.loads(am.dumps(value))
    return found


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
