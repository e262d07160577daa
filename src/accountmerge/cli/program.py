"""The commands of the program, their common options, and its exit codes.

A command is imported when it is chosen, so the lines of their help are repeated here.
"""

import contextlib
import functools
import importlib
import keyword
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from accountmerge.cli.asked_language import LANG_HELP, Language, language_asked
from accountmerge.cli.exit_codes import BAD_INPUT, CLOSED, INTERRUPTED, TERMINATED
from accountmerge.cli.version_text import version_line

ParserError: type[Exception] = typer.BadParameter.__mro__[2]
"""The base of all errors of the parser; typer exports the class only as the base of another."""

_TABLE = """
# Look at the data
check          snapshot_commands  Look for faults of bookings, schedules, merged customers, e-mails and numbers in a snapshot.
find           search_commands    Find customers by name or record number; ends with 1 if there is none.
login          search_commands    Show the login outcome of an address; ends with 1 if it does not sign in.
windows        migration_commands Propose windows for a move, the least disturbing first; ends with 1 if there is none.
# Plan one change
migrate        migration_commands Plan a practitioner's move to a new profile, and show the plan.
merge          customer_commands  Plan the merge of customers into one, and show the plan.
primary-email  customer_commands  Plan a change of the address that signs a customer in, and show the plan.
edit           customer_commands  Plan new details of a customer, and show the plan; other details stay.
access         access_commands    Plan an access request, or a decision on one.
rebook-request rebooking_commands Write a rebooking request as a message, or read and plan one.
# Plan many
migrate-all    many_commands      Plan the moves of a CSV file for one support team; ends with 1 if one is blocked.
merge-all      many_commands      Plan the merges of a CSV file of clusters or pairs; ends with 1 if one is blocked.
# Read a plan
show           contract_commands  Show a plan or a change set with ids, kinds, fields and reasons; values only if requested.
report         report_command     Write a report of plans as one HTML file, for the person who approves them.
explain        contract_commands  Explain the outcome of a plan for a booking, record, customer, profile or address.
timeline       journey_commands   Show the start, the actor and the tasks of each phase of a migration.
who-sees       journey_commands   Show everything visible and bookable at an instant of a migration.
# Decide, apply and follow
confirm        execution_commands Confirm plans in the name of a person, and write each with the confirmation.
verify         contract_commands  Check a stored plan against the present data; ends with 1 if it cannot be applied.
apply          execution_commands Apply plans to a snapshot, and write the resulting snapshot.
status         journey_commands   Show the progress of a migration, or of many plans as a table, from the present data.
resume         contract_commands  Show the applied steps of a plan; ends with 1 if the rest cannot be applied.
rebase         contract_commands  Plan the same request on the present data, and show the differences from the earlier plan.
undo           contract_commands  Make the change set that undoes a plan, and show it; no data are changed.
# Data, stores and formats
import         import_command     Make a snapshot of tables in CSV, Parquet or JSON files, or show all of their faults.
store          store_commands     Prepare and examine a database with mapped tables.
prove          prove_command      Prove a store with the conformance kit, law by law; ends with 1 if a law is broken.
schema         schema_command     Show the JSON Schema of a format, or of the data that a command prints with --json.
demo           demo_command       Make an invented practice on SQLite, migrate and merge in it, and show both before and after.
"""
GROUPS: dict[str, list[str]] = {}
"""The names of the commands, by the heading of their group in the help."""
COMMANDS: dict[str, tuple[str, str]] = {}
"""The module of each command, and the first sentence of its help."""
for _row in _TABLE.strip().splitlines():
    if _row.startswith("# "):
        GROUPS[_row[2:]] = _names = []
    else:
        _name, _module, _text = _row.split(maxsplit=2)
        _names.append(_name)
        COMMANDS[_name] = (_module, _text)


class _Imported(Mapping[str, Any]):
    """The commands, each imported when it is used."""

    def __getitem__(self, name: str) -> Any:
        return _command(name, COMMANDS[name][0])

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


@functools.cache
def _command(name: str, module: str) -> Any:
    functions = vars(importlib.import_module(f"accountmerge.cli.{module}"))
    function = name.replace("-", "_")
    named = functions[f"{function}_" if keyword.iskeyword(function) else function]
    if not isinstance(named, typer.Typer):
        only = typer.Typer(add_completion=False, rich_markup_mode=None)
        only.command(name, cls=_Command)(named)
        return typer.main.get_command(only)
    named.rich_markup_mode = None
    named.info.cls = _Group
    for info in named.registered_commands:
        info.cls = _Command
    group = typer.main.get_group(named)
    group.name = name
    return group


