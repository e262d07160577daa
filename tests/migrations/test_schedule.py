"""The schedule of a migration: steps in time, never back, inside the blackout."""

from __future__ import annotations

from hypothesis import assume, given

from accountmerge.migrations.timeline import expected_instants
from accountmerge.model.instants import microseconds
from accountmerge.testing.strategies import MigrationCase, migration_cases


@given(migration_cases())
def test_steps_are_taken_in_their_order_and_rebookings_inside_the_blackout(case: MigrationCase) -> None:
    plan = case.plan()
    window, now = plan.blackout, microseconds(case.at)
    assume(plan.change_set.steps and window)
    assert window is not None
    start_us, end_us = max(now, window.start_us), max(now, window.end_us)
    steps, instants = plan.change_set.steps, expected_instants(plan.change_set, window)
    assert list(instants) == sorted(instants)
    assert len(instants) == len(steps)
    for step, instant in zip(steps, instants, strict=True):
        wanted = {
            "open_profile": (now, now),
            "close_availability": (start_us, start_us),
            "rebook": (start_us, end_us),
        }.get(step.kind, (end_us, end_us))
        assert wanted[0] <= instant <= wanted[1]
        assert step.kind != "rebook" or instant > start_us


@given(migration_cases())
def test_without_a_blackout_all_is_done_at_the_instant_of_the_plan(case: MigrationCase) -> None:
    plan = case.plan()
    assert set(expected_instants(plan.change_set, None)) <= {microseconds(case.at)}
