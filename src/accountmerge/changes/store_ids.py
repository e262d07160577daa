"""The ids that a store gave to new entities, from receipts or by recognition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit, Key, values_but_id
from accountmerge.changes.excerpts import access_of
from accountmerge.changes.guards import Guard
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.steps import Step
from accountmerge.messages import Fact, Facts
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.construction import evolved
from accountmerge.model.entities import ByKind, Entity, EntityName, kind_of
from accountmerge.model.identifiers import derived_id
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot

StoreIds = Mapping[Key, str]
"""Ids of the store, by kind and planned id."""


def find_store_ids(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt]) -> dict[Key, str]:
    """Return the store's ids from receipts and from recognised entities, by kind and planned id.

    For an undo plan, the receipts of the undone plan count as well.
    """
    created = CreatedEntities(change_set.steps)
    told = told_ids(change_set, receipts)
    given = set(given_ids(told))
    return apart(given & created.edited, recognised(snapshot, created, told, given))


def told_ids(change_set: ChangeSet, receipts: Iterable[Receipt]) -> dict[Key, str]:
    """Return the store's own ids from receipts, by kind and planned id.

    For an undo, the receipts of the undone change set count as well.
    """
    plans = receipted_plans(change_set)
    return {
        (entry.entity, entry.id): entry.store_id
        for receipt in receipts
        if receipt.plan_id in plans
        for entry in receipt.written
        if entry.store_id is not None and entry.store_id != entry.id
    }


def receipted_plans(change_set: ChangeSet) -> tuple[str, ...]:
    """Return the id of the plan of a change set, and of the plan that it undoes."""
    if change_set.intent != "undo":
        return (change_set.plan_id,)
    return (change_set.plan_id, str(change_set.request.value.get("plan_id")))


class CreatedEntities:
    """The entities that steps create, or that an undo removes.

    Attributes:
        edited: The kind and id of every entity that the steps edit.
        images: Every image of each created entity, in order.
        places: The place of each created entity among all of them.
        steps: The ordinal of the step that creates each, or that removes it in an undo.
        since: The ordinal of the step that creates each; 0 if it is there before the first step, as in an undo.
        copied_from: The old profile of each copy of a record, by the id of the copy.
        copies: The number of copies with the same content.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        all_images: dict[Key, list[Entity]] = {}
        self.steps: dict[Key, int] = {}
        self.since: dict[Key, int] = {}
        self.copied_from: dict[str, str] = {}
        self.copies: Counter[object] = Counter()
        for step in steps:
            for edit in step.edits:
                key = edit.key
                all_images.setdefault(key, []).extend(
                    image for image in (edit.before, edit.after) if image is not None
                )
                if edit.before is None or (step.kind == "undo_step" and edit.after is None):
                    self.steps[key] = step.ordinal
                    self.since.setdefault(key, step.ordinal if edit.before is None else 0)
                if (
                    step.kind == "hand_over_records"
                    and edit.before is None
                    and isinstance(edit.after, Record)
                ):
                    self.copied_from[edit.id] = str(step.reason.facts["profile_id"])
                    self.copies[_content(edit.after)] += 1
        self.edited = frozenset(all_images)
        self.images = {key: all_images[key] for key in self.steps}
        self.places = {key: place for place, key in enumerate(self.images)}

    def rivals(self) -> dict[Hashable, list[Key]]:
        """Return the created entities in groups whose members could be taken for each other."""
        groups: dict[Hashable, list[Key]] = {}
        for key, images in self.images.items():
            groups.setdefault(meaning(images[0]), []).append(key)
        return groups


def meaning(image: Entity) -> Hashable:
    """Return a key that entities share if one could be recognised as the other."""
    if isinstance(image, Appointment):
        return ("booking", image.replaces or image.customer_id)
    if isinstance(image, Profile):
        return ("profile", image.practitioner_id, image.mailbox)
    if isinstance(image, Record):
        return ("record", image.profile_id)
    return (kind_of(image).name, getattr(image, "customer_id", image.id))


