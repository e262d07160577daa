"""The command line, which needs the extra `accountmerge[cli]`."""

from __future__ import annotations

import contextlib
import sys

from accountmerge.cli.exit_codes import BAD_INPUT, READY
from accountmerge.cli.version_text import version_line

_OF_THE_EXTRA = frozenset({"typer", "rich", "click", "shellingham"})
"""The packages of the extra and their dependencies."""
_INSTALL = "pip install 'accountmerge[cli]'"


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
        from accountmerge.cli.asked_language import language_asked
        from accountmerge.messages import sentence

        text = sentence("cli.extra_missing", {"command": _INSTALL}, language_asked(sys.argv[1:]))
        sys.stderr.write(f"{text}\n")
        sys.exit(BAD_INPUT)
    run()
