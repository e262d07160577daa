"""Plan changes of the details of a customer. Overwritten values go to the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import attrs
import pendulum

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import Reason
from accountmerge.customers.primary_email import shared_address_findings
from accountmerge.customers.requests import CustomerEdit, CustomerPlan
from accountmerge.customers.rules import CustomerRules
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.model.customers import TEXT_FIELDS, Customer
from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.kind import Kind
from accountmerge.plans.preconditions import customer_findings
from accountmerge.plans.verdicts import NO_WORK, Draft, Verdict, Work, steps_from


def plan_customer_edit(
    snapshot: Snapshot,
    request: CustomerEdit,
    *,
    rules: CustomerRules | None = None,
    at: datetime,
    limits: Limits | None = None,
) -> CustomerPlan:
    """Plan a change of the details of a customer.

    Only different values change; if there are none, the plan is empty and ready. An address is only added, for
    contact. To make it the primary email, or to release one, use `plan_primary_email`.

    Args:
        snapshot: The present data.
        request: The new values.
        rules: The rules of the practice. Default: the rules of the library.
        at: The instant of the change. Any aware datetime.
        limits: The limits of the store, which the plan is checked against. Default: no limits.

    Raises:
        InvalidValueError: `at` is naive.
    """
    return CUSTOMER_EDIT.planned(snapshot, request, rules, at, limits)


def decide_edit(
    snapshot: Snapshot,
    request: CustomerEdit,
    rules: CustomerRules,  # noqa: ARG001 - every planner is given its rules
    at: pendulum.DateTime,
) -> Verdict:
    """Return the verdict on a request to change details of a customer."""
    findings = list(customer_findings(snapshot, request.customer_id))
    customer = snapshot.customers.get(request.customer_id)
    if customer is None:
        return Verdict(findings=findings)
    added = _added(customer, request.changes.value.get("add_emails", ()))
    after = _after(customer, request.changes.value, added)
    findings += _address_findings(snapshot, customer, added)
    return Verdict(findings=findings, work=lambda: _edited(customer, after, at))


def _added(customer: Customer, texts: list[str]) -> tuple[CustomerEmail, ...]:
    """Return the addresses that the customer does not have in any spelling, each once."""
    by_mailbox: dict[str, EmailAddress] = {}
    for address in map(EmailAddress, texts):
        if address.mailbox not in customer.mailboxes:
            by_mailbox.setdefault(address.mailbox, address)
    return tuple(CustomerEmail(address, "secondary") for address in by_mailbox.values())


def _address_findings(
    snapshot: Snapshot, customer: Customer, added: tuple[CustomerEmail, ...]
) -> Iterator[Finding]:
    if not all(email.address.is_valid for email in added):
        yield Finding.of("email_invalid", (customer.id,), kind="customer", id=customer.id)
    shared = [
        finding
        for email in added
        for finding in shared_address_findings(snapshot, customer.id, email.address)
    ]
    yield from dict.fromkeys(shared)


def _after(customer: Customer, changes: dict[str, Any], added: tuple[CustomerEmail, ...]) -> Customer:
    fields: dict[str, Any] = {name: changes[name] for name in (*TEXT_FIELDS, "phones") if name in changes}
    if "birth_date" in changes:
        text = changes["birth_date"]
        fields["birth_date"] = None if text is None else date.fromisoformat(text)
    return attrs.evolve(customer, emails=(*customer.emails, *added), **fields)


def _edited(customer: Customer, after: Customer, at: pendulum.DateTime) -> Work:
    """Return the step that makes the change, or no step if it was made already."""
    if after == customer:
        return NO_WORK
    edit = Edit(customer, after)
    reason = Reason("edit_asked", Facts(customer_id=customer.id, fields=edit.changed_fields))
    steps = steps_from((Draft("edit_customer", reason, (edit,)),), at=at)
    return Work(steps=steps, ledger=_ledger(customer, after))


def _ledger(customer: Customer, after: Customer) -> Iterator[LedgerEntry]:
    """Yield the overwritten values, and each phone that is removed."""
    for name in (*TEXT_FIELDS, "birth_date"):
        value = getattr(customer, name)
        if value is not None and value != getattr(after, name):
            text = value.isoformat() if isinstance(value, date) else value
            yield _entry(customer, name, text)
    for phone in dict.fromkeys(customer.phones):
        if phone not in after.phones:
            yield _entry(customer, "phones", phone)


def _entry(customer: Customer, field: str, value: str) -> LedgerEntry:
    return LedgerEntry(
        entity="customer",
        id=customer.id,
        field=field,
        value=FrozenJson.of(value),
        from_id=customer.id,
        rule="edited",
    )


CUSTOMER_EDIT = Kind(
    intent="customer_edit",
    request=CustomerEdit,
    rules=CustomerRules,
    plan=CustomerPlan,
    decide=decide_edit,
    shown=("customer_id",),
    subject="customers",
    known=("email_claimed_twice",),
)
