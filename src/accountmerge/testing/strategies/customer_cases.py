"""Strategies for small plans around one customer."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.customers.requests import CustomerRequest
from accountmerge.customers.rules import CustomerRules
from accountmerge.kinds import plan
from accountmerge.model.access import AccessRequest
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.weekly_hours import DailyHours, WeeklyHours
from accountmerge.testing.strategies.customer_requests import (
    CUSTOMER_INTENTS,
    CustomerIntent,
    customer_requests,
)
from accountmerge.testing.strategies.entities import access_rows
from accountmerge.testing.strategies.scalars import few, filled_lines, lines
from accountmerge.testing.strategies.shown_cases import ShownCase
from accountmerge.testing.strategies.times import PIVOT

if TYPE_CHECKING:
    from accountmerge.customers.requests import CustomerPlan
    from accountmerge.model.emails import EmailUse

_VERSIONS = st.sampled_from((None, 3))
_TEXTS = st.one_of(st.none(), lines())
_EMAILS = st.builds(
    CustomerEmail,
    st.sampled_from(
        ("C0@Example.com", "c1@example.com", "old@example.com", " Old@example.com", "a@b@example.com")
    ),
    st.sampled_from(("primary", "secondary", "former")),
    st.sampled_from((None, None, "C0")),
)
"""Few mailboxes in several spellings: absorbed customers and survivors share them."""
_HOURS = WeeklyHours("UTC", days=(("monday", (DailyHours(time(9), time(17)),)),), closed=[date(2026, 1, 1)])


@attrs.frozen
class CustomerCase(ShownCase):
    """The data of a small plan."""

    snapshot: Snapshot
    request: CustomerRequest
    rules: CustomerRules
    at: datetime

    def plan(self, snapshot: Snapshot | None = None) -> CustomerPlan:
        """Plan the request. Default: on the snapshot of the case."""
        planned: Any = plan(snapshot or self.snapshot, self.request, rules=self.rules, at=self.at)
        given_plan: CustomerPlan = planned
        return given_plan


@st.composite
def customer_cases(draw: st.DrawFn, intents: tuple[CustomerIntent, ...] = CUSTOMER_INTENTS) -> CustomerCase:
    """Draw a small plan that is ready most of the time.

    `C0` is active, others may be absorbed into it. Filter by `case.plan().is_ready` if only ready ones count.
    """
    snapshot = _small_snapshot(draw)
    request = draw(customer_requests(snapshot, intents, right=True))
    at = draw(few((PIVOT, PIVOT, PIVOT + timedelta(minutes=30))))
    rules = CustomerRules(staff_may_decide=draw(few((True, True, False))))
    case = CustomerCase(snapshot, request, rules, at)
    plan = case.plan()
    outcome = f"{len(plan.change_set.steps)} steps" if plan.is_ready else ", ".join(plan.change_set.blocked)
    event(f"{plan.change_set.intent}: {outcome}")
    return case


def _small_snapshot(draw: st.DrawFn) -> Snapshot:
    """Draw two profiles, up to three customers, some absorbed into the first, and access."""
    profile_ids, crowded = ("P0", "P1"), ("P0", "P0", "P1")
    customer_ids = ("C0", "C1", "C2")[: draw(few((3, 2, 1)))]
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
        email=draw(few((f"{id.lower()}@example.com", "new@example.com"))),
        login=draw(few((*["enabled"] * 4, "disabled"))),
        schedule="active" if id == "P0" else "inactive",
        hours=draw(few((None, _HOURS))),
        version=draw(_VERSIONS),
    )


def _customer(draw: st.DrawFn, id: str) -> Customer:
    """Draw a customer with an own address; the first has more, the others may be absorbed into it."""
    use: EmailUse = draw(few(("primary", "primary", "secondary", "former")))
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
            phones=draw(st.lists(filled_lines(), max_size=2)),
            birth_date=draw(st.one_of(st.none(), st.dates())),
        )
    state = draw(few(("absorbed", "absorbed", "absorbed", "active", "disabled")))
    if state == "absorbed":
        return attrs.evolve(row, status="disabled", merged_into="C0")
    return attrs.evolve(row, status="active" if state == "active" else "disabled")


def _asked(draw: st.DrawFn, id: str) -> AccessRequest:
    """Draw a request for access to the first customer, some closed, some expired or expiring soon."""
    return AccessRequest(
        id=id,
        profile_id=draw(few(("P0", "P0", "P1"))),
        customer_id="C0",
        requested_at=PIVOT - timedelta(days=2),
        expires_at=PIVOT + timedelta(minutes=draw(few((600, 600, 30, 10, -60)))),
        status=draw(few(("pending", "pending", "pending", "denied", "approved"))),
        version=draw(_VERSIONS),
    )
