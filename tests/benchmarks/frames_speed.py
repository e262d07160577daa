"""Bulk detection in frames against the sort of the frame, NCLS, and the bare window query."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import polars as pl
from ncls import NCLS

from accountmerge import frames
from accountmerge.frames.packed_slots import packed
from timing import Line, best_in_turns, seconds, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

YEAR_MINUTES = 365 * 24 * 60
_START = 1_767_225_600_000_000  # 1 January 2026
_MINUTE = 60_000_000
_STATUSES = pl.Enum(["held", "booked", "completed", "cancelled", "missed"])
_LIMIT = "1GB"
"""The memory that DuckDB may use of three gigabytes, beside what leaves it and the process itself."""


def appointments(count: int, calendars: int, *, keys: str = "integers") -> pl.DataFrame:
    """Return appointments of a year in random order: 15 to 60 minutes, each on a minute of its own.

    Args:
        count: The number of rows.
        calendars: The number of profiles.
        keys: The profiles as `integers`, as `categories` or as `texts`.
    """
    drawn = np.random.default_rng(count)
    starts = _START + drawn.integers(0, YEAR_MINUTES, count) * _MINUTE
    ends = starts + drawn.choice([15, 30, 45, 60], count) * _MINUTE
    instant = pl.Datetime("us", "UTC")
    frame = pl.DataFrame(
        {
            "id": drawn.permutation(count),
            "profile_id": drawn.integers(0, calendars, count),
            "customer_id": drawn.integers(0, max(count // 20, 1), count),
            "start": pl.Series(starts).cast(instant),
            "end": pl.Series(ends).cast(instant),
            "status": pl.Series(["held", *["booked"] * 7], dtype=_STATUSES).gather(
                drawn.integers(0, 8, count)
            ),
        }
    )
    if keys == "integers":
        return frame
    texts = pl.format("profile-{}", "profile_id")
    return frame.with_columns(profile_id=texts if keys == "texts" else texts.cast(pl.Categorical))


def frame_lines(
    *, size: int, pairs: int, window: int, loaded: int, repeats: int, many: int = 0
) -> Iterator[Line]:
    """Measure any overlap, all pairs, one calendar with everything, the window query, and reading frames.

    Args:
        size: The rows for any overlap and for all pairs.
        pairs: The rows for all pairs against NCLS.
        window: The rows for the window query.
        loaded: The rows that become a snapshot.
        repeats: How often each is run.
        many: The rows of Parquet for the memory of one process. Default: not measured.
    """
    yield from _overlap_lines(size, repeats)
    yield from _pair_lines(size, pairs, repeats)
    yield from _window_lines(window, repeats)
    if many:
        with tempfile.TemporaryDirectory() as folder:
            yield from memory_of_many(many, folder)
    yield from _reading_lines(loaded, repeats)


def _reading_lines(size: int, repeats: int) -> Iterator[Line]:
    """Measure a snapshot from frames, if that is there."""
    try:
        from frames_loading import frame_loading_lines
    except ImportError:
        return
    yield from frame_loading_lines(size=size, repeats=repeats)


def _overlap_lines(size: int, repeats: int) -> Iterator[Line]:
    spread = appointments(size, size // 100)
    assert doubled_ids(spread) == doubled_ids_by_sort(spread)
    for keys in ("integers", "categories", "texts"):
        frame = spread if keys == "integers" else appointments(size, size // 100, keys=keys)
        ours, theirs = best_in_turns(
            lambda frame=frame: frames.double_bookings(frame).rows,
            lambda frame=frame: frame.sort("profile_id", "start"),
            repeats=repeats,
        )
        figures = f"{shown(ours)} to {shown(theirs)}, {size:,} rows in {size // 100:,} calendars"
        reach = 0.7 if keys != "texts" else 1.5
        yield Line(f"any overlap in a frame, {keys}, to polars' sort", ours / theirs, reach, figures)
    crowded = spread.with_columns(profile_id=pl.lit(1, pl.Int64))
    one, many = best_in_turns(
        lambda: frames.double_bookings(crowded).rows,
        lambda: frames.double_bookings(spread).rows,
        repeats=repeats,
    )
    figures = f"{shown(one)} to {shown(many)}, {size:,} rows, all of them overlap"
    yield Line("any overlap in one calendar to many calendars", one / many, 3, figures)


def doubled_ids(frame: pl.DataFrame) -> list[int]:
    """Return the ids of the rows in a double booking, sorted."""
    ids: list[int] = frames.double_bookings(frame).rows["id"].sort().to_list()
    return ids


def doubled_ids_by_sort(frame: pl.DataFrame) -> list[int]:
    """Return the same with expressions of polars on the sorted frame."""
    before = pl.col("end").cum_max().shift(1).over("profile_id")
    after = pl.col("start").shift(-1).over("profile_id")
    rows = frame.sort("profile_id", "start").filter((pl.col("start") < before) | (after < pl.col("end")))
    return rows["id"].sort().to_list()


def _pair_lines(size: int, pairs: int, repeats: int) -> Iterator[Line]:
    frame = appointments(pairs, max(pairs // 10_000, 1))
    ours, theirs = pair_ids(frame), pair_ids_by_ncls(frame)
    assert (ours == theirs).all()
    fast, slow = best_in_turns(
        lambda: frames.double_bookings(frame).pairs, lambda: pairs_by_ncls(frame), repeats=repeats
    )
    figures = f"{shown(fast)} to {shown(slow)}, {pairs:,} rows, {len(ours):,} pairs"
    yield Line("all pairs in a frame, faster than NCLS", slow / fast, 2.5, figures, at_least=True)
    large = appointments(size, max(size // 10_000, 1))
    taken = min(seconds(lambda: frames.double_bookings(large).pairs) for _ in range(repeats))
    figures = f"{size:,} rows, {frames.double_bookings(large).pair_count:,} pairs"
    yield Line("all pairs in a frame, processor time", taken, 5, figures, sign=" s")


def pair_ids(frame: pl.DataFrame) -> Any:
    """Return the ids of every pair as an array, sorted."""
    found = frames.double_bookings(frame).pairs.select("first_id", "second_id").to_numpy()
    return _sorted_pairs(found)


def pair_ids_by_ncls(frame: pl.DataFrame) -> Any:
    """Return the same, found with a nested containment list."""
    ids = frame["id"].to_numpy()
    first, second = pairs_by_ncls(frame)
    return _sorted_pairs(np.stack((ids[first], ids[second]), axis=1))


def pairs_by_ncls(frame: pl.DataFrame) -> tuple[Any, Any]:
    """Return the positions of every pair. The list knows no calendars, so each has a range of its own."""
    slots = packed(*(frame[name].to_physical().to_numpy() for name in ("profile_id", "start", "end")))
    at = np.arange(len(frame))
    first, second = NCLS(slots.starts, slots.ends, at).all_overlaps_both(slots.starts, slots.ends, at)
    once = first < second
    return first[once], second[once]


def _sorted_pairs(pairs: Any) -> Any:
    pairs = np.sort(pairs, axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _window_lines(size: int, repeats: int) -> Iterator[Line]:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")  # processor time is of one thread
    connection.register("given", appointments(size, size // 100).to_arrow())
    connection.execute("CREATE TABLE appointments AS SELECT * FROM given")
    table = connection.table("appointments")

    def ours() -> Any:
        return frames.double_bookings(table).rows.pl()

    def bare() -> Any:
        return connection.sql(BARE_QUERY).pl()

    assert ours()["id"].sort().equals(bare()["id"].sort())
    fast, slow = best_in_turns(ours, bare, repeats=repeats)
    figures = f"{shown(fast)} to {shown(slow)}, {size:,} rows in {size // 100:,} calendars"
    yield Line("any overlap in DuckDB to the bare window query", fast / slow, 1.5, figures)


BARE_QUERY = """
    SELECT * EXCLUDE (latest, following) FROM (
        SELECT *,
            max("end") OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest,
            lead(start) OVER earlier AS following
        FROM appointments WHERE status IN ('held', 'booked')
        WINDOW earlier AS (PARTITION BY profile_id ORDER BY start)
    ) WHERE start < latest OR following < "end"
