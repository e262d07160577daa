"""Double bookings in a frame of appointments, for any number of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple

import attrs
import narwhals as nw
import numpy as np
import polars as pl

from accountmerge.errors import InvalidValueError
from accountmerge.frames.booking_columns import (
    BAD_REASON,
    BAD_REASONS,
    BadRows,
    Columns,
    ReadBookings,
    numbered,
    owned,
    plain_keys,
    read_bookings,
    text_keys,
)
from accountmerge.frames.engines import collected, in_engine, known_frame, links_from
from accountmerge.frames.link_ends import booking_roots, end_ids
from accountmerge.frames.overlapping_bookings import OverlappingBookings, overlapping_rows
from accountmerge.frames.packed_slots import BoolArray, IntArray, SortedSlots
from accountmerge.frames.window_queries import (
    CALENDAR,
    MarkedRows,
    marked,
    overlapping_candidates,
    repeated_members,
)
from accountmerge.model.values import Displayed

Owner = Literal["practitioner", "customer"]
_OF_PAIRS = ("first_id", "second_id", "start", "end")
"""The columns of pairs beside the calendar."""
PART_ROWS = 10_000_000
"""The rows of a lazy frame of polars that are in memory at a time, about 1 GB with ids of 36 letters."""


@attrs.frozen(eq=False, repr=False)
class BulkDoubleBookings(Displayed):
    """The double bookings of a frame, as frames of the same engine.

    Attributes:
        rows: The caller's rows that are in a double booking, with all their columns.
        bad: The caller's rows that could not be judged, with the code of the reason in the column `bad_reason`.
    """

    rows: Any
    bad: Any
    _make_pairs: Callable[[], Any]
    _count_pairs: Callable[[], int]
    _count_bad: Callable[[], dict[str, int]]

    @cached_property
    def pairs(self) -> Any:
        """Every double booking, one row each, in no particular order.

        The columns are the calendar, under the name of `by` (with `practitioners`: `practitioner_id`), `first_id`,
        `second_id`, and `start` and `end` of the shared time in UTC. The first booking is the earlier one by start, end
        and id. Made when they are read for the first time, in time and memory in proportion to the pairs.
        """
        return self._make_pairs()

    @cached_property
    def pair_count(self) -> int:
        """The number of pairs, counted without making them."""
        return self._count_pairs()

    @cached_property
    def bad_counts(self) -> dict[str, int]:
        """The number of bad rows by the code of the reason, in the order of the codes. Empty if there are none."""
        return self._count_bad()

    def __repr__(self) -> str:
        return f"BulkDoubleBookings(pair_count={self.pair_count}, bad_counts={self.bad_counts!r})"


class Request(NamedTuple):
    """The arguments of one search.

    Attributes:
        columns: The columns of the frame.
        owner: The owner of the time. Only a practitioner has sessions.
        persons: The survivor of each absorbed customer.
        practitioners: The practitioner of each profile, or None.
    """

    columns: Columns
    owner: Owner
    persons: Mapping[Any, Any]
    practitioners: Mapping[Any, Any] | None

    @property
    def owners(self) -> Mapping[Any, Any] | None:
        """The calendar that the time of some keys belongs to."""
        if self.practitioners is not None:
            return self.practitioners
        return self.persons if self.owner == "customer" and self.persons else None

    @property
    def calendar_name(self) -> str:
        """The name of the column with the calendars of pairs."""
        return self.columns.by if self.practitioners is None else "practitioner_id"


class Doubled(NamedTuple):
    """The judged candidates.

    Attributes:
        kept: The positions of the candidates that were judged.
        twice: The positions of those that share an id.
        overlaps: The judged ones.
    """

    kept: IntArray
    twice: IntArray
    overlaps: OverlappingBookings


def double_bookings(
    appointments: Any,
    by: str = "profile_id",
    *,
    merged_into: Any = None,
    practitioners: Any = None,
    owner: Owner | None = None,
    columns: Mapping[str, str] | None = None,
    on_progress: Callable[[int, int], object] | None = None,
) -> BulkDoubleBookings:
    """Find the double bookings in a frame of appointments, as `am.find_double_bookings` does on objects.

    The columns are `id`, `start`, `end` (aware instants) and `by`. If they exist, these are read as well: `status` (only
    `held` and `booked` are live; without the column every row is), `session_id`, `replaces`, `replaced_by` and
    `customer_id`. Times of an eager frame may be RFC 3339 texts.

    Live bookings of one calendar whose half-open slots overlap are a double booking, with the same exceptions as on
    objects: the halves of one rebooking of one person, and, except in calendars of customers, bookings with the same
    `session_id` and slot. Links of rebookings are followed over all rows, also those that are not live.

    Eager frames (polars, pandas, pyarrow) are packed into integers. For lazy ones (DuckDB, PySpark) a window query in
    their engine finds the rows that overlap, and only those and the rows with links are read into memory; lazy
    frames of polars are read in parts of about ten million rows, by calendar.

    Args:
        appointments: The frame: of polars (eager or lazy), pandas, pyarrow, DuckDB or PySpark.
        by: The column with the calendar: `profile_id`, `customer_id`, or any other key.
        merged_into: The survivor of each absorbed customer, so that a person is one calendar: a mapping, or a frame of
            customers with `id` and `merged_into`. Chains are followed.
        practitioners: The practitioner of each profile, so that a practitioner is one calendar: a mapping, or a frame of
            profiles with `id` and `practitioner_id`. Keys are then those in `by`.
        owner: Whose time it is. Default: of the customer if `by` is `customer_id`, else of the practitioner.
        columns: Your names of columns with the names above: `{"Booking ID": "id"}`. Default: the same names.
        on_progress: A function that is called after each part, with the number of parts that are done and of all parts.
            Only lazy frames of polars have several.

    Returns:
        The rows, the pairs and the bad rows. Rows with a missing or repeated id, a missing calendar, missing, zoneless or
        inverted times, or an unknown status are bad: they are not judged, and each has its reason. An id counts as
        repeated if several overlapping rows have it.

    Raises:
        InvalidValueError: The value is no frame of a known engine, or a column is missing or has a wrong type.

    Takes O(n log n) for n rows, for any number of pairs. Pairs are made only when they are read.
    """
    frame = known_frame("appointments", appointments)
    if owner is None:
        owner = "customer" if by == "customer_id" else "practitioner"
    elif owner not in ("practitioner", "customer"):
        raise InvalidValueError("not_one_of", field="owner", allowed=("practitioner", "customer"))
    named = Columns.of(frame.collect_schema(), by, columns)
    named.refuse_types(frame)
    request = Request(
        columns=named,
        owner=owner,
        persons=end_ids(links_from("merged_into", merged_into, ("id", "merged_into"))),
        practitioners=None
        if practitioners is None
        else links_from("practitioners", practitioners, ("id", "practitioner_id")),
    )
    if request.calendar_name in _OF_PAIRS:
        raise InvalidValueError("frame_by_name", column=request.calendar_name)
    progress = on_progress or (lambda _done, _parts: None)
    if isinstance(frame, nw.LazyFrame) and frame.implementation is nw.Implementation.POLARS:
        return _of_polars_lazy(frame, request, progress)
    found = _of_eager(frame, request) if isinstance(frame, nw.DataFrame) else _of_lazy(frame, request)
    progress(1, 1)
    return found


def _of_eager(frame: nw.DataFrame[Any], request: Request) -> BulkDoubleBookings:
    read, bad = _read(frame, request)
    overlap, slots = overlapping_rows(*read[1:])
    candidates = _only(read, overlap)
    details = _details(frame, request.columns, candidates.positions)
    found = _doubled(details, candidates, slots, _linked(frame, request.columns), request)
    bad = bad.with_more(candidates.positions[found.twice], "id_twice") if len(found.twice) else bad
    places = candidates.positions[found.kept]

    def pairs() -> Any:
        keys = plain_keys(text_keys(frame[request.columns.by][places]))
        shown = _shown_calendars(keys, request)
        ids = details["id"].gather(found.kept)
        return in_engine(_pair_frame(request, shown, ids, found.overlaps), frame)

    doubled = places[found.overlaps.doubled]
    rows = frame if len(doubled) == len(frame) else frame[doubled]
    return BulkDoubleBookings(
        rows=rows.to_native(),
        bad=_bad_frame(frame, bad),
        make_pairs=pairs,
        count_pairs=lambda: _pair_count(found.overlaps),
        count_bad=lambda: _counted(bad.reasons),
    )


def _read(frame: nw.DataFrame[Any], request: Request) -> tuple[ReadBookings, BadRows]:
    whole = request.practitioners is not None
    return read_bookings(frame, request.columns, request.owners, owners_whole=whole)


def _only(read: ReadBookings, rows: BoolArray) -> ReadBookings:
    if rows.all():
        return read
    places = np.flatnonzero(rows)
    return ReadBookings(*(part[places] for part in read))


def _details(frame: nw.DataFrame[Any], columns: Columns, positions: IntArray) -> pl.DataFrame:
    """Return the id, the session and the customer of some rows."""
    names = {"id": columns.id, "session_id": columns.session_id, "customer_id": columns.customer_id}
    taken = {
        name: text_keys(frame[column][positions]) for name, column in names.items() if column is not None
    }
    return pl.DataFrame({name: plain_keys(series) for name, series in taken.items()})


def _linked(frame: Any, columns: Columns) -> pl.DataFrame | None:
    """Return the ids and links of all rows with a link, or None if there are none."""
    names = [name for name in (columns.replaces, columns.replaced_by) if name is not None]
    if not names:
        return None
    rows = frame.filter(nw.any_horizontal(*(~nw.col(name).is_null() for name in names), ignore_nulls=True))
    rows = rows.filter(~nw.col(columns.id).is_null()).select(columns.id, *names)
    links = collected(rows)
    if not len(links):
        return None
    ids = plain_keys(links[columns.id])

    def of(column: str | None) -> pl.Series:
        return (
            pl.Series([None] * len(links), dtype=ids.dtype) if column is None else plain_keys(links[column])
        )

    return pl.DataFrame(
        {
            "id": ids,
            "replaces": of(columns.replaces).cast(ids.dtype),
            "replaced_by": of(columns.replaced_by).cast(ids.dtype),
        }
    )


def _doubled(
    details: pl.DataFrame,
    candidates: ReadBookings,
    slots: SortedSlots,
    links: pl.DataFrame | None,
    request: Request,
) -> Doubled:
    """Judge candidates exactly, but for those that share an id."""
    shared = _shared(details["id"])
    kept = np.arange(len(details))
    calendars, starts, ends = candidates[1:]
    if shared.any():
        kept = np.flatnonzero(~shared)
        rest = _only(candidates, ~shared)
        overlap, slots = overlapping_rows(*rest[1:])
        kept = kept[overlap]
        details = details[kept]
        calendars, starts, ends = (part[kept] for part in candidates[1:])
    overlaps = OverlappingBookings(
        calendars=calendars,
        starts=starts,
        ends=ends,
        slots=slots,
        sessions=_sessions(details, calendars, starts, ends) if request.owner == "practitioner" else None,
        bookings=None if links is None else _bookings(details, links, request.persons),
    )
    return Doubled(kept, np.flatnonzero(shared), overlaps)


def _shared(ids: pl.Series) -> BoolArray:
    """Return whether each id occurs more than once."""
    hashes = np.sort(ids.hash().to_numpy())  # takes a tenth of the time, and is nearly always enough
    if len(ids) and (hashes[1:] == hashes[:-1]).any():
        return ids.is_duplicated().to_numpy()
    return np.zeros(len(ids), dtype=np.bool_)


def _sessions(
    details: pl.DataFrame, calendars: IntArray, starts: IntArray, ends: IntArray
) -> IntArray | None:
    """Return the number of the session of each booking, or None if none is in one with others."""
    if "session_id" not in details.columns or details["session_id"].null_count() == len(details):
        return None
    keys = details.select("session_id", calendar=calendars, start=starts, end=ends)
    return _leaders(keys, details["session_id"].is_not_null())


def _bookings(details: pl.DataFrame, links: pl.DataFrame, persons: Mapping[Any, Any]) -> IntArray | None:
    """Return the number of the booking and person of each row, or None if all differ."""
    roots = details.select("id").join(booking_roots(links), on="id", how="left", maintain_order="left")[
        "root"
    ]
    keys = pl.DataFrame({"root": roots})
    if "customer_id" in details.columns:
        keys = keys.with_columns(person=owned(details["customer_id"], persons, whole=False))
    return _leaders(keys, roots.is_not_null())


def _leaders(keys: pl.DataFrame, rows: pl.Series) -> IntArray | None:
    """Return the position of the first row with the same keys, or None if all keys differ.

    Rows without keys have their own position.
    """
    numbered = keys.with_row_index("at").filter(rows)
    first = numbered.select("at", leader=pl.col("at").min().over(keys.columns))
    if first["leader"].n_unique() == len(first):
        return None
    leaders = np.arange(len(keys))
    leaders[first["at"].to_numpy()] = first["leader"].to_numpy()
    return leaders


def _shown_calendars(keys: pl.Series, request: Request) -> pl.Series:
    if request.owners is None:
        return keys
    return owned(keys, request.owners, whole=request.practitioners is not None)


def _pair_frame(
    request: Request, calendars: pl.Series, ids: pl.Series, overlaps: OverlappingBookings
) -> pl.DataFrame:
    first, second = overlaps.pairs()
    starts, ends = overlaps.starts[second], np.minimum(overlaps.ends[first], overlaps.ends[second])
    ties = np.flatnonzero(overlaps.starts[first] == starts)
    if len(ties):
        first[ties], second[ties] = _ordered(first[ties], second[ties], ids, overlaps.ends)
    instant = pl.Datetime("us", "UTC")
    return pl.DataFrame(
        {
            request.calendar_name: calendars.gather(first),
            "first_id": ids.gather(first),
            "second_id": ids.gather(second),
            "start": pl.Series(starts).cast(instant),
            "end": pl.Series(ends).cast(instant),
        }
    )


def _ordered(one: IntArray, other: IntArray, ids: pl.Series, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Return pairs with equal starts in the order of bookings, which is then by end and id."""
    by_id = (ids.gather(one) > ids.gather(other)).to_numpy()
    swapped = (ends[one] > ends[other]) | ((ends[one] == ends[other]) & by_id)
    return np.where(swapped, other, one), np.where(swapped, one, other)


