"""The result of a rehearsal, in which a change set is tried on a database and taken back."""

from __future__ import annotations

from typing import Literal, get_args

from accountmerge.changes.appliers import StepOutcome
from accountmerge.changes.failures import Failure
from accountmerge.findings.finding import Finding
from accountmerge.model.entities import EntityName
from accountmerge.model.values import ShownValue, Value, value_class

LockKind = Literal["file", "table", "rows"]
LOCK_KINDS: tuple[LockKind, ...] = get_args(LockKind)


@value_class(eq=False, repr=False, kw_only=True)
class RowChanges(ShownValue):
    """The number of rows of one table that were inserted, updated and deleted.

    Attributes:
        table: The name of the table.
        inserted: The number of new rows.
        updated: The number of updates; a row that two steps update counts twice.
        deleted: The number of deleted rows.
    """

    table: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


@value_class(eq=False, repr=False, kw_only=True)
class HeldLock(ShownValue):
    """A lock of a rehearsal, as `Store.apply` takes it.

    Attributes:
        kind: `file` is the whole database of SQLite, to which no other program can write. `table` lets no other
            program write to a table. `rows` lets no other program write to some rows.
        table: The name of the table; None for a file.
        rows: The number of locked rows; None for a file or a table.
    """

    kind: LockKind
    table: str | None = None
    rows: int | None = None


@value_class(eq=False, repr=False, kw_only=True)
class RowDifference(ShownValue):
    """A row that is not as planned after the steps.

    Reasons are triggers, and types of columns that round or cut a value.

    Attributes:
        entity: The kind of entity.
        id: Its id in the database.
        fields: The fields that were read back with another value; `id` alone if only one of both has the row.
        columns: The columns that hold another value than was written, and those that no step writes but a trigger
            changed. Their fields may be read back as planned, because the added tables hold the planned value.
    """

    entity: EntityName
    id: str
    fields: tuple[str, ...]
    columns: tuple[str, ...] = ()


@value_class(eq=False, repr=False, kw_only=True)
class Refusal(ShownValue):
    """The step that the database refused, or that the mapping cannot write.

    Attributes:
        step: The ordinal of the step.
        table: The name of the table.
        constraint: The constraint that refused a row, as the database names it; None if a trigger or a rule refused it.
        code: The code of the error that `Store.apply` would raise.
    """

    step: int
    table: str | None
    constraint: str | None
    code: str


@value_class(eq=False, repr=False, kw_only=True)
class Rehearsal(Value):
    """The result of a rehearsal. No row of the database was changed.

    Attributes:
        plan_id: The id of the plan.
        steps: The ordinal and the outcome of each step, as in `Applied`. Empty if the change set does not fit, or if
            the database refused a step.
        failures: The reasons for which `Store.apply` would refuse the change set, or those of a step that does not fit
            after the steps before it. A plan that is not confirmed is tried, too, but has this failure.
        refusal: The step that the database refused. None: it refused no step.
        differences: The rows that are not as planned after the steps.
        beyond: The rows of the caller's tables that were changed and that the plan does not write: by triggers, or
            by cascades of foreign keys.
        uncompared: The tables with too many rows to compare their content. Only their number of rows was compared.
        faults_before: The faults of the rows that the steps read, before them.
        faults_after: The faults of the same rows and of the new ones, after the steps.
        writes: The rows that the steps write, by table, those of added tables included.
        locks: The locks that were held.
        locked_seconds: How long they were held in the rehearsal, reading back included.
        writing_seconds: The part of this time that the steps took.
        statements: The number of statements that the steps took, without those that compare.
    """

    plan_id: str
    steps: tuple[tuple[int, StepOutcome], ...] = ()
    failures: tuple[Failure, ...] = ()
    refusal: Refusal | None = None
    differences: tuple[RowDifference, ...] = ()
    beyond: tuple[RowChanges, ...] = ()
    uncompared: tuple[str, ...] = ()
    faults_before: tuple[Finding, ...] = ()
    faults_after: tuple[Finding, ...] = ()
    writes: tuple[RowChanges, ...] = ()
    locks: tuple[HeldLock, ...] = ()
    locked_seconds: float = 0.0
    writing_seconds: float = 0.0
    statements: int = 0

    @property
    def new_faults(self) -> tuple[Finding, ...]:
        """The faults that the rows have after the steps only.

        A plan may cause some itself, such as a malformed address that a merge transfers.
        """
        known = {finding.id for finding in self.faults_before}
        return tuple(finding for finding in self.faults_after if finding.id not in known)

    @property
    def is_as_planned(self) -> bool:
        """Whether each step can be applied, and only the planned rows and values would change."""
        return not (self.failures or self.refusal or self.differences or self.beyond)

    def __repr__(self) -> str:
        counts = {
            "failures": len(self.failures),
            "refused": int(self.refusal is not None),
            "differences": len(self.differences),
            "beyond": sum(each.inserted + each.updated + each.deleted for each in self.beyond),
            "new faults": len(self.new_faults),
        }
        told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        return f"Rehearsal({len(self.steps)} steps, {told or 'as planned'})"