"""


def memory_of_many(size: int, folder: str) -> Iterator[Line]:
    """Measure the memory of a process that finds the double bookings of a folder of Parquet with DuckDB."""
    path = Path(folder) / "appointments.parquet"
    duckdb.execute(f"COPY ({PARQUET_QUERY.format(size=size)}) TO '{path}'")
    run = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), folder, _LIMIT], check=True, capture_output=True, text=True
    )
    found, peak, taken = run.stdout.splitlines()[-1].split()
    figures = f"{size:,} rows of Parquet, {int(found):,} pairs, {shown(float(taken))}"
    yield Line("memory for bulk detection in DuckDB", int(peak) / 2**20, 3, figures, sign=" GB")


PARQUET_QUERY = """
    SELECT
        range AS id, (hash(range) % ({size} // 100))::BIGINT AS profile_id, start,
        start + INTERVAL 30 MINUTE AS end
    FROM (SELECT range, TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_minutes((hash(range + 1) % 525600)::INT) AS start
        FROM range({size}))
"""
_CHILD = """
import resource, sys, time
import duckdb
from accountmerge import frames
path, folder, limit = sys.argv[1:]
connection = duckdb.connect(config={"memory_limit": limit, "temp_directory": folder, "threads": 2})
connection.execute("SET enable_progress_bar = false")  # it would be part of the output
found = frames.double_bookings(connection.read_parquet(path))
pairs = len(found.pairs)
print(pairs, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time())
"""
