"""Strategies for how a set is delivered: where that is interrupted, and what receipts say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.changes.receipts import RECEIPT_OUTCOMES, Receipt, WrittenEntity
from accountmerge.model.appointments import Appointment

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.steps import Step


@st.composite
def fault_points(draw: st.DrawFn, points: int) -> int:
    """The place of one of some points at which something goes wrong, counted from 0.

    The first and the last one, where most programs go wrong, are drawn as often as all those between them.

    Args:
        draw: Given by Hypothesis.
        points: How many points there are; at least one.
    """
    inner = range(1, points - 1)
    is_inner = bool(inner) and draw(st.booleans())
    point = draw(st.sampled_from(inner if is_inner else (0, points - 1)))
    event(f"fault point: {'inner' if is_inner else 'last' if point else 'first'}")
    return point


@st.composite
def receipts(draw: st.DrawFn, change_set: ChangeSet, *, most: int = 8) -> tuple[Receipt, ...]:
    """Receipts of some steps of a set, in any order: of any outcome, delivered twice, of another plan's steps.

    The store that they are of keeps the planned ids, or gives its own to all that is new; it may give numbers and
    versions. About what it wrote a receipt may say something, or nothing.

    Args:
        draw: Given by Hypothesis.
        change_set: The set that is applied.
        most: How many steps, from the first, may have receipts; each has two at the most.
    """
    has_store_ids = draw(st.booleans())
    event(f"receipts: {'own ids' if has_store_ids else 'planned ids'}")
    found: list[Receipt] = []
    for step in change_set.wanted_steps[:most]:
        how = draw(st.sampled_from(("none", "one", "one", "twice", "another plan's")))
        event(f"receipts: {how}")
        if how == "none":
            continue
        receipt = _receipt(draw, change_set, step, has_store_ids=has_store_ids)
        if how == "another plan's":
            receipt = attrs.evolve(receipt, step_id=f"another/{step.ordinal}")
        found += [receipt, receipt] if how == "twice" else [receipt]
    ordered = tuple(draw(st.permutations(found)))
    event(f"receipts: {'in order' if list(ordered) == found else 'out of order'}")
    return ordered


def _receipt(draw: st.DrawFn, change_set: ChangeSet, step: Step, *, has_store_ids: bool) -> Receipt:
    outcome = draw(st.sampled_from((*RECEIPT_OUTCOMES, "applied", "applied")))
    event(f"receipts: {outcome}")
    detailed = has_store_ids or draw(st.booleans())
    edits = {edit.key: edit for edit in step.edits}.values() if detailed else ()
    is_numbered, version = draw(st.booleans()), draw(st.sampled_from((None, 7, "v7")))
    return Receipt(
        step_id=f"{change_set.plan_id}/{step.ordinal}",
        outcome=outcome,
        written=[
            WrittenEntity(
                entity=edit.entity,
                id=edit.id,
                store_id=f"own-{edit.id}" if has_store_ids and edit.before is None else None,
                number="APP-777001" if is_numbered and isinstance(edit.after, Appointment) else None,
                version=version,
            )
            for edit in edits
        ],
        at=change_set.at,
        by="a store",
    )
