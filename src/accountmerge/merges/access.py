"""The access that a merge moves to the survivor, and the findings about access that grows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import attrs

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import Reason
from accountmerge.findings.finding import Finding
from accountmerge.merges.situation import MergeSituation
from accountmerge.messages import Facts
from accountmerge.model.access import LEVELS, Access, AccessLevel, strongest
from accountmerge.model.values import Value, value_class
from accountmerge.plans.grants import leading_row, new_access
from accountmerge.plans.verdicts import Draft
from accountmerge.wire.canonical import frozen

WITHDRAWN_BECAUSE = "customer_merged"
"""The reason in a withdrawn request, which asked for less than access to the survivor."""


@value_class(eq=False, repr=False)
class MergedAccess(Value):
    """The access of one profile before and after a merge.

    Attributes:
        before: The row on the survivor that counts before the merge, or None.
        after: The row on the survivor after the merge.
        gone: The rows on absorbed customers, sorted by id.
    """

    before: Access | None
    after: Access
    gone: tuple[Access, ...]


def merged_access(situation: MergeSituation) -> tuple[MergedAccess, ...]:
    """Return the access of each profile that could see an absorbed customer, sorted by profile.

    The strongest level and the earliest `since` survive. A row that moves keeps `created_at` and `made_by`, and so does
    a row of the survivor.
    """
    table, survivor = situation.snapshot.access, situation.survivor.id
    coming: dict[str, list[Access]] = defaultdict(list)
    for id in situation.absorbed_ids:
        for row in table.where("customer_id", id):
            coming[row.profile_id].append(row)
    held: dict[str, list[Access]] = defaultdict(list)
    for row in table.where("customer_id", survivor):
        held[row.profile_id].append(row)
    return tuple(
        _merged(profile_id, survivor, held[profile_id], coming[profile_id]) for profile_id in sorted(coming)
    )


def _merged(profile_id: str, survivor: str, held: list[Access], coming: list[Access]) -> MergedAccess:
    before = leading_row(held)
    rows = (*held, *coming)
    level = strongest(rows) or "viewing"
    since = min((row.since for row in rows if row.since is not None), default=None)
    if before is None:
        first = leading_row(coming) or coming[0]
        moved = new_access(profile_id, survivor, level, since)
        after = attrs.evolve(moved, created_at=first.created_at, made_by=first.made_by)
    else:
        after = attrs.evolve(before, level=level, since=since)
    return MergedAccess(before, after, tuple(sorted(coming, key=lambda row: row.id)))


def access_drafts(merged: tuple[MergedAccess, ...]) -> Iterator[Draft]:
    """Yield a step for each profile that gains access to the survivor, or a stronger one."""
    for access in merged:
        if access.before != access.after:
            after = access.after
            facts = Facts(profile_id=after.profile_id, survivor_id=after.customer_id)
            yield Draft("grant_access", Reason("access_moves", facts), (Edit(access.before, after),))


def access_ledger(merged: tuple[MergedAccess, ...]) -> Iterator[LedgerEntry]:
    """Yield an entry for each row, the survivor's own included, that differs from the row after the merge."""
    for access in merged:
        for row in (*access.gone, *((access.before,) if access.before else ())):
            if _content(row) != _content(access.after):
                yield LedgerEntry(
                    entity="access",
                    id=row.id,
                    field="access",
                    value=frozen(row),
                    from_id=row.customer_id,
                    rule="stronger_access",
                )


def _content(row: Access) -> tuple[object, ...]:
    """Return the values of an access row beside its id, its profile and its customer."""
    return (row.level, row.since, row.created_at, row.made_by)


def request_drafts(situation: MergeSituation) -> Iterator[Draft]:
    """Yield a step for each pending access request on an absorbed customer.

    Decided requests stay with their customer because they are history.
    """
    table, survivor = situation.snapshot.access_requests, situation.survivor.id
    rows = [row for id in situation.absorbed_ids for row in table.where("customer_id", id)]
    for row in sorted(rows, key=lambda row: row.id):
        if row.status == "pending":
            after = attrs.evolve(
                row,
                status="withdrawn",
                reason=WITHDRAWN_BECAUSE,
                decided_by=situation.asked_by,
                decided_at=situation.at,
            )
            facts = Facts(request_id=row.id, survivor_id=survivor)
            yield Draft("withdraw_request", Reason("request_overtaken", facts), (Edit(row, after),))


def rise_findings(situation: MergeSituation) -> Iterator[Finding]:
    """Yield findings for profiles whose access to a merged customer becomes stronger, or was denied.

    A denial counts until that customer gives the profile the same access. Customers that were absorbed before are
    left out because their access was merged then.
    """
    survivor = situation.survivor.id
    levels = {row.id: _levels(situation, row.id) for row in situation.customers}
    unmerged = [row.id for row in situation.customers if not situation.was_absorbed(row)]
    denied = {id: _denied(situation, id) for id in unmerged}
    for profile_id in sorted({profile_id for held in levels.values() for profile_id in held}):
        held = {id: levels[id][profile_id] for id in levels if profile_id in levels[id]}
        highest = max(held.values(), key=LEVELS.index)
        weaker = [id for id in unmerged if held.get(id) != highest]
        raised = tuple(sorted(id for id in weaker if id in held))
        against = tuple(sorted(id for id in weaker if profile_id in denied[id]))
        for code, ids in (("access_rises", raised), ("access_denied_before", against)):
            if ids:
                facts = Facts(profile_id=profile_id, survivor_id=survivor, customer_ids=ids)
                yield Finding.of(code, (profile_id, survivor), **facts)


def _levels(situation: MergeSituation, customer_id: str) -> dict[str, AccessLevel]:
    """Return the level of access to a customer, by profile."""
    levels: dict[str, AccessLevel] = {}
    for row in situation.snapshot.access.where("customer_id", customer_id):
        levels[row.profile_id] = max(levels.get(row.profile_id, row.level), row.level, key=LEVELS.index)
    return levels


def _denied(situation: MergeSituation, customer_id: str) -> set[str]:
    """Return the profiles with a denied request for access to a customer."""
    rows = situation.snapshot.access_requests.where("customer_id", customer_id)
    return {row.profile_id for row in rows if row.status == "denied"}


def widening_findings(situation: MergeSituation) -> Iterator[Finding]:
    """Yield a finding for each profile that may see more entries after the merge, with their number."""
    snapshot, survivor = situation.snapshot, situation.survivor.id
    seen: dict[str, set[str]] = defaultdict(set)
    for customer in situation.customers:
        for row in snapshot.access.where("customer_id", customer.id):
            seen[row.profile_id].add(customer.id)
    counts = {
        customer.id: len(snapshot.appointments.where("customer_id", customer.id))
        + len(snapshot.records.where("customer_id", customer.id))
        for customer in situation.customers
    }
    for profile_id in sorted(seen):
        gained = sum(count for id, count in counts.items() if id not in seen[profile_id])
        if gained:
            ids = (profile_id, survivor)
            yield Finding.of("access_widens", ids, profile_id=profile_id, survivor_id=survivor, count=gained)
