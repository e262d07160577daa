"""Stores that ask the guards at another moment than the one in which they write, or in another state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.testing.reference.stores import ReferenceStore

if TYPE_CHECKING:
    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.guards import Guard
    from accountmerge.testing.adapters import Outcome, Reach
    from accountmerge.testing.reference.disks import Disk
    from accountmerge.testing.reference.step_runs import StepRun


class AsksNothing(ReferenceStore):
    """Compares what it writes over, and leaves the other guards to whoever planned."""

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        return guard.kind != "unchanged" or super()._holds(guard, draft, step_run)


class AsksAtTheStart(ReferenceStore):
    """Asks all guards in a rehearsal, and only compares when it writes."""

    def _carried_out(self, step_run: StepRun) -> Outcome:
        compared = [guard for guard in step_run.step.guards if guard.kind == "unchanged"]
        return super()._carried_out(
            attrs.evolve(step_run, step=attrs.evolve(step_run.step, guards=tuple(compared)))
        )


class AsksThenWrites(AsksAtTheStart):
    """Asks the guards of a step right before its transaction, and compares within it."""

    def _carried_out(self, step_run: StepRun) -> Outcome:
        if self._decided(self._disk.copy(), step_run) is None:
            return "drifted"
        step_run.reach(f"asked {step_run.step.ordinal}")
        return super()._carried_out(step_run)


class AsksOfTheFirstData(ReferenceStore):
    """Asks all guards of the data as they are before the first step, though the steps before prepare what they ask."""

    def _rehearsed(self, draft: Disk, change_set: ChangeSet, now: pendulum.DateTime) -> tuple[str, ...]:
        for step_run in self._step_runs(change_set, now, lambda _: None):
            left = [edit for edit in step_run.step.edits if not self._is_there(draft, step_run, edit)]
            if left and not all(self._holds(guard, draft, step_run) for guard in step_run.step.guards):
                return (str(step_run.step.ordinal),)
        return super()._rehearsed(draft, change_set, now)

    def _is_there(self, draft: Disk, step_run: StepRun, edit: Edit) -> bool:
        """Tell whether an edit is done."""
        place = step_run.revisions.place(edit.key, draft.rows[edit.entity].get(edit.id))
        stages = [stage for other, stage in step_run.revisions.staged(step_run.step.ordinal) if other == edit]
        return place is not None and place >= max(stages)


class AsksOfWhatIsDone(ReferenceStore):
    """Asks the guards of every step, also of one that is done, and of which they speak no more."""

    def _decided(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        if not all(self._holds(guard, draft, step_run) for guard in step_run.step.guards):
            return None
        return super()._decided(draft, step_run, started=started)


class IgnoresExceptions(ReferenceStore):
    """Does not look at the ids that a guard lets pass."""

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        return super()._holds(attrs.evolve(guard, except_ids=()), draft, step_run)


class AsksThePlanForTheTime(ReferenceStore):
    """Takes the instant of the plan for the present, however late the set is applied."""

    def preflight(self, change_set: ChangeSet, *, now: pendulum.DateTime) -> tuple[str, ...]:
        """Take the instant of the plan for the present."""
        del now
        return super().preflight(change_set, now=change_set.at)

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        """Take the instant of the plan for the present."""
        del now
        return super().apply(change_set, now=change_set.at, reach=reach)
