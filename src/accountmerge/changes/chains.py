"""The images of each entity in a change set, and the store's ids of new entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit, Key, image_values, is_same_image, values_but_id
from accountmerge.changes.failures import Failure
from accountmerge.changes.guards import Guard
from accountmerge.changes.receipts import WRITTEN, Receipt
from accountmerge.changes.steps import Step
from accountmerge.messages import Fact, Facts
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import Entity, kind_of
from accountmerge.model.identifiers import derived_id
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.values import Value

OwnIds = Mapping[Key, str]
"""Ids of the store, by kind and planned id."""


def find_store_ids(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt]) -> dict[Key, str]:
    """Return the store's ids from receipts and from recognised entities, by kind and planned id.

    For an undo plan, the receipts of the undone plan count as well.
    """
    plans = {change_set.plan_id}
    if change_set.intent == "undo":
        plans.add(change_set.request.value.get("plan_id"))
    told = {
        (entry.entity, entry.id): entry.store_id
        for receipt in receipts
        if receipt.plan_id in plans
        for entry in receipt.written
        if entry.store_id is not None and entry.store_id != entry.id
    }
    return _apart(change_set.steps, recognised(snapshot, change_set.steps, told))


def recognised(snapshot: Snapshot, steps: Sequence[Step], told: OwnIds | None = None) -> dict[Key, str]:
    """Return the store's own ids of new entities, by kind and planned id.

    A new entity that is not found by its planned id is recognised by its meaning: a rebooking by its profile and the
    appointment that it replaces, any other booking by equality in all fields but its id, a profile by its practitioner
    and mailbox, access by its profile and customer, an access request by those and its two instants. The same holds for
    entities that an undo removes. Of several candidates the first equal one is taken, or else the first. An entity that
    the change set edits is no candidate, and no candidate counts twice. The copy of a record that a migration makes
    is recognised by its content, if there are more such records than the other records need. Other records are never
    recognised, because equal ones may be two. Ids in `told`, from receipts, take precedence.
    """
    store_ids = dict(told or {})
    given = _given(store_ids)
    taken = given | {edit.key for step in steps for edit in step.edits}
    candidates = _Candidates(snapshot, _Copies(snapshot, steps))
    others_name_profiles = sorted(_made(steps).items(), key=lambda made: made[0][0] != "profile")
    for key, images in others_name_profiles:
        is_there = images[0].id in snapshot.table(kind_of(images[0]).collection) and key not in given
        if key in store_ids or is_there:
            continue
        found = candidates.of([_renamed(image, store_ids) for image in images] if store_ids else images)
        other = next((id for id in found if (key[0], id) not in taken), None)
        if other is not None:
            store_ids[key] = other
            taken.add((key[0], other))
    return store_ids


def _given(store_ids: OwnIds) -> set[Key]:
    return {(name, other) for (name, _), other in store_ids.items()}


def _apart(steps: Sequence[Step], store_ids: dict[Key, str]) -> dict[Key, str]:
    """Give another id to each planned entity whose id the store has given to a different one."""
    planned = {edit.key for step in steps for edit in step.edits}
    for name, id in sorted((planned & _given(store_ids)) - store_ids.keys()):
        store_ids[name, id] = derived_id(name, "in the place of", id)
    return store_ids


def _made(steps: Iterable[Step]) -> dict[Key, list[Entity]]:
    """Return every image of each entity that steps create, or that an undo removes, in order."""
    images: dict[Key, list[Entity]] = {}
    made: dict[Key, None] = {}
    for step in steps:
        for edit in step.edits:
            images.setdefault(edit.key, []).extend(
                image for image in (edit.before, edit.after) if image is not None
            )
            if edit.before is None or (step.kind == "undo_step" and edit.after is None):
                made[edit.key] = None
    return {key: images[key] for key in made}


class _Copies:
    """The copies of records that a change set makes, and the records that may be such copies."""

    def __init__(self, snapshot: Snapshot, steps: Sequence[Step]) -> None:
        self._snapshot = snapshot
        self._said: dict[str, dict[object, list[Record]]] = {}
        self._made: dict[str, str] = {}
        self._planned: Counter[object] = Counter()
        for step in steps:
            for edit in step.edits if step.kind == "hand_over_records" else ():
                if edit.before is None and isinstance(edit.after, Record):
                    self._made[edit.id] = str(step.reason.facts["profile_id"])
                    self._planned[_content(edit.after)] += 1

    def like(self, copy: Record) -> list[str]:
        """Return the ids of records that may be a copy, without those that other records need.

        One is needed for each equal record of the old profile that the change set does not copy, because that one had a
        copy, or an equal record, before.
        """
        old = self._made.get(copy.id)
        if old is None or copy.profile_id is None:
            return []
        content = _content(copy)
        rows = [row for row in self._of(copy.profile_id).get(content, ()) if row.id not in self._made]
        rows.sort(key=lambda row: (row.attached_to != copy.attached_to, row.id))
        others = len(self._of(old).get(content, ())) - self._planned[content]
        return [row.id for row in rows[: len(rows) - max(others, 0)]] if len(rows) > others else []

    def _of(self, profile_id: str) -> dict[object, list[Record]]:
        found = self._said.get(profile_id)
        if found is None:
            found = self._said[profile_id] = {}
            for row in self._snapshot.records.where("profile_id", profile_id):
                found.setdefault(_content(row), []).append(row)
        return found


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
        found = self._bookings.get(customer_id)
        if found is None:
            found = self._bookings[customer_id] = {}
            for row in self._snapshot.appointments.where("customer_id", customer_id):
                found.setdefault(_bare(row), []).append(row.id)
        return found

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
            granted = snapshot.access.where("customer_id", planned.customer_id)
            return [row for row in granted if row.profile_id == planned.profile_id]
        if isinstance(planned, AccessRequest):
            asked = snapshot.access_requests.where("customer_id", planned.customer_id)
            wanted = (planned.profile_id, planned.requested_at, planned.expires_at)
            return [row for row in asked if (row.profile_id, row.requested_at, row.expires_at) == wanted]
        return ()


def _bare(entity: Entity) -> object:
    """Return the class of an entity and its values without its id and store-owned fields."""
    return (type(entity), values_but_id(entity))


def renamed_steps(steps: Sequence[Step], store_ids: OwnIds) -> tuple[Step, ...]:
    """Return the steps with the store's own ids instead of the planned ones."""
    if not store_ids:
        return tuple(steps)
    return tuple(
        attrs.evolve(
            step,
            guards=tuple(_renamed_guard(guard, store_ids) for guard in step.guards),
            edits=tuple(
                Edit(_renamed(edit.before, store_ids), _renamed(edit.after, store_ids)) for edit in step.edits
            ),
        )
        for step in steps
    )


