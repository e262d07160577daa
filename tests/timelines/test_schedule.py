"""The schedule of a migration: steps in time, never back, inside the blackout."""

from __future__ import annotations

from datetime import timedelta

import attrs
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.instants import microseconds
from accountmerge.testing.strategies import MigrationCase, migration_cases
from accountmerge.timelines.schedule import expected_instants


@given(migration_cases(), st.integers(0, 90))
def test_steps_are_taken_in_their_order_and_rebookings_inside_the_blackout(
    case: MigrationCase, hours: int
) -> None:
    start = case.at + timedelta(hours=hours)
    window = am.TimeSlot(start, start + timedelta(hours=3))
    plan = am.plan_migration(
        case.snapshot, attrs.evolve(case.request, window=window), rules=case.rules, at=case.at
    )
    steps, instants = plan.change_set.steps, expected_instants(plan.change_set, window)
    assert list(instants) == sorted(instants)
    assert len(instants) == len(steps)
    for step, instant in zip(steps, instants, strict=True):
        wanted = {
            "open_profile": (microseconds(case.at),) * 2,
            "close_availability": (window.start_us,) * 2,
            "rebook": (window.start_us, window.end_us),
        }.get(step.kind, (window.end_us,) * 2)
        assert wanted[0] <= instant <= wanted[1]
        assert step.kind != "rebook" or instant > window.start_us


@given(migration_cases())
def test_without_a_blackout_all_is_done_at_the_instant_of_the_plan(case: MigrationCase) -> None:
    plan = case.plan()
    assert set(expected_instants(plan.change_set, None)) <= {microseconds(case.at)}
