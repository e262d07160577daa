"""Snapshots: the caller's data at one instant, as an immutable value."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import attrs
import pendulum

from accountmerge.errors import Fault, InvalidValueError, LoadError
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import (
    ENTITY_NAMES,
    KIND_OF_CLASS,
    KINDS,
    CollectionName,
    Entity,
    EntityName,
    kind_of,
    referring_attributes,
)
from accountmerge.model.instants import utc
from accountmerge.model.integrity import dangling_in, integrity_faults
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.tables import Table
from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import TRUTH, checked, each_of, listed, words, wrong_type

Everything = Literal["*"]


def _ids(ids: Everything | Iterable[str]) -> Everything | tuple[str, ...]:
    if isinstance(ids, str):
        if ids != "*":
            raise wrong_type("ids")
        return "*"
    return tuple(sorted(set(map(IDENTIFIER.check, listed(ids)))))


@attrs.frozen(field_transformer=checked(addresses=TRUTH))
class Completeness:
    """For whom a snapshot is whole: it holds every entity that names them.

    Attributes:
        practitioners: Their ids, or `*` for all.
        customers: Their ids, or `*` for all.
        addresses: Whether every address that anybody claims is in it.
    """

    practitioners: Everything | tuple[str, ...] = attrs.field(
        default="*", converter=_ids, metadata={"always_written": True}
    )
    customers: Everything | tuple[str, ...] = attrs.field(
        default="*", converter=_ids, metadata={"always_written": True}
    )
    addresses: bool = attrs.field(default=True, metadata={"always_written": True})

    def covers_practitioner(self, practitioner_id: str) -> bool:
        """Tell whether the snapshot is whole for a practitioner."""
        return self.practitioners == "*" or practitioner_id in self.practitioners

    def covers_customer(self, customer_id: str) -> bool:
        """Tell whether the snapshot is whole for a customer."""
        return self.customers == "*" or customer_id in self.customers


@attrs.frozen(init=False, repr=False)
class Snapshot:
    """The caller's data at one instant; it never changes, changed ones are derived from it.

    Args:
        taken_at: When the data was read; any aware datetime.
        profiles: Logins of practitioners, in any order; so for the other collections.
        customers: Persons served.
        appointments: Their slots with profiles.
        records: What is kept about customers.
        access: Who may see whom.
        access_requests: Who asked to.
        complete_for: For whom the data is whole; everybody unless said otherwise.

    Raises:
        InvalidValueError: `taken_at` is naive, or something is of the wrong type.
        LoadError: An id occurs twice in a collection, or something is referred to that is not there;
            the error lists all such faults.
    """

    taken_at: pendulum.DateTime = attrs.field(converter=utc)
    complete_for: Completeness
    profiles: Table[Profile]
    customers: Table[Customer]
    appointments: Table[Appointment]
    records: Table[Record]
    access: Table[Access]
    access_requests: Table[AccessRequest]

    def __init__(
        self,
        taken_at: datetime,
        *,
        profiles: Iterable[Profile] = (),
        customers: Iterable[Customer] = (),
        appointments: Iterable[Appointment] = (),
        records: Iterable[Record] = (),
        access: Iterable[Access] = (),
        access_requests: Iterable[AccessRequest] = (),
        complete_for: Completeness | None = None,
    ) -> None:
        collections: dict[CollectionName, list[Entity]] = {
            "profiles": _rows("profiles", profiles),
            "customers": _rows("customers", customers),
            "appointments": _rows("appointments", appointments),
            "records": _rows("records", records),
            "access": _rows("access", access),
            "access_requests": _rows("access_requests", access_requests),
        }
        if complete_for is None:
            complete_for = Completeness()
        elif type(complete_for) is not Completeness:
            raise wrong_type("completeness").at("Snapshot", "complete_for")
        faults = integrity_faults(collections, {})
        faults += unknown_customers(complete_for, {row.id for row in collections["customers"]})
        if faults:
            raise LoadError(faults)
        tables: Any = {name: Table(rows) for name, rows in collections.items()}
        try:
            self.__attrs_init__(taken_at, complete_for, **tables)
        except InvalidValueError as error:
            raise InvalidValueError(error.code, **error.facts).at("Snapshot", "taken_at") from None

    @classmethod
    def of_checked(
        cls,
        taken_at: datetime,
        complete_for: Completeness,
        collections: Mapping[CollectionName, Iterable[Entity]],
    ) -> Snapshot:
        """Make a snapshot from entities whose integrity was checked already."""
        tables = {kind.collection: Table(collections[kind.collection]) for kind in KINDS}
        return cls._of_tables(taken_at, complete_for, tables)

    @classmethod
    def _of_tables(cls, taken_at: datetime, complete_for: Completeness, tables: Any) -> Snapshot:
        snapshot = cls.__new__(cls)
        snapshot.__attrs_init__(taken_at, complete_for, **tables)
        return snapshot

    def table(self, name: CollectionName) -> Table[Entity]:
        """Return a collection by its name."""
        found: Table[Entity] = getattr(self, name)
        return found

    def changed(
        self, put: Iterable[Entity] = (), drop: Mapping[EntityName, Iterable[str]] | None = None
    ) -> Snapshot:
        """Return a snapshot with entities added or exchanged, and others left out.

        Costs one copy of a dictionary for each collection that is touched, not a rebuild.

        Args:
            put: Entities, new or in the place of those with their ids.
            drop: Ids of those that are left out, by kind.

        Raises:
            LoadError: What is put refers to something that is not there.
        """
        puts: dict[CollectionName, dict[str, Entity]] = {}
        for entity in put:
            if type(entity) not in KIND_OF_CLASS:
                raise wrong_type("entity").at("Snapshot", "put")
            puts.setdefault(kind_of(entity).collection, {})[entity.id] = entity
        dropped = {name: _dropped(name, ids) for name, ids in (drop or {}).items()}
        tables = {
            kind.collection: self.table(kind.collection).changed(
                puts.get(kind.collection, {}), dropped.get(kind.name, ())
            )
            for kind in KINDS
        }
        known = {kind.name: tables[kind.collection] for kind in KINDS}
        faults = [fault for rows in puts.values() for row in rows.values() for fault in _dangling(row, known)]
        faults += _left_dangling(dropped, known)
        if "customer" in dropped:
            faults += unknown_customers(self.complete_for, tables["customers"])
        if faults:
            raise LoadError(tuple(dict.fromkeys(faults)))
        return self._of_tables(self.taken_at, self.complete_for, tables)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.table(kind.collection))} {kind.collection}" for kind in KINDS)
        return f"Snapshot({counts})"


def _dropped(name: EntityName, ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of entities that are left out.

    Raises:
        InvalidValueError: There is no such kind of entity, or the ids are one text.
    """
    try:
        _ENTITY_NAME.check(name)
        return tuple(listed(ids))
    except InvalidValueError as error:
        raise error.at("Snapshot", "drop") from None


