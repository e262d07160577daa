"""Conservation: what a merge lost, doubled or touched without need, found on the result by brute force.

Shares nothing with the planner but the values of the model. Everything that belonged to the people who became
one must have exactly one live home on the survivor, or an entry in the ledger that says why not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.testing.reference.conservation.access_rows import access, requests
from accountmerge.testing.reference.conservation.belongings import (
    attachments,
    bookings,
    records,
    relations,
)
from accountmerge.testing.reference.conservation.details import (
    attributes,
    emails,
    numbers,
    opt_outs,
    phones,
    scalars,
)
from accountmerge.testing.reference.conservation.outcomes import Loss, Outcome
from accountmerge.testing.reference.conservation.people import (
    absorbed_customers,
    bystanders,
    references,
    unfounded_entries,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.model.snapshots import Snapshot

__all__ = ["Loss", "Outcome", "not_conserved"]


def not_conserved(
    before: Snapshot,
    survivor: str,
    absorbed: Collection[str],
    after: Snapshot,
    ledger: Sequence[LedgerEntry],
) -> set[Loss]:
    """Return what a merge lost, doubled, made up or touched without need; nothing if it conserved all.

    Args:
        before: The data before.
        survivor: Who stays.
        absorbed: Who was merged into it.
        after: The data afterwards.
        ledger: What the plan says did not survive.
    """
    outcome = Outcome(before, survivor, tuple(sorted(absorbed)), after, ledger)
    return {(check.__name__, *loss) for check in CHECKS for loss in check(outcome)}


CHECKS: tuple[Callable[[Outcome], Iterator[Loss]], ...] = (
    bookings,
    records,
    relations,
    attachments,
    access,
    requests,
    emails,
    phones,
    numbers,
    opt_outs,
    scalars,
    attributes,
    absorbed_customers,
    bystanders,
    references,
    unfounded_entries,
)
"""What is checked; each is named for what it looks at."""
