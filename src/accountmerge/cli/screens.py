"""Output for people, with colour only for ease."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import sys
from time import monotonic
from typing import TYPE_CHECKING, TextIO

import attrs

from accountmerge.cli.encodings import encodable
from accountmerge.messages import ReaderLanguage, sentence
from accountmerge.reports.lines import BLANK, Line, in_words_of, joined, shown
from accountmerge.reports.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from accountmerge.messages import Fact
    from accountmerge.reports.lines import LineRole

_STYLES: dict[LineRole, str] = {
    "heading": "bold",
    "good": "green",
    "blocker": "bold red",
    "warning": "yellow",
    "step": "bold",
    "detail": "dim",
    "plain": "",
}


_PATIENCE = 1.0
"""The seconds before a bar appears."""
_WIDEST = 200
"""The widest text that is easy to read, in columns."""
_NARROWEST = 20


@attrs.frozen
class Screen:
    """Standard output for reports, standard error for everything about them.

    Attributes:
        language: The language of the sentences.
        is_quiet: Whether sentences about the work are left out; errors are shown.
        typed_zone: The zone of times that are typed without an offset, or None.
        finds_zone: Whether times are shown in the zone of the first document that has one.
    """

    language: str
    is_quiet: bool = False
    typed_zone: str | None = None
    finds_zone: bool = False

    def locate(self, document: object) -> None:
        """Show times in the zone of a document, or else of this machine, unless a zone is settled.

        A customer has the word that the rules of a plan name.
        """
        if isinstance(self.language, ReaderLanguage):
            self.language.customer = getattr(
                in_words_of(document, self.language), "customer", self.language.customer
            )
        if self.finds_zone and isinstance(self.language, ReaderLanguage):
            from accountmerge.cli.shown_zones import machine_zone, zone_of  # not needed for --utc and --json

            if not self.language.is_settled:
                zone = zone_of(document)
                self.language.is_settled = zone is not None
                self.language.zone = zone or self.language.zone or machine_zone()

    @property
    def width(self) -> int | None:
        """The width of standard output in columns; None if it is no terminal."""
        return None if sys.stdout is None else _width(sys.stdout)

    def report(self, lines: Iterable[Line]) -> None:
        """Show a report on standard output, and name the zone of its times once."""
        _print(self._with_zone(lines), sys.stdout, stderr=False)

    def remark(self, lines: Iterable[Line]) -> None:
        """Show lines on standard error."""
        _print(self._with_zone(lines), sys.stderr, stderr=True)

    def note(self, key: str, **facts: Fact) -> None:
        """Show one sentence on standard error, unless the screen is quiet."""
        if not self.is_quiet:
            self.remark([Line(shown(sentence(key, facts, self.language)))])

    def _with_zone(self, lines: Iterable[Line]) -> Iterator[Line]:
        yield from lines
        language = self.language
        if isinstance(language, ReaderLanguage) and language.has_shown_time:
            language.has_shown_time = False
            yield BLANK
            yield Line(sentence("cli.times_in", {"zone": language.zone or ""}, language), "detail")

    def busy(self, key: str, **facts: Fact) -> contextlib.AbstractContextManager[object]:
        """Show a sentence on a terminal during slow work, until the context is left."""
        if self.is_quiet or not _may_move(sys.stderr):
            return contextlib.nullcontext()
        from rich.console import Console
        from rich.text import Text

        return Console(stderr=True).status(Text(shown(sentence(key, facts, self.language))))

    def progress(self, key: str) -> contextlib.AbstractContextManager[Callable[[int, int], object]]:
        """Show a bar on a terminal during slow work.

        The context gives a function of the number of finished parts and of all parts.
        """
        if self.is_quiet or not _may_move(sys.stderr):
            return contextlib.nullcontext(lambda _, __: None)
        return _bar(shown(sentence(key, {}, self.language)))


def _may_move(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal that can write over its own lines."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


@contextlib.contextmanager
def _bar(text: str) -> Iterator[Callable[[int, int], object]]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    begun, is_shown = monotonic(), False
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task(escape(text), total=None)

    def told(done: int, total: int) -> None:
        nonlocal is_shown
        progress.update(task, completed=done, total=total)
        if not is_shown and monotonic() - begun > _PATIENCE:
            progress.start()
            is_shown = True

    try:
        yield told
    finally:
        progress.stop()


def let_go_of_stdout() -> None:
    """Point standard output at the null device, so that closing it does not fail again."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def _print(lines: Iterable[Line], stream: TextIO | None, *, stderr: bool) -> None:
    """Write lines to a stream, wrapped on a terminal, and in colour if it takes it."""
    if stream is None:
        if stderr:
            return
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))  # closed before the program started
    encoding, width = getattr(stream, "encoding", None) or "utf-8", _width(stream)
    fitting = (part for line in lines for part in wrapped(_encodable(line, encoding), width))
    if not (_may_be_coloured(stream) and _print_coloured(fitting, stderr=stderr)):
        stream.write(f"{joined(fitting)}\n")
    stream.flush()


def _encodable(line: Line, encoding: str) -> Line:
    """Return a line that an encoding has, with other characters escaped."""
    return Line(encodable(line.text, encoding), line.role)


def _width(stream: TextIO) -> int | None:
    """Return the width of a terminal, or the width of COLUMNS; None for a file or a pipe."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdecimal() and int(columns[:6]) > 0:
        return min(max(int(columns[:6]), _NARROWEST), _WIDEST)
    if not stream.isatty():
        return None
    with contextlib.suppress(OSError, ValueError):
        found = os.get_terminal_size(stream.fileno()).columns
        if found > 0:
            return min(max(found, _NARROWEST), _WIDEST)
    return 80


def _may_be_coloured(stream: TextIO) -> bool:
    """Return whether to ask rich about a stream, because its import is slow. `NO_COLOR` also leaves out bold text."""
    if os.environ.get("NO_COLOR"):
        return False
    return stream.isatty() or bool(os.environ.get("FORCE_COLOR") or os.environ.get("TTY_COMPATIBLE"))


def _print_coloured(lines: Iterable[Line], *, stderr: bool) -> bool:
    """Print lines in colour and return True, or print none if the stream takes no colour."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=stderr, highlight=False)
    if console.color_system is None:
        return False
    for batch in _batches(lines):
        styled = (part for line in batch for part in ((line.text, _STYLES[line.role]), "\n"))
        console.print(Text.assemble(*styled), end="", soft_wrap=True)
    return True


def _batches(lines: Iterable[Line]) -> Iterator[tuple[Line, ...]]:
    """Yield lines in batches of a hundred, because printing each alone is slow."""
    rest = iter(lines)
    while batch := tuple(itertools.islice(rest, 100)):
        yield batch
