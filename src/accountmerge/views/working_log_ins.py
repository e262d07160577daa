"""Working log-ins: with which of the two profiles of a migration the practitioner can sign in at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pendulum

from accountmerge.model.instants import (
    from_microseconds,
    microseconds,
    utc,
)
from accountmerge.timelines.schedule import end_of_old_log_in
from accountmerge.views.availability import in_blackout
from accountmerge.views.migration_profiles import new_profile, old_profile

if TYPE_CHECKING:
    from datetime import datetime

    from accountmerge.model.profiles import Profile
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.plans import MigrationPlan


@attrs.frozen(kw_only=True)
class WorkingLogIns:
    """Which log-ins of a practitioner work at an instant of a migration.

    Attributes:
        old: Whether that of the old profile does.
        new: Whether that of the new profile does; it does not before the profile is open.
        may_be_disrupted: Whether it is the blackout, in which access to either may be disrupted.
        old_ends: When the old log-in ends; nothing if the plan activates nothing.
    """

    old: bool
    new: bool
    may_be_disrupted: bool
    old_ends: pendulum.DateTime | None = None


def working_log_ins(snapshot: Snapshot, plan: MigrationPlan, at: datetime) -> WorkingLogIns:
    """Tell which of the two log-ins of a migration work at an instant.

    Each works while the store has it enabled; that of the old profile no longer than the rules say after the
    activation (`old_log_in_days`, of 24 hours each), whether or not the store has switched it off.

    Args:
        snapshot: The data at the instant: the present ones, or those that `foreseen` returns for it.
        plan: The migration.
        at: The instant; any aware datetime.

    Raises:
        InvalidValueError: `at` is naive.

    Source: design section 3.1, rule 3.
    """
    at_us = microseconds(utc(at))
    old, new = old_profile(snapshot, plan), new_profile(snapshot, plan)
    ends_us = end_of_old_log_in(plan.change_set, plan.blackout, plan.rules.old_log_in_days)
    is_over = ends_us is not None and ends_us <= at_us and old is not None and old.schedule != "active"
    return WorkingLogIns(
        old=_is_enabled(old) and not is_over,
        new=_is_enabled(new),
        may_be_disrupted=in_blackout(plan, at),
        old_ends=from_microseconds(ends_us) if ends_us is not None else None,
    )


def _is_enabled(profile: Profile | None) -> bool:
    return profile is not None and profile.login == "enabled"
