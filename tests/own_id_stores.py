"""A store in memory that gives its own ids, an integer for each row and kind, and such stores with a mistake."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.store_ids import told_ids
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.reference import ReferenceStore
from accountmerge.testing.reference.disks import Disk
from accountmerge.testing.reference.renamed_rows import keyed_rows, renamed_row, renamed_snapshot

if TYPE_CHECKING:
    import pendulum

    import accountmerge as am
    from accountmerge.changes.edits import Key
    from accountmerge.testing.adapters import Outcome
    from accountmerge.testing.reference.step_runs import StepRun


class OwnIdStore(ReferenceStore):
    """Counts the rows of each kind from 1, and says the ids of new rows in its receipts."""

    says_seeded_ids = True

    def __init__(self) -> None:
        super().__init__()
        self._given: Counter[str] = Counter()
        self._seeded: tuple[am.Snapshot, dict[Key, str], am.Snapshot] | None = None

    def _next(self, name: str) -> str:
        """Return an id that no row of the kind has had."""
        self._given[name] += 1
        return str(self._given[name])

    def seed(self, snapshot: am.Snapshot) -> dict[Key, str] | None:  # type: ignore[override]
        """Fill the store; data that are seeded again get the same ids."""
        if self._seeded is None or self._seeded[0] is not snapshot:
            self._given.clear()
            names = {key: self._next(key[0]) for key in sorted(keyed_rows(snapshot))}
            self._seeded = (snapshot, names, renamed_snapshot(snapshot, names))
        _, names, renamed = self._seeded
        self._given = Counter(name for name, _ in names)
        super().seed(renamed)
        return dict(names) if self.says_seeded_ids else None

    def receipts(self) -> tuple[am.Receipt, ...]:
        return self.journal

    def foreign_write(self, write: ForeignWrite) -> None:
        keys: list[Key] = [(kind_of(row).name, row.id) for row in write.put]
        names = {key: self._next(key[0]) for key in keys if not key[1].isdigit()}
        super().foreign_write(ForeignWrite([renamed_row(row, names) for row in write.put], write.drop))

    def _rehearsed(self, draft: Disk, change_set: am.ChangeSet, now: pendulum.DateTime) -> tuple[str, ...]:
        return super()._rehearsed(self._in_terms_of(draft, change_set), change_set, now)

    def _carried_out(self, step_run: StepRun) -> Outcome:
        with self._transaction() as draft:
            view = self._in_terms_of(draft, step_run.change_set)
            outcome = self._stepped(view, step_run)
            draft.rows = self._renamed(view, told_ids(step_run.change_set, view.journal))
            draft.journal, draft.writes, draft.numbers = view.journal, view.writes, view.numbers
            return outcome

    def _in_terms_of(self, draft: Disk, change_set: am.ChangeSet) -> Disk:
        """Return a draft with the planned ids of a change set."""
        told = told_ids(change_set, draft.journal)
        view = draft.copy()
        view.rows = self._renamed(draft, {(key[0], id): key[1] for key, id in told.items()})
        return view

    def _renamed(self, draft: Disk, names: dict[Key, str]) -> Any:
        rows = {
            name: [renamed_row(row, names) for row in table.values()] for name, table in draft.rows.items()
        }
        return {name: {row.id: row for row in table} for name, table in rows.items()}

    def _mark(self, draft: Disk, step_run: StepRun) -> None:
        super()._mark(draft, step_run)
        *earlier, receipt = draft.journal
        told = told_ids(step_run.change_set, earlier)
        written = [self._told(draft, entry, told) for entry in receipt.written]
        draft.journal = (*earlier, attrs.evolve(receipt, written=written))

    def _told(self, draft: Disk, entry: Any, told: dict[Key, str]) -> Any:
        key: Key = (entry.entity, entry.id)
        if key in told:
            return attrs.evolve(entry, store_id=told[key])
        if entry.id.isdigit() or entry.id not in draft.rows[entry.entity]:
            return entry
        return attrs.evolve(entry, store_id=self._next(entry.entity))


class FoundByItsRows(OwnIdStore):
    """Does not say which ids it gave to seeded rows; the kit finds them by their values."""

    says_seeded_ids = False


class GivesIdsAgain(OwnIdStore):
    """Gives a new row the highest id of its kind plus one, so that the id of a removed row comes back."""

    def _carried_out(self, step_run: StepRun) -> Outcome:
        self._look_for_the_highest()
        return super()._carried_out(step_run)

    def foreign_write(self, write: ForeignWrite) -> None:
        kept = {key for key in keyed_rows(self.dump()) if key not in write.drop}
        self._look_for_the_highest(kept)
        super().foreign_write(write)

    def _look_for_the_highest(self, kept: Any = None) -> None:
        self._given.clear()
        for name, id in keyed_rows(self.dump()) if kept is None else kept:
            self._given[name] = max(self._given[name], int(id))


class MixesUpKinds(OwnIdStore):
    """Looks an id up that it gave, and takes it for that of a row of any kind."""

    def _in_terms_of(self, draft: Disk, change_set: am.ChangeSet) -> Disk:
        told = told_ids(change_set, draft.journal)
        view = draft.copy()
        names: dict[Key, str] = {
            (kind.name, id): planned for (_, planned), id in told.items() for kind in KINDS
        }
        view.rows = self._renamed(draft, names)
        return view


class ForgetsIdsInReceipts(OwnIdStore):
    """Knows which ids it gave, and does not say them in the receipts that others read."""

    def receipts(self) -> tuple[am.Receipt, ...]:
        return tuple(
            attrs.evolve(receipt, written=[attrs.evolve(entry, store_id=None) for entry in receipt.written])
            for receipt in self.journal
        )


class KeepsPlannedLinks(OwnIdStore):
    """Gives a new row its own id, and leaves the planned one in the rows that refer to it."""

    def _renamed(self, draft: Disk, names: dict[Key, str]) -> Any:
        rows = super()._renamed(draft, names)
        appointments: Any = draft.rows["appointment"]
        for id, row in appointments.items():
            other = rows["appointment"].get(names.get(("appointment", id), id))
            if other is not None and row.replaced_by != other.replaced_by:
                rows["appointment"][other.id] = attrs.evolve(other, replaced_by=row.replaced_by)
        return rows
