"""A store in memory that keeps every promise, as the reference for others."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from accountmerge.changes.receipts import Receipt, WrittenEntity
from accountmerge.model.appointments import Appointment
from accountmerge.model.construction import evolved
from accountmerge.model.entities import KINDS, kind_of, references
from accountmerge.model.instants import from_microseconds, microseconds
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.adapters import Busy, ForeignWrite, Outcome, Reach
from accountmerge.testing.reference.disks import Disk
from accountmerge.testing.reference.guards import Moment, holds
from accountmerge.testing.reference.step_runs import StepRun, step_runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit, Key
    from accountmerge.changes.guards import Guard
    from accountmerge.model.entities import Entity

FIRST_NUMBER = 9_000_001
"""The first appointment number that the store gives."""
FIRST_VERSION = 1_000_001
"""The first version that the store gives, far from any version of the data."""


class ReferenceStore:
    """A store in memory, with a journal, that keeps every promise of `StoreAdapter`.

    It applies a change set step by step, each in its own transaction, in which it reads, compares, evaluates
    the guards and writes; or all steps in one transaction. Transactions wait for one another. Only `Disk` is
    durable; `reopen` keeps only it.

    Args:
        atomic: The content of a transaction, a step or the whole change set.
    """

    def __init__(self, atomic: Literal["step", "set"] = "step") -> None:
        self._atomic = atomic
        self._disk = Disk()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sum(map(len, self._disk.rows.values()))} rows)"

    @property
    def journal(self) -> tuple[Receipt, ...]:
        """The receipts of all applied steps."""
        return self._disk.journal

    def seed(self, snapshot: Snapshot) -> None:
        """Empty the store and fill it with a snapshot."""
        self._disk = Disk(
            {kind.name: {row.id: row for row in snapshot.table(kind.collection)} for kind in KINDS}
        )

    def dump(self) -> Snapshot:
        """Return all committed data."""
        tables: Any = {kind.collection: list(self._disk.rows[kind.name].values()) for kind in KINDS}
        return Snapshot(from_microseconds(0), **tables)

    def close(self) -> None:
        """Forget everything."""
        self._disk = Disk()

    def reopen(self) -> None:
        """Start again with the committed data."""
        self._lock = threading.Lock()

    def foreign_write(self, write: ForeignWrite) -> None:
        """Write past the applier; a transaction in progress locks the store."""
        if not self._lock.acquire(blocking=False):
            raise Busy
        try:
            draft = self._disk.copy()
            for name, id in write.drop:
                draft.rows[name].pop(id, None)
            for row in write.put:
                self._put(draft, row)
            self._disk = draft
        finally:
            self._lock.release()

    def preflight(self, change_set: ChangeSet, *, now: pendulum.DateTime) -> tuple[str, ...]:
        """Rehearse a change set on a draft, and return the reasons not to apply it."""
        return (*self._unfit(change_set), *self._rehearsed(self._disk.copy(), change_set, now))

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        """Apply the rest of a change set, or no part of it if the preflight finds a reason."""
        refused = self._unfit(change_set) or self._rehearsed(self._disk.copy(), change_set, now)
        if refused:
            return {int(ordinal): "drifted" for ordinal in refused[:1] if ordinal.isdigit()}
        whole = self._atomic == "set"
        return (self._all_at_once if whole else self._one_by_one)(self._step_runs(change_set, now, reach))

    def _step_runs(self, change_set: ChangeSet, now: pendulum.DateTime, reach: Reach) -> tuple[StepRun, ...]:
        """Return the runs of the steps to apply, in order."""
        return tuple(step_runs(change_set, now, reach))

    def _one_by_one(self, due: Sequence[StepRun]) -> dict[int, Outcome]:
        """Apply each step in its own transaction, up to the first that does not fit."""
        outcomes: dict[int, Outcome] = {}
        for step_run in due:
            step_run.reach(f"before {step_run.step.ordinal}")
            outcomes[step_run.step.ordinal] = self._carried_out(step_run)
            if outcomes[step_run.step.ordinal] == "drifted":
                break
            step_run.reach(f"committed {step_run.step.ordinal}")
        return outcomes

    def _carried_out(self, step_run: StepRun) -> Outcome:
        with self._transaction() as draft:
            return self._stepped(draft, step_run)

    def _all_at_once(self, due: Sequence[StepRun]) -> dict[int, Outcome]:
        """Apply all steps in one transaction, or none."""
        outcomes: dict[int, Outcome] = {}
        for step_run in due[:1]:
            step_run.reach(f"before {step_run.step.ordinal}")
        with self._transaction() as draft:
            before = draft.copy()
            for step_run in due:
                outcome = self._stepped(draft, step_run)
                if outcome == "drifted":
                    draft.roll_back_to(before)
                    return {step_run.step.ordinal: outcome}
                outcomes[step_run.step.ordinal] = outcome
        for step_run in due[-1:]:
            step_run.reach(f"committed {step_run.step.ordinal}")
        return outcomes

    @contextmanager
    def _transaction(self) -> Iterator[Disk]:
        """Yield a draft that is committed, unless an exception is raised."""
        with self._lock:
            draft = self._disk.copy()
            yield draft
            self._disk = draft

    def _unfit(self, change_set: ChangeSet) -> tuple[str, ...]:
        """Return the reason against a whole change set that is blocked or not confirmed."""
        confirmation = change_set.confirmation
        if change_set.blocked:
            return ("blocked",)
        if confirmation is not None and confirmation.plan_id != change_set.plan_id:
            return ("confirmed another plan",)
        if change_set.needs_confirmation and (confirmation is None or not confirmation.by.strip()):
            return ("unconfirmed",)
        return ()

    def _rehearsed(self, draft: Disk, change_set: ChangeSet, now: pendulum.DateTime) -> tuple[str, ...]:
        started = False
        for step_run in self._step_runs(change_set, now, _silence):
            outcome = self._stepped(draft, step_run, started=started)
            if outcome == "drifted":
                return (str(step_run.step.ordinal),)
            started = started or outcome == "applied"
        return ()

    def _stepped(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> Outcome:
        """Apply the rest of one step on a draft, if its entities and guards allow it."""
        left = self._decided(draft, step_run, started=started)
        if left:
            return self._write_all(draft, step_run, left)
        return "drifted" if left is None else "already"

    def _decided(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        """Return the edits of a step to write, or None if the step does not fit."""
        pending = self._pending(draft, step_run, started=started)
        if pending and not all(self._holds(guard, draft, step_run) for guard in step_run.step.guards):
            return None
        return None if pending and self._would_dangle(draft, pending) else pending

    def _pending(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        """Return the edits of a step left to write, or None after a foreign change of an entity.

        An entity to remove that is gone before the run of its step was removed by another program. A row that the
        journal has as written must be there, or have changed since.
        """
        pending: list[Edit] = []
        reached: dict[Key, int] = {}
        marked = draft.has(step_run.step_id)
        for edit, stage in step_run.revisions.staged(step_run.step.ordinal):
            row = draft.rows[edit.entity].get(edit.id)
            place = reached.get(edit.key, step_run.revisions.place(edit.key, row))
            if marked and (place is None or place >= stage):
                continue
            if marked or place is None or place < stage - 1:
                return None
            if place >= stage:
                if edit.after is None and (pending or started):
                    return None
                continue
            pending.append(edit)
            reached[edit.key] = stage
        return pending

    def _holds(self, guard: Guard, draft: Disk, step_run: StepRun) -> bool:
        """Return whether a guard holds; a version counts only for the first image of its entity."""
        if guard.kind == "unchanged":
            key: Any = (guard.facts["entity"], guard.facts["id"])
            if step_run.revisions.is_begun(key, step_run.step.ordinal, draft.rows[key[0]].get(key[1])):
                return True
        return holds(guard, Moment(draft.rows, microseconds(step_run.now), step_run.clusters))

    def _would_dangle(self, draft: Disk, edits: Sequence[Edit]) -> bool:
        """Return whether edits would leave a dangling reference."""
        written: dict[Key, Entity | None] = {edit.key: edit.after for edit in edits}
        touched = [edit.after for edit in edits if edit.after is not None]
        if None in written.values():
            touched += [
                row
                for name, rows in draft.rows.items()
                for id, row in rows.items()
                if (name, id) not in written
            ]
        return any(
            written[name, id] is None if (name, id) in written else id not in draft.rows[name]
            for row in touched
            for _, name, id in references(row)
        )

    def _write_all(self, draft: Disk, step_run: StepRun, left: Collection[Edit]) -> Outcome:
        for edit in left:
            step_run.reach(f"inside {step_run.step.ordinal}: {edit.entity} {edit.id}")
            self._write(draft, edit)
        self._mark(draft, step_run)
        return "applied"

    def _write(self, draft: Disk, edit: Edit) -> None:
        """Write the whole image of an edit, and keep the values that the store owns."""
        if edit.after is None:
            draft.rows[edit.entity].pop(edit.id, None)
        else:
            self._put(draft, self._numbered(draft, edit.after))

    def _numbered(self, draft: Disk, row: Entity) -> Entity:
        """Return an appointment with its own number, the planned one or, if it is new, the next."""
        if not isinstance(row, Appointment):
            return row
        there = draft.rows["appointment"]
        present: Any = there.get(row.id)
        if present is not None:
            return evolved(row, number=present.number or row.number)
        taken = {getattr(other, "number", None) for other in there.values()}
        number = row.number
        while number is None or (row.number is None and number in taken):
            number = f"APP-{FIRST_NUMBER + draft.numbers}"
            draft.numbers += 1
        return evolved(row, number=number)

    def _put(self, draft: Disk, row: Entity) -> None:
        draft.rows[kind_of(row).name][row.id] = evolved(row, version=FIRST_VERSION + draft.writes)
        draft.writes += 1

    def _mark(self, draft: Disk, step_run: StepRun) -> None:
        written = []
        for name, id in dict.fromkeys(edit.key for edit in step_run.step.edits):
            row: Any = draft.rows[name].get(id)
            number, version = getattr(row, "number", None), getattr(row, "version", None)
            written.append(WrittenEntity(entity=name, id=id, number=number, version=version))
        receipt = Receipt(
            step_id=step_run.step_id,
            outcome="applied",
            written=written,
            at=step_run.now,
            by="reference store",
        )
        draft.journal = (*draft.journal, receipt)


def _silence(point: str) -> None:
    """Ignore a point."""
