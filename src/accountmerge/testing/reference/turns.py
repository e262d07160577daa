"""Turns: a step whose turn it is, and all that a store asks about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs
import pendulum

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.steps import Step
from accountmerge.model.appointments import Appointment
from accountmerge.testing.adapters import Reach
from accountmerge.testing.reference.image_chains import ImageChains

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen(repr=False, kw_only=True)
class Turn:
    """The turn of one step of a set.

    Attributes:
        change_set: The set.
        chains: The images of all that it touches.
        step: The step.
        now: What the clock of the store shows.
        reach: Is called at every point at which applying may be interrupted.
        clusters: By the id of a finding about many bookings, those, and what the set books in their place.
    """

    change_set: ChangeSet
    chains: ImageChains
    step: Step
    now: pendulum.DateTime
    reach: Reach
    clusters: Mapping[str, frozenset[str]]

    @property
    def step_id(self) -> str:
        """The id of the step, as receipts write it."""
        return f"{self.change_set.plan_id}/{self.step.ordinal}"


def turns(change_set: ChangeSet, now: pendulum.DateTime, reach: Reach) -> Iterator[Turn]:
    """Yield the turn of each step that is to be applied, in their order."""
    chains, clusters = ImageChains(change_set), dict(_clusters(change_set))
    for step in change_set.wanted_steps:
        yield Turn(change_set=change_set, chains=chains, step=step, now=now, reach=reach, clusters=clusters)


def _clusters(change_set: ChangeSet) -> Iterator[tuple[str, frozenset[str]]]:
    rows = [edit.after or edit.before for step in change_set.steps for edit in step.edits]
    heirs = [(row.replaces, row.id) for row in rows if isinstance(row, Appointment) and row.replaces]
    for finding, ids in change_set.clusters:
        members = set(ids)
        yield finding, frozenset(members.union(id for replaced, id in heirs if replaced in members))
