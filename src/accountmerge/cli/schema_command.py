"""The command that shows JSON Schemas of the formats."""

from typing import Annotated

import typer

from accountmerge.cli import READY
from accountmerge.cli.files import STANDARD_STREAM, write_document
from accountmerge.cli.options import ForceOption, command
from accountmerge.cli.problems import BadInput, Problem, nearest
from accountmerge.cli.screens import Screen
from accountmerge.documents.files import FORMATS
from accountmerge.documents.json_schemas import SCHEMA_NAMES, schema_text

_NOUN_HELP = "Of which format, such as snapshot; without one, all of them are listed."


@command
def schema(
    screen: Screen,
    noun: Annotated[str | None, typer.Argument(metavar="NOUN", help=_NOUN_HELP)] = None,
    out: Annotated[
        str,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write the schema; - for standard output."),
    ] = STANDARD_STREAM,
    force: ForceOption = False,
) -> int:
    """Show the JSON Schema of a format.

    \b
    Example:
      accountmerge schema changeset --out changeset.schema.json
    """  # noqa: D301
    if noun is not None and noun not in (*SCHEMA_NAMES, *FORMATS):
        meant = nearest(noun, SCHEMA_NAMES)
        code = "bad_value_meant" if meant else "bad_value"
        raise BadInput(Problem(code, name="NOUN", allowed=SCHEMA_NAMES, meant=meant))
    text = "\n".join(SCHEMA_NAMES) if noun is None else schema_text(noun).rstrip("\n")
    write_document(screen, out, text, force=force)
    return READY
