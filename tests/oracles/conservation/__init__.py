"""Conservation: what a plan lost, doubled or touched without need, found on the result by brute force.

Shares nothing with the planners but the values of the model. Of a merge, everything that belonged to the people who became
one must have exactly one live home on the survivor, or an entry in the ledger that says why not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.rebooking.requests import RebookingRequest
from oracles.conservation.access_rows import access, requests
from oracles.conservation.belongings import attachments, bookings, records, relations
from oracles.conservation.booked_sessions import after_a_rebooking
from oracles.conservation.details import attributes, emails, numbers, opt_outs, phones, scalars
from oracles.conservation.moved_bookings import after_a_migration
from oracles.conservation.outcomes import Loss, Outcome
from oracles.conservation.people import absorbed_customers, bystanders, references, unfounded_entries
from oracles.conservation.small_changes import after_a_small_plan
from oracles.goals import vanished

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    import pendulum

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.model.snapshots import Snapshot

__all__ = ["Loss", "Outcome", "losses", "not_conserved"]


def losses(
    request: Any,
    before: Snapshot,
    after: Snapshot,
    at: pendulum.DateTime,
    ledger: Sequence[LedgerEntry],
    rules: Any = None,
) -> set[Loss]:
    """Return what a plan of any kind lost, doubled, made up or touched without need.

    Args:
        request: What was asked, of any kind.
        before: The data before.
        after: The data afterwards.
        at: The instant of the plan.
        ledger: What the plan says did not survive.
        rules: The rules of the plan. Default: those of the library.
    """
    ending = {("record", entry.id) for entry in ledger if entry.rule == "ends_with_profile"}
    gone: set[Loss] = {("gone", *key) for key in vanished(before, after) if tuple(key) not in ending}
    if gone:
        return gone
    if isinstance(request, MergeRequest):
        in_force = rules if isinstance(rules, MergeRules) else None
        people = (request.survivor, request.absorbed)
        return not_conserved(before, *people, after, ledger, at=at, rules=in_force)
    if isinstance(request, MigrationRequest):
        return set(after_a_migration(request, before, after, at, rules, ledger))
    if isinstance(request, RebookingRequest):
        told = {("told as lost", entry.entity, entry.id) for entry in ledger}
        return {*told, *after_a_rebooking(request, before, after, at)}
    return set(after_a_small_plan(request, before, after, at, ledger))


def not_conserved(
    before: Snapshot,
    survivor: str,
    absorbed: Collection[str],
    after: Snapshot,
    ledger: Sequence[LedgerEntry],
    *,
    at: datetime | None = None,
    rules: MergeRules | None = None,
) -> set[Loss]:
    """Return what a merge lost, doubled, made up or touched without need; nothing if it conserved all.

    Args:
        before: The data before.
        survivor: Who stays.
        absorbed: Who was merged into it.
        after: The data afterwards.
        ledger: What the plan says did not survive.
        at: The instant of the plan. Default: any.
        rules: What was in force: kinds of record that end with their customer. Default: no kind ends.
    """
    outcome = Outcome(before, survivor, tuple(sorted(absorbed)), after, ledger, at, rules)
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
