"""The command line: arguments in, text out. It needs the extra `accountmerge[cli]` and says so."""

from __future__ import annotations

import sys

from accountmerge.cli.languages import language_asked
from accountmerge.messages import sentence

_OF_THE_EXTRA = frozenset({"typer", "rich", "click", "shellingham"})
"""What the extra installs, directly or as something that it needs."""
_INSTALL = "pip install 'accountmerge[cli]'"


def main() -> None:
    """Run the command line with the arguments of this process, and exit."""
    try:
        from accountmerge.cli.program import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        text = sentence("cli.extra_missing", {"command": _INSTALL}, language_asked(sys.argv[1:]))
        sys.stderr.write(f"{text}\n")
        sys.exit(2)
    run()
