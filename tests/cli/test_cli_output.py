"""`--out`: whole or not at all, never over what is not our own output; `-` is the standard streams."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_runs import files_in, migrate, practice, run, saved

import accountmerge as am
from accountmerge.cli.files import write_output
from accountmerge.cli.problems import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which no test may leave a temporary file."""
    found = tmp_path / "folder"
    found.mkdir()
    yield found
    if found.exists():
        assert not [name for name in files_in(found) if name.endswith(".tmp")]


def test_a_file_is_written_whole_and_writing_it_again_is_nothing_to_do(folder: Path) -> None:
    target = folder / "out.json"
    assert write_output(str(target), "é") == "written"
    first = target.stat()
    assert target.read_bytes() == "é\n".encode()
    assert write_output(str(target), "é") == "unchanged"
    assert target.stat().st_ino == first.st_ino
    assert first.st_nlink == 1


def test_other_content_is_kept_unless_forced(folder: Path) -> None:
    target = folder / "out.json"
    target.write_text("mine", encoding="utf-8")
    target.chmod(0o640)
    with pytest.raises(BadInput):
        write_output(str(target), "new")
    assert target.read_text(encoding="utf-8") == "mine"
    assert write_output(str(target), "new", force=True) == "written"
    assert target.read_text(encoding="utf-8") == "new\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_the_commands_refuse_and_name_force(folder: Path) -> None:
    path, plan = saved(folder, practice()), folder / "plan.json"
    plan.write_text("my notes", encoding="utf-8")
    ran = migrate(path, "--out", plan)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"ERROR {plan}: A file with other content is there already.")
    assert "--force" in ran.err
    assert plan.read_text(encoding="utf-8") == "my notes"
    assert migrate(path, "--out", plan, "--force").code == 0
    assert (
        migrate(path, "--out", plan).err == f"{plan} has exactly this content already; it was not written.\n"
    )
    before = path.read_bytes()
    assert run("apply", path, plan, "--out", path).code == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_apply_never_overwrites_what_it_reads(folder: Path, force: list[str]) -> None:
    path, plan = saved(folder, practice()), folder / "plan.json"
    assert migrate(path, "--out", plan).code == 0
    link, twin, other = (folder / name for name in ("link.json", "twin.json", "folder"))
    link.symlink_to(path)
    twin.hardlink_to(path)
    other.symlink_to(folder)
    before = {file: file.read_bytes() for file in (path, plan)}
    for out in (path, link, twin, plan, other / path.name, folder / "." / path.name):
        ran = run("apply", path, plan, "--out", out, *force)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"ERROR {out}: ")
    assert run("apply", link, plan, "--out", path, *force).code == 2
    assert before == {file: file.read_bytes() for file in (path, plan)}
    assert run("apply", path, plan, "--out", folder / "after.json", *force).code == 0


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o027])
def test_a_new_file_is_private_until_it_is_whole(
    folder: Path, mask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    sync = os.fsync

    def watch(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    target = folder / "out.json"
    before = os.umask(mask)
    try:
        write_output(str(target), "new")
        assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask
        target.chmod(0o604)
        write_output(str(target), "newer", force=True)
    finally:
        os.umask(before)
    assert modes == [0o600, 0o600]
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


@pytest.mark.parametrize(
    ("name", "force"), [("fsync", False), ("link", False), ("fsync", True), ("replace", True)]
)
@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143), MemoryError()])
def test_a_crash_in_the_middle_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException, force: bool
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise error

    target = folder / "out.json"
    monkeypatch.setattr(os, name, crash)
    with pytest.raises(type(error)):
        write_output(str(target), "new", force=force)
    assert files_in(folder) == set()


@pytest.mark.parametrize("force", [False, True])
def test_a_full_disk_leaves_nothing_and_what_was_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    path, target = saved(folder, practice()), folder / "out.json"
    if force:
        target.write_text("mine", encoding="utf-8")
    before = files_in(folder)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = migrate(path, "--out", target, *(["--force"] if force else []))
    assert ran.code == 2
    assert ran.err == f"ERROR {target}: It cannot be written (No space left on device).\n"
    assert files_in(folder) == before
    assert not force or target.read_text(encoding="utf-8") == "mine"


def _without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", unsupported)


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("content", ["new\n", "mine"])
def test_a_file_that_appears_meanwhile_is_not_overwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: str, links: bool
) -> None:
    if not links:
        _without_links(monkeypatch)
    target, sync = folder / "out.json", os.fsync

    def appear(descriptor: int) -> None:
        sync(descriptor)
        target.write_text(content, encoding="utf-8")

    monkeypatch.setattr(os, "fsync", appear)
    if content == "mine":
        with pytest.raises(BadInput):
            write_output(str(target), "new")
    else:
        assert write_output(str(target), "new") == "unchanged"
    assert target.read_text(encoding="utf-8") == content


def test_a_file_system_without_links_is_written_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_links(monkeypatch)
    assert write_output(str(folder / "out.json"), "new") == "written"
    assert (folder / "out.json").read_text(encoding="utf-8") == "new\n"


def test_a_crash_without_links_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    _without_links(monkeypatch)
    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write_output(str(folder / "out.json"), "new")
    assert files_in(folder) == set()


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_what_is_no_file_of_ours_is_refused_also_with_force(folder: Path, force: list[str]) -> None:
    path, elsewhere = saved(folder, practice()), folder / "elsewhere"
    (folder / "link").symlink_to(elsewhere)
    os.mkfifo(folder / "pipe")
    before = files_in(folder)
    for target, text in [
        (folder, "This is a folder. Name a file in it."),
        (folder / "link", "This is a symbolic link."),
        (folder / "pipe", "This is not a regular file."),
        (folder / "none" / "out.json", f"There is no folder {folder / 'none'}."),
        (path / "out.json", "There is no folder"),
        (folder / ("x" * 300), "It cannot be written"),
    ]:
        ran = migrate(path, "--out", target, *force)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"ERROR {target}: {text}")
    assert files_in(folder) == before


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "Writing into the folder"),
        (OSError(errno.EROFS, "Read-only file system"), "It cannot be written (Read-only file system)."),
    ],
)
def test_a_folder_that_takes_no_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, text: str
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise error

    path = saved(folder, practice())
    monkeypatch.setattr(os, "open", refuse)
    ran = migrate(path, "--out", folder / "out.json")
    assert ran.code == 2
    assert text in ran.err


def test_standard_streams_carry_the_document_and_nothing_else(folder: Path) -> None:
    path = saved(folder, practice())
    planned = migrate(path, "--out", "-")
    assert isinstance(am.loads(planned.out), am.MigrationPlan)
    assert planned.out == migrate(path, "--json").out
    applied = run("apply", path, "-", "--out", "-", stdin=planned.out)
    assert applied.code == 0
    assert isinstance(am.loads(applied.out), am.Snapshot)
    assert "is applied" in applied.err
    assert run("check", "-", stdin=applied.out).code == 0
    assert run("show", "-", stdin=planned.out).code == 0
    assert files_in(folder) == {"practice.json"}


def test_no_personal_value_is_in_a_file_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = os.fsync

    def look(descriptor: int) -> None:
        seen.extend(files_in(folder))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    migrate(saved(folder, practice()), "--out", folder / "plan.json")
    assert any(name.startswith(".accountmerge-") for name in seen)
    assert not any("canary" in name for name in seen)
