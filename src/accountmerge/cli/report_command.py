"""The command that writes a report for the person who approves plans."""

from typing import Annotated

import typer

import accountmerge as am
from accountmerge.cli.answers import change_set_of
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import STANDARD_STREAM, read_plan, refuse_own_input, shown_source, write_document
from accountmerge.cli.given_paths import files_in, latest
from accountmerge.cli.options import ForceOption, ValuesOption, command
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen

_PLANS_HELP = "Plans or change sets as JSON, or folders with plans; - for standard input. Several plans make one report."
_OUT_HELP = "Where to write the report, such as report.html; - for standard output."
_NAME_OF_STDIN = "plan.json"
_UTC = "UTC"


@command
def report(
    screen: Screen,
    plan: Annotated[list[str], typer.Argument(metavar="FILE...", help=_PLANS_HELP)],
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help=_OUT_HELP)],
    values: ValuesOption = False,
    force: ForceOption = False,
) -> int:
    """Write a report of plans as one HTML file, for the person who approves them.

    It shows the request, the changes, the findings, the tasks, and the command that confirms the plan. It fetches
    nothing and needs no script. Ends with 1 if a plan is blocked.

    \b
    Example:
      accountmerge report plan.json --out report.html
      accountmerge report plans/ --out report.html
    """  # noqa: D301
    refuse_own_input(out, *plan)
    sources = latest(files_in(plan)[0])
    if not sources:
        raise BadInput(Problem("no_plan_files"), about=shown_source(plan[0]))
    works = [read_plan(screen, source) for source in sources]
    files = [_NAME_OF_STDIN if source == STANDARD_STREAM else source for source in sources]
    place = screen.typed_zone if screen.finds_zone else _UTC
    subject = works[0] if len(works) == 1 else works
    text = am.reports.html(subject, language=str(screen.language), zone=place, values=values, files=files)
    write_document(screen, out, text.removesuffix("\n"), force=force)
    return FOUND if any(change_set_of(work).blocked for work in works) else READY
