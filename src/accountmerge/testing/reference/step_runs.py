"""The run of a step in a store, with the place of each entity along the change set."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import pendulum

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.steps import Step
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import KINDS
from accountmerge.testing.adapters import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.changes.edits import Edit, Key
    from accountmerge.model.entities import Entity


class ChangeSetRevisions:
    """The images of every entity that a change set touches, and the image after each of its edits."""

    def __init__(self, change_set: ChangeSet) -> None:
        self._images: dict[Key, list[object]] = {}
        self._stages: dict[int, list[tuple[Edit, int]]] = {}
        self._first: dict[Key, int] = {}
        for step in change_set.steps:
            staged = self._stages[step.ordinal] = []
            for edit in step.edits:
                images = self._images.setdefault(edit.key, [_bare(edit.before)])
                self._first.setdefault(edit.key, step.ordinal)
                staged.append((edit, len(images)))
                images.append(_bare(edit.after))

    def is_begun(self, key: Key, ordinal: int, row: Entity | None) -> bool:
        """Return whether an entity is past its first image before a step.

        It is not if no edit touches it, or if another program has changed it before its first step.
        """
        return key in self._images and (self._first[key] < ordinal or bool(self.place(key, row)))

    def staged(self, ordinal: int) -> list[tuple[Edit, int]]:
        """Return the edits of a step, each with the image of its entity after it."""
        return self._stages[ordinal]

    def place(self, key: Key, row: Entity | None) -> int | None:
        """Return the index of the image of an entity, or None if the entity equals none."""
        bare = _bare(row)
        return next((place for place, image in enumerate(self._images[key]) if image == bare), None)


def _bare(row: Any) -> object:
    """Return the fields by which an entity is compared, without those that its store owns."""
    return row if row is None else (type(row), _COMPARED[type(row)](row))


_COMPARED = {
    kind.cls: attrgetter(
        *(field.name for field in attrs.fields(kind.cls) if field.name not in kind.store_given)
    )
    for kind in KINDS
}


@attrs.frozen(repr=False, kw_only=True)
class StepRun:
    """The run of one step of a change set.

    Attributes:
        change_set: The change set.
        revisions: The images of every entity that it touches.
        step: The step.
        now: The clock of the store.
        reach: A function to call at every point at which applying may be interrupted.
        clusters: By the id of a finding about many bookings, those bookings and their replacements.
    """

    change_set: ChangeSet
    revisions: ChangeSetRevisions
    step: Step
    now: pendulum.DateTime
    reach: Reach
    clusters: Mapping[str, frozenset[str]]

    @property
    def step_id(self) -> str:
        """The id of the step, as in receipts."""
        return f"{self.change_set.plan_id}/{self.step.ordinal}"


def step_runs(change_set: ChangeSet, now: pendulum.DateTime, reach: Reach) -> Iterator[StepRun]:
    """Yield the run of each step to apply, in order."""
    revisions, clusters = ChangeSetRevisions(change_set), dict(_clusters(change_set))
    for step in change_set.wanted_steps:
        yield StepRun(
            change_set=change_set, revisions=revisions, step=step, now=now, reach=reach, clusters=clusters
        )


def _clusters(change_set: ChangeSet) -> Iterator[tuple[str, frozenset[str]]]:
    rows = [edit.after or edit.before for step in change_set.steps for edit in step.edits]
    replacements_of = [
        (row.replaces, row.id) for row in rows if isinstance(row, Appointment) and row.replaces
    ]
    for finding, ids in change_set.clusters:
        members = set(ids)
        yield finding, frozenset(members.union(id for replaced, id in replacements_of if replaced in members))
