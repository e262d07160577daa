"""The data that a plan leads us to expect at an instant."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.timeline import expected_instants
from accountmerge.model.instants import microseconds, utc
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import apply


def expected_snapshot(snapshot: Snapshot, plan: MigrationPlan, at: datetime) -> Snapshot:
    """Return the data expected at an instant, with the steps due by then done.

    The new profile opens at the instant of the plan, availability goes off as the blackout starts, bookings
    are rebooked evenly over it, and the schedules change as it ends; without a blackout, everything happens
    at the instant of the plan. Steps already done stay done, also if they were expected later. A blocked plan
    changes no data. Changes by other people are not expected.

    Args:
        snapshot: The present data, untouched or with a part of the plan done.
        plan: The migration.
        at: The instant; any aware datetime, also one before the plan.

    Returns:
        A snapshot with the `taken_at` of the present data. The rest of the plan can be applied to it.

    Raises:
        ApplyRefused: The present data have drifted from the plan, or a guard of a step fails, as for `apply`.
        InvalidValueError: `at` is naive.

    Takes time in proportion to the edits of the plan.
    """
    at_us = microseconds(utc(at, "at"))
    return after_steps(snapshot, plan, steps_by(plan, at_us)) if plan.is_ready else snapshot


def steps_by(plan: MigrationPlan, at_us: int) -> int:
    """Return how many steps of a plan are due by an instant in microseconds."""
    instants = expected_instants(plan.change_set, plan.blackout)
    return bisect_right(instants, at_us, hi=len(plan.change_set.wanted_steps))


def after_steps(snapshot: Snapshot, plan: MigrationPlan, count: int) -> Snapshot:
    """Return the data with the first steps of a plan done; raises as `apply` does."""
    return apply(snapshot, plan.change_set.prefix(count)) if count else snapshot
