"""The command line, which needs the extra `accountmerge[cli]`."""

from __future__ import annotations

import contextlib
import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

READY = 0
FOUND = 1
"""A blocker, or something found."""
BAD_INPUT = 2
"""An input or output that failed, or a wrong command line."""
INTERRUPTED = 130
"""The exit code that shells report for an interrupted program: 128 and the number of SIGINT."""
CLOSED = 141
"""The exit code that shells report for a reader that went away, such as `head`: 128 and the number of SIGPIPE."""
TERMINATED = 143
"""The exit code that shells report for a terminated program: 128 and the number of SIGTERM."""
_OF_THE_EXTRA = frozenset({"typer", "rich", "click", "shellingham"})
"""The packages of the extra and their dependencies."""
_INSTALL = "pip install 'accountmerge[cli]'"


class Language(StrEnum):
    """A language of the sentences and of help."""

    EN = "en"
    FR = "fr"


LANG = "ACCOUNTMERGE_LANG"
"""The environment variable that names the language, if no option does."""
LANG_HELP = f"The language of sentences and of help; or set {LANG}.  [default: that of the system]"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The environment variables of the system that name a language; as for other programs, the first that is set counts."""


def language_asked(arguments: Iterable[str]) -> str:
    """Return the language that arguments or the environment ask for, also for errors in the other arguments."""
    asked, named = "", False
    for argument in arguments:
        if argument == "--":
            break
        if named or argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
        named = argument == "--lang"
    return asked or language_of_environment()


def language_of_environment() -> str:
    """Return the language of `ACCOUNTMERGE_LANG`, or else the one of the system, or else English.

    A language without a catalogue counts as English.
    """
    own = os.environ.get(LANG, "")
    system = next((text for name in _LOCALE if (text := os.environ.get(name, ""))), "")
    short = (own or system).replace("-", "_").partition("_")[0].partition(".")[0].partition("@")[0].lower()
    return short if short in {language.value for language in Language} else Language.EN.value


def version_line() -> str:
    """Return the text of `--version`."""
    from importlib.metadata import version  # takes as long as a fifth of the parser

    return f"accountmerge {version('accountmerge')}"


def main() -> None:
    """Run the command line with the arguments of this process, and exit."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        with contextlib.suppress(OSError):  # the program reports problems of the output
            print(version_line(), flush=True)  # noqa: T201 - needs no parser
            sys.exit(READY)
    try:
        from accountmerge.cli.program import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        from accountmerge.messages import sentence

        text = sentence("cli.extra_missing", {"command": _INSTALL}, language_asked(sys.argv[1:]))
        sys.stderr.write(f"{text}\n")
        sys.exit(BAD_INPUT)
    run()
