"""The commands about a database with mapped tables."""

from typing import Annotated

import typer

from accountmerge.cli import READY
from accountmerge.cli.files import print_json, write_stdout
from accountmerge.cli.options import JsonOption, command
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import StoreOnly

_CREATE_HELP = "Create the tables that do not exist. Your own tables stay as they are."

store = typer.Typer(help="Prepare and examine a database with mapped tables.")


@store.command()
@command
def tables(
    screen: Screen,
    data: StoreOnly,
    create: Annotated[bool, typer.Option("--create", help=_CREATE_HELP)] = False,
    json: JsonOption = False,
) -> int:
    """Show the statements for the tables that the library adds, or create these tables.

    \b
    Example:
      accountmerge store tables --mapping shop.tables:mapping --create
    """  # noqa: D301
    database = data.database()
    if create:
        database.create_tables()
    names = [table.name for table in database.mapping.tables.added.sorted_tables]
    if json:
        print_json({"tables": names, "statements": database.statements(), "created": create})
    elif create:
        screen.note("cli.tables_created", tables=tuple(names))
    else:
        write_stdout("".join(f"{statement};\n" for statement in database.statements()).encode())
    return READY
