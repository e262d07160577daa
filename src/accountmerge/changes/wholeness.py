"""A check that the data are complete enough to evaluate guards and to judge absent entities.

A snapshot declares for which practitioners and customers it is complete, and whether it has every address. It has no
answer to a question about others, and a missing answer is not a yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from accountmerge.changes.change_sets import ADDRESSES_LEFT, ChangeSet
from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.excerpts import Load, Watch, Watched
from accountmerge.changes.failures import Failure
from accountmerge.changes.guards import Guard, GuardKind
from accountmerge.changes.revisions import Revisions
from accountmerge.changes.steps import Step
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KIND_OF_NAME, KINDS, Entity, EntityName, kind_of
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Everything, Snapshot
from accountmerge.model.successions import customers_of

ANSWERED_BY: dict[GuardKind, tuple[str, ...]] = {
    "unchanged": ("id",),
    "slot_free": ("profile_id", "customer_id"),
    "address_unclaimed": ("address",),
    "no_other_reference": ("customer_id",),
    "no_like_record": ("customer_id", "related_customer_id"),
    "no_other_future_booking": ("profile_id",),
    "no_other_record": ("profile_id",),
    "only_active_schedule": ("profile_id",),
    "access_holds": ("profile_id", "customer_id"),
    "not_after": (),
    "unnumbered": ("id",),
}
"""For each kind of guard, its facts; the data must be complete for the subject of at least one.

