"""Change sets prepared once, so that checking one step takes the same time at every place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from accountmerge.changes.applying import confirmation_failures
from accountmerge.changes.change_sets import ChangeSet, members_by_cluster
from accountmerge.changes.edits import Key
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.receipts import WRITTEN, Receipt
from accountmerge.changes.revisions import image_failures
from accountmerge.changes.steps import Step
from accountmerge.changes.store_ids import (
    CreatedEntities,
    StoreIds,
    apart,
    meaning,
    recognised,
    renamed,
    renamed_step,
    told_ids,
)
from accountmerge.errors import InvalidValueError
from accountmerge.model.entities import Entity, references
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.value_rules import argument, whole_number, wrong_type
from accountmerge.model.values import Displayed


class _Verified(Displayed):
    """A slot for the function that has verified a change set, beside the fields of the prepared one."""

    __slots__ = ("_verify",)
    _verify: Callable[[ChangeSet], Compiled]


@attrs.frozen(eq=False, repr=False)
class Compiled(_Verified):
    """A change set prepared for checks of single steps, from `accountmerge.changes.compiled`.

    A changed copy, such as one from `attrs.evolve`, is refused by `check_step` and `Applier`, because its content was
    not verified. A pickled one is verified and prepared again when it is read.

    Attributes:
        change_set: The change set.
        images: The images of each entity, from before its first edit to after its last.
        stages: For each step, the number of earlier edits of each entity that it edits.
        editing_steps: The ordinals of the steps that edit each entity, one for each edit.
        created: The entities that the steps create.
        rivals: Created entities that could be taken for each other, by their meaning.
        clusters: The bookings of each cluster, with their replacements.
        unconfirmed: The failures of a change set that needs a confirmation and has none that fits.
    """

    change_set: ChangeSet
    images: Mapping[Key, tuple[Entity | None, ...]]
    stages: tuple[Mapping[Key, int], ...]
    editing_steps: Mapping[Key, Sequence[int]]
    created: CreatedEntities
    rivals: Mapping[object, Collection[Key]]
    clusters: Mapping[str, Collection[str]]
    unconfirmed: tuple[Failure, ...]

    @property
    def count(self) -> int:
        """The number of steps to apply."""
        return len(self.change_set.wanted_steps)

    def step(self, n: int) -> Step:
        """Return the step with an ordinal.

        Raises:
            InvalidValueError: The change set has no such step to apply, or `n` is no whole number.
        """
        if not 1 <= argument("n", whole_number, n) <= self.count:
            raise InvalidValueError("no_such_step", field="n", step=n, steps=self.count)
        return self.change_set.steps[n - 1]

    def __repr__(self) -> str:
        return f"Compiled({self.change_set!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        verify = getattr(self, "_verify", None)
        if verify is None:
            return (Compiled, tuple(getattr(self, field.name) for field in attrs.fields(Compiled)))
        return (verify, (self.change_set,))


def verified_by(verify: Callable[[ChangeSet], Compiled], prepared: Compiled) -> Compiled:
    """Return a prepared change set after marking it as verified by a function."""
    object.__setattr__(prepared, "_verify", verify)  # the value is frozen, and the mark is no part of it
    return prepared


def verified(compiled: object) -> Compiled:
    """Return a prepared change set; refuse other values and copies that were not verified.

    Raises:
        InvalidValueError: `compiled` is of another class, or a changed copy.
    """
    if type(compiled) is not Compiled:
        raise wrong_type("compiled")
    if not hasattr(compiled, "_verify"):
        raise InvalidValueError("not_verified")
    return compiled


def compiled_steps(change_set: ChangeSet) -> Compiled:
    """Return a change set prepared for checks of single steps.

    Works as `accountmerge.changes.compiled`, but without a comparison of the plan id with the content.

    Raises:
        ApplyRefused: The plan is blocked, or its images do not join.
    """
    failures = [Failure.of("blocked", codes=change_set.blocked)] if change_set.blocked else []
    failures += image_failures(change_set.steps)
    if failures:
        raise ApplyRefused(failures)
    images: dict[Key, list[Entity | None]] = {}
    stages: list[dict[Key, int]] = []
    editing_steps: dict[Key, list[int]] = {}
    for step in change_set.steps:
        stages.append({edit.key: len(images.get(edit.key, (None,))) - 1 for edit in step.edits})
        for edit in step.edits:
            images.setdefault(edit.key, [edit.before]).append(edit.after)
            editing_steps.setdefault(edit.key, []).append(step.ordinal)
    created = CreatedEntities(change_set.steps)
    return Compiled(
        change_set=change_set,
        images={key: tuple(found) for key, found in images.items()},
        stages=tuple(stages),
        editing_steps={key: tuple(found) for key, found in editing_steps.items()},
        created=created,
        rivals=created.rivals(),
        clusters=members_by_cluster(change_set.clusters, change_set.steps),
        unconfirmed=tuple(confirmation_failures(change_set)),
    )


RenamedStep = tuple[Step, Mapping[Key, tuple[Entity | None, ...]]]
"""A step and the images of the entities that it edits, by their planned ids; both with the store's own ids."""


