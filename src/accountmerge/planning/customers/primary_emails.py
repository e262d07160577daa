"""`plan_primary_email`: which address signs a customer in; none, another one, or one let go of for good.

Source: design section 3.2, rules 3 to 5 and 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.change_sets import LedgerEntry, Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import read_guard
from accountmerge.changes.steps import Reason
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.model.instants import utc
from accountmerge.model.json_text import FrozenJson
from accountmerge.planning.customers.address_changes import (
    cleared,
    is_held,
    made_primary,
    origin_of,
    without,
)
from accountmerge.planning.customers.address_findings import address_findings
from accountmerge.planning.customers.answers import NOTHING, Answer, answered
from accountmerge.planning.customers.standing import customer_findings, moment_findings
from accountmerge.planning.drafts import Draft
from accountmerge.rules.customer_requests import PRIMARY_ACTIONS
from accountmerge.rules.customer_rules import CustomerRules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from accountmerge.model.customers import Customer
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.plans import CustomerPlan
    from accountmerge.rules.customer_requests import PrimaryEmailChange

_DEFAULT_RULES = CustomerRules()


def plan_primary_email(
    snapshot: Snapshot, request: PrimaryEmailChange, *, rules: CustomerRules = _DEFAULT_RULES, at: datetime
) -> CustomerPlan:
    """Decide how the address changes that signs a customer in.

    The primary email that is replaced or cleared becomes a former one; only a release takes an address away,
    into the ledger. What is so already gives an empty plan that is ready.

    Args:
        snapshot: The present data.
        request: What is to become of which address.
        rules: What the practice decides; named in the plan.
        at: The instant of the change. Any aware datetime.

    Raises:
        InvalidValueError: `at` is naive.
    """
    moment = utc(at)
    findings = list(moment_findings(snapshot, moment))
    if request.action not in PRIMARY_ACTIONS:
        ids = (request.customer_id,)
        findings.append(
            Finding.of("action_unknown", ids, customer_id=request.customer_id, actions=PRIMARY_ACTIONS)
        )
    customer = _holder(snapshot, request)
    findings += customer_findings(snapshot, customer.id if customer else request.customer_id)
    answer = NOTHING
    if customer is not None:
        absorbed = _absorbed(snapshot, request, customer)
        after = _after(request, customer, absorbed)
        findings += address_findings(snapshot, request, customer, absorbed, after)
        answer = _changed(snapshot, request, customer, absorbed, after)
    return answered(snapshot, "primary_email", request, rules, moment, findings, answer)


def _holder(snapshot: Snapshot, request: PrimaryEmailChange) -> Customer | None:
    """Return the customer whose addresses change: to correct an absorbed one, its survivor."""
    customer = snapshot.customers.get(request.customer_id)
    if request.action != "correct" or customer is None or customer.merged_into is None:
        return customer
    return snapshot.customers[customer.merged_into]


def _absorbed(snapshot: Snapshot, request: PrimaryEmailChange, survivor: Customer) -> tuple[Customer, ...]:
    """Return, for a correction, the customers absorbed into the survivor that still have the address."""
    if request.action != "correct":
        return ()
    rows = snapshot.customers.where("merged_into", survivor.id)
    having = (row for row in rows if row.id != survivor.id and is_held(row, request.address))
    return tuple(sorted(having, key=lambda row: row.id))


def _after(request: PrimaryEmailChange, customer: Customer, absorbed: tuple[Customer, ...]) -> Customer:
    """Return the customer as it is to be."""
    if request.action == "clear":
        named = request.address if request.address.text.strip() else None
        return attrs.evolve(customer, emails=cleared(customer.emails, named))
    if request.action == "release":
        return attrs.evolve(customer, emails=without(customer.emails, request.address))
    known = origin_of(absorbed, request.address)
    return attrs.evolve(customer, emails=made_primary(customer.emails, request.address, known))


def _changed(
    snapshot: Snapshot,
    request: PrimaryEmailChange,
    customer: Customer,
    absorbed: tuple[Customer, ...],
    after: Customer,
) -> Answer:
    """Return what makes the change; nothing if it is so already."""
    edits = tuple(_edits(request, customer, absorbed, after))
    if not edits:
        return NOTHING
    asked = snapshot.customers[request.customer_id]
    touched = {edit.id for edit in edits}
    draft = Draft(
        "change_primary",
        Reason("primary_asked", Facts(customer_id=customer.id, action=request.action)),
        edits,
        tuple(read_guard(row) for row in dict.fromkeys((asked, customer)) if row.id not in touched),
    )
    return Answer((draft,), tuple(_ledger(request, customer)), tuple(_obligations(customer, after)))


def _edits(
    request: PrimaryEmailChange, customer: Customer, absorbed: tuple[Customer, ...], after: Customer
) -> Iterator[Edit]:
    """Yield the edits: the absorbed let go of the log-in, the survivor gains the address, they lose it."""
    demoted = {row.id: attrs.evolve(row, emails=cleared(row.emails, request.address)) for row in absorbed}
    for row in absorbed:
        if demoted[row.id] != row:
            yield Edit(row, demoted[row.id])
    if after != customer:
        yield Edit(customer, after)
    for row in demoted.values():
        yield Edit(row, attrs.evolve(row, emails=without(row.emails, request.address)))


def _ledger(request: PrimaryEmailChange, customer: Customer) -> Iterator[LedgerEntry]:
    """Yield the spellings of an address that are released."""
    if request.action == "release":
        mailbox = request.address.mailbox
        texts = {email.address.text for email in customer.emails if email.address.mailbox == mailbox}
        for text in sorted(texts):
            yield LedgerEntry(
                entity="customer",
                id=customer.id,
                field="emails",
                value=FrozenJson.of(text),
                from_id=customer.id,
                rule="released",
            )


def _obligations(customer: Customer, after: Customer) -> Iterator[Obligation]:
    """Yield what is to be done if another address signs in, or none any more."""
    if customer.primary_mailboxes == after.primary_mailboxes:
        return
    facts = Facts(customer_id=customer.id)
    if not after.primary_mailboxes:
        yield Obligation(kind="end_sessions", whom="support_team", when="afterwards", facts=facts)
    kind = "tell_primary_email" if after.primary_mailboxes else "tell_no_log_in"
    yield Obligation(kind=kind, whom="customer", when="afterwards", facts=facts)
