"""The findings about the customers, the actor and the data of a merge request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from accountmerge.findings.finding import Finding
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.merges.situation import MergeSituation
from accountmerge.model.customers import Customer
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.treating import may_treat


def request_findings(snapshot: Snapshot, request: MergeRequest, rules: MergeRules) -> Iterator[Finding]:
    """Yield the findings about a request, its actor and its customers."""
    survivor = request.survivor
    yield from _actor_findings(snapshot, request, rules)
    if not request.absorbed:
        yield Finding.of("absorbed_missing", (survivor,), survivor_id=survivor)
    if survivor in request.absorbed:
        yield Finding.of("self_merge", (survivor,), customer_id=survivor)
    for id in dict.fromkeys((survivor, *request.absorbed)):
        customer = snapshot.customers.get(id)
        if customer is None:
            yield Finding.of("unknown_customer", (id,), customer_id=id)
        else:
            yield from _state_findings(customer, survivor)
            if rules.actor == "treating" and request.actor is not None:
                yield from _access_findings(snapshot, customer, request.survivor, request.actor)


def _actor_findings(snapshot: Snapshot, request: MergeRequest, rules: MergeRules) -> Iterator[Finding]:
    """Yield the findings about the profile or the authority that asks."""
    survivor, actor, authority = request.survivor, request.actor, request.authority
    if actor is not None and actor not in snapshot.profiles:
        yield Finding.of("unknown_profile", (actor,), profile_id=actor)
    if rules.actor == "authorised":
        if authority is None or not authority.is_complete:
            yield Finding.of("authority_missing", (survivor,), survivor_id=survivor)
        return
    if actor is None:
        yield Finding.of("actor_missing", (survivor,), survivor_id=survivor)
    if authority is not None:
        yield Finding.of("authority_unused", (survivor,), survivor_id=survivor)


def _state_findings(customer: Customer, survivor_id: str) -> Iterator[Finding]:
    """Yield a finding if a customer was absorbed by another one, or is disabled."""
    into = customer.merged_into
    if into is not None and (into != survivor_id or customer.id == survivor_id):
        yield Finding.of("already_absorbed", (customer.id, into), customer_id=customer.id, survivor_id=into)
    elif into is None and customer.status == "disabled":
        yield Finding.of("customer_disabled", (customer.id,), customer_id=customer.id)


def _access_findings(snapshot: Snapshot, customer: Customer, survivor: str, actor: str) -> Iterator[Finding]:
    """Yield a finding if the actor does not treat a customer.

    For a customer absorbed before, the access to the survivor counts. An actor without it gets the same finding about
    both, because a difference would reveal the earlier merge.
    """
    absorbed_before = customer.merged_into == survivor != customer.id
    if absorbed_before and may_treat(snapshot, actor, survivor):
        return
    if not may_treat(snapshot, actor, customer.id):
        yield Finding.of("access_missing", (actor, customer.id), profile_id=actor, customer_id=customer.id)


def wholeness_findings(situation: MergeSituation) -> Iterator[Finding]:
    """Yield the findings about an incomplete snapshot and undeclared kinds of record."""
    complete = situation.snapshot.complete_for
    if not complete.addresses:
        survivor = situation.survivor.id
        yield Finding.of("addresses_not_whole", (survivor,), kind="customer", id=survivor)
    counts = Counter(row.kind for row in situation.records())
    for kind in sorted(counts):
        if situation.rules.record_kind(kind) is None:
            yield Finding.of("undeclared_kind", (kind,), kind=kind, count=counts[kind])
