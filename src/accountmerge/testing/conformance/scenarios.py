"""Scenarios of data and a change set that is applied to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.applying import apply, check  # the seal was checked when it was planned
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import invert
from accountmerge.plans.limit_findings import limit_findings
from accountmerge.testing.reference.narrow_data import narrowed
from accountmerge.testing.reference.renamed_rows import renamed_snapshot
from accountmerge.testing.strategies.planned_cases import CONFIRMED_BY, PlannedCase, UndoCase

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

    def work_on(self, present: Snapshot, names: Names, done: ChangeSet | None) -> PlannedWork:
        """Return the work that is planned on data; equal data are planned once, for all laws and stores."""
        if not self._last or self._last[0].present != present:
            self._last[:] = [PlannedWork(present, self.planned_on(present, names, done))]
        return self._last[0]

    def planned_on(self, present: Snapshot, names: Names, done: ChangeSet | None) -> ChangeSet | None:
        """Plan on data, or undo the change set that the store has applied as a prelude."""
        return self.change_set_on(present, names) if done is None else _undo_on(present, done)

    def __repr__(self) -> str:
        return f"Scenario({self.name!r})"


def scenario_of(case: PlannedCase, name: str = "a drawn plan") -> Scenario:
    """Return the scenario of a drawn case."""
    if isinstance(case.case, UndoCase):
        forward = case.case.forward
        prelude = Prelude(forward.snapshot, forward.change_set_on, case.case.through)
        return attrs.evolve(undo_of(prelude, name), is_drawn=True)
    return Scenario(name, case.snapshot, case.change_set_on, is_drawn=True)


def undo_of(prelude: Prelude, name: str) -> Scenario:
    """Return the scenario in which a change set is undone."""

    def undone(present: Snapshot, names: Names) -> ChangeSet | None:
        done = _done(prelude, renamed_snapshot(prelude.snapshot, names), names)
        return None if done is None else _undo_on(present, done)

    done = _done(prelude, prelude.snapshot, {})
    snapshot = prelude.snapshot if done is None else apply(prelude.snapshot, done)
    return Scenario(name, snapshot, undone, prelude=prelude)


def _undo_on(present: Snapshot, done: ChangeSet) -> ChangeSet | None:
    """Return the undo of a change set. None if new bookings have numbers by now, because then they stay."""
    inverse = invert(done).confirm(by=CONFIRMED_BY, at=done.at)
    return None if check(present, inverse) else inverse


def _done(prelude: Prelude, before: Snapshot, names: Names) -> ChangeSet | None:
    forward = prelude.change_set_on(before, names)
    return None if forward is None else forward.prefix(min(prelude.through, len(forward.steps)))


@attrs.frozen(repr=False)
class Narrow:
    """The limits of a store, and scenarios within them.

    Attributes:
        limits: Its limits.
        record_data: Data for the records of some kinds.
    """

    limits: Limits
    record_data: Mapping[str, Sequence[Any]] = attrs.field(factory=dict)

    def scenario(self, wide: Scenario) -> Scenario:
        """Return a scenario within the limits, whose plan is None if it would break them."""
        prelude = wide.prelude
        if prelude is not None:
            before = attrs.evolve(
                prelude,
                snapshot=self._data(prelude.snapshot),
                change_set_on=self._planned(prelude.change_set_on),
            )
            return attrs.evolve(undo_of(before, wide.name), is_drawn=wide.is_drawn, laws=wide.laws)
        rival_on = None if wide.rival_on is None else self._planned(wide.rival_on)
        return attrs.evolve(
            wide,
            snapshot=self._data(wide.snapshot),
            change_set_on=self._planned(wide.change_set_on),
            rival_on=rival_on,
        )

    def _data(self, snapshot: Snapshot) -> Snapshot:
        return narrowed(snapshot, self.limits, self.record_data)

    def _planned(self, change_set_on: Planned) -> Planned:
        def planned(present: Snapshot, names: Names) -> ChangeSet | None:
            change_set = change_set_on(present, names)
            breaks = change_set is not None and any(
                True for _ in limit_findings(present, change_set.steps, self.limits)
            )
            return None if breaks else change_set

        return planned
