"""Workspaces: a snapshot with edits laid over it, and the questions that guards ask of it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.calendars import Calendar
from accountmerge.model.customers import Customer
from accountmerge.model.entities import (
    KIND_OF_CLASS,
    KINDS,
    Entity,
    EntityName,
    references,
    referring_attributes,
)
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot

E = TypeVar("E", Profile, Customer, Appointment, Record, Access, AccessRequest)

_LOOKED_UP: dict[type[Entity], tuple[str, ...]] = {
    Profile: ("practitioner_id", "mailbox"),
    Customer: ("reserved_mailboxes", "merged_into", "former_logins"),
    Appointment: ("profile_id", "customer_id"),
    Record: ("customer_id", "related_customer_id", "profile_id"),
    Access: ("customer_id",),
    AccessRequest: ("customer_id",),
}
_NAMING_CUSTOMERS: tuple[tuple[type[Entity], str], ...] = tuple(
    (kind.cls, field) for kind in KINDS for field, name in kind.references if name == "customer"
)
"""Where an entity names a customer, but for logins of old, which are history."""


class Workspace:
    """A snapshot in which entities are exchanged one by one, in memory.

    Questions are answered from the snapshot's indexes and from what was laid over it; nothing that was
    not touched is read again.

    Args:
        base: The snapshot.
        clusters: By the id of a cluster, the bookings of it, which guards may except together.
    """

    def __init__(self, base: Snapshot, clusters: Mapping[str, Collection[str]] | None = None) -> None:
        self.base = base
        self._clusters = clusters or {}
        self._cluster_of = {id: name for name, ids in self._clusters.items() for id in ids}
        self._tables = {kind.name: base.table(kind.collection) for kind in KINDS}
        self._laid: dict[tuple[EntityName, str], Entity | None] = {}
        self._laid_by: dict[tuple[type[Entity], str, str], dict[str, None]] = {}
        self._calendars: dict[tuple[str, str], Calendar] = {}
        self._likes: dict[str, dict[Hashable, set[str]]] = {}
        self._persons: dict[str, str] = {}

    def get(self, name: EntityName, id: str) -> Entity | None:
        """Return an entity as it stands now."""
        key = (name, id)
        if key in self._laid:
            return self._laid[key]
        return self._tables[name].get(id)

    def put(self, name: EntityName, id: str, entity: Entity | None) -> None:
        """Exchange an entity, or take it away."""
        if name == "customer" and self._merged_into(id) != getattr(entity, "merged_into", None):
            self._forget_persons()
        self._laid[name, id] = entity
        if entity is None:
            return
        for attribute in _LOOKED_UP[type(entity)]:
            for value in _values(entity, attribute):
                self._laid_by.setdefault((type(entity), attribute, value), {})[id] = None
        if isinstance(entity, Appointment):
            for owner in (
                ("practitioner", self._practitioner_of(entity.profile_id)),
                ("person", self._person_of(entity.customer_id)),
            ):
                calendar = self._calendars.get(owner)
                if calendar is not None and entity.is_live:
                    calendar.add(entity.slot, id, self._cluster_of.get(id, ""))
        if isinstance(entity, Record) and entity.customer_id in self._likes:
            self._likes[entity.customer_id].setdefault(entity.duplicate_key, set()).add(id)

    def live_bookings_over(
        self, profile_id: str, slot: TimeSlot, excepted: Collection[str] = ()
    ) -> Iterator[str]:
        """Yield the ids of the live bookings that overlap a slot, over all profiles of the practitioner.

        Args:
            profile_id: A profile of the practitioner.
            slot: The slot.
            excepted: Ids of bookings and of clusters that do not count.
        """
        practitioner = self._practitioner_of(profile_id)
        for row in self._live_over(("practitioner", practitioner), slot, excepted):
            if self._practitioner_of(row.profile_id) == practitioner:
                yield row.id

    def bookings_of_customer_over(
        self, customer_id: str, slot: TimeSlot, excepted: Collection[str] = ()
    ) -> Iterator[str]:
        """Yield the ids of the live bookings of a person that overlap a slot, but those that are excepted.

        The person is the customer, its survivor, and every customer that was merged into the survivor.
        """
        person = self._person_of(customer_id)
        for row in self._live_over(("person", person), slot, excepted):
            if self._person_of(row.customer_id) == person:
                yield row.id

    def future_bookings(self, profile_id: str, from_us: int) -> set[str]:
        """Return the ids of the live bookings of one profile that start at an instant or later."""
        rows = self._rows(Appointment, "profile_id", profile_id)
        return {row.id for row in rows if row.is_live and row.slot.start_us >= from_us}

    def records_of_profile(self, profile_id: str) -> Iterable[Record]:
        """Return the records that name a profile."""
        return self._rows(Record, "profile_id", profile_id)

    def profiles_named(self, mailbox: str) -> set[str]:
        """Return the ids of the profiles whose username is a mailbox."""
        return {row.id for row in self._rows(Profile, "mailbox", mailbox)}

    def customers_claiming(self, mailbox: str) -> set[str]:
        """Return the ids of the customers for whom a mailbox is kept: their primary one, or a former one."""
        return {row.id for row in self._rows(Customer, "reserved_mailboxes", mailbox)}

    def naming_customer(
        self, customer_id: str, only: EntityName | None = None
    ) -> set[tuple[EntityName, str]]:
        """Return the kinds and ids of all that belongs to a customer or names one.

        Args:
            customer_id: The customer.
            only: The kind to look at, decided requests included. Default: every kind; a decided request stays with
                the customer whom it was about.
        """
        found: set[tuple[EntityName, str]] = set()
        for cls, attribute in _NAMING_CUSTOMERS:
            name = KIND_OF_CLASS[cls].name
            if only not in (None, name):
                continue
            rows: Iterable[Entity] = self._rows(cls, attribute, customer_id)  # type: ignore[type-var]
            found.update(
                (name, row.id)
                for row in rows
                if only is not None or not (isinstance(row, AccessRequest) and row.status != "pending")
            )
        if only == "customer":  # whose login an address of another customer once was
            rows = self._rows(Customer, "former_logins", customer_id)
            found.update(("customer", row.id) for row in rows if row.id != customer_id)
        return found

    def records_like(self, record: Record) -> set[str]:
        """Return the ids of the records that say the same as one, itself perhaps among them."""
        likes = self._likes.get(record.customer_id)
        if likes is None:
            likes = self._likes[record.customer_id] = {}
            for row in self._rows(Record, "customer_id", record.customer_id):
                likes.setdefault(row.duplicate_key, set()).add(row.id)
        now = (self.get("record", id) for id in likes.get(record.duplicate_key, ()))
        return {
            row.id for row in now if isinstance(row, Record) and row.duplicate_key == record.duplicate_key
        }

    def active_schedules(self, profile_id: str) -> set[str]:
        """Return the ids of the profiles with an active schedule of the practitioner who owns a profile."""
        rows = self._rows(Profile, "practitioner_id", self._practitioner_of(profile_id))
        return {row.id for row in rows if row.schedule == "active"}

    def access_rows(self, profile_id: str, customer_id: str) -> tuple[Access, ...]:
        """Return what gives a profile sight of a customer."""
        return tuple(
            row for row in self._rows(Access, "customer_id", customer_id) if row.profile_id == profile_id
        )

    def dangling(self) -> Iterator[tuple[Entity, EntityName, str]]:
        """Yield each entity that refers to one that is not there, for all that was laid or taken away."""
        gone = {key for key, entity in self._laid.items() if entity is None}
        for entity in self._laid.values():
            if entity is not None:
                for _, name, target in references(entity):
                    is_kept = target in self._tables[name] and (not gone or (name, target) not in gone)
                    if not is_kept and self.get(name, target) is None:
                        yield entity, name, target
        for (name, id), entity in self._laid.items():
            if entity is None:
                for row in self._untouched_referrers(name, id):
                    yield row, name, id

    def _untouched_referrers(self, name: EntityName, id: str) -> Iterator[Entity]:
        for kind in KINDS:
            for attribute in referring_attributes(kind, name):
                rows = self.base.table(kind.collection).where(attribute, id)
                yield from (row for row in rows if (kind.name, row.id) not in self._laid)

    def _rows(self, cls: type[E], attribute: str, value: str) -> Iterable[E]:
        """Return the entities of a class whose attribute has a value, as they stand now."""
        kind = KIND_OF_CLASS[cls]
        ids = {row.id for row in self.base.table(kind.collection).where(attribute, value)}
        ids.update(self._laid_by.get((cls, attribute, value), ()))
        now = (self.get(kind.name, id) for id in sorted(ids))
        return [row for row in now if isinstance(row, cls) and value in _values(row, attribute)]

    def _live_over(
        self, owner: tuple[str, str], slot: TimeSlot, excepted: Collection[str]
    ) -> Iterator[Appointment]:
        """Yield the live bookings that overlap a slot, among all that were ever of an owner.

        A cluster that is excepted is not looked at, or a crowd would be looked at once for each of its members.
        """
        clusters = [name for name in excepted if name in self._clusters]
        for id in self._calendar(owner).near(slot, clusters):
            if id in excepted or any(id in self._clusters[name] for name in clusters):
                continue
            row = self.get("appointment", id)
            if isinstance(row, Appointment) and row.is_live and row.slot.overlaps(slot):
                yield row

    def _calendar(self, owner: tuple[str, str]) -> Calendar:
        calendar = self._calendars.get(owner)
        if calendar is None:
            calendar = self._calendars[owner] = Calendar()
            for row in self._bookings_of(owner):
                if row.is_live:
                    calendar.add(row.slot, row.id, self._cluster_of.get(row.id, ""))
        return calendar

    def _bookings_of(self, owner: tuple[str, str]) -> Iterator[Appointment]:
        kind, id = owner
        if kind == "person":
            for customer_id in self._customers_of(id):
                yield from self._rows(Appointment, "customer_id", customer_id)
            return
        for profile in self._rows(Profile, "practitioner_id", id):
            yield from self._rows(Appointment, "profile_id", profile.id)

    def _practitioner_of(self, profile_id: str) -> str:
        profile = self.get("profile", profile_id)
        return profile.practitioner_id if isinstance(profile, Profile) else ""

    def _merged_into(self, customer_id: str) -> str | None:
        customer = self.get("customer", customer_id)
        return customer.merged_into if isinstance(customer, Customer) else None

    def _person_of(self, customer_id: str) -> str:
        """Return the survivor of a customer as it is now; in a circle of merges, the least id of the circle."""
        path: dict[str, None] = {}
        current = customer_id
        while current not in self._persons:
            if current in path:
                ids = list(path)
                self._persons[current] = min(ids[ids.index(current) :])
                break
            path[current] = None
            onward = self._merged_into(current)
            if onward is None:
                self._persons[current] = current
                break
            current = onward
        person = self._persons[current]
        self._persons.update(dict.fromkeys(path, person))
        return person

    def _customers_of(self, person: str) -> tuple[str, ...]:
        """Return the ids of the customers that are one person now, the survivor first."""
        found = {person: None}
        waiting = [person]
        while waiting:
            for row in self._rows(Customer, "merged_into", waiting.pop()):
                if row.id not in found:
                    found[row.id] = None
                    waiting.append(row.id)
        return tuple(found)

    def _forget_persons(self) -> None:
        """Forget who is one person, and their calendars: a customer is merged, or is no longer."""
        self._persons = {}
        self._calendars = {
            owner: calendar for owner, calendar in self._calendars.items() if owner[0] != "person"
        }


def _values(entity: Entity, attribute: str) -> tuple[str, ...]:
    """Return what an entity is found by: the value of an attribute, or each of several."""
    value = getattr(entity, attribute)
    return value if isinstance(value, tuple) else (value,)
