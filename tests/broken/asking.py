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
    from accountmerge.testing.reference.turns import Turn


class AsksNothing(ReferenceStore):
    """Compares what it writes over, and leaves the other guards to whoever planned."""

    def _holds(self, guard: Guard, draft: Disk, turn: Turn) -> bool:
        return guard.kind != "unchanged" or super()._holds(guard, draft, turn)


class AsksAtTheStart(ReferenceStore):
    """Asks all guards in a rehearsal, and only compares when it writes."""

    def _carried_out(self, turn: Turn) -> Outcome:
        compared = [guard for guard in turn.step.guards if guard.kind == "unchanged"]
        return super()._carried_out(attrs.evolve(turn, step=attrs.evolve(turn.step, guards=tuple(compared))))


class AsksThenWrites(AsksAtTheStart):
    """Asks the guards of a step right before its transaction, and compares within it."""

    def _carried_out(self, turn: Turn) -> Outcome:
        if self._decided(self._disk.copy(), turn) is None:
            return "drifted"
        turn.reach(f"asked {turn.step.ordinal}")
        return super()._carried_out(turn)


class AsksOfTheFirstData(ReferenceStore):
    """Asks all guards of the data as they are before the first step, though the steps before prepare what they ask."""

    def _rehearsed(self, draft: Disk, change_set: ChangeSet, now: pendulum.DateTime) -> tuple[str, ...]:
        for turn in self._turns(change_set, now, lambda _: None):
            left = [edit for edit in turn.step.edits if not self._is_there(draft, turn, edit)]
            if left and not all(self._holds(guard, draft, turn) for guard in turn.step.guards):
                return (str(turn.step.ordinal),)
        return super()._rehearsed(draft, change_set, now)

    def _is_there(self, draft: Disk, turn: Turn, edit: Edit) -> bool:
        """Tell whether an edit is done."""
        place = turn.revisions.place(edit.key, draft.rows[edit.entity].get(edit.id))
        stages = [stage for other, stage in turn.revisions.staged(turn.step.ordinal) if other == edit]
        return place is not None and place >= max(stages)


class AsksOfWhatIsDone(ReferenceStore):
    """Asks the guards of every step, also of one that is done, and of which they speak no more."""

    def _decided(self, draft: Disk, turn: Turn, *, started: bool = False) -> list[Edit] | None:
        if not all(self._holds(guard, draft, turn) for guard in turn.step.guards):
            return None
        return super()._decided(draft, turn, started=started)


class IgnoresExceptions(ReferenceStore):
    """Does not look at the ids that a guard lets pass."""

    def _holds(self, guard: Guard, draft: Disk, turn: Turn) -> bool:
        return super()._holds(attrs.evolve(guard, except_ids=()), draft, turn)


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
