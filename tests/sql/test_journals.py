"""A store tells which steps are written, what is owed since then, and which ids have moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from booking_service import NOW, confirmed, merge_of, migration_of, opened, store_of

import accountmerge as am
from accountmerge import sql
from accountmerge.changes.obligations import due_by_step
from accountmerge.sql.journals import MovedRow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[sql.Store]:
    engine = opened(tmp_path / "service.db")
    yield store_of(engine)
    engine.dispose()


def test_the_status_of_a_plan_has_its_receipts_its_obligations_and_its_moved_ids(store: sql.Store) -> None:
    change_set = confirmed(migration_of(store.snapshot()))
    empty = store.status(change_set.plan_id)
    assert (empty.receipts, empty.obligations, empty.moved) == ((), (), ())
    done = len(change_set.steps) - 1
    store.apply(change_set.prefix(done), by="Ada Example")
    part = store.status(change_set.plan_id)
    assert [receipt.ordinal for receipt in part.receipts] == list(range(1, done + 1))
    assert {(receipt.by, receipt.at) for receipt in part.receipts} == {("Ada Example", NOW)}
    store.apply(change_set, by="a test")
    status = store.status(change_set.plan_id)
    assert status.receipts == store.receipts(change_set.plan_id)
    assert [receipt.by for receipt in status.receipts][-1] == "a test"
    by_step = due_by_step(change_set)
    assert {(row.id, row.step, row.kind, row.facts) for row in status.obligations} == {
        (each.id, step, each.obligation.kind, each.obligation.facts)
        for step, found in by_step.items()
        for each in found
    }
    assert {row.due_at for row in status.obligations} == {NOW}
    expected = am.changes.moved(change_set, status.receipts)
    assert tuple(row.moved for row in status.moved) == expected != ()
    assert "Ada" not in repr(status)
    other = confirmed(merge_of(store.snapshot()))
    store.apply(other, by="a test")
    assert store.status(change_set.plan_id) == status
    assert store.status("unknown").receipts == ()


def test_an_obligation_is_owed_until_one_program_marks_it(store: sql.Store) -> None:
    first = confirmed(migration_of(store.snapshot()))
    store.apply(first, by="a test")
    second = confirmed(merge_of(store.snapshot()))
    store.apply(second, by="a test")
    owed = store.owed()
    assert {row.plan_id for row in owed} == {first.plan_id, second.plan_id}
    assert {*store.owed(first.plan_id), *store.owed(second.plan_id)} == set(owed)
    chosen = store.owed(first.plan_id)[0]
    later = sql.Store(store.engine, store.mapping, clock=lambda: NOW + timedelta(hours=1))
    assert later.mark_done([chosen.id, "unknown", chosen.id]) == (chosen.id,)
    assert store.mark_done({chosen.id}) == ()
    assert chosen.id not in {row.id for row in store.owed()}
    assert len(store.owed()) == len(owed) - 1
    (done,) = store.status(first.plan_id).done
    assert (done.id, done.done_at) == (chosen.id, NOW + timedelta(hours=1))
    assert store.mark_done([]) == ()
    assert set(store.mark_done([f"unknown {n}" for n in range(1200)] + [row.id for row in owed])) == {
        row.id for row in owed
    } - {chosen.id}
    assert store.owed() == ()
    with pytest.raises(am.InvalidValueError):
        store.mark_done("obligation-1")


def test_a_program_that_polls_sees_each_moved_id_once(store: sql.Store) -> None:
    assert store.moved() == ()
    seen: list[MovedRow] = []

    def poll(most: int | None = None) -> int:
        rows = store.moved(seen[-1].number if seen else 0, most=most)
        seen.extend(rows)
        return len(rows)

    first = confirmed(migration_of(store.snapshot()))
    store.apply(first.prefix(4), by="a test")
    assert poll() > 0
    assert poll() == 0
    store.apply(first, by="a test")
    store.apply(confirmed(merge_of(store.snapshot())), by="a test")
    while poll(most=1):
        assert len({row.number for row in seen[-1:]}) == 1
    assert tuple(seen) == store.moved()
    assert [row.number for row in seen] == sorted(row.number for row in seen)
    assert {row.plan_id for row in seen} >= {first.plan_id}
    assert ("client-12", "client-11") in {(row.moved.old_id, row.moved.new_id) for row in seen}


@pytest.mark.parametrize(("batch", "told"), [(1, list(range(1, 9))), (3, [3, 6, 8]), (100, [8])])
def test_progress_is_told_after_each_commit(store: sql.Store, batch: int, told: list[int]) -> None:
    change_set = confirmed(migration_of(store.snapshot()))
    batched = store_of(store.engine, batch=batch)
    seen: list[tuple[int, int, int]] = []

    def on_step(ordinal: int, count: int) -> None:
        seen.append((ordinal, count, len(store.receipts())))

    batched.apply(change_set, by="a test", on_step=on_step)
    assert seen == [(ordinal, 8, ordinal) for ordinal in told]
    batched.apply(change_set, by="a test", on_step=on_step)
    assert len(seen) == len(told)


def test_an_error_in_the_function_for_progress_leaves_whole_steps(store: sql.Store) -> None:
    change_set = confirmed(migration_of(store.snapshot()))

    def stop(ordinal: int, _: int) -> None:
        if ordinal == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.apply(change_set, by="a test", on_step=stop)
    assert [receipt.ordinal for receipt in store.receipts()] == [1, 2, 3]
    outcomes = store.apply(change_set, by="a test").outcomes
    assert [n for n, outcome in outcomes.items() if outcome == "already"] == [1, 2, 3]
