"""Addresses: who holds one in a plan, and what becomes of it; it is compared by mailbox and never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.explanations.explanation import Ground
from accountmerge.model.customers import Customer
from accountmerge.model.emails import EMAIL_USES, mailbox_of
from accountmerge.model.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.entities import Entity, EntityName

NO_USE = "none"
"""What an address is for at somebody who does not have it."""


def holders(change_set: ChangeSet, address: str) -> tuple[tuple[EntityName, str], ...]:
    """Return the profiles and customers that have an address before or after any edit, in their order."""
    mailbox = mailbox_of(address)
    found: dict[tuple[EntityName, str], None] = {}
    for step in change_set.steps:
        for edit in step.edits:
            if any(_holds(image, mailbox) for image in (edit.before, edit.after)):
                found[edit.key] = None
    return tuple(sorted(found))


def address_grounds(change_set: ChangeSet, address: str) -> Iterator[Ground]:
    """Yield what the address is for at each customer who has it: every change, or that there is none."""
    mailbox = mailbox_of(address)
    changed, kept = set(), {}
    for step in change_set.steps:
        for edit in step.edits:
            before, after = (_use(image, mailbox) for image in (edit.before, edit.after))
            if before != after:
                changed.add(edit.id)
                yield Ground.of("email_use", step.ordinal, id=edit.id, before=before, after=after)
            elif before != NO_USE:
                kept[edit.id] = before
    for id, use in kept.items():
        if id not in changed:
            yield Ground.of("email_kept", id=id, use=use)


def _holds(image: Entity | None, mailbox: str) -> bool:
    return image.mailbox == mailbox if isinstance(image, Profile) else _use(image, mailbox) != NO_USE


def _use(image: Entity | None, mailbox: str) -> str:
    """Return the strongest use that a customer has of a mailbox."""
    emails = image.emails if isinstance(image, Customer) else ()
    uses = {email.use for email in emails if email.address.mailbox == mailbox}
    return min(uses, key=EMAIL_USES.index, default=NO_USE)