def recognised(
    snapshot: Snapshot,
    created: CreatedEntities,
    told: StoreIds,
    given: Container[Key],
    keys: Iterable[Key] | None = None,
) -> dict[Key, str]:
    """Return the store's own ids of created entities, by kind and planned id.

    A new entity that is not found by its planned id is recognised by its meaning: a rebooking by its profile and the
    appointment that it replaces, any other booking by equality in all fields but its id, a profile by its practitioner
    and mailbox, access by its profile and customer, an access request by those and its two instants. The same holds for
    entities that an undo removes. Of several candidates the first equal one is taken, or else the first. An entity that
    the change set edits is no candidate, and no candidate counts twice. The copy of a record that a migration makes
    is recognised by its content, if there are more such records than the other records need. Other records are never
    recognised, because equal ones may be two. Ids in `told`, from receipts, take precedence. `given` has all entities
    whose ids the store has given, by their own ids. Default of `keys`: all created entities.
    """
    store_ids = dict(told)
    taken: set[Key] = set()
    candidates = _Candidates(snapshot, _Copies(snapshot, created))
    wanted = created.images if keys is None else [key for key in keys if key in created.images]
    for key in sorted(
        wanted, key=lambda key: (key[0] != "profile", created.places[key])
    ):  # others name profiles
        images = created.images[key]
        is_there = images[0].id in snapshot.table(kind_of(images[0]).collection) and key not in given
        if key in store_ids or is_there:
            continue
        found = candidates.of([renamed(image, store_ids) for image in images] if store_ids else images)
        candidate_keys = ((key[0], id) for id in found)
        free = (each for each in candidate_keys if each not in given and each not in taken)
        other = next((each for each in free if each not in created.edited), None)
        if other is not None:
            store_ids[key] = other[1]
            taken.add(other)
    return store_ids


def given_ids(store_ids: StoreIds) -> Iterator[Key]:
    """Yield the entities whose ids the store has given, by their own ids."""
    return ((name, other) for (name, _), other in store_ids.items())


def apart(taken: AbstractSet[Key], store_ids: dict[Key, str]) -> dict[Key, str]:
    """Give another id to each planned entity whose id the store has given to a different one.

    Args:
        taken: The edited entities whose planned ids the store has given.
        store_ids: The store's ids; it is changed.
    """
    for name, id in sorted(taken - store_ids.keys()):
        store_ids[name, id] = derived_id(name, "in the place of", id)
    return store_ids


class _Copies:
    """The records that may be a copy that a change set makes."""

    def __init__(self, snapshot: Snapshot, created: CreatedEntities) -> None:
        self._snapshot = snapshot
        self._created = created
        self._said: dict[str, dict[object, list[Record]]] = {}

    def like(self, copy: Record) -> list[str]:
        """Return the ids of records that may be a copy, without those that other records need.

        One is needed for each equal record of the old profile that the change set does not copy, because that one had a
        copy, or an equal record, before.
        """
        copied_from = self._created.copied_from
        old = copied_from.get(copy.id)
        if old is None or copy.profile_id is None:
            return []
        content = _content(copy)
        rows = [row for row in self._of(copy.profile_id).get(content, ()) if row.id not in copied_from]
        rows.sort(key=lambda row: (row.attached_to != copy.attached_to, row.id))
        others = len(self._of(old).get(content, ())) - self._created.copies[content]
        return [row.id for row in rows[: len(rows) - max(others, 0)]] if len(rows) > others else []

    def _of(self, profile_id: str) -> dict[object, list[Record]]:
        by_content = self._said.get(profile_id)
        if by_content is None:
            by_content = self._said[profile_id] = {}
            for row in self._snapshot.records.where("profile_id", profile_id):
                by_content.setdefault(_content(row), []).append(row)
        return by_content


def _content(row: Record) -> object:
    """Return the fields that a copy shares with its record."""
    return (row.kind, row.customer_id, row.related_customer_id, row.unique_key, row.created_at, row.data)


