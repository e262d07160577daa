"""Disks: what a store in memory has stored for good, and the drafts that may become that."""

from __future__ import annotations

import attrs

from accountmerge.changes.receipts import Receipt
from accountmerge.model.entities import KINDS
from accountmerge.testing.reference.guards import Rows


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
