"""Double bookings, claims and groups on Spark: those of objects, on many small practices in one frame."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge import frames
from accountmerge.testing.strategies import snapshots
from frames_of_snapshots import (
    Pair,
    appointments_of,
    in_polars,
    merges_of,
    pairs_of,
    pairs_on_objects,
    practitioners_of,
    troubled,
)
from small_values import appointment, snapshot
from strategies import colliding_snapshots

_IDS = ("id", "profile_id", "customer_id", "session_id", "replaces", "replaced_by")


def on_spark(spark: Any, frame: pl.DataFrame) -> Any:
    return spark.createDataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


def together(practices: list[am.Snapshot]) -> pl.DataFrame:
    """Return the appointments of many practices as one frame; ids begin with the number of the practice."""
    parts = [
        appointments_of(practice).with_columns(pl.format(f"{number}/{{}}", name) for name in _IDS)
        for number, practice in enumerate(practices)
    ]
    return pl.concat(parts)


def numbered(links: list[dict[str, Any]]) -> dict[str, str]:
    return {
        f"{number}/{id}": f"{number}/{onward}"
        for number, each in enumerate(links)
        for id, onward in each.items()
        if onward is not None
    }


def expected(practices: list[am.Snapshot], kind: str) -> list[Pair]:
    return sorted(
        (*(f"{number}/{id}" for id in pair[:3]), *pair[3:])  # type: ignore[misc]
        for number, practice in enumerate(practices)
        for pair in pairs_on_objects(practice, kind)
    )


@settings(max_examples=2)
@given(
    drawn=st.lists(st.one_of(snapshots(max_appointments=10), colliding_snapshots()), min_size=15, max_size=15)
)
def test_spark_finds_the_pairs_and_rows_of_objects(spark: Any, drawn: list[am.Snapshot]) -> None:
    practices = [
        troubled(practice, late=number % 3 == 0, odd=number % 2 == 0) for number, practice in enumerate(drawn)
    ]
    practices.append(snapshot(appointments=[appointment("A1"), appointment("A2")]))  # a pair in every example
    frame = on_spark(spark, together(practices))
    merged = numbered([merges_of(practice) for practice in practices])
    for kind, column in (("practitioner", "profile_id"), ("customer", "customer_id")):
        practitioners = numbered([practitioners_of(practice) for practice in practices])
        found = frames.double_bookings(
            frame, column, merged_into=merged, practitioners=practitioners if kind == "practitioner" else None
        )
        pairs = expected(practices, kind)
        assert pairs_of(found.pairs) == pairs
        assert found.pair_count == len(pairs)
        if kind == "practitioner":  # each of these is a job of Spark
            assert set(in_polars(found.rows)["id"]) == {id for pair in pairs for id in pair[1:3]}
            assert found.bad_counts == {}
        assert type(found.pairs) is type(found.rows) is type(found.bad) is type(frame)


def test_spark_returns_bad_rows_with_their_reasons(spark: Any) -> None:
    hour = {
        "start": pl.datetime(2026, 3, 2, 9, time_zone="UTC"),
        "end": pl.datetime(2026, 3, 2, 10, time_zone="UTC"),
    }
    rows = pl.DataFrame(
        {
            "id": ["A1", "A2", None, "A4", "A5", "A6", "A7", "A7"],
            "profile_id": ["P1", "P1", "P1", None, "P1", "P1", "P2", "P2"],
            "status": ["booked", "held", "held", "held", "gone", "booked", "held", "held"],
        }
    ).with_columns(**hour)
    rows = rows.with_columns(end=pl.when(pl.col("id") == "A6").then("start").otherwise("end"))
    found = frames.double_bookings(on_spark(spark, rows))
    assert found.bad_counts == {
        "id_missing": 1,
        "calendar_missing": 1,
        "end_not_after_start": 1,
        "status_unknown": 1,
        "id_twice": 2,
    }
    assert sorted(in_polars(found.bad)["bad_reason"]) == sorted(
        reason for reason, count in found.bad_counts.items() for _ in range(count)
    )
    assert sorted(in_polars(found.rows)["id"]) == ["A1", "A2"]
    zoneless = on_spark(spark, rows.with_columns(pl.col("start", "end").dt.replace_time_zone(None)))
    assert frames.double_bookings(zoneless).bad_counts["naive_time"] == 6


@pytest.mark.parametrize("left", ["first_id", "left"])
def test_spark_has_groups_and_claims(spark: Any, left: str) -> None:
    pairs = on_spark(spark, pl.DataFrame({left: ["b", "c"], "second_id": ["a", "b"]}))
    found = in_polars(frames.groups(pairs, left=left)).sort("id")
    assert found.rows() == [("a", "a"), ("b", "a"), ("c", "a")]
    emails = ['[{"address": "Ann@x.com", "use": "primary"}]', '[{"address": "ann@X.com", "use": "primary"}]']
    people = on_spark(spark, pl.DataFrame({"id": ["C1", "C2"], "emails": emails}))
    assert in_polars(frames.primary_email_conflicts(people).rows)["customer_id"].to_list() == ["C1", "C2"]
    assert in_polars(frames.claimed_twice(people).rows)["holder_id"].to_list() == ["C1", "C2"]
