"""Input files: a value of the wanted kind from a file or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import accountmerge as am
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.kinds import REQUEST_KINDS, AnyPlan
from accountmerge.plans.plan import Plan

if TYPE_CHECKING:
    from accountmerge.documents.files import Document

STANDARD_STREAM = "-"

_NAMES: dict[type, str] = {
    am.Snapshot: "accountmerge.snapshot/1",
    am.ChangeSet: "accountmerge.changeset/1",
    am.Receipt: "accountmerge.receipt/1",
    **{classes.plan: "accountmerge.plan/1" for classes in REQUEST_KINDS.values()},
    **{classes.request: "accountmerge.request/1" for classes in REQUEST_KINDS.values()},
    **{
        kind.rules: f"accountmerge.rules/1 ({intent})"
        for intent, kind in REQUEST_KINDS.items()
        if kind.names_rules
    },
}
"""By what a message calls each kind of value; rules are told apart, for each command takes one kind of them."""
_Wanted = TypeVar("_Wanted")


def read_input(source: str, wanted: type[_Wanted]) -> _Wanted:
    """Read a value of one kind from a file.

    Args:
        source: The path; `-` for standard input.
        wanted: Which kind of value is taken.

    Raises:
        BadInput: There is nothing to read, something is wrong with it, or it is another kind of value.
    """
    found = _read(source)
    if not isinstance(found, wanted):
        raise _wrong_format(shown_source(source), found, wanted)
    return found


def read_plan(source: str) -> AnyPlan | am.ChangeSet:
    """Read a plan, or a change set without its plan, from a file.

    Args:
        source: The path; `-` for standard input.

    Raises:
        BadInput: As for `read_input`.
    """
    found = _read(source)
    if not isinstance(found, Plan | am.ChangeSet):
        raise _wrong_format(shown_source(source), found, am.MigrationPlan, am.ChangeSet)
    return found


def read_receipts(source: str) -> tuple[am.Receipt, ...]:
    """Read receipts from a file: one of them, or one on each line, as a program appends them.

    Args:
        source: The path; `-` for standard input.

    Raises:
        BadInput: As for `read_input`; of several, the line is named as well.
    """
    content, name = _bytes_of(source), shown_source(source)
    lines = [(number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if len(lines) > 1 and lines[0][1].rstrip().endswith(b"}"):
        return tuple(_receipt(line, f"{name}:{number}") for number, line in lines)
    return (_receipt(content, name),)


def _receipt(content: bytes, name: str) -> am.Receipt:
    found = _loaded(content, name)
    if not isinstance(found, am.Receipt):
        raise _wrong_format(name, found, am.Receipt)
    return found


def _read(source: str) -> Document:
    return _loaded(_bytes_of(source), shown_source(source))


def _loaded(content: bytes, name: str) -> Document:
    try:
        return am.loads(content)
    except am.LoadError as error:
        raise BadInput(error, about=name) from None


def _bytes_of(source: str) -> bytes:
    try:
        return _content(source)
    except Problem as problem:
        raise BadInput(problem, about=shown_source(source)) from None


def _wrong_format(name: str, found: object, *wanted: type) -> BadInput:
    names = tuple(_NAMES[kind] for kind in wanted)
    return BadInput(Problem("wrong_format", found=_NAMES[type(found)], wanted=names), about=name)


def read_text(source: str) -> str:
    """Read text from a file, whatever it says.

    Args:
        source: The path; `-` for standard input.

    Raises:
        BadInput: There is nothing to read, or it is no UTF-8.
    """
    try:
        return _bytes_of(source).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(am.documents.Fault("not_utf8"), about=shown_source(source)) from None


def refuse_repeated_stdin(*sources: str | None) -> None:
    """Refuse a command line that reads standard input more than once.

    Args:
        sources: Every input that it names.

    Raises:
        BadInput: More than one of them is `-`.
    """
    if sources.count(STANDARD_STREAM) > 1:
        raise BadInput(Problem("stdin_twice"))


def shown_source(source: str) -> str:
    """Return what an input is called in a message."""
    return "<stdin>" if source == STANDARD_STREAM else source


def _content(source: str) -> bytes:
    try:
        if source != STANDARD_STREAM:
            return Path(source).read_bytes()
        if sys.stdin is None:
            raise Problem("no_stdin")
        return sys.stdin.buffer.read()
    except (FileNotFoundError, NotADirectoryError):
        raise Problem("not_found") from None
    except IsADirectoryError:
        raise Problem("is_folder") from None
    except PermissionError:  # Windows says so of a folder as well
        raise Problem("is_folder" if Path(source).is_dir() else "not_permitted") from None
    except OSError as error:
        raise Problem("unreadable", reason=error.strerror or type(error).__name__) from None
