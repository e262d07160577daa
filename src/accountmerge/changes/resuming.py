"""A report of the progress of the present data along a change set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.excerpts import watched
from accountmerge.changes.failures import ApplyRefused
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.revisions import image_failures, located_revisions
from accountmerge.changes.steps import Step
from accountmerge.changes.wholeness import absent_failures
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import EntityName
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.values import ShownValue, Value, value_class

EditState = Literal["to_apply", "done", "drifted"]
EDIT_STATES: tuple[EditState, ...] = get_args(EditState)


@value_class(eq=False, repr=False, kw_only=True)
class EditProgress(ShownValue):
    """The progress of one edit.

    Attributes:
        step: The ordinal of its step.
        entity: The kind of the entity.
        id: The id of the entity in the plan.
        store_id: Its id in the store.
        state: `to_apply`, `done`, or `drifted` if another program wrote the entity, which is then not overwritten.
    """

    step: int
    entity: EntityName
    id: str
    store_id: str
    state: EditState


@value_class(eq=False, repr=False)
class Resumption(Value):
    """The progress of the present data along a change set.

    Attributes:
        edits: The progress of each edit, in the order of the change set.
        steps: The steps with edits to apply, with the ids and numbers that the store gave.
    """

    edits: tuple[EditProgress, ...]
    steps: tuple[Step, ...]

    @property
    def is_finished(self) -> bool:
        """Whether every edit is done."""
        return all(edit.state == "done" for edit in self.edits)

    @property
    def drifted(self) -> tuple[EditProgress, ...]:
        """The edits of entities that another program wrote, which need a new plan."""
        return tuple(edit for edit in self.edits if edit.state == "drifted")

    def count(self, state: EditState) -> int:
        """Return the number of edits in a state."""
        return sum(edit.state == state for edit in self.edits)

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.count(state)} {state}" for state in EDIT_STATES)
        return f"Resumption({counts})"


def resume(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt] = ()) -> Resumption:
    """Return the progress of each edit of a change set; `apply` does the rest.

    Works as `accountmerge.resume`, but without a comparison of the plan id with the content.

    Raises:
        ApplyRefused: The images do not join, because the change set was altered by hand. Or an entity is absent and
            the data are not complete for its practitioner or customer: it may be done, to apply, or not loaded.
    """
    failures = tuple(image_failures(change_set.steps))
    if failures:
        raise ApplyRefused(failures)
    receipts = tuple(receipts)
    snapshot = watched(snapshot)
    steps, all_revisions = located_revisions(snapshot, change_set, receipts)
    failures = absent_failures(snapshot, change_set, steps, all_revisions)
    if failures:
        raise ApplyRefused(failures)
    numbers = _numbers(change_set, receipts)
    reached: dict[Key, int] = {}
    entries: list[EditProgress] = []
    left: list[Step] = []
    wanted = len(change_set.wanted_steps)
    for planned, step in zip(change_set.steps[:wanted], steps[:wanted], strict=True):
        states: list[EditState] = []
        for edit in step.edits:
            reached[edit.key] = reached.get(edit.key, 0) + 1
            states.append(_state(all_revisions[edit.key].position, reached[edit.key]))
        entries += [
            EditProgress(step=step.ordinal, entity=edit.entity, id=edit.id, store_id=own.id, state=state)
            for edit, own, state in zip(planned.edits, step.edits, states, strict=True)
        ]
        if "to_apply" in states:
            left.append(attrs.evolve(step, edits=tuple(_numbered(edit, numbers) for edit in step.edits)))
    return Resumption(tuple(entries), tuple(left))


def _state(position: int | None, stage: int) -> EditState:
    if position is None:
        return "drifted"
    return "done" if position >= stage else "to_apply"


def _numbers(change_set: ChangeSet, receipts: Iterable[Receipt]) -> dict[str, str]:
    """Return the appointment numbers that the store gave, by the store's ids."""
    return {
        entry.store_id or entry.id: entry.number
        for receipt in receipts
        if receipt.plan_id == change_set.plan_id
        for entry in receipt.written
        if entry.entity == "appointment" and entry.number is not None
    }


def _numbered(edit: Edit, numbers: Mapping[str, str]) -> Edit:
    """Return an edit whose images have the number that the store gave."""
    number = numbers.get(edit.id)
    if number is None:
        return edit
    before, after = (
        attrs.evolve(image, number=number)
        if isinstance(image, Appointment) and image.number is None
        else image
        for image in (edit.before, edit.after)
    )
    return Edit(before, after)
