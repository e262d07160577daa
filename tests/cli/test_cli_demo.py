"""`accountmerge demo`: a migration and a merge on SQLite, with the extra of the command line alone."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from cli_runs import files_in, run

import accountmerge as am
from accountmerge.cli import demo_command
from accountmerge.cli.demo_store import DemoStore

FILES = {
    "practice.db",
    "before.json",
    "migration.json",
    "migrated.json",
    "merge.json",
    "after.json",
    "receipts.jsonl",
}
ALONE = """
import sys
for name in ("hypothesis", "sqlalchemy", "pytest"):
    sys.modules[name] = None
from accountmerge.cli import main
sys.argv[1:] = ["demo"]
try:
    main()
finally:
    sys.stdout.flush()
    sys.stderr.write(" ".join(sys.modules))
"""


def plain(*arguments: str | Path) -> dict[str, Any]:
    ran = run("demo", "--json", *arguments)
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def row_of(text: str, first: str) -> list[str]:
    """Return the words of the only line that begins with a word."""
    (line,) = (line for line in text.splitlines() if line.split()[:1] == [first])
    return line.split()[1:]


def test_the_demo_shows_both_plans_and_both_states() -> None:
    ran = run("demo")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count(": ready.") == 2
    assert "Bookings rebooked: 4" in ran.out
    assert (
        "Availability is off from Wednesday 4 March 2026 at 12:00 to Wednesday 4 March 2026 at 14:00"
        in ran.out
    )
    assert row_of(ran.out, "APP-103")[2:] == ["mina@example.com", "mina@example.org", "(APP-901)"]
    assert row_of(ran.out, "APP-106")[2:] == ["tom@example.com", "tom@example.com"]
    assert row_of(ran.out, "customer-1") == [
        "no",
        "address",
        "rosalind@example.net",
        "3",
        "→",
        "5",
        "2",
        "→",
        "3",
    ]
    assert row_of(ran.out, "customer-2") == [
        "rosalind@example.net",
        "no",
        "address",
        "2",
        "→",
        "0",
        "1",
        "→",
        "0",
    ]
    assert "Bookings in exactly one place, with the same time and status: 8 of 8" in ran.out
    assert "Notes with the same text and author: 5 of 5" in ran.out
    assert "Applied a second time. Steps done already: 9. Rows changed: 0." in ran.out
    assert "All people and addresses are invented" in ran.out


def test_the_demo_fits_on_two_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    lines = run("demo").out.splitlines()
    assert len(lines) < 70
    assert max(len(line) for line in lines) <= 125


def test_the_demo_in_french() -> None:
    ran = run("demo", "--lang", "fr")
    assert (ran.code, ran.err) == (0, "")
    assert "cabinet fictif" in ran.out
    assert "Rendez-vous à un seul endroit, avec la même heure et le même état\u00a0: 8 sur 8" in ran.out
    assert row_of(ran.out, "customer-2") == [
        "rosalind@example.net",
        "aucune",
        "adresse",
        "2",
        "→",
        "0",
        "1",
        "→",
        "0",
    ]
    assert "booking" not in ran.out.lower().replace("appointment", "")


def test_the_demo_as_json_says_what_the_text_says() -> None:
    found = plain()
    assert list(found) == [
        "invented",
        "ok",
        "practice",
        "migration",
        "bookings",
        "merge",
        "customers",
        "kept",
        "faults",
    ]
    assert found["practice"] == {"profiles": 2, "customers": 4, "bookings": 8, "notes": 5, "access": 7}
    assert found["kept"] == {"bookings": 8, "notes": 5}
    assert found["faults"] == {"before": 0, "after": 0}
    for part in (found["migration"], found["merge"]):
        assert part["ready"] is True
        assert part["applied"] == sum(part["steps"].values()) > 0
        assert part["again"] == {"already": part["applied"], "rows_changed": 0}
    moved = [row for row in found["bookings"] if row["before"]["profile"] != row["after"]["profile"]]
    assert len(moved) == found["migration"]["steps"]["rebook"] == 4
    assert found["customers"][1] == {
        "id": "customer-2",
        "before": {"signs_in_with": "rosalind@example.net", "bookings": 2, "notes": 1},
        "after": {"signs_in_with": None, "bookings": 0, "notes": 0},
    }


def test_the_demo_is_the_same_in_every_run(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("demo", "--keep", tmp_path / name)
    assert plain() == plain()
    for name in FILES - {"practice.db"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_demo_that_is_not_kept_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert run("demo").code == 0
    assert files_in(tmp_path) == set()


def test_a_kept_demo_can_be_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    ran = run("demo", "--keep", folder)
    assert ran.code == 0
    assert files_in(folder) == FILES
    names = ("before", "migrated", "after", "migration", "merge")
    read: tuple[Any, ...] = tuple(am.loads(folder / f"{name}.json") for name in names)
    before, migrated, after, migration, merge = read
    assert is_as_planned(migrated, am.apply(before, migration))
    assert is_as_planned(after, am.apply(migrated, merge))
    for name in names[:3]:
        assert run("check", folder / f"{name}.json").code == 0
    receipts = [am.loads(line) for line in (folder / "receipts.jsonl").read_text("utf-8").splitlines()]
    assert len(receipts) == len(migration.change_set.steps) + len(merge.change_set.steps)
    assert DemoStore(folder / "practice.db").snapshot(after.taken_at) == after


def is_as_planned(stored: am.Snapshot, planned: am.Snapshot) -> bool:
    """Return whether two snapshots differ only in the numbers and versions that a store gives."""
    edits = am.changes.difference(planned, stored)
    return all(
        edit.before and edit.after and set(edit.changed_fields) <= {"number", "version"} for edit in edits
    )


def test_a_kept_database_has_real_tables(tmp_path: Path) -> None:
    run("demo", "--keep", tmp_path / "kept")
    db = sqlite3.connect(tmp_path / "kept/practice.db")
    live = "SELECT count(*) FROM appointment JOIN profile ON profile.id = profile_id WHERE email = ? AND status = 'booked'"
    counts = [db.execute(live, (f"mina@example.{end}",)).fetchone()[0] for end in ("com", "org")]
    due = db.execute("SELECT count(*) FROM outbox").fetchone()[0]
    db.close()
    assert counts == [0, 4]
    assert due > 0


def test_every_command_that_the_demo_names_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first, again = run("demo").out, run("demo", "--keep", "a folder").out
    (tmp_path / "practice.json").write_bytes((tmp_path / "a folder/before.json").read_bytes())
    shown = {line.partition("  ")[0] for text in (first, again) for line in map(str.strip, text.splitlines())}
    commands = [shlex.split(line)[1:] for line in shown if line.startswith("accountmerge ")]
    assert len(commands) > 9
    for words in commands:
        ran = run(*("profile-1" if word == "ID" else word for word in words))
        assert (ran.code, ran.err) == (0, ""), words


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("is_folder", [True, False])
def test_what_is_there_is_never_written_over(tmp_path: Path, is_folder: bool, language: str) -> None:
    target = tmp_path / "there"
    if is_folder:
        target.mkdir()
        (target / "practice.db").write_text("mine")
    else:
        target.write_text("mine")
    ran = run("demo", "--keep", target, "--lang", language)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"{'ERROR' if language == 'en' else 'ERREUR'} {target}")
    assert ("does not exist yet" if language == "en" else "n’existe pas encore") in ran.err
    assert (target / "practice.db" if is_folder else target).read_text() == "mine"
    assert files_in(tmp_path) == {"there"}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FileNotFoundError(), "There is no folder"),
        (NotADirectoryError(), "There is no folder"),
        (PermissionError(), "is not permitted"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, text: str
) -> None:
    def refuse(_: Path) -> None:
        raise error

    monkeypatch.setattr(Path, "mkdir", refuse)
    ran = run("demo", "--keep", tmp_path / "kept")
    assert (ran.code, ran.out) == (2, "")
    assert text in ran.err


def test_a_demo_that_fails_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: DemoStore) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo_command, "run_course", interrupted)
    ran = run("demo", "--keep", tmp_path / "kept")
    assert ran.code == 130
    assert files_in(tmp_path) == set()


def loses_a_note(snapshot: am.Snapshot) -> am.Snapshot:
    return snapshot.changed((), {"record": ["note-3"]})


def changes_a_note(snapshot: am.Snapshot) -> am.Snapshot:
    return snapshot.changed([attrs.evolve(snapshot.records["note-3"], data=am.model.FrozenJson.of("?"))])


def misses_a_booking(snapshot: am.Snapshot) -> am.Snapshot:
    return snapshot.changed([attrs.evolve(snapshot.appointments["appointment-8"], status="missed")])


def books_once_more(snapshot: am.Snapshot) -> am.Snapshot:
    return snapshot.changed([attrs.evolve(snapshot.appointments["appointment-8"], id="appointment-9")])


@pytest.mark.parametrize("fault", [loses_a_note, changes_a_note, misses_a_booking, books_once_more])
def test_a_store_that_does_not_keep_everything_ends_the_demo_with_1(
    monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    reads, whole = [0], DemoStore.snapshot

    def spoilt(store: DemoStore, now: Any) -> am.Snapshot:
        reads[0] += 1
        snapshot = whole(store, now)
        return fault(snapshot) if reads[0] >= 4 else snapshot  # after the merge

    monkeypatch.setattr(DemoStore, "snapshot", spoilt)
    ran = run("demo")
    assert (ran.code, ran.err) == (1, "")
    assert "8 of 8" not in ran.out or "5 of 5" not in ran.out


def test_a_second_application_that_changes_a_row_ends_the_demo_with_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads, whole = [0], DemoStore.snapshot

    def spoilt(store: DemoStore, now: Any) -> am.Snapshot:
        reads[0] += 1
        return whole(store, now) if reads[0] < 5 else changes_a_phone(whole(store, now))

    def changes_a_phone(snapshot: am.Snapshot) -> am.Snapshot:
        return snapshot.changed([attrs.evolve(snapshot.customers["customer-3"], phones=("+61 2 5550 0199",))])

    monkeypatch.setattr(DemoStore, "snapshot", spoilt)
    ran = run("demo")
    assert ran.code == 1
    assert "Rows changed: 1." in ran.out


def test_the_demo_needs_the_extra_of_the_command_line_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE], capture_output=True, check=False, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "8 of 8" in done.stdout
    assert not [name for name in done.stderr.split() if name.startswith("accountmerge.testing")]


def test_the_page_names_every_key_of_the_json_and_every_file() -> None:
    page = (Path(__file__).parents[2] / "docs/your-database.md").read_text(encoding="utf-8")
    section = page.partition("## The demo")[2].partition("## ")[0]
    told = set(re.findall(r"`([^`\n]+)`", section))
    found = plain()
    del found["migration"]["steps"], found["merge"]["steps"]  # the words of steps are on another page
    assert keys_in(found) | FILES <= told


def keys_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(key for each in value.values() for key in keys_in(each))}
    return {key for each in value for key in keys_in(each)} if isinstance(value, list) else set()
