"""The command that makes a snapshot of tables in files, with the imports that it needs."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

import accountmerge as am
from accountmerge.cli.exit_codes import READY
from accountmerge.cli.files import read_text, reading_problem, refuse_own_input, write_document
from accountmerge.cli.option_values import OptionReader
from accountmerge.cli.options import ForceOption, command
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.model.access import LEVELS
from accountmerge.model.entities import CollectionName

_INSTALL = "pip install 'accountmerge[frames]'"
_TABLES: tuple[str, ...] = get_args(CollectionName)
_MAP_KEYS = ("tables", "columns", "words", "zone", "taken_at", "access_from_appointments", "separator")
_LINE = re.compile(r"at line (\d+), column (\d+)")

_FILES_HELP = "CSV, Parquet, or JSON with an object on each line. The name of a file is that of its table."
_MAP_HELP = "Names of tables and columns and words that differ from ours, as TOML."
_ZONE_HELP = (
    "The zone of times without one, such as Australia/Sydney; or `time_zone` for the zone of each row."
)
_TAKEN_HELP = "The instant at which the data was read, with an offset.  [default: now]"
_ACCESS_HELP = "Give each profile this level of access to the customers that it has appointments with."


@command
def import_(
    screen: Screen,
    files: Annotated[list[str], typer.Argument(metavar="FILES", help=_FILES_HELP)],
    out: Annotated[
        str,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Where to write the snapshot; - for standard output."
        ),
    ],
    names: Annotated[str | None, typer.Option("--map", metavar="FILE", help=_MAP_HELP)] = None,
    zone: Annotated[str | None, typer.Option("--zone", metavar="ZONE", help=_ZONE_HELP)] = None,
    taken_at: Annotated[
        str | None, typer.Option("--taken-at", metavar="TIME", help=_TAKEN_HELP, show_default=False)
    ] = None,
    access: Annotated[
        str | None, typer.Option("--access-from-appointments", metavar="LEVEL", help=_ACCESS_HELP)
    ] = None,
    force: ForceOption = False,
) -> int:
    """Make a snapshot of tables in CSV, Parquet or JSON files, or show all of their faults.

    \b
    Example:
      accountmerge import customers.csv appointments.parquet --map map.toml --zone Australia/Sydney --out practice.json
    """  # noqa: D301
    refuse_own_input(out, *files)
    options = OptionReader(screen.typed_zone)
    asked = {
        "zone": zone if zone in (None, "time_zone") else options.zone("--zone", zone),
        "taken_at": None if taken_at is None else options.instant("--taken-at", taken_at),
        "access_from_appointments": None
        if access is None
        else options.word("--access-from-appointments", access, LEVELS),
    }
    options.finish()
    given = {} if names is None else _map_from(names)
    arguments = {**given, **{name: value for name, value in asked.items() if value is not None}}
    tables = arguments.pop("tables", {})
    arguments.setdefault("taken_at", datetime.now(UTC))
    snapshot = _snapshot(screen, files, tables, arguments)
    write_document(screen, out, am.dumps(snapshot), force=force)
    screen.note("cli.imported", tables=_counts(snapshot))
    return READY


def _map_from(source: str) -> dict[str, Any]:
    """Return the arguments that a map has."""
    text = read_text(source)
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _LINE.search(str(error))  # without it, the text ends too early
        lines = text.split("\n")
        line, column = map(int, match.groups()) if match else (len(lines), len(lines[-1]) + 1)
        raise BadInput(Problem("not_toml", line=line, column=column), about=source) from None
    problems = [
        Problem("map_key", number=place) for place, key in enumerate(given, 1) if key not in _MAP_KEYS
    ]
    tables = [key for key in ("tables", "columns", "words") if not isinstance(given.get(key, {}), dict)]
    problems += [Problem("map_table", name=key) for key in tables]
    moment = given.get("taken_at")
    if moment is not None and (not isinstance(moment, datetime) or moment.tzinfo is None):
        problems.append(Problem("map_time"))
    separator = given.get("separator", ",")
    if not isinstance(separator, str) or len(separator.encode()) != 1 or separator in '"\r\n':
        problems.append(Problem("map_separator"))
    if problems:
        raise BadInput(*problems, about=source)
    return given


def _snapshot(
    screen: Screen, files: list[str], tables: dict[str, Any], arguments: dict[str, Any]
) -> am.Snapshot:
    try:
        from accountmerge import frames  # imports polars
    except ImportError:
        raise BadInput(Problem("frames_missing", command=_INSTALL)) from None
    named = _named(files, tables)
    separator = arguments.pop("separator", ",")
    given: dict[str, Any] = {}
    for table, file in named.items():
        with screen.busy("cli.reading", path=file):
            given[table] = _frame(file, separator)
    try:
        with screen.busy("cli.checking"):
            return frames.snapshot(**given, **arguments)
    except am.LoadError as error:
        has_rows = any(getattr(fault, "rows", ()) for fault in error.faults)
        raise BadInput(error, *([Problem("rows_from_0")] if has_rows else [])) from None


def _named(files: list[str], tables: dict[str, Any]) -> dict[str, str]:
    """Return each file by the name of its table."""
    named: dict[str, str] = {}
    problems: list[Problem] = []
    for file in files:
        path = Path(file)
        table = tables.get(path.name, path.stem.lower())
        if table not in _TABLES:
            problems.append(Problem("table_unknown", path=file, tables=_TABLES))
        elif table in named:
            problems.append(Problem("table_twice", name=table))
        named[table] = file
    if problems:
        raise BadInput(*problems)
    return named


def _frame(file: str, separator: str) -> Any:
    from accountmerge.frames.table_files import ENDINGS, UnreadableTableError, read_table_file

    try:
        return read_table_file(Path(file), separator)
    except KeyError:
        raise BadInput(Problem("table_ending", allowed=ENDINGS), about=file) from None
    except OSError as error:
        raise BadInput(reading_problem(file, error), about=file) from None
    except UnreadableTableError as error:
        raise BadInput(Problem(error.code, **error.facts), about=file) from None


def _counts(snapshot: am.Snapshot) -> tuple[str, ...]:
    """Return how many rows each table has, as text."""
    return tuple(f"{name} {len(getattr(snapshot, name))}" for name in _TABLES)
