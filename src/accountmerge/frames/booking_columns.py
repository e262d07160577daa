"""The columns of a frame of bookings, read into integers, and the rows that cannot be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import attrs
import narwhals as nw
import numpy as np
import polars as pl

from accountmerge.errors import InvalidValueError
from accountmerge.frames.packed_slots import BoolArray, IntArray
from accountmerge.model.appointments import APPOINTMENT_STATUSES, LIVE
from accountmerge.model.instants import LAST_MICROSECOND, microseconds, parse_rfc3339

BAD_REASON = "bad_reason"
"""The column of a frame of bad rows with the code of the reason."""
BAD_REASONS = (
    "id_missing",
    "calendar_missing",
    "practitioner_unknown",
    "start_missing",
    "end_missing",
    "naive_time",
    "not_a_time",
    "time_too_fine",
    "time_out_of_range",
    "end_not_after_start",
    "status_missing",
    "status_unknown",
    "id_twice",
)
"""The reasons why a row cannot be judged, in the order in which they are looked for. A row has the first of its reasons."""
REQUIRED = ("id", "start", "end")
OPTIONAL = ("status", "session_id", "replaces", "replaced_by", "customer_id")
_SMALL_INTEGERS = (pl.Int64, pl.Int32, pl.Int16, pl.Int8, pl.UInt32, pl.UInt16, pl.UInt8)
_LARGEST_FLOAT = 2.0**53
"""From here on, floats leave out integers."""
_FIRST_MICROSECOND = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z
_KEY_TYPES = (
    nw.String,
    nw.Categorical,
    nw.Enum,
    nw.Object,
    nw.Unknown,
)  # and integers; DuckDB's UUID is unknown


@attrs.frozen
class Columns:
    """The columns of a frame by the names that this library has for them.

    Attributes:
        by: The column with the calendar of each row.
        id: The column with the id of each row.
        start: The column with the starts.
        end: The column with the ends.
        status: The column with the statuses, or None: then every row is live.
        session_id: The column with the sessions, or None.
        replaces: The column with the replaced appointments, or None.
        replaced_by: The column with the replacing appointments, or None.
        customer_id: The column with the customers, or None.
    """

    by: str
    id: str
    start: str
    end: str
    status: str | None
    session_id: str | None
    replaces: str | None
    replaced_by: str | None
    customer_id: str | None

    @classmethod
    def of(cls, schema: Mapping[str, Any], by: str, named: Mapping[str, str] | None) -> Columns:
        """Find the columns of a frame, and refuse missing columns and wrong types.

        Args:
            schema: The types of the columns of the frame.
            by: The column with the calendars.
            named: Names of columns in the frame with the names of this library.
        """
        own = sorted({by, *REQUIRED, *OPTIONAL})
        names = {ours: theirs for theirs, ours in (named or {}).items()}
        if names.keys() - set(own):
            raise InvalidValueError("frame_name_unknown", field="columns", allowed=tuple(own))
        found = {name: names.get(name, name) for name in (*REQUIRED, *OPTIONAL)}
        needed = [names.get(by, by), *(found[name] for name in REQUIRED), *names.values()]
        missing = tuple(name for name in dict.fromkeys(needed) if name not in schema)
        if missing:
            raise InvalidValueError("frame_columns_missing", columns=missing)
        optional = {name: found[name] if found[name] in schema else None for name in OPTIONAL}
        return cls(names.get(by, by), found["id"], found["start"], found["end"], **optional)

    def refuse_types(self, frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> None:
        """Refuse columns of the wrong type.

        Args:
            frame: The frame. Floats are keys if it is eager and all of them are whole, because pandas writes integers with
                nulls so.
        """
        schema = frame.collect_schema()
        for name in self.keys:
            whole = schema[name].is_float() and isinstance(frame, nw.DataFrame) and _are_whole(frame[name])
            if not (whole or schema[name].is_integer() or isinstance(schema[name], _KEY_TYPES)):
                raise InvalidValueError("frame_keys_type", column=name)
        times = (nw.Datetime, nw.String, nw.Object, nw.Unknown)  # a column of nulls alone is unknown
        for name in (self.start, self.end):
            if not isinstance(schema[name], times):
                raise InvalidValueError("frame_times_type", column=name)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of ids and other keys that the frame has."""
        keys = (self.by, self.id, self.session_id, self.replaces, self.replaced_by, self.customer_id)
        return tuple(name for name in keys if name is not None)

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        return tuple(dict.fromkeys(name for name in attrs.astuple(self) if name is not None))


