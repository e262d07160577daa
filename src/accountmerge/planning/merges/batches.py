"""`plan_merges`: many requests at once, in groups that are independent of each other.

Whoever wants to see progress takes the groups one by one from `iter_merge_plans`: each knows its number and
how many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.model.entities import KIND_OF_NAME
from accountmerge.model.instants import utc
from accountmerge.planning.executions import apply
from accountmerge.planning.merges.groups import contradictions, customer_ids, families, grouped, ordered
from accountmerge.planning.merges.neighbourhoods import neighbourhood
from accountmerge.planning.merges.plan import plan_merge
from accountmerge.plans import MergePlan
from accountmerge.rules.merge_requests import MergeRequest
from accountmerge.rules.merge_rules import MergeRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import pendulum

    from accountmerge.model.snapshots import Snapshot

_DEFAULT_RULES = MergeRules()
_REHEARSAL = "rehearsal"
"""Who confirms a plan in memory, so that the next one sees its result; the plans themselves stay unconfirmed."""


@attrs.frozen(repr=False)
class MergeGroup:
    """Requests that have to do with each other, and their plans.

    Each plan is a change set of its own with its own confirmation, for a customer can take in others and be
    absorbed afterwards: they are applied one after the other, in their order. A plan takes for granted that
    those before it in its group have been applied, and nothing of any other group.

    Attributes:
        number: Its place in the batch, from 1.
        total: How many groups the batch has.
        customer_ids: Everybody that the requests name, sorted.
        requests: What was asked, each once, in the order in which it is carried out; what cannot be planned
            because it contradicts itself stands last.
        plans: The plans that could be made, in that order; each has its `request`. A plan that is blocked
            changes nothing, and those that do not need it are planned all the same.
        findings: Why some requests have no plan: `merge_cycle`, `absorbed_twice`, `waits_for_blocked`.
    """

    number: int
    total: int
    customer_ids: tuple[str, ...]
    requests: tuple[MergeRequest, ...]
    plans: tuple[MergePlan, ...]
    findings: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """Whether every request has a plan, and nothing blocks any."""
        return not self.findings and all(plan.is_ready for plan in self.plans)

    def __repr__(self) -> str:
        state = "ready" if self.is_ready else "blocked"
        return f"MergeGroup({self.number} of {self.total}, {state}, {len(self.plans)} plans)"


@attrs.frozen(repr=False)
class MergeBatch:
    """Many merges, planned at once.

    Attributes:
        groups: The groups, by their lowest customer id; they can be applied in any order.
    """

    groups: tuple[MergeGroup, ...]

    @property
    def is_ready(self) -> bool:
        """Whether every group is ready."""
        return not self.blocked

    @property
    def plans(self) -> tuple[MergePlan, ...]:
        """All plans, group by group, in the order in which they are applied."""
        return tuple(plan for group in self.groups for plan in group.plans)

    @property
    def blocked(self) -> tuple[MergeGroup, ...]:
        """The groups in which something blocks."""
        return tuple(group for group in self.groups if not group.is_ready)

    def __repr__(self) -> str:
        return f"MergeBatch({len(self.groups)} groups, {len(self.blocked)} blocked)"


def plan_merges(
    snapshot: Snapshot, requests: Iterable[MergeRequest], *, rules: MergeRules = _DEFAULT_RULES, at: datetime
) -> MergeBatch:
    """Decide many merges at once, whatever order the requests come in.

    Requests that name a customer in common, or would change something in common, form a group; equal ones
    count once. In a group a customer takes in others before it is absorbed itself, and each plan is made on
    what those before it give. Groups are independent: one that is blocked does not hold up the rest.

    Args:
        snapshot: The present data, whole for the customers.
        requests: Who stays, who is absorbed, and which profile asks, for each merge.
        rules: What the practice decides about all its merges.
        at: The instant the plans are for; any aware datetime.

    Raises:
        InvalidValueError: `at` is naive, or something is no `MergeRequest`.

    Takes time in proportion to what names the customers, once the snapshot is indexed, and to what the plans
    write: in a chain, where each survivor is absorbed by the next, every plan points all earlier ones to the
    new survivor, so that n requests write n² / 2 times. Name the last survivor in one request instead.
    """
    return MergeBatch(tuple(iter_merge_plans(snapshot, requests, rules=rules, at=at)))


def iter_merge_plans(
    snapshot: Snapshot, requests: Iterable[MergeRequest], *, rules: MergeRules = _DEFAULT_RULES, at: datetime
) -> Iterator[MergeGroup]:
    """Decide many merges one group at a time, as `plan_merges` does; each is planned when it is asked for.

    Raises:
        InvalidValueError: `at` is naive, or something is no `MergeRequest`; raised before the first group.
    """
    asked, moment = tuple(requests), utc(at)
    if not all(isinstance(request, MergeRequest) for request in asked):
        raise InvalidValueError("wrong_type", field="requests", wanted="merge_request")
    groups = grouped(snapshot, asked)
    return (
        _planned_group(snapshot, group, rules, moment, number, len(groups))
        for number, group in enumerate(groups, start=1)
    )


def _planned_group(
    snapshot: Snapshot,
    requests: list[MergeRequest],
    rules: MergeRules,
    at: pendulum.DateTime,
    number: int,
    total: int,
) -> MergeGroup:
    findings: list[Finding] = []
    possible: list[MergeRequest] = []
    refused: list[MergeRequest] = []
    for family in families(requests):
        against = list(contradictions(family))
        findings += against
        (refused if against else possible).extend(family)
    wanted = ordered(sorted(possible, key=lambda request: request.order))
    plans, waiting = _planned_in_turn(snapshot, wanted, rules, at)
    return MergeGroup(
        number,
        total,
        tuple(sorted({id for request in requests for id in customer_ids(request)})),
        (*wanted, *sorted(refused, key=lambda request: request.order)),
        tuple(plans),
        tuple(sorted({*findings, *waiting}, key=finding_order)),
    )


def _planned_in_turn(
    snapshot: Snapshot, requests: list[MergeRequest], rules: MergeRules, at: pendulum.DateTime
) -> tuple[list[MergePlan], list[Finding]]:
    """Plan requests in their order, each on what those before it give; not those that need a blocked one."""
    plans: list[MergePlan] = []
    waiting: list[Finding] = []
    unmerged: set[str] = set()
    if len(requests) > 1:
        everybody = {id for request in requests for id in customer_ids(request)}
        snapshot = neighbourhood(
            snapshot, everybody, {request.actor for request in requests if request.actor is not None}
        )
    for request in requests:
        survivor = request.survivor
        waits_for = tuple(sorted(unmerged.intersection(request.absorbed) - {survivor}))
        if waits_for:
            ids = (survivor, *waits_for)
            found = Finding.of("waits_for_blocked", ids, survivor_id=survivor, waits_for=waits_for)
            waiting.append(found)
            unmerged.add(survivor)
            continue
        plan = plan_merge(snapshot, request, rules=rules, at=at)
        plans.append(plan)
        if not plan.is_ready:
            unmerged.add(survivor)
        elif request is not requests[-1]:
            snapshot = _after(snapshot, plan)
    return plans, waiting


def _after(snapshot: Snapshot, plan: MergePlan) -> Snapshot:
    """Return what a plan gives, as far as it can be known: the store's versions of what it writes cannot."""
    result = apply(snapshot, plan.confirm(by=_REHEARSAL, at=plan.change_set.at))
    written = {edit.key for step in plan.change_set.steps for edit in step.edits}
    rows = (result.table(KIND_OF_NAME[name].collection).get(id) for name, id in sorted(written))
    return result.changed([attrs.evolve(row, version=None) for row in rows if row is not None])
