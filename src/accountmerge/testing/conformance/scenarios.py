"""Scenarios of data and a change set that is applied to them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.applying import apply  # the seal was checked when it was planned
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.strategies.planned_cases import PlannedCase, UndoCase

if TYPE_CHECKING:
    from collections.abc import Callable

    import pendulum

    from accountmerge.testing.reference.renamed_rows import Names

    Planned = Callable[[Snapshot, Names], ChangeSet | None]


@attrs.define(repr=False, slots=False)
class PlannedWork:
    """A change set with the data that it was planned on, and the expected data after its steps.

    Attributes:
        present: The data.
        change_set: The change set; None if the plan is blocked or empty.
    """

    present: Snapshot
    change_set: ChangeSet | None
    _after: dict[int, Snapshot] = attrs.field(factory=dict, init=False)

    @cached_property
    def whole(self) -> Snapshot:
        """The expected data when all steps are applied."""
        return apply(self.present, self._planned)

    def after_steps(self, n: int) -> Snapshot:
        """Return the expected data after some steps."""
        if n not in self._after:
            self._after[n] = apply(self.present, self._planned.prefix(n))
        return self._after[n]

    @property
    def _planned(self) -> ChangeSet:
        assert self.change_set is not None  # noqa: S101 - a trial refuses a blocked or empty plan
        return self.change_set


@attrs.frozen(repr=False)
class Prelude:
    """A change set that a store with its own ids applies before a scenario begins.

    Attributes:
        snapshot: The data before it.
        change_set_on: A function that plans it, as in `Scenario`.
        through: The number of its steps that are applied.
    """

    snapshot: Snapshot
    change_set_on: Planned
    through: int


@attrs.frozen(repr=False)
class Scenario:
    """Data and a change set on which laws are tried.

    Attributes:
        name: Its name in reports.
        snapshot: The data to seed.
        change_set_on: A function that plans a request on the data that the store returns, and confirms it; it
            returns None if the plan is blocked or empty. Its second argument are the ids of the store, by kind and id,
            if they differ.
        rival_on: A function that plans the work of another program at the same time, which may conflict.
        laws: The names of the laws that are tried on it. Default: every law.
        is_drawn: Whether it is drawn, and no worked example.
        prelude: The undone change set, if it is an undo.
    """

    name: str
    snapshot: Snapshot
    change_set_on: Planned
    rival_on: Planned | None = None
    laws: tuple[str, ...] | None = None
    is_drawn: bool = False
    prelude: Prelude | None = None
    _last: list[PlannedWork] = attrs.field(factory=list, init=False, eq=False)

    def is_for(self, law: str) -> bool:
        """Return whether a law is tried on it."""
        return self.laws is None or law in self.laws

    @property
    def now(self) -> pendulum.DateTime:
        """The time on the clock of the store."""
        return self.snapshot.taken_at

    def work_on(self, present: Snapshot, names: Names) -> PlannedWork:
        """Return the work that is planned on data; equal data are planned once, for all laws and stores."""
        if not self._last or self._last[0].present != present:
            self._last[:] = [PlannedWork(present, self.change_set_on(present, names))]
        return self._last[0]

    def __repr__(self) -> str:
        return f"Scenario({self.name!r})"


def scenario_of(case: PlannedCase, name: str = "a drawn plan") -> Scenario:
    """Return the scenario of a drawn case."""
    prelude = None
    if isinstance(case.case, UndoCase):
        forward = case.case.forward
        prelude = Prelude(forward.snapshot, forward.change_set_on, case.case.through)
    return Scenario(name, case.snapshot, case.change_set_on, is_drawn=True, prelude=prelude)
