"""Options that several commands share, and the decorator that makes a function a command."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from accountmerge.cli.asked_language import LANG_HELP, Language
from accountmerge.cli.files import refuse_repeated_stdin
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import DATABASE, Parameters
from accountmerge.messages import ReaderLanguage

OUTPUT = "Output"
"""A group of options in the help."""
PlanArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan or a change set as JSON; - for standard input.")
]
LangOption = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        help=LANG_HELP,
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Replace a file that has other content.", rich_help_panel=OUTPUT)
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON instead of text.", rich_help_panel=OUTPUT)
]
ValuesOption = Annotated[
    bool,
    typer.Option(
        "--values", help="Show the values that change as well; they are personal.", rich_help_panel=OUTPUT
    ),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Show all findings and all steps.", rich_help_panel=OUTPUT)
]
PlanOutOption = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write the plan as JSON to this file; - for standard output.",
        rich_help_panel=OUTPUT,
    ),
]
RulesOption = Annotated[str | None, typer.Option("--rules", metavar="FILE", help="Rules as JSON.")]
LimitsOption = Annotated[
    str | None,
    typer.Option("--limits", metavar="FILE", help="The limits of your store as JSON; - for standard input."),
]
AtOption = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="TIME",
        help="The instant to plan for, with an offset, such as 2026-03-02T09:00:00+11:00; "
        "or `now`, when the database of --store is read.",
    ),
]
AskedByOption = Annotated[
    str | None,
    typer.Option(
        "--asked-by",
        metavar="PROFILE",
        help="The id of the profile that asks: show only what it may know of customers.",
        rich_help_panel=OUTPUT,
    ),
]
CustomerOption = Annotated[str, typer.Option("--customer", metavar="ID", help="The id of the customer.")]
ReceiptsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--receipts",
        metavar="FILE",
        help="Receipts of the store as JSON, one or one on each line; - for standard input. Repeatable.",
    ),
]

LocksOption = Annotated[
    str | None,
    typer.Option(
        "--locks",
        metavar="rows|tables",
        help="What a step locks in a database of PostgreSQL.  [default: rows]",
        rich_help_panel=DATABASE,
        show_default=False,
    ),
]
BatchOption = Annotated[
    str | None,
    typer.Option(
        "--batch",
        metavar="N",
        help="The number of steps in one transaction of the database.  [default: 1]",
        rich_help_panel=DATABASE,
        show_default=False,
    ),
]

QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="Show only the result and errors.", rich_help_panel=OUTPUT)
]
ZoneOption = Annotated[
    str | None,
    typer.Option(
        "--zone",
        metavar="ZONE",
        help="The zone of times without an offset and of times that are shown, such as Australia/Sydney. "
        "Default for times that are shown: the zone of the data.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
UtcOption = Annotated[bool, typer.Option("--utc", help="Show times in UTC.", rich_help_panel=OUTPUT)]
FullIdsOption = Annotated[
    bool,
    typer.Option(
        "--full-ids", help="Show derived ids whole, not their first 12 characters.", rich_help_panel=OUTPUT
    ),
]
_OF_THE_SCREEN = {"zone": (ZoneOption, None), "utc": (UtcOption, False), "full_ids": (FullIdsOption, False)}
"""The options of each command that reads a document, with their defaults."""

_INPUTS = (
    "file",
    "data",
    "plan",
    "plans",
    "paths",
    "moves",
    "clusters",
    "snapshot",
    "rules",
    "limits",
    "receipts",
)
"""The parameters with a file to read."""
_DOCUMENTS = frozenset({"data", "plan", "plans", "paths", "snapshot"})
"""The parameters with a document that has times and ids."""
Command = Callable[..., int]
"""A function that typer can make a command; it returns the exit code."""


def command(function: Command) -> Command:
    """Return a function as a command with `--lang` and with the screen as its first argument.

    At most one of the files that the command reads may be standard input.
    """
    _, *own = inspect.signature(function).parameters.values()
    return taking(own, lambda screen, values: function(screen, **values), like=function)


def taking(
    parameters: Iterable[inspect.Parameter],
    run: Callable[[Screen, dict[str, Any]], int],
    *,
    like: Callable[..., object],
) -> Command:
    """Return a command that takes parameters and `--lang`, with the name and docstring of `like`.

    A command that takes a snapshot gets a `Source`, and takes `--store` and `--mapping`, too. A command that reads a
    document takes the options about times and ids.
    """
    given = Parameters(parameters)
    shown = list(given.shown())
    names = {row.name for row in shown}
    looks = {name: row for name, row in _OF_THE_SCREEN.items() if names & _DOCUMENTS and name not in names}

    def invoked(ctx: typer.Context, lang: Language | None, **values: Any) -> int:
        look = {name: values.pop(name) for name in looks}
        screen = screen_for(
            lang or ctx.obj, look, is_quiet=values.pop("quiet"), as_json=bool(values.get("json"))
        )
        refuse_repeated_stdin(*_inputs(values))
        return run(screen, given.filled(values, ctx.command_path))

    keyword = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature(
        [
            inspect.Parameter("ctx", keyword, annotation=typer.Context),
            *(parameter.replace(kind=keyword) for parameter in shown),
            *(
                inspect.Parameter(name, keyword, default=default, annotation=annotation)
                for name, (annotation, default) in looks.items()
            ),
            inspect.Parameter("quiet", keyword, default=False, annotation=QuietOption),
            inspect.Parameter("lang", keyword, default=None, annotation=LangOption),
        ]
    )
    functools.update_wrapper(invoked, like, assigned=("__module__", "__name__", "__doc__"))
    del invoked.__wrapped__  # type: ignore[attr-defined]  # typer must see the parameters of the command
    invoked.__signature__ = signature  # type: ignore[attr-defined]
    invoked.__annotations__ = {row.name: row.annotation for row in signature.parameters.values()}
    return invoked


def screen_for(language: str, look: dict[str, Any], *, is_quiet: bool, as_json: bool) -> Screen:
    """Return the screen of a command. JSON has times in UTC, and whole ids."""
    reader = OptionReader()
    zone = look.get("zone")
    typed = None if zone is None else reader.zone("--zone", zone)
    reader.finish()
    code = getattr(language, "value", language)
    if as_json:
        return Screen(code, is_quiet, typed)
    in_zone, is_short = "utc" in look and not look["utc"], "full_ids" in look and not look["full_ids"]
    spoken = ReaderLanguage(code, zone=typed if in_zone else None, short_ids=is_short)
    return Screen(spoken, is_quiet, typed, finds_zone=in_zone)


def _inputs(values: dict[str, Any]) -> Iterable[str | None]:
    for name in _INPUTS:
        value = values.get(name)
        yield from value if isinstance(value, list) else (value,)
