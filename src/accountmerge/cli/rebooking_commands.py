"""The commands that write and read messages with rebooking requests."""

from functools import partial
from typing import Annotated, Any

import attrs
import typer

import accountmerge as am
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import (
    STANDARD_STREAM,
    print_json,
    read_input,
    read_text,
    write_document,
    write_output,
)
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import JsonOption, command
from accountmerge.cli.planning import ACCEPTING, Question, moment_from, plan_and_deliver, with_plan_options
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import NO_DATA, SnapshotOption
from accountmerge.model.appointments import MODALITIES
from accountmerge.rebooking.messages import question_lines
from accountmerge.reports.lines import Line

_REQUEST_HELP = "A request as JSON; - for standard input. Without it, the options say what is asked."
_MESSAGE_HELP = "A message as text; - for standard input."
_ZONE_HELP = "The IANA zone that counts if the message names none."
_AT_HELP = "The instant to plan for, with an offset, such as 2026-03-02T09:00:00+11:00."
_START_HELP = "When the next session starts, with an offset."

rebook_request = typer.Typer(help="Write a rebooking request as a message, or read and plan one.")


@rebook_request.command("print")
@command
def print_message(
    screen: Screen,
    file: Annotated[str | None, typer.Argument(metavar="FILE", help=_REQUEST_HELP)] = None,
    number: Annotated[str | None, typer.Option(metavar="NUMBER", help="Such as APP-1234.")] = None,
    initials: Annotated[str | None, typer.Option(metavar="TEXT", help="Of the customer.")] = None,
    start: Annotated[str | None, typer.Option(metavar="TIME", help=_START_HELP)] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="Such as Australia/Sydney.")] = None,
    modality: Annotated[
        str | None, typer.Option(metavar="WORD", help=f"One of: {', '.join(MODALITIES)}.")
    ] = None,
    old_email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The username of the old profile.")
    ] = None,
    new_email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The username of the new one.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Write a rebooking request as a message to customer service.

    The message has initials and addresses. It is not written if it could not be read back.

    \b
    Example:
      accountmerge rebook-request print --number APP-1234 --initials A.B. \\
        --start 2026-03-31T14:30:00+11:00 --zone Australia/Sydney --modality video \\
        --old-email old@example.org --new-email new@example.org --lang fr
    """  # noqa: D301
    options = {
        "--number": number,
        "--initials": initials,
        "--start": start,
        "--zone": zone,
        "--modality": modality,
        "--old-email": old_email,
        "--new-email": new_email,
    }
    given = {option: value for option, value in options.items() if value is not None}
    if (file is None) != (len(given) == len(options)) or (file is not None and given):
        raise BadInput(Problem("request_or_options", options=tuple(options)))
    request = _request_of(given) if file is None else read_input(file, am.rebooking.RebookingRequest)
    message = _message(request, screen.language)
    if json:
        print_json({"message": message})
    else:
        write_output(STANDARD_STREAM, message)
    return READY


class _Asked(Problem):
    """A question about an unclear message, with its own code."""

    def describe(self, language: str = "en") -> str:
        code, field = self.code, self.facts["field"]
        return am.rebooking.Question(code, field).describe(language)  # type: ignore[arg-type]


def _message(request: am.rebooking.RebookingRequest, language: str) -> str:
    """Return a request as a message; refuse one that cannot be read back."""
    message = am.rebooking.rebooking_message(request, language)
    reading = am.rebooking.read_rebooking_message(message)
    if reading.request == attrs.evolve(request, accept=()):
        return message
    asked = [_Asked(question.code, field=question.field) for question in reading.questions]
    raise BadInput(Problem("message_not_readable"), *asked)


def _request_of(options: dict[str, str]) -> am.rebooking.RebookingRequest:
    reader = OptionReader()
    reads: dict[str, Any] = {
        "--number": reader.visible,
        "--initials": reader.visible,
        "--start": reader.instant,
        "--zone": reader.zone,
        "--modality": partial(reader.word, allowed=MODALITIES),
    }
    read = {option: reads.get(option, reader.text)(option, value) for option, value in options.items()}
    reader.finish()
    values = {option[2:].replace("-", "_"): value for option, value in read.items()}
    return am.rebooking.RebookingRequest(time_zone=values.pop("zone"), **values)


@rebook_request.command("read")
@with_plan_options
def read_message(
    screen: Screen,
    file: Annotated[str, typer.Argument(metavar="FILE", help=_MESSAGE_HELP)],
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help=_ZONE_HELP)] = None,
    day_first: Annotated[
        bool | None,
        typer.Option("--day-first/--month-first", help="What comes first in dates such as 03/04/2026."),
    ] = None,
    snapshot: SnapshotOption = NO_DATA,
    at: Annotated[str | None, typer.Option(metavar="TIME", help=_AT_HELP)] = None,
    **planned: Any,
) -> int:
    """Read a rebooking request from a message; ends with 1 if a question remains.

    Without a snapshot the request is shown as JSON. With one it is checked against it, planned and shown.

    \b
    Example:
      accountmerge rebook-request read message.txt --zone Australia/Sydney \\
        --snapshot practice.json --at 2026-03-02T09:00:00+11:00 --out plan.json
    """  # noqa: D301
    options = OptionReader(screen.typed_zone)
    moment = None if at is None else moment_from(options, at, snapshot)
    default_zone = None if zone is None else options.zone("--zone", zone)
    accepted = options.acceptances(*(planned[name] for name in ACCEPTING))
    if snapshot.is_absent != (at is None):
        options.refuse(Problem("snapshot_and_at"))
    if snapshot.is_absent:
        _refuse_given(options, planned)
    options.finish()
    reading = am.rebooking.read_rebooking_message(read_text(file), zone=default_zone, day_first=day_first)
    if reading.request is None:
        return _asked(screen, reading.questions, as_json=planned["json"])
    if snapshot.is_absent:
        return _shown(screen, reading.request, planned["out"], force=planned["force"])
    request = partial(attrs.evolve, reading.request)
    question = Question(am.rebooking.plan_rebooking, am.MigrationRules, request, {"accept": accepted})
    return plan_and_deliver(screen, question, moment, planned | {"data": snapshot})


def _refuse_given(reader: OptionReader, planned: dict[str, Any]) -> None:
    """Refuse the given options of a plan, because no plan is made."""
    names = (*ACCEPTING, "rules", "limits", "asked_by")
    given = tuple(f"--{name.replace('_', '-')}" for name in names if planned[name] is not None)
    if given:
        reader.refuse(Problem("needs_snapshot", options=given))


def _asked(screen: Screen, questions: tuple[am.rebooking.Question, ...], *, as_json: bool) -> int:
    if as_json:
        print_json([{"code": question.code, "field": question.field} for question in questions])
    else:
        screen.report(Line(text, "warning") for text in question_lines(questions, screen.language))
    return FOUND


def _shown(screen: Screen, request: am.rebooking.RebookingRequest, out: str | None, *, force: bool) -> int:
    write_document(screen, out or STANDARD_STREAM, am.dumps(request, indent=2), force=force)
    return READY
