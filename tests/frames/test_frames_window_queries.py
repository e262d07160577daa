"""Window queries: that of narwhals and that of DuckDB find the rows that looking at every pair finds."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings

import accountmerge as am
from accountmerge.frames.booking_columns import Columns
from accountmerge.frames.engines import collected
from accountmerge.frames.window_queries import marked, overlapping_candidates
from accountmerge.testing.strategies import snapshots
from frames_of_snapshots import ENGINES, appointments_of, merges_of, persons_of

BY_NARWHALS = {"narwhals": lambda frame: frame.lazy(), "duckdb": ENGINES["duckdb"]}


def overlapping_by_hand(data: am.Snapshot, *, sessions: bool) -> list[str]:
    """Return the ids of live bookings that overlap another one of the person, other than of their session."""
    persons = persons_of(data)
    live = [row for row in data.appointments if row.is_live]
    return sorted(
        row.id
        for row in live
        if any(
            row is not other
            and persons[row.customer_id] == persons[other.customer_id]
            and row.slot.overlaps(other.slot)
            and not (
                sessions
                and row.session_id is not None
                and (row.session_id, row.slot) == (other.session_id, other.slot)
            )
            for other in live
        )
    )


def found_by(engine: str, data: am.Snapshot, *, sessions: bool) -> list[str]:
    frame: Any = nw.from_native(BY_NARWHALS[engine](appointments_of(data)))
    columns = Columns.of(frame.collect_schema(), "customer_id", None)
    merges = {id: persons_of(data)[id] for id, into in merges_of(data).items() if into is not None}
    marks = marked(frame, columns, merges, owners_whole=False)
    found: pl.DataFrame = collected(overlapping_candidates(marks, sessions=sessions))
    return sorted(found["id"])


@pytest.mark.parametrize("engine", BY_NARWHALS)
@settings(max_examples=12)
@given(data=snapshots(max_appointments=12))
def test_a_window_query_finds_every_row_that_overlaps_and_no_other(engine: str, data: am.Snapshot) -> None:
    for sessions in (True, False):
        assert found_by(engine, data, sessions=sessions) == overlapping_by_hand(data, sessions=sessions)
