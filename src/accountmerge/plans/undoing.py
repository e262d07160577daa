"""`invert`: the plan that undoes another one, sealed under an id of its own."""

from __future__ import annotations

from typing import Any

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.inverting import counter_obligations, inverted_steps
from accountmerge.model.json_text import FrozenJson
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.plans.verdicts import with_features
from accountmerge.wire.canonical import sealed


def invert(change_set: Plan[Any, Any] | ChangeSet) -> ChangeSet:
    """Return the change set that takes back what a plan or another change set does.

    It is a plan with its own id, and has to be confirmed as such. It refuses to be applied once anybody has
    changed what it touches, and to delete a booking that has a number by then: that needs a migration back.

    Args:
        change_set: The plan or change set that was, or may be, applied; of a prefix, only its first steps are
            taken back.

    Returns:
        The inverse: the steps backwards, guards derived from their images, and obligations to tell people who
        were told something that it is off.

    Raises:
        ApplyRefused: The set cannot be undone; known before it is applied: it is blocked, has a step that
            nothing can undo (`irreversible`), or makes a booking that has a number (`booking_numbered`).
        InvalidValueError: It is neither a plan nor a change set.
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
