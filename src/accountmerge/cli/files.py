"""Values from files and standard input, and documents into files and to standard output.

An output is written whole or not at all, and never over a file with other content. The content is written to
a temporary file in the same folder, to the disk, and then to its name in one step. Unless a file may be
replaced, this step is a link: unlike a renaming, it fails if a file has appeared under the name.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import accountmerge as am
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.documents.snapshots import SNAPSHOT, read_by_format, read_snapshot
from accountmerge.wire.scalars import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.cli.screens import Screen
    from accountmerge.documents.files import Document
    from accountmerge.kinds import AnyPlan

STANDARD_STREAM = "-"
"""The name of standard input for reading, and of standard output for writing."""
_PRIVATE = 0o600
"""The mode of an unfinished file, which may hold personal values."""

Outcome = Literal["written", "unchanged", "streamed"]
_Wanted = TypeVar("_Wanted")


def snapshot_from(screen: Screen, source: str) -> am.Snapshot:
    """Read a snapshot."""
    with screen.busy("cli.reading", path=shown_source(source)):
        snapshot = read_input(source, am.Snapshot)
    screen.locate(snapshot)
    return snapshot


def read_plan(screen: Screen, source: str) -> AnyPlan | am.ChangeSet:
    """Read a plan, or a change set without its plan."""
    from accountmerge.plans.plan import Plan

    with screen.busy("cli.reading", path=shown_source(source)):
        document = _loaded(read_bytes(source), shown_source(source))
    if not isinstance(document, Plan | am.ChangeSet):
        raise _wrong_format(shown_source(source), document, am.MigrationPlan, am.ChangeSet)
    screen.locate(document)
    return document


def rules_from(source: str | None, cls: type[_Wanted]) -> _Wanted:
    """Read rules of a class. Default: the rules of the library."""
    return cls() if source is None else read_input(source, cls)


def limits_from(source: str | None) -> am.Limits | None:
    """Read the limits of a store. Default: none."""
    return None if source is None else read_input(source, am.Limits)


def receipts_from(screen: Screen, sources: Iterable[str] | None, plan_id: str) -> tuple[am.Receipt, ...]:
    """Read receipts, and remark if some belong to another plan.

    A file has one receipt, or one on each line, as a program appends them.
    """
    receipts = tuple(receipt for source in sources or () for receipt in _receipts(source))
    others = sum(receipt.plan_id != plan_id for receipt in receipts)
    if others:
        screen.note("cli.receipts_of_others", count=others)
    return receipts


def read_input(source: str, wanted: type[_Wanted]) -> _Wanted:
    """Read a value of one kind from a file; `-` is standard input."""
    return _of_kind(read_bytes(source), shown_source(source), wanted)


def read_text(source: str) -> str:
    """Read text from a file, which must be UTF-8 and not empty; `-` is standard input."""
    try:
        return read_bytes(source).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(am.documents.Fault("not_utf8"), about=shown_source(source)) from None


def refuse_repeated_stdin(*sources: str | None) -> None:
    """Refuse a command line that reads standard input more than once."""
    if sources.count(STANDARD_STREAM) > 1:
        raise BadInput(Problem("stdin_twice"))


def shown_source(source: str) -> str:
    """Return the name of an input for messages."""
    return "<stdin>" if source == STANDARD_STREAM else source


def write_output(target: str, text: str, *, force: bool = False) -> Outcome:
    """Write a document to a file, or for `-` to standard output.

    `force` lets it replace a file with other content. The outcome `unchanged` means that the file has exactly
    this content already. A file that cannot be written is unchanged.
    """
    content = f"{text}\n".encode()
    if target == STANDARD_STREAM:
        write_stdout(content)
        return "streamed"
    try:
        return _published(Path(target), content, force=force)
    except Problem as problem:
        raise BadInput(problem, about=target) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(Problem("unwritable", reason=reason), about=target) from None


def is_other_content(target: Path, text: str) -> bool:
    """Return whether a regular file with other content than a document is there."""
    try:
        return target.read_bytes() != f"{text}\n".encode()
    except OSError:
        return False


def write_document(screen: Screen, target: str, text: str, *, force: bool) -> None:
    """Write a document and say so."""
    outcome = write_output(target, text, force=force)
    if outcome != "streamed":
        screen.note(f"cli.{outcome}", path=target)


def print_json(data: Any) -> None:
    """Print plain data as JSON on standard output."""
    write_output(STANDARD_STREAM, json.dumps(data, ensure_ascii=False, indent=2))


def refuse_own_input(target: str, *sources: str) -> None:
    """Refuse to write over a file that is read, under any of its names."""
    if target == STANDARD_STREAM:
        return
    with contextlib.suppress(OSError, ValueError, AttributeError):
        written = Path(target).stat()
        for source in sources:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                read = os.fstat(sys.stdin.fileno()) if source == STANDARD_STREAM else Path(source).stat()
                if os.path.samestat(written, read):
                    raise BadInput(Problem("target_is_input"), about=target)


def write_stdout(content: bytes) -> None:
    """Write bytes to standard output."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _receipts(source: str) -> tuple[am.Receipt, ...]:
    content, name = read_bytes(source), shown_source(source)
    lines = [(number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if len(lines) > 1 and lines[0][1].rstrip().endswith(b"}"):
        return tuple(_of_kind(line, f"{name}:{number}", am.Receipt) for number, line in lines)
    return (_of_kind(content, name, am.Receipt),)


def _of_kind(content: bytes, name: str, wanted: type[_Wanted]) -> _Wanted:
    document = _loaded(content, name)
    if not isinstance(document, wanted):
        raise _wrong_format(name, document, wanted)
    return document


def _loaded(content: bytes, name: str) -> Document:
    try:
        data = read_json(content)
        if type(data) is dict and data.get("format") == SNAPSHOT:
            try:
                snapshot: am.Snapshot = read_by_format(data, {SNAPSHOT: read_snapshot})
            except am.LoadError:  # read again below, where paths of faults show the words of all formats
                data = read_json(content)
            else:
                return snapshot
        # Costly, and a right snapshot does not need it.
        from accountmerge.documents.files import read_document

        return read_document(data)
    except am.LoadError as error:
        problem = Problem("is_table") if _is_table(content, name) else error
        raise BadInput(problem, about=name) from None


_OF_TABLES = (".csv", ".tsv", ".parquet", ".ndjson", ".jsonl")
_PARQUET = b"PAR1"
"""The first bytes of a Parquet file."""


def _is_table(content: bytes, name: str) -> bool:
    """Return whether a file that is no document looks like a table."""
    first = content[:4096].lstrip(b"\xef\xbb\xbf").partition(b"\n")[0]
    is_csv = first[:1] not in (b"{", b"[", b'"') and any(
        first.count(mark) > 1 for mark in (b",", b";", b"\t")
    )
    return name.lower().endswith(_OF_TABLES) or content.startswith(_PARQUET) or is_csv


def _wrong_format(name: str, document: object, *wanted: type) -> BadInput:
    """Return a refusal with the names of both formats; rules have a name for each kind."""
    from accountmerge.kinds import REQUEST_KINDS, rules_classes

    names: dict[type, str] = {
        am.Snapshot: "accountmerge.snapshot/1",
        am.ChangeSet: "accountmerge.changeset/1",
        am.Receipt: "accountmerge.receipt/1",
        am.Limits: "accountmerge.limits/1",
        **{kind.plan: "accountmerge.plan/1" for kind in REQUEST_KINDS.values()},
        **{kind.request: "accountmerge.request/1" for kind in REQUEST_KINDS.values()},
        **{cls: f"accountmerge.rules/1 ({subject})" for subject, cls in rules_classes().items()},
    }
    asked = tuple(names[kind] for kind in wanted)
    return BadInput(Problem("wrong_format", found=names[type(document)], wanted=asked), about=name)


def read_bytes(source: str) -> bytes:
    """Read the bytes of a file; `-` is standard input."""
    try:
        if source != STANDARD_STREAM:
            return Path(source).read_bytes()
        if sys.stdin is None:
            raise BadInput(Problem("no_stdin"), about=shown_source(source))
        return sys.stdin.buffer.read()
    except OSError as error:
        raise BadInput(reading_problem(source, error), about=shown_source(source)) from None


def reading_problem(source: str, error: OSError) -> Problem:
    """Return the problem of a file that cannot be read."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Problem("not_found")
    if isinstance(error, IsADirectoryError):
        return Problem("is_folder")
    if isinstance(error, PermissionError):  # Windows says so of a folder as well
        return Problem("is_folder" if Path(source).is_dir() else "not_permitted")
    return Problem("unreadable", reason=error.strerror or type(error).__name__)


def _published(target: Path, content: bytes, *, force: bool) -> Outcome:
    present = _present(target)
    if present is not None:
        if _holds(target, present, content):
            return "unchanged"
        if not force:
            raise Problem("target_differs")
    with _temporary(target.parent, content, present if force else None) as temporary:
        if force:
            temporary.replace(target)
        elif not _linked(temporary, target, content):
            return "unchanged"
    _sync_folder(target.parent)
    return "written"


def _present(target: Path) -> os.stat_result | None:
    """Return the status of a regular file under this name, or None if the name is free."""
    if not target.parent.is_dir():
        raise Problem("no_folder", folder=str(target.parent))
    try:
        status = target.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        raise Problem("target_is_link")
    if stat.S_ISDIR(status.st_mode):
        raise Problem("target_is_folder")
    if not stat.S_ISREG(status.st_mode):
        raise Problem("target_is_special")
    return status


def _holds(target: Path, present: os.stat_result, content: bytes) -> bool:
    return present.st_size == len(content) and target.read_bytes() == content


@contextlib.contextmanager
def _temporary(folder: Path, content: bytes, replaced: os.stat_result | None) -> Iterator[Path]:
    """Yield a temporary file beside the target with the content on disk, and remove it afterwards.

    Until it is whole, only its owner may read it. Then it has the mode of the file that it replaces, or of
    any new file.
    """
    path = folder / f".accountmerge-{os.urandom(8).hex()}.tmp"
    try:
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _PRIVATE
        )
    except PermissionError:
        raise Problem("folder_not_writable", folder=str(folder)) from None
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a path cannot open a descriptor
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        path.chmod(_usual_mode() if replaced is None else stat.S_IMODE(replaced.st_mode))
        yield path
    finally:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _usual_mode() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _linked(temporary: Path, target: Path, content: bytes) -> bool:
    """Return whether the file could take its name; refuse if another content is there."""
    try:
        _take_name(temporary, target)
    except FileExistsError:
        present = _present(target)
        if present is None or not _holds(target, present, content):
            raise Problem("target_differs") from None
        return False
    return True


def _take_name(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError, AttributeError):
        # Without links the name is taken with an empty file first: a crash right here leaves that empty
        # file, which cannot be mistaken for a document, and never overwrites other data.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))
        try:
            temporary.replace(target)
        except BaseException:
            target.unlink()
            raise


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
