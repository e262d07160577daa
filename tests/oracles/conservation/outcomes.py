"""Outcomes: a merge, what was there before and what is there afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.merges.rules import MergeRules
from accountmerge.model.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.customers import Customer

Loss = tuple[object, ...]
"""What was not conserved: what was looked at, and ids and words that tell where."""


@attrs.frozen(repr=False)
class Outcome:
    """A merge and its result."""

    before: Snapshot
    survivor: str
    absorbed: tuple[str, ...]
    after: Snapshot
    ledger: Sequence[LedgerEntry]
    at: datetime | None
    rules: MergeRules | None = None

    def people(self) -> Iterator[Customer]:
        """Yield everybody who became one, as they were."""
        for id in (self.survivor, *self.absorbed):
            yield self.before.customers[id]

    def home(self, customer_id: str) -> str:
        """Return who has what a customer had."""
        return self.survivor if customer_id in self.absorbed else customer_id

    def ends(self, kind: str) -> bool:
        """Return whether the rules remove the records of a kind with their customer."""
        record_kinds = self.rules.record_kinds if self.rules else ()
        return any((record_kind.kind, record_kind.ends) == (kind, "remove") for record_kind in record_kinds)

    def entries(self, entity: str, field: str) -> list[tuple[str, str, str]]:
        """Return the entries of the ledger about a field: whose, from whom, and what, as JSON."""
        return [
            (entry.id, entry.from_id, text(entry.value.value))
            for entry in self.ledger
            if (entry.entity, entry.field) == (entity, field)
        ]


def text(value: Any) -> str:
    """Return a value by JSON type and value, so that `0` is not `false`, and `1.0` is `1`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)
