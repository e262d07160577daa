"""Rows of reports about applying a change set, such as receipts, progress and failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accountmerge.changes.appliers import Applied
from accountmerge.changes.conflicts import Dependence
from accountmerge.changes.differences import Rebase, StepDifference
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.moves import Moved
from accountmerge.changes.obligations import Owed
from accountmerge.changes.receipts import Receipt, WrittenEntity
from accountmerge.changes.resuming import EditProgress, Resumption
from accountmerge.changes.step_checks import StepCheck
from accountmerge.frames.row_columns import (
    PLAN_ID,
    STEP,
    Line,
    RowKind,
    all_facts,
    column,
    count,
    fact_columns,
    sentence_column,
    text,
)
from accountmerge.migrations.tracking import MigrationProgress

OUTCOMES = RowKind(
    Applied,
    "One row for each step, with its outcome.",
    (
        column("step", "whole number", "the ordinal of the step", lambda pair: pair[0]),
        text("outcome", "`applied`, `already` or `drifted`", lambda pair: pair[1]),
    ),
    {Applied: lambda applied: map(Line, applied.steps)},
)

RECEIPTS = RowKind(
    Receipt,
    "One row for each receipt.",
    (
        text("plan_id", "the plan"),
        column("step", "whole number", "the ordinal of the step", "ordinal"),
        text("outcome", "`applied`, `already`, `refused` or `unknown`"),
        column("at", "instant", "the instant"),
        count("written", "the number of entities with values of the store", lambda receipt: receipt.written),
        text("by", "the person or program that applied it", personal=True),
    ),
    {Applied: lambda applied: map(Line, applied.receipts)},
)


def _if(kind: type, value: object) -> Any:
    """Return a value if it is of a class, or None."""
    return value if type(value) is kind else None


def _written(receipt: Receipt) -> Iterator[Line]:
    return (Line(entry, receipt.plan_id, None, receipt.ordinal) for entry in receipt.written)


WRITTEN_ENTITIES = RowKind(
    WrittenEntity,
    "One row for each entity of each receipt.",
    (
        PLAN_ID,
        STEP,
        text("entity", "the kind of the entity"),
        text("id", "its id in the plan"),
        text("store_id", "the id that the store gave it, if different"),
        text("number", "the appointment number that the store gave it"),
        text("version", "its version after the write, if it is text", lambda entry: _if(str, entry.version)),
        column(
            "version_number",
            "whole number",
            "its version, if it is a number",
            lambda entry: _if(int, entry.version),
        ),
    ),
    {
        Receipt: _written,
        Applied: lambda applied: (line for receipt in applied.receipts for line in _written(receipt)),
    },
)

EDIT_PROGRESS = RowKind(
    EditProgress,
    "One row for each edit, in the order of the change set.",
    (
        column("step", "whole number", "the ordinal of the step"),
        text("entity", "the kind of the entity"),
        text("id", "its id in the plan"),
        text("store_id", "its id in the store"),
        text("state", "`to_apply`, `done` or `drifted`"),
    ),
    {Resumption: lambda report: map(Line, report.edits)},
)

STEP_DIFFERENCES = RowKind(
    StepDifference,
    "One row for each step of the new plan, then one for each dropped step.",
    (
        PLAN_ID,
        text("difference", "`same`, `changed`, `added` or `dropped`"),
        text("kind", "the kind of step"),
        column("before", "whole number", "its ordinal in the old plan"),
        column("after", "whole number", "its ordinal in the new plan"),
        column("ids", "json", "the edited entities, each once"),
    ),
    {Rebase: lambda rebase: (Line(step, rebase.plan.plan_id) for step in rebase.steps)},
)


def _failures(holder: Any) -> Iterator[Line]:
    return map(Line, holder.failures)


FAILURES = RowKind(
    Failure,
    "One row for each reason why a change set cannot be applied.",
    (
        text("code", "the code"),
        column("step", "whole number", "the step that cannot be applied; null for the whole change set"),
        *fact_columns("entity id profile_id customer_id start end"),
        text("remedy", "the remedy, as one word"),
        sentence_column("description", "the present state, as a sentence"),
        sentence_column("advice", "the remedy, as a sentence", "advise"),
        all_facts(),
    ),
    {ApplyRefused: _failures, Applied: _failures, StepCheck: _failures},
)

MOVED = RowKind(
    Moved,
    "One row for each entity whose place another one takes.",
    (
        text("entity", "the kind of both"),
        text("old_id", "the id that a program has"),
        text("new_id", "the id to use from now on"),
        text("why", "the code of the reason"),
        column("step", "whole number", "the ordinal of the step"),
        column("at", "instant", "the instant of the receipt"),
    ),
)

DEPENDENCES = RowKind(
    Dependence,
    "One row for each reason why two change sets may not be applied side by side.",
    (
        text("kind", "the kind of dependence"),
        *fact_columns("entity id"),
        sentence_column("description", "the reason, as a sentence"),
        all_facts(),
    ),
)

OWED = RowKind(
    Owed,
    "One row for each obligation that is owed.",
    (
        PLAN_ID,
        text("id", "the obligation"),
        column("step", "whole number", "the step that makes it due"),
        text("kind", "the kind of obligation", "obligation.kind"),
        text("whom", "the role of the addressee", "obligation.whom"),
        text("when", "the point of the plan at which it is due", "obligation.when"),
        *fact_columns("profile_id customer_id start end", lambda owed: owed.obligation.facts),
        all_facts(lambda owed: owed.obligation.facts),
    ),
    {MigrationProgress: lambda report: (Line(owed, report.plan_id) for owed in report.owed)},
)

PROGRESS_ROWS: tuple[RowKind, ...] = (
    OUTCOMES,
    RECEIPTS,
    WRITTEN_ENTITIES,
    EDIT_PROGRESS,
    STEP_DIFFERENCES,
    FAILURES,
    MOVED,
    DEPENDENCES,
    OWED,
)
