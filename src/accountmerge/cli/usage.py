"""Usage: what the parser of the command line could not understand, in our own sentences.

The parser's own text is English, and repeats what was typed, which may be a name or an address.
"""

from __future__ import annotations

from typing import Any

import typer

from accountmerge.cli.problems import Problem
from accountmerge.messages import LANGUAGES

ParserError: type[Exception] = typer.BadParameter.__mro__[2]
"""The base of all that the parser raises; typer hands the class on only as the base of another."""


def usage_problems(error: Exception) -> tuple[Problem, ...]:
    """Return what is wrong with the command line, and where to find help.

    Args:
        error: A `ParserError`.
    """
    context = getattr(error, "ctx", None)
    problem = _problem(error, getattr(context, "command", None))
    return (problem, Problem("see_help", command=getattr(context, "command_path", "accountmerge")))


def _problem(error: Any, command: Any) -> Problem:
    kind, param = type(error).__name__, getattr(error, "param", None)
    if kind in _NAMED_BY_OPTION:
        return Problem(_NAMED_BY_OPTION[kind], name=error.option_name)
    if kind == "MissingParameter" and param is not None:
        return Problem("missing", name=_name(param))
    if kind == "BadParameter" and getattr(param, "name", None) == "lang":
        return Problem("bad_value", name=_name(param), allowed=LANGUAGES)
    return _misplaced(command) if kind in _MISPLACED else Problem("not_understood")


_NAMED_BY_OPTION = {"NoSuchOption": "no_such_option", "BadOptionUsage": "option_misused"}


_MISPLACED = frozenset({"UsageError", "NoSuchCommand"})


def _misplaced(command: Any) -> Problem:
    """Return what an argument is that nothing takes: of the program a command, of a command one too many."""
    commands = getattr(command, "commands", None)
    return Problem("no_such_command", commands=tuple(commands)) if commands else Problem("too_many_arguments")


def _name(param: Any) -> str:
    """Return how a parameter is named on the command line: the option, or the word for the argument."""
    options = [name for name in param.opts if name.startswith("--")]
    return options[0] if options else str(param.metavar or param.name)
