"""Window queries that find overlapping bookings inside the caller's engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from accountmerge.errors import InvalidValueError
from accountmerge.frames.booking_columns import BAD_REASON, Columns
from accountmerge.frames.engines import in_engine
from accountmerge.model.appointments import APPOINTMENT_STATUSES, LIVE

_OWN = "accountmerge_"
"""The beginning of the names of columns that a query adds."""
CALENDAR = f"{_OWN}calendar"
_KEY, _LATEST, _NEXT, _BEFORE = (f"{_OWN}{name}" for name in ("key", "latest", "next", "before"))
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


class MarkedRows(NamedTuple):
    """The rows of a lazy frame, with calendars and the reasons of bad rows.

    Attributes:
        rows: The caller's columns and those two.
        columns: The names of the columns.
        good: Whether a row is a live booking that can be judged; quicker than the reason.
    """

    rows: nw.LazyFrame[Any]
    columns: Columns
    good: nw.Expr

    def bad(self) -> nw.LazyFrame[Any]:
        """Return the caller's columns of the bad rows, and the reason."""
        return self.rows.filter(~nw.col(BAD_REASON).is_null()).drop(CALENDAR)

    def live_rows(self) -> nw.LazyFrame[Any]:
        """Return the live bookings that can be judged, with all columns."""
        return self.rows.filter(self.good)

    def live(self) -> nw.LazyFrame[Any]:
        """Return the columns that are judged, of the live bookings."""
        names = self.columns
        kept = [names.id, names.start, names.end, names.session_id]
        if names.replaces is not None or names.replaced_by is not None:
            kept.append(names.customer_id)
        return self.live_rows().select(CALENDAR, *dict.fromkeys(name for name in kept if name is not None))


def marked(
    frame: nw.LazyFrame[Any], columns: Columns, owners: Mapping[Any, Any] | None, *, owners_whole: bool
) -> MarkedRows:
    """Add the calendar of each row, and the reason why a row is bad.

    Args:
        frame: The frame.
        columns: Its columns.
        owners: The calendar that the time of some keys belongs to.
        owners_whole: Whether a key without an owner is bad. If not, it is its own calendar.
    """
    schema = frame.collect_schema()
    for name in (columns.start, columns.end):
        if not isinstance(schema[name], nw.Datetime):
            raise InvalidValueError("frame_times_type", column=name)
    rows: nw.LazyFrame[Any] = frame.with_columns(nw.col(columns.by).alias(CALENDAR))
    unknown = nw.lit(value=False)
    if owners:
        rows = _owned(rows, owners, whole=owners_whole)
    if owners_whole:
        unknown = nw.col(CALENDAR).is_null() if owners else nw.lit(value=True)
    reason = _reason(schema, columns, unknown).alias(BAD_REASON)
    return MarkedRows(rows.with_columns(reason), columns, _good(schema, columns, unknown))


def _owned(rows: nw.LazyFrame[Any], owners: Mapping[Any, Any], *, whole: bool) -> nw.LazyFrame[Any]:
    small = pl.DataFrame({_KEY: list(owners), _LATEST: list(owners.values())}, strict=False)
    joined: nw.LazyFrame[Any] = rows.join(
        nw.from_native(in_engine(small, rows)), left_on=CALENDAR, right_on=_KEY, how="left"
    )
    owner = nw.col(_LATEST) if whole else nw.coalesce(nw.col(_LATEST), nw.col(CALENDAR))
    return joined.with_columns(owner.alias(CALENDAR)).drop(_LATEST)


def _good(schema: Mapping[str, Any], columns: Columns, unknown: nw.Expr) -> nw.Expr:
    """Return whether a row is live and has none of the faults.

    It is null, and the row is not taken, if a time is null.
    """
    start, end = nw.col(columns.start), nw.col(columns.end)
    good = ~nw.col(columns.id).is_null() & ~nw.col(columns.by).is_null() & ~unknown & (start < end)
    for name in _zoneless(schema, columns):
        good &= nw.col(name).is_null()
    for _, fault in _out_of_range(schema, columns):
        good &= ~fault
    if columns.status is not None:
        good &= nw.col(columns.status).is_in(sorted(LIVE))
    return good


def _zoneless(schema: Mapping[str, Any], columns: Columns) -> list[str]:
    return [name for name in (columns.start, columns.end) if schema[name].time_zone is None]


