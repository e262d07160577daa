"""A decision for one customer and profile, whether the practitioner books or customer service does."""

from __future__ import annotations

from typing import Literal, get_args

from accountmerge.messages import sentence
from accountmerge.model.customers import Customer
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import rows_of_person, successor_of, survivor_of
from accountmerge.model.values import ShownValue, value_class
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
"""Reasons of a route: with `visible` the practitioner books, with all others customer service."""

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
"""The facts of each sentence about a route, for the reasons and for the two redirections."""


@value_class(eq=False, repr=False, kw_only=True)
class BookingRoute(ShownValue):
    """The person who books a customer with a practitioner, and the reason.

    Attributes:
        route: `practitioner`, or `customer_service` (by phone or chat; by written request if not visible
            yet).
        reason: One of `ROUTE_REASONS`.
        profile_id: The profile in the question.
        customer_id: The customer in the question.
        via_profile_id: The profile to book in: the one in the question or, if its schedule is inactive, its
            last successor; None if there is none.
        for_customer_id: The customer to book: the one in the question or, if it was absorbed, its survivor;
            None if there is none.
    """

    route: Route
    reason: RouteReason
    profile_id: str
    customer_id: str
    via_profile_id: str | None = None
    for_customer_id: str | None = None

    def describe(self, language: str = "en") -> str:
        """Return the redirections, the route and the reason as sentences."""
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
    """Return whether the practitioner books a customer or customer service does, and why.

    A profile with an inactive schedule leads to its successor, and an absorbed customer to its survivor.
    There, the practitioner books every visible customer (see `visible_customers`), if the login works.

    Args:
        snapshot: The present data, or expected data.
        profile_id: The id of the profile to book in.
        customer_id: The id of the customer.

    Returns:
        The route; for an unknown profile or customer, customer service with that reason.

    Takes time in proportion to the data of the customer.
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
    """Return the profile itself unless its schedule is inactive, then its last successor or None."""
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
