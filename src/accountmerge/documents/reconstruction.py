"""Derive the decided fields of a plan from its steps, for files that do not store them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.situation import entered_blackout
from accountmerge.model.appointments import Appointment
from accountmerge.model.profiles import Profile
from accountmerge.model.time_slots import TimeSlot
from accountmerge.plans.plan import Plan


def decided_fields(cls: type) -> dict[str, Any]:
    """Return the types of the fields of a plan class that `Plan` lacks, by name."""
    attrs.resolve_types(cls)
    common = attrs.fields_dict(Plan)
    return {field.name: field.type for field in attrs.fields(cls) if field.name not in common}


def reconstructed(cls: type, request: Any, change_set: ChangeSet) -> dict[str, Any]:
    """Return the decided fields of a plan by name, derived from its request and steps."""
    names = decided_fields(cls).keys() & _READERS.keys()
    return {name: _READERS[name](request, change_set) for name in sorted(names)}


def _blackout(request: MigrationRequest, change_set: ChangeSet) -> TimeSlot | None:
    """Return the window of the request, or the time that a step closes or that was closed before."""
    if request.window is not None:
        return request.window
    closed = (
        slot
        for edit in _edits(change_set, "close_availability")
        if isinstance(edit.before, Profile) and isinstance(edit.after, Profile)
        for slot in edit.after.unavailable
        if slot not in edit.before.unavailable
    )
    changing = (edit.before for edit in _edits(change_set, "deactivate_schedule", "activate_schedule"))
    rows = [row for row in changing if isinstance(row, Profile)]
    return next(closed, None) or entered_blackout(rows, change_set.at)


def _successor_id(request: MigrationRequest, change_set: ChangeSet) -> str | None:
    """Return the successor of the old profile, else the other profile that a step writes."""
    images = [edit.after for edit in _edits(change_set) if isinstance(edit.after, Profile)]
    named = [image.succeeded_by for image in images if image.id == request.profile_id]
    others = (image.id for image in images if image.id != request.profile_id)
    return named[-1] if named and named[-1] is not None else next(others, None)


def _rebooked(request: Any, change_set: ChangeSet) -> tuple[tuple[str, str], ...]:  # noqa: ARG001 - one signature
    """Return the bookings that steps cancel, each with the appointment that replaces it."""
    images = (edit.after for edit in _edits(change_set, "rebook") if edit.before is not None)
    rows = (row for row in images if isinstance(row, Appointment) and not row.is_live)
    return tuple((row.id, row.replaced_by) for row in rows if row.replaced_by is not None)


def _edits(change_set: ChangeSet, *kinds: str) -> Iterator[Edit]:
    """Yield the edits of the steps of some kinds. Default: of all steps."""
    for step in change_set.steps:
        if not kinds or step.kind in kinds:
            yield from step.edits


_READERS: dict[str, Callable[[Any, ChangeSet], Any]] = {
    "blackout": _blackout,
    "successor_id": _successor_id,
    "rebooked": _rebooked,
}
"""The function that derives a field, by its name."""