class Progress:
    """The store's own ids and the written steps of a change set, as its receipts report them.

    Receipts are added as steps are written, so that no step reads those of all earlier ones again.
    """

    def __init__(self, compiled: Compiled, receipts: Iterable[Receipt] = ()) -> None:
        self.compiled = compiled
        self.told: dict[Key, str] = {}
        self.given: Counter[Key] = Counter()
        self.written: set[int] = set()
        self._tellers: dict[Key, dict[str, str]] = {}
        self._named_keys: tuple[int, set[Key], set[Key]] | None = None
        self._renamed: tuple[int, StoreIds, RenamedStep] | None = None
        self.add(receipts)

    def add(self, receipts: Iterable[Receipt]) -> None:
        """Add receipts; those of other change sets do not count."""
        change_set = self.compiled.change_set
        self._named_keys = None
        for receipt in receipts:
            for key, own in told_ids(change_set, [receipt]).items():
                self._tellers.setdefault(key, {})[receipt.step_id] = own
                self._tell(key, own)
            if receipt.plan_id == change_set.plan_id and receipt.outcome in WRITTEN:
                self.written.add(receipt.ordinal)

    def remove(self, receipts: Iterable[Receipt]) -> None:
        """Remove receipts that were added and then discarded by the store; ids from other receipts stay."""
        self._named_keys = None
        for receipt in receipts:
            self.written.discard(receipt.ordinal)
            for entry in receipt.written:
                key: Key = (entry.entity, entry.id)
                tellers = self._tellers.get(key, {})
                if tellers.pop(receipt.step_id, None) is not None:
                    self._tell(key, list(tellers.values())[-1] if tellers else None)

    def _tell(self, key: Key, own: str | None) -> None:
        """Replace the store's own id of an entity; None removes it."""
        before = self.told.pop(key, None)
        if before is not None:
            self.given[key[0], before] -= 1
            if not self.given[key[0], before]:
                del self.given[key[0], before]
        if own is not None:
            self.told[key] = own
            self.given[key[0], own] += 1

    def store_ids(self, data: Snapshot, n: int) -> StoreIds:
        """Return the store's own ids of the entities that a step names, from receipts or by recognition."""
        created = self.compiled.created
        named, keys = self._keys_of(n)
        told = {key: self.told[key] for key in keys if key in self.told}
        taken = {key for key in keys if key in self.given and key in created.edited}
        return apart(taken, recognised(data, created, told, self.given, named))

    def renamed(self, n: int, store_ids: StoreIds) -> RenamedStep:
        """Return a step and the images of its entities with the store's own ids.

        A step is checked on the expected rows and on the present ones, mostly with the same ids.
        """
        latest = self._renamed
        if latest is not None and latest[0] == n and latest[1] == store_ids:
            return latest[2]
        planned, images = self.compiled.step(n), self.compiled.images
        found = (
            renamed_step(planned, store_ids),
            {
                key: tuple(renamed(image, store_ids) for image in images[key]) if store_ids else images[key]
                for key in self.compiled.stages[n - 1]
            },
        )
        self._renamed = (n, store_ids, found)
        return found

    def _keys_of(self, n: int) -> tuple[set[Key], set[Key]]:
        """Return the created entities that a step names, and all entities whose ids it needs."""
        latest = self._named_keys
        if latest is None or latest[0] != n:
            step, named = self.compiled.step(n), self._named(n)
            keys = {*named, *mentions(step), *self._named_later(step), *self._members(step)}
            latest = self._named_keys = (n, named, keys)
        return latest[1], latest[2]

    def _named(self, n: int) -> set[Key]:
        """Return the created entities that a step names, and those that they name.

        Entities that could be taken for one of them, and members of clusters, count only if no receipt reports the step
        that creates them, because a step would otherwise look up all of an earlier one. Entities that later steps make
        count if an edited row refers to them then, because the present row may be that one.
        """
        created, step = self.compiled.created, self.compiled.step(n)
        found: set[Key] = set()
        later = {key for key in self._named_later(step) if key in created.since}
        waiting = [*later, *mentions(step), *self._unreported(self._members(step))]
        while waiting:
            key = waiting.pop()
            if key in found or (key not in later and created.since.get(key, n + 1) > n):
                continue
            found.add(key)
            images = created.images[key]
            waiting += named_by(images)
            waiting += self._unreported(self.compiled.rivals[meaning(images[0])])
        return found

    def _named_later(self, step: Step) -> Iterator[Key]:
        """Yield the entities to which the edited rows of a step refer at any time."""
        return named_by(image for edit in step.edits for image in self.compiled.images[edit.key])

    def _unreported(self, keys: Iterable[Key]) -> Iterator[Key]:
        return (key for key in keys if self.compiled.created.steps.get(key) not in self.written)

    def _members(self, step: Step) -> Iterator[Key]:
        names = {id for guard in step.guards for id in guard.except_ids if id in self.compiled.clusters}
        return (("appointment", id) for name in names for id in self.compiled.clusters[name])


def mentions(step: Step) -> Iterator[Key]:
    """Yield the entities that the edits and guards of a step name, excepted ones too."""
    yield from named_in(step)
    for guard in step.guards:
        if guard.subject is not None:
            yield from ((guard.subject, id) for id in guard.except_ids)


def named_in(step: Step) -> Iterator[Key]:
    """Yield the entities that a step edits, and those to which it refers."""
    for edit in step.edits:
        yield edit.key
        yield from named_by((edit.before, edit.after))
    for guard in step.guards:
        yield from guard.named.values()


def named_by(images: Iterable[Entity | None]) -> Iterator[Key]:
    """Yield the entities to which images refer."""
    for image in images:
        if image is not None:
            yield from ((name, target) for _, name, target in references(image))