A `profile_id` needs the data of the profile's practitioner, a customer its own data, an `address` all addresses, an
`id` the entity itself. `slot_free` has one of its two facts; its customer is a person, so the data of every merged
customer are needed. A row of access and a relation refer to both of theirs, so the data of either contain them.
`not_after` needs only the clock.
"""

IN_THE_DATA: dict[GuardKind, tuple[str, ...]] = {"access_holds": ("profile_id",)}
"""The facts for a profile of which a guard reads a value, such as whether its login is enabled."""

_REFERRED = frozenset(name for kind in KINDS for _, name in kind.references)
"""The kinds of entity to which others refer."""


class Knowledge(Protocol):
    """The questions of a change set that some data cannot answer."""

    def is_unknown(self, key: Key) -> bool:
        """Return whether an entity was absent and may or may not exist."""
        ...

    def judge_edit(self, edit: Edit, step: int, *, is_first: bool, is_pending: bool) -> None:
        """Record the data missing to judge an edit and to apply it."""

    def answers(self, guard: Guard, step: int) -> bool:
        """Return whether a guard can be evaluated, as far as that is known before; record the missing data."""
        ...

    def has_answered(self, step: int) -> bool:
        """Return whether the data could answer the guard that was evaluated last; record the missing data."""
        ...

    def knows_absent(self, name: EntityName, id: str, step: int) -> bool:
        """Return whether an absent entity does not exist; if that is unknown, record it."""
        ...

    def failures(self) -> Iterator[Failure]:
        """Yield a failure for each item to load, at the first step that needs it."""
        ...


def knowledge_of(
    snapshot: Snapshot, change_set: ChangeSet, steps: Sequence[Step], revisions: Mapping[Key, Revisions]
) -> Knowledge:
    """Return a collector of the questions that a snapshot, or watched data, cannot answer."""
    if isinstance(snapshot, Watched):
        return _ExcerptKnowledge(snapshot.watch, steps, revisions)
    return _Wholeness(snapshot, change_set, steps, revisions)


class _ExcerptKnowledge:
    """The questions that an excerpt cannot answer, as its watch records them."""

    def __init__(self, watch: Watch, steps: Sequence[Step], revisions: Mapping[Key, Revisions]) -> None:
        self._watch = watch
        self._revisions = revisions
        self._first_step = steps[0].ordinal if steps else None
        self._lacking: dict[Load, int | None] = {}
        self._unknown: set[Key] = set()
        self._early = watch.take_latest()  # look-ups of no step, such as those that recognise entities

    def is_unknown(self, key: Key) -> bool:
        return key in self._unknown

    def judge_edit(self, edit: Edit, step: int, *, is_first: bool, is_pending: bool) -> None:
        del is_pending  # the references to a removed entity are looked up when it is removed
        if is_first and self._revisions[edit.key].found is None:
            self.knows_absent(*edit.key, step)

    def answers(self, guard: Guard, step: int) -> bool:
        del guard, step
        self._early += self._watch.take_latest()
        return True

    def has_answered(self, step: int) -> bool:
        lacking = self._watch.take_latest()
        for load in lacking:
            self._lacking.setdefault(load, step)
        return not lacking

    def knows_absent(self, name: EntityName, id: str, step: int) -> bool:
        if self._watch.knows((name, id)):
            return True
        self._unknown.add((name, id))
        self._lacking.setdefault((name, id), step)
        return False

    def failures(self) -> Iterator[Failure]:
        for load in (*self._early, *self._watch.take_latest()):
            self._lacking.setdefault(load, self._first_step)
        for (kind, id), step in self._lacking.items():
            yield Failure.of("guard_unanswerable", step, kind=kind, id=id)


class _Wholeness:
    """A collector of the questions of a change set that a snapshot cannot answer, as failures.

    The steps and revisions have the ids of the store. A tolerated finding may leave addresses to the store.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        change_set: ChangeSet,
        steps: Sequence[Step],
        all_revisions: Mapping[Key, Revisions],
    ) -> None:
        complete = snapshot.complete_for
        self._snapshot = snapshot
        self._all_revisions = all_revisions
        self._practitioners = _members(complete.practitioners)
        self._customers = _members(complete.customers)
        self._addresses = complete.addresses or _leaves_addresses(change_set)
        self._is_everything = self._practitioners is self._customers is None and self._addresses
        self._owners = {} if self._is_everything else _owners_in(steps)
        self._unknown: set[Key] = set()
        self._lacking: dict[tuple[Load, ...], int] = {}

    def is_unknown(self, key: Key) -> bool:
        """Return whether an entity was absent and may or may not exist."""
        return key in self._unknown

    def judge_edit(self, edit: Edit, step: int, *, is_first: bool, is_pending: bool) -> None:
        """Record the data missing to judge an edit and to apply it."""
        if self._is_everything:
            return
        if is_first and self._all_revisions[edit.key].found is None:
            self._judge_absent(edit.key, step)
        if is_pending and edit.after is None and edit.before is not None and edit.entity in _REFERRED:
            self._is_answered(
                self._lacking_referrers(edit.before), step
            )  # an entity may refer to the removed one

    def _judge_absent(self, key: Key, step: int) -> None:
        """Record an absent entity, unless the data are complete for an owner of every image.

        Every image counts, because a change set may give an entity to another customer.
        """
        for image in self._all_revisions[key].images:
            if image is not None and not self._is_answered(self._lacking_of(image), step):
                self._unknown.add(key)

    def answers(self, guard: Guard, step: int) -> bool:
        """Return whether a guard can be evaluated; if not, record the missing data."""
        if self._is_everything:
            return True
        if guard.kind == "slot_free" and "customer_id" in guard.facts:
            ids = customers_of(self._snapshot.customers, str(guard.facts["customer_id"]))
            lacking = [loads for loads in map(self._lacking_customer, ids) if loads]
            for loads in lacking:
                self._is_answered(loads, step)
            return not lacking
        return self._is_answered(self._lacking_for(guard), step)

    def has_answered(self, step: int) -> bool:
        """Return true, because `answers` has judged the guard already."""
        del step
        return True

    def knows_absent(self, name: EntityName, id: str, step: int) -> bool:
        """Return whether an absent entity does not exist; if that is unknown, record it."""
        return self._is_everything or self._is_answered(self._lacking_entity((name, id)), step)

    def failures(self) -> Iterator[Failure]:
        """Yield a failure for each item to load, at the first step that needs it.

        If one of several items is enough, an item that is needed anyway is chosen.
        """
        needed = {loads[0] for loads in self._lacking if len(loads) == 1}
        told: set[Load] = set()
        for loads, step in self._lacking.items():
            load = next((load for load in loads if load in needed), loads[0])
            needed.add(load)
            if load not in told:
                told.add(load)
                yield Failure.of("guard_unanswerable", step, kind=load[0], id=load[1])

    def _is_answered(self, lacking: tuple[Load, ...], step: int) -> bool:
        if lacking:
            self._lacking.setdefault(lacking, step)
        return not lacking

    def _lacking_for(self, guard: Guard) -> tuple[Load, ...]:
        """Return items of which one is enough to evaluate a guard; empty if none is missing."""
        for fact in IN_THE_DATA.get(guard.kind, ()):
            id = str(guard.facts[fact])
            if self._practitioners is not None and self._owner(id) is None:
                return (("profile", id),)
        facts = (fact for fact in ANSWERED_BY[guard.kind] if fact in guard.facts)
        return _one_of(self._lacking_fact(guard, fact) for fact in facts)

    def _lacking_fact(self, guard: Guard, fact: str) -> tuple[Load, ...]:
        if fact == "address":
            return () if self._addresses else (("addresses", "*"),)
        if fact == "id":
            return self._lacking_entity(guard.named[fact])
        return self._lacking_party(*guard.named[fact])

    def _lacking_of(self, entity: Entity) -> tuple[Load, ...]:
        """Return the owners, one of whose data would contain an entity and all references to it."""
        if isinstance(entity, Profile):
            return self._lacking_practitioner(entity.practitioner_id)
        if isinstance(entity, Customer):
            return self._lacking_customer(entity.id)
        named = ((name, getattr(entity, field)) for field, name in kind_of(entity).references)
        return _one_of(
            self._lacking_party(name, id)
            for name, id in named
            if id is not None and name in ("profile", "customer")
        )

    def _lacking_referrers(self, entity: Entity) -> tuple[Load, ...]:
        """Return the owners, one of whose data would contain all references to an entity."""
        if not isinstance(entity, Record):
            return self._lacking_of(entity)
        ends = (entity.customer_id, entity.related_customer_id)
        return _one_of(self._lacking_customer(id) for id in ends if id is not None)

    def _lacking_entity(self, key: Key) -> tuple[Load, ...]:
        """Return the items to load for an entity; empty if it is present or cannot exist."""
        name, id = key
        if key in self._all_revisions:
            return (key,) if key in self._unknown else ()
        if id in self._snapshot.table(KIND_OF_NAME[name].collection) or self._holds_all(name):
            return ()
        return self._lacking_customer(id) if name == "customer" else (key,)

    def _holds_all(self, name: EntityName) -> bool:
        """Return whether the data contain every entity of a kind."""
        by_practitioner = name not in ("customer", "record")
        by_customer = name != "profile"
        return (by_practitioner and self._practitioners is None) or (by_customer and self._customers is None)

    def _lacking_party(self, name: EntityName, id: str) -> tuple[Load, ...]:
        return self._lacking_profile(id) if name == "profile" else self._lacking_customer(id)

    def _lacking_practitioner(self, id: str) -> tuple[Load, ...]:
        known = self._practitioners
        return () if known is None or id in known else (("practitioner", id),)

    def _lacking_customer(self, id: str) -> tuple[Load, ...]:
        known = self._customers
        return () if known is None or id in known else (("customer", id),)

    def _lacking_profile(self, id: str) -> tuple[Load, ...]:
        """Return the item to load for the practitioner of a profile, or the profile if it is unknown."""
        if self._practitioners is None:
            return ()
        owner = self._owner(id)
        return (("profile", id),) if owner is None else self._lacking_practitioner(owner)

    def _owner(self, profile_id: str) -> str | None:
        profile = self._snapshot.profiles.get(profile_id)
        return profile.practitioner_id if profile is not None else self._owners.get(profile_id)


