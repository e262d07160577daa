"""Double bookings in Parquet files of appointments, in a form that the command line shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from accountmerge.frames.bulk_double_bookings import BulkDoubleBookings, Owner, double_bookings

LISTED_PAIRS = 10_000_000
"""The most pairs of which a list is made, about 1 GB; more are only counted."""
_COLUMNS: dict[Owner, str] = {"practitioner": "profile_id", "customer": "customer_id"}
Bar = Callable[[Owner], AbstractContextManager[Callable[[int, int], object]]]
"""A function that shows the progress of one kind."""


class UnreadableParquet(Exception):  # noqa: N818 - a property of a file
    """Polars cannot read the files. The text of the exception is the name of its error, which has no value."""


class FirstPair(NamedTuple):
    """A double booking.

    Attributes:
        owner: The id of the practitioner, the profile or the customer.
        first_id: The earlier booking.
        second_id: The later booking.
        start: The start of the shared time, in UTC.
        end: The end of it.
    """

    owner: object
    first_id: object
    second_id: object
    start: datetime
    end: datetime


class ParquetCheck(NamedTuple):
    """The double bookings of one kind.

    Attributes:
        kind: The owner of the time.
        pair_count: The number of pairs.
        first: The first pairs by start and ids; None if the pairs are too many for a list.
        bad_counts: The number of rows that cannot be judged, by the code of the reason.
        alone: Whether each profile is judged by itself, because practitioners are not known.
    """

    kind: Owner
    pair_count: int
    first: tuple[FirstPair, ...] | None
    bad_counts: dict[str, int]
    alone: bool


class _Tables(NamedTuple):
    appointments: pl.LazyFrame
    profiles: pl.LazyFrame | None
    customers: pl.LazyFrame | None


def parquet_checks(files: Sequence[Path], folder: Path | None, shown: int, bar: Bar) -> list[ParquetCheck]:
    """Return the double bookings of practitioners and of customers.

    Args:
        files: The files of appointments, or of several tables.
        folder: The folder with the files. If it has `appointments.parquet`, or a folder of this name, then
            `profiles.parquet` and `customers.parquet` in it are those tables. None: all files have appointments.
        shown: The most pairs of a kind that are returned.
        bar: A function that shows the progress.

    Raises:
        UnreadableParquet: Polars cannot read the files.
        InvalidValueError: A column is missing or has a wrong type.
    """
    try:
        return list(_checks(_tables(files, folder), shown, bar))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableParquet(type(error).__name__) from None


def _tables(files: Sequence[Path], folder: Path | None) -> _Tables:
    if folder is None:
        return _Tables(pl.scan_parquet(list(files)), None, None)
    named = {file.stem: file for file in files if file.parent == folder}
    own = [file for file in files if file.is_relative_to(folder / "appointments")]
    own += [named["appointments"]] if "appointments" in named else []
    if not own:
        return _Tables(pl.scan_parquet(list(files)), None, None)
    others = (pl.scan_parquet(named[name]) if name in named else None for name in ("profiles", "customers"))
    return _Tables(pl.scan_parquet(own), *others)


def _checks(tables: _Tables, shown: int, bar: Bar) -> Iterator[ParquetCheck]:
    present = tables.appointments.collect_schema().names()
    for kind, column in _COLUMNS.items():
        if column not in present and kind == "customer":
            continue  # without customers, practitioners are judged all the same
        practitioners = tables.profiles if kind == "practitioner" else None
        with bar(kind) as on_progress:
            found = double_bookings(
                tables.appointments,
                column,
                merged_into=tables.customers,
                practitioners=practitioners,
                on_progress=on_progress,
            )
            first = _first_pairs(found, shown)
            alone = kind == "practitioner" and practitioners is None
            yield ParquetCheck(kind, found.pair_count, first, found.bad_counts, alone)


def _first_pairs(found: BulkDoubleBookings, shown: int) -> tuple[FirstPair, ...] | None:
    if found.pair_count > LISTED_PAIRS:
        return None
    pairs: pl.DataFrame = found.pairs.collect()
    first = pairs.sort("start", "first_id", "second_id").head(shown)
    return tuple(FirstPair(*row) for row in first.rows())
