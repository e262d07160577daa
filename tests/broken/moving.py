"""Planners that go wrong when a practitioner moves, or a session is booked into the new profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.changes.store_ids import renamed_steps
from accountmerge.model.identifiers import derived_id
from broken.remade_plans import into, planner_with, with_edits, without_guards

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step
    from broken.remade_plans import Steps

_MOVES = (am.MigrationRequest, am.rebooking.RebookingRequest)


def _is_new_booking(edit: Edit) -> bool:
    return edit.before is None and isinstance(edit.after, am.Appointment)


def _is_cancelled(edit: Edit) -> bool:
    return isinstance(edit.after, am.Appointment) and edit.after.status == "cancelled"


def _history(snapshot: am.Snapshot, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Rebook what the customer came to long ago, too."""
    del rules
    last = max((place for place, step in enumerate(steps) if step.kind == "rebook"), default=None)
    if last is None:
        return steps
    new = next(edit.after for edit in steps[last].edits if isinstance(edit.after, am.Appointment))
    past = [
        row
        for row in snapshot.appointments.sorted()
        if row.profile_id == request.profile_id and row.status == "completed"
    ]
    more = [attrs.evolve(steps[last], edits=_moved(row, new.profile_id), guards=()) for row in past]
    return [*steps[: last + 1], *more, *steps[last + 1 :]]


def _moved(row: am.Appointment, profile_id: str) -> tuple[Edit, ...]:
    id = derived_id("appointment", row.id, profile_id)
    fields: Any = {"id": id, "number": None, "version": None, "profile_id": profile_id, "replaces": row.id}
    cancelled: Any = {"status": "cancelled", "cancel_reason": "rebooked", "replaced_by": id}
    return (
        am.changes.Edit(None, attrs.evolve(row, **fields)),
        am.changes.Edit(row, attrs.evolve(row, **cancelled)),
    )


def _careless(step: Step) -> Step:
    """Return a step that does not look for what is left on the old profile."""
    return without_guards("no_other_record", without_guards("no_other_future_booking", step))


