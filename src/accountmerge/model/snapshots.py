"""Immutable snapshots of the caller's data at one instant."""

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
from accountmerge.model.values import ShownValue, Value, value_class

Everything = Literal["*"]


def _ids(ids: Everything | Iterable[str]) -> Everything | tuple[str, ...]:
    if isinstance(ids, str):
        if ids != "*":
            raise wrong_type("ids")
        return "*"
    return tuple(sorted(set(map(IDENTIFIER.check, listed(ids)))))


@value_class(eq=False, repr=False, field_transformer=checked(addresses=TRUTH))
class Completeness(ShownValue):
    """The people whose data a snapshot contains completely, with every entity that refers to them.

    Attributes:
        practitioners: Their ids, or `*` for all.
        customers: Their ids, or `*` for all.
        addresses: Whether it contains every claimed address.
    """

    practitioners: Everything | tuple[str, ...] = attrs.field(
        default="*", converter=_ids, metadata={"always_written": True}
    )
    customers: Everything | tuple[str, ...] = attrs.field(
        default="*", converter=_ids, metadata={"always_written": True}
    )
    addresses: bool = attrs.field(default=True, metadata={"always_written": True})

    def covers_practitioner(self, practitioner_id: str) -> bool:
        """Return whether the snapshot is complete for a practitioner."""
        return self.practitioners == "*" or practitioner_id in self.practitioners

    def covers_customer(self, customer_id: str) -> bool:
        """Return whether the snapshot is complete for a customer."""
        return self.customers == "*" or customer_id in self.customers


@attrs.frozen(eq=False, init=False, repr=False)
class Snapshot(Value):
    """The caller's data at one instant, as an immutable value.

    Args:
        taken_at: The instant at which the data was read; any aware datetime.
        profiles: Logins of practitioners. All collections may be in any order.
        customers: Persons served.
        appointments: Their slots with profiles.
        records: Items stored about customers.
        access: Permissions of profiles to see customers.
        access_requests: Requests for such permissions.
        complete_for: The people whose data is complete. Default: all.

    Raises:
        InvalidValueError: `taken_at` is naive, or a value is of the wrong type.
        LoadError: An id occurs twice in a collection, or a reference has no target;
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
            "profiles": collection_rows("Snapshot", "profiles", profiles),
            "customers": collection_rows("Snapshot", "customers", customers),
            "appointments": collection_rows("Snapshot", "appointments", appointments),
            "records": collection_rows("Snapshot", "records", records),
            "access": collection_rows("Snapshot", "access", access),
            "access_requests": collection_rows("Snapshot", "access_requests", access_requests),
        }
        if complete_for is None:
            complete_for = Completeness()
        elif type(complete_for) is not Completeness:
            raise wrong_type("completeness").at("Snapshot", "complete_for")
        faults = integrity_faults(collections, {})
        faults += unknown_customers(complete_for, {row.id for row in collections["customers"]})
        if faults:
            raise LoadError(faults)
        tables: Any = {name: Table(rows, _CLASSES[name][0]) for name, rows in collections.items()}
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
        tables = {kind.collection: Table(collections[kind.collection], kind.cls) for kind in KINDS}
        return cls._of_tables(taken_at, complete_for, tables)

    @classmethod
    def _of_tables(cls, taken_at: datetime, complete_for: Completeness, tables: Any) -> Snapshot:
        snapshot = cls.__new__(cls)
        snapshot.__attrs_init__(taken_at, complete_for, **tables)
        return snapshot

    def table(self, name: CollectionName) -> Table[Entity]:
        """Return a collection by its name."""
        rows: Table[Entity] = getattr(self, name)
        return rows

    def changed(
        self, put: Iterable[Entity] = (), drop: Mapping[EntityName, Iterable[str]] | None = None
    ) -> Snapshot:
        """Return a snapshot with entities added, replaced and removed.

        Copies one dictionary for each collection that changes, without a rebuild.

        Args:
            put: Entities to add, or to replace those with the same ids.
            drop: Ids of entities to remove, by kind.

        Raises:
            LoadError: A reference has no target in the result.
        """
        puts: dict[CollectionName, dict[str, Entity]] = {}
        for entity in put:
            if type(entity) not in KIND_OF_CLASS:
                raise wrong_type("entity").at("Snapshot", "put")
            puts.setdefault(kind_of(entity).collection, {})[entity.id] = entity
        dropped = {name: dropped_ids("Snapshot", name, ids) for name, ids in (drop or {}).items()}
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


def dropped_ids(of: str, name: EntityName, ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of entities to remove; refuse an unknown kind, or one text. `of` is the class, for errors."""
    try:
        _ENTITY_NAME.check(name)
        return tuple(listed(ids))
    except InvalidValueError as error:
        raise error.at(of, "drop") from None


_ENTITY_NAME = words(*ENTITY_NAMES)
_CLASSES: dict[CollectionName, tuple[type[Entity], EntityName]] = {
    kind.collection: (kind.cls, kind.name) for kind in KINDS
}


def collection_rows(of: str, name: CollectionName, rows: Iterable[Entity]) -> list[Entity]:
    """Return the entities of a collection as a list; refuse other values. `of` is the class, for errors."""
    cls, kind = _CLASSES[name]
    try:
        return list(each_of(rows, cls, kind))
    except InvalidValueError as error:
        raise error.at(of, name) from None


def unknown_customers(complete_for: Completeness, known: Container[str]) -> list[Fault]:
    """Return a fault for each customer in `complete_for` that the data do not contain."""
    ids = () if complete_for.customers == "*" else complete_for.customers
    path = "complete_for.customers"
    return [Fault("dangling_reference", path, kind="customer", id=id) for id in ids if id not in known]


def _dangling(entity: Entity, known: Mapping[EntityName, Table[Entity]]) -> Iterator[Fault]:
    kind = kind_of(entity)
    return (fault.below(f"{kind.collection}[{entity.id}]") for fault in dangling_in(entity, known))


def _left_dangling(
    dropped: Mapping[EntityName, Iterable[str]], known: Mapping[EntityName, Table[Entity]]
) -> Iterator[Fault]:
    """Yield a fault for each reference to an entity that was removed."""
    for name, ids in dropped.items():
        lost = {id for id in ids if id not in known[name]}
        for kind in KINDS:
            attributes = tuple(referring_attributes(kind, name))
            left = {
                row.id: row
                for at, id in itertools.product(attributes, lost)
                for row in known[kind.name].where(at, id)
            }
            for id in sorted(left):
                yield from _dangling(left[id], known)


def require_snapshot(snapshot: object, name: str = "snapshot") -> None:
    """Refuse an argument that is not a snapshot; the error names the argument.

    Raises:
        InvalidValueError: It is of another class.
    """
    if type(snapshot) is not Snapshot:
        raise InvalidValueError("wrong_type", field=name, wanted="snapshot")
