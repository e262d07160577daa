"""The table of the six kinds of entity, for code that treats all kinds alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeVar, get_args

from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.values import ShownValue, value_class

EntityName = Literal["profile", "customer", "appointment", "record", "access", "access_request"]
CollectionName = Literal["profiles", "customers", "appointments", "records", "access", "access_requests"]
Entity = Profile | Customer | Appointment | Record | Access | AccessRequest


@value_class(eq=False, repr=False)
class EntityKind(ShownValue):
    """The facts about one kind of entity.

    Attributes:
        name: Its name in edits and guards.
        collection: The name of its list in a snapshot.
        cls: Its class.
        references: Its fields that hold the id of another entity, each with the kind of that entity.
        store_given: Its fields that the store fills; edits copy them and never compare them.
    """

    name: EntityName
    collection: CollectionName
    cls: type[Entity]
    references: tuple[tuple[str, EntityName], ...] = ()
    store_given: tuple[str, ...] = ("version",)


KINDS: tuple[EntityKind, ...] = (
    EntityKind("profile", "profiles", Profile, (("succeeded_by", "profile"),)),
    EntityKind("customer", "customers", Customer, (("merged_into", "customer"),)),
    EntityKind(
        "appointment",
        "appointments",
        Appointment,
        (
            ("profile_id", "profile"),
            ("customer_id", "customer"),
            ("replaces", "appointment"),
            ("replaced_by", "appointment"),
        ),
        ("version", "number"),
    ),
    EntityKind(
        "record",
        "records",
        Record,
        (
            ("customer_id", "customer"),
            ("related_customer_id", "customer"),
            ("profile_id", "profile"),
            ("attached_to", "record"),
        ),
    ),
    EntityKind("access", "access", Access, (("profile_id", "profile"), ("customer_id", "customer"))),
    EntityKind(
        "access_request",
        "access_requests",
        AccessRequest,
        (("profile_id", "profile"), ("customer_id", "customer")),
    ),
)

KIND_OF_CLASS: dict[type[Entity], EntityKind] = {kind.cls: kind for kind in KINDS}
KIND_OF_NAME: dict[str, EntityKind] = {kind.name: kind for kind in KINDS}
ENTITY_NAMES: tuple[EntityName, ...] = get_args(EntityName)
T = TypeVar("T")


class ByKind(dict[type[Entity], T]):
    """A table with one value for each class of entity.

    A value is made when it is first asked for. The fields of a class are work for attrs, so importing a table does not ask for them.
    """

    def __init__(self, made: Callable[[EntityKind], T]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, cls: type[Entity]) -> T:
        value = self[cls] = self._made(KIND_OF_CLASS[cls])
        return value


NAMING_CUSTOMERS: tuple[EntityName, ...] = tuple(
    kind.name for kind in KINDS if any(name == "customer" for _, name in kind.references)
)
"""The kinds of entity that may name a customer."""


def kind_of(entity: Entity) -> EntityKind:
    """Return the kind of an entity."""
    return KIND_OF_CLASS[type(entity)]


def referring_attributes(kind: EntityKind, name: EntityName) -> Iterator[str]:
    """Yield each attribute of a kind that refers to another kind, as `Table.where` takes it."""
    yield from (field for field, target in kind.references if target == name)
    if kind.cls is Customer and name == "customer":
        yield "former_logins"


def references(entity: Entity) -> Iterator[tuple[str, EntityName, str]]:
    """Yield each reference of an entity as the path of its field, the kind and the id."""
    for field, name in KIND_OF_CLASS[type(entity)].references:
        target = getattr(entity, field)
        if target is not None:
            yield field, name, target
    if isinstance(entity, Customer):
        for target in entity.former_logins:
            # No position: e-mails are kept sorted, so their positions are not those in the file.
            yield "emails.login_of", "customer", target
