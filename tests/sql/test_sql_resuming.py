"""A store says how much of a change set is done, at the start, in the middle and at the end."""

from __future__ import annotations

import pytest
from moved_practice import AT, RULES, migration_of, practice, store_of
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