def _renamed(entity: Entity | None, store_ids: OwnIds) -> Entity | None:
    if entity is None:
        return None
    kind = kind_of(entity)
    changes: Any = {
        field: store_ids[name, getattr(entity, field)]
        for field, name in (("id", kind.name), *kind.references)
        if (name, getattr(entity, field)) in store_ids
    }
    return attrs.evolve(entity, **changes) if changes else entity


def _renamed_guard(guard: Guard, store_ids: OwnIds) -> Guard:
    named: dict[str, Fact] = {fact: store_ids[key] for fact, key in guard.named.items() if key in store_ids}
    name = guard.subject
    ids = () if name is None else tuple(store_ids.get((name, id), id) for id in guard.except_ids)
    return attrs.evolve(guard, facts=Facts.of({**guard.facts, **named}), except_ids=ids)


@attrs.frozen(eq=False, repr=False)
class Chain(Value):
    """The images of one entity through a change set, from before the first edit to after the last.

    Attributes:
        images: The entity at each stage; None where it does not exist.
        found: The entity in the present data, or None.
        position: The index of the image that equals it; None if there is no such image and the entity has drifted.
        was_undone: Whether a receipt reports a later image than the one found, so that another program has restored
            an earlier one, which is drift too.
    """

    images: tuple[Entity | None, ...]
    found: Entity | None
    position: int | None
    was_undone: bool = False

    @property
    def start(self) -> Entity | None:
        """The entity found if it is at the first image or has drifted; else the first image."""
        return self.found if not self.position else self.images[0]


