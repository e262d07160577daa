"""The real process: `python -m accountmerge.cli`, its streams, its signals, and the extra that is missing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cli_runs import OPTIONS, booking, overlapping, practice, saved

import accountmerge as am

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (sys.executable, "-m", "accountmerge.cli")
MIGRATE = [word for pair in OPTIONS.items() for word in pair]


def _environment(**options: str) -> dict[str, str]:
    """Return the environment without what colours, and without what writes unbuffered."""
    kept = {k: text for k, text in os.environ.items() if "COLOR" not in k and k != "PYTHONUNBUFFERED"}
    return kept | options


def process(
    *arguments: str | Path, stdout: int = subprocess.PIPE, **options: str
) -> subprocess.CompletedProcess[bytes]:
    words = [*PROGRAM, *map(str, arguments)]
    environment = _environment(**options)
    return subprocess.run(
        words, stdout=stdout, stderr=subprocess.PIPE, check=False, env=environment, timeout=120
    )


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    found = process("check", saved(tmp_path, overlapping()))
    assert found.returncode == 1
    assert b"WARNING existing_double_booking:a-0:a-9" in found.stdout
    assert found.stderr == b""


def test_documents_are_utf_8_and_texts_survive_a_poor_locale(tmp_path: Path) -> None:
    path = saved(tmp_path, practice(booking(9, id="a-é")))
    found = process("migrate", path, *MIGRATE, "--out", "-", PYTHONIOENCODING="ascii")
    assert found.returncode == 0
    assert "a-é".encode() in found.stdout
    assert isinstance(am.loads(found.stdout), am.MigrationPlan)
    shown = process("migrate", path, *MIGRATE, "--lang", "fr", PYTHONIOENCODING="ascii")
    assert shown.returncode == 0
    assert rb"a-\xe9" in shown.stdout


def test_nothing_is_coloured_outside_a_terminal(tmp_path: Path) -> None:
    assert b"\x1b" not in process("migrate", saved(tmp_path, practice()), *MIGRATE).stdout


def _on_a_terminal(path: Path, **options: str) -> bytes:
    ours, theirs = pty.openpty()
    environment = _environment(TERM="xterm-256color", COLUMNS="200", **options)
    with subprocess.Popen(
        [*PROGRAM, "check", str(path)], stdout=theirs, stderr=theirs, env=environment
    ) as child:
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 65536):
                seen += part
        except OSError:  # how Linux tells that the other end is closed
            pass
    os.close(ours)
    assert child.returncode == 1
    return seen


def test_colour_on_a_terminal_is_never_the_only_sign_and_cuts_nothing(tmp_path: Path) -> None:
    long = "a-" + "0123456789" * 12
    path = saved(tmp_path, practice(booking(9, id=long, slot=booking(0).slot)))
    seen = _on_a_terminal(path)
    assert b"\x1b[33m" in seen
    assert f"WARNING existing_double_booking:a-0:{long}".encode() in seen
    assert b"\x1b[33m" not in _on_a_terminal(path, NO_COLOR="1")


@pytest.mark.parametrize("bookings", [1, pytest.param(800, marks=pytest.mark.unmeasured)])
@pytest.mark.parametrize("arguments", [["show"], ["show", "--json"]])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, arguments: list[str], bookings: int) -> None:
    path, plan = saved(tmp_path, practice(bookings=bookings)), tmp_path / "plan.json"
    accepted = [
        "--accept",
        "window_under_estimate:p-1",
        "--accepted-by",
        "A. Name",
        "--why",
        "five work on it",
    ]
    many = accepted if bookings > 1 else []
    assert process("migrate", path, *MIGRATE, *many, "--out", plan).returncode == 0
    ours, theirs = os.pipe()
    os.close(ours)
    found = process(*arguments, plan, stdout=theirs)
    os.close(theirs)
    assert (found.returncode, found.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full device")  # noqa: PTH110
@pytest.mark.parametrize("arguments", [("check", "FILE"), ("--version",), ("--help",), ("check", "--help")])
def test_a_full_standard_output_gives_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    full, file = os.open("/dev/full", os.O_WRONLY), saved(tmp_path, practice())
    found = process(*(str(file) if word == "FILE" else word for word in arguments), stdout=full)
    os.close(full)
    assert (found.returncode, found.stderr) == (2, b"ERROR It cannot be written (No space left on device).\n")


@pytest.mark.skipif(os.name != "posix", reason="a signal of its own")
def test_a_program_that_is_told_to_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    path, out = saved(tmp_path, practice()), tmp_path / "out"
    out.mkdir()
    words = [sys.executable, "-c", STOPPED, "migrate", str(path), *MIGRATE, "--out", str(out / "plan.json")]
    found = subprocess.run(words, capture_output=True, check=False, timeout=120)
    assert found.returncode == 143
    assert b"Traceback" not in found.stderr
    assert not list(out.iterdir())


STOPPED = """
import os, signal
real = os.fsync
os.fsync = lambda descriptor: (real(descriptor), os.kill(os.getpid(), signal.SIGTERM))
from accountmerge.cli import main
main()
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_streams_that_were_never_there_give_one_line(tmp_path: Path, closed: str) -> None:
    plan = tmp_path / "plan.json"
    process("migrate", saved(tmp_path, practice()), *MIGRATE, "--out", plan)
    source = "-" if closed == "<&-" else str(plan)
    words = ["sh", "-c", f'exec "$@" {closed}', "sh", *PROGRAM, "show", source]
    found = subprocess.run(words, capture_output=True, check=False, env=_environment(), timeout=120)
    assert found.returncode == 2
    assert found.stderr.count(b"\n") == 1
    assert found.stderr.startswith(b"ERROR ")


BLOCKED = """
import sys
for name in ("typer", "rich", "click"):
    sys.modules[name] = None
from accountmerge.cli import main
main()
"""


@pytest.mark.parametrize(("arguments", "word"), [(["check", "x"], b"extra"), (["--lang", "fr"], b"compl")])
def test_without_the_extra_one_sentence_names_the_command_that_installs_it(
    arguments: list[str], word: bytes
) -> None:
    found = subprocess.run(
        [sys.executable, "-c", BLOCKED, *arguments], capture_output=True, check=False, timeout=120
    )
    assert (found.returncode, found.stdout) == (2, b"")
    assert found.stderr.count(b"\n") == 1
    assert b"pip install 'accountmerge[cli]'" in found.stderr
    assert word in found.stderr


def test_importing_the_library_imports_no_extra() -> None:
    code = "import sys, accountmerge.reports.plan_lines; print({'typer', 'rich', 'click'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=120)
    assert found.stdout == b"set()\n"
