"""Neighbourhoods: the part of a snapshot that merges of some customers read and change.

A merge that is planned on the result of another one needs that result, and only there. Making it in the
neighbourhood takes time in proportion to what names the customers, not to all that there is.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import KIND_OF_NAME, KINDS, kind_of, references, referring_attributes
from accountmerge.model.identifiers import derived_id
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import customers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.entities import CollectionName, Entity


def neighbourhood(snapshot: Snapshot, customer_ids: Iterable[str], actors: Iterable[str]) -> Snapshot:
    """Return the part of a snapshot on which merges of some customers are planned as on the whole.

    Args:
        snapshot: The whole.
        customer_ids: Who takes part; unknown ids are left out.
        actors: The profiles that ask; unknown ids are left out.
    """
    found: dict[CollectionName, dict[str, Entity]] = {kind.collection: {} for kind in KINDS}
    customer_ids = tuple(customer_ids)
    waiting: list[Entity] = [*_involved(snapshot, customer_ids), *_under_new_ids(snapshot, customer_ids)]
    waiting += [snapshot.profiles[id] for id in actors if id in snapshot.profiles]
    while waiting:
        entity = waiting.pop()
        rows = found[kind_of(entity).collection]
        if entity.id not in rows:
            rows[entity.id] = entity
            waiting += _bound_to(snapshot, entity)
    collections = {name: rows.values() for name, rows in found.items()}
    return Snapshot.of_checked(snapshot.taken_at, snapshot.complete_for, collections)


def _involved(snapshot: Snapshot, customer_ids: Iterable[str]) -> Iterator[Entity]:
    """Yield the customers, all that names them, the holders of their mailboxes, and the bookings of their persons.

    A person is a customer with all that were merged into it.
    """
    for id in customers_of(snapshot.customers, *customer_ids):
        yield from (row for row in (snapshot.customers.get(id),) if row is not None)
        yield from snapshot.appointments.where("customer_id", id)
    looked_up: set[str] = set()
    for id in customer_ids:
        customer = snapshot.customers.get(id)
        if customer is None:
            continue
        for kind in KINDS:
            for attribute in referring_attributes(kind, "customer"):
                yield from snapshot.table(kind.collection).where(attribute, id)
        for mailbox in dict.fromkeys(customer.mailboxes):
            if mailbox in looked_up:
                continue
            looked_up.add(mailbox)
            yield from snapshot.customers.where("reserved_mailboxes", mailbox)
            yield from snapshot.profiles.where("mailbox", mailbox)


def _under_new_ids(snapshot: Snapshot, customer_ids: Iterable[str]) -> Iterator[Entity]:
    """Yield the access rows under ids that these merges may derive, whatever the rows give access to."""
    customers = [id for id in customer_ids if id in snapshot.customers]
    profiles = {row.profile_id for id in customers for row in snapshot.access.where("customer_id", id)}
    for profile_id, customer_id in itertools.product(sorted(profiles), customers):
        row = snapshot.access.get(derived_id("access", profile_id, customer_id))
        if row is not None:
            yield row


def _bound_to(snapshot: Snapshot, entity: Entity) -> Iterator[Entity]:
    """Yield what an entity refers to, the bookings it came from, and the records that hang on it."""
    for _, name, id in references(entity):
        yield snapshot.table(KIND_OF_NAME[name].collection)[id]
    if isinstance(entity, Appointment):
        yield from snapshot.appointments.where("replaced_by", entity.id)
    if isinstance(entity, Record):
        yield from snapshot.records.where("attached_to", entity.id)
