"""The schedule of a migration: at which instant each of its steps is expected to be done.

Source: design section 3.1, rules 2 to 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.model.instants import LAST_MICROSECOND, MICROSECONDS_PER_DAY, microseconds

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.time_slots import TimeSlot


def expected_instants(change_set: ChangeSet, blackout: TimeSlot | None) -> tuple[int, ...]:
    """Return for each step of a migration when it is expected to be done; they never go back.

    The new profile is opened at the instant of the plan and availability goes off as the blackout starts. The rebookings
    are spread evenly over the blackout, and what activates the new schedule is done as it ends.

    Args:
        change_set: The steps.
        blackout: When availability is off; nothing if nobody knows, and then all is done at the instant of the plan.

    Returns:
        Microseconds since 1970-01-01T00:00:00Z, one for each step.
    """
    now = microseconds(change_set.at)
    if blackout is None:
        return (now,) * len(change_set.steps)
    start, end = max(now, blackout.start_us), max(now, blackout.end_us)
    count = sum(step.kind == "rebook" for step in change_set.steps)
    found: list[int] = []
    rebooked = 0
    for step in change_set.steps:
        rebooked += step.kind == "rebook"
        if step.kind == "open_profile":
            found.append(now)
        elif step.kind == "close_availability":
            found.append(start)
        elif step.kind == "rebook":
            found.append(start + (end - start) * rebooked // count)
        else:
            found.append(end)
    return tuple(found)


def end_of_old_log_in(change_set: ChangeSet, blackout: TimeSlot | None, days: int) -> int | None:
    """Return when the old log-in ends; nothing if the set activates nothing: then nobody can say from when on.

    Args:
        change_set: The steps.
        blackout: When availability is off; nothing if nobody knows.
        days: How long after the activation, in days of 24 hours each.

    Returns:
        Microseconds since 1970-01-01T00:00:00Z, in the calendar.
    """
    pairs = zip(change_set.steps, expected_instants(change_set, blackout), strict=True)
    activated = next((instant for step, instant in pairs if step.kind == "activate_schedule"), None)
    return None if activated is None else min(activated + days * MICROSECONDS_PER_DAY, LAST_MICROSECOND)
