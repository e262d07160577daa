"""The plan of a migration, and the profiles that it is about."""

from __future__ import annotations

from collections.abc import Iterator

from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.situation import successor_in
from accountmerge.migrations.tasks import ToDo, to_dos_of
from accountmerge.migrations.timeline import Timeline, timeline_of
from accountmerge.model.instants import microseconds, parse_rfc3339
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.plans.plan import Plan


class MigrationPlan(Plan[MigrationRequest, MigrationRules]):
    """A practitioner's move to a new profile, decided and not yet done."""

    __slots__ = ()

    @property
    def blackout(self) -> TimeSlot | None:
        """When availability is off: the window of the request, or else the one that the plan chose.

        Of a plan for the rest, made while availability is off already, what its steps read in both profiles. Nothing
        if the request names none, and availability is not off at the instant of the plan.
        """
        if self.request.window is not None:
            return self.request.window
        for step in self.change_set.steps:
            if step.kind == "close_availability":
                ends = (parse_rfc3339(str(step.reason.facts[name])) for name in ("start", "end"))
                return TimeSlot.from_microseconds(*ends)
        return self._entered_blackout()

    def _entered_blackout(self) -> TimeSlot | None:
        """Return the time around the instant of the plan in which every schedule that is to change was off before."""
        at = microseconds(self.change_set.at)
        read = [
            edit.before
            for step in self.change_set.steps
            if step.kind in ("deactivate_schedule", "activate_schedule")
            for edit in step.edits
        ]
        found = [
            max((slot for slot in row.unavailable if slot.start_us <= at < slot.end_us), default=None)
            for row in read
            if isinstance(row, Profile)
        ]
        slots = [slot for slot in found if slot is not None]
        if not slots or len(slots) < len(found):
            return None
        return TimeSlot.from_microseconds(max(s.start_us for s in slots), min(s.end_us for s in slots))

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
    def to_dos(self) -> tuple[ToDo, ...]:
        """What everybody has to do, by role and in time; nothing for the customer."""
        return to_dos_of(self.timeline, self.change_set, self.request.profile_id)


def old_profile(snapshot: Snapshot, plan: MigrationPlan) -> Profile | None:
    """Return the profile that is left, as it stands in a snapshot."""
    return snapshot.profiles.get(plan.request.profile_id)


def new_profile(snapshot: Snapshot, plan: MigrationPlan) -> Profile | None:
    """Return the profile that takes over, as it stands in a snapshot; None if it is not open yet.

    It has the id that the plan writes. One that the store opened under an id of its own, and that of a plan without
    steps, is found as a plan finds it: by what the old profile names as its successor, and by the mailbox.
    """
    planned_id, old = _planned_id(plan), old_profile(snapshot, plan)
    planned = snapshot.profiles.get(planned_id) if planned_id is not None else None
    return planned or (successor_in(snapshot, plan.request, old) if old is not None else None)


def planned_profile(plan: MigrationPlan) -> Profile | None:
    """Return the profile that takes over as the plan first leaves it; nothing if the plan leaves it alone."""
    return next((image for image in _images(plan) if image.id != plan.request.profile_id), None)


def blackout_of(plan: MigrationPlan) -> TimeSlot | None:
    """Return the time in which a plan has availability off; nothing for a plan that is blocked."""
    return plan.blackout if plan.is_ready else None


def _planned_id(plan: MigrationPlan) -> str | None:
    """Return the id of the profile that takes over, if the plan writes it or points at it."""
    planned = planned_profile(plan)
    linked = (image.succeeded_by for image in _images(plan) if image.succeeded_by is not None)
    return planned.id if planned is not None else next(linked, None)


def _images(plan: MigrationPlan) -> Iterator[Profile]:
    """Yield the profiles that steps write, in their order."""
    for step in plan.change_set.steps:
        for edit in step.edits:
            if isinstance(edit.after, Profile):
                yield edit.after
