"""Address changes: what becomes of a customer's addresses; none vanishes but by a release.

Addresses are compared as mailboxes; the spelling that a customer has stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.model.emails import EMAIL_USES, CustomerEmail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.model.customers import Customer
    from accountmerge.model.emails import EmailAddress

Emails = tuple[CustomerEmail, ...]


def is_held(customer: Customer, address: EmailAddress) -> bool:
    """Tell whether a customer has an address, whatever for."""
    return address.mailbox in customer.mailboxes


def cleared(emails: Emails, address: EmailAddress | None = None) -> Emails:
    """Return addresses of which the primary ones, or only a given one, have become former."""
    return tuple(
        attrs.evolve(email, use="former")
        if email.use == "primary" and (address is None or email.address.is_same_mailbox(address))
        else email
        for email in emails
    )


def without(emails: Emails, address: EmailAddress) -> Emails:
    """Return addresses without one of them, however it is spelled."""
    return tuple(email for email in emails if not email.address.is_same_mailbox(address))


def made_primary(emails: Emails, address: EmailAddress, origin: CustomerEmail | None = None) -> Emails:
    """Return addresses of which a given one is primary, and what was primary before is former.

    Args:
        emails: What the customer has.
        address: What is to sign in; it is added if the customer does not have it.
        origin: What an absorbed customer has of it: its spelling if the customer has none, and whose log-in
            it was.
    """
    same = [email for email in emails if email.address.is_same_mailbox(address)]
    others = cleared(without(emails, address))
    known = min(same, key=lambda email: (EMAIL_USES.index(email.use), email), default=None)
    best = known or origin or CustomerEmail(address, "primary")
    login_of = best.login_of or (origin.login_of if origin else None)
    rest = (email for email in same if email is not known)
    return (*others, *rest, attrs.evolve(best, use="primary", login_of=login_of))


def origin_of(absorbed: Iterable[Customer], address: EmailAddress) -> CustomerEmail | None:
    """Return what absorbed customers have of an address, and whose log-in it was; the first by id decides."""
    found = [
        _with_origin(email, row.id)
        for row in absorbed
        for email in row.emails
        if email.address.is_same_mailbox(address)
    ]
    return min(found, key=lambda email: email.login_of is None, default=None)


def _with_origin(email: CustomerEmail, customer_id: str) -> CustomerEmail:
    was_log_in = email.use != "secondary"
    return attrs.evolve(email, login_of=email.login_of or (customer_id if was_log_in else None))
