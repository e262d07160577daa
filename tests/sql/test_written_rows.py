"""Rows that are written again in one message are those that were written first."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from lasting_stores import EACH, holdable_in, lasting_store
from mapped_adapter import MappedAdapter

import accountmerge as am
from accountmerge.testing.strategies import snapshots


def stored(adapter: MappedAdapter) -> dict[str, list[str]]:
    """Return all rows of all tables, sorted."""
    tables = [*adapter.mapping.metadata.sorted_tables, *adapter.mapping.tables.added.sorted_tables]
    with adapter.engine.connect() as connection:
        return {table.name: sorted(map(repr, connection.execute(sa.select(table)))) for table in tables}


@pytest.mark.parametrize("store", EACH, ids="-".join)
def test_data_are_written_again_as_the_same_rows(
    request: pytest.FixtureRequest, store: tuple[str, str]
) -> None:
    @settings(max_examples=2)
    @given(first=snapshots(), other=snapshots())
    def try_on(first: am.Snapshot, other: am.Snapshot) -> None:
        first, other = holdable_in(adapter, first), holdable_in(adapter, other)
        ids = adapter.seed(first)
        rows = stored(adapter)
        adapter.seed(other)
        assert adapter.seed(first) == ids
        assert stored(adapter) == rows
        if adapter.mapping.gives_ids:
            fresh = MappedAdapter(adapter.engine, adapter.mapping)
            assert fresh.seed(first) == ids  # keys are counted from 1 again

    with lasting_store(request, *store) as adapter:
        try_on()
