"""The command that shows JSON Schemas of the formats."""

import json
from typing import Annotated

import typer

from accountmerge.cli.exit_codes import READY
from accountmerge.cli.files import STANDARD_STREAM, write_document
from accountmerge.cli.options import ForceOption, command
from accountmerge.cli.output_schemas import OUTPUT_NAMES, is_output, output_schema
from accountmerge.cli.problems import BadInput, Problem, nearest
from accountmerge.cli.screens import Screen
from accountmerge.documents.files import FORMATS
from accountmerge.documents.json_schemas import SCHEMA_NAMES, schema_text

_NOUN_HELP = "Of which format, such as snapshot, or of which output, such as output/check; without one, the formats are listed."


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
    """Show the JSON Schema of a format, or of the data that a command prints with --json.

    \b
    Example:
      accountmerge schema changeset --out changeset.schema.json
      accountmerge schema output/status
    """  # noqa: D301
    if noun is not None and is_output(noun):
        write_document(screen, out, json.dumps(output_schema(noun), indent=2), force=force)
        return READY
    if noun is not None and noun not in (*SCHEMA_NAMES, *FORMATS):
        meant = nearest(noun, (*SCHEMA_NAMES, *OUTPUT_NAMES))
        code = "bad_value_meant" if meant else "bad_value"
        raise BadInput(Problem(code, name="NOUN", allowed=SCHEMA_NAMES, meant=meant))
    text = "\n".join(SCHEMA_NAMES) if noun is None else schema_text(noun).rstrip("\n")
    write_document(screen, out, text, force=force)
    return READY
