"""Report the ids that a change set replaces by others, and follow kept ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pendulum

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.conflicts import Planned, planned_steps
from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.receipts import WRITTEN, Receipt, receipts_in
from accountmerge.changes.steps import Step
from accountmerge.errors import InvalidValueError
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import ENTITY_NAMES, KINDS, Entity, EntityName
from accountmerge.model.identifiers import derived_id
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.successions import Persons, of_one_person, successor_of, survivor_of
from accountmerge.model.texts import plain_text
from accountmerge.model.value_rules import argument
from accountmerge.model.values import ShownValue, value_class


@value_class(eq=False, repr=False, kw_only=True)
class Moved(ShownValue):
    """An entity whose place another one takes, for a program that keeps its id.

    Attributes:
        entity: The kind of both.
        old_id: The id that the program has.
        new_id: The id to use from now on, as the store gave it if a receipt says so.
        why: The code of the reason of the step, such as `future_booking`, `merged` or `duplicate_of`.
        step: The ordinal of the step.
        at: The instant of the receipt; None without receipts.
    """

    entity: EntityName
    old_id: str
    new_id: str
    why: str
    step: int
    at: pendulum.DateTime | None


def moved(change_set: ChangeSet | Planned, receipts: Iterable[Receipt] | None = None) -> tuple[Moved, ...]:
    """Return the entities whose places others take, for a program that keeps ids in another store.

    A rebooked appointment leads to its replacement, an absorbed customer to its survivor, a profile to its successor,
    a copied record to its copy (the record itself stays), and a dropped duplicate to the kept record. The undo of a
    rebooking or of a succession leads back; that of a merge has no row, because its absorbed customers had no other id
    in between.

    Args:
        change_set: A change set, or a plan; of a prefix, only its first steps.
        receipts: The store's receipts. Only steps that a receipt reports as written count, and ids are those that the
            store gave. Default: all steps count, with the planned ids and without instants.

    Returns:
        The rows in the order of the steps, each once.

    Raises:
        InvalidValueError: An argument is of the wrong type.

    Takes time in proportion to the edits and the receipts.
    """
    change_set = planned_steps(change_set)
    found = None if receipts is None else receipts_in(receipts)
    written = _written(change_set, found or ())
    ids: dict[Key, str] = {
        (entry.entity, entry.id): entry.store_id
        for receipt in found or ()
        for entry in receipt.written
        if entry.store_id is not None
    }
    return tuple(
        row
        for step in change_set.wanted_steps
        if found is None or step.ordinal in written
        for row in moves_of(step, ids, written.get(step.ordinal))
    )


def moves_of(step: Step, store_ids: Mapping[Key, str], at: pendulum.DateTime | None) -> Iterator[Moved]:
    """Yield the entities of one step whose places others take, with the store's ids."""
    for entity, old, new in dict.fromkeys(_pairs(step)):
        yield Moved(
            entity=entity,
            old_id=store_ids.get((entity, old), old),
            new_id=store_ids.get((entity, new), new),
            why=step.reason.code,
            step=step.ordinal,
            at=at,
        )


def _written(change_set: ChangeSet, receipts: Iterable[Receipt]) -> Mapping[int, pendulum.DateTime]:
    """Return the first instant at which a receipt reports each step as written, by ordinal."""
    found: dict[int, pendulum.DateTime] = {}
    for receipt in receipts:
        if receipt.plan_id == change_set.plan_id and receipt.outcome in WRITTEN:
            found[receipt.ordinal] = min(receipt.at, found.get(receipt.ordinal, receipt.at))
    return found


Pair = tuple[EntityName, str, str]
"""A kind, an old id and a new id."""


def _pairs(step: Step) -> Iterator[Pair]:
    for edit in step.edits:
        yield from _links(edit, is_undo=step.kind == "undo_step")
    if step.reason.code == "duplicate_of":
        yield "record", str(step.reason.facts["id"]), str(step.reason.facts["kept_id"])
    if step.kind == "hand_over_records":
        yield from _copies(step)