def _pair_count(overlaps: OverlappingBookings) -> int:
    return int(overlaps.partners.sum()) // 2


def _bad_frame(frame: nw.DataFrame[Any], bad: BadRows) -> Any:
    rows = frame[bad.positions]
    reasons = nw.new_series(BAD_REASON, bad.reasons, nw.String, backend=frame.implementation)
    if frame.implementation is nw.Implementation.PANDAS:
        rows = nw.maybe_reset_index(rows)
    return rows.with_columns(reasons.alias(BAD_REASON)).to_native()


def _counted(reasons: Any) -> dict[str, int]:
    counts = Counter(reasons)
    return {reason: counts[reason] for reason in BAD_REASONS if counts[reason]}


def _of_lazy(frame: nw.LazyFrame[Any], request: Request) -> BulkDoubleBookings:
    """Judge the rows that a window query finds."""
    marks = marked(frame, request.columns, request.owners, owners_whole=request.practitioners is not None)
    has_sessions = request.owner == "practitioner" and request.columns.session_id is not None
    found = collected(overlapping_candidates(marks, sessions=has_sessions))
    if has_sessions:
        found = pl.concat([found, collected(repeated_members(marks, found)).cast(found.schema)])
    rows = _Candidates.of(found, request.columns)
    judged = _judged(rows, _linked(frame, request.columns), request)
    return _lazy_result(frame, request, marks, [judged])


