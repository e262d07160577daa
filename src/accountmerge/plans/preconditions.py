"""The findings that several kinds of planner share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pendulum

from accountmerge.findings.finding import Finding
from accountmerge.model.instants import rfc3339
from accountmerge.model.snapshots import Snapshot


def moment_findings(snapshot: Snapshot, at: pendulum.DateTime) -> Iterator[Finding]:
    """Yield a finding if the plan is for an instant before the data were read."""
    if at < snapshot.taken_at:
        yield Finding.of("at_before_snapshot", (), at=rfc3339(at), taken_at=rfc3339(snapshot.taken_at))


def customer_findings(snapshot: Snapshot, customer_id: str) -> Iterator[Finding]:
    """Yield a finding if there is no such customer, or it is absorbed or disabled."""
    customer = snapshot.customers.get(customer_id)
    if customer is None:
        yield Finding.of("unknown_customer", (customer_id,), customer_id=customer_id)
    elif customer.merged_into is not None:
        facts = {"customer_id": customer_id, "survivor_id": customer.merged_into}
        yield Finding.of("already_absorbed", (customer_id, customer.merged_into), **facts)
    elif customer.status == "disabled":
        yield Finding.of("customer_disabled", (customer_id,), customer_id=customer_id)


def wholeness_findings(
    snapshot: Snapshot, practitioners: Iterable[str], customers: Iterable[str]
) -> Iterator[Finding]:
    """Yield a finding for each practitioner and known customer whose data may be incomplete."""
    for id in dict.fromkeys(practitioners):
        if not snapshot.complete_for.covers_practitioner(id):
            yield Finding.of("snapshot_not_whole", (id,), kind="practitioner", id=id)
    for id in dict.fromkeys(customers):
        if id in snapshot.customers and not snapshot.complete_for.covers_customer(id):
            yield Finding.of("snapshot_not_whole", (id,), kind="customer", id=id)
