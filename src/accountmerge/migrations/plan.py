"""The plan of a migration, and the profiles that it involves."""

from __future__ import annotations

import attrs

from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.situation import successor_in
from accountmerge.migrations.tasks import Task, tasks_of
from accountmerge.migrations.timeline import Timeline, timeline_of
from accountmerge.model.private import privacy
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import value_class
from accountmerge.plans.plan import Plan


def _named_window(plan: MigrationPlan) -> TimeSlot | None:
    return plan.request.window


@privacy(plain="blackout successor_id rebooked")
@value_class(eq=False, repr=False)
class MigrationPlan(Plan[MigrationRequest, MigrationRules]):
    """The plan of a practitioner's move to a new profile.

    Attributes:
        blackout: The window of the request, or else the one that the plan chose. If availability is off already, a
            plan for the rest has the time in which it is off in both profiles. None if the request names no window,
            and the plan is blocked or has no schedule to close or to open.
        successor_id: The id of the new profile. None if the plan changes no profile because it is blocked, or because
            the old profile names its successor already.
        rebooked: The ids of each rebooked booking and of its replacement, in the order of the steps.
    """

    blackout: TimeSlot | None = attrs.field(default=attrs.Factory(_named_window, takes_self=True))
    successor_id: str | None = None
    rebooked: tuple[tuple[str, str], ...] = ()

    @property
    def timeline(self) -> Timeline:
        """The phases of the migration, each with its start, actor, gate and way back.

        Every step belongs to exactly one phase.
        """
        return timeline_of(
            self.change_set,
            self.blackout,
            self.request.agreement,
            self.rules,
            is_named=self.request.window is not None,
        )

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks of all roles, sorted by role and phase. The customer has none."""
        return tasks_of(
            self.timeline,
            self.change_set,
            self.request.profile_id,
            blackout=self.blackout,
            successor_id=self.successor_id,
        )


def old_profile(snapshot: Snapshot, plan: MigrationPlan) -> Profile | None:
    """Return the old profile in a snapshot, or None if it is absent."""
    return snapshot.profiles.get(plan.request.profile_id)


def new_profile(snapshot: Snapshot, plan: MigrationPlan) -> Profile | None:
    """Return the new profile in a snapshot, or None if it is not open yet.

    It has the id that the plan writes. If there is none with this id, it is the old profile's successor, or is found by
    the mailbox, because a store may give ids of its own.
    """
    planned_id, old = plan.successor_id, old_profile(snapshot, plan)
    planned = snapshot.profiles.get(planned_id) if planned_id is not None else None
    return planned or (successor_in(snapshot, plan.request, old) if old is not None else None)


def planned_profile(plan: MigrationPlan) -> Profile | None:
    """Return the new profile after its first edit, or None if the plan does not edit it."""
    images = (edit.after for step in plan.change_set.steps for edit in step.edits)
    own = (image for image in images if isinstance(image, Profile) and image.id == plan.successor_id)
    return next(own, None)


def blackout_of(plan: MigrationPlan) -> TimeSlot | None:
    """Return the blackout of a plan, or None if the plan is blocked."""
    return plan.blackout if plan.is_ready else None
