"""Make the change set that undoes a plan."""

from __future__ import annotations

from typing import Any

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.inverting import counter_obligations, inverted_steps
from accountmerge.model.json_text import FrozenJson
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.plans.verdicts import with_features
from accountmerge.wire.canonical import sealed


def invert(change_set: Plan[Any, Any] | ChangeSet) -> ChangeSet:
    """Return the change set that takes back a plan or another change set.

    It has its own plan id, and needs its own confirmation. `apply` refuses it if another program has changed the same
    entities, or if it would delete a booking that has a number by then: that needs a migration back.

    Args:
        change_set: The plan or change set, applied or not; of a prefix, only its first steps are taken back.

    Returns:
        The inverse: the steps backwards, guards derived from their images, and obligations to inform people that an
        announced change is cancelled.

    Raises:
        ApplyRefused: The change set cannot be undone, which is known before it is applied: it is blocked, has a step
            that
            cannot be undone (`irreversible`), or makes a booking that has a number (`booking_numbered`).
        InvalidValueError: `change_set` is neither a plan nor a change set.
    """
    change_set = change_set_of(change_set)
    inverse = ChangeSet(
        intent="undo",
        request=FrozenJson.of({"plan_id": change_set.plan_id, "through": len(change_set.wanted_steps)}),
        rules_digest=change_set.rules_digest,
        at=change_set.at,
        steps=inverted_steps(change_set),
        undo=change_set.undo,
        tolerated=change_set.tolerated,
        clusters=change_set.clusters,
        obligations=tuple(counter_obligations(change_set)),
    )
    return sealed(with_features(inverse))