def absent_failures(
    snapshot: Snapshot, change_set: ChangeSet, steps: Sequence[Step], all_revisions: Mapping[Key, Revisions]
) -> tuple[Failure, ...]:
    """Return the failures for data missing to judge absent entities, guards aside."""
    knowledge = knowledge_of(snapshot, change_set, steps, all_revisions)
    for step in steps[: len(change_set.wanted_steps)]:
        for edit in step.edits:
            knowledge.judge_edit(edit, step.ordinal, is_first=True, is_pending=False)
    return tuple(knowledge.failures())


def _members(ids: Everything | tuple[str, ...]) -> frozenset[str] | None:
    """Return ids as a set; None for all."""
    return None if ids == "*" else frozenset(ids)


def _leaves_addresses(change_set: ChangeSet) -> bool:
    return any(finding.split(":")[0] == ADDRESSES_LEFT for finding in change_set.tolerated)


def _owners_in(steps: Iterable[Step]) -> dict[str, str]:
    """Return the practitioners of the profiles in steps, by the ids of the profiles."""
    images = (image for step in steps for edit in step.edits for image in (edit.before, edit.after))
    return {image.id: image.practitioner_id for image in images if isinstance(image, Profile)}


def _one_of(lacking: Iterable[tuple[Load, ...]]) -> tuple[Load, ...]:
    """Return all missing items if every alternative lacks some; empty if one lacks none or there is none."""
    kept: list[Load] = []
    for loads in lacking:
        if not loads:
            return ()
        kept += loads
    return tuple(dict.fromkeys(kept))
