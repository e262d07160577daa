"""Stores that do not keep what is theirs alone: the numbers and the versions that they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import kind_of
from accountmerge.testing.reference.stores import FIRST_NUMBER, FIRST_VERSION, ReferenceStore

if TYPE_CHECKING:
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step
    from accountmerge.model.entities import Entity, EntityName
    from accountmerge.testing.reference.disks import Disk
    from accountmerge.testing.reference.step_runs import StepRun


class LosesNumbers(ReferenceStore):
    """Writes the row as the plan has it, also where the booking was given a number meanwhile."""

    def _numbered(self, draft: Disk, row: Entity) -> Entity:
        return row if row.id in draft.rows["appointment"] else super()._numbered(draft, row)


class RenumbersBookings(ReferenceStore):
    """Gives a booking a new number whenever it writes one that the plan knows without."""

    def _numbered(self, draft: Disk, row: Entity) -> Entity:
        if not isinstance(row, Appointment) or row.number is not None:
            return row
        draft.numbers += 1
        return attrs.evolve(row, number=f"APP-{FIRST_NUMBER + draft.numbers}")


class HandsNumbersOn(ReferenceStore):
    """Gives a new booking the number of the one in whose place it stands."""

    def _numbered(self, draft: Disk, row: Entity) -> Entity:
        old: Any = draft.rows["appointment"].get(getattr(row, "replaces", None) or "")
        is_new = row.id not in draft.rows["appointment"]
        if isinstance(row, Appointment) and is_new and row.number is None and old is not None:
            return super()._numbered(draft, attrs.evolve(row, number=old.number))
        return super()._numbered(draft, row)


class IgnoresNumbersGivenAhead(ReferenceStore):
    """Numbers every new booking itself, also one that was given its number ahead."""

    def _numbered(self, draft: Disk, row: Entity) -> Entity:
        if isinstance(row, Appointment) and row.id not in draft.rows["appointment"]:
            return super()._numbered(draft, attrs.evolve(row, number=None))
        return super()._numbered(draft, row)


class GivesNumbersAgain(ReferenceStore):
    """Gives a new booking the highest number that there is plus one, so that the number of a removed one comes back."""

    def _numbered(self, draft: Disk, row: Entity) -> Entity:
        is_new = row.id not in draft.rows["appointment"]
        if isinstance(row, Appointment) and is_new and row.number is None:
            there = [getattr(other, "number", None) for other in draft.rows["appointment"].values()]
            digits = [int(number.rpartition("-")[2]) for number in there if number is not None]
            row = attrs.evolve(row, number=f"APP-{max(digits, default=0) + 1}")
        return super()._numbered(draft, row)


class CountsNumbersInMemory(ReferenceStore):
    """Counts the numbers that it gives in memory, and begins anew when it is started anew."""

    _given = 0

    def _numbered(self, draft: Disk, row: Entity) -> Entity:
        is_new = row.id not in draft.rows["appointment"]
        if isinstance(row, Appointment) and is_new and row.number is None:
            self._given += 1
            row = attrs.evolve(row, number=f"APP-{FIRST_NUMBER + self._given}")
        return super()._numbered(draft, row)

    def reopen(self) -> None:
        """Begin to count anew."""
        super().reopen()
        self._given = 0


class WritesVersionsOfThePlan(ReferenceStore):
    """Writes the version that the plan has read back with the row, so that nobody sees that it changed."""

    def _write(self, draft: Disk, edit: Edit) -> None:
        super()._write(draft, edit)
        if edit.before is not None and edit.after is not None:
            row: Any = draft.rows[edit.entity][edit.id]
            draft.rows[edit.entity][edit.id] = attrs.evolve(row, version=edit.before.version)


class CountsVersionsPerTable(ReferenceStore):
    """Gives all rows of a table a new version when one of them is written."""

    def _put(self, draft: Disk, row: Entity) -> None:
        super()._put(draft, row)
        table = draft.rows[kind_of(row).name]
        for other in list(table.values()):
            kept: Any = other
            table[other.id] = attrs.evolve(kept, version=FIRST_VERSION + draft.writes)


class SavesWhatItRead(ReferenceStore):
    """Saves every row that it read and needs no more, also those that no step changes."""

    def _mark(self, draft: Disk, step_run: StepRun) -> None:
        super()._mark(draft, step_run)
        steps = step_run.change_set.steps
        later = [step for step in steps if step.ordinal > step_run.step.ordinal]
        needed = {edit.key for step in steps for edit in step.edits} | set().union(*map(_read, later))
        for name, id in sorted(_read(step_run.step) - needed):
            self._put(draft, draft.rows[name][id])


def _read(step: Step) -> set[tuple[EntityName, str]]:
    """Return the kind and the id of every row that a step wants unchanged."""
    facts: list[Any] = [guard.facts for guard in step.guards if guard.kind == "unchanged"]
    return {(fact["entity"], fact["id"]) for fact in facts}


class CountsVersionsInMemory(ReferenceStore):
    """Counts versions in memory, so that after a start a row gets one that it had before."""

    _written = 0

    def _put(self, draft: Disk, row: Entity) -> None:
        draft.writes = self._written
        super()._put(draft, row)
        self._written = draft.writes

    def reopen(self) -> None:
        """Begin to count anew."""
        super().reopen()
        self._written = 0