def _of_polars_lazy(
    frame: nw.LazyFrame[Any], request: Request, progress: Callable[[int, int], object]
) -> BulkDoubleBookings:
    """Judge the rows in parts, each with some of the calendars."""
    marks = marked(frame, request.columns, request.owners, owners_whole=request.practitioners is not None)
    links = _linked(frame, request.columns)
    judged = []
    live: pl.LazyFrame = marks.live().to_native()
    height = int(live.select(pl.len()).collect(engine="streaming").item())
    parts = -(-height // PART_ROWS) or 1
    for part in range(parts):
        rows = _Candidates.of(_part(live, part, parts).collect(engine="streaming"), request.columns)
        judged.append(_judged(rows, links, request))
        progress(part + 1, parts)
    return _lazy_result(frame, request, marks, judged)


def _part(live: pl.LazyFrame, part: int, parts: int) -> pl.LazyFrame:
    """Return the rows of some calendars."""
    if parts == 1:
        return live
    key = pl.col(CALENDAR)
    if live.collect_schema()[CALENDAR] in (pl.Categorical, pl.Enum):
        key = key.cast(pl.String)  # codes of categories may differ from file to file
    return live.filter(key.hash() % parts == part)


class _Candidates(NamedTuple):
    """The overlapping rows of a lazy frame.

    Attributes:
        keys: The calendar, the id and both times, as the engine has them.
        details: The id, the session and the customer.
        read: The rows as integers.
    """

    keys: pl.DataFrame
    details: pl.DataFrame
    read: ReadBookings

    @classmethod
    def of(cls, rows: pl.DataFrame, columns: Columns) -> _Candidates:
        """Read rows that are in memory."""
        names = {"id": columns.id, "session_id": columns.session_id, "customer_id": columns.customer_id}
        details = {name: plain_keys(rows[column]) for name, column in names.items() if column in rows.columns}
        times = [
            rows[name].dt.cast_time_unit("us").to_physical().to_numpy()
            for name in (columns.start, columns.end)
        ]
        read = ReadBookings(np.arange(len(rows)), numbered(rows[CALENDAR]), *times)
        return cls(
            rows.select(CALENDAR, *dict.fromkeys((columns.id, columns.start, columns.end))),
            pl.DataFrame(details),
            read,
        )

    def only(self, rows: BoolArray) -> _Candidates:
        """Return some of the rows."""
        if rows.all():
            return self
        places = np.flatnonzero(rows)
        return _Candidates(self.keys[places], self.details[places], _only(self.read, rows))


def _judged(rows: _Candidates, links: pl.DataFrame | None, request: Request) -> tuple[_Candidates, Doubled]:
    """Return those of some rows that overlap another one, and judge them."""
    overlap, slots = overlapping_rows(*rows.read[1:])
    candidates = rows.only(overlap)
    return candidates, _doubled(candidates.details, candidates.read, slots, links, request)


def _lazy_result(
    frame: nw.LazyFrame[Any],
    request: Request,
    marks: MarkedRows,
    judged: list[tuple[_Candidates, Doubled]],
) -> BulkDoubleBookings:
    twice = pl.concat([rows.keys[found.twice] for rows, found in judged])
    doubled = pl.concat([rows.keys[found.kept[found.overlaps.doubled]] for rows, found in judged])
    bad = marks.bad()
    if len(twice):
        again = _same_rows(marks, twice).with_columns(nw.lit("id_twice").alias(BAD_REASON)).drop(CALENDAR)
        bad = nw.concat([bad, again.select(*bad.collect_schema().names())], how="vertical")

    def pairs() -> Any:
        frames = [
            _pair_frame(
                request,
                plain_keys(rows.keys[CALENDAR])[found.kept],
                rows.details["id"][found.kept],
                found.overlaps,
            )
            for rows, found in judged
        ]
        return in_engine(pl.concat(frames), frame)

    def counted() -> dict[str, int]:
        counts = collected(marks.bad().group_by(BAD_REASON).agg(nw.len().alias("count")))
        return _counted(dict(counts.iter_rows()) | ({"id_twice": len(twice)} if len(twice) else {}))

    return BulkDoubleBookings(
        rows=_same_rows(marks, doubled).drop(CALENDAR, BAD_REASON).to_native(),
        bad=bad.to_native(),
        make_pairs=pairs,
        count_pairs=lambda: sum(_pair_count(found.overlaps) for _, found in judged),
        count_bad=counted,
    )


def _same_rows(marks: MarkedRows, keys: pl.DataFrame) -> nw.LazyFrame[Any]:
    """Return the marked live rows with the calendars, ids and times of some rows."""
    named = list(keys.columns)
    small = nw.from_native(in_engine(keys.unique(), marks.rows))
    found: nw.LazyFrame[Any] = marks.live_rows().join(small, on=named, how="semi")
    return found
