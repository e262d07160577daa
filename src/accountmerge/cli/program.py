"""The program: its commands, the options of all of them, and how it ends."""

import contextlib
import signal
import sys
from importlib.metadata import version as installed_version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from accountmerge.cli import (
    commands,
    contract_commands,
    customer_commands,
    journey_commands,
    merge_commands,
    migration_commands,
    schema_command,
    view_commands,
    window_commands,
)
from accountmerge.cli.access_commands import access
from accountmerge.cli.arguments import LangOption
from accountmerge.cli.languages import language_asked
from accountmerge.cli.problems import BAD_INPUT, INTERRUPTED, TERMINATED, BadInput, Problem, error_block
from accountmerge.cli.rebooking_commands import rebook_request
from accountmerge.cli.screens import Screen, let_go_of_stdout
from accountmerge.cli.usage import ParserError, usage_problems


class Program(TyperGroup):
    """The group of all commands; every error of theirs becomes an exit code and one readable block."""

    def main(self, args: Any = None, *_: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run the command that the arguments name, and exit with its code."""
        arguments = sys.argv[1:] if args is None else list(args)
        language = language_asked(arguments)
        extra.update(prog_name="accountmerge", obj=language)
        try:
            code = super().main(arguments, standalone_mode=False, **extra)
        except ParserError as error:
            code = _told(BadInput(*usage_problems(error)), language)
        except typer.Abort:
            code = INTERRUPTED
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run the command; it returns its exit code, and so does every error."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, ParserError):
            raise
        except OSError as error:  # of standard output; files are told apart where they are read and written
            let_go_of_stdout()
            return _told(BadInput(_output_problem(error)), ctx.obj)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nobody shall see a traceback
            return _told(error, ctx.obj)


def _output_problem(error: OSError) -> Problem:
    if isinstance(error, BrokenPipeError):
        return Problem("output_closed")
    return Problem("unwritable", reason=error.strerror or type(error).__name__)


def _told(error: BaseException, language: str) -> int:
    code, lines = error_block(error, language)
    with contextlib.suppress(OSError):  # who closes standard error wants to hear nothing
        Screen(language).remark(lines)
    return code


app = typer.Typer(
    cls=Program,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"accountmerge {installed_version('accountmerge')}")
        raise typer.Exit


@app.callback()
def program(
    ctx: typer.Context,
    lang: LangOption = None,  # noqa: ARG001 - read before all else, see `language_asked`
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> int:
    """Plan merges of customers and moves to a new log-in, see them before they happen, apply them to a file.

    Nothing is written but the file named with --out.

    Exit codes: 0 ready or clean, 1 something blocks or was found, 2 something is wrong with the input, such
    as a word that an option does not take.
    """
    if ctx.invoked_subcommand is None:
        with contextlib.redirect_stdout(sys.stderr):  # typer shows the help itself and returns nothing
            typer.echo(ctx.get_help(), nl=False)
        return BAD_INPUT
    return 0


app.command()(commands.check)
app.command()(customer_commands.find)
app.command()(customer_commands.login)
app.command()(window_commands.windows)
app.command()(migration_commands.migrate)
app.command()(journey_commands.timeline)
app.command()(journey_commands.status)
app.command()(merge_commands.merge)
app.add_typer(access, name="access")
app.command("primary-email")(customer_commands.primary_email)
app.command()(customer_commands.edit)
app.add_typer(rebook_request, name="rebook-request")
app.command()(commands.show)
app.command()(commands.explain)
app.command()(commands.confirm)
app.command()(contract_commands.verify)
app.command()(commands.apply)
app.command()(contract_commands.resume)
app.command()(contract_commands.rebase)
app.command()(contract_commands.undo)
app.command("who-sees")(view_commands.who_sees)
app.command()(schema_command.schema)


def run() -> None:
    """Run the program with the arguments of this process, and exit."""
    # As an exception, so that a temporary file is removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    app()
