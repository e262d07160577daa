"""Frames of the appointments and customers of a snapshot, in every engine, and answers on objects as plain rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import duckdb
import polars as pl

import accountmerge as am
from accountmerge.model.instants import LAST_MICROSECOND
from accountmerge.model.time_slots import TimeSlot

if TYPE_CHECKING:
    from collections.abc import Callable

INSTANT = pl.Datetime("us", "UTC")
SCHEMA: dict[str, Any] = {
    "id": pl.String,
    "profile_id": pl.String,
    "customer_id": pl.String,
    "start": INSTANT,
    "end": INSTANT,
    "time_zone": pl.String,
    "status": pl.String,
    "session_id": pl.String,
    "replaces": pl.String,
    "replaced_by": pl.String,
}
Pair = tuple[str, str, str, int, int]
"""The calendar, both ids, and the shared time in microseconds."""


def appointments_of(snapshot: am.Snapshot) -> pl.DataFrame:
    rows = [
        (
            row.id,
            row.profile_id,
            row.customer_id,
            row.slot.start_us,
            row.slot.end_us,
            row.time_zone,
            row.status,
            row.session_id,
            row.replaces,
            row.replaced_by,
        )
        for row in snapshot.appointments
    ]
    plain: dict[str, Any] = {name: pl.Int64 if dtype == INSTANT else dtype for name, dtype in SCHEMA.items()}
    frame = pl.DataFrame(rows, schema=plain, orient="row")
    return frame.with_columns(pl.col("start", "end").cast(INSTANT))


def _in_duckdb(frame: pl.DataFrame) -> Any:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'America/New_York'")
    connection.execute("SET threads = 1")
    connection.register("given", frame.to_arrow())
    connection.execute("CREATE TABLE kept AS SELECT * FROM given")
    return connection.table("kept")


ENGINES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "polars in another zone": lambda frame: frame.with_columns(
        pl.col("start").dt.convert_time_zone("Australia/Lord_Howe"),
        pl.col("end").dt.convert_time_zone("America/New_York"),
    ),
    "polars with categories": lambda frame: frame.with_columns(
        pl.col("profile_id", "customer_id", "status", "session_id", "replaces").cast(pl.Categorical)
    ),
    "polars lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "pandas on arrow": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": _in_duckdb,
}


def in_polars(frame: Any) -> pl.DataFrame:
    """Return a frame of any engine as one of polars, with text and instants as here."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    elif isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.pl()
    elif hasattr(frame, "toArrow"):
        frame = pl.from_arrow(frame.toArrow())
    elif not isinstance(frame, pl.DataFrame):
        frame = pl.from_arrow(frame) if hasattr(frame, "schema") else pl.from_pandas(frame)
    assert isinstance(frame, pl.DataFrame)
    casts: Any = {
        name: INSTANT if isinstance(dtype, pl.Datetime) else pl.String
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) or dtype in (pl.Categorical, pl.Null)
    }
    return frame.cast(casts)


def pairs_of(frame: Any) -> list[Pair]:
    """Return the rows of a frame of pairs, sorted."""
    found = in_polars(frame)
    assert found.schema["start"] == found.schema["end"] == INSTANT
    assert found.columns[1:] == ["first_id", "second_id", "start", "end"]
    return sorted(found.with_columns(pl.col("start", "end").to_physical()).rows())


def pairs_on_objects(snapshot: am.Snapshot, kind: str) -> list[Pair]:
    """Return the same rows, found on objects."""
    persons = persons_of(snapshot)
    found = []
    for double in am.find_double_bookings(snapshot):
        if double.kind == kind:
            owner = (
                snapshot.profiles[double.first.profile_id].practitioner_id
                if kind == "practitioner"
                else persons[double.first.customer_id]
            )
            found.append(
                (owner, double.first.id, double.second.id, double.overlap.start_us, double.overlap.end_us)
            )
    return sorted(found)


def persons_of(snapshot: am.Snapshot) -> dict[str, str]:
    """Return who each customer is after all merges; in a circle, the least id of it."""
    found = {}
    for row in snapshot.customers:
        path = [row.id]
        while (onward := snapshot.customers[path[-1]].merged_into) is not None and path[-1] not in path[:-1]:
            path.append(onward)
        found[row.id] = min(path[path.index(path[-1]) :])
    return found


def merges_of(snapshot: am.Snapshot) -> dict[str, str | None]:
    return {row.id: row.merged_into for row in snapshot.customers}


def practitioners_of(snapshot: am.Snapshot) -> dict[str, str]:
    return {row.id: row.practitioner_id for row in snapshot.profiles}


def troubled(snapshot: am.Snapshot, *, late: bool, odd: bool) -> am.Snapshot:
    """Return the bookings at the end of the year 9999, or some by a microsecond longer; with long and foreign ids."""
    rows = list(snapshot.appointments)
    if not rows:
        return snapshot
    ids = {row.id: name for row, name in zip(rows, foreign_ids(len(rows)), strict=True)}
    shift = LAST_MICROSECOND - max(row.slot.end_us for row in rows) if late else 0
    changed = [
        attrs.evolve(
            row,
            id=ids[row.id],
            replaces=None if row.replaces is None else ids[row.replaces],
            replaced_by=None if row.replaced_by is None else ids[row.replaced_by],
            slot=TimeSlot.from_microseconds(
                row.slot.start_us + shift - (odd and number % 2), row.slot.end_us + shift
            ),
        )
        for number, row in enumerate(rows)
    ]
    return attrs.evolve(snapshot, appointments=changed)


def foreign_ids(count: int) -> list[str]:
    """Return ids that sort in another order than they are made, some of them long, none in ASCII alone."""
    signs = ("𝔷", "é", "e\u0301", "Z", "ß", "漢字", "ﬀ", "a'\"\\;--")
    return [
        f"{signs[number % len(signs)]}{'x' * (150 * (number % 3 == 2))}{number}" for number in range(count)
    ]
