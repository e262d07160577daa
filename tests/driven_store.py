"""A store in memory with transactions, and the driver that carries out the commands of an applier on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

import accountmerge as am
from accountmerge.changes import Begin, Commit, Fetch, Lock, Note, Point, ReadReceipts, Rollback, Wait, Write
from accountmerge.changes.edits import Key
from accountmerge.model.entities import KINDS, Entity
from asked_rows import answers, rows_of

Interrupt = Callable[[Any], BaseException | None]
"""A function that is told each command before it is carried out, and returns an error to throw in its place."""


@attrs.define
class DrivenStore:
    """Rows and receipts, and those of the open transaction.

    Attributes:
        snapshot: The committed data.
        gives_ids: Whether the store gives its own ids to new rows.
        receipts: The committed receipts.
        log: The commands that were carried out.
        moved: The rows of moved ids of the notes that were committed.
        outbox: The owed obligations of the notes that were committed.
    """

    snapshot: am.Snapshot
    gives_ids: bool = False
    receipts: list[am.Receipt] = attrs.Factory(list)
    log: list[Any] = attrs.Factory(list)
    outbox: list[Any] = attrs.Factory(list)
    moved: list[Any] = attrs.Factory(list)
    _open: am.Snapshot | None = None
    _notes: list[Note] = attrs.Factory(list)
    _given: int = 0

    def apply(
        self,
        change_set: am.ChangeSet,
        interrupt: Interrupt = lambda _: None,
        after: Interrupt = lambda _: None,
        **options: Any,
    ) -> am.changes.Applied:
        """Apply a change set; `after` is told each command after it is carried out."""
        compiled = am.changes.compiled(change_set)
        options = {"by": "a test", "gives_ids": self.gives_ids, **options}
        return self.run(am.changes.Applier(compiled, **options).commands(), interrupt, after)

    def run(
        self, commands: Any, interrupt: Interrupt = lambda _: None, after: Interrupt = lambda _: None
    ) -> am.changes.Applied:
        """Carry out the commands of an applier."""
        answer: Any = None
        error: BaseException | None = None
        while True:
            try:
                command = commands.send(answer) if error is None else commands.throw(error)
            except StopIteration as end:
                applied: am.changes.Applied = end.value
                return applied
            error = interrupt(command)
            if error is None:
                answer = self.carry_out(command)
                error = after(command)
            if error is not None and not isinstance(error, Exception):
                self._open = None  # the process ends here
                raise error

    def carry_out(self, command: Any) -> Any:
        """Carry out one command and return the answer."""
        self.log.append(command)
        match command:
            case Begin():
                assert self._open is None, "a transaction is open"
                self._open, self._notes = self.snapshot, []
                return self.snapshot.taken_at
            case ReadReceipts(plan_ids, ordinal):
                known = [*self.receipts, *(note.receipt for note in self._notes)]
                return [
                    receipt
                    for receipt in known
                    if receipt.plan_id in plan_ids and ordinal in (None, receipt.ordinal)
                ]
            case Fetch(questions):
                assert self._open is not None
                return answers(self._open, questions)
            case Write(edit):
                return self._written(edit)
            case Note():
                self._notes.append(command)
            case Commit():
                assert self._open is not None
                self.snapshot, self._open = self._open, None
                self.receipts += (note.receipt for note in self._notes)
                self.moved += (each for note in self._notes for each in note.moved)
                self.outbox += (each for note in self._notes for each in note.owed)
            case Rollback():
                self._open = None
            case Lock() | Point() | Wait():
                pass
        return None

    def _written(self, edit: am.changes.Edit) -> am.changes.WrittenEntity | None:
        assert self._open is not None
        after, given = edit.after, None
        if after is not None and edit.before is None and self.gives_ids:
            self._given += 1
            given = f"given-{self._given}"
            after = attrs.evolve(after, id=given)
        put: list[Entity] = [] if after is None else [after]
        self._open = put_into(self._open, put, [] if after is not None else [edit.key])
        return (
            None
            if given is None
            else am.changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id=given)
        )


def put_into(snapshot: am.Snapshot, put: list[Entity], drop: list[Key]) -> am.Snapshot:
    """Return data with rows put and dropped; inside a transaction, references may have no target."""
    rows: Any = {(am.changes.Edit(None, row).key): row for row in rows_of(snapshot)}
    rows |= {am.changes.Edit(None, row).key: row for row in put}
    for key in drop:
        del rows[key]
    collections: Any = {
        kind.collection: [row for (name, _), row in rows.items() if name == kind.name] for kind in KINDS
    }
    return am.Snapshot.of_checked(snapshot.taken_at, snapshot.complete_for, collections)
