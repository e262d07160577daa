"""`accountmerge check` of Parquet: counts, the first pairs, rows that were not checked, and exit codes."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from cli_runs import practice, run, saved

from accountmerge.cli import parquet_check
from accountmerge.frames import bulk_double_bookings, parquet_checks

if TYPE_CHECKING:
    from pathlib import Path

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def booked(*ids: str, **fields: Any) -> pl.DataFrame:
    """Return bookings of one hour of one profile, each half an hour after the one before."""
    starts = [NINE + timedelta(minutes=30 * number) for number in range(len(ids))]
    frame = pl.DataFrame(
        {"id": ids, "profile_id": "P1", "customer_id": [f"C{id}" for id in ids], "start": starts}
    )
    return frame.with_columns(
        end=pl.col("start") + pl.duration(hours=1),
        status=pl.lit("booked"),
        **{name: pl.lit(value) for name, value in fields.items()},
    )


def test_a_parquet_file_is_counted_and_its_first_pairs_are_shown(tmp_path: Path) -> None:
    booked("A1", "A2").write_parquet(tmp_path / "march.parquet")
    ran = run("check", tmp_path / "march.parquet")
    assert ran.code == 1
    assert ran.out == (
        "Double bookings of practitioners: 1.\n"
        "  Bookings A1 and A2 of P1 overlap from Monday 2 March 2026 at 09:30 to Monday 2 March 2026 at 10:00 (UTC).\n"
        "Double bookings of customers: 0.\n"
        "Each profile was checked by itself. To check practitioners over all profiles, give a folder with "
        "appointments.parquet and profiles.parquet.\n"
    )
    assert (
        "Doubles réservations des intervenants\xa0: 1."
        in run("check", tmp_path / "march.parquet", "--lang", "fr").out
    )


def test_a_clean_file_ends_with_0_and_a_bad_row_with_1(tmp_path: Path) -> None:
    path = tmp_path / "march.parquet"
    booked("A1").write_parquet(path)
    assert run("check", path).code == 0
    booked("A1").with_columns(end=pl.col("start")).write_parquet(path)
    ran = run("check", path)
    assert ran.code == 1
    assert "Rows that were not checked, by reason: 1.\n    end_not_after_start: 1\n" in ran.out


def test_a_folder_of_tables_is_judged_over_profiles_and_merged_customers(tmp_path: Path) -> None:
    rows = booked("A1", "A2").with_columns(profile_id=pl.col("id").replace({"A1": "P1", "A2": "P2"}))
    rows.write_parquet(tmp_path / "appointments.parquet")
    pl.DataFrame({"id": ["P1", "P2"], "practitioner_id": "H1"}).write_parquet(tmp_path / "profiles.parquet")
    people = pl.DataFrame({"id": ["CA1", "CA2"], "merged_into": [None, "CA1"]})
    people.write_parquet(tmp_path / "customers.parquet")
    out = run("check", tmp_path).out
    assert "Double bookings of practitioners: 1.\n  Bookings A1 and A2 of H1 overlap" in out
    assert "Double bookings of customers: 1.\n  Bookings A1 and A2 of CA1 overlap" in out
    assert "by itself" not in out


@pytest.mark.parametrize("folder", [".", "year=2026", "year=2026/month=3", "appointments"])
def test_the_files_of_a_folder_are_one_table(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    booked("A1").write_parquet(tmp_path / folder / "one.parquet")
    booked("A2").write_parquet(tmp_path / folder / "two.parquet")
    assert "Double bookings of practitioners: 1." in run("check", tmp_path).out


def test_more_pairs_than_a_screen_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "march.parquet"
    booked(*(f"A{number:02}" for number in range(24))).write_parquet(path)
    monkeypatch.setattr(bulk_double_bookings, "PART_ROWS", 7)
    out = run("check", path).out
    assert out.count("overlap from") == 20
    assert "  Further pairs: 3. List them with accountmerge.frames.double_bookings.\n" in out
    monkeypatch.setattr(parquet_checks, "LISTED_PAIRS", 22)
    out = run("check", path).out
    assert "  The pairs are too many for a list." in out
    assert "overlap from" not in out


def test_a_file_that_is_no_parquet_or_lacks_a_column_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "march.parquet"
    path.write_text("id,start", encoding="utf-8")
    ran = run("check", path)
    assert (ran.code, ran.out) == (2, "")
    assert f"ERROR {path}: It cannot be read (ComputeError)." in ran.err
    booked("A1").drop("end").write_parquet(path)
    ran = run("check", path)
    assert (ran.code, ran.out) == (2, "")
    assert "no column of this name: end" in ran.err
    assert "There is no such file" in run("check", tmp_path / "none.parquet").err
    assert run("check", path, "--asked-by", "P1").code == 2


def test_without_the_extra_its_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "march.parquet"
    booked("A1").write_parquet(path)
    monkeypatch.delitem(sys.modules, "accountmerge.cli.parquet_check", raising=False)
    monkeypatch.setitem(sys.modules, "accountmerge.frames.parquet_checks", None)
    ran = run("check", path)
    assert ran.code == 2
    assert "pip install 'accountmerge[frames]'" in ran.err
    assert run("check", saved(tmp_path, practice())).code in (0, 1)


def test_a_terminal_sees_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.progress import Progress

    from accountmerge.cli.screens import Screen

    moved = []
    update = Progress.update

    def noted(self: Progress, task: Any, **parts: Any) -> None:
        moved.append((parts["completed"], parts["total"]))
        update(self, task, **parts)

    monkeypatch.setattr(Progress, "update", noted)
    monkeypatch.setattr(bulk_double_bookings, "PART_ROWS", 1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    path = tmp_path / "march.parquet"
    booked("A1", "A2").write_parquet(path)
    parquet_check.check_parquet(Screen("en"), str(path))
    assert moved == [(1, 2), (2, 2)] * 2
