"""The images of each entity in a change set, and the ids that a store gave to new entities."""

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

OwnIds = Mapping[Key, str]
"""By kind and planned id, the id of the store."""


def find_store_ids(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt]) -> dict[Key, str]:
    """Return, by kind and planned id, the store's ids: those that it told, and those that are recognised.

    What undoes a plan goes by the receipts of that plan as well.
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
    """Return, for what a store created under an id of its own, the kind and planned id, and the store's.

    A new entity that is not there by its id is recognised by what it stands for: a booking by what it
    replaces, or else by being equal in all but its id, a profile by its practitioner and mailbox, access by its two
    ends, a request for it by those and its two instants. So is one that is to be taken back. Of many the first
    equal one is taken, or else the first. Nothing that the set itself touches stands for something else, and
    nothing stands for two. The copy of a record that a migration makes is recognised by what it says, if there are
    more such records than others account for. Any other record stands for nothing but itself: equal ones may be two.

    Args:
        snapshot: The present data.
        steps: What creates the entities.
        told: What the store has told, which counts before anything that is recognised.
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
    """Return the kinds and ids that a store gave."""
    return {(name, other) for (name, _), other in store_ids.items()}


def _apart(steps: Sequence[Step], store_ids: dict[Key, str]) -> dict[Key, str]:
    """Give what is planned under an id that the store gave to something else another id: two things are never one."""
    planned = {edit.key for step in steps for edit in step.edits}
    for name, id in sorted((planned & _given(store_ids)) - store_ids.keys()):
        store_ids[name, id] = derived_id(name, "in the place of", id)
    return store_ids


def _made(steps: Iterable[Step]) -> dict[Key, list[Entity]]:
    """Return, of the entities that steps make or take back, every image; the first is what it was made as."""
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
    """The copies of records that a set makes, and the records that may be such copies."""

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
        """Return the ids of the records that may be a copy, but as many as are there for other records.

        Those are the records of the old profile that say the same and that the set does not copy: they had a copy, or
        an equal record, before.
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
    """Return what a copy has in common with its record."""
    return (row.kind, row.customer_id, row.related_customer_id, row.unique_key, row.created_at, row.data)


class _Candidates:
    """What in the present data may stand for something planned."""

    def __init__(self, snapshot: Snapshot, copies: _Copies) -> None:
        self._snapshot = snapshot
        self._copies = copies
        self._bookings: dict[str, dict[object, list[str]]] = {}

    def of(self, images: Sequence[Any]) -> Sequence[str]:
        """Return the ids of what stands for the same as images of one thing: those of equals first."""
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
        """Return the ids of the bookings of a customer, by all that they hold but their id."""
        found = self._bookings.get(customer_id)
        if found is None:
            found = self._bookings[customer_id] = {}
            for row in self._snapshot.appointments.where("customer_id", customer_id):
                found.setdefault(_bare(row), []).append(row.id)
        return found

    def _alike(self, planned: Entity) -> Sequence[Entity]:
        """Return the entities that stand for the same as a planned one, however else they differ."""
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
    """Return what an entity holds, but for its id and what the store owns in it."""
    return (type(entity), values_but_id(entity))


def renamed_steps(steps: Sequence[Step], store_ids: OwnIds) -> tuple[Step, ...]:
    """Return the steps with the store's own ids in the place of the planned ones."""
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


@attrs.frozen(repr=False)
class Chain:
    """The images of one entity through a change set: before the first edit, …, after the last.

    Attributes:
        images: The entity at each stage; nothing where it does not exist.
        found: What the present data hold.
        position: The image that was found; nothing if it is none of them: the entity has drifted.
        was_undone: Whether a receipt says that a later image was written than the one that was found: then
            somebody has put an earlier one back, which is drift too.
    """

    images: tuple[Entity | None, ...]
    found: Entity | None
    position: int | None
    was_undone: bool = False

    @property
    def start(self) -> Entity | None:
        """The first image; the very entity that was found if it still stands there, or has drifted."""
        return self.found if not self.position else self.images[0]


def located_chains(
    snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt] = ()
) -> tuple[tuple[Step, ...], dict[Key, Chain]]:
    """Return the steps of a set with the store's own ids, and the chain of each entity that they touch.

    Args:
        snapshot: The present data.
        change_set: The set, all steps of which are looked at.
        receipts: What the store said when it applied steps before; those of other plans do not count.
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
    """Return, for each entity, the last of its images that was written by steps for which there is a receipt."""
    reached: dict[Key, int] = {}
    found: dict[Key, int] = {}
    for step in steps:
        for edit in step.edits:
            reached[edit.key] = reached.get(edit.key, 0) + 1
            if step.ordinal in written:
                found[edit.key] = reached[edit.key]
    return found


def _received(chain: Chain, written: int, *, finished: bool) -> Chain:
    """Return a chain with what receipts add to what is found: up to which image it was written for certain.

    An earlier image than that was put back by somebody. Something else than any image is a later change, and
    none of the set's business, but only if every step was written: while anything is left, guards have to see
    what is there.
    """
    last = len(chain.images) - 1
    if chain.position is None:
        return attrs.evolve(chain, position=last) if finished and written == last else chain
    return attrs.evolve(chain, position=None, was_undone=True) if chain.position < written else chain


def find_chains(snapshot: Snapshot, steps: Sequence[Step]) -> dict[Key, Chain]:
    """Return the chain of each entity that steps touch, by kind and id, with its place in the present data."""
    images: dict[Key, list[Entity | None]] = {}
    for step in steps:
        for edit in step.edits:
            images.setdefault(edit.key, [edit.before]).append(edit.after)
    chains = {key: _located(snapshot, key, tuple(stages)) for key, stages in images.items()}
    return chains | dict(_taken_away(steps, chains))


def _taken_away(steps: Sequence[Step], chains: Mapping[Key, Chain]) -> Iterator[tuple[Key, Chain]]:
    """Yield, as drifted, what is gone though its turn to be removed has not come: somebody else removed it.

    Edits are written in their order, so a removal is the set's own only if all edits before it are done. Held
    for done, access that was withdrawn meanwhile would still let its profile merge.
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

    Neither comes from a planner: it is how a set that was written or altered by hand is told.
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
