"""Strategies for requests around one customer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs
from hypothesis import strategies as st

from accountmerge.customers.requests import (
    DECIDER_ROLES,
    DECISIONS,
    PRIMARY_ACTIONS,
    AccessDecision,
    CustomerEdit,
    CustomerRequest,
    NewAccessRequest,
    PrimaryEmailChange,
)
from accountmerge.model.customers import Customer
from accountmerge.testing.strategies.emails import email_addresses
from accountmerge.testing.strategies.scalars import few, filled_lines, lines
from accountmerge.testing.strategies.times import PIVOT, instants

if TYPE_CHECKING:
    from collections.abc import Callable

    from accountmerge.customers.requests import DeciderRole
    from accountmerge.model.snapshots import Snapshot

CustomerIntent = Literal["access_request", "access_decision", "primary_email", "customer_edit"]
CUSTOMER_INTENTS: tuple[CustomerIntent, ...] = get_args(CustomerIntent)

_TEXTS = st.one_of(st.none(), lines())


@st.composite
def customer_requests(
    draw: st.DrawFn,
    snapshot: Snapshot,
    intents: tuple[CustomerIntent, ...] = CUSTOMER_INTENTS,
    *,
    right: bool = False,
) -> CustomerRequest:
    """Draw a right or wrong request for a snapshot, about access or about its first customer.

    Args:
        draw: Given by hypothesis.
        snapshot: The snapshot, which may be empty.
        intents: The kinds of request.
        right: Whether all ids exist and all words are known; the request may still be refused.
    """
    draws: dict[CustomerIntent, Callable[[st.DrawFn, Snapshot], CustomerRequest]] = {
        "access_request": _access_request,
        "access_decision": _access_decision,
        "primary_email": _primary_email,
        "customer_edit": _customer_edit,
    }
    request = draws[draw(st.sampled_from(intents))](draw, snapshot)
    return request if right else _with_mistake(draw, request)


def _mostly(usual: str, *others: str) -> st.SearchStrategy[Any]:
    return st.sampled_from((*[usual] * 4, *others))


def _ids(rows: Any, unknown: str) -> st.SearchStrategy[str]:
    """Draw ids of some rows, the first of them most often; an unknown one if there are none."""
    return _mostly(*[row.id for row in rows.sorted()] or [unknown])


def _first(snapshot: Snapshot) -> Customer:
    nobody = Customer(id="C?", record_number="C?", emails=(), status="active")
    return min(snapshot.customers, key=lambda row: row.id, default=nobody)


def _access_request(draw: st.DrawFn, snapshot: Snapshot) -> NewAccessRequest:
    return NewAccessRequest(
        profile_id=draw(_ids(snapshot.profiles, "P?")),
        customer_id=draw(_ids(snapshot.customers, "C?")),
        expires_at=PIVOT + timedelta(hours=draw(few((1, 24, 720)))),
    )


def _access_decision(draw: st.DrawFn, snapshot: Snapshot) -> AccessDecision:
    """Draw a decision by the customer if it signs in, else by staff, or a withdrawal."""
    decision = draw(few(DECISIONS))
    row = snapshot.access_requests.get(draw(_ids(snapshot.access_requests, "Q?")))
    if row is None:
        return AccessDecision(request_id="Q?", decision=decision, role="staff", by="Ann Example")
    signs_in = bool(snapshot.customers[row.customer_id].primary_mailboxes)
    role: DeciderRole = "customer" if signs_in else "staff"
    if decision == "withdraw" and draw(st.booleans()):
        role = "practitioner"
    by = {"customer": row.customer_id, "staff": "Ann Example", "practitioner": row.profile_id}[role]
    reason = draw(few(("", "Asked by telephone.")))
    return AccessDecision(request_id=row.id, decision=decision, role=role, by=by, reason=reason)


def _primary_email(draw: st.DrawFn, snapshot: Snapshot) -> PrimaryEmailChange:
    """Draw a change of the first customer; a correction may name an absorbed customer."""
    action = draw(few((*PRIMARY_ACTIONS, "correct", "correct", "set")))
    survivor = _first(snapshot)
    absorbed = [row for row in snapshot.customers.sorted() if row.merged_into == survivor.id]
    asked = draw(st.sampled_from(absorbed)) if action == "correct" and absorbed else survivor
    known = [email.address.text for row in (asked, asked, survivor) for email in row.emails]
    known = known or ["nobody@example.com"]
    primary = list(survivor.primary_mailboxes[:1])
    offered = {"clear": [*primary, ""], "set": [*known, "new@example.com", "neu@münchen.example"]}
    return PrimaryEmailChange(
        customer_id=asked.id,
        action=action,
        address=draw(st.sampled_from(offered.get(action, known))),
        by="Ann Example",
        reason="It belongs to somebody else.",
    )


def _customer_edit(draw: st.DrawFn, snapshot: Snapshot) -> CustomerEdit:
    person = _first(snapshot)
    phones = st.one_of(st.sampled_from((*person.phones, "555-0100")), filled_lines())
    fields: dict[str, st.SearchStrategy[Any]] = {
        "given_name": _TEXTS,
        "family_name": _TEXTS,
        "address": _TEXTS,
        "birth_date": st.one_of(st.none(), st.dates().map(lambda day: day.isoformat())),
        "phones": st.lists(phones, max_size=3),
        "add_emails": st.lists(
            st.sampled_from(("new@example.com", "New@Example.com", "zoë@example.org")), max_size=2
        ),
    }
    return CustomerEdit(customer_id=person.id, changes=draw(st.fixed_dictionaries({}, optional=fields)))


def _with_mistake(draw: st.DrawFn, request: CustomerRequest) -> CustomerRequest:
    wrong: dict[type[CustomerRequest], dict[str, st.SearchStrategy[Any]]] = {
        NewAccessRequest: {
            "profile_id": st.just("P?"),
            "customer_id": st.just("C?"),
            "expires_at": instants(),
        },
        AccessDecision: {
            "request_id": st.just("Q?"),
            "decision": st.sampled_from((*DECISIONS, "maybe")),
            "role": st.sampled_from((*DECIDER_ROLES, "somebody")),
            "by": st.sampled_from(("C0", "P0", " ")),
        },
        PrimaryEmailChange: {
            "customer_id": st.sampled_from(("C?", "C1")),
            "action": st.sampled_from((*PRIMARY_ACTIONS, "swap")),
            "address": email_addresses(),
            "by": st.just(" "),
            "reason": st.just(""),
        },
        CustomerEdit: {
            "customer_id": st.sampled_from(("C?", "C1")),
            "changes": email_addresses().map(lambda address: {"add_emails": [address.text]}),
        },
    }
    values = wrong[type(request)]
    name = draw(st.sampled_from(sorted(values)))
    mistake: Any = {name: draw(values[name])}
    return attrs.evolve(request, **mistake)
