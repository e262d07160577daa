"""Stores that do not do what they are told, or do not tell what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.testing.reference.stores import ReferenceStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.testing.adapters import Outcome, Reach
    from accountmerge.testing.reference.step_runs import StepRun


class SwallowsDrift(ReferenceStore):
    """Goes on after a step that does not fit, and says that it was applied."""

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        """Apply what fits of a set."""
        if self._unfit(change_set):
            return {}
        return self._one_by_one(self._step_runs(change_set, now, reach))

    def _carried_out(self, step_run: StepRun) -> Outcome:
        outcome = super()._carried_out(step_run)
        return "applied" if outcome == "drifted" else outcome


class GoesOnAfterDrift(ReferenceStore):
    """Says that a step does not fit, and tries those after it all the same."""

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        """Apply what fits of a set."""
        if self._unfit(change_set):
            return {}
        return self._one_by_one(self._step_runs(change_set, now, reach))

    def _one_by_one(self, due: Sequence[StepRun]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        for step_run in due:
            outcomes |= super()._one_by_one([step_run])
        return outcomes


class SaysAlready(ReferenceStore):
    """Says of what it has just written that it was there already."""

    def _carried_out(self, step_run: StepRun) -> Outcome:
        outcome = super()._carried_out(step_run)
        return "already" if outcome == "applied" else outcome


class SaysApplied(ReferenceStore):
    """Says of what was there already that it has just written it."""

    def _carried_out(self, step_run: StepRun) -> Outcome:
        outcome = super()._carried_out(step_run)
        return "applied" if outcome == "already" else outcome


class IgnoresThePrefix(ReferenceStore):
    """Applies all steps, also where it was asked for the first ones."""

    def _step_runs(self, change_set: ChangeSet, now: pendulum.DateTime, reach: Reach) -> tuple[StepRun, ...]:
        return super()._step_runs(attrs.evolve(change_set, through=None), now, reach)


class IgnoresTheConfirmation(ReferenceStore):
    """Does not ask whether a person said yes to what nothing can undo."""

    def _unfit(self, change_set: ChangeSet) -> tuple[str, ...]:
        return ("blocked",) if change_set.blocked else ()


class TakesAnyConfirmation(ReferenceStore):
    """Asks whether a person said yes, and not to which plan."""

    def _unfit(self, change_set: ChangeSet) -> tuple[str, ...]:
        said = change_set.confirmation
        return super()._unfit(
            attrs.evolve(change_set, confirmation=said and attrs.evolve(said, plan_id=change_set.plan_id))
        )


class AppliesWhatIsBlocked(ReferenceStore):
    """Does not look at what blocks a set."""

    def _unfit(self, change_set: ChangeSet) -> tuple[str, ...]:
        return super()._unfit(attrs.evolve(change_set, blocked=()))


class PreflightWrites(ReferenceStore):
    """Rehearses on the data themselves."""

    def preflight(self, change_set: ChangeSet, *, now: pendulum.DateTime) -> tuple[str, ...]:
        """Rehearse on the data themselves."""
        with self._transaction() as draft:
            return (*self._unfit(change_set), *self._rehearsed(draft, change_set, now))


class PreflightSaysYes(ReferenceStore):
    """Says beforehand that nothing stands against a set, for it will be seen when it is applied."""

    def preflight(self, change_set: ChangeSet, *, now: pendulum.DateTime) -> tuple[str, ...]:
        """Say yes."""
        del change_set, now
        return ()


class PreflightAsksNoPerson(ReferenceStore):
    """Rehearses the steps beforehand, and does not ask whether anybody said yes."""

    def preflight(self, change_set: ChangeSet, *, now: pendulum.DateTime) -> tuple[str, ...]:
        """Rehearse the steps."""
        return self._rehearsed(self._disk.copy(), change_set, now)
