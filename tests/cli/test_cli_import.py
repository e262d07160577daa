"""The command `import`: tables in files become a snapshot, or every fault of them is told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import polars as pl
import pytest
from cli_runs import CANARIES, TAKEN_AT, Ran, practice, run, saved

import accountmerge as am
from accountmerge import frames

if TYPE_CHECKING:
    from pathlib import Path

WHEN = ("--taken-at", TAKEN_AT.isoformat())
MAP = """
zone = "Australia/Sydney"
taken_at = 2026-03-01T21:30:00Z

[tables]
"clients.csv" = "customers"

[columns.customers]
"Client ID" = "id"
note = ""

[words.customers.status]
Current = "active"
"""


@pytest.fixture
def tables(tmp_path: Path) -> list[Path]:
    """The practice of these tests in a file for each table, of every kind."""
    paths = []
    for name, table in frames.tables(practice(), values=True).items():
        ending = {"customers": "csv", "appointments": "parquet", "records": "ndjson"}.get(name, "csv")
        path = tmp_path / f"{name}.{ending}"
        if ending == "parquet":
            table.write_parquet(path)
        elif ending == "ndjson":
            lines = table.with_columns(pl.selectors.datetime().dt.to_string("%Y-%m-%dT%H:%M:%S%.fZ"))
            lines.write_ndjson(path)
        else:
            table.write_csv(path, datetime_format="%Y-%m-%d %H:%M:%S%.fZ")
        paths.append(path)
    return paths


def test_tables_become_a_snapshot(tables: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "made.json"
    done = run("import", *tables, "--out", target, *WHEN)
    assert (done.code, done.out) == (0, ""), done.err
    assert "Rows in the snapshot: profiles" in done.err
    assert am.loads(target) == practice()
    again = run("--lang", "fr", "import", *tables, "--out", "-", *WHEN)
    assert am.loads(again.out) == practice()
    assert "Lignes dans l’instantané" in again.err


def test_a_map_gives_names_and_words_their_meaning(tmp_path: Path) -> None:
    clients = tmp_path / "clients.csv"
    clients.write_text("Client ID,record_number,primary_email,status,note\n7,007,a@example.com,Current,x\n")
    (tmp_path / "map.toml").write_text(MAP)
    done = run("import", clients, "--map", tmp_path / "map.toml", "--out", tmp_path / "made.json")
    assert done.code == 0, done.err
    made = am.loads(tmp_path / "made.json")
    assert isinstance(made, am.Snapshot)
    (row,) = made.customers
    assert (row.id, row.record_number, row.status, made.taken_at) == ("7", "007", "active", TAKEN_AT)


def test_all_faults_are_told_at_once_and_no_value_of_a_person(tables: list[Path], tmp_path: Path) -> None:
    people = tables[1]
    people.write_text(people.read_text().replace("active", "Aktiv").replace("given_name", "vorname"))
    for language in ("en", "fr"):
        done = run("--lang", language, "import", *tables, "--out", tmp_path / "made.json", *WHEN)
        assert done.code == 2
        assert "customers.status" in done.err
        assert "customers.vorname" in done.err
        last = done.err.strip().splitlines()[-1]
        assert "0" in last
        assert last.endswith(("the names of the columns.", "les noms des colonnes."))
        assert not [canary for canary in CANARIES if canary in done.err.lower()]
    assert not (tmp_path / "made.json").exists()


def test_a_separator_and_capital_letters_in_the_name_of_a_file_are_taken(tmp_path: Path) -> None:
    (tmp_path / "Customers.CSV").write_text("id;record_number;emails;status\n1;Ann;[];active\n")
    (tmp_path / "map.toml").write_text('separator = ";"')
    files = (tmp_path / "Customers.CSV", "--map", tmp_path / "map.toml", "--out", tmp_path / "made.json")
    done = run("import", *files, *WHEN)
    assert done.code == 0, done.err
    made = am.loads(tmp_path / "made.json")
    assert isinstance(made, am.Snapshot)
    assert [row.record_number for row in made.customers] == ["Ann"]


def test_a_file_with_other_content_stays_unless_forced(tables: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "made.json"
    target.write_text("mine")
    refused = run("import", *tables, "--out", target, *WHEN)
    assert (refused.code, target.read_text()) == (2, "mine")
    assert run("import", *tables, "--out", target, *WHEN, "--force").code == 0
    assert am.loads(target) == practice()
    assert run("import", *tables, "--out", tables[0], *WHEN, "--force").code == 2


def test_access_comes_from_appointments_on_request(tables: list[Path], tmp_path: Path) -> None:
    given = [path for path in tables if path.stem in ("profiles", "customers", "appointments", "records")]
    target = tmp_path / "made.json"
    done = run("import", *given, "--out", target, *WHEN, "--access-from-appointments", "treating")
    assert done.code == 0, done.err
    made = am.loads(target)
    assert isinstance(made, am.Snapshot)
    pairs = {(row.profile_id, row.customer_id) for row in practice().appointments}
    assert {(row.profile_id, row.customer_id) for row in made.access} == pairs


def told(done: Ran) -> str:
    assert done.code == 2, done
    return done.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("clients.csv", b"id\n1\n", "It is not known which table"),
        ("customers.xlsx", b"x", "The names of tables end with .csv"),
        ("customers.parquet", b"x", "The table cannot be read"),
        ("customers.csv", b"", "This file is empty."),
        (
            "customers.csv",
            b'id,status\n"Canary\n",2\n2,3,Canary,5\n',
            "Line 4 of this file has 4 fields, but there are 2 columns",
        ),
        ("customers.csv", b"id,status\n1,Zo\xeb\n", "Line 2 of this file is not UTF-8"),
        ("customers.csv", b'id,status\n1,"Canary,2\n', "Line 2 of this file has a quotation mark"),
        ("customers.csv", b"id;status\n1;active\n", "separated by ;, not by commas"),
        ("customers.csv", b"id\tstatus\n1\tactive\n", 'write `separator = "\\t"` at the top of the map'),
        ("customers.ndjson", b"{", "The table cannot be read"),
        ("customers.csv", None, "There is no such file"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_is_written(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    error = told(run("import", path, "--out", tmp_path / "made.json"))
    assert said in error
    assert "Canary" not in error
    twice = told(run("import", tmp_path / "access.csv", tmp_path / "access.tsv", "--out", "-"))
    assert "Two files have the table access" in twice
    assert not (tmp_path / "made.json").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zone = ", "This is not TOML (line 1, column"),
        ("zones = 1", "Key 1 of this map is not known"),
        ('separator = ";;"', "separator should be one character, such as a semicolon"),
        ("separator = 1", "separator should be one character"),
        ("tables = 1", "tables should be a table of TOML"),
        ("taken_at = 2026-03-02", "taken_at should be a time with an offset"),
        ("taken_at = 2026-03-02T09:00:00", "taken_at should be a time with an offset"),
        ('zone = "Mars/Olympus"', "There is no such time zone"),
        ("columns = {customers = 1}", "columns"),
        ("words = {customers = {status = 1}}", "words"),
        ("[columns.clients]\na = 'id'", "columns.clients"),
    ],
)
def test_a_map_that_cannot_be_used_is_told(tables: list[Path], tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "map.toml").write_text(text)
    assert said in told(run("import", *tables, "--map", tmp_path / "map.toml", "--out", tmp_path / "x.json"))
    assert not (tmp_path / "x.json").exists()


def test_options_that_cannot_be_read_are_told_together(tables: list[Path]) -> None:
    wrong = ("--zone", "Mars/Olympus", "--taken-at", "now", "--access-from-appointments", "full")
    error = told(run("import", *tables, "--out", "-", *wrong))
    assert all(option in error for option in ("--zone", "--taken-at", "--access-from-appointments"))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_table_is_no_document_for_other_commands(tables: list[Path], tmp_path: Path, language: str) -> None:
    semicolons = tmp_path / "export.txt"
    semicolons.write_text("id;name;status\n1;x;active\n")
    for path in (*tables[:4], semicolons):
        for command in (("find", path, "abe"), ("show", path)):
            assert "accountmerge import" in told(run("--lang", language, *command))
    assert "accountmerge import" in told(run("find", "-", "abe", stdin=tables[1].read_bytes()))


def test_a_spoilt_document_is_no_table(tmp_path: Path) -> None:
    path = saved(tmp_path, practice())
    path.write_text(path.read_text()[:-1])
    assert "accountmerge import" not in told(run("find", path, "abe"))


def test_without_the_extra_for_tables_it_is_named(
    tables: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "accountmerge.frames", None)
    monkeypatch.delattr(am, "frames", raising=False)
    assert "accountmerge[frames]" in told(run("import", *tables, "--out", "-"))
