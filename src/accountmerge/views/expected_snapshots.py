"""Foresight: the data as a plan lets us expect them at an instant, and nothing that nobody planned."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime

from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.timeline import expected_instants
from accountmerge.model.instants import microseconds, utc
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import apply


def expected_snapshot(snapshot: Snapshot, plan: MigrationPlan, at: datetime) -> Snapshot:
    """Return the data as they are expected to be at an instant: with the steps that are to be done by then.

    The new profile opens at the instant of the plan, availability goes off as the blackout starts, bookings are
    rebooked evenly over it, and the schedules change as it ends; without a blackout, all at the instant of the
    plan. What is done already stays done, also if it was expected later, and a plan that is blocked changes
    nothing. Nobody books, cancels or completes anything meanwhile.

    Args:
        snapshot: The present data, untouched or with a part of the plan done.
        plan: The migration.
        at: The instant; any aware datetime, also one before the plan.

    Returns:
        A snapshot whose `taken_at` is still that of the present data: nobody has read the future, and a view
        takes its instant as an argument. So foreseeing twice is foreseeing the later, and the rest of
        the plan can be applied to what was expected_snapshot.

    Raises:
        ApplyRefused: The present data have drifted from the plan, or a guard of a step fails, as for `apply`.
        InvalidValueError: `at` is naive.

    Takes time in proportion to the edits of the plan. Source: design section 3.1, rules 2 to 5.
    """
    at_us = microseconds(utc(at))
    return after_steps(snapshot, plan, steps_by(plan, at_us)) if plan.is_ready else snapshot


def steps_by(plan: MigrationPlan, at_us: int) -> int:
    """Return how many steps of a plan are expected to be done at an instant, in microseconds."""
    instants = expected_instants(plan.change_set, plan.blackout)
    return bisect_right(instants, at_us, hi=len(plan.change_set.wanted_steps))


def after_steps(snapshot: Snapshot, plan: MigrationPlan, count: int) -> Snapshot:
    """Return the data with the first steps of a plan done.

    Raises:
        ApplyRefused: As for `apply`.
    """
    return apply(snapshot, plan.change_set.prefix(count)) if count else snapshot
