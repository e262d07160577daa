"""A snapshot with edits in memory, and the queries of guards on it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from accountmerge.changes.excerpts import access_of, unwatched, watch_of
from accountmerge.changes.questions import NO_EXCEPTIONS, Exceptions, OwnerField, session_key, values_of
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
"""The fields with which entities refer to a customer, without `login_of`, which is history."""


class Workspace:
    """A snapshot in which entities are replaced one by one, in memory.

    Queries use the snapshot's indexes and the edited entities; no unchanged entity is read again. Guards may except all
    bookings of a cluster by its id.

    Args:
        base: The snapshot.
        clusters: The bookings of each cluster, by its id.
        is_for_one_step: Whether excepted bookings are left out of questions. For many steps that would be as many
            questions, because each step has its own exceptions.
    """

    def __init__(
        self,
        base: Snapshot,
        clusters: Mapping[str, Collection[str]] | None = None,
        *,
        is_for_one_step: bool = False,
    ) -> None:
        self.base = base
        self._clusters = clusters or {}
        self._cluster_of = {id: name for name, ids in self._clusters.items() for id in ids}
        self._watch = watch_of(base)
        self._is_for_one_step = is_for_one_step
        self._bookings = unwatched(base).appointments
        self._tables = {kind.name: base.table(kind.collection) for kind in KINDS}
        self._edited: dict[tuple[EntityName, str], Entity | None] = {}
        self._edited_by: dict[tuple[type[Entity], str, str], dict[str, None]] = {}
        self._calendars: dict[tuple[str, str], Calendar] = {}
        self._likes: dict[str, dict[Hashable, set[str]]] = {}
        self._persons: dict[str, str] = {}

    def get(self, name: EntityName, id: str) -> Entity | None:
        """Return the present state of an entity, or None."""
        key = (name, id)
        if key in self._edited:
            return self._edited[key]
        return self._tables[name].get(id)

    def put(self, name: EntityName, id: str, entity: Entity | None) -> None:
        """Replace an entity, or remove it for None."""
        if name == "customer" and self._merged_into(id) != getattr(entity, "merged_into", None):
            self._forget_persons()
        self._edited[name, id] = entity
        if entity is None:
            return
        for attribute in _LOOKED_UP[type(entity)]:
            for value in values_of(entity, attribute):
                self._edited_by.setdefault((type(entity), attribute, value), {})[id] = None
        if isinstance(entity, Appointment):
            for owner in (
                ("practitioner", self._practitioner_of(entity.profile_id)),
                ("person", self._person_of(entity.customer_id)),
            ):
                calendar = self._calendars.get(owner)
                if calendar is not None and entity.is_live:
                    calendar.add(entity.slot, id, self._group_of(entity))
        if isinstance(entity, Record) and entity.customer_id in self._likes:
            self._likes[entity.customer_id].setdefault(entity.duplicate_key, set()).add(id)

    def live_bookings_over(
        self,
        profile_id: str,
        slot: TimeSlot,
        excepted: Collection[str] = (),
        session_id: str | None = None,
    ) -> Iterator[str]:
        """Yield the ids of live bookings that overlap a slot, over all profiles of the practitioner.

        Excepted ids of bookings and of clusters do not count, and neither do bookings of a session in this very slot.
        """
        session = _session(session_id, slot) if session_id is not None else None
        left_out = self._left_out(excepted, session)
        self._watch.ask_bookings("profile_id", profile_id, slot.start_us, slot.end_us, left_out)
        practitioner = self._practitioner_of(profile_id)
        for row in self._live_over(("practitioner", practitioner), slot, excepted, session):
            if self._practitioner_of(row.profile_id) == practitioner:
                yield row.id

    def bookings_of_customer_over(
        self, customer_id: str, slot: TimeSlot, excepted: Collection[str] = ()
    ) -> Iterator[str]:
        """Yield the ids of live bookings of a person that overlap a slot, without excepted ones.

        The person is the customer, its survivor, and every customer that was merged into the survivor.
        """
        person = self._person_of(customer_id)
        for row in self._live_over(("person", person), slot, excepted):
            if self._person_of(row.customer_id) == person:
                yield row.id

    def future_bookings(self, profile_id: str, from_us: int) -> set[str]:
        """Return the ids of live bookings of a profile that start at an instant or later."""
        self._watch.ask_bookings("profile_id", profile_id, from_us)
        rows = self._bookings_named("profile_id", profile_id)
        return {row.id for row in rows if row.is_live and row.slot.start_us >= from_us}

    def records_of_profile(self, profile_id: str) -> Iterable[Record]:
        """Return the records that refer to a profile."""
        return self._rows(Record, "profile_id", profile_id)

    def profiles_named(self, mailbox: str) -> set[str]:
        """Return the ids of the profiles whose username is a mailbox."""
        return {row.id for row in self._rows(Profile, "mailbox", mailbox)}

    def customers_claiming(self, mailbox: str) -> set[str]:
        """Return the ids of the customers for whose logins a mailbox is reserved."""
        return {row.id for row in self._rows(Customer, "reserved_mailboxes", mailbox)}

    def naming_customer(
        self, customer_id: str, only: EntityName | None = None
    ) -> set[tuple[EntityName, str]]:
        """Return the kinds and ids of all entities that refer to a customer.

        Decided requests count only if `only` is their kind, because they stay with their customer.
        """
        naming: set[tuple[EntityName, str]] = set()
        for cls, attribute in _NAMING_CUSTOMERS:
            name = KIND_OF_CLASS[cls].name
            if only not in (None, name):
                continue
            rows: Iterable[Entity] = self._rows(cls, attribute, customer_id)  # type: ignore[type-var]
            naming.update(
                (name, row.id)
                for row in rows
                if only is not None or not (isinstance(row, AccessRequest) and row.status != "pending")
            )
        if only == "customer":  # addresses of other customers that once were logins of this one
            rows = self._rows(Customer, "former_logins", customer_id)
            naming.update(("customer", row.id) for row in rows if row.id != customer_id)
        return naming

    def records_like(self, record: Record) -> set[str]:
        """Return the ids of the duplicates of a record, which may include the record itself."""
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
        """Return the ids of profiles with an active schedule that have the same practitioner as a profile."""
        rows = self._rows(Profile, "practitioner_id", self._practitioner_of(profile_id))
        return {row.id for row in rows if row.schedule == "active"}

    def access_rows(self, profile_id: str, customer_id: str) -> tuple[Access, ...]:
        """Return the access rows of a profile for a customer."""
        rows = access_of(self.base, profile_id, customer_id)
        found = self._now(Access, "customer_id", customer_id, (row.id for row in rows))
        return tuple(row for row in found if row.profile_id == profile_id)

    def dangling(self) -> Iterator[tuple[Entity, EntityName, str]]:
        """Yield each reference without a target that the edits made, with its entity."""
        gone = {key for key, entity in self._edited.items() if entity is None}
        for entity in self._edited.values():
            if entity is not None:
                for _, name, target in references(entity):
                    is_kept = target in self._tables[name] and (not gone or (name, target) not in gone)
                    if not is_kept and self.get(name, target) is None:
                        yield entity, name, target
        for (name, id), entity in self._edited.items():
            if entity is None:
                for row in self._untouched_referrers(name, id):
                    yield row, name, id

    def _untouched_referrers(self, name: EntityName, id: str) -> Iterator[Entity]:
        for kind in KINDS:
            for attribute in referring_attributes(kind, name):
                rows = self.base.table(kind.collection).where(attribute, id)
                yield from (row for row in rows if (kind.name, row.id) not in self._edited)

    def _rows(self, cls: type[E], attribute: str, value: str) -> Iterable[E]:
        """Return the entities of a class whose attribute now has a value."""
        rows = self._tables[KIND_OF_CLASS[cls].name].where(attribute, value)
        return self._now(cls, attribute, value, (row.id for row in rows))

    def _now(self, cls: type[E], attribute: str, value: str, base_ids: Iterable[str]) -> list[E]:
        """Return the entities with a value, from the ids of those that had it in the base."""
        name = KIND_OF_CLASS[cls].name
        key: tuple[Any, str, str] = (cls, attribute, value)
        ids = {*base_ids, *self._edited_by.get(key, ())}
        now = (self.get(name, id) for id in sorted(ids))
        return [row for row in now if isinstance(row, cls) and value in values_of(row, attribute)]

    def _bookings_named(self, field: OwnerField, id: str) -> list[Appointment]:
        """Return the bookings of a profile or a customer; of an excerpt, those that it has."""
        return self._now(Appointment, field, id, (row.id for row in self._bookings.where(field, id)))

    def _live_over(
        self, owner: tuple[str, str], slot: TimeSlot, excepted: Collection[str], session: str | None = None
    ) -> Iterator[Appointment]:
        """Yield the live bookings that overlap a slot, among all bookings that an owner ever had.

        Excepted clusters and sessions are skipped, because a crowd would be read once for each of its members.
        """
        clusters = [name for name in excepted if name in self._clusters]
        if self._watch.is_needed:
            left_out = self._left_out(excepted, session)
            for field, id in self._schedules_of(owner):
                self._watch.ask_bookings(field, id, slot.start_us, slot.end_us, left_out)
        for id in self._calendar(owner).near(slot, clusters if session is None else (*clusters, session)):
            if id in excepted or any(id in self._clusters[name] for name in clusters):
                continue
            row = self.get("appointment", id)
            if not isinstance(row, Appointment) or not row.is_live or not row.slot.overlaps(slot):
                continue
            if session is None or row.session_id is None or _session(row.session_id, row.slot) != session:
                yield row

    def _left_out(self, excepted: Collection[str], session: str | None) -> Exceptions:
        """Return the bookings that a question about a slot does not need, because a guard excepts them."""
        if not self._is_for_one_step or not self._watch.is_needed:
            return NO_EXCEPTIONS
        members = (self._clusters.get(id, (id,)) for id in excepted)
        ids = frozenset[str]().union(*members)
        return ids if session is None else ids | {session}

    def _group_of(self, row: Appointment) -> str:
        """Return the group of a booking in a calendar, its cluster or else its session."""
        cluster = self._cluster_of.get(row.id)
        if cluster is None and row.session_id is not None:
            return _session(row.session_id, row.slot)
        return cluster or ""

    def _calendar(self, owner: tuple[str, str]) -> Calendar:
        calendar = self._calendars.get(owner)
        if calendar is None:
            calendar = self._calendars[owner] = Calendar()
            for field, id in self._schedules_of(owner):
                for row in self._bookings_named(field, id):
                    if row.is_live:
                        calendar.add(row.slot, row.id, self._group_of(row))
        return calendar

    def _schedules_of(self, owner: tuple[str, str]) -> list[tuple[OwnerField, str]]:
        """Return the profiles of a practitioner, or the customers that are one person."""
        kind, owner_id = owner
        if kind == "person":
            return [("customer_id", id) for id in self._customers_of(owner_id)]
        profiles = self._rows(Profile, "practitioner_id", owner_id) if owner_id else ()
        return [("profile_id", profile.id) for profile in profiles]

    def _practitioner_of(self, profile_id: str) -> str:
        profile = self.get("profile", profile_id)
        return profile.practitioner_id if isinstance(profile, Profile) else ""

    def _merged_into(self, customer_id: str) -> str | None:
        customer = self.get("customer", customer_id)
        return customer.merged_into if isinstance(customer, Customer) else None

    def _person_of(self, customer_id: str) -> str:
        """Return the present survivor of a customer; in a circle of merges, the least id."""
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
        """Return the ids of the customers that are now one person, the survivor first."""
        customers = {person: None}
        waiting = [person]
        while waiting:
            for row in self._rows(Customer, "merged_into", waiting.pop()):
                if row.id not in customers:
                    customers[row.id] = None
                    waiting.append(row.id)
        return tuple(customers)

    def _forget_persons(self) -> None:
        """Drop the cached persons and their calendars, because a merge has changed them."""
        self._persons = {}
        self._calendars = {
            owner: calendar for owner, calendar in self._calendars.items() if owner[0] != "person"
        }


def _session(session_id: str, slot: TimeSlot) -> str:
    return session_key(session_id, slot.start_us, slot.end_us)
