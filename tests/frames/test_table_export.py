"""Tables of a snapshot export Arrow: to every library that takes it, also empty ones, and without a personal value."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

import accountmerge as am
from accountmerge import frames
from accountmerge.model.entities import KINDS
from accountmerge.model.tables import Table
from accountmerge.testing.strategies import snapshots
from canaries import Aviary, shown_in
from small_values import NOON, appointment, customer, snapshot

NAMES = [kind.collection for kind in KINDS]
EXAMPLES = max(10, settings().max_examples // 4)


@settings(max_examples=EXAMPLES)
@given(snapshots())
def test_a_table_is_a_frame_of_its_rows_without_a_personal_value(drawn: am.Snapshot) -> None:
    found = Aviary().snapshot(drawn)
    for kind in KINDS:
        table = found.table(kind.collection)
        exported = pl.DataFrame(table)
        assert exported.equals(frames.rows(table))
        assert exported.equals(frames.rows(found, of=kind.cls))
        assert exported["id"].to_list() == sorted(row.id for row in table)
        assert not shown_in(exported.write_csv())
        again = pickle.loads(pickle.dumps(table))  # noqa: S301
        assert pl.DataFrame(again).equals(exported)
    whole: dict[str, Any] = {name: frames.rows(found.table(name), values=True) for name in NAMES}
    assert frames.snapshot(taken_at=found.taken_at, complete_for=found.complete_for, **whole) == found
    everything = frames.rows(found)
    assert len(everything) == sum(len(found.table(name)) for name in NAMES)


def test_every_library_that_takes_arrow_takes_a_table() -> None:
    bookings = snapshot(appointments=[appointment("A1"), appointment("A2")]).appointments
    assert pl.DataFrame(pa.table(bookings)).equals(frames.rows(bookings))
    assert pd.DataFrame.from_arrow(bookings)["id"].to_list() == ["A1", "A2"]  # type: ignore[attr-defined]
    found = duckdb.sql("SELECT id, customer_id, start FROM bookings")
    assert found is not None
    assert found.fetchall() == [
        ("A1", "C1", NOON),
        ("A2", "C1", NOON),
    ]
    capsule: Any = bookings.__arrow_c_stream__()
    assert type(capsule).__name__ == "PyCapsule"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.collection)
def test_an_empty_table_has_the_columns_of_its_class(kind: Any) -> None:
    empty = am.Snapshot(NOON)
    schema = frames.rows((), of=kind.cls).schema
    filled = snapshot(appointments=[appointment()])
    dropped = filled.changed([customer("C9")]).changed(drop={"customer": ["C9"], "appointment": ["A1"]})
    excerpt = am.changes.Excerpt(NOON)
    loaded = am.loads(am.dumps(empty))
    assert isinstance(loaded, am.Snapshot)
    for found in (empty, dropped, excerpt, loaded, attrs.evolve(filled).changed()):
        table = found.table(kind.collection)
        assert pl.DataFrame(table).schema == schema
        assert frames.rows(table).schema == schema
        assert table.row_class is kind.cls


def test_a_table_that_does_not_know_its_class_is_no_frame() -> None:
    with pytest.raises(am.InvalidValueError) as refusal:
        pl.DataFrame(Table())
    assert refusal.value.code == "frame_empty"


def test_tables_cost_no_extra_until_they_are_exported_and_then_name_it() -> None:
    script = """
import sys
import accountmerge as am
from datetime import UTC, datetime
table = am.Snapshot(datetime(2026, 3, 2, tzinfo=UTC)).appointments
assert len(table) == 0 and not {"polars", "narwhals", "numpy", "accountmerge.frames"} & sys.modules.keys()
sys.modules["polars"] = None
try:
    table.__arrow_c_stream__()
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert "pip install 'accountmerge[frames]'" in done.stdout