class _AsItIs:
    """Takes an absent value and plain text as they are, and leaves other values to typer.

    Typer imports pydantic to read any value, which takes as long as all the rest. Releases without it do not use this.
    """

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """Return the value of a parameter."""
        wanted = param.type_descriptor.annotation
        if value is None or (type(value) is bool and wanted is bool):
            return value
        if type(value) is str and wanted is str and value.isprintable():
            return value
        if type(value) in (list, tuple) and wanted == list[str]:
            texts = list(value)
            if all(type(text) is str and text.isprintable() for text in texts):
                return texts or None
        param._runtime_param = None  # noqa: SLF001
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


class _TakesText:
    """A command that takes plain text as it is, and shows its help in any language."""

    def get_help(self, ctx: Any) -> str:
        """Return the help, in the language that is asked for."""
        if ctx.obj == Language.EN or ctx.obj is None:
            text: str = super().get_help(ctx)  # type: ignore[misc]
            return text
        from accountmerge.cli.help_texts import encodable, translated  # reads a catalogue

        formatter = translated(ctx.make_formatter(), ctx.obj)
        self.format_help(ctx, formatter)  # type: ignore[attr-defined]
        return encodable(formatter.getvalue().rstrip("\n"))

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the command."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for param in params:
            if param.nargs in (1, -1) and getattr(param, "_runtime_param", ...) is None:
                param._runtime_param = _AsItIs()  # noqa: SLF001
        return params

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options in groups."""
        groups: dict[str, list[Any]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                usual = "Arguments" if param.param_type_name == "argument" else "Options"
                groups.setdefault(getattr(param, "rich_help_panel", None) or usual, []).append(record)
        for name, records in groups.items():
            with formatter.section(name):
                formatter.write_dl(records)


class _Command(_TakesText, TyperCommand):
    """A command of the program."""


class _Group(_TakesText, TyperGroup):
    """A group of commands whose help shows their sentences uncut."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write a line of help for each command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._sentences()))

    def _sentences(self) -> Iterator[tuple[str, str]]:
        for name, command in self.commands.items():
            yield name, command.get_short_help_str(limit=sys.maxsize)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def resolve_command(self, ctx: Any, args: Any) -> Any:
        """Find the command of a word, and keep the word of an unknown one for a suggestion."""
        try:
            return super().resolve_command(ctx, args)
        except ParserError as error:
            error.typed = args[0] if args else ""  # type: ignore[attr-defined]
            raise


class Program(_Group):
    """The group of all commands, which makes every error an exit code and one readable block."""

    def __init__(self, **extra: Any) -> None:
        super().__init__(**(extra | {"commands": _Imported()}))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write a line of help for each command, in groups."""
        for heading, names in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])

    def main(self, args: Any = None, *_: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run the command of the arguments, and exit with its code."""
        arguments = sys.argv[1:] if args is None else list(args)
        language = language_asked(arguments)
        extra.update(prog_name="accountmerge", obj=language)
        try:
            code = super().main(arguments, standalone_mode=False, **extra)
        except (ParserError, OSError) as error:  # of the version and of help as well
            code = _told(error, language)
        except typer.Abort:
            code = INTERRUPTED
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run the command, and return its exit code, also for an error."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, ParserError):
            raise
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a traceback is never shown
            return _told(error, ctx.obj)


def _told(error: BaseException, language: str) -> int:
    """Show an error, and return its exit code."""
    from accountmerge.cli.problems import BadInput, error_block, output_problem, usage_problems
    from accountmerge.cli.screens import Screen, let_go_of_stdout

    if isinstance(error, BrokenPipeError):  # the reader of standard output has seen enough
        let_go_of_stdout()
        return CLOSED
    if isinstance(error, ParserError):
        error = BadInput(*usage_problems(error))
    elif isinstance(error, OSError):  # of standard output; files have their own errors
        let_go_of_stdout()
        error = BadInput(output_problem(error))
    code, lines = error_block(error, language)
    with contextlib.suppress(OSError):  # standard error may be closed on purpose
        Screen(language).remark(lines)
    return code


app = typer.Typer(
    cls=Program,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # panels take as long to import as all the rest of the help
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version_line())
        raise typer.Exit


@app.callback()
def program(
    ctx: typer.Context,
    lang: Annotated[  # noqa: ARG001 - read before all else, see `language_asked`
        Language | None,
        typer.Option("--lang", help=LANG_HELP, show_default=False),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, typer.Option("--version", "-V", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> int:
    """Plan merges of customers and moves to a new login, preview them, and apply them.

    Files are written only where --out or --keep says so, and confirmed plans beside their plans. The database
    named with --store is changed only if --yes or --create says so.

    Exit codes: 0 ready or clean, 1 something blocks or was found, 2 something is wrong with the input, such
    as a word that an option does not take.
    """
    if ctx.invoked_subcommand is None:
        with contextlib.redirect_stdout(sys.stderr):  # typer shows the help itself
            typer.echo(ctx.get_help(), nl=False)
        return BAD_INPUT
    return 0


def run() -> None:
    """Run the program with the arguments of this process, and exit."""
    # As an exception, so that a temporary file is removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    app()
