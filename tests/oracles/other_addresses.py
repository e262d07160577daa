"""Other addresses: the same data and the same request, but that every mailbox is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.emails import EmailAddress

if TYPE_CHECKING:
    from accountmerge.model.snapshots import Snapshot

_ADDRESSES = ("new_email", "old_email", "address")
"""The fields of requests that hold an address."""


def with_other_addresses(snapshot: Snapshot, request: Any) -> tuple[Snapshot, Any]:
    """Return data and a request in which whoever shared a mailbox shares another one."""
    rows: list[Any] = [attrs.evolve(row, email=_other(row.email)) for row in snapshot.profiles]
    for row in snapshot.customers:
        emails = [attrs.evolve(email, address=_other(email.address)) for email in row.emails]
        rows.append(attrs.evolve(row, emails=emails))
    named: dict[str, Any] = {
        name: _other(getattr(request, name)) for name in _ADDRESSES if hasattr(request, name)
    }
    if hasattr(request, "changes"):
        changes = dict(request.changes.value)
        if "add_emails" in changes:
            changes["add_emails"] = [_other(EmailAddress(text)).text for text in changes["add_emails"]]
        named["changes"] = changes
    return snapshot.changed(rows), attrs.evolve(request, **named)


def _other(address: EmailAddress) -> EmailAddress:
    """Return another address: of the same domain, and as well or as badly formed."""
    text = address.text.strip()
    return EmailAddress(f"x{text}") if text else address
