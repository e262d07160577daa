"""The plan of a migration, and the profiles that it is about."""

from __future__ import annotations

import attrs

from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.situation import successor_in
from accountmerge.migrations.tasks import Task, tasks_of
from accountmerge.migrations.timeline import Timeline, timeline_of
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.plans.plan import Plan


def _named_window(plan: MigrationPlan) -> TimeSlot | None:
    return plan.request.window


@attrs.frozen(repr=False)
class MigrationPlan(Plan[MigrationRequest, MigrationRules]):
    """A practitioner's move to a new profile, decided and not yet done.

    Attributes:
        blackout: When availability is off: the window of the request, or else the one that the plan chose. Of a plan
            for the rest, made while availability is off already, the time in which it is off in both profiles. None if
            the request names no window, and the plan is blocked or has no schedule to close or to open.
        successor_id: The id of the profile that takes over. None if the plan changes no profile: it is blocked, or
            the old profile names its successor already.
        rebooked: The id of each booking that is rebooked, and of the appointment in its place; in the order of the steps.
    """

    blackout: TimeSlot | None = attrs.field(default=attrs.Factory(_named_window, takes_self=True))
    successor_id: str | None = None
    rebooked: tuple[tuple[str, str], ...] = ()

    @property
    def timeline(self) -> Timeline:
        """The phases of the migration: when each begins, who acts in it, what it needs, and its way back.

        Every step belongs to just one of them; a plan without steps has phases without steps, which say what
        they wait for, or that they were reached before.
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
        """What everybody has to do, by role and in time; nothing for the customer."""
        return tasks_of(
            self.timeline,
            self.change_set,
            self.request.profile_id,
            blackout=self.blackout,
            successor_id=self.successor_id,
        )


def old_profile(snapshot: Snapshot, plan: MigrationPlan) -> Profile | None:
    """Return the profile that is left, as it stands in a snapshot."""
    return snapshot.profiles.get(plan.request.profile_id)


def new_profile(snapshot: Snapshot, plan: MigrationPlan) -> Profile | None:
    """Return the profile that takes over, as it stands in a snapshot; None if it is not open yet.

    It has the id that the plan writes. One that the store opened under an id of its own, and that of a plan without
    steps, is found as a plan finds it: by what the old profile names as its successor, and by the mailbox.
    """
    planned_id, old = plan.successor_id, old_profile(snapshot, plan)
    planned = snapshot.profiles.get(planned_id) if planned_id is not None else None
    return planned or (successor_in(snapshot, plan.request, old) if old is not None else None)


def planned_profile(plan: MigrationPlan) -> Profile | None:
    """Return the profile that takes over as the plan first leaves it; nothing if the plan leaves it alone."""
    images = (edit.after for step in plan.change_set.steps for edit in step.edits)
    own = (image for image in images if isinstance(image, Profile) and image.id == plan.successor_id)
    return next(own, None)


def blackout_of(plan: MigrationPlan) -> TimeSlot | None:
    """Return the time in which a plan has availability off; nothing for a plan that is blocked."""
    return plan.blackout if plan.is_ready else None
