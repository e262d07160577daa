"""Chains of images: what a change set makes of each entity, and how far the present data are along it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.edits import image_values, is_same_image
from accountmerge.changes.failures import Failure
from accountmerge.changes.own_ids import find_own_ids, renamed_steps
from accountmerge.changes.receipts import WRITTEN
from accountmerge.model.entities import Entity, kind_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Key
    from accountmerge.changes.receipts import Receipt
    from accountmerge.changes.steps import Step
    from accountmerge.model.snapshots import Snapshot


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
    steps = renamed_steps(change_set.steps, find_own_ids(snapshot, change_set, receipts))
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
