"""Wholeness: what the data have to be whole for, so that a guard or an absent entity can be judged.

A snapshot says for which practitioners and customers it is whole, and whether it holds every address. A
question about others has no answer in it, and no answer is not a yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from accountmerge.changes.chains import Chain
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.failures import Failure
from accountmerge.changes.guards import Guard, GuardKind
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
"""For each kind of guard, the facts of which one has to name something that the data are whole for.

A `profile_id` is answered by the data of the practitioner of that profile, a customer by its own, an `address`
by all addresses, an `id` by the entity itself. `slot_free` has one of its two facts; its customer is a person, so
that the data of every customer that is merged with it are needed. A row of access and a
relation name both of theirs, so the data of either hold them. `not_after` asks the clock alone.
"""

IN_THE_DATA: dict[GuardKind, tuple[str, ...]] = {"access_holds": ("profile_id",)}
"""The facts that name a profile of which a guard reads a value: here, whether its login is enabled."""

ADDRESSES_LEFT = "addresses_not_whole"
"""The finding by which a plan says that the store has to refuse an address that is taken."""

Load = tuple[str, str]
"""What to load: its kind and its id; of addresses, `*` for all."""

_REFERRED = frozenset(name for kind in KINDS for _, name in kind.references)
"""The kinds of entity that others refer to."""


class Wholeness:
    """What a snapshot can answer of a change set, and what it cannot: collected, and told as failures.

    Args:
        snapshot: The present data.
        change_set: The set; a finding that it tolerates may leave addresses to the store.
        steps: Its steps, with the ids of the store.
        chains: The chain of each entity that the steps touch.
    """

    def __init__(
        self, snapshot: Snapshot, change_set: ChangeSet, steps: Sequence[Step], chains: Mapping[Key, Chain]
    ) -> None:
        complete = snapshot.complete_for
        self._snapshot = snapshot
        self._chains = chains
        self._practitioners = _members(complete.practitioners)
        self._customers = _members(complete.customers)
        self._addresses = complete.addresses or _leaves_addresses(change_set)
        self._is_everything = self._practitioners is self._customers is None and self._addresses
        self._owners = {} if self._is_everything else _owners_in(steps)
        self._unknown: set[Key] = set()
        self._lacking: dict[tuple[Load, ...], int] = {}

    def is_unknown(self, key: Key) -> bool:
        """Tell whether an entity was absent and nobody can say whether it exists."""
        return key in self._unknown

    def judge_edit(self, edit: Edit, step: int, *, is_first: bool, is_pending: bool) -> None:
        """Note what is lacking to know whether an edit is done, and to do it.

        Args:
            edit: The edit.
            step: The ordinal of its step.
            is_first: Whether it is the first of its entity.
            is_pending: Whether it is still to be done.
        """
        if self._is_everything:
            return
        if is_first and self._chains[edit.key].found is None:
            self._judge_absent(edit.key, step)
        if is_pending and edit.after is None and edit.before is not None and edit.entity in _REFERRED:
            self._is_answered(self._lacking_referrers(edit.before), step)  # something may refer to what goes

    def _judge_absent(self, key: Key, step: int) -> None:
        """Note an absent entity, unless the data are whole for the practitioner or a customer of every image.

        Of every image, because a set may give an entity to another customer.
        """
        for image in self._chains[key].images:
            if image is not None and not self._is_answered(self._lacking_of(image), step):
                self._unknown.add(key)

    def answers(self, guard: Guard, step: int) -> bool:
        """Tell whether a guard can be answered; if not, note what is lacking."""
        if self._is_everything:
            return True
        if guard.kind == "slot_free" and "customer_id" in guard.facts:
            ids = customers_of(self._snapshot.customers, str(guard.facts["customer_id"]))
            lacking = [loads for loads in map(self._lacking_customer, ids) if loads]
            for loads in lacking:
                self._is_answered(loads, step)
            return not lacking
        return self._is_answered(self._lacking_for(guard), step)

    def knows_absent(self, name: EntityName, id: str, step: int) -> bool:
        """Tell whether an entity that is not there does not exist; if nobody can say, note it."""
        return self._is_everything or self._is_answered(self._lacking_entity((name, id)), step)

    def failures(self) -> Iterator[Failure]:
        """Yield a failure for each thing that is to be loaded, at the first step that asks for it.

        Where one of several would do, one that is needed anyway is named.
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
        """Return what of which one would answer a guard; empty if it can be answered."""
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
        """Return for which practitioner or customer the data would hold an entity, and all that refers to it."""
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
        """Return for whom the data would hold all that refers to an entity: of a record, for one of its customers."""
        if not isinstance(entity, Record):
            return self._lacking_of(entity)
        ends = (entity.customer_id, entity.related_customer_id)
        return _one_of(self._lacking_customer(id) for id in ends if id is not None)

    def _lacking_entity(self, key: Key) -> tuple[Load, ...]:
        """Return what to load to know an entity by its id alone; empty if it is there or cannot exist."""
        name, id = key
        if key in self._chains:
            return (key,) if key in self._unknown else ()
        if id in self._snapshot.table(KIND_OF_NAME[name].collection) or self._holds_all(name):
            return ()
        return self._lacking_customer(id) if name == "customer" else (key,)

    def _holds_all(self, name: EntityName) -> bool:
        """Tell whether the data hold every entity of a kind."""
        by_practitioner = name not in ("customer", "record")
        by_customer = name != "profile"
        return (by_practitioner and self._practitioners is None) or (by_customer and self._customers is None)

    def _lacking_party(self, name: EntityName, id: str) -> tuple[Load, ...]:
        """Return what to load for a profile or a customer."""
        return self._lacking_profile(id) if name == "profile" else self._lacking_customer(id)

    def _lacking_practitioner(self, id: str) -> tuple[Load, ...]:
        known = self._practitioners
        return () if known is None or id in known else (("practitioner", id),)

    def _lacking_customer(self, id: str) -> tuple[Load, ...]:
        known = self._customers
        return () if known is None or id in known else (("customer", id),)

    def _lacking_profile(self, id: str) -> tuple[Load, ...]:
        """Return what to load for the practitioner of a profile, which has to be known first."""
        if self._practitioners is None:
            return ()
        owner = self._owner(id)
        return (("profile", id),) if owner is None else self._lacking_practitioner(owner)

    def _owner(self, profile_id: str) -> str | None:
        profile = self._snapshot.profiles.get(profile_id)
        return profile.practitioner_id if profile is not None else self._owners.get(profile_id)


