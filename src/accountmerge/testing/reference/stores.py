"""A store in memory that keeps every promise: what others are measured by, and what the broken ones break."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import attrs

from accountmerge.changes.receipts import Receipt, WrittenEntity
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import KINDS, kind_of, references
from accountmerge.model.instants import from_microseconds, microseconds
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.adapters import Busy, ForeignWrite, Outcome, Reach
from accountmerge.testing.reference.guards import Moment, Rows, holds
from accountmerge.testing.reference.image_chains import ImageChains, Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.guards import Guard
    from accountmerge.changes.steps import Step
    from accountmerge.model.entities import Entity

FIRST_NUMBER = 9_000_001
"""The first appointment number that the store gives by itself."""
FIRST_VERSION = 1_000_001
"""The first version that the store gives; far from any that data come with."""


@attrs.define(repr=False)
class Disk:
    """What is stored for good.

    Attributes:
        rows: All rows.
        journal: The receipt of each step that was applied, in the order in which they were.
        writes: How many rows were ever written; versions are made of it.
        numbers: How many numbers were ever given.
    """

    rows: Rows = attrs.Factory(lambda: {kind.name: {} for kind in KINDS})
    journal: tuple[Receipt, ...] = ()
    writes: int = 0
    numbers: int = 0

    def copy(self) -> Disk:
        """Return a draft that can be written without a trace in this one."""
        return attrs.evolve(self, rows={name: dict(rows) for name, rows in self.rows.items()})

    def roll_back_to(self, earlier: Disk) -> None:
        """Forget what was written since; numbers and versions that were given are not given again."""
        self.rows, self.journal = earlier.rows, earlier.journal

    def has(self, step_id: str) -> bool:
        """Tell whether a step was applied, by the journal."""
        return any(entry.step_id == step_id for entry in self.journal)


class ReferenceStore:
    """A store in memory, with a journal, that keeps every promise of `StoreAdapter`.

    It applies a set step by step, each in a transaction of its own in which it reads, compares, asks the
    guards and writes; or all steps in one transaction. Two may apply at once: transactions wait for one
    another. Its only durable thing is `Disk`; `reopen` keeps nothing else.

    Args:
        atomic: What a transaction holds, a step or the whole set.
    """

    def __init__(self, atomic: Literal["step", "set"] = "step") -> None:
        self._atomic = atomic
        self._disk = Disk()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sum(map(len, self._disk.rows.values()))} rows)"

    @property
    def journal(self) -> tuple[Receipt, ...]:
        """The receipts of all steps that were applied."""
        return self._disk.journal

    def seed(self, snapshot: Snapshot) -> None:
        """Empty the store and fill it with this data."""
        self._disk = Disk(
            {kind.name: {row.id: row for row in snapshot.table(kind.collection)} for kind in KINDS}
        )

    def dump(self) -> Snapshot:
        """Return all that is stored for good."""
        tables: Any = {kind.collection: list(self._disk.rows[kind.name].values()) for kind in KINDS}
        return Snapshot(from_microseconds(0), **tables)

    def close(self) -> None:
        """Forget everything."""
        self._disk = Disk()

    def reopen(self) -> None:
        """Start anew with what is stored for good."""
        self._lock = threading.Lock()

    def foreign_write(self, write: ForeignWrite) -> None:
        """Write past the applier; a transaction in progress holds others out."""
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
        """Rehearse a set on a draft; return the steps that do not fit, and what stands against all of it."""
        return (*_unfit(change_set), *self._rehearsed(self._disk.copy(), change_set, now))

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        """Apply what is left of a set; nothing at all if anything stands against it beforehand."""
        refused = _unfit(change_set) or self._rehearsed(self._disk.copy(), change_set, now)
        if refused:
            return {int(ordinal): "drifted" for ordinal in refused[:1] if ordinal.isdigit()}
        if self._atomic == "set":
            return self._applied_whole(change_set, now, reach)
        outcomes: dict[int, Outcome] = {}
        chains = ImageChains(change_set)
        for step in change_set.wanted_steps:
            reach(f"before {step.ordinal}")
            with self._transaction() as draft:
                before = draft.copy()
                outcomes[step.ordinal] = self._stepped(draft, change_set, chains, step, now, reach)
                if outcomes[step.ordinal] == "drifted":
                    draft.roll_back_to(before)
            if outcomes[step.ordinal] == "drifted":
                break
            reach(f"committed {step.ordinal}")
        return outcomes

    def _applied_whole(
        self, change_set: ChangeSet, now: pendulum.DateTime, reach: Reach
    ) -> dict[int, Outcome]:
        """Apply all steps in one transaction, or none."""
        outcomes: dict[int, Outcome] = {}
        chains = ImageChains(change_set)
        steps = change_set.wanted_steps
        if steps:
            reach(f"before {steps[0].ordinal}")
        with self._transaction() as draft:
            before = draft.copy()
            for step in steps:
                outcome = self._stepped(draft, change_set, chains, step, now, reach)
                if outcome == "drifted":
                    draft.roll_back_to(before)
                    return {step.ordinal: outcome}
                outcomes[step.ordinal] = outcome
        if steps:
            reach(f"committed {steps[-1].ordinal}")
        return outcomes

    @contextmanager
    def _transaction(self) -> Iterator[Disk]:
        """Yield a draft that becomes what is stored for good, unless anything breaks off before."""
        with self._lock:
            draft = self._disk.copy()
            yield draft
            self._disk = draft

    def _rehearsed(self, draft: Disk, change_set: ChangeSet, now: pendulum.DateTime) -> tuple[str, ...]:
        """Return the first step that does not fit, played on a draft."""
        chains = ImageChains(change_set)
        started = False
        for step in change_set.wanted_steps:
            outcome = self._stepped(draft, change_set, chains, step, now, _silence, started=started)
            if outcome == "drifted":
                return (str(step.ordinal),)
            started = started or outcome == "applied"
        return ()

    def _stepped(
        self,
        draft: Disk,
        change_set: ChangeSet,
        chains: ImageChains,
        step: Step,
        now: pendulum.DateTime,
        reach: Reach,
        *,
        started: bool = False,
    ) -> Outcome:
        """Do what is left of one step on a draft: compare, ask the guards, write, mark."""
        step_id = f"{change_set.plan_id}/{step.ordinal}"
        pending = self._pending(draft, chains, step, started=started, marked=draft.has(step_id))
        if pending is None:
            return "drifted"
        if not pending:
            return "already"
        if not all(self._holds(guard, draft, chains, step, now) for guard in step.guards):
            return "drifted"
        for edit in pending:
            reach(f"inside {step.ordinal}: {edit.entity} {edit.id}")
            self._write(draft, edit)
        if _dangles(draft, pending):
            return "drifted"
        self._mark(draft, step_id, step, now)
        return "applied"

    def _pending(
        self, draft: Disk, chains: ImageChains, step: Step, *, started: bool, marked: bool
    ) -> list[Edit] | None:
        """Return the edits of a step that are left to write; nothing if somebody else changed an entity.

        What a removal finds gone before its turn, somebody else has removed. What the journal says was
        written has to be there, or to have become something else since.
        """
        pending: list[Edit] = []
        reached: dict[Key, int] = {}
        for edit, stage in chains.staged(step.ordinal):
            found = draft.rows[edit.entity].get(edit.id)
            place = reached.get(edit.key, chains.place(edit.key, found))
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

    def _holds(
        self, guard: Guard, draft: Disk, chains: ImageChains, step: Step, now: pendulum.DateTime
    ) -> bool:
        """Tell whether a guard holds; a version counts only against the first image of its entity."""
        if guard.kind == "unchanged":
            key: Any = (guard.facts["entity"], guard.facts["id"])
            if chains.is_begun(key, step.ordinal, draft.rows[key[0]].get(key[1])):
                return True
        return holds(guard, Moment(draft.rows, microseconds(now)))

    def _write(self, draft: Disk, edit: Edit) -> None:
        """Write the whole image of an edit, with what the store owns in it carried over."""
        if edit.after is None:
            draft.rows[edit.entity].pop(edit.id, None)
        else:
            self._put(draft, self._numbered(draft, edit.after))

    def _numbered(self, draft: Disk, row: Entity) -> Entity:
        """Return an appointment with its number: its own, the one it was given ahead, or, if it is new, the next."""
        if not isinstance(row, Appointment):
            return row
        there = draft.rows["appointment"]
        found: Any = there.get(row.id)
        if found is not None:
            return attrs.evolve(row, number=found.number or row.number)
        taken = {getattr(other, "number", None) for other in there.values()}
        number = row.number
        while number is None or (row.number is None and number in taken):
            number = f"APP-{FIRST_NUMBER + draft.numbers}"
            draft.numbers += 1
        return attrs.evolve(row, number=number)

    def _put(self, draft: Disk, row: Entity) -> None:
        """Store a row under a version of its own."""
        kept: Any = row
        draft.rows[kind_of(row).name][row.id] = attrs.evolve(kept, version=FIRST_VERSION + draft.writes)
        draft.writes += 1

    def _mark(self, draft: Disk, step_id: str, step: Step, now: pendulum.DateTime) -> None:
        """Enter a step in the journal, in the transaction that wrote it."""
        written = []
        for name, id in dict.fromkeys(edit.key for edit in step.edits):
            row: Any = draft.rows[name].get(id)
            number, version = getattr(row, "number", None), getattr(row, "version", None)
            written.append(WrittenEntity(entity=name, id=id, number=number, version=version))
        receipt = Receipt(step_id=step_id, outcome="applied", written=written, at=now, by="reference store")
        draft.journal = (*draft.journal, receipt)


def _dangles(draft: Disk, written: list[Edit]) -> bool:
    """Tell whether what was written names what is not there, or what is there names what was removed."""
    touched = [draft.rows[edit.entity].get(edit.id) for edit in written]
    everything = [row for rows in draft.rows.values() for row in rows.values()] if None in touched else []
    named = (target for row in (*touched, *everything) if row is not None for target in references(row))
    return any(id not in draft.rows[name] for _, name, id in named)


def _silence(point: str) -> None:
    """Reach a point that nobody listens at."""


def _unfit(change_set: ChangeSet) -> tuple[str, ...]:
    """Return what stands against all of a set: it is blocked, or nobody said yes to this plan."""
    confirmation = change_set.confirmation
    if change_set.blocked:
        return ("blocked",)
    if confirmation is not None and confirmation.plan_id != change_set.plan_id:
        return ("confirmed another plan",)
    if change_set.needs_confirmation and (confirmation is None or not confirmation.by.strip()):
        return ("unconfirmed",)
    return ()
