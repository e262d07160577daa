"""The committed data of a store in memory, and drafts of them."""

from __future__ import annotations

import attrs

from accountmerge.changes.receipts import Receipt
from accountmerge.model.entities import KINDS
from accountmerge.testing.reference.guards import Rows


@attrs.define(repr=False)
class Disk:
    """Committed data.

    Attributes:
        rows: All rows.
        journal: The receipt of each applied step, in order.
        writes: The number of rows ever written, from which versions are made.
        numbers: How many numbers were ever given.
    """

    rows: Rows = attrs.Factory(lambda: {kind.name: {} for kind in KINDS})
    journal: tuple[Receipt, ...] = ()
    writes: int = 0
    numbers: int = 0

    def copy(self) -> Disk:
        """Return a draft that is independent of this one."""
        rows = {name: dict(rows) for name, rows in self.rows.items()}
        return Disk(rows, self.journal, self.writes, self.numbers)

    def roll_back_to(self, earlier: Disk) -> None:
        """Forget later writes; given numbers and versions are not given again."""
        self.rows, self.journal = earlier.rows, earlier.journal

    def has(self, step_id: str) -> bool:
        """Return whether the journal has a step."""
        return any(entry.step_id == step_id for entry in self.journal)
