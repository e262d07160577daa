"""The completeness proof of a migration, by which no plan leaves a record against the rules.

It reads the declared kinds alone, not the code that makes the edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.changes.steps import Step
from accountmerge.errors import AccountMergeError
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.situation import MigrationSituation
from accountmerge.model.records import Record


def require_handed_over(
    situation: MigrationSituation, rules: MigrationRules, steps: Iterable[Step], ledger: Iterable[LedgerEntry]
) -> None:
    """Refuse steps that leave a record of the old profile against the rule for its kind.

    Raises:
        AccountMergeError: A record is with the wrong profile, has no copy, or is removed without a ledger entry; the
            facts name it.
    """
    after = {
        edit.id: edit.after
        for step in steps
        for edit in step.edits
        if isinstance(edit.before or edit.after, Record)
    }
    entered = {entry.id for entry in ledger if (entry.entity, entry.field) == ("record", "record")}
    left = sorted(_misplaced(situation, rules, after, entered))
    if left:
        raise AccountMergeError("plan_incomplete", ids=tuple(left))


def _misplaced(
    situation: MigrationSituation, rules: MigrationRules, after: Mapping[str, object], entered: set[str]
) -> Iterator[str]:
    """Yield the id of each record that the steps leave against the rule for its kind."""
    old, new, table = situation.old.id, situation.new.id, situation.snapshot.records
    for row in table.where("profile_id", old):
        now = after.get(row.id, row)
        home = now.profile_id if isinstance(now, Record) else None
        match rules.becomes(row.kind):
            case "stays":
                is_right = home == old
            case "moves":
                is_right = home == new
            case "copied":
                copy = after.get(id := situation.rows.copy_ids[row.id], table.get(id))
                has_copy = isinstance(copy, Record) and copy.profile_id == new
                is_right = home == old and (has_copy or situation.is_linked)
            case "ends":
                is_right = now is None and row.id in entered
            case None:
                is_right = False
        if not is_right:
            yield row.id
