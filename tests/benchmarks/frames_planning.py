"""The cost of planning from frames, by part: scans per million rows, and plans per thousand merges.

`python tests/benchmarks/frames_planning.py [--rows 1000000] [--merges 1000]` prints the table of the page on scale.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import polars as pl

import accountmerge as am
from accountmerge.frames import merge_changes
from accountmerge.frames.grouping import merge_groups
from accountmerge.frames.links import Links
from accountmerge.frames.local_planning import LocalTables
from accountmerge.frames.neighbourhoods import MERGES, merge_seeds, parts_of
from accountmerge.frames.packed_rows import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
PER_CUSTOMER = 10
"""Appointments of a customer."""
PER_PROFILE = 500
_HOUR = timedelta(hours=1)


@attrs.frozen
class Cost:
    """One row of the table.

    Attributes:
        what: What was measured.
        count: The number of things that it was done to.
        unit: What they are.
        seconds: The processor time, of all threads.
        per: The number of things of the shown cost.
    """

    what: str
    count: int
    unit: str
    seconds: float
    per: int

    def __str__(self) -> str:
        shown = self.seconds / self.count * self.per
        return f"| {self.what} | {self.seconds:.2f} s for {self.count:,} | {shown:.2f} s per {self.per:,} {self.unit} |"


def practice(rows: int) -> dict[str, pl.DataFrame]:
    """Return the tables of a practice with a number of appointments, one access row and one note per customer."""
    customers, profiles = rows // PER_CUSTOMER, max(rows // PER_PROFILE, 1)
    numbers = pl.DataFrame({"number": pl.arange(rows, eager=True)})
    person, place = pl.col("number") % customers, pl.col("number") % profiles
    start = pl.lit(AT) + (pl.col("number") // profiles) * _HOUR
    booked = numbers.select(
        id=pl.format("A-{}", "number"),
        profile_id=pl.format("P{}", place),
        customer_id=pl.format("C{}", person),
        start=start,
        end=start + _HOUR,
        time_zone=pl.lit("America/Toronto"),
        modality=pl.lit("video"),
        status=pl.lit("booked"),
    )
    people = numbers.head(customers).select(
        id=pl.format("C{}", "number"),
        record_number=pl.format("R{}", "number"),
        status=pl.lit("active"),
        emails=pl.concat_str(
            pl.lit('[{"address":"person'),
            pl.col("number").cast(pl.String),
            pl.lit('@example.com","use":"secondary"}]'),
        ),
    )
    own = pl.format("C{}", "number").alias("customer_id")
    return {
        "profiles": numbers.head(profiles).select(
            id=pl.format("P{}", "number"),
            practitioner_id=pl.format("H{}", "number"),
            email=pl.format("p{}@example.com", "number"),
            login=pl.lit("enabled"),
            schedule=pl.lit("active"),
        ),
        "customers": people,
        "appointments": booked,
        "records": numbers.head(customers).select(own, id=pl.format("N{}", "number"), kind=pl.lit("note")),
        "access": numbers.head(customers).select(
            own, id=pl.format("X{}", "number"), profile_id=pl.format("P{}", place), level=pl.lit("treating")
        ),
    }


def requests(rows: int, merges: int) -> list[am.MergeRequest]:
    """Return merges of customers with the same profile, spread over the practice."""
    customers, profiles = rows // PER_CUSTOMER, max(rows // PER_PROFILE, 1)
    assert -(-merges // profiles) * 2 * profiles <= customers
    return [
        am.MergeRequest(
            survivor=f"C{number % profiles + number // profiles * 2 * profiles}",
            absorbed=[f"C{number % profiles + (number // profiles * 2 + 1) * profiles}"],
            actor=f"P{number % profiles}",
        )
        for number in range(merges)
    ]


def measured(action: Callable[[], Any]) -> tuple[Any, float]:
    """Return what an action returns, and the processor time that it takes."""
    start = time.process_time()
    found = action()
    return found, time.process_time() - start


def stored(frames: dict[str, pl.DataFrame], folder: Path) -> Any:
    """Write tables as Parquet files, and return frames that read them when they are asked for."""
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: pl.scan_parquet(folder / f"{name}.parquet") for name in frames}


def costs(rows: int, merges: int, folder: Path) -> Iterator[Cost]:
    """Measure each part of `merge_changes` on files in a folder."""
    frames = stored(practice(rows), folder)
    asked = requests(rows, merges)
    tables = LocalTables.of(frames, Reading(), AT)
    ids = frozenset(id for request in asked for id in (request.survivor, *request.absorbed))
    _, seconds = measured(lambda: tables.links({"appointments": {"customer_id": ids}}))
    yield Cost("one scan of the ids of appointments", rows, "rows", seconds, 1_000_000)
    mailboxes = frozenset(f"person{id[1:]}@example.com" for id in ids)
    _, seconds = measured(lambda: tables.links({"customers": {"reserved": mailboxes}}))
    yield Cost("one scan of the e-mails of customers", rows // PER_CUSTOMER, "rows", seconds, 1_000_000)
    links = Links(tables.links)
    groups, grouping = measured(lambda: merge_groups(links, asked))
    _, reaching = measured(lambda: parts_of(links, MERGES, groups, merge_seeds))
    what = f"grouping and parts, with all scans ({links.rounds} rounds)"
    yield Cost(what, merges, "merges", grouping + reaching, 1_000)
    changes, seconds = measured(lambda: merge_changes(asked, taken_at=AT, at=AT, **frames))
    assert changes.plans["state"].unique().to_list() == ["ready"]
    yield Cost("the whole call", merges, "merges", seconds, 1_000)
    yield Cost(
        "reading and planning the groups", merges, "merges", max(seconds - grouping - reaching, 0.0), 1_000
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="appointments")
    parser.add_argument("--merges", type=int, default=1_000)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, polars {pl.__version__}, {os.cpu_count()} cores")
    print("| part | measured | cost |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for cost in costs(options.rows, options.merges, Path(folder)):
            print(cost, flush=True)


if __name__ == "__main__":
    main()
