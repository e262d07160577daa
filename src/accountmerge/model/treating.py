"""Treating: which profiles may see everything about a customer."""

from __future__ import annotations

from accountmerge.model.access import includes
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import survivor_of


def treaters_of(snapshot: Snapshot, customer_id: str) -> frozenset[str]:
    """Return the ids of the profiles with an enabled login that treat a customer, or the customer it was merged into.

    Viewing access does not count, and neither does a request for access. An unknown customer has no treaters.
    """
    customer = snapshot.customers.get(customer_id)
    if customer is None:
        return frozenset()
    survivor = survivor_of(snapshot.customers, customer) or customer
    rows = {row for id in {customer.id, survivor.id} for row in snapshot.access.where("customer_id", id)}
    ids = {row.profile_id for row in rows if includes(row.level, "treating")}
    return frozenset(id for id in ids if _has_login(snapshot, id))


def treats(snapshot: Snapshot, profile_id: str | None, customer_id: str) -> bool:
    """Return whether a profile is one of the treaters of a customer."""
    return profile_id is not None and profile_id in treaters_of(snapshot, customer_id)


def _has_login(snapshot: Snapshot, profile_id: str) -> bool:
    profile = snapshot.profiles.get(profile_id)
    return profile is not None and profile.login == "enabled"