def located_chains(
    snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt] = ()
) -> tuple[tuple[Step, ...], dict[Key, Chain]]:
    """Return the steps with the store's ids, and the chain of each entity that they edit.

    All steps count, also those after a prefix; receipts of other plans do not.
    """
    receipts = tuple(receipts)
    steps = renamed_steps(change_set.steps, find_store_ids(snapshot, change_set, receipts))
    chains = find_chains(snapshot, steps)
    written = {
        receipt.ordinal
        for receipt in receipts
        if receipt.plan_id == change_set.plan_id and receipt.outcome in WRITTEN
    }
    stages = _written_stages(steps, written) if written else {}
    finished = all(step.ordinal in written for step in change_set.wanted_steps)
    return steps, {
        key: _received(chain, stages.get(key, 0), finished=finished) for key, chain in chains.items()
    }


def _written_stages(steps: Iterable[Step], written: Container[int]) -> dict[Key, int]:
    """Return the last image of each entity that has a receipt, as its index."""
    reached: dict[Key, int] = {}
    found: dict[Key, int] = {}
    for step in steps:
        for edit in step.edits:
            reached[edit.key] = reached.get(edit.key, 0) + 1
            if step.ordinal in written:
                found[edit.key] = reached[edit.key]
    return found


def _received(chain: Chain, written: int, *, finished: bool) -> Chain:
    """Return a chain corrected by receipts, given the last image that was certainly written.

    An earlier image was restored by another program. A value that equals no image is a later change, which the change
    set ignores, but only if every step was written: before that, guards have to see the present value.
    """
    last = len(chain.images) - 1
    if chain.position is None:
        return attrs.evolve(chain, position=last) if finished and written == last else chain
    return attrs.evolve(chain, position=None, was_undone=True) if chain.position < written else chain


def find_chains(snapshot: Snapshot, steps: Sequence[Step]) -> dict[Key, Chain]:
    """Return the chain of each entity that steps edit, by kind and id, located in the present data."""
    images: dict[Key, list[Entity | None]] = {}
    for step in steps:
        for edit in step.edits:
            images.setdefault(edit.key, [edit.before]).append(edit.after)
    chains = {key: _located(snapshot, key, tuple(stages)) for key, stages in images.items()}
    return chains | dict(_taken_away(steps, chains))


def _taken_away(steps: Sequence[Step], chains: Mapping[Key, Chain]) -> Iterator[tuple[Key, Chain]]:
    """Yield, as drifted, the chains of entities that another program removed before the change set did.

    Edits are written in order, so a removal belongs to the change set only if all edits before it are done. If it
    counted as done, access withdrawn by another program would still let its profile merge.
    """
    stages = dict.fromkeys(chains, 0)
    in_turn = True
    for edit in (edit for step in steps for edit in step.edits):
        key = edit.key
        stages[key] += 1
        chain = chains[key]
        if edit.after is None and chain.found is None and not in_turn:
            yield key, attrs.evolve(chain, position=None)
        in_turn = in_turn and chain.position is not None and chain.position >= stages[key]


def _located(snapshot: Snapshot, key: Key, images: tuple[Entity | None, ...]) -> Chain:
    image = images[0] if images[0] is not None else images[1]
    assert image is not None  # noqa: S101 - an edit has at least one image
    found: Entity | None = snapshot.table(kind_of(image).collection).get(key[1])
    matching = (position for position, image in enumerate(images) if is_same_image(found, image))
    return Chain(images, found, next(matching, None))


def chain_failures(steps: Sequence[Step]) -> Iterator[Failure]:
    """Yield a failure for each entity whose edits do not join, or whose images recur.

    Planners make neither, so this finds a change set that was written or altered by hand.
    """
    first: dict[Key, tuple[object, object]] = {}
    reached: dict[Key, object] = {}
    seen: dict[Key, set[object]] = {}
    for step in steps:
        for edit in step.edits:
            before, after, key = image_values(edit.before), image_values(edit.after), edit.key
            if key not in first:  # most entities have one edit, and hashing both images would take longer
                first[key] = (before, after)
                if before == after:
                    yield Failure.of("image_recurs", step.ordinal, entity=edit.entity, id=edit.id)
                continue
            if key not in seen:
                seen[key] = set(first[key])
            images = seen[key]
            if reached.get(key, first[key][1]) != before:
                yield Failure.of("image_gap", step.ordinal, entity=edit.entity, id=edit.id)
            if after in images:
                yield Failure.of("image_recurs", step.ordinal, entity=edit.entity, id=edit.id)
            images.add(after)
            reached[key] = after