class ReadBookings(NamedTuple):
    """The rows of a frame that are live bookings, as integers.

    Attributes:
        positions: Their positions in the frame.
        calendars: The number of the calendar of each.
        starts: The starts in microseconds.
        ends: The ends in microseconds.
    """

    positions: IntArray
    calendars: IntArray
    starts: IntArray
    ends: IntArray


class BadRows(NamedTuple):
    """Rows that cannot be judged.

    Attributes:
        positions: Their positions in the frame.
        reasons: The code of the reason of each.
    """

    positions: IntArray
    reasons: list[str]

    def with_more(self, positions: IntArray, reason: str) -> BadRows:
        """Return these rows and others, in the order of the frame."""
        every = np.concatenate((self.positions, positions))
        reasons = [*self.reasons, *[reason] * len(positions)]
        order = np.argsort(every, kind="stable")
        return BadRows(every[order], [reasons[place] for place in order.tolist()])


def read_bookings(
    frame: nw.DataFrame[Any], columns: Columns, owners: Mapping[Any, Any] | None, *, owners_whole: bool
) -> tuple[ReadBookings, BadRows]:
    """Read the live bookings of an eager frame, and find the bad rows.

    Args:
        frame: The frame.
        columns: Its columns.
        owners: The calendar that the time of some keys belongs to, such as the survivor of an absorbed customer.
        owners_whole: Whether a key without an owner is bad. If not, it is its own calendar.
    """
    height = len(frame)
    bad = np.zeros(height, dtype=np.int8)  # the number of the reason, from 1; the first reason stays

    def mark(reason: str, rows: BoolArray | None) -> None:
        if rows is not None:
            bad[(bad == 0) & rows] = BAD_REASONS.index(reason) + 1

    keys = text_keys(frame[columns.by])
    mark("id_missing", _nulls(frame[columns.id].is_null()))
    mark("calendar_missing", _nulls(keys.is_null()))
    if owners is not None:
        keys = owned(keys, owners, whole=owners_whole)
        mark("practitioner_unknown", _nulls(keys.is_null()))
    times = {}
    for reason, name in (("start_missing", columns.start), ("end_missing", columns.end)):
        mark(reason, _nulls(frame[name].is_null()))
    for name in (columns.start, columns.end):
        times[name], faults = instants(frame[name])
        for reason, rows in faults:
            mark(reason, rows)
    starts, ends = times[columns.start], times[columns.end]
    mark("end_not_after_start", _some(ends <= starts))
    live = None
    if columns.status is not None:
        statuses = frame[columns.status].to_polars()
        mark("status_missing", _nulls(statuses.is_null()))
        mark("status_unknown", _some(~_one_of(statuses, APPOINTMENT_STATUSES)))
        live = _one_of(statuses, LIVE)
    wrong = np.flatnonzero(bad)
    bad_rows = BadRows(wrong, [BAD_REASONS[code - 1] for code in bad[wrong].tolist()])
    calendars = numbered(keys)
    if not len(wrong) and (live is None or live.all()):
        return ReadBookings(np.arange(height), calendars, starts, ends), bad_rows
    kept = np.flatnonzero((bad == 0) if live is None else (bad == 0) & live)
    return ReadBookings(kept, calendars[kept], starts[kept], ends[kept]), bad_rows


def _one_of(statuses: pl.Series, words: Iterable[str]) -> BoolArray:
    """Return whether each status is one of some words."""
    wanted = pl.Series(list(words), dtype=statuses.dtype, strict=False).drop_nulls()  # words that an Enum has
    return statuses.is_in(wanted.implode()).fill_null(value=False).to_numpy()


def _are_whole(series: nw.Series[Any]) -> bool:
    """Return whether each number of a column is an integer that a float holds exactly."""
    numbers = series.drop_nulls().to_numpy()
    return bool((np.abs(numbers) < _LARGEST_FLOAT).all() and (numbers % 1 == 0).all())


def text_keys(series: nw.Series[Any]) -> pl.Series:
    """Return a column of ids or other keys as polars holds it."""
    return _whole(series.to_polars())


def _whole(keys: pl.Series) -> pl.Series:
    return keys.fill_nan(None).cast(pl.Int64) if keys.dtype.is_float() else keys


def plain_keys(series: pl.Series) -> pl.Series:
    """Return keys as text if they are dictionary-encoded, so that keys of several columns compare."""
    return series.cast(pl.String) if series.dtype in (pl.Categorical, pl.Enum) else _whole(series)


