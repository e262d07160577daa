"""Answers: what a small plan is to do, and how findings and an answer become a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.change_sets import LedgerEntry, Obligation
from accountmerge.customers.requests import AccessDecision, CustomerPlan
from accountmerge.plans.audiences import treated_by
from accountmerge.plans.verdicts import Draft, numbered, sealed_set, taken_findings, weighed_findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pendulum

    from accountmerge.changes.change_sets import Intent
    from accountmerge.customers.requests import CustomerRequest
    from accountmerge.customers.rules import CustomerRules
    from accountmerge.findings.finding import Finding
    from accountmerge.model.snapshots import Snapshot


@attrs.frozen(repr=False)
class Answer:
    """What is to be done; nothing, if it was done already.

    Attributes:
        drafts: The steps without their places.
        ledger: Values that do not survive.
        obligations: What is to be done outside the store.
    """

    drafts: tuple[Draft, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    obligations: tuple[Obligation, ...] = ()


NOTHING = Answer()
_STANDING = ("email_claimed_twice",)
"""Findings of what was so before and stays so."""


def answered(
    snapshot: Snapshot,
    intent: Intent,
    request: CustomerRequest,
    rules: CustomerRules,
    at: pendulum.DateTime,
    findings: Iterable[Finding],
    answer: Answer,
) -> CustomerPlan:
    """Return the plan; while something blocks, it does nothing of the answer."""
    findings = (*findings, *taken_findings(snapshot, answer.drafts))
    weighed = weighed_findings(findings, request.accept)
    done = NOTHING if any(finding.is_blocking for finding in weighed) else answer
    change_set = sealed_set(
        intent,
        request,
        rules,
        at,
        weighed,
        numbered(done.drafts, at=at),
        standing=_STANDING,
        ledger=done.ledger,
        obligations=done.obligations,
    )
    audience = treated_by(snapshot, request, weighed, about=_customers_of(snapshot, request))
    return CustomerPlan(request, rules, weighed, change_set, snapshot.taken_at, audience)


def _customers_of(snapshot: Snapshot, request: CustomerRequest) -> tuple[str, ...]:
    """Return the customer of a decision, which names an access request; other requests name their customer."""
    row = snapshot.access_requests.get(request.request_id) if isinstance(request, AccessDecision) else None
    return () if row is None else (row.customer_id,)
