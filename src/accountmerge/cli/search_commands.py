"""The commands that search the customers of a snapshot."""

from typing import Annotated, Any

import attrs
import typer

import accountmerge as am
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import print_json
from accountmerge.cli.option_values import asker_from
from accountmerge.cli.options import AskedByOption, JsonOption, command
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import SnapshotArgument
from accountmerge.reports.customer_text import login_lines, match_lines

_TEXT_HELP = "A record number, also a former one, or the first letters of names."


@command
def find(
    screen: Screen,
    data: SnapshotArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=_TEXT_HELP)],
    asked_by: AskedByOption = None,
    json: JsonOption = False,
) -> int:
    """Find customers by name or record number; ends with 1 if there is none.

    Only ids and record numbers are shown; with --asked-by, only customers that the profile treats.

    \b
    Example:
      accountmerge find practice.json "ros abe"
    """  # noqa: D301
    who = asker_from(asked_by)
    snapshot = data.snapshot(screen)
    matches = am.customers.find_customers(snapshot, text, asked_by=who)
    if json:
        print_json([_plain(match) for match in matches])
    else:
        screen.report(match_lines(matches, snapshot, screen.language))
    return READY if matches else FOUND


@command
def login(
    screen: Screen,
    data: SnapshotArgument,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The address that is used to sign in.")],
    asked_by: AskedByOption = None,
    json: JsonOption = False,
) -> int:
    """Show the login outcome of an address; ends with 1 if it does not sign in.

    If the asking profile may know it, the address that signs in instead is shown.

    \b
    Example:
      accountmerge login practice.json old@example.org --asked-by p-1
    """  # noqa: D301
    who = asker_from(asked_by)
    diagnosis = am.customers.diagnose_login(data.snapshot(screen), address, asked_by=who)
    if json:
        print_json(_plain(diagnosis))
    else:
        screen.report(login_lines(diagnosis, screen.language))
    return READY if diagnosis.outcome == "signs_in" else FOUND


def _plain(answer: Any) -> dict[str, Any]:
    """Return an answer as plain JSON data, without absent values."""
    values = {field.name: getattr(answer, field.name) for field in attrs.fields(type(answer))}
    return {name: _json_value(value) for name, value in values.items() if value is not None}


def _json_value(value: Any) -> Any:
    if isinstance(value, am.model.EmailAddress):
        return value.text
    return [_plain(other) for other in value] if isinstance(value, tuple) else value
