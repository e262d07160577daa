"""The commands about a database with mapped tables."""

from typing import Annotated

import typer

from accountmerge.cli import FOUND, READY
from accountmerge.cli.answers import change_set_of, plan_from
from accountmerge.cli.files import print_json, write_stdout
from accountmerge.cli.options import JsonOption, PlanArgument, command
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import StoreOnly
from accountmerge.cli.store_lines import (
    audit_lines,
    plain_audit,
    plain_rehearsal,
    plain_unmapped,
    rehearsal_lines,
    unmapped_lines,
)

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


@store.command()
@command
def audit(screen: Screen, data: StoreOnly, json: JsonOption = False) -> int:
    """Read and count all rows and tell the unusual ones; ends with 1 if one is unreadable.

    Tables, columns, ids and counts are shown. For double bookings and the like, use `accountmerge check`.

    \b
    Example:
      accountmerge store audit --mapping shop.tables:mapping
    """  # noqa: D301
    with screen.busy("cli.reading_store"):
        found = data.database().audit()
    if json:
        print_json(plain_audit(found))
    else:
        screen.report(audit_lines(found, screen.language))
    return READY if found.is_readable else FOUND


@store.command()
@command
def unmapped(screen: Screen, data: StoreOnly, json: JsonOption = False) -> int:
    """Show references that the mapping does not know; ends with 1 for a foreign key.

    Run it in CI, so that a table that is added next year cannot be forgotten.

    \b
    Example:
      accountmerge store unmapped --mapping shop.tables:mapping
    """  # noqa: D301
    with screen.busy("cli.checking"):
        found = data.database().unmapped()
    if json:
        print_json(plain_unmapped(found))
    else:
        screen.report(unmapped_lines(found, screen.language))
    return FOUND if any(each.by == "foreign_key" for each in found) else READY


@store.command()
@command
def rehearse(screen: Screen, data: StoreOnly, plan: PlanArgument, json: JsonOption = False) -> int:
    """Try a plan on the database and take it back; ends with 1 if other data change.

    It is one transaction, and no row keeps a change. Other programs wait for its locks, so choose a quiet hour.

    \b
    Example:
      accountmerge store rehearse plan.json --mapping shop.tables:mapping
    """  # noqa: D301
    change_set = change_set_of(plan_from(screen, plan))
    with screen.busy("cli.applying"):
        rehearsal = data.database().rehearse(change_set)
    if json:
        print_json(plain_rehearsal(rehearsal, screen.language))
    else:
        screen.report(rehearsal_lines(rehearsal, screen.language))
    return READY if rehearsal.is_as_planned else FOUND
