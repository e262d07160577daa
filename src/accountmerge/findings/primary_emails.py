"""Conflicts of primary emails, of two customers with one mailbox or of one with two."""

from __future__ import annotations

from collections.abc import Iterable

from accountmerge.model.customers import Customer
from accountmerge.model.emails import EmailAddress
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.value_rules import listed
from accountmerge.model.values import Value, value_class


@value_class(eq=False, repr=False)
class PrimaryEmailConflict(Value):
    """Primary emails of which not all can stay.

    Attributes:
        customer_ids: The customers who sign in with them, sorted.
        addresses: The addresses as they are written, sorted.
    """

    customer_ids: tuple[str, ...]
    addresses: tuple[EmailAddress, ...]

    def __repr__(self) -> str:
        return f"PrimaryEmailConflict({self.customer_ids!r}, {len(self.addresses)} addresses)"


def find_primary_email_conflicts(
    snapshot: Snapshot, customer_ids: Iterable[str] | None = None
) -> tuple[PrimaryEmailConflict, ...]:
    """Return the conflicts of primary emails of one intended merge, or of a whole snapshot.

    Every primary address counts, also of a disabled customer.

    Args:
        snapshot: The present data.
        customer_ids: The ids of the customers to merge; unknown ids are ignored. Default: no merge; every customer
            as it is.

    Returns:
        Of a merge, at most one conflict, if the customers have more than one primary mailbox in all. Of a snapshot, one
        for each mailbox with which several customers sign in, sorted by the customers, then by the addresses.

    Raises:
        InvalidValueError: `customer_ids` is one text, or no list.
    """
    require_snapshot(snapshot)
    if customer_ids is None:
        claims = _claims(snapshot.customers)
        several = [_conflict(held) for held in claims.values() if len({id for id, _ in held}) > 1]
        return tuple(sorted(several, key=lambda conflict: (conflict.customer_ids, conflict.addresses)))
    ids = set(listed(customer_ids))
    merged = _claims(snapshot.customers[id] for id in ids if id in snapshot.customers)
    return (_conflict({claim for held in merged.values() for claim in held}),) if len(merged) > 1 else ()


def _claims(customers: Iterable[Customer]) -> dict[str, set[tuple[str, EmailAddress]]]:
    """Return the holders of each primary mailbox, with the address as it is written."""
    claims: dict[str, set[tuple[str, EmailAddress]]] = {}
    for customer in customers:
        for email in customer.emails:
            if email.use == "primary":
                claims.setdefault(email.address.mailbox, set()).add((customer.id, email.address))
    return claims


def _conflict(claims: Iterable[tuple[str, EmailAddress]]) -> PrimaryEmailConflict:
    ids, addresses = zip(*claims, strict=True)
    return PrimaryEmailConflict(tuple(sorted(set(ids))), tuple(sorted(set(addresses))))