_ENTITY_NAME = words(*ENTITY_NAMES)
_CLASSES: dict[CollectionName, tuple[type[Entity], EntityName]] = {
    kind.collection: (kind.cls, kind.name) for kind in KINDS
}


def _rows(name: CollectionName, rows: Iterable[Entity]) -> list[Entity]:
    """Return the entities of a collection as a list.

    Raises:
        InvalidValueError: They are no list of entities of its kind.
    """
    cls, kind = _CLASSES[name]
    try:
        return list(each_of(rows, cls, kind))
    except InvalidValueError as error:
        raise error.at("Snapshot", name) from None


def unknown_customers(complete_for: Completeness, known: Container[str]) -> list[Fault]:
    """Return a fault for each customer for whom data are said to be whole, and who is not in them."""
    ids = () if complete_for.customers == "*" else complete_for.customers
    path = "complete_for.customers"
    return [Fault("dangling_reference", path, kind="customer", id=id) for id in ids if id not in known]


def _dangling(entity: Entity, known: Mapping[EntityName, Table[Entity]]) -> Iterator[Fault]:
    kind = kind_of(entity)
    return (fault.below(f"{kind.collection}[{entity.id}]") for fault in dangling_in(entity, known))


def _left_dangling(
    dropped: Mapping[EntityName, Iterable[str]], known: Mapping[EntityName, Table[Entity]]
) -> Iterator[Fault]:
    """Yield a fault for each reference to an entity that is left out."""
    for name, ids in dropped.items():
        lost = {id for id in ids if id not in known[name]}
        for kind in KINDS:
            attributes = tuple(referring_attributes(kind, name))
            found = {
                row.id: row
                for at, id in itertools.product(attributes, lost)
                for row in known[kind.name].where(at, id)
            }
            for id in sorted(found):
                yield from _dangling(found[id], known)