def owner_links(owners: Mapping[Any, Any], keys: Any, *, whole: bool) -> pl.DataFrame:
    """Return the owner of each key, in the type of the keys.

    A key that no value of this type is equal to is left out.

    Args:
        owners: The owners by key.
        keys: The type of the keys.
        whole: Whether owners are of a type of their own.

    Raises:
        InvalidValueError: Owners have to be of the type of the keys, and one of them is not.
    """
    links = pl.DataFrame(
        {"old": pl.Series(list(owners), strict=False), "new": pl.Series(list(owners.values()), strict=False)}
    ).with_columns(pl.col("old").cast(keys, strict=False))
    links = links.drop_nulls()
    if whole:
        return links
    typed = links.with_columns(pl.col("new").cast(keys, strict=False))
    if typed["new"].null_count():
        raise InvalidValueError("frame_owner_type")
    return typed


def owned(keys: pl.Series, owners: Mapping[Any, Any], *, whole: bool) -> pl.Series:
    """Return the owner of each key.

    Without an owner, it is the key itself, or null if every key must have one.
    """
    plain = plain_keys(keys)
    if not owners:
        return plain.clear(len(plain)) if whole else keys
    links = owner_links(owners, plain.dtype, whole=whole)
    if whole:
        return plain.replace_strict(
            links["old"], links["new"], default=None, return_dtype=links.schema["new"]
        )
    return plain.replace(links["old"], links["new"])


def numbered(keys: pl.Series) -> IntArray:
    """Return a number for each distinct key; any number for null."""
    if keys.dtype in _SMALL_INTEGERS:
        return keys.cast(pl.Int64).fill_null(0).to_numpy()
    if keys.dtype not in (pl.Categorical, pl.Enum):
        keys = keys.cast(pl.String).cast(pl.Categorical)
    return keys.to_physical().cast(pl.Int64).fill_null(0).to_numpy()


def instants(series: nw.Series[Any]) -> tuple[IntArray, Iterator[tuple[str, BoolArray | None]]]:
    """Return the instants of a column in microseconds, and the rows with each fault. Nulls have any instant."""
    if isinstance(series.dtype, nw.Datetime):
        return _from_datetimes(series)
    return _from_values(series.to_list(), series.is_null().to_list())


def _from_datetimes(series: nw.Series[Any]) -> tuple[IntArray, Iterator[tuple[str, BoolArray | None]]]:
    column = series.to_polars()
    zoneless = _nulls(column.is_not_null()) if getattr(column.dtype, "time_zone", None) is None else None
    unit = getattr(column.dtype, "time_unit", "us")
    raw = column.to_physical().fill_null(0).to_numpy()
    too_fine = None
    if unit == "ns":
        too_fine = _some(raw % 1_000 != 0)
        raw = raw // 1_000
    elif unit == "ms":  # a year that microseconds cannot hold stays out of range
        raw = np.clip(raw, -(10**15), 10**15) * 1_000
    out = _some((raw < _FIRST_MICROSECOND) | (raw > LAST_MICROSECOND))
    return raw, iter((("naive_time", zoneless), ("time_too_fine", too_fine), ("time_out_of_range", out)))


def _from_values(values: list[Any], nulls: list[bool]) -> tuple[IntArray, Iterator[tuple[str, BoolArray]]]:
    """Read RFC 3339 texts and datetimes of Python one by one."""
    whole = np.zeros(len(values), dtype=np.int64)
    faults: dict[str, BoolArray] = {}
    for place, (value, is_null) in enumerate(zip(values, nulls, strict=True)):
        if is_null:
            continue
        found = _instant(value)
        if isinstance(found, int):
            whole[place] = found
        else:
            faults.setdefault(found, np.zeros(len(values), dtype=np.bool_))[place] = True
    return whole, iter(faults.items())


def _instant(value: Any) -> int | str:
    """Return a value in microseconds, or the code of its fault."""
    try:
        if isinstance(value, str):
            return parse_rfc3339(value)
        if isinstance(value, datetime):
            return microseconds(value)
    except InvalidValueError as error:
        return error.code
    return "not_a_time"


def _nulls(mask: Any) -> BoolArray | None:
    """Return a mask as an array, or None if no row is in it."""
    return mask.to_numpy() if mask.any() else None


def _some(rows: BoolArray) -> BoolArray | None:
    return rows if rows.any() else None
