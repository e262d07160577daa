"""A store says how much of a change set is done, at the start, in the middle and at the end."""

from __future__ import annotations

import attrs
import pytest
from moved_practice import AT, REQUEST, RULES, merge_of, migration_of, practice, store_of
from sqlalchemy import Engine

import accountmerge as am


class Stopped(Exception):  # noqa: N818 - the process ends here
    pass


@pytest.mark.parametrize("step", [1, 2, 4, 7])
def test_a_store_says_how_much_is_done(engine: Engine, step: int) -> None:
    store = store_of(engine, practice(engine, clients=2, bookings=4))
    plan = migration_of(store)
    change_set = plan.change_set
    steps = len(change_set.steps)
    edits = sum(len(each.edits) for each in change_set.steps)

    def stop(point: str) -> None:
        if point == f"before {step}":
            raise Stopped

    with pytest.raises(Stopped):
        store.apply(plan, by="a test", on_point=stop)
    done = sum(len(each.edits) for each in change_set.steps[: step - 1])
    found = store.resume(plan)
    assert (found.count("done"), found.count("to_apply"), found.drifted) == (done, edits - done, ())
    assert [each.ordinal for each in found.steps] == list(range(step, steps + 1))
    assert store.check(plan) == ()
    store.apply(plan, by="a test")
    assert store.resume(change_set).is_finished
    assert not am.plan_migration(store.snapshot(), plan.request, rules=RULES, at=AT).change_set.steps


def test_a_store_refuses_what_was_not_planned_in_the_same_words_as_on_a_snapshot(
    sqlite_engine: Engine,
) -> None:
    store = store_of(sqlite_engine, practice(sqlite_engine, clients=2, bookings=4))
    merge = merge_of(store)
    altered = attrs.evolve(merge, steps=merge.steps[:-1])
    for change_set in (altered, attrs.evolve(merge, confirmation=None)):
        assert store.check(change_set) == am.check(store.snapshot(), change_set) != ()
    for call in (store.resume, lambda given: store.apply(given, by="a test")):
        with pytest.raises(am.ApplyRefused) as refused:
            call(altered)
        assert [failure.code for failure in refused.value.failures] == ["plan_id_mismatch"]
    blocked = am.plan_migration(store.snapshot(), request_without_agreement(), rules=RULES, at=AT)
    assert [failure.code for failure in store.check(blocked)] == ["blocked"]


def request_without_agreement() -> am.MigrationRequest:
    return attrs.evolve(REQUEST, agreement=None)
