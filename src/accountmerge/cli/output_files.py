"""Output files: written whole or not at all, and never over what is not our own output.

The content goes to a temporary file in the same folder, to the disk, and then to its name in one step. A
link is that step as long as nothing may be replaced: unlike a renaming, it fails if a file has appeared
under the name meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from accountmerge.cli.input_files import STANDARD_STREAM
from accountmerge.cli.problems import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = 0o600
"""The mode of a file that is not whole yet: it may hold personal values."""

Outcome = Literal["written", "unchanged", "streamed"]


def write_output(target: str, text: str, *, force: bool = False) -> Outcome:
    """Write a document to a file, or to standard output.

    Args:
        target: The path; `-` for standard output.
        text: The document.
        force: Whether a file with other content may be replaced.

    Returns:
        `unchanged` if the file holds exactly this already.

    Raises:
        BadInput: The file is not ours to write, or cannot be written; it is as it was before.
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


def refuse_own_input(target: str, *sources: str) -> None:
    """Refuse to write over a file that is read, whatever the two names of it are.

    Args:
        target: Where to write; `-` for standard output.
        sources: What is read; `-` for standard input.

    Raises:
        BadInput: The target is one of the files, by its name, a link, or another name of the same file.
    """
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
    """Write bytes to standard output, and nothing else.

    Raises:
        OSError: It was closed, or takes no more.
    """
    if sys.stdout is None:
        raise BrokenPipeError
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


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
    """Return what is known of a regular file under this name; nothing if the name is free."""
    if not target.parent.is_dir():
        raise Problem("no_folder", folder=str(target.parent))
    try:
        found = target.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        raise Problem("target_is_link")
    if stat.S_ISDIR(found.st_mode):
        raise Problem("target_is_folder")
    if not stat.S_ISREG(found.st_mode):
        raise Problem("target_is_special")
    return found


def _holds(target: Path, present: os.stat_result, content: bytes) -> bool:
    return present.st_size == len(content) and target.read_bytes() == content


@contextlib.contextmanager
def _temporary(folder: Path, content: bytes, replaced: os.stat_result | None) -> Iterator[Path]:
    """Give a file beside the target with the content on disk; it is gone afterwards, whatever happens.

    Only its owner may read it until it is whole. Then it has the mode of the file that it replaces, or that
    of any new file.
    """
    path = folder / f".accountmerge-{secrets.token_hex(8)}.tmp"
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
    """Return the mode that the system gives to new files."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _linked(temporary: Path, target: Path, content: bytes) -> bool:
    """Give the file its name if that is still free; tell whether it was, or refuse another content there."""
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
        # Without links the name is taken with an empty file first: a crash right here would leave that
        # empty file, which nobody can mistake for a document, and never overwrite somebody's data.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))
        try:
            temporary.replace(target)
        except BaseException:
            target.unlink()
            raise


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk as well, where the system can do so for a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
