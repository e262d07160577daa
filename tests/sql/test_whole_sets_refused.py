"""A change set that cannot be applied at once is refused, or is applied step by step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from booking_service import confirmed, contents, merge_of, migration_of, opened, store_of

import accountmerge as am
from accountmerge.changes.commands import Conflict
from accountmerge.sql.bulk_writing import BulkWriter

WHOLE = 1_000
"""A number of steps that no change set of these tests has."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = opened(tmp_path / "service.db")
    yield made
    made.dispose()


def lost() -> Exception:
    return sa.exc.OperationalError("a statement", {}, OSError("gone"), connection_invalidated=True)


def full() -> Exception:
    return sa.exc.OperationalError("a statement", {}, OSError("no room"))


@pytest.mark.parametrize("trouble", [Conflict, lost, full])
def test_a_set_that_fails_at_once_is_applied_step_by_step(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, trouble: Any
) -> None:
    def fail(*_: object) -> None:
        raise trouble()

    store = store_of(engine, batch=WHOLE)
    before = store.snapshot()
    change_set = confirmed(merge_of(before))
    monkeypatch.setattr(BulkWriter, "write", fail)
    points: list[str] = []
    applied = store.apply(change_set, by="a test", on_point=points.append)
    assert set(applied.outcomes.values()) == {"applied"}
    assert points.count("before 1") == 2
    assert len(store.receipts()) == len(change_set.steps)
    assert {row.id: row.status for row in store.snapshot().customers} == {
        row.id: row.status for row in am.apply(before, change_set).customers
    }


@pytest.mark.parametrize("planner", [migration_of, merge_of])
def test_a_set_that_is_partly_done_is_not_applied_at_once(engine: sa.Engine, planner: Any) -> None:
    store = store_of(engine, batch=WHOLE)
    change_set = confirmed(planner(store.snapshot()))
    store_of(engine).apply(change_set.prefix(2), by="a test")
    applied = store.apply(change_set, by="a test")
    assert [outcome for _, outcome in applied.steps][:3] == ["already", "already", "applied"]
    assert len(store.receipts()) == len(change_set.steps)


@pytest.mark.parametrize("batch", [1, WHOLE])
def test_a_set_that_does_not_fit_is_refused_with_the_same_reasons(engine: sa.Engine, batch: int) -> None:
    store = store_of(engine, batch=batch)
    change_set = confirmed(merge_of(store.snapshot()))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE client SET last_name = 'Other' WHERE id = 12")
    before = contents(engine)
    with pytest.raises(am.ApplyRefused) as refused:
        store.apply(change_set, by="a test")
    assert refused.value.failures == store.check(change_set) != ()
    assert contents(engine) == before
