"""Laws: tables of a snapshot go into frames of every engine and come back with the same rows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

import accountmerge as am
from accountmerge import frames
from accountmerge.frames.columns import columns_of
from accountmerge.model.entities import KINDS
from accountmerge.testing.strategies.snapshots import snapshots
from frame_engines import ENGINES, hostile, in_engine
from full_documents import full_snapshot


def read_back(snapshot: am.Snapshot, engine: str) -> am.Snapshot:
    tables = in_engine(engine, frames.tables(snapshot, values=True))
    return frames.snapshot(taken_at=snapshot.taken_at, complete_for=snapshot.complete_for, **tables)


@settings(max_examples=4)
@given(snapshot=snapshots())
def test_the_rows_that_go_in_come_out_of_every_engine(snapshot: am.Snapshot) -> None:
    whole = hostile(snapshot)
    tables = frames.tables(whole, values=True)
    text = am.dumps(whole)
    for engine in ENGINES:
        found = read_back(whole, engine)
        assert am.dumps(found) == text, engine
        again = frames.tables(found, values=True)
        assert all(tables[name].equals(again[name]) for name in tables), engine


@pytest.mark.parametrize("engine", ENGINES)
def test_a_snapshot_with_every_field_comes_back(engine: str) -> None:
    assert read_back(full_snapshot(), engine) == full_snapshot()


@settings(max_examples=6)
@given(snapshot=snapshots())
def test_a_table_has_the_documented_columns_whatever_is_in_it(snapshot: am.Snapshot) -> None:
    for values in (True, False):
        tables = frames.tables(snapshot, values=values)
        assert list(tables) == [kind.collection for kind in KINDS]
        for name, table in tables.items():
            assert dict(table.schema) == {
                column.name: column.type for column in columns_of(name) if values or not column.is_personal
            }
            assert table["id"].to_list() == [row.id for row in snapshot.table(name).sorted()]


def test_an_empty_table_has_its_columns_and_comes_back() -> None:
    empty = am.Snapshot(full_snapshot().taken_at)
    for engine in ENGINES:
        assert read_back(empty, engine) == empty


def test_a_table_that_does_not_exist_is_refused() -> None:
    with pytest.raises(am.InvalidValueError) as refused:
        frames.table(full_snapshot(), "bookings")  # type: ignore[arg-type]
    assert refused.value.code == "not_one_of"
    with pytest.raises(am.InvalidValueError) as refused:
        frames.tables(full_snapshot(), values="yes")  # type: ignore[arg-type]
    assert refused.value.facts["field"] == "values"
    with pytest.raises(am.InvalidValueError):
        frames.tables("practice.json")  # type: ignore[arg-type]
