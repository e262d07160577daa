"""Booking routes: whether a practitioner may book a customer, or customer service has to, and why."""

from __future__ import annotations

from typing import Literal, get_args

import attrs

from accountmerge.messages import sentence
from accountmerge.model.customers import Customer
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import rows_of_person, successor_of, survivor_of
from accountmerge.views.profile_views import is_visible

Route = Literal["practitioner", "customer_service"]
RouteReason = Literal[
    "visible",
    "not_visible_yet",
    "never_seen",
    "login_disabled",
    "schedule_inactive",
    "customer_disabled",
    "unknown_profile",
    "unknown_customer",
]
ROUTE_REASONS: tuple[RouteReason, ...] = get_args(RouteReason)
"""Why a customer is booked by whom; with `visible` the practitioner books, with all others customer service."""

ROUTE_FACTS: dict[str, frozenset[str]] = {
    "visible": frozenset({"profile_id", "customer_id"}),
    "not_visible_yet": frozenset({"profile_id", "customer_id"}),
    "never_seen": frozenset({"profile_id", "customer_id"}),
    "login_disabled": frozenset({"profile_id", "customer_id"}),
    "schedule_inactive": frozenset({"profile_id", "customer_id"}),
    "customer_disabled": frozenset({"profile_id", "customer_id"}),
    "unknown_profile": frozenset({"profile_id", "customer_id"}),
    "unknown_customer": frozenset({"profile_id", "customer_id"}),
    "via_profile": frozenset({"profile_id", "via_profile_id"}),
    "for_customer": frozenset({"customer_id", "for_customer_id"}),
}
"""What is said of a route, and the facts that each sentence has: the reasons, and the two ways to be sent on."""


@attrs.frozen(kw_only=True)
class BookingRoute:
    """Who books a customer with a practitioner, and why.

    Attributes:
        route: `practitioner`, or `customer_service`: by phone or chat, and what is not visible yet also on a
            written request.
        reason: One of `ROUTE_REASONS`.
        profile_id: The profile that was asked about.
        customer_id: The customer that was asked about.
        via_profile_id: The profile to book in: the one asked about, or if its schedule is over, the one that
            took over in the end; nothing if there is none.
        for_customer_id: The customer to book: the one asked about, or if it was absorbed, its survivor;
            nothing if there is none.
    """

    route: Route
    reason: RouteReason
    profile_id: str
    customer_id: str
    via_profile_id: str | None = None
    for_customer_id: str | None = None

    def describe(self, language: str = "en") -> str:
        """Return the answer in sentences: where one is sent on to, who books, and why."""
        said = []
        if self.for_customer_id not in (None, self.customer_id):
            said.append(self._sentence("for_customer", self.customer_id, self.profile_id, language))
        if self.via_profile_id not in (None, self.profile_id):
            said.append(self._sentence("via_profile", self.customer_id, self.profile_id, language))
        customer_id, profile_id = (
            self.for_customer_id or self.customer_id,
            self.via_profile_id or self.profile_id,
        )
        return " ".join((*said, self._sentence(self.reason, customer_id, profile_id, language)))

    def _sentence(self, code: str, customer_id: str, profile_id: str, language: str) -> str:
        facts = {
            "customer_id": customer_id,
            "profile_id": profile_id,
            "via_profile_id": self.via_profile_id or "",
            "for_customer_id": self.for_customer_id or "",
        }
        return sentence(f"route.{code}", facts, language)


def booking_route(snapshot: Snapshot, profile_id: str, customer_id: str) -> BookingRoute:
    """Tell whether the practitioner may book a customer, or customer service has to, and why.

    Who asks for a profile whose schedule is over is sent on to the one that took over, and who asks for an
    absorbed customer to its survivor. There the practitioner books whoever is visible, for which see
    `visible_customers`, if the login works.

    Args:
        snapshot: The present data, or expected_snapshot ones.
        profile_id: The profile that somebody wants to book in.
        customer_id: The customer.

    Returns:
        The route; for a profile or customer that does not exist, customer service with that as the reason.

    Takes time in proportion to what the snapshot has of the customer, once it is indexed. Source: design section
    3.1, rule 9.
    """
    profile, customer = snapshot.profiles.get(profile_id), snapshot.customers.get(customer_id)
    via = _in_force(snapshot, profile) if profile is not None else None
    person = survivor_of(snapshot.customers, customer) if customer is not None else None
    reason: RouteReason
    if profile is None:
        reason = "unknown_profile"
    elif customer is None:
        reason = "unknown_customer"
    elif person is None or person.status == "disabled":
        reason = "customer_disabled"
    elif via is None:
        reason = "schedule_inactive"
    else:
        reason = _reason(snapshot, via, person)
    return BookingRoute(
        route="practitioner" if reason == "visible" else "customer_service",
        reason=reason,
        profile_id=profile_id,
        customer_id=customer_id,
        via_profile_id=via.id if via is not None else None,
        for_customer_id=person.id if person is not None else None,
    )


def _in_force(snapshot: Snapshot, profile: Profile) -> Profile | None:
    """Return the profile that can be booked in the place of one: itself, or who took over in the end."""
    if profile.schedule != "inactive":
        return profile
    successor = successor_of(snapshot.profiles, profile)
    return successor if successor is not None and successor.schedule != "inactive" else None


def _reason(snapshot: Snapshot, profile: Profile, customer: Customer) -> RouteReason:
    if profile.login == "disabled":
        return "login_disabled"
    if is_visible(snapshot, profile.id, customer.id):
        return "visible"
    practitioners = {
        snapshot.profiles[row.profile_id].practitioner_id
        for row in rows_of_person(snapshot.appointments, snapshot.customers, customer.id)
    }
    return "not_visible_yet" if profile.practitioner_id in practitioners else "never_seen"
