"""Keys, times and statuses of unusual types are judged in every engine as in polars, and so are repeated ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import accountmerge as am
from accountmerge import frames
from frames_of_snapshots import ENGINES, in_polars

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
IDS = pl.col("id", "replaces")
KEYS = pl.col("id", "profile_id", "customer_id", "replaces")
PRACTITIONERS = {"1": "H1", "2": "H1", "3": "H3"}


def bookings() -> pl.DataFrame:
    """Return bookings that overlap over two profiles, two merged customers, and one session, and some bad rows."""
    rows = [
        ("1", "1", "1", 0, 60, "booked", None, None),
        ("2", "2", "2", 30, 60, "held", None, None),
        ("3", "3", "1", 30, 60, "booked", None, None),
        ("4", "3", "2", 45, 30, "booked", None, "3"),
        ("5", "9", "1", 0, 60, "booked", None, None),
        ("6", "1", "3", 45, 0, "booked", None, None),
        ("7", None, "3", 0, 60, "booked", None, None),
        (None, "1", "3", 0, 60, "booked", None, None),
        ("8", "1", "3", 0, 60, "lost", None, None),
        ("9", "1", "4", 200, 60, "booked", "S", None),
        ("10", "1", "5", 200, 60, "booked", "S", None),
        ("10", "1", "5", 200, 60, "booked", "S", None),
        ("11", "3", "6", 200, 60, "booked", "T", None),
        ("12", "3", "7", 200, 60, "booked", "T", None),
        ("11", "3", "7", 230, 60, "booked", None, None),
        ("12", "3", "8", 400, 60, "booked", None, None),  # overlaps no other, so its id is not repeated
        ("1", "2", "9", 600, 60, "booked", None, None),
        ("13", "2", "9", 700, 60, "booked", "U", None),  # it overlaps only the next one of its session
        ("14", "2", "8", 700, 60, "booked", "U", None),
        ("13", "2", "9", 800, 60, "booked", None, None),
        ("15", "2", "8", 830, 60, "booked", None, None),
    ]
    names = ["id", "profile_id", "customer_id", "from", "minutes", "status", "session_id", "replaces"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    start = pl.lit(NINE) + pl.duration(minutes="from")
    return frame.select(
        *("id", "profile_id", "customer_id"),
        start.alias("start"),
        (start + pl.duration(minutes="minutes")).alias("end"),
        *("status", "session_id", "replaces"),
    )


def judged(frame: Any, by: str = "profile_id", **arguments: Any) -> dict[str, Any]:
    """Return all that is found in a frame, as text."""
    found = frames.double_bookings(frame, by, **arguments)
    bad = in_polars(found.bad).select(pl.col("id", by).cast(pl.String).cast(pl.Float64), "bad_reason")
    pairs = in_polars(found.pairs).with_columns(pl.col("first_id", "second_id").cast(pl.String))
    return {
        "pairs": sorted(pairs.with_columns(pl.nth(0).cast(pl.String)).rows()),
        "count": found.pair_count,
        "rows": sorted(in_polars(found.rows)["id"].cast(pl.String).cast(pl.Float64)),
        "bad": sorted(bad.rows(), key=repr),
        "reasons": found.bad_counts,
    }


TYPES: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "texts": lambda frame: frame,
    "integers": lambda frame: frame.with_columns(KEYS.cast(pl.Int64)),
    "categories": lambda frame: frame.with_columns(KEYS.cast(pl.Categorical)),
    "words of an enumeration": lambda frame: frame.with_columns(
        KEYS.cast(pl.Enum([str(number) for number in range(20)])),
        pl.col("status").replace("lost", None).cast(pl.Enum(["held", "booked"])),
    ),
    "numbers as statuses": lambda frame: frame.with_columns(status=pl.lit(1)),
    "two zones": lambda frame: frame.with_columns(pl.col("end").dt.convert_time_zone("Asia/Kolkata")),
    "an end without zone": lambda frame: frame.with_columns(pl.col("end").dt.replace_time_zone(None)),
    "milliseconds": lambda frame: frame.with_columns(pl.col("start").dt.cast_time_unit("ms")),
    "no sessions and no links": lambda frame: frame.with_columns(session_id=None, replaces=None),
    "no profile": lambda frame: frame.with_columns(profile_id=pl.lit(None, pl.String)),
    "no row": lambda frame: frame.clear(),
    "each row twice": lambda frame: pl.concat([frame, frame]),
}
EASY_FOR_DUCKDB = ("texts", "milliseconds", "no sessions and no links", "no profile", "no row")
"""Kinds that DuckDB is asked about in other tests. It takes its time over each question."""
ASKED: Mapping[str, dict[str, Any]] = {
    "profiles": {},
    "practitioners": {"practitioners": PRACTITIONERS},
    "integers as profiles": {
        "practitioners": {int(key): 100 + int(name[1:]) for key, name in PRACTITIONERS.items()}
    },
    "no practitioner": {"practitioners": {}},
    "persons": {"by": "customer_id", "merged_into": {"2": "1", "1": "3"}},
    "integers as persons": {"by": "customer_id", "merged_into": {2: 1, 1: 3}},
}


@pytest.mark.parametrize(("kind", "asked"), list(zip(TYPES, [*ASKED, *reversed(list(ASKED))], strict=True)))
def test_every_engine_judges_unusual_types_as_polars_does(kind: str, asked: str) -> None:
    frame = TYPES[kind](bookings())
    right = judged(frame, **ASKED[asked])
    engines = ["polars lazy", "pandas", "pandas on arrow", "pyarrow"]
    if kind not in EASY_FOR_DUCKDB:
        engines.append("duckdb")
    for engine in engines:
        assert judged(ENGINES[engine](frame), **ASKED[asked]) == right, engine
    owners = ASKED["practitioners"]
    assert judged(frame.lazy(), **owners) == judged(frame, **owners)


@pytest.mark.parametrize(("kind", "asked"), [("texts", "integers as persons"), ("integers", "practitioners")])
def test_duckdb_takes_owners_whose_keys_are_of_another_type(kind: str, asked: str) -> None:
    frame = TYPES[kind](bookings())
    assert judged(ENGINES["duckdb"](frame), **ASKED[asked]) == judged(frame, **ASKED[asked])


@pytest.mark.parametrize("asked", ASKED)
def test_integers_and_categories_are_judged_as_texts(asked: str) -> None:
    right = judged(bookings(), **ASKED[asked])
    assert right["reasons"]
    for kind in ("integers", "categories"):
        assert judged(TYPES[kind](bookings()), **ASKED[asked]) == right, kind


def test_an_id_is_repeated_if_two_rows_with_it_overlap_others_also_of_their_own_session() -> None:
    found = judged(bookings())
    assert [row for row in found["bad"] if row[2] == "id_twice"] == [
        (10.0, 1.0, "id_twice"),
        (10.0, 1.0, "id_twice"),
        (11.0, 3.0, "id_twice"),
        (11.0, 3.0, "id_twice"),
        (13.0, 2.0, "id_twice"),
        (13.0, 2.0, "id_twice"),
    ]


def test_whole_floats_of_an_eager_frame_are_keys_as_pandas_writes_integers_with_nulls() -> None:
    right = judged(bookings())
    floats = bookings().with_columns(KEYS.cast(pl.Float64))
    for engine in ("polars", "pandas", "pandas on arrow", "pyarrow"):
        assert judged(ENGINES[engine](floats)) == right
    for wrong in (0.5, float("inf"), 2.0**53):
        with pytest.raises(am.InvalidValueError, match="profile_id must contain text or integers"):
            frames.double_bookings(floats.with_columns(profile_id=pl.lit(wrong)))


def test_nulls_alone_are_missing_times_in_every_frame_of_polars_and_arrow() -> None:
    empty = bookings().with_columns(start=pl.lit(None))
    for frame in (empty, empty.lazy(), empty.to_arrow(), empty.to_pandas()):
        counts = frames.double_bookings(frame).bad_counts
        assert counts == {"id_missing": 1, "calendar_missing": 1, "start_missing": 19}


def test_frames_of_pandas_with_any_index_and_arrow_tables_with_views_and_chunks_are_judged_alike() -> None:
    right = judged(bookings())
    plain = bookings().to_pandas()
    table = bookings().to_arrow()
    names = [name for name in table.column_names if pa.types.is_large_string(table[name].type)]
    encoded = pa.table(
        {
            name: table[name].dictionary_encode() if name in names else table[name]
            for name in table.column_names
        }
    )
    views = bookings().to_arrow(compat_level=pl.CompatLevel.newest())
    assert pa.string_view() in views.schema.types
    given: list[Any] = [
        plain.set_axis([5] * len(plain)),
        plain.iloc[::-1],
        plain.set_index("status", drop=False),
        plain.convert_dtypes(),
        plain.astype(dict.fromkeys(names, "category")),
        pd.DataFrame({name: pd.Series(bookings()[name].to_list(), dtype=object) for name in plain.columns}),
        encoded,
        pa.concat_tables([encoded.slice(0, 3), encoded.slice(3)]),
        views,
        pl.concat([bookings()[:2], bookings()[2:]], rechunk=False),
    ]
    for number, frame in enumerate(given):
        assert judged(frame) == right, number


def test_a_lazy_frame_with_times_of_one_other_zone_is_judged() -> None:
    zoned = bookings().with_columns(pl.col("start", "end").dt.convert_time_zone("Australia/Lord_Howe"))
    assert judged(zoned.lazy())["count"] == judged(bookings())["count"]
    late = NINE + timedelta(days=2_900_000)  # in the year 9966
    assert frames.double_bookings(zoned.lazy().with_columns(end=pl.lit(late))).pair_count > 1
