"""Chains of images: what a change set makes of each entity, and how far the present data are along it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.edits import Edit, image_values, is_same_image
from accountmerge.changes.failures import Failure
from accountmerge.changes.receipts import WRITTEN
from accountmerge.messages import Facts
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import Entity, kind_of
from accountmerge.model.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.guards import Guard
    from accountmerge.changes.receipts import Receipt
    from accountmerge.changes.steps import Step
    from accountmerge.messages import Fact
    from accountmerge.model.entities import EntityName
    from accountmerge.model.snapshots import Snapshot

Key = tuple["EntityName", str]


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
    steps = renamed_steps(change_set.steps, _own_ids(snapshot, change_set, receipts))
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


def _own_ids(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt]) -> dict[str, str]:
    """Return the planned ids and the store's: those that it told, and those that what they stand for tells.

    What undoes a plan goes by the receipts of that plan as well.
    """
    plans = {change_set.plan_id}
    if change_set.intent == "undo":
        plans.add(change_set.request.value.get("plan_id"))
    told = {
        entry.id: entry.store_id
        for receipt in receipts
        if receipt.plan_id in plans
        for entry in receipt.written
        if entry.store_id is not None and entry.store_id != entry.id
    }
    return recognised(snapshot, change_set.steps) | told


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
        stages[edit.key] += 1
        chain = chains[edit.key]
        if edit.after is None and chain.found is None and not in_turn:
            yield edit.key, attrs.evolve(chain, position=None)
        in_turn = in_turn and chain.position is not None and chain.position >= stages[edit.key]


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
    reached: dict[Key, object] = {}
    seen: dict[Key, set[object]] = {}
    for step in steps:
        for edit in step.edits:
            before, after = image_values(edit.before), image_values(edit.after)
            images = seen.setdefault(edit.key, {before})
            if reached.get(edit.key, before) != before:
                yield Failure.of("image_gap", step.ordinal, entity=edit.entity, id=edit.id)
            if after in images:
                yield Failure.of("image_recurs", step.ordinal, entity=edit.entity, id=edit.id)
            images.add(after)
            reached[edit.key] = after


def recognised(snapshot: Snapshot, steps: Sequence[Step]) -> dict[str, str]:
    """Return, for what a store created under an id of its own, the planned id and the store's.

    A new entity that is not there by its id is recognised by what it stands for: a booking by what it
    replaces, or else by being equal in all but its id, a profile by its practitioner and mailbox, access by its two ends, a request for it by those
    and its two instants. So is one that is to be taken back. Nothing that the set itself touches stands for
    something else, and nothing stands for two.
    """
    own_ids: dict[str, str] = {}
    taken = {edit.id for step in steps for edit in step.edits}
    for planned in sorted(_made(steps), key=lambda row: not isinstance(row, Profile)):  # others name profiles
        other = _stand_in(snapshot, planned, own_ids, taken)
        if other is not None:
            own_ids[planned.id] = other
            taken.add(other)
    return own_ids


def _made(steps: Iterable[Step]) -> Iterator[Entity]:
    """Yield the entities that steps make, or take back."""
    for step in steps:
        for edit in step.edits:
            if edit.before is None and edit.after is not None:
                yield edit.after
            elif step.kind == "undo_step" and edit.after is None and edit.before is not None:
                yield edit.before


def _stand_in(
    snapshot: Snapshot, planned: Entity, own_ids: Mapping[str, str], taken: Container[str]
) -> str | None:
    if planned.id in snapshot.table(kind_of(planned).collection):
        return None
    profile_id = own_ids.get(getattr(planned, "profile_id", ""), getattr(planned, "profile_id", ""))
    found = _alike(snapshot, planned, profile_id)
    return min((row.id for row in found if row.id not in taken), default=None)


def _alike(snapshot: Snapshot, planned: Entity, profile_id: str) -> Iterable[Entity]:
    """Return the entities that stand for the same as a planned one."""
    if isinstance(planned, Appointment) and planned.replaces is not None:
        booked = snapshot.appointments.where("replaces", planned.replaces)
        return [row for row in booked if row.profile_id == profile_id]
    if isinstance(planned, Appointment):
        wanted = image_values(attrs.evolve(planned, profile_id=profile_id))
        booked = snapshot.appointments.where("customer_id", planned.customer_id)
        return [row for row in booked if image_values(attrs.evolve(row, id=planned.id)) == wanted]
    if isinstance(planned, Profile):
        named = snapshot.profiles.where("mailbox", planned.mailbox)
        return [row for row in named if row.practitioner_id == planned.practitioner_id]
    if isinstance(planned, Access):
        granted = snapshot.access.where("customer_id", planned.customer_id)
        return [row for row in granted if row.profile_id == profile_id]
    if isinstance(planned, AccessRequest):
        asked = snapshot.access_requests.where("customer_id", planned.customer_id)
        wanted = (profile_id, planned.requested_at, planned.expires_at)
        return [row for row in asked if (row.profile_id, row.requested_at, row.expires_at) == wanted]
    return ()


def renamed_steps(steps: Sequence[Step], own_ids: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the steps with the store's own ids in the place of the planned ones."""
    if not own_ids:
        return tuple(steps)
    return tuple(
        attrs.evolve(
            step,
            guards=tuple(_renamed_guard(guard, own_ids) for guard in step.guards),
            edits=tuple(
                Edit(_renamed(edit.before, own_ids), _renamed(edit.after, own_ids)) for edit in step.edits
            ),
        )
        for step in steps
    )


def _renamed(entity: Entity | None, own_ids: Mapping[str, str]) -> Entity | None:
    if entity is None:
        return None
    fields: Iterable[str] = ("id", *(field for field, _ in kind_of(entity).references))
    changes: Any = {
        field: own_ids[getattr(entity, field)] for field in fields if getattr(entity, field) in own_ids
    }
    return attrs.evolve(entity, **changes) if changes else entity


def _renamed_guard(guard: Guard, own_ids: Mapping[str, str]) -> Guard:
    facts: dict[str, Fact] = {
        name: own_ids.get(fact, fact) if isinstance(fact, str) else fact for name, fact in guard.facts.items()
    }
    ids = tuple(own_ids.get(id, id) for id in guard.except_ids)
    return attrs.evolve(guard, facts=Facts.of(facts), except_ids=ids)
