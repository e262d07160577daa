"""How many rows of each customer of a merge end where, counted from the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias, get_args

from accountmerge.changes.edits import Edit
from accountmerge.merges.planner import MergePlan
from accountmerge.model.access import Access
from accountmerge.model.customers import Customer
from accountmerge.model.entities import Entity, references

OutcomeKind = Literal["appointment", "record", "access", "access_request", "email", "phone"]
OUTCOME_KINDS: tuple[OutcomeKind, ...] = get_args(OutcomeKind)
"""The kinds of data that are counted."""

End = Literal["stays", "moves", "joins", "ends"]
ENDS: tuple[End, ...] = get_args(End)
"""The ends: with the survivor before and after; moved to it; one with equal data there; not kept."""

Outcomes: TypeAlias = Counter[tuple[str, OutcomeKind, End]]
"""How many rows end where, by the id of the customer that had them."""

_ROW_KINDS: dict[str, OutcomeKind] = {
    "appointment": "appointment",
    "record": "record",
    "access": "access",
    "access_request": "access_request",
}


def outcomes_of(plan: MergePlan) -> Outcomes:
    """Return how many rows, e-mails and phones of each customer end where.

    Rows that stay or move are those that name the survivor after the merge. Requests of access that were decided stay
    with their customer, and are not counted.
    """
    ends: dict[tuple[OutcomeKind, str], tuple[str, End]] = dict(_row_ends(plan))
    counts: Outcomes = Counter((customer, kind, end) for (kind, _), (customer, end) in ends.items())
    first, last = customer_images(plan)
    survivor = first.get(plan.request.survivor)
    if survivor is not None and plan.change_set.steps:
        owners = [survivor, *(first[id] for id in plan.request.absorbed if id in first)]
        after = last.get(survivor.id, survivor)
        counts.update(_value_ends("email", owners, {email.address.mailbox for email in after.emails}))
        counts.update(_value_ends("phone", owners, set(after.phones)))
    return counts


def customer_images(plan: MergePlan) -> tuple[dict[str, Customer], dict[str, Customer]]:
    """Return the customers of a plan before and after it, by id."""
    first: dict[str, Customer] = {
        image.id: image for image in plan.change_set.images if isinstance(image, Customer)
    }
    last = dict(first)
    for edit in _edits(plan):
        if isinstance(edit.before, Customer) and isinstance(edit.after, Customer):
            first.setdefault(edit.id, edit.before)
            last[edit.id] = edit.after
    return first, last


def _edits(plan: MergePlan) -> Iterator[Edit]:
    return (edit for step in plan.change_set.steps for edit in step.edits)


def _row_ends(plan: MergePlan) -> Iterator[tuple[tuple[OutcomeKind, str], tuple[str, End]]]:
    """Yield the customer and the end of each row, those of the survivor first; a later yield counts."""
    survivor, absorbed = plan.request.survivor, plan.request.absorbed
    for name, ids in plan.change_set.held:
        if name in _ROW_KINDS:
            yield from (((_ROW_KINDS[name], id), (survivor, "stays")) for id in ids)
    held = {(name, id) for name, ids in plan.change_set.held for id in ids}
    fresh: set[str] = {
        edit.after.profile_id
        for edit in _edits(plan)
        if edit.before is None and isinstance(edit.after, Access)
    }
    for edit in _edits(plan):
        if edit.entity not in _ROW_KINDS or edit.before is None:
            continue
        kind = _ROW_KINDS[edit.entity]
        owner = survivor if (edit.entity, edit.id) in held else _owner(edit.before, absorbed)
        if owner is None:
            continue
        if isinstance(edit.before, Access) and edit.after is None:
            # Access of a profile is one row on the survivor. If there was none, the first one moves to it.
            end: End = "moves" if edit.before.profile_id in fresh else "joins"
            fresh.discard(edit.before.profile_id)
        else:
            end = _end(edit, survivor, owner)
        yield (kind, edit.id), (owner, end)


def _owner(before: Entity, absorbed: Iterable[str]) -> str | None:
    """Return the first absorbed customer that a row names."""
    named = {id for _, name, id in references(before) if name == "customer"}
    return next((id for id in absorbed if id in named), None)


def _end(edit: Edit, survivor: str, owner: str) -> End:
    named = set() if edit.after is None else {id for _, _, id in references(edit.after)}
    if survivor not in named:
        return "ends"
    return "stays" if owner == survivor else "moves"


def _value_ends(
    kind: Literal["email", "phone"], owners: Iterable[Customer], kept: set[str]
) -> Iterator[tuple[str, OutcomeKind, End]]:
    """Yield the end of each e-mail or phone of each customer, the survivor's first."""
    seen: set[str] = set()
    for place, owner in enumerate(owners):
        values = [email.address.mailbox for email in owner.emails] if kind == "email" else list(owner.phones)
        for value in values:
            if value not in kept:
                end: End = "ends"
            elif value in seen:
                end = "joins"
            else:
                end = "moves" if place else "stays"
            seen.add(value)
            yield owner.id, kind, end
