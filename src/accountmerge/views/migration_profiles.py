"""The two profiles of a migration: the one that is left and the one that takes over, as a snapshot has them.

A plan that is blocked moves nobody: it has no new profile, and no blackout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.changes.own_ids import recognised
from accountmerge.model.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.snapshots import Snapshot
    from accountmerge.model.time_slots import TimeSlot
    from accountmerge.plans import MigrationPlan


def old_profile(snapshot: Snapshot, plan: MigrationPlan) -> Profile | None:
    """Return the profile that is left, as it stands in a snapshot."""
    return snapshot.profiles.get(plan.request.profile_id)


def new_profile(snapshot: Snapshot, plan: MigrationPlan) -> Profile | None:
    """Return the profile that takes over, as it stands in a snapshot; nothing if it is not open yet.

    One that the store opened under an id of its own is recognised by its practitioner and mailbox.
    """
    if not plan.is_ready:
        return None
    planned_id = _planned_id(plan)
    if planned_id is not None:
        opening = [step for step in plan.change_set.steps if step.kind == "open_profile"]
        return snapshot.profiles.get(recognised(snapshot, opening).get(("profile", planned_id), planned_id))
    old = old_profile(snapshot, plan)
    return snapshot.profiles.get(old.succeeded_by) if old and old.succeeded_by else None


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
