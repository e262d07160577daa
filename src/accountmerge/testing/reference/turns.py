"""Turns: a step whose turn it is, and all that a store asks about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pendulum

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.steps import Step
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
    """

    change_set: ChangeSet
    chains: ImageChains
    step: Step
    now: pendulum.DateTime
    reach: Reach

    @property
    def step_id(self) -> str:
        """The id of the step, as receipts write it."""
        return f"{self.change_set.plan_id}/{self.step.ordinal}"


def turns(change_set: ChangeSet, now: pendulum.DateTime, reach: Reach) -> Iterator[Turn]:
    """Yield the turn of each step that is to be applied, in their order."""
    chains = ImageChains(change_set)
    for step in change_set.wanted_steps:
        yield Turn(change_set=change_set, chains=chains, step=step, now=now, reach=reach)
