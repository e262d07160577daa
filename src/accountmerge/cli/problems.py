"""The problems of an input as one readable block, and the exit code of each error.

The parser's own text is not shown, because it is English and repeats the input, which may be a name or an
address.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accountmerge.changes.failures import SHOWN_FAILURES, ApplyRefused
from accountmerge.cli.exit_codes import BAD_INPUT, FOUND, INTERRUPTED
from accountmerge.errors import SHOWN_FAULTS, AccountMergeError, LoadError
from accountmerge.messages import LANGUAGES, sentence
from accountmerge.reports.lines import Line, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Problem(AccountMergeError):  # noqa: N818 - one thing that is wrong, as a `Fault` is
    """A problem with the command line or with a file that it names."""

    def describe(self, language: str = "en") -> str:
        """Return the sentence for this problem in a language."""
        return sentence(f"cli.{self.code}", self.facts, language)


class BadInput(Exception):  # noqa: N818 - it ends the program and is no error of it
    """The command failed, and no output was written.

    `about` is the file or option with the problems, or empty if the problems name it.
    """

    def __init__(self, *problems: AccountMergeError, about: str = "") -> None:
        super().__init__(len(problems))
        self.problems = problems
        self.about = about


def error_block(error: BaseException, language: str) -> tuple[int, tuple[Line, ...]]:
    """Return the exit code of an error, and the lines that describe it."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, (spoken("cli.interrupted", language),)
    code = FOUND if isinstance(error, ApplyRefused) else BAD_INPUT
    about = f"{shown(error.about)}: " if isinstance(error, BadInput) and error.about else ""
    texts = [text for problem in _problems(error) for text in _texts(problem, language)]
    word = sentence("cli.error", {}, language)
    return code, (Line(f"{word} {about}{texts[0]}", "blocker"), *(Line(text) for text in texts[1:]))


def _problems(error: BaseException) -> Sequence[AccountMergeError]:
    if isinstance(error, BadInput):
        return error.problems
    return (error if isinstance(error, AccountMergeError) else _defect(error),)


def _defect(error: BaseException) -> Problem:
    """Return a defect of the library without its text, which could hold a personal value."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return Problem("defect", kind=type(error).__name__, place=place)


def _texts(error: AccountMergeError, language: str) -> Iterator[str]:
    """Yield the lines of an error, each on one visible line."""
    if isinstance(error, LoadError):
        yield sentence("error.not_loadable", error.facts, language)
        yield from (f"  {shown(fault.describe(language))}" for fault in error.faults[:SHOWN_FAULTS])
        yield from _rest("error.more_faults", int(str(error.facts["count"])) - SHOWN_FAULTS, language)
    elif isinstance(error, ApplyRefused):
        yield sentence("error.apply_refused", error.facts, language)
        for failure in error.failures[:SHOWN_FAILURES]:
            yield f"  {shown(failure.describe(language))}"
            yield f"    {sentence('report.remedy', {'text': shown(failure.advise(language))}, language)}"
        yield from _rest("error.more_failures", len(error.failures) - SHOWN_FAILURES, language)
    else:
        yield shown(error.describe(language))


def _rest(key: str, count: int, language: str) -> Iterator[str]:
    if count > 0:
        yield f"  {sentence(key, {'count': count}, language)}"


def output_problem(error: OSError) -> Problem:
    """Return the problem of standard output."""
    return Problem("unwritable", reason=error.strerror or type(error).__name__)


def usage_problems(error: Exception) -> tuple[Problem, ...]:
    """Return the problems of the command line, and where to find help."""
    context = getattr(error, "ctx", None)
    problem = _problem(error, getattr(context, "command", None))
    return (problem, Problem("see_help", command=getattr(context, "command_path", "accountmerge")))


def _problem(error: Any, command: Any) -> Problem:
    kind, param = type(error).__name__, getattr(error, "param", None)
    if kind in _NAMED_BY_OPTION:
        meant = next(iter(getattr(error, "possibilities", None) or ()), "")
        code = f"{_NAMED_BY_OPTION[kind]}{'_meant' if meant else ''}"
        return Problem(code, name=error.option_name, meant=meant)
    if kind == "MissingParameter" and param is not None:
        return Problem("missing", name=_name(param))
    if kind == "BadParameter" and getattr(param, "name", None) == "lang":
        return Problem("bad_value", name=_name(param), allowed=LANGUAGES)
    if kind in _MISPLACED:
        return _misplaced(command, getattr(error, "typed", ""))
    return Problem("not_understood")


_NAMED_BY_OPTION = {"NoSuchOption": "no_such_option", "BadOptionUsage": "option_misused"}
_MISPLACED = frozenset({"UsageError", "NoSuchCommand"})


def _misplaced(command: Any, typed: str) -> Problem:
    """Return the problem of an unknown command, or of one argument too many."""
    commands = getattr(command, "commands", None)
    if not commands:
        return Problem("too_many_arguments")
    meant = nearest(typed, commands)
    if meant:
        return Problem("no_such_command_meant", meant=meant)
    return Problem("no_such_command", commands=tuple(commands))


def nearest(typed: str, words: Iterable[str]) -> str:
    """Return the word that was probably meant, or empty text."""
    from difflib import get_close_matches  # only a mistake needs it

    folded = {word.casefold(): word for word in words}
    known = typed.casefold().replace(" ", "_")
    matches = get_close_matches(known, folded, n=1, cutoff=0.7) or get_close_matches(
        known.replace("_", "-"), folded, n=1, cutoff=0.7
    )
    return folded[matches[0]] if matches else ""


def _name(param: Any) -> str:
    """Return the name of a parameter on the command line, an option or a word."""
    options = [name for name in param.opts if name.startswith("--")]
    return options[0] if options else str(param.metavar or param.name)
