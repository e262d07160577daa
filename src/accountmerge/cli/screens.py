"""Output for people, with colour only for ease."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
from typing import TYPE_CHECKING, TextIO

import attrs

from accountmerge.messages import sentence
from accountmerge.reports.lines import Line, joined, shown

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


@attrs.frozen
class Screen:
    """Standard output for reports, standard error for everything about them.

    Attributes:
        language: The language of the sentences.
    """

    language: str

    def report(self, lines: Iterable[Line]) -> None:
        """Show a report on standard output."""
        _print(lines, sys.stdout, stderr=False)

    def remark(self, lines: Iterable[Line]) -> None:
        """Show lines on standard error."""
        _print(lines, sys.stderr, stderr=True)

    def note(self, key: str, **facts: Fact) -> None:
        """Show one sentence on standard error."""
        self.remark([Line(shown(sentence(key, facts, self.language)))])

    def busy(self, key: str, **facts: Fact) -> contextlib.AbstractContextManager[object]:
        """Show a sentence on a terminal during slow work, until the context is left."""
        if sys.stderr is None or not sys.stderr.isatty():
            return contextlib.nullcontext()
        from rich.console import Console
        from rich.text import Text

        return Console(stderr=True).status(Text(shown(sentence(key, facts, self.language))))

    def progress(self, key: str) -> contextlib.AbstractContextManager[Callable[[int, int], object]]:
        """Show a bar on a terminal during slow work.

        The context gives a function of the number of finished parts and of all parts.
        """
        if sys.stderr is None or not sys.stderr.isatty():
            return contextlib.nullcontext(lambda _, __: None)
        return _bar(shown(sentence(key, {}, self.language)))


@contextlib.contextmanager
def _bar(text: str) -> Iterator[Callable[[int, int], object]]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(escape(text), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def let_go_of_stdout() -> None:
    """Point standard output at the null device, so that closing it does not fail again."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def _print(lines: Iterable[Line], stream: TextIO | None, *, stderr: bool) -> None:
    """Write lines to a stream unwrapped, in colour if it takes it."""
    if stream is None:
        if stderr:
            return
        raise BrokenPipeError
    if not (_may_be_coloured(stream) and _print_coloured(lines, stderr=stderr)):
        text = f"{joined(lines)}\n"
        encoding = getattr(stream, "encoding", None) or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _may_be_coloured(stream: TextIO) -> bool:
    """Return whether to ask rich about a stream, because its import is slow."""
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
