"""Stores that do not compare what they write over with what the set was planned on, or compare it too early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.testing.reference.stores import ReferenceStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.guards import Guard
    from accountmerge.testing.adapters import Outcome, Reach
    from accountmerge.testing.reference.disks import Disk
    from accountmerge.testing.reference.step_runs import StepRun


class WritesBlindly(ReferenceStore):
    """Writes what a step says without a look at what is there; what is done, the journal knows."""

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        """Write all steps that are not in the journal."""
        return {} if self._unfit(change_set) else self._one_by_one(self._step_runs(change_set, now, reach))

    def _carried_out(self, step_run: StepRun) -> Outcome:
        with self._transaction() as draft:
            return (
                "already"
                if draft.has(step_run.step_id)
                else self._write_all(draft, step_run, step_run.step.edits)
            )


class ComparesOnlyWhatItChanges(ReferenceStore):
    """Compares only the fields that it changes, and writes the whole row."""

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        seen = draft.copy()
        for edit in step_run.step.edits:
            row = draft.rows[edit.entity].get(edit.id)
            if row is not None and step_run.revisions.place(edit.key, row) is None:
                seen.rows[edit.entity][edit.id] = _taken_for(edit, row)
        return super()._pending(seen, step_run, started=started)


def _taken_for(edit: Edit, row: Any) -> Any:
    """Return the image of an edit that a row agrees with in the fields that change; itself if with none."""
    for image in (edit.before, edit.after):
        agrees = [getattr(row, name) == getattr(image, name, None) for name in edit.changed_fields]
        if agrees and all(agrees):
            return image
    return row


class ComparesThenWrites(ReferenceStore):
    """Compares and asks the guards first, and opens a transaction afterwards, to write."""

    def _carried_out(self, step_run: StepRun) -> Outcome:
        left = self._decided(self._disk.copy(), step_run)
        if left:
            step_run.reach(f"compared {step_run.step.ordinal}")
            with self._transaction() as draft:
                return self._write_all(draft, step_run, left)
        return "drifted" if left is None else "already"


class ComparesAtTheStart(ReferenceStore):
    """Finds out at the start what is left of all steps, and then only writes."""

    def _one_by_one(self, due: Sequence[StepRun]) -> dict[int, Outcome]:
        seen = self._disk.copy()
        self._left: dict[int, list[Edit]] = {}
        for step_run in due:
            left = self._decided(seen, step_run, started=any(self._left.values())) or []
            self._left[step_run.step.ordinal] = left
            for edit in left:
                self._write(seen, edit)
        return super()._one_by_one(due)

    def _carried_out(self, step_run: StepRun) -> Outcome:
        left = self._left[step_run.step.ordinal]
        if not left:
            return "already"
        with self._transaction() as draft:
            return self._write_all(draft, step_run, left)


class InsertsOrReplaces(ReferenceStore):
    """Creates a row in place of whatever has its id."""

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        seen = draft.copy()
        for edit in step_run.step.edits:
            row = draft.rows[edit.entity].get(edit.id)
            if edit.before is None and row is not None and step_run.revisions.place(edit.key, row) is None:
                del seen.rows[edit.entity][edit.id]
        return super()._pending(seen, step_run, started=started)


class RemovesUnseen(ReferenceStore):
    """Removes a row by its id, whatever has become of it."""

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        seen = draft.copy()
        for edit in step_run.step.edits:
            if edit.before is not None and edit.after is None and edit.id in draft.rows[edit.entity]:
                seen.rows[edit.entity][edit.id] = edit.before
        return super()._pending(seen, step_run, started=started)

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        removed = {edit.key for edit in step_run.step.edits if edit.after is None}
        named = (guard.facts.get("entity"), guard.facts.get("id"))
        return (guard.kind == "unchanged" and named in removed) or super()._holds(guard, draft, step_run)


class TakesGoneForRemoved(ReferenceStore):
    """Does not ask who removed a row that it was to remove: gone is gone, and the rest can be written."""

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        pending = super()._pending(draft, step_run, started=started)
        gone = {
            edit.key: edit.before
            for edit in step_run.step.edits
            if edit.before is not None and edit.after is None and edit.id not in draft.rows[edit.entity]
        }
        if pending is not None or not gone:
            return pending
        seen = draft.copy()
        for (name, id), row in gone.items():
            seen.rows[name][id] = row
        left = super()._pending(seen, step_run, started=started)
        return left and [edit for edit in left if edit.key not in gone]


class IgnoresVersions(ReferenceStore):
    """Compares the fields and not the version, so a row that was changed and changed back passes for untouched."""

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        is_version = guard.kind == "unchanged" and "version" in guard.facts
        return is_version or super()._holds(guard, draft, step_run)


class IgnoresWhatWasOnlyRead(ReferenceStore):
    """Compares the rows that it writes, and none that the plan only read."""

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        if guard.kind == "unchanged":
            written = {edit.key for step in step_run.change_set.steps for edit in step.edits}
            if (guard.facts["entity"], guard.facts["id"]) not in written:
                return True
        return super()._holds(guard, draft, step_run)


class ComparesOnlyAtItsOwnStep(ReferenceStore):
    """Compares a row that the plan only read, unless a later step writes it and another program has changed it."""

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        if guard.kind == "unchanged":
            key: Any = (guard.facts["entity"], guard.facts["id"])
            written = {edit.key for step in step_run.change_set.steps for edit in step.edits}
            if key in written and step_run.revisions.place(key, draft.rows[key[0]].get(key[1])) is None:
                return True
        return super()._holds(guard, draft, step_run)


class TrustsItsJournal(ReferenceStore):
    """Takes a step that the journal has for done, though somebody may have taken it back."""

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        return [] if draft.has(step_run.step_id) else super()._pending(draft, step_run, started=started)
