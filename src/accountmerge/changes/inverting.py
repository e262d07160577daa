"""The steps that undo a change set, or the reasons why it cannot be undone.

The undo is a plan with its own id and confirmation; its guards are derived from the images and from the tolerated
findings of the change set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

import attrs

from accountmerge.changes.change_sets import COUNTER_OBLIGATIONS, ChangeSet, Obligation, members_by_cluster
from accountmerge.changes.edits import Edit
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.guards import Guard, Tolerated, derived_guards, no_new_reference_guards, read_guard
from accountmerge.changes.steps import IRREVERSIBLE, Reason, Step
from accountmerge.messages import Facts
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import Entity, EntityName, kind_of

_OF_BOOKINGS = frozenset(
    {
        "customer_double_booking",
        "destination_double_booking",
        "existing_double_booking",
        "introduced_double_booking",
        "slot_not_free",
    }
)
"""The codes of findings about bookings that are allowed to overlap."""


def undo_failures(change_set: ChangeSet) -> Iterator[Failure]:
    """Yield every reason why a change set cannot be undone with any data."""
    if change_set.blocked:
        yield Failure.of("blocked", codes=change_set.blocked)
    if change_set.intent == "undo":  # plan the undone change again instead, with all its guards
        yield Failure.of("irreversible", steps=("undo_step",))
    kinds = tuple(sorted({step.kind for step in change_set.wanted_steps} & IRREVERSIBLE))
    if kinds and change_set.undo == "never":
        yield Failure.of("irreversible", steps=kinds)
    for step in change_set.wanted_steps:
        for edit in step.edits:
            if isinstance(edit.after, Appointment) and edit.before is None and edit.after.number is not None:
                yield Failure.of("booking_numbered", step.ordinal, id=edit.id)


def inverted_steps(change_set: ChangeSet) -> tuple[Step, ...]:
    """Return the steps that undo the wanted steps of a change set, or raise `ApplyRefused`."""
    failures = tuple(undo_failures(change_set))
    if failures:
        raise ApplyRefused(failures)
    tolerated = _tolerated(change_set)
    steps = [
        _inverted(change_set, step, ordinal, tolerated)
        for ordinal, step in enumerate(reversed(change_set.wanted_steps), start=1)
    ]
    guards = tuple(_newcomer_guards(change_set))
    for place in {0, len(steps) - 1} if guards and steps else ():
        steps[place] = attrs.evolve(steps[place], guards=(*steps[place].guards, *guards))
    return tuple(steps)


def counter_obligations(change_set: ChangeSet) -> Iterator[Obligation]:
    """Yield the obligations to recall messages to people."""
    for obligation in change_set.obligations:
        kind = COUNTER_OBLIGATIONS.get(obligation.kind)
        if kind is not None:
            yield attrs.evolve(obligation, kind=kind, when="undone", step=_undoing(change_set, obligation))


def _undoing(change_set: ChangeSet, obligation: Obligation) -> int | None:
    """Return the step that undoes the stored step of an obligation, or None if there is none."""
    steps = len(change_set.wanted_steps)
    is_undone = obligation.step is not None and obligation.step <= steps
    return steps + 1 - obligation.step if obligation.step is not None and is_undone else None


def _inverted(change_set: ChangeSet, step: Step, ordinal: int, tolerated: Tolerated) -> Step:
    edits = tuple(Edit(_unversioned(edit.after), _unversioned(edit.before)) for edit in reversed(step.edits))
    guards = (*derived_guards(edits, at=change_set.at, tolerated=tolerated), *_number_guards(edits))
    facts = Facts(ordinal=step.ordinal, kind=step.kind)
    return Step(ordinal, "undo_step", Reason("undone", facts), guards, edits)


def _newcomer_guards(change_set: ChangeSet) -> Iterator[Guard]:
    """Yield the guards that no new entity refers to the survivor of a merge.

    Entities that the survivor held before and entities that the merge edits are known; later ones may belong to the
    other person. The first step has these guards, so that an undo does not start in vain, and the last step has them,
    so that they count until the undo is finished. A merge planned by a version without `held` has none, because its
    new entities are unknown.
    """
    request = change_set.request.value
    if change_set.intent != "merge" or "held" not in change_set.requires or not isinstance(request, dict):
        return
    edited = {edit.key for step in change_set.wanted_steps for edit in step.edits}
    held = {(name, id) for name, ids in change_set.held for id in ids}
    survivor = str(request.get("survivor"))
    yield from no_new_reference_guards(survivor, edited | held)
    for image in change_set.images:
        if ("customer", survivor) == (kind_of(image).name, image.id):  # no edit would detect its change
            yield read_guard(attrs.evolve(image, version=None))


def _unversioned(image: Entity | None) -> Entity | None:
    """Return an image without the version that the plan read, because the store has changed it since."""
    return None if image is None else attrs.evolve(image, version=None)


def _number_guards(edits: Iterable[Edit]) -> Iterator[Guard]:
    """Yield the guards that a deleted booking has no number, because people know it by that."""
    for edit in edits:
        if isinstance(edit.before, Appointment) and edit.after is None:
            yield Guard("unnumbered", Facts(id=edit.id))


def _tolerated(change_set: ChangeSet) -> Tolerated:
    """Return the conflicts that were accepted or existed before, for the guards of the undo.

    They come from the tolerated findings. A booking may overlap those of its findings, each with its replacement;
    bookings of one person come from the guards alone. A customer may share an address with those of its findings and
    with every customer of the change set. A profile may have an active schedule beside those of its findings.
    """
    edits = [edit for step in change_set.wanted_steps for edit in step.edits]
    booked = [edit.after for edit in edits if isinstance(edit.after, Appointment)]
    rebooked = {row.replaces: row.id for row in booked if row.replaces is not None}
    tolerated: dict[tuple[EntityName, str], set[str]] = defaultdict(set)
    named = [finding.split(":") for finding in change_set.tolerated]
    clusters = {finding for finding, _ in change_set.clusters}
    pairs = (finding.split(":") for finding in change_set.tolerated if finding not in clusters)
    groups = [[unquote(id) for id in ids] for code, *ids in pairs if code in _OF_BOOKINGS]
    for ids in groups:
        together = {*ids, *(rebooked[id] for id in ids if id in rebooked)}
        for id in together:
            tolerated["appointment", id] |= together
    moved = {edit.id for edit in edits if edit.entity == "appointment"}
    guards = (guard for step in change_set.wanted_steps for guard in step.guards if guard.kind == "slot_free")
    for guard in (guard for guard in guards if "customer_id" in guard.facts):
        for id in moved.intersection(guard.except_ids):
            tolerated["appointment", id].update(guard.except_ids)
    for finding, members in members_by_cluster(change_set.clusters, change_set.wanted_steps).items():
        for id in members:
            tolerated["appointment", id].add(finding)
    customers = _customers(change_set)
    shared = [map(unquote, ids) for code, *ids in named if code == "email_claimed_twice"]
    holders = customers.union(*shared)
    active = {unquote(id) for code, *ids in named if code == "other_active_schedule" for id in ids}
    profiles = {edit.key: active for edit in edits if edit.entity == "profile"}
    return tolerated | profiles | {("customer", id): holders for id in customers}


def _customers(change_set: ChangeSet) -> set[str]:
    """Return the customers that a change set edits in any step, or that it only reads."""
    edited = {edit.key for step in change_set.steps for edit in step.edits}
    guards = (guard for step in change_set.steps for guard in step.guards if guard.kind == "unchanged")
    read = {(guard.facts["entity"], str(guard.facts["id"])) for guard in guards}
    return {id for name, id in edited | read if name == "customer"}
