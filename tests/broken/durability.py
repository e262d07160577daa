"""Stores that say of something that it is done before it is stored for good, or forget what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.testing.reference.disks import Disk
from accountmerge.testing.reference.stores import ReferenceStore

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.testing.adapters import ForeignWrite, Outcome, Reach
    from accountmerge.testing.reference.step_runs import StepRun


class _GoesByItsJournal(ReferenceStore):
    """Takes a step for done that the journal has."""

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        return [] if draft.has(step_run.step_id) else super()._pending(draft, step_run, started=started)

    def _carried_out_unseen(self, step_run: StepRun) -> Outcome:
        """Carry a step out that the journal has already."""
        with self._transaction() as draft:
            journal, draft.journal = draft.journal, ()
            outcome = self._stepped(draft, step_run)
            draft.journal = journal
            return outcome


class MarksFirst(_GoesByItsJournal):
    """Enters a step in the journal first, so that nobody does it twice, and writes it in another transaction."""

    def _carried_out(self, step_run: StepRun) -> Outcome:
        with self._transaction() as draft:
            left = self._decided(draft, step_run)
            if not left:
                return "drifted" if left is None else "already"
            self._mark(draft, step_run)
        step_run.reach(f"marked {step_run.step.ordinal}")
        return self._carried_out_unseen(step_run)


class MarksAllFirst(_GoesByItsJournal):
    """Enters all steps in the journal when it begins, and then writes them."""

    def _one_by_one(self, due: Sequence[StepRun]) -> dict[int, Outcome]:
        with self._transaction() as draft:
            self._begun = [step_run.step_id for step_run in due if not draft.has(step_run.step_id)]
            for step_run in due:
                if step_run.step_id in self._begun:
                    self._mark(draft, step_run)
        return super()._one_by_one(due)

    def _carried_out(self, step_run: StepRun) -> Outcome:
        if step_run.step_id in self._begun:
            return self._carried_out_unseen(step_run)
        return super()._carried_out(step_run)


class MarksAfterwards(_GoesByItsJournal):
    """Enters a step in the journal in a second transaction, and takes one that is not in it for not written."""

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        pending = super()._pending(draft, step_run, started=started)
        if draft.has(step_run.step_id) or pending is None:
            return pending
        return pending if len(pending) == len(step_run.step.edits) else None

    def _carried_out(self, step_run: StepRun) -> Outcome:
        with self._transaction() as draft:
            left = self._decided(draft, step_run)
            if not left:
                return "drifted" if left is None else "already"
            journal = draft.journal
            outcome = self._write_all(draft, step_run, left)
            draft.journal = journal
        if outcome == "drifted":
            return outcome
        step_run.reach(f"written {step_run.step.ordinal}")
        with self._transaction() as draft:
            self._mark(draft, step_run)
        return "applied"


class _HasACache(ReferenceStore):
    """Reads and writes a cache, and stores it for good now and then."""

    def __init__(self) -> None:
        super().__init__()
        self._stored = Disk()

    def seed(self, snapshot: Snapshot) -> None:
        """Store the data for good."""
        super().seed(snapshot)
        self._stored = self._disk

    def foreign_write(self, write: ForeignWrite) -> None:
        """Write for good, and into the cache."""
        super().foreign_write(write)
        cached, self._disk = self._disk, self._stored
        super().foreign_write(write)
        self._stored, self._disk = self._disk, cached

    def reopen(self) -> None:
        """Lose the cache."""
        super().reopen()
        self._disk = self._stored


class StoresAtTheEnd(_HasACache):
    """Keeps what it commits in a cache that is stored when the set is finished."""

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        """Store the cache when all is done."""
        outcomes = super().apply(change_set, now=now, reach=reach)
        self._stored = self._disk
        return outcomes

    def dump(self) -> Snapshot:
        """Return what is stored for good."""
        cached, self._disk = self._disk, self._stored
        found = super().dump()
        self._disk = cached
        return found


class NeverStores(_HasACache):
    """Never stores its cache, and reads it when it is asked what is there."""


class SaysCommittedTooEarly(ReferenceStore):
    """Says that a step is committed when it is only written."""

    def _write_all(self, draft: Disk, step_run: StepRun, left: Collection[Edit]) -> Outcome:
        outcome = super()._write_all(draft, step_run, left)
        if outcome == "applied":
            step_run.reach(f"committed {step_run.step.ordinal}")
        return outcome