class _Candidates:
    """Entities in the present data that may be a planned one under another id."""

    def __init__(self, snapshot: Snapshot, copies: _Copies) -> None:
        self._snapshot = snapshot
        self._copies = copies
        self._bookings: dict[str, dict[object, list[str]]] = {}

    def of(self, images: Sequence[Any]) -> Sequence[str]:
        """Return the ids of candidates for an entity, given its images, exact matches first."""
        first = images[0]
        if isinstance(first, Appointment) and first.replaces is None:
            equals = self._booked(first.customer_id)
            values = {_bare(image) for image in images}
            return sorted(id for value in values for id in equals.get(value, ()))
        if isinstance(first, Record):
            return self._copies.like(first)
        alike = self._alike(first)
        if not alike:
            return ()
        values = {_bare(image) for image in images}
        return [id for _, id in sorted((_bare(row) not in values, row.id) for row in alike)]

    def _booked(self, customer_id: str) -> dict[object, list[str]]:
        """Return the ids of the bookings of a customer by their values without the id."""
        by_values = self._bookings.get(customer_id)
        if by_values is None:
            by_values = self._bookings[customer_id] = {}
            for row in self._snapshot.appointments.where("customer_id", customer_id):
                by_values.setdefault(_bare(row), []).append(row.id)
        return by_values

    def _alike(self, planned: Entity) -> Sequence[Entity]:
        """Return the entities with the same meaning as a planned one, even if their values differ."""
        snapshot = self._snapshot
        if isinstance(planned, Appointment) and planned.replaces is not None:
            booked = snapshot.appointments.where("replaces", planned.replaces)
            return [row for row in booked if row.profile_id == planned.profile_id]
        if isinstance(planned, Profile):
            named = snapshot.profiles.where("mailbox", planned.mailbox)
            return [row for row in named if row.practitioner_id == planned.practitioner_id]
        if isinstance(planned, Access):
            return access_of(snapshot, planned.profile_id, planned.customer_id)
        if isinstance(planned, AccessRequest):
            asked = snapshot.access_requests.where("customer_id", planned.customer_id)
            wanted = (planned.profile_id, planned.requested_at, planned.expires_at)
            return [row for row in asked if (row.profile_id, row.requested_at, row.expires_at) == wanted]
        return ()


def _bare(entity: Entity) -> object:
    """Return the class of an entity and its values without its id and store-owned fields."""
    return (type(entity), values_but_id(entity))


def renamed_steps(steps: Sequence[Step], store_ids: StoreIds) -> tuple[Step, ...]:
    """Return the steps with the store's own ids instead of the planned ones."""
    if not store_ids:
        return tuple(steps)
    return tuple(renamed_step(step, store_ids) for step in steps)


def renamed_step(step: Step, store_ids: StoreIds) -> Step:
    """Return a step with the store's own ids instead of the planned ones."""
    if not store_ids:
        return step
    edits = tuple(
        Edit(renamed(edit.before, store_ids), renamed(edit.after, store_ids)) for edit in step.edits
    )
    guards = tuple(_renamed_guard(guard, store_ids) for guard in step.guards)
    return attrs.evolve(step, guards=guards, edits=edits)


def renamed(entity: Entity | None, store_ids: StoreIds) -> Entity | None:
    """Return an entity with the store's own ids, its own and those to which it refers."""
    if entity is None or not store_ids:
        return entity
    changes: dict[str, Any] = {}
    for field, name in _WITH_IDS[type(entity)]:
        other = store_ids.get((name, getattr(entity, field)))
        if other is not None:
            changes[field] = other
    return evolved(entity, **changes) if changes else entity


_WITH_IDS: ByKind[tuple[tuple[str, EntityName], ...]] = ByKind(
    lambda kind: (("id", kind.name), *kind.references)
)
"""The fields of each class that hold an id, its own first, each with the kind of the entity."""


def _renamed_guard(guard: Guard, store_ids: StoreIds) -> Guard:
    named: dict[str, Fact] = {fact: store_ids[key] for fact, key in guard.named.items() if key in store_ids}
    name = guard.subject
    ids = () if name is None else tuple(store_ids.get((name, id), id) for id in guard.except_ids)
    if not named and ids == guard.except_ids:
        return guard
    return attrs.evolve(guard, facts=Facts.of({**guard.facts, **named}), except_ids=ids)
