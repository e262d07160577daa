"""The command that shows a migration and a merge of an invented practice."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

import accountmerge as am
from accountmerge.cli.answers import document_text
from accountmerge.cli.demo_course import Course, course_json, run_course
from accountmerge.cli.demo_lines import demo_lines
from accountmerge.cli.demo_store import DemoStore
from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import print_json, write_output
from accountmerge.cli.options import JsonOption, command
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen

_KEEP_HELP = "Keep the database, the snapshots and the plans in this new folder."


@command
def demo(
    screen: Screen,
    keep: Annotated[str | None, typer.Option("--keep", metavar="FOLDER", help=_KEEP_HELP)] = None,
    json: JsonOption = False,
) -> int:
    """Make an invented practice on SQLite, migrate and merge in it, and show both before and after.

    It reads none of your data. All files are temporary, unless you keep them in a folder.

    \b
    Example:
      accountmerge demo --keep demo-practice
    """  # noqa: D301
    with _temporary() if keep is None else _new(keep) as folder:
        store = DemoStore(folder / "practice.db")
        with screen.busy("cli.planning"):
            course = run_course(store)
        if keep is not None:
            _write(folder, course, store)
    if json:
        print_json(course_json(course))
    else:
        screen.report(demo_lines(course, screen.language, keep))
    return READY if course.is_good else FOUND


@contextlib.contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="accountmerge-demo-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def _new(name: str) -> Iterator[Path]:
    """Make a folder, and remove it if the work inside fails."""
    folder = Path(name)
    try:
        folder.mkdir()
    except OSError as error:
        raise BadInput(_problem(folder, error), about=name) from None
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _problem(folder: Path, error: OSError) -> Problem:
    if isinstance(error, FileExistsError):
        return Problem("folder_exists")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Problem("no_folder", folder=str(folder.parent))
    if isinstance(error, PermissionError):
        return Problem("folder_not_writable", folder=str(folder.parent))
    return Problem("unwritable", reason=error.strerror or type(error).__name__)


def _write(folder: Path, course: Course, store: DemoStore) -> None:
    """Write the snapshots, the plans and the receipts beside the database."""
    texts = {
        "before.json": am.dumps(course.before, indent=2),
        "migration.json": document_text(course.migration.plan),
        "migrated.json": am.dumps(course.migration.after, indent=2),
        "merge.json": document_text(course.merge.plan),
        "after.json": am.dumps(course.after, indent=2),
        "receipts.jsonl": "\n".join(map(am.dumps, store.receipts())),
    }
    for name, text in texts.items():
        write_output(str(folder / name), text)
