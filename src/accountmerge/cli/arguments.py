"""Arguments: what several commands take, each with one name and one word of help everywhere."""

from typing import Annotated

import typer

from accountmerge.cli.languages import Language

SnapshotArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="A snapshot as JSON; - for standard input.")
]
PlanArgument = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan or a change set as JSON; - for standard input.")
]
LangOption = Annotated[
    Language | None, typer.Option("--lang", help="The language of the sentences.", show_default="en")
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
AtOption = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="TIME",
        help="The instant to plan for, with an offset, such as 2026-03-02T09:00:00+11:00.",
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
AcceptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="FINDING",
        help="The id of a finding that somebody accepts, as the plan shows it. Repeatable.",
    ),
]
AcceptedByOption = Annotated[
    str | None, typer.Option("--accepted-by", metavar="NAME", help="Who accepts them.")
]
WhyOption = Annotated[str | None, typer.Option("--why", metavar="TEXT", help="Why they are accepted.")]
ReceiptsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--receipts",
        metavar="FILE",
        help="Receipts of the store as JSON, one or one on each line; - for standard input. Repeatable.",
    ),
]
