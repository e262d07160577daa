"""Look-ups of the access of profiles to a customer."""

from __future__ import annotations

from accountmerge.model.access import Access, AccessLevel, strongest
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Survivors


def access_between(snapshot: Snapshot, profile_id: str, customer_id: str) -> tuple[Access, ...]:
    """Return the access rows of a profile for a customer, without those of a survivor or successor."""
    rows = snapshot.access.where("customer_id", customer_id)
    return tuple(row for row in rows if row.profile_id == profile_id)


def level_between(snapshot: Snapshot, profile_id: str, customer_id: str) -> AccessLevel | None:
    """Return the strongest level of access of a profile to a customer, or None."""
    return strongest(access_between(snapshot, profile_id, customer_id))


def may_treat(snapshot: Snapshot, profile_id: str, customer_id: str) -> bool:
    """Return whether a profile has an enabled login and treating access to this exact customer."""
    is_treating = level_between(snapshot, profile_id, customer_id) == "treating"
    return is_treating and _has_login(snapshot, profile_id)


def treaters_of(snapshot: Snapshot, customer_id: str, survivors: Survivors | None = None) -> frozenset[str]:
    """Return the ids of profiles with an enabled login and treating access to a customer or its survivor.

    Viewing access and requests for access do not count. An unknown customer has no treaters. Give `survivors` for many
    customers of one snapshot: each link is followed once.
    """
    customer = snapshot.customers.get(customer_id)
    if customer is None:
        return frozenset()
    survivor = (survivors or Survivors(snapshot.customers)).of(customer) or customer
    rows = (row for id in {customer.id, survivor.id} for row in snapshot.access.where("customer_id", id))
    ids = {row.profile_id for row in rows if row.level == "treating"}
    return frozenset(id for id in ids if _has_login(snapshot, id))


def treats(
    snapshot: Snapshot, profile_id: str | None, customer_id: str, survivors: Survivors | None = None
) -> bool:
    """Return whether a profile is one of the treaters of a customer."""
    return profile_id is not None and profile_id in treaters_of(snapshot, customer_id, survivors)


def _has_login(snapshot: Snapshot, profile_id: str) -> bool:
    profile = snapshot.profiles.get(profile_id)
    return profile is not None and profile.login == "enabled"
