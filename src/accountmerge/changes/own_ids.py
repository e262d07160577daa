"""Own ids: those that a store gave to what a change set creates, and the set told in them.

An id is one only together with its kind: a store may number customers and bookings from one alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.edits import Edit, image_values
from accountmerge.messages import Facts
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import kind_of
from accountmerge.model.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Key
    from accountmerge.changes.guards import Guard
    from accountmerge.changes.receipts import Receipt
    from accountmerge.changes.steps import Step
    from accountmerge.messages import Fact
    from accountmerge.model.entities import Entity
    from accountmerge.model.snapshots import Snapshot

    OwnIds = Mapping[Key, str]
    """By kind and planned id, the id of the store."""


def find_own_ids(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt]) -> dict[Key, str]:
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
    return recognised(snapshot, change_set.steps) | told


def recognised(snapshot: Snapshot, steps: Sequence[Step]) -> dict[Key, str]:
    """Return, for what a store created under an id of its own, the kind and planned id, and the store's.

    A new entity that is not there by its id is recognised by what it stands for: a booking by what it
    replaces, or else by being equal in all but its id, a profile by its practitioner and mailbox, access by
    its two ends, a request for it by those and its two instants. So is one that is to be taken back. Nothing
    that the set itself touches stands for something else, and nothing stands for two.
    """
    own_ids: dict[Key, str] = {}
    taken = {edit.key for step in steps for edit in step.edits}
    for planned in sorted(_made(steps), key=lambda row: not isinstance(row, Profile)):  # others name profiles
        other = _stand_in(snapshot, planned, own_ids, taken)
        if other is not None:
            name = kind_of(planned).name
            own_ids[name, planned.id] = other
            taken.add((name, other))
    return own_ids


def _made(steps: Iterable[Step]) -> Iterator[Entity]:
    """Yield the entities that steps make, or take back."""
    for step in steps:
        for edit in step.edits:
            if edit.before is None and edit.after is not None:
                yield edit.after
            elif step.kind == "undo_step" and edit.after is None and edit.before is not None:
                yield edit.before


def _stand_in(snapshot: Snapshot, planned: Entity, own_ids: OwnIds, taken: Container[Key]) -> str | None:
    kind = kind_of(planned)
    if planned.id in snapshot.table(kind.collection):
        return None
    planned_profile = getattr(planned, "profile_id", "")
    profile_id = own_ids.get(("profile", planned_profile), planned_profile)
    found = _alike(snapshot, planned, profile_id)
    return min((row.id for row in found if (kind.name, row.id) not in taken), default=None)


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


def renamed_steps(steps: Sequence[Step], own_ids: OwnIds) -> tuple[Step, ...]:
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


def _renamed(entity: Entity | None, own_ids: OwnIds) -> Entity | None:
    if entity is None:
        return None
    kind = kind_of(entity)
    changes: Any = {
        field: own_ids[name, getattr(entity, field)]
        for field, name in (("id", kind.name), *kind.references)
        if (name, getattr(entity, field)) in own_ids
    }
    return attrs.evolve(entity, **changes) if changes else entity


def _renamed_guard(guard: Guard, own_ids: OwnIds) -> Guard:
    named: dict[str, Fact] = {fact: own_ids[key] for fact, key in guard.named.items() if key in own_ids}
    name = guard.subject
    ids = () if name is None else tuple(own_ids.get((name, id), id) for id in guard.except_ids)
    return attrs.evolve(guard, facts=Facts.of({**guard.facts, **named}), except_ids=ids)