def _early(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Hand over before the last booking was moved, and think nothing of it."""
    del snapshot, request, rules
    handing = ("deactivate_schedule", "activate_schedule")
    over = [_careless(step) for step in steps if step.kind in handing]
    rest = [step for step in steps if step.kind not in handing]
    last = max((place for place, step in enumerate(rest) if step.kind == "rebook"), default=len(rest))
    return [*rest[:last], *over, *rest[last:]]


def _both_open(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Open the new schedule first, so that there is always one that is open."""
    del snapshot, request, rules
    first = {"activate_schedule": 0, "deactivate_schedule": 1}
    over = sorted((step for step in steps if step.kind in first), key=lambda step: first[step.kind])
    step_runs = iter(without_guards("only_active_schedule", step) for step in over)
    return [next(step_runs) if step.kind in first else step for step in steps]


def _left_open(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Leave the old schedule open beside the new one."""
    del snapshot, request, rules
    kept = (step for step in steps if step.kind != "deactivate_schedule")
    return [without_guards("only_active_schedule", step) for step in kept]


def _same_number(snapshot: am.Snapshot, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Give the new booking the number that people know."""
    del request, rules

    def numbered(edit: Edit) -> Edit:
        row = edit.after
        if not _is_new_booking(edit) or not isinstance(row, am.Appointment) or row.replaces is None:
            return edit
        return into(edit, number=snapshot.appointments[row.replaces].number)

    return with_edits(numbered, steps)


def _with(**fields: Any) -> Any:
    """Return the mistake of a booking that is made with another value."""

    def mistaken(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
        del snapshot, request, rules
        return with_edits(lambda edit: into(edit, **fields) if _is_new_booking(edit) else edit, steps)

    return mistaken


def _cancelled_with(**fields: Any) -> Any:
    """Return the mistake of a booking that is cancelled with another value."""

    def mistaken(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
        del snapshot, request, rules
        return with_edits(lambda edit: into(edit, **fields) if _is_cancelled(edit) else edit, steps)

    return mistaken


def _no_access(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Forget that the first booking of a customer brings the access."""
    del snapshot, request, rules
    kept = with_edits(lambda edit: None if isinstance(edit.after, am.Access) else edit, steps)
    return [without_guards("access_holds", step) for step in kept]


def _all_access(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Let the new profile treat everybody whom the old one may only look at."""
    del snapshot, request, rules
    wide = with_edits(
        lambda edit: into(edit, level="treating") if isinstance(edit.after, am.Access) else edit, steps
    )
    return [without_guards("access_holds", step) for step in wide]


def _no_hours(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Open the new profile without the hours of the old one."""
    del snapshot, request, rules
    return with_edits(
        lambda edit: (
            into(edit, hours=None) if edit.before is None and isinstance(edit.after, am.Profile) else edit
        ),
        steps,
    )


def _no_data(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Open the new profile without the data of the old one."""
    del snapshot, request, rules
    return with_edits(
        lambda edit: (
            into(edit, data=None) if edit.before is None and isinstance(edit.after, am.Profile) else edit
        ),
        steps,
    )


def _cancelled_first(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Cancel in one step, book in the next one, and link the two."""
    del snapshot, request, rules
    for step in steps:
        cancelled = [edit for edit in step.edits if _is_cancelled(edit) and edit.before is not None]
        if step.kind != "rebook" or not cancelled:
            yield step
            continue
        (edit,) = cancelled
        alone = into(edit, replaced_by=getattr(edit.before, "replaced_by", None))
        others = tuple(other for other in step.edits if other is not edit)
        guards = tuple(guard for guard in step.guards if guard.kind != "not_after")
        late = tuple(guard for guard in step.guards if guard.kind == "not_after")
        yield attrs.evolve(step, edits=(alone,), guards=late)
        yield attrs.evolve(step, edits=(*others, am.changes.Edit(alone.after, edit.after)), guards=guards)


def _in_order_of_the_data(snapshot: am.Snapshot, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Move bookings in the order in which the data give them."""
    del request, rules
    places = {row.id: place for place, row in enumerate(snapshot.appointments)}
    moves = [step for step in steps if step.kind == "rebook"]
    step_runs = iter(sorted(moves, key=lambda step: places.get(step.edits[-1].id, 0)))
    return [next(step_runs) if step in moves else step for step in steps]


def _by_the_address(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Name what is made by the new address, which may be corrected before the next attempt."""
    del snapshot, rules
    made = [edit.key for step in steps for edit in step.edits if edit.before is None]
    ids = {key: derived_id("made", key[1], request.new_email.mailbox) for key in made}
    return renamed_steps(steps, ids)


def _by_the_place(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Name what is made by its place in the plan, which is another one when some of it is done."""
    del snapshot, rules
    made = [edit for step in steps for edit in step.edits if edit.before is None]
    ids = {edit.key: derived_id(edit.entity, request.ticket, str(place)) for place, edit in enumerate(made)}
    return renamed_steps(steps, ids)


MOVING: tuple[tuple[str, Any, str], ...] = (
    ("MovesHistory", planner_with(_history, am.MigrationRequest), "nothing_is_lost"),
    (
        "ActivatesTooEarly",
        planner_with(_early, am.MigrationRequest),
        "everything_is_rebooked_before_activation",
    ),
    (
        "OpensBeforeItCloses",
        planner_with(_both_open, am.MigrationRequest),
        "everything_is_rebooked_before_activation",
    ),
    (
        "LeavesTheOldScheduleOpen",
        planner_with(_left_open, am.MigrationRequest),
        "applying_does_what_was_asked",
    ),
    ("ReusesTheNumber", planner_with(_same_number, *_MOVES), "nothing_is_lost"),
    ("ForgetsTheZone", planner_with(_with(time_zone="UTC"), am.MigrationRequest), "nothing_is_lost"),
    ("BooksByPhone", planner_with(_with(modality="phone"), *_MOVES), "nothing_is_lost"),
    ("ForgetsThatItIsHeld", planner_with(_with(status="booked"), am.MigrationRequest), "nothing_is_lost"),
    ("ForgetsTheData", planner_with(_with(data=None), am.MigrationRequest), "nothing_is_lost"),
    ("ForgetsThePromise", planner_with(_with(local_start=None), am.MigrationRequest), "nothing_is_lost"),
    ("ForgetsTheSession", planner_with(_with(session_id=None), am.MigrationRequest), "nothing_is_lost"),
    ("ForgetsWhoBooked", planner_with(_with(made_by=None), am.MigrationRequest), "nothing_is_lost"),
    ("ForgetsTheDataOfTheProfile", planner_with(_no_data, am.MigrationRequest), "nothing_is_lost"),
    ("ForgetsWhyItCancels", planner_with(_cancelled_with(cancel_reason=None), *_MOVES), "nothing_is_lost"),
    ("DoesNotLinkBack", planner_with(_cancelled_with(replaced_by=None), *_MOVES), "nothing_is_lost"),
    ("ForgetsTheAccess", planner_with(_no_access, *_MOVES), "nothing_is_lost"),
    ("WidensAccess", planner_with(_all_access, *_MOVES), "nothing_is_lost"),
    ("ForgetsTheHours", planner_with(_no_hours, am.MigrationRequest), "nothing_is_lost"),
    (
        "CancelsBeforeItBooks",
        planner_with(_cancelled_first, *_MOVES),
        "values_are_gained_before_they_are_lost",
    ),
    (
        "FollowsTheOrderOfTheData",
        planner_with(_in_order_of_the_data, am.MigrationRequest),
        "equal_input_in_any_order_gives_byte_equal_plans",
    ),
    (
        "NamesByTheAddress",
        planner_with(_by_the_address, am.MigrationRequest),
        "new_ids_depend_on_neither_instant_nor_address",
    ),
    (
        "NamesByThePlace",
        planner_with(_by_the_place, am.MigrationRequest),
        "planning_on_the_result_of_any_prefix_reaches_the_same_end",
    ),
)
"""The name of each, the planner, and the law that it breaks."""
