"""Plans of many merges at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.merges.planner import MergePlan, plan_merge
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import (
    KIND_OF_NAME,
    KINDS,
    CollectionName,
    Entity,
    kind_of,
    references,
    referring_attributes,
)
from accountmerge.model.identifiers import derived_id
from accountmerge.model.instants import utc
from accountmerge.model.limits import Limits
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Persons, customers_of
from accountmerge.model.values import Value, value_class
from accountmerge.plans.executions import apply

RequestT = TypeVar("RequestT")
_DEFAULT_RULES = MergeRules()
_REHEARSAL = "rehearsal"
"""The confirming person of a plan in memory, for the next plan; the returned plans are unconfirmed."""


@value_class(eq=False, repr=False)
class MergeGroup(Value):
    """Requests that depend on each other, and their plans.

    Each plan has its own change set and confirmation, because a customer can absorb others and be absorbed later. The
    plans are applied in their order. A plan assumes that the plans before it in its group have been applied, and
    does not depend on other groups.

    Attributes:
        number: Its place in the batch, from 1.
        total: The number of groups in the batch.
        customer_ids: The ids of all customers that the requests name, sorted.
        requests: The requests, each once, in the order of their plans. Requests that contradict each other are last.
        plans: The plans, in that order. If a plan is blocked, requests that need it have no plan.
        findings: The reasons for absent plans, `merge_cycle`, `absorbed_twice` or `waits_for_blocked`.
    """

    number: int
    total: int
    customer_ids: tuple[str, ...]
    requests: tuple[MergeRequest, ...]
    plans: tuple[MergePlan, ...]
    findings: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """Whether every request has a plan that is ready."""
        return not self.findings and all(plan.is_ready for plan in self.plans)

    def __repr__(self) -> str:
        state = "ready" if self.is_ready else "blocked"
        return f"MergeGroup({self.number} of {self.total}, {state}, {len(self.plans)} plans)"


@value_class(eq=False, repr=False)
class MergeBatch(Value):
    """Many merges, planned at once.

    Attributes:
        groups: The groups, sorted by their lowest customer id. They can be applied in any order.
    """

    groups: tuple[MergeGroup, ...]

    @property
    def is_ready(self) -> bool:
        """Whether every group is ready."""
        return not self.blocked

    @property
    def plans(self) -> tuple[MergePlan, ...]:
        """All plans, group by group, in the order to apply them."""
        return tuple(plan for group in self.groups for plan in group.plans)

    @property
    def blocked(self) -> tuple[MergeGroup, ...]:
        """The groups that are not ready."""
        return tuple(group for group in self.groups if not group.is_ready)

    def __repr__(self) -> str:
        return f"MergeBatch({len(self.groups)} groups, {len(self.blocked)} blocked)"


def plan_merges(
    snapshot: Snapshot,
    requests: Iterable[MergeRequest],
    *,
    rules: MergeRules = _DEFAULT_RULES,
    at: datetime,
    limits: Limits | None = None,
) -> MergeBatch:
    """Plan many merges at once; the order of the requests does not matter.

    Requests that name a customer in common, or would change an entity in common, form a group. In a group a customer
    absorbs others before it is absorbed itself, and each plan is made on the result of those before it. Groups are
    independent, so a blocked one does not delay the rest.

    Args:
        snapshot: The present data, complete for the customers.
        requests: The requests. Equal ones count once.
        rules: The rules of the practice for all its merges.
        at: The instant of the plans. Any aware datetime.
        limits: The limits of the store, which each plan is checked against. Default: no limits.

    Raises:
        InvalidValueError: `at` is naive, or a request is no `MergeRequest`.

    Takes time in proportion to the rows that name the customers, once the snapshot is indexed, and to the edits. If
    each survivor of n requests is absorbed by the next one, there are n² / 2 edits, because every plan gives all
    earlier customers the new survivor. Name the last survivor in one request instead.
    """
    asked, moment = tuple(requests), utc(at, "at")
    if not all(isinstance(request, MergeRequest) for request in asked):
        raise InvalidValueError("wrong_type", field="requests", wanted="merge_request")
    groups = grouped(snapshot, asked)
    return MergeBatch(
        tuple(
            _planned_group(snapshot, group, _Planner(rules, moment, limits), number, len(groups))
            for number, group in enumerate(groups, start=1)
        )
    )


@attrs.frozen
class _Planner:
    """The arguments that the plans of a batch share."""

    rules: MergeRules
    at: pendulum.DateTime
    limits: Limits | None

    def plan(self, snapshot: Snapshot, request: MergeRequest) -> MergePlan:
        return plan_merge(snapshot, request, rules=self.rules, at=self.at, limits=self.limits)


def _planned_group(
    snapshot: Snapshot,
    requests: list[MergeRequest],
    planner: _Planner,
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
    plans, waiting = _planned_in_turn(snapshot, wanted, planner)
    return MergeGroup(
        number,
        total,
        tuple(sorted({id for request in requests for id in customer_ids(request)})),
        (*wanted, *sorted(refused, key=lambda request: request.order)),
        tuple(plans),
        tuple(sorted({*findings, *waiting}, key=finding_order)),
    )


def _planned_in_turn(
    snapshot: Snapshot, requests: list[MergeRequest], planner: _Planner
) -> tuple[list[MergePlan], list[Finding]]:
    """Plan requests in order, each on the result of earlier ones, except those that need a blocked one."""
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
            finding = Finding.of("waits_for_blocked", ids, survivor_id=survivor, waits_for=waits_for)
            waiting.append(finding)
            unmerged.add(survivor)
            continue
        plan = planner.plan(snapshot, request)
        plans.append(plan)
        if not plan.is_ready:
            unmerged.add(survivor)
        elif request is not requests[-1]:
            snapshot = _after(snapshot, plan)
    return plans, waiting


def _after(snapshot: Snapshot, plan: MergePlan) -> Snapshot:
    """Return the snapshot after a plan, with the rows that it writes without versions."""
    result = apply(snapshot, plan.confirm(by=_REHEARSAL, at=plan.change_set.at))
    written = {edit.key for step in plan.change_set.steps for edit in step.edits}
    rows = (result.table(KIND_OF_NAME[name].collection).get(id) for name, id in sorted(written))
    return result.changed([attrs.evolve(row, version=None) for row in rows if row is not None])


def grouped(snapshot: Snapshot, requests: Iterable[MergeRequest]) -> list[list[MergeRequest]]:
    """Return requests in independent groups, equal ones once, sorted by the lowest customer id.

    Requests belong together if they name a customer or a person in common, or if their plans would change an entity in
    common. That is a record that names customers of both or that such a record is attached to, or a mailbox that both
    reserve.
    """
    each_once = sorted(set(requests), key=lambda request: request.order)
    persons = Persons(snapshot.customers)
    groups = connected(each_once, lambda request: _touched(snapshot, persons, request))
    return sorted(groups, key=lambda group: min(map(customer_ids, group)))


def families(requests: Sequence[MergeRequest]) -> list[list[MergeRequest]]:
    """Return the requests of a group in families, which name a customer in common."""
    return connected(requests, customer_ids)


def customer_ids(request: MergeRequest) -> tuple[str, ...]:
    """Return the ids of the customers that a request names, each once, sorted."""
    return tuple(sorted({request.survivor, *request.absorbed}))


def ordered(requests: Sequence[MergeRequest]) -> list[MergeRequest]:
    """Return requests in an order in which a customer absorbs others before it is absorbed itself.

    Requests that are free at the same time keep the given order.

    Raises:
        CycleError: The requests form a circle.
    """
    sorter = TopologicalSorter(_predecessors(requests))
    sorter.prepare()
    order: list[int] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return [requests[place] for place in order]


def contradictions(requests: Sequence[MergeRequest]) -> Iterator[Finding]:
    """Yield a finding for each circle of requests, and for each customer with two survivors."""
    rest = list(requests)
    while True:
        try:
            TopologicalSorter(_predecessors(rest)).prepare()
        except CycleError as error:
            circle = set(error.args[1])
            ids = tuple(sorted({rest[place].survivor for place in circle}))
            yield Finding.of("merge_cycle", ids, customer_ids=ids)
            rest = [request for place, request in enumerate(rest) if place not in circle]
        else:
            break
    survivors: dict[str, set[str]] = {}
    for request in requests:
        for id in request.absorbed:
            survivors.setdefault(id, set()).add(request.survivor)
    for id in sorted(survivors):
        into = tuple(sorted(survivors[id] - {id}))
        if len(into) > 1:
            yield Finding.of("absorbed_twice", (id, *into), customer_id=id, survivor_ids=into)


def _predecessors(requests: Sequence[MergeRequest]) -> dict[int, list[int]]:
    """Return the places of the requests that merge into a customer absorbed by each request, by place."""
    merging_into: dict[str, list[int]] = {}
    for place, request in enumerate(requests):
        merging_into.setdefault(request.survivor, []).append(place)
    return {
        place: [
            earlier
            for id in request.absorbed
            if id != request.survivor  # its own plan has a finding about that
            for earlier in merging_into.get(id, ())
        ]
        for place, request in enumerate(requests)
    }


def _touched(snapshot: Snapshot, persons: Persons, request: MergeRequest) -> Iterator[Hashable]:
    """Yield the keys of the entities that a merge names or shares with the plans of others."""
    for id in customer_ids(request):
        yield "customer", id
        customer = snapshot.customers.get(id)
        if customer is not None:
            yield "customer", persons.of(id)
        yield from (("mailbox", mailbox) for mailbox in (customer.reserved_mailboxes if customer else ()))
        for row in _naming(snapshot, id):
            yield from (("record", record_id) for record_id in (row.id, row.attached_to) if record_id)


def _naming(snapshot: Snapshot, customer_id: str) -> Iterator[Record]:
    for attribute in ("customer_id", "related_customer_id"):
        yield from snapshot.records.where(attribute, customer_id)


def connected(
    requests: Sequence[RequestT], keys: Callable[[RequestT], Iterable[Hashable]]
) -> list[list[RequestT]]:
    """Return requests in groups that have no key in common, each in the order given."""
    group_of: dict[Hashable, list[int]] = {}
    mine = [[place] for place in range(len(requests))]
    for place, request in enumerate(requests):
        for key in keys(request):
            one, other = mine[place], group_of.setdefault(key, mine[place])
            other = mine[other[0]]
            if one is not other:
                small, large = sorted((one, other), key=len)
                large += small
                for moved in small:
                    mine[moved] = large
    unique = {id(group): group for group in mine}.values()
    return [[requests[place] for place in sorted(group)] for group in unique]


def neighbourhood(snapshot: Snapshot, customer_ids: Iterable[str], actors: Iterable[str]) -> Snapshot:
    """Return the part of a snapshot that gives merges of some customers the same plans as the whole.

    Unknown ids of customers and of profiles that ask are left out.
    """
    near: dict[CollectionName, dict[str, Entity]] = {kind.collection: {} for kind in KINDS}
    customer_ids = tuple(customer_ids)
    waiting: list[Entity] = [*_involved(snapshot, customer_ids), *_under_new_ids(snapshot, customer_ids)]
    waiting += [snapshot.profiles[id] for id in actors if id in snapshot.profiles]
    while waiting:
        entity = waiting.pop()
        rows = near[kind_of(entity).collection]
        if entity.id not in rows:
            rows[entity.id] = entity
            waiting += _bound_to(snapshot, entity)
    collections = {name: rows.values() for name, rows in near.items()}
    return Snapshot.of_checked(snapshot.taken_at, snapshot.complete_for, collections)


def _involved(snapshot: Snapshot, customer_ids: Iterable[str]) -> Iterator[Entity]:
    """Yield the customers and their persons' bookings, rows that name them and holders of their mailboxes."""
    for id in customers_of(snapshot.customers, *customer_ids):
        yield from (row for row in (snapshot.customers.get(id),) if row is not None)
        yield from snapshot.appointments.where("customer_id", id)
    looked_up: set[str] = set()
    for id in customer_ids:
        customer = snapshot.customers.get(id)
        if customer is None:
            continue
        for kind in KINDS:
            for attribute in referring_attributes(kind, "customer"):
                yield from snapshot.table(kind.collection).where(attribute, id)
        for mailbox in dict.fromkeys(customer.mailboxes):
            if mailbox in looked_up:
                continue
            looked_up.add(mailbox)
            yield from snapshot.customers.where("reserved_mailboxes", mailbox)
            yield from snapshot.profiles.where("mailbox", mailbox)


def _under_new_ids(snapshot: Snapshot, customer_ids: Iterable[str]) -> Iterator[Entity]:
    """Yield the access rows with ids that these merges may derive, with access to any customer."""
    customers = [id for id in customer_ids if id in snapshot.customers]
    profiles = {row.profile_id for id in customers for row in snapshot.access.where("customer_id", id)}
    for profile_id, customer_id in itertools.product(sorted(profiles), customers):
        row = snapshot.access.get(derived_id("access", profile_id, customer_id))
        if row is not None:
            yield row


def _bound_to(snapshot: Snapshot, entity: Entity) -> Iterator[Entity]:
    """Yield the entities that an entity refers to, its earlier bookings, and its attached records."""
    for _, name, id in references(entity):
        yield snapshot.table(KIND_OF_NAME[name].collection)[id]
    if isinstance(entity, Appointment):
        yield from snapshot.appointments.where("replaced_by", entity.id)
    if isinstance(entity, Record):
        yield from snapshot.records.where("attached_to", entity.id)