def absent_failures(
    snapshot: Snapshot, change_set: ChangeSet, steps: Sequence[Step], chains: Mapping[Key, Chain]
) -> tuple[Failure, ...]:
    """Return what to load to know how far the data are along a set, guards aside; as `Wholeness` takes it."""
    wholeness = Wholeness(snapshot, change_set, steps, chains)
    for step in steps[: len(change_set.wanted_steps)]:
        for edit in step.edits:
            wholeness.judge_edit(edit, step.ordinal, is_first=True, is_pending=False)
    return tuple(wholeness.failures())


def _members(ids: Everything | tuple[str, ...]) -> frozenset[str] | None:
    """Return ids for quick look-ups; None for all there are."""
    return None if ids == "*" else frozenset(ids)


def _leaves_addresses(change_set: ChangeSet) -> bool:
    return any(finding.split(":")[0] == ADDRESSES_LEFT for finding in change_set.tolerated)


def _owners_in(steps: Iterable[Step]) -> dict[str, str]:
    """Return the practitioners of the profiles that steps make or change, by the ids of the profiles."""
    images = (image for step in steps for edit in step.edits for image in (edit.before, edit.after))
    return {image.id: image.practitioner_id for image in images if isinstance(image, Profile)}


def _one_of(lacking: Iterable[tuple[Load, ...]]) -> tuple[Load, ...]:
    """Return all that is lacking if none is at hand; empty if one is, or if there was nothing to ask."""
    found: list[Load] = []
    for loads in lacking:
        if not loads:
            return ()
        found += loads
    return tuple(dict.fromkeys(found))
