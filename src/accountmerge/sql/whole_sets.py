"""Apply a whole change set in one transaction, with few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError, StatementError

from accountmerge.changes.appliers import Applied, StepOutcome
from accountmerge.changes.applying import replayed_on
from accountmerge.changes.commands import Conflict
from accountmerge.changes.compiling import Compiled, mentions
from accountmerge.changes.edits import Edit
from accountmerge.changes.edits import Key as EntityKey
from accountmerge.changes.failures import ApplyRefused
from accountmerge.changes.moves import Moved, moves_of
from accountmerge.changes.obligations import due_by_step
from accountmerge.changes.readings import named_questions
from accountmerge.changes.receipts import Receipt, WrittenEntity
from accountmerge.changes.steps import Step
from accountmerge.changes.store_ids import receipted_plans, told_ids
from accountmerge.model.entities import KIND_OF_NAME
from accountmerge.model.instants import utc
from accountmerge.model.snapshots import Snapshot
from accountmerge.sql import dialects
from accountmerge.sql.bulk_writing import BulkWriter
from accountmerge.sql.driver import OWNERS, Driver, owed_rows, receipt_row


@attrs.define(eq=False)
class WholeDriver(Driver):
    """The application of a whole change set that no step of was applied before."""

    def apply(self, compiled: Compiled, by: str) -> Applied | None:
        """Apply all steps; return None if they have to be applied one by one.

        That is so if some are done already, or if the database or another program does not let them be written at once.
        Then no row was written.

        Raises:
            ApplyRefused: The change set does not fit the data, and no row was written.
        """
        self.reach("before 1")
        try:
            applied = self._applied(compiled, by)
        except Conflict:
            return None
        except SQLAlchemyError as error:
            if isinstance(error, StatementError) and dialects.trouble_of(error) == "lost":
                self._close(broken=True)
            return None
        finally:
            self._close()
        if applied is not None:
            self.reach(f"committed {compiled.count}")
        return applied

    def _applied(self, compiled: Compiled, by: str) -> Applied | None:
        change_set = compiled.change_set
        now = self._begin(only_reads=False)
        receipts = self._receipts(receipted_plans(change_set), None)
        if any(receipt.plan_id == change_set.plan_id for receipt in receipts):
            return None
        told = told_ids(change_set, receipts)
        self._lock(_owners(compiled, told))
        data, replay = self._open_reader().evaluated(
            lambda data: replayed_on(data, change_set, receipts),
            utc(now, "now"),
            named_questions(compiled, told),
        )
        if replay.failures:
            raise ApplyRefused(replay.failures)
        steps = change_set.wanted_steps
        if replay.steps != tuple(step.ordinal for step in steps):
            return None
        writer = self._open_writer()
        if self._triggers_may_change_copies():
            return None
        bulk = BulkWriter(writer)
        bulk.write([_edit(data, key, after) for key, after in replay.writes.items()])
        writer.flush()
        given = {**told, **bulk.ids}
        plan_id = change_set.plan_id
        noted = [_noted(plan_id, step, given, bulk, now, by) for step in steps]
        for _, moved in noted if self.mapping.followed else ():
            for each in moved:
                self._follow(each.entity, each.old_id, each.new_id)
        writer.remove()
        self._note_all(compiled, noted)
        self._end("COMMIT")
        outcomes: tuple[tuple[int, StepOutcome], ...] = tuple((step.ordinal, "applied") for step in steps)
        return Applied(steps=outcomes, receipts=tuple(receipt for receipt, _ in noted))

    def _triggers_may_change_copies(self) -> bool:
        """Return whether triggers may change the rows whose columns new rows take.

        One may empty a cancelled row. A step keeps the columns of the old row before it changes it; here, they are read
        after all changes.
        """
        copied = {table.table.name for table in self.mapping.tables.mapped if table.copied}
        if not self.sources or not copied:
            return False
        watched = dialects.tables_with_triggers(self.connection, self.mapping.prefix, before=True)
        return not copied.isdisjoint(watched)

    def _note_all(self, compiled: Compiled, noted: Sequence[tuple[Receipt, tuple[Moved, ...]]]) -> None:
        """Store the receipts of all steps, and what is due."""
        journal, due = self.mapping.tables.journal, due_by_step(compiled.change_set)
        rows = [receipt_row(receipt, moved) for receipt, moved in noted]
        owed = [row for receipt, _ in noted for row in owed_rows(due.get(receipt.ordinal, ()), receipt)]
        self.connection.execute(sa.insert(journal.receipts), rows)
        if owed:
            self.connection.execute(sa.insert(journal.owed), owed)


def _owners(compiled: Compiled, told: Mapping[EntityKey, str]) -> tuple[EntityKey, ...]:
    """Return the profiles and customers that the steps name, by the store's ids, without those that they create."""
    created = compiled.created.since
    named = {key for step in compiled.change_set.wanted_steps for key in mentions(step)}
    known = ((key[0], told.get(key, key[1])) for key in named if not created.get(key, 0))
    return tuple(sorted(key for key in known if key[0] in OWNERS))


def _edit(data: Snapshot, key: EntityKey, after: Any) -> Edit:
    """Return the edit of an entity from what was read to what is written."""
    return Edit(data.table(KIND_OF_NAME[key[0]].collection).get(key[1]), after)


def _noted(
    plan_id: str, step: Step, given: Mapping[EntityKey, str], bulk: BulkWriter, now: datetime, by: str
) -> tuple[Receipt, tuple[Moved, ...]]:
    """Return the receipt of a step, and the entities whose places others take."""
    entries = {
        edit.key: WrittenEntity(
            entity=edit.entity,
            id=edit.id,
            store_id=given.get(edit.key),
            number=bulk.number_of((edit.entity, given.get(edit.key, edit.id))),
        )
        for edit in step.edits
    }
    receipt = Receipt(
        step_id=f"{plan_id}/{step.ordinal}", outcome="applied", written=entries.values(), at=now, by=by
    )
    return receipt, tuple(moves_of(step, given, receipt.at))
