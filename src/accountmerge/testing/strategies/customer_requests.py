"""Strategies for small plans around one customer: a snapshot, one of the four requests, rules and an instant."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.model.access import AccessRequest
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.weekly_hours import DailyHours, WeeklyHours
from accountmerge.planning.customers import (
    plan_access_decision,
    plan_access_request,
    plan_customer_edit,
    plan_primary_email,
)
from accountmerge.rules.customer_requests import (
    DECIDER_ROLES,
    DECISIONS,
    PRIMARY_ACTIONS,
    AccessDecision,
    CustomerEdit,
    CustomerRequest,
    NewAccessRequest,
    PrimaryEmailChange,
)
from accountmerge.rules.merge_rules import MergeRules
from accountmerge.testing.strategies.emails import email_addresses
from accountmerge.testing.strategies.entities import access_rows
from accountmerge.testing.strategies.scalars import texts
from accountmerge.testing.strategies.times import PIVOT, instants

if TYPE_CHECKING:
    from collections.abc import Callable

    from accountmerge.model.emails import EmailUse
    from accountmerge.plans import CustomerPlan
    from accountmerge.rules.customer_requests import DeciderRole

CustomerIntent = Literal["access_request", "access_decision", "primary_email", "customer_edit"]
CUSTOMER_INTENTS: tuple[CustomerIntent, ...] = get_args(CustomerIntent)

_VERSIONS = st.sampled_from((None, 3))
_TEXTS = st.one_of(st.none(), texts())
_EMAILS = st.builds(
    CustomerEmail,
    st.sampled_from(
        ("C0@Example.com", "c1@example.com", "old@example.com", " Old@example.com", "a@b@example.com")
    ),
    st.sampled_from(("primary", "secondary", "former")),
    st.sampled_from((None, None, "C0")),
)
"""Few mailboxes in several spellings: absorbed customers and survivors share them, also twice over."""
_HOURS = WeeklyHours("UTC", days=(("monday", (DailyHours(time(9), time(17)),)),), closed=[date(2026, 1, 1)])

_PLANNERS: dict[type[CustomerRequest], Any] = {
    NewAccessRequest: plan_access_request,
    AccessDecision: plan_access_decision,
    PrimaryEmailChange: plan_primary_email,
    CustomerEdit: plan_customer_edit,
}


@attrs.frozen
class CustomerCase:
    """All that a small plan is made from."""

    snapshot: Snapshot
    request: CustomerRequest
    rules: MergeRules
    at: datetime

    def plan(self, snapshot: Snapshot | None = None) -> CustomerPlan:
        """Plan the request, on another snapshot if one is given."""
        planner = _PLANNERS[type(self.request)]
        found: CustomerPlan = planner(snapshot or self.snapshot, self.request, rules=self.rules, at=self.at)
        return found


@st.composite
def customer_requests(
    draw: st.DrawFn,
    snapshot: Snapshot,
    intents: tuple[CustomerIntent, ...] = CUSTOMER_INTENTS,
    *,
    right: bool = False,
) -> CustomerRequest:
    """Requests for a snapshot, right ones and wrong ones.

    Args:
        draw: Given by hypothesis.
        snapshot: What is asked about.
        intents: Of which kinds.
        right: Whether all ids exist and all words are known; what is asked may still be refused.
    """
    draws: dict[CustomerIntent, Callable[[st.DrawFn, Snapshot], CustomerRequest]] = {
        "access_request": _access_request,
        "access_decision": _access_decision,
        "primary_email": _primary_email,
        "customer_edit": _customer_edit,
    }
    request = draws[draw(st.sampled_from(intents))](draw, snapshot)
    return request if right else _with_mistake(draw, request)


@st.composite
def customer_cases(draw: st.DrawFn, intents: tuple[CustomerIntent, ...] = CUSTOMER_INTENTS) -> CustomerCase:
    """A small plan that is ready, most of the time.

    `C0` is active, others may be absorbed into it. Filter by `case.plan().is_ready` where only ready ones count.
    """
    snapshot = _small_snapshot(draw)
    request = draw(customer_requests(snapshot, intents, right=True))
    at = draw(st.sampled_from((PIVOT, PIVOT, PIVOT + timedelta(minutes=30))))
    rules = MergeRules(staff_may_decide=draw(st.sampled_from((True, True, False))))
    case = CustomerCase(snapshot, request, rules, at)
    plan = case.plan()
    outcome = f"{len(plan.change_set.steps)} steps" if plan.is_ready else ", ".join(plan.change_set.blocked)
    event(f"{plan.change_set.intent}: {outcome}")
    return case


def _small_snapshot(draw: st.DrawFn) -> Snapshot:
    """Two profiles, up to three customers, some absorbed into the first, and who may see or asks to see it."""
    profile_ids, crowded = ("P0", "P1"), ("P0", "P0", "P1")
    customer_ids = ("C0", "C1", "C2")[: draw(st.sampled_from((3, 2, 1)))]
    return Snapshot(
        PIVOT,
        profiles=[_profile(draw, id) for id in profile_ids],
        customers=[_customer(draw, id) for id in customer_ids],
        access=[
            draw(access_rows(f"X{n}", crowded, ("C0", *customer_ids))) for n in range(draw(st.integers(0, 3)))
        ],
        access_requests=[_asked(draw, f"Q{n}") for n in range(draw(st.integers(1, 2)))],
    )


def _profile(draw: st.DrawFn, id: str) -> Profile:
    return Profile(
        id=id,
        practitioner_id="H0",
        email=draw(st.sampled_from((f"{id.lower()}@example.com", "new@example.com"))),
        login=draw(_mostly("enabled", "disabled")),
        schedule="active" if id == "P0" else "inactive",
        hours=draw(st.sampled_from((None, _HOURS))),
        version=draw(_VERSIONS),
    )


def _customer(draw: st.DrawFn, id: str) -> Customer:
    """A customer with an address of its own; the first has more than that, the others may be absorbed into it."""
    use: EmailUse = draw(st.sampled_from(("primary", "primary", "secondary", "former")))
    row = Customer(
        id=id,
        record_number=id,
        emails=[
            CustomerEmail(f"{id.lower()}@example.com", use),
            *draw(st.lists(_EMAILS, max_size=2)),
        ],
        status="active",
        version=draw(_VERSIONS),
    )
    if id == "C0":
        return attrs.evolve(
            row,
            given_name=draw(_TEXTS),
            family_name=draw(_TEXTS),
            address=draw(_TEXTS),
            phones=draw(st.lists(texts(), max_size=2)),
            birth_date=draw(st.one_of(st.none(), st.dates())),
        )
    state = draw(st.sampled_from(("absorbed", "absorbed", "absorbed", "active", "disabled")))
    if state == "absorbed":
        return attrs.evolve(row, status="disabled", merged_into="C0")
    return attrs.evolve(row, status="active" if state == "active" else "disabled")


def _asked(draw: st.DrawFn, id: str) -> AccessRequest:
    """A request for access to the first customer; some are closed, some expire soon or have expired."""
    return AccessRequest(
        id=id,
        profile_id=draw(st.sampled_from(("P0", "P0", "P1"))),
        customer_id="C0",
        requested_at=PIVOT - timedelta(days=2),
        expires_at=PIVOT + timedelta(minutes=draw(st.sampled_from((600, 600, 30, 10, -60)))),
        status=draw(st.sampled_from(("pending", "pending", "pending", "denied", "approved"))),
        version=draw(_VERSIONS),
    )


def _mostly(usual: str, *others: str) -> st.SearchStrategy[Any]:
    return st.sampled_from((*[usual] * 4, *others))


def _ids(rows: Any) -> st.SearchStrategy[str]:
    """Ids of some rows, the first of them most often."""
    return _mostly(*(row.id for row in rows.sorted()))


def _access_request(draw: st.DrawFn, snapshot: Snapshot) -> NewAccessRequest:
    return NewAccessRequest(
        profile_id=draw(_ids(snapshot.profiles)),
        customer_id=draw(_ids(snapshot.customers)),
        expires_at=PIVOT + timedelta(hours=draw(st.sampled_from((1, 24, 720)))),
    )


def _access_decision(draw: st.DrawFn, snapshot: Snapshot) -> AccessDecision:
    """A decision by whom it is for: the customer if it signs in, else staff; or who asked withdraws."""
    row = snapshot.access_requests[draw(_ids(snapshot.access_requests))]
    decision = draw(st.sampled_from(DECISIONS))
    signs_in = bool(snapshot.customers[row.customer_id].primary_mailboxes)
    role: DeciderRole = "customer" if signs_in else "staff"
    if decision == "withdraw" and draw(st.booleans()):
        role = "practitioner"
    by = {"customer": row.customer_id, "staff": "Ann Example", "practitioner": row.profile_id}[role]
    reason = draw(st.sampled_from(("", "Asked by telephone.")))
    return AccessDecision(request_id=row.id, decision=decision, role=role, by=by, reason=reason)


def _primary_email(draw: st.DrawFn, snapshot: Snapshot) -> PrimaryEmailChange:
    """A change of the first customer; corrections ask for one that was absorbed into it, if there is one."""
    action = draw(st.sampled_from((*PRIMARY_ACTIONS, "correct", "correct", "set")))
    survivor = snapshot.customers["C0"]
    absorbed = [row for row in snapshot.customers.sorted() if row.merged_into == survivor.id]
    asked = draw(st.sampled_from(absorbed)) if action == "correct" and absorbed else survivor
    known = [email.address.text for row in (asked, asked, survivor) for email in row.emails]
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
    phones = st.one_of(st.sampled_from((*snapshot.customers["C0"].phones, "555-0100")), texts())
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
    return CustomerEdit(customer_id="C0", changes=draw(st.fixed_dictionaries({}, optional=fields)))


def _with_mistake(draw: st.DrawFn, request: CustomerRequest) -> CustomerRequest:
    """Return a request with one field that may be wrong."""
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
