"""A proof that a migration never makes both profiles bookable, and none of them in the blackout."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import attrs
import pendulum

from accountmerge.migrations.plan import MigrationPlan, blackout_of, new_profile, old_profile
from accountmerge.migrations.timeline import expected_instants
from accountmerge.model.instants import LAST_MICROSECOND, from_microseconds, microseconds, utc
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.values import ShownValue, value_class
from accountmerge.views.availability import in_blackout, is_bookable
from accountmerge.views.expected_snapshots import after_steps, steps_by


@value_class(eq=False, repr=False, kw_only=True)
class BookabilityOverlap(ShownValue):
    """An instant of a migration at which the portal would offer more than it may.

    Attributes:
        at: The instant.
        steps_done: The number of steps done by then.
        profile_ids: The bookable profiles: both, or in the blackout one or both.
        in_blackout: Whether the instant is in the blackout, in which no profile may be bookable.
    """

    at: pendulum.DateTime = attrs.field(converter=utc)
    steps_done: int
    profile_ids: tuple[str, ...]
    in_blackout: bool


def find_bookability_overlap(snapshot: Snapshot, plan: MigrationPlan) -> BookabilityOverlap | None:
    """Return the first instant with both profiles bookable, or one in the blackout, or None.

    The instants examined are those at which the answer may change, each also just before and just after: the
    instant of the plan, the expected instants of steps that write a profile, and the ends of the blackout.
    Steps with the same instant are examined one by one. Hours do not matter, so an overlap is found also
    where no time is free.

    Args:
        snapshot: The present data, untouched or with a part of the plan done.
        plan: The migration.

    Raises:
        ApplyRefused: The present data have drifted from the plan, as for `expected_snapshot`.

    Takes time in proportion to the edits of the plan.
    """
    states: dict[int, Snapshot] = {}
    for at_us, count in _moments(plan):
        if count not in states:
            states[count] = after_steps(snapshot, plan, count)
        overlap = _overlap(states[count], plan, at_us, count)
        if overlap is not None:
            return overlap
    return None


def _overlap(snapshot: Snapshot, plan: MigrationPlan, at_us: int, count: int) -> BookabilityOverlap | None:
    at = from_microseconds(at_us)
    both = (old_profile(snapshot, plan), new_profile(snapshot, plan))
    ids = {profile.id for profile in both if profile is not None}
    open_ids = tuple(sorted(id for id in ids if is_bookable(snapshot, plan, profile_id=id, at=at)))
    is_closed = in_blackout(plan, at)
    if len(open_ids) <= (0 if is_closed else 1):
        return None
    return BookabilityOverlap(at=at, steps_done=count, profile_ids=open_ids, in_blackout=is_closed)


def _moments(plan: MigrationPlan) -> Iterator[tuple[int, int]]:
    """Yield the instants to examine, soonest first, each with a number of steps that may be done."""
    if not plan.is_ready:
        return
    instants = expected_instants(plan.change_set, plan.blackout)
    wanted = len(plan.change_set.wanted_steps)
    writing = [count for count in range(1, wanted + 1) if _writes_profile(plan, count)]
    blackout = blackout_of(plan)
    marks = {microseconds(plan.change_set.at), *(instants[count - 1] for count in writing)}
    marks |= {blackout.start_us, blackout.end_us} if blackout is not None else set()
    for at_us in sorted({min(mark + offset, LAST_MICROSECOND) for mark in marks for offset in (-1, 0, 1)}):
        first, last = min(bisect_left(instants, at_us), wanted), steps_by(plan, at_us)
        between = (count for count in writing if first < count < last)
        yield from ((at_us, count) for count in sorted({first, *between, last}))


def _writes_profile(plan: MigrationPlan, count: int) -> bool:
    return any(isinstance(edit.after, Profile) for edit in plan.change_set.steps[count - 1].edits)
