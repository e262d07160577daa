"""Find customers by name, record number or e-mail address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from accountmerge.errors import InvalidValueError
from accountmerge.model.customers import Customer, CustomerStatus
from accountmerge.model.emails import EmailAddress
from accountmerge.model.names import folded, word_parts
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.successions import Survivors
from accountmerge.model.treating import treats
from accountmerge.model.values import ShownValue, value_class

FoundBy = Literal["record_number", "former_record_number", "email", "name"]
FOUND_BY: tuple[FoundBy, ...] = get_args(FoundBy)
"""The ways to find a customer, in the order of matches."""


@value_class(eq=False, repr=False)
class CustomerMatch(ShownValue):
    """A customer that a search found.

    Attributes:
        customer_id: The id. The names are in the snapshot, not here.
        by: The way it was found: its `record_number`, a `former_record_number`, an `email`, or its `name`.
        status: Whether the customer is `active` or `disabled`.
        merged_into: If it was absorbed, the customer that it is part of now, after all merges.
    """

    customer_id: str
    by: FoundBy
    status: CustomerStatus
    merged_into: str | None = None


def find_customers(
    snapshot: Snapshot, text: str, *, asked_by: str | None = None
) -> tuple[CustomerMatch, ...]:
    """Return every customer that a text may mean, or none for blank text.

    The text is a record number, in its exact spelling; a current or former e-mail address, in any spelling of its
    mailbox; or first letters of names. Every word must begin a part of a given or family name, in any order. Names
    have parts at spaces, hyphens and apostrophes, and may be written as one word; accents and case do not count.
    The first search reads all customers. Further ones, also in snapshots derived from this one, read only the
    distinct parts of their names.

    Args:
        snapshot: The data.
        text: The text that a person typed.
        asked_by: The profile that asks: only customers that it treats are returned, and a survivor only if it
            treats that one, too. Default: every customer.

    Returns:
        Each customer once: record numbers first, then former ones, then addresses, then names; active customers before
        disabled ones; then by family name, given name and id. An absorbed customer names its survivor.

    Raises:
        InvalidValueError: `text` is no text.
    """
    require_snapshot(snapshot)
    if not isinstance(text, str):
        raise InvalidValueError("wrong_type", field="text", wanted="text")
    if not text.strip():
        return ()
    table = snapshot.customers
    found_by: dict[str, FoundBy] = dict.fromkeys(_ids_by_name(snapshot, text), "name")
    found_by |= dict.fromkeys(_ids_by_address(snapshot, text), "email")
    found_by |= dict.fromkeys(_ids(table.where("former_record_numbers", text)), "former_record_number")
    found_by |= dict.fromkeys(_ids(table.where("record_number", text)), "record_number")
    if asked_by is not None:
        found_by = {id: by for id, by in found_by.items() if treats(snapshot, asked_by, id)}
    survivors = Survivors(table)
    matches = (
        (_match(snapshot, survivors, table[id], by, asked_by), table[id]) for id, by in found_by.items()
    )
    return tuple(match for match, _ in sorted(matches, key=lambda pair: _order(*pair)))


def _ids_by_address(snapshot: Snapshot, text: str) -> set[str]:
    """Return the ids of customers who have an address, in any use."""
    if "@" not in text:
        return set()
    try:
        mailbox = EmailAddress(text).mailbox
    except InvalidValueError:  # no address that a file can store
        return set()
    return _ids(snapshot.customers.where("mailboxes", mailbox))


def _ids_by_name(snapshot: Snapshot, text: str) -> set[str]:
    """Return the ids of customers for whose names every word begins a part."""
    sets = []
    for parts in word_parts(text):
        each = [_ids_beginning(snapshot, part) for part in parts]
        sets.append(set.intersection(*each) | _ids_beginning(snapshot, "".join(parts)))
    return set.intersection(*sets) if sets else set()


def _ids_beginning(snapshot: Snapshot, letters: str) -> set[str]:
    by_part = snapshot.customers.groups("name_parts")
    return {row.id for part, rows in by_part.items() if part.startswith(letters) for row in rows}


def _ids(customers: Iterable[Customer]) -> set[str]:
    return {customer.id for customer in customers}


def _match(
    snapshot: Snapshot, survivors: Survivors, customer: Customer, by: FoundBy, asked_by: str | None
) -> CustomerMatch:
    merged_into = customer.merged_into
    if merged_into is not None:
        # A circle has no survivor, but the result must still show that the customer was absorbed.
        survivor = survivors.of(customer)
        merged_into = survivor.id if survivor else merged_into
        if asked_by is not None and not treats(snapshot, asked_by, merged_into):
            merged_into = None
    return CustomerMatch(customer.id, by, customer.status, merged_into)


def _order(match: CustomerMatch, customer: Customer) -> tuple[int, bool, str, str, str]:
    names = (folded(customer.family_name or ""), folded(customer.given_name or ""))
    return (FOUND_BY.index(match.by), match.status != "active", *names, match.customer_id)