def _out_of_range(schema: Mapping[str, Any], columns: Columns) -> list[tuple[str, nw.Expr]]:
    """Return the faults of instants that this library cannot hold."""
    if _zoneless(schema, columns):
        return []
    start, end = nw.col(columns.start), nw.col(columns.end)
    fine = [name for name in (columns.start, columns.end) if schema[name].time_unit == "ns"]
    faults = [("time_too_fine", nw.col(name).dt.nanosecond() % 1_000 != 0) for name in fine]
    outside = (
        (start > nw.lit(_LAST)) | (end > nw.lit(_LAST)) | (start < nw.lit(_FIRST)) | (end < nw.lit(_FIRST))
    )
    return [*faults, ("time_out_of_range", outside)]


def _reason(schema: Mapping[str, Any], columns: Columns, unknown: nw.Expr) -> nw.Expr:
    """Return the code of the first fault of a row, or null."""
    start, end = nw.col(columns.start), nw.col(columns.end)
    faults: list[tuple[str, nw.Expr]] = [
        ("id_missing", nw.col(columns.id).is_null()),
        ("calendar_missing", nw.col(columns.by).is_null()),
        ("practitioner_unknown", unknown),
        ("start_missing", start.is_null()),
        ("end_missing", end.is_null()),
        *(("naive_time", ~nw.col(name).is_null()) for name in _zoneless(schema, columns)),
        *_out_of_range(schema, columns),
        ("end_not_after_start", end <= start),
    ]
    if columns.status is not None:
        status = nw.col(columns.status)
        faults.append(("status_missing", status.is_null()))
        faults.append(("status_unknown", ~status.is_in(list(APPOINTMENT_STATUSES))))
    reason = nw.when(faults[-1][1]).then(nw.lit(faults[-1][0])).otherwise(nw.lit(None, dtype=nw.String))
    for code, fault in reversed(faults[:-1]):
        reason = nw.when(fault).then(nw.lit(code)).otherwise(reason)
    return reason


def overlapping_candidates(marks: MarkedRows, *, sessions: bool) -> nw.LazyFrame[Any]:
    """Return the live bookings that overlap another one of their calendar.

    Bookings of one session count once, so a session that overlaps no other booking is not in the result.

    Args:
        marks: The marked rows.
        sessions: Whether bookings of one session are no double booking.
    """
    live, names = marks.live(), marks.columns
    if not sessions or names.session_id is None:
        return _windowed(live, names)
    group = [CALENDAR, names.session_id, names.start, names.end]
    together = live.filter(~nw.col(names.session_id).is_null())
    leaders = together.group_by(*group).agg(nw.col(names.id).min())
    alone = live.filter(nw.col(names.session_id).is_null())
    shown = [*group, names.id]
    found = _windowed(nw.concat([alone.select(*shown), leaders.select(*shown)], how="vertical"), names)
    lone = live.join(
        found.filter(nw.col(names.session_id).is_null()).select(names.id), on=names.id, how="semi"
    ).filter(nw.col(names.session_id).is_null())
    members = together.join(
        found.filter(~nw.col(names.session_id).is_null()).select(*group), on=group, how="semi"
    )
    return nw.concat([lone, members], how="vertical")


def _windowed(rows: nw.LazyFrame[Any], names: Columns) -> nw.LazyFrame[Any]:
    """Return the rows that start before an earlier one ends, or end after the next one starts."""
    if rows.implementation is nw.Implementation.DUCKDB:
        return _windowed_by_duckdb(rows, names)
    order = [names.start, names.id]
    latest = nw.col(names.end).cum_max().over(CALENDAR, order_by=order)
    following = nw.col(names.start).shift(-1).over(CALENDAR, order_by=order)
    first = rows.with_columns(latest.alias(_LATEST), following.alias(_NEXT))
    second = first.with_columns(nw.col(_LATEST).shift(1).over(CALENDAR, order_by=order).alias(_BEFORE))
    start, end = nw.col(names.start), nw.col(names.end)
    found: nw.LazyFrame[Any] = second.filter((start < nw.col(_BEFORE)) | (nw.col(_NEXT) < end))
    return found.drop(_LATEST, _NEXT, _BEFORE)


def _windowed_by_duckdb(rows: nw.LazyFrame[Any], names: Columns) -> nw.LazyFrame[Any]:
    """Do the same with one window instead of two nested ones, which DuckDB would sort twice."""
    start, end = quoted(names.start), quoted(names.end)
    by_start = f"PARTITION BY {CALENDAR} ORDER BY {start}"
    before = f"max({end}) OVER ({by_start} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    native: Any = rows.to_native()
    wide = native.project(f"*, {before} AS {_BEFORE}, lead({start}) OVER ({by_start}) AS {_NEXT}")
    overlapping = wide.filter(f"{start} < {_BEFORE} OR {_NEXT} < {end}")
    found: nw.LazyFrame[Any] = nw.from_native(overlapping.project(f"* EXCLUDE ({_BEFORE}, {_NEXT})"))
    return found


def quoted(name: str) -> str:
    """Return the name of a column as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