def _links(edit: Edit, *, is_undo: bool) -> Iterator[Pair]:
    """Yield the pair of a link that an edit makes, or that an undo takes back."""
    before, after = _onward(edit.before), _onward(edit.after)
    if after is not None and after != before:
        yield edit.entity, edit.id, after
    elif is_undo and before is not None and after is None and edit.entity != "customer":
        yield edit.entity, before, edit.id
    row = edit.after
    if edit.before is None and isinstance(row, Appointment) and row.replaces is not None:
        yield "appointment", row.replaces, row.id


def _onward(image: Entity | None) -> str | None:
    """Return the id of the entity that takes the place of another one, or None."""
    if isinstance(image, Appointment):
        return image.replaced_by
    if isinstance(image, Profile):
        return image.succeeded_by
    return image.merged_into if isinstance(image, Customer) else None


def _copies(step: Step) -> Iterator[Pair]:
    """Yield each copied record with its copy, whose id is derived from the record and the new profile."""
    made = {edit.id for edit in step.edits if edit.before is None}
    new_profile = str(step.reason.facts["successor_id"])
    ids = {id for guard in step.guards if guard.kind == "no_other_record" for id in guard.except_ids}
    for id in sorted(ids) if made else ():
        copy = derived_id("record", id, new_profile)
        if copy in made:
            yield "record", id, copy


def where_now(snapshot: Snapshot, id: str, *, entity: EntityName | None = None) -> Entity | None:
    """Return the entity to which an id leads now, after all rebookings, merges and successions.

    An appointment leads to its last replacement for the same person, a customer to its survivor, and a profile to its
    last successor. Any other entity, and one that nothing has replaced, leads to itself.

    Args:
        snapshot: The present data.
        id: The id that another program has kept.
        entity: The kind of entity. Default: the kind that has such an id.

    Returns:
        The entity. None if the data have no such id, or if faulty links form a circle.

    Raises:
        InvalidValueError: No kind is given and several have such an id, there is no such kind, or an argument is of
            the wrong type.

    Takes time in proportion to the links that it follows, once the snapshot is indexed.
    """
    require_snapshot(snapshot)
    id = argument("id", plain_text, id)
    if entity is not None and entity not in ENTITY_NAMES:
        raise InvalidValueError("not_one_of", field="entity", allowed=ENTITY_NAMES)
    kinds = [kind for kind in KINDS if entity in (None, kind.name)]
    rows = [row for kind in kinds if (row := snapshot.table(kind.collection).get(id)) is not None]
    if len(rows) > 1:
        raise InvalidValueError("id_of_several", field="id")
    if not rows:
        return None
    (row,) = rows
    if isinstance(row, Appointment):
        return _last_replacement(snapshot, row)
    if isinstance(row, Customer):
        return survivor_of(snapshot.customers, row)
    return successor_of(snapshot.profiles, row) if isinstance(row, Profile) else row


def _last_replacement(snapshot: Snapshot, appointment: Appointment) -> Appointment | None:
    """Return the end of a chain of rebookings, or None in a circle. Either half of a link is enough."""
    persons, seen = Persons(snapshot.customers), {appointment.id}
    row = appointment
    while (following := _next(snapshot, persons, row)) is not None:
        if following.id in seen:
            return None
        seen.add(following.id)
        row = following
    return row


def _next(snapshot: Snapshot, persons: Persons, row: Appointment) -> Appointment | None:
    """Return the replacement of an appointment for the same person.

    Of several, a live one is taken first, then the one with the least id.
    """
    table = snapshot.appointments
    if row.replaced_by is not None:
        named = table[row.replaced_by]
        return named if of_one_person(persons, named, row) else None
    linked = (other for other in table.where("replaces", row.id) if of_one_person(persons, other, row))
    return min(linked, key=lambda other: (not other.is_live, other.id), default=None)
