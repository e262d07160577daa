"""Window queries that find overlapping bookings inside the caller's engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from accountmerge.errors import InvalidValueError
from accountmerge.frames.booking_columns import BAD_REASON, Columns, owner_links
from accountmerge.frames.engines import in_engine
from accountmerge.model.appointments import APPOINTMENT_STATUSES, LIVE

_OWN = "accountmerge_"
"""The beginning of the names of columns that a query adds."""
CALENDAR = f"{_OWN}calendar"
_KEY, _LATEST, _NEXT, _BEFORE = (f"{_OWN}{name}" for name in ("key", "latest", "next", "before"))
_IS_POLARS = f"{_OWN}is_polars"
"""The key of a schema that says whether its frame is of polars."""
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
    is_polars = frame.implementation is nw.Implementation.POLARS
    schema: dict[str, Any] = {**frame.collect_schema(), _IS_POLARS: is_polars}
    for name in (columns.start, columns.end):
        if is_polars and schema[name] == nw.Unknown:
            schema[name] = nw.Datetime("us", "UTC")  # nulls alone
            frame = frame.with_columns(nw.col(name).cast(schema[name]))
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
    kind = rows.collect_schema()[CALENDAR]
    if isinstance(kind, (nw.Categorical, nw.Enum)):
        rows = rows.with_columns(nw.col(CALENDAR).cast(nw.String))
    keys = getattr(pl, type(kind).__name__)() if kind.is_integer() else pl.String()
    small = owner_links(owners, keys, whole=whole).rename({"old": _KEY, "new": _LATEST})
    joined: nw.LazyFrame[Any] = rows.join(
        nw.from_native(in_engine(small, rows)), left_on=CALENDAR, right_on=_KEY, how="left"
    )
    owner = nw.col(_LATEST) if whole else nw.coalesce(nw.col(_LATEST), nw.col(CALENDAR))
    return joined.with_columns(owner.alias(CALENDAR)).drop(_LATEST)


def _good(schema: Mapping[str, Any], columns: Columns, unknown: nw.Expr) -> nw.Expr:
    """Return whether a row is live and has none of the faults.

    It is null, and the row is not taken, if a time is null.
    """
    if _zoneless(schema, columns):  # each row has a null or a time without zone, so none is good
        return nw.col(columns.id).is_null() & ~nw.col(columns.id).is_null()
    start, end = _instants(schema, columns)
    good = ~nw.col(columns.id).is_null() & ~nw.col(columns.by).is_null() & ~unknown & (start < end)
    for _, fault in _out_of_range(schema, columns):
        good &= ~fault
    if columns.status is not None:
        good &= _status(schema, columns.status).is_in(sorted(LIVE))
    return good


def _status(schema: Mapping[str, Any], name: str) -> nw.Expr:
    """Return the status as text, also of a column of other values."""
    return (
        nw.col(name).cast(nw.String)
        if schema[name].is_numeric() or schema[name] == nw.Boolean
        else nw.col(name)
    )


def _instants(schema: Mapping[str, Any], columns: Columns) -> tuple[nw.Expr, nw.Expr]:
    """Return the start and the end so that they compare with each other and with instants in UTC.

    Times of polars compare only in one zone. Those of other engines always do.
    """
    start, end = nw.col(columns.start), nw.col(columns.end)
    if not schema[_IS_POLARS] or (schema[columns.start].time_zone, schema[columns.end].time_zone) == (
        "UTC",
        "UTC",
    ):
        return start, end
    return start.dt.convert_time_zone("UTC"), end.dt.convert_time_zone("UTC")


def _zoneless(schema: Mapping[str, Any], columns: Columns) -> list[str]:
    return [name for name in (columns.start, columns.end) if schema[name].time_zone is None]


def _out_of_range(schema: Mapping[str, Any], columns: Columns) -> list[tuple[str, nw.Expr]]:
    """Return the faults of instants that this library cannot hold."""
    if _zoneless(schema, columns):
        return []
    start, end = _instants(schema, columns)
    fine = [name for name in (columns.start, columns.end) if schema[name].time_unit == "ns"]
    faults = [("time_too_fine", nw.col(name).dt.nanosecond() % 1_000 != 0) for name in fine]
    outside = (
        (start > nw.lit(_LAST)) | (end > nw.lit(_LAST)) | (start < nw.lit(_FIRST)) | (end < nw.lit(_FIRST))
    )
    return [*faults, ("time_out_of_range", outside)]


def _reason(schema: Mapping[str, Any], columns: Columns, unknown: nw.Expr) -> nw.Expr:
    """Return the code of the first fault of a row, or null."""
    zoneless = _zoneless(schema, columns)
    faults: list[tuple[str, nw.Expr]] = [
        ("id_missing", nw.col(columns.id).is_null()),
        ("calendar_missing", nw.col(columns.by).is_null()),
        ("practitioner_unknown", unknown),
        ("start_missing", nw.col(columns.start).is_null()),
        ("end_missing", nw.col(columns.end).is_null()),
        *(("naive_time", ~nw.col(name).is_null()) for name in zoneless),
        *_out_of_range(schema, columns),
    ]
    if not zoneless:
        start, end = _instants(schema, columns)
        faults.append(("end_not_after_start", end <= start))
    if columns.status is not None:
        status = _status(schema, columns.status)
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
    group = session_keys(names)
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


def session_keys(names: Columns) -> list[str]:
    """Return the columns that bookings of one session share."""
    assert names.session_id is not None  # noqa: S101 - only rows with sessions have them
    return [CALENDAR, names.session_id, names.start, names.end]


def repeated_members(marks: MarkedRows, candidates: pl.DataFrame) -> nw.LazyFrame[Any]:
    """Return the other sessions with several bookings of which an id occurs again, there or in candidates.

    Such bookings overlap the others of their session, so a repeated id makes them bad as it does candidates.

    Args:
        marks: The marked rows.
        candidates: The rows that overlap rows of other sessions.
    """
    live, names = marks.live(), marks.columns
    group = session_keys(names)
    sessions = live.filter(*(~nw.col(name).is_null() for name in group))
    several = sessions.group_by(*group).agg(nw.len().alias(_KEY)).filter(nw.col(_KEY) > 1).drop(_KEY)
    members = live.join(several, on=group, how="semi")
    known = nw.from_native(in_engine(candidates.select(group).drop_nulls().unique(), live))
    others = members.join(known, on=group, how="anti")
    ids = nw.from_native(in_engine(candidates.select(names.id).unique(), live))
    every = nw.concat([others.select(names.id), ids], how="vertical")
    again = every.group_by(names.id).agg(nw.len().alias(_KEY)).filter(nw.col(_KEY) > 1)
    repeated = others.join(again.drop(_KEY), on=names.id, how="semi").select(*group)
    found: nw.LazyFrame[Any] = others.join(repeated, on=group, how="semi")
    return found


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
