"""A table with few rows is read at once, one with more by a cursor of the server, and both give the same."""

from __future__ import annotations

import pytest
from mapped_schemas import booking_service
from moved_practice import practice, store_of
from sqlalchemy import Engine

import accountmerge as am
from accountmerge.sql import scopes


@pytest.mark.parametrize("few", [1, 4, 5, 8, 9])
def test_a_snapshot_is_the_same_however_its_rows_are_read(
    postgres_engine: Engine, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    mapping = practice(postgres_engine, clients=4, bookings=8)
    whole = store_of(postgres_engine, mapping).snapshot()
    monkeypatch.setattr(scopes, "FEW_ROWS", few)
    mapping = booking_service()  # whose statements are not made yet
    assert store_of(postgres_engine, mapping).snapshot() == whole
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE booking SET status = 99 WHERE id IN (1, 2)")
    with pytest.raises(am.LoadError) as told:
        store_of(postgres_engine, mapping).snapshot()
    assert [(fault.path, fault.facts["count"]) for fault in told.value.faults] == [("booking.status", 2)]
