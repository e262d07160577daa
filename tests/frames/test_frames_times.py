"""Laws: times without zone become the instants at which clocks show them, or are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.errors import Fault
from accountmerge.frames.column_times import instants_of
from accountmerge.frames.polars_frames import polars_frame
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.wall_times import resolve_wall_time

ZONES = (
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "America/Toronto",
    "Africa/Casablanca",
    "UTC",
    "Asia/Kathmandu",
)
CHANGES = {
    "Australia/Sydney": ("2026-04-05 02:00", "2026-10-04 02:00"),
    "Australia/Lord_Howe": ("2026-04-05 01:30", "2026-10-04 02:00"),
    "America/Toronto": ("2026-11-01 01:00", "2026-03-08 02:00"),
}
"""Wall times at which an hour, or half an hour, begins to be shown twice, and to be skipped."""
_MINUTES = st.integers(-180, 180)


def expected(walls: list[datetime], zone: str) -> tuple[list[int | None], dict[int, str]]:
    whole: list[int | None] = []
    bad: dict[int, str] = {}
    for row, wall in enumerate(walls):
        try:
            whole.append(microseconds(resolve_wall_time(wall, zone, ambiguous="refuse", missing="refuse")))
        except am.InvalidValueError as error:
            whole.append(None)
            bad[row] = error.code
    return whole, bad


@given(
    zone=st.sampled_from(sorted(CHANGES)),
    minutes=st.lists(_MINUTES, min_size=1, max_size=5),
    seconds=st.timedeltas(timedelta(), timedelta(seconds=59, microseconds=999_999)),
    unit=st.sampled_from(("us", "text", "objects", "ns")),
)
def test_wall_times_around_a_change_are_those_of_the_clock(
    zone: str, minutes: list[int], seconds: timedelta, unit: str
) -> None:
    walls = [
        datetime.fromisoformat(change) + timedelta(minutes=minute) + seconds
        for change in CHANGES[zone]
        for minute in (*minutes, 0, 30)
    ]
    whole, bad = instants_of(_series(walls, unit), zone)
    assert (whole, {row: fault.facts["reason"] for row, fault in bad.items()}) == expected(walls, zone)
    assert bad


@given(
    zone=st.sampled_from(ZONES),
    walls=st.lists(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), max_size=8),  # noqa: DTZ001
)
def test_wall_times_of_any_year_are_those_of_the_clock(zone: str, walls: list[datetime]) -> None:
    whole, bad = instants_of(pl.Series("start", walls, dtype=pl.Datetime("us")), zone)
    assert (whole, {row: fault.facts["reason"] for row, fault in bad.items()}) == expected(walls, zone)


def _series(walls: list[datetime], unit: str) -> pl.Series:
    if unit == "text":
        return pl.Series("start", [wall.isoformat(" ") for wall in walls])
    if unit == "objects":
        return pl.Series("start", walls, dtype=pl.Object)
    return pl.Series("start", walls, dtype=pl.Datetime("us")).cast(
        pl.Datetime("ns" if unit == "ns" else "us")
    )


@given(
    moments=st.lists(st.datetimes(timezones=st.just(UTC)), max_size=5),
    unit=st.sampled_from(("us", "ms", "text", "objects")),
)
def test_instants_stay_as_they_are(moments: list[datetime], unit: str) -> None:
    if unit == "ms":
        moments = [moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments]
    values: list[Any] = [*moments, None]
    series = pl.Series("start", values, dtype=pl.Datetime("us", "Asia/Kathmandu"))
    if unit == "ms":
        series = series.cast(pl.Datetime("ms", "Asia/Kathmandu"))
    elif unit == "text":
        series = pl.Series("start", [rfc3339(moment) for moment in moments] + [None], dtype=pl.String)
    elif unit == "objects":
        series = pl.Series("start", values, dtype=pl.Object)
    assert instants_of(series, None) == ([*map(microseconds, moments), None], {})


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-03-02T09:00:00.1234567Z", "not_a_time"),
        ("2026-03-02", "not_a_time"),
        ("02/03/2026 09:00", "not_a_time"),
        ("2026-02-30 09:00", "not_a_time"),
        ("2026-03-02 25:00Z", "not_a_time"),
        ("2026-03-02 09:00", "naive_time"),
        ("9999-12-31T23:59:59-12:00", "time_out_of_range"),
        (pd.Timestamp("2026-03-02T09:00:00.000000001Z"), "not_a_time"),
        (datetime(2026, 3, 2), "naive_time"),  # noqa: DTZ001
    ],
)
def test_what_is_no_instant_is_told(value: Any, code: str) -> None:
    whole, bad = instants_of(pl.Series("start", [value], dtype=pl.Object), None)
    assert (whole, bad) == ([None], {0: Fault("invalid_value", reason=code)})


def test_times_that_are_too_fine_or_too_far_are_told() -> None:
    fine = pl.Series("start", [1_000, 1_001, None]).cast(pl.Datetime("ns", "UTC"))
    assert instants_of(fine, None) == ([1, None, None], {1: Fault("invalid_value", reason="not_a_time")})
    far = pl.Series("start", [0, 2**62, -(2**62)]).cast(pl.Datetime("ms", "UTC"))
    reason = Fault("invalid_value", reason="time_out_of_range")
    assert instants_of(far, None) == ([0, None, None], {1: reason, 2: reason})
    edge = pl.Series("start", [datetime(9999, 12, 31, 23)], dtype=pl.Datetime("us"))  # noqa: DTZ001
    assert instants_of(edge, "America/Toronto") == ([None], {0: reason})


def test_a_fixed_offset_that_polars_does_not_have_is_read() -> None:
    frame = pd.DataFrame({"start": pd.to_datetime(pd.Series(["2026-03-02T09:00:00+10:30", None]))})
    whole, bad = instants_of(polars_frame(frame)["start"], None)
    assert (whole, bad) == ([microseconds(datetime(2026, 3, 1, 22, 30, tzinfo=UTC)), None], {})


def test_naive_and_aware_objects_of_one_column_are_told_apart() -> None:
    frame = pd.DataFrame({"start": [datetime(2026, 3, 2), datetime(2026, 3, 2, tzinfo=UTC)]}, dtype=object)  # noqa: DTZ001
    whole, bad = instants_of(polars_frame(frame)["start"], None)
    assert (whole, set(bad)) == ([None, microseconds(datetime(2026, 3, 2, tzinfo=UTC))], {0})
