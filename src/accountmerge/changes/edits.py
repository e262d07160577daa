"""Edits that create, change or remove one entity, with the whole entity before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from operator import attrgetter
from typing import Any, Literal

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.construction import evolved
from accountmerge.model.customers import Customer
from accountmerge.model.digests import sha256_of
from accountmerge.model.entities import KINDS, ByKind, Entity, EntityKind, EntityName, kind_of
from accountmerge.model.instants import rfc3339
from accountmerge.model.json_text import canonical
from accountmerge.model.private import privacy
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.values import Value, value_class

EditOp = Literal["create", "change", "remove"]
Key = tuple[EntityName, str]
"""The kind and the id of an entity, because ids of different kinds may be equal."""


@privacy(plain="before after")
@value_class(eq=False, repr=False)
class Edit(Value):
    """The creation, change or removal of one entity.

    Both images are whole. JSON stores only the changed fields of `after`.

    Attributes:
        before: The entity as the plan read it; None if it is created.
        after: The entity as the edit leaves it; None if it is removed.

    Raises:
        InvalidValueError: Both are missing, or they are not one entity.
    """

    before: Entity | None
    after: Entity | None

    def __attrs_post_init__(self) -> None:
        before, after = self.before, self.after
        if before is None or after is None:
            if before is after:
                raise InvalidValueError("edit_empty")
        elif type(before) is not type(after) or before.id != after.id:
            raise InvalidValueError("edit_of_two")

    @property
    def op(self) -> EditOp:
        """The kind of edit."""
        if self.before is None:
            return "create"
        return "change" if self.after is not None else "remove"

    @property
    def entity(self) -> EntityName:
        """The kind of the entity."""
        return kind_of(self._image).name

    @property
    def id(self) -> str:
        """The id of the entity."""
        return self._image.id

    @property
    def key(self) -> Key:
        """The kind and the id of the entity."""
        image: Any = self.after if self.before is None else self.before
        return (_kind_names[type(image)], image.id)

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """The names of the fields that differ; empty for an entity that is created or removed."""
        if self.before is None or self.after is None:
            return ()
        return differing_fields(self.before, self.after)

    @property
    def _image(self) -> Entity:
        image = self.after if self.before is None else self.before
        assert image is not None  # noqa: S101 - the constructor refuses an empty edit
        return image

    def __repr__(self) -> str:
        fields = "".join(f", {field}" for field in self.changed_fields)
        return f"Edit({self.op} {self.entity} {self.id!r}{fields})"


_kind_names: dict[type[Entity], EntityName] = {kind.cls: kind.name for kind in KINDS}


def differing_fields(first: Entity, second: Entity) -> tuple[str, ...]:
    """Return the names of the fields in which two entities of one kind differ."""
    names, values = _fields[type(first)]
    pairs = zip(names, values(first), values(second), strict=True)
    return tuple(name for name, one, other in pairs if one is not other and one != other)


def _all_fields(kind: EntityKind) -> tuple[tuple[str, ...], attrgetter[Any]]:
    names = tuple(field.name for field in attrs.fields(kind.cls))
    return names, attrgetter(*names)


def _compared_fields(kind: EntityKind) -> Iterator[str]:
    return (field.name for field in attrs.fields(kind.cls) if field.name not in kind.store_given)


_fields = ByKind(_all_fields)
_compared = ByKind(lambda kind: attrgetter(*_compared_fields(kind)))


def is_same_image(present: Entity | None, image: Entity | None) -> bool:
    """Return whether an entity equals an image in all fields that the store does not own."""
    if present is None or image is None:
        return present is image
    if type(present) is not type(image):
        return False
    values = _compared[type(present)]
    return bool(values(present) == values(image))


_compared_but_id = ByKind(lambda kind: attrgetter(*(name for name in _compared_fields(kind) if name != "id")))


def values_but_id(entity: Entity) -> object:
    """Return the values of an entity without its id and store-owned fields."""
    return _compared_but_id[type(entity)](entity)


def image_values(image: Entity | None) -> object:
    """Return the values that identify an image, without store-owned fields; None for a missing image."""
    return None if image is None else _compared[type(image)](image)


def carried_over(image: Entity | None, present: Entity | None) -> Entity | None:
    """Return an image with the version and the number that the store gave."""
    if image is None or present is None:
        return image
    kept = {}
    for name in kind_of(image).store_given:
        value = getattr(present, name)
        if value is not None and value != getattr(image, name):
            kept[name] = value
    return evolved(image, **kept) if kept else image


LATER_FIELDS: dict[type[Entity], tuple[str, ...]] = {
    Profile: ("data",),
    Customer: ("merged_at",),
    Appointment: ("local_start", "session_id", "data", "created_at", "made_by"),
    Record: (),
    Access: ("created_at", "made_by"),
    AccessRequest: (),
}
"""Fields that the first files did not know; a digest includes them only if they have a value, so old digests stay."""
_digested = ByKind(
    lambda kind: tuple(name for name in _compared_fields(kind) if name not in LATER_FIELDS[kind.cls])
)


def later_fields_of(entities: Iterable[Entity | None]) -> set[str]:
    """Return the names of the later fields that have a value in any of some entities."""
    found: set[str] = set()
    for entity in entities:
        if entity is not None:
            found.update(name for name in LATER_FIELDS[type(entity)] if getattr(entity, name) is not None)
    return found


def image_digest(entity: Entity) -> str:
    """Return the SHA-256 of the values of an entity, without store-owned fields."""
    values = [_plain(getattr(entity, name)) for name in _digested[type(entity)]]
    later = {name: getattr(entity, name) for name in LATER_FIELDS[type(entity)]}
    given = {name: _plain(value) for name, value in later.items() if value is not None}
    content = [kind_of(entity).name, values, *([given] if given else [])]
    return sha256_of(canonical(content))


def _plain(value: Any) -> Any:
    """Return a value as plain JSON data, the same for equal values."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo is None else rfc3339(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if attrs.has(type(value)):
        return [_plain(getattr(value, field.name)) for field in attrs.fields(type(value))]
    return value
