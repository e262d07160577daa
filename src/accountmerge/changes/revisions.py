"""The images of each entity in a change set, and the position of the present data on them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Key, differing_fields, image_values, is_same_image
from accountmerge.changes.failures import Failure
from accountmerge.changes.losses import losses_between
from accountmerge.changes.receipts import WRITTEN, Receipt
from accountmerge.changes.steps import Step
from accountmerge.changes.store_ids import find_store_ids, renamed_steps
from accountmerge.messages import Fact
from accountmerge.model.entities import Entity, kind_of
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.values import Value, value_class


@value_class(eq=False, repr=False)
class Revisions(Value):
    """The images of one entity in a change set, from before the first edit to after the last.

    Attributes:
        images: The entity at each stage; None where it does not exist.
        found: The entity in the present data, or None.
        position: The index of the image that equals it; None if there is no such image and the entity has drifted.
        was_undone: Whether a receipt reports a later image than the one found, so that another program has restored
            an earlier one, which is drift too.
        written: The index of the last image that a receipt reports as written; 0 without one.
    """

    images: tuple[Entity | None, ...]
    found: Entity | None
    position: int | None
    was_undone: bool = False
    written: int = 0

    @property
    def start(self) -> Entity | None:
        """The entity found if it is at the first image or has drifted; else the first image."""
        return self.found if not self.position else self.images[0]


def located_revisions(
    snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt] = ()
) -> tuple[tuple[Step, ...], dict[Key, Revisions]]:
    """Return the steps with the store's ids, and the revisions of each entity that they edit.

    All steps count, also those after a prefix; receipts of other plans do not.
    """
    receipts = tuple(receipts)
    steps = renamed_steps(change_set.steps, find_store_ids(snapshot, change_set, receipts))
    all_revisions = find_revisions(snapshot, steps)
    written = {
        receipt.ordinal
        for receipt in receipts
        if receipt.plan_id == change_set.plan_id and receipt.outcome in WRITTEN
    }
    stages = _written_stages(steps, written) if written else {}
    finished = all(step.ordinal in written for step in change_set.wanted_steps)
    return steps, {
        key: _received(revisions, stages.get(key, 0), finished=finished)
        for key, revisions in all_revisions.items()
    }


def _written_stages(steps: Iterable[Step], written: Container[int]) -> dict[Key, int]:
    """Return the last image of each entity that has a receipt, as its index."""
    reached: dict[Key, int] = {}
    written_stages: dict[Key, int] = {}
    for step in steps:
        for edit in step.edits:
            reached[edit.key] = reached.get(edit.key, 0) + 1
            if step.ordinal in written:
                written_stages[edit.key] = reached[edit.key]
    return written_stages


def _received(revisions: Revisions, written: int, *, finished: bool) -> Revisions:
    """Return revisions corrected by receipts, given the last image that was certainly written.

    An earlier image was restored by another program. A value that equals no image is a later change, which the change
    set ignores, but only if every step was written: before that, guards have to see the present value.
    """
    last = len(revisions.images) - 1
    if revisions.position is None:
        position = last if finished and written == last else None
        return attrs.evolve(revisions, position=position, written=written)
    return (
        attrs.evolve(revisions, position=None, was_undone=True) if revisions.position < written else revisions
    )


def drift_failure(revisions: Revisions, key: Key, step: int) -> Failure:
    """Return the failure of an entity that another program changed, removed or restored."""
    present = revisions.found
    if revisions.was_undone:
        return Failure.of("write_undone", step, entity=key[0], id=key[1])
    if present is None:
        return Failure.of("gone", step, entity=key[0], id=key[1])
    written = revisions.images[revisions.written]
    losses = losses_between(written, present) if revisions.written and written is not None else None
    if losses is not None:
        facts: dict[str, Fact] = {"fields": tuple(losses), "losses": tuple(sorted(set(losses.values())))}
        return Failure.of("not_read_back", step, entity=key[0], id=key[1], **facts)
    nearest = min(
        (differing_fields(image, present) for image in revisions.images if image is not None), key=len
    )
    fields = tuple(name for name in nearest if name not in kind_of(present).store_given)
    return Failure.of("drifted", step, entity=key[0], id=key[1], fields=fields)


def find_revisions(snapshot: Snapshot, steps: Sequence[Step]) -> dict[Key, Revisions]:
    """Return the revisions of each entity that steps edit, by kind and id, located in the present data."""
    images: dict[Key, list[Entity | None]] = {}
    for step in steps:
        for edit in step.edits:
            images.setdefault(edit.key, [edit.before]).append(edit.after)
    all_revisions = {key: _located(snapshot, key, tuple(stages)) for key, stages in images.items()}
    return all_revisions | dict(_taken_away(steps, all_revisions))


def _taken_away(
    steps: Sequence[Step], all_revisions: Mapping[Key, Revisions]
) -> Iterator[tuple[Key, Revisions]]:
    """Yield, as drifted, the revisions of entities that another program removed before the change set did.

    Edits are written in order, so a removal belongs to the change set only if all edits before it are done. If it
    counted as done, access withdrawn by another program would still let its profile merge.
    """
    stages = dict.fromkeys(all_revisions, 0)
    in_turn = True
    for edit in (edit for step in steps for edit in step.edits):
        key = edit.key
        stages[key] += 1
        revisions = all_revisions[key]
        if edit.after is None and revisions.found is None and not in_turn:
            yield key, attrs.evolve(revisions, position=None)
        in_turn = in_turn and revisions.position is not None and revisions.position >= stages[key]


def _located(snapshot: Snapshot, key: Key, images: tuple[Entity | None, ...]) -> Revisions:
    image = images[0] if images[0] is not None else images[1]
    assert image is not None  # noqa: S101 - an edit has at least one image
    present: Entity | None = snapshot.table(kind_of(image).collection).get(key[1])
    matching = (position for position, image in enumerate(images) if is_same_image(present, image))
    return Revisions(images, present, next(matching, None))


def image_failures(steps: Sequence[Step]) -> Iterator[Failure]:
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
