"""The commands about a database with mapped tables."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from accountmerge.changes.change_sets import INTENTS
from accountmerge.cli.answers import change_set_of, plan_from
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import print_json, write_stdout
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import JsonOption, LocksOption, PlanArgument, command
from accountmerge.cli.screens import Screen
from accountmerge.cli.sources import StoreOnly
from accountmerge.cli.store_lines import (
    audit_lines,
    index_lines,
    missing_lines,
    plain_audit,
    plain_missing,
    plain_rehearsal,
    plain_status,
    plain_unmapped,
    rehearsal_lines,
    status_lines,
    unmapped_lines,
)
from accountmerge.reports.lines import Line

IntentArgument = Annotated[str, typer.Argument(metavar="INTENT", help="The intent of plans, such as merge.")]
PlanIdArgument = Annotated[str, typer.Argument(metavar="PLAN_ID", help="The id of a plan, as it is shown.")]
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
    return _told(screen, found, audit_lines, plain_audit, json=json, is_good=found.is_readable)


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
    is_good = all(each.by != "foreign_key" for each in found)
    return _told(screen, found, unmapped_lines, plain_unmapped, json=json, is_good=is_good)


@store.command()
@command
def missing(screen: Screen, data: StoreOnly, intent: IntentArgument, json: JsonOption = False) -> int:
    """Show the gaps of the mapped tables; ends with 1 if plans cannot be applied or obeyed.

    A statement is shown where a column or a view would do. It is not executed.

    \b
    Example:
      accountmerge store missing merge --mapping shop.tables:mapping
    """  # noqa: D301
    reader = OptionReader()
    reader.word("INTENT", intent, INTENTS)
    reader.finish()
    found = data.database().missing(intent)
    is_good = all(each.of == "links_and_history" for each in found)
    return _told(screen, found, missing_lines, plain_missing, json=json, is_good=is_good)


@store.command()
@command
def indexes(screen: Screen, data: StoreOnly, json: JsonOption = False) -> int:
    """Show the statements for missing indexes; ends with 1 if there are some.

    They are not executed. Without these indexes, a step reads whole tables.

    \b
    Example:
      accountmerge store indexes --mapping shop.tables:mapping
    """  # noqa: D301
    with screen.busy("cli.checking"):
        found = data.database().indexes()
    return _told(screen, found, index_lines, list, json=json, is_good=not found)


@store.command()
@command
def status(screen: Screen, data: StoreOnly, plan_id: PlanIdArgument, json: JsonOption = False) -> int:
    """Show the steps, the owed obligations and the moved ids of a plan.

    Ends with 1 if the database has no receipt of the plan.

    \b
    Example:
      accountmerge store status PLAN_ID --mapping shop.tables:mapping
    """  # noqa: D301
    found = data.database().status(plan_id)
    return _told(screen, found, status_lines, plain_status, json=json, is_good=bool(found.receipts))


@store.command()
@command
def rehearse(
    screen: Screen,
    data: StoreOnly,
    plan: PlanArgument,
    locks: LocksOption = None,
    json: JsonOption = False,
) -> int:
    """Try a plan on the database and take it back; ends with 1 if other data change.

    It is one transaction, and no row keeps a change. Other programs wait for its locks, so choose a quiet hour.

    \b
    Example:
      accountmerge store rehearse plan.json --mapping shop.tables:mapping
    """  # noqa: D301
    data.set_store(locks, None)
    change_set = change_set_of(plan_from(screen, plan))
    with screen.busy("cli.applying"):
        rehearsal = data.database().rehearse(change_set)

    def plain(found: Any) -> Any:
        return plain_rehearsal(found, screen.language)

    return _told(screen, rehearsal, rehearsal_lines, plain, json=json, is_good=rehearsal.is_as_planned)


def _told(
    screen: Screen,
    found: Any,
    lines: Callable[[Any, str], Iterable[Line]],
    plain: Callable[[Any], Any],
    *,
    json: bool,
    is_good: bool,
) -> int:
    """Show a result as lines or as JSON, and return the exit code."""
    if json:
        print_json(plain(found))
    else:
        screen.report(lines(found, screen.language))
    return READY if is_good else FOUND
