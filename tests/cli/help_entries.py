"""The texts of the help of every command and option that need a translation, each with a place where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.main import get_command

from accountmerge.cli.help_texts import texts_of, texts_of_row, value_names
from accountmerge.cli.program import COMMANDS, GROUPS, app

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = (
    *("Usage:", "COMMAND [ARGS]", "Arguments:", "Options:", "Commands:"),
    *(f"{heading}:" for heading in GROUPS),
    *("required", "default:", "Show this message and exit."),
)
"""The words of the parser."""


def commands() -> Iterator[tuple[str, Any, Any]]:
    """Yield the path, the command and a context of the program, of every command and of every group."""
    yield from _below(get_command(app), "accountmerge", None)


def _below(command: Any, path: str, parent: Any) -> Iterator[tuple[str, Any, Any]]:
    context = typer.Context(command, info_name=path, parent=parent)
    yield path, command, context
    for name, below in dict(getattr(command, "commands", {})).items():
        yield from _below(below, f"{path} {name}", context)


def help_entries() -> dict[str, str]:
    """Return every text of the help that needs a translation, with the first place where it is."""
    found: dict[str, str] = {}
    for text in WORDS:
        found.setdefault(text, "the parser")
    for name, (_, text) in COMMANDS.items():
        found.setdefault(text, f"accountmerge {name}")
    for path, command, context in commands():
        texts = [*texts_of(command.help or "")]
        if path.count(" ") > 1:  # the list of a group has the first sentence
            texts += texts_of(command.get_short_help_str(limit=10_000))
        for text in texts:
            found.setdefault(text, path)
        for param in command.get_params(context):
            panel = getattr(param, "rich_help_panel", None)
            for text in [
                *texts_of_row(getattr(param, "help", None) or ""),
                *([f"{panel}:"] if panel else []),
                *value_names(getattr(param, "metavar", None) or ""),
            ]:
                found.setdefault(text, f"{path} {param.opts[0]}")
    return found
