"""Options that several commands share, and the decorator that makes a function a command."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from accountmerge.cli import LANG_HELP, Language
from accountmerge.cli.files import refuse_repeated_stdin
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import Parameters

PlanArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan or a change set as JSON; - for standard input.")
]
LangOption = Annotated[
    Language | None,
    typer.Option("--lang", help=LANG_HELP, show_default=False),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that has other content.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ValuesOption = Annotated[
    bool, typer.Option("--values", help="Show the values that change as well; they are personal.")
]
PlanOutOption = Annotated[
    str | None,
    typer.Option("--out", metavar="FILE", help="Write the plan as JSON to this file; - for standard output."),
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
        show_default=False,
    ),
]
BatchOption = Annotated[
    str | None,
    typer.Option(
        "--batch",
        metavar="N",
        help="The number of steps in one transaction of the database.  [default: 1]",
        show_default=False,
    ),
]

_INPUTS = ("file", "data", "plan", "snapshot", "rules", "limits", "receipts")
"""The parameters with a file to read."""
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

    A command that takes a snapshot gets a `Source`, and takes `--store` and `--mapping`, too.
    """
    given = Parameters(parameters)

    def invoked(ctx: typer.Context, lang: Language | None, **values: Any) -> int:
        refuse_repeated_stdin(*_inputs(values))
        return run(Screen(lang or ctx.obj), given.filled(values, ctx.command_path))

    keyword = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature(
        [
            inspect.Parameter("ctx", keyword, annotation=typer.Context),
            *(parameter.replace(kind=keyword) for parameter in given.shown()),
            inspect.Parameter("lang", keyword, default=None, annotation=LangOption),
        ]
    )
    functools.update_wrapper(invoked, like, assigned=("__module__", "__name__", "__doc__"))
    del invoked.__wrapped__  # type: ignore[attr-defined]  # typer must see the parameters of the command
    invoked.__signature__ = signature  # type: ignore[attr-defined]
    invoked.__annotations__ = {row.name: row.annotation for row in signature.parameters.values()}
    return invoked


def _inputs(values: dict[str, Any]) -> Iterable[str | None]:
    for name in _INPUTS:
        value = values.get(name)
        yield from value if isinstance(value, list) else (value,)
