"""Apply, check, resume or invert a plan or a change set, after its seal is verified.

The digest is computed by the modules that write JSON. This module may import them; the appliers may not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accountmerge.changes import applying, resuming
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.compiling import Compiled, compiled_steps, verified_by
from accountmerge.changes.excerpts import require_data
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.inverting import counter_obligations, inverted_steps
from accountmerge.changes.receipts import Receipt, receipts_in
from accountmerge.changes.resuming import Resumption
from accountmerge.errors import InvalidValueError
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.plans.verdicts import with_features
from accountmerge.wire.canonical import is_sealed, sealed


def apply(
    snapshot: Snapshot, change_set: Plan[Any, Any] | ChangeSet, receipts: Iterable[Receipt] = ()
) -> Snapshot:
    """Return the snapshot after all steps of a plan or a change set, or raise an error.

    A finished step is skipped: applying twice is applying once, and applying again after a crash does the rest.
    "Now" is the snapshot's `taken_at`.

    Args:
        snapshot: The present data, or the excerpt of them that `changes.reading` returns.
        change_set: A plan or a change set; of a prefix, only its first steps are applied.
        receipts: The store's receipts of earlier steps. They have the ids that the store gave, and they prove which
            steps were written: if such a write was taken back, this is drift, and it is not written again.

    Raises:
        ApplyRefused: The plan is blocked or not confirmed, its content is not what was planned, the data have
            drifted, a guard fails or cannot be answered. The error has every such failure.
        InvalidValueError: An argument is of the wrong type.
    """
    require_data(snapshot)
    given = change_set_of(change_set)
    failures = tuple(seal_failures(given))
    if failures:
        raise ApplyRefused(failures)
    return applying.apply(snapshot, given, receipts_in(receipts))


def check(
    snapshot: Snapshot, change_set: Plan[Any, Any] | ChangeSet, receipts: Iterable[Receipt] = ()
) -> tuple[Failure, ...]:
    """Return every reason not to apply a plan or a change set, in the order of its steps.

    An empty tuple means that `apply` will succeed. Takes time in proportion to the edits, not to the snapshot.

    Args:
        snapshot: The present data, or the excerpt of them that `changes.reading` returns.
        change_set: A plan or a change set.
        receipts: As for `apply`.

    Raises:
        InvalidValueError: An argument is of the wrong type.
    """
    require_data(snapshot)
    given = change_set_of(change_set)
    return tuple(seal_failures(given)) or applying.check(snapshot, given, receipts_in(receipts))


def resume(
    snapshot: Snapshot, change_set: Plan[Any, Any] | ChangeSet, receipts: Iterable[Receipt] = ()
) -> Resumption:
    """Report which edits of a plan or a change set are done and which are left.

    `apply` does the rest. Works after a crash at any edit, a second delivery, and an answer that was lost. Guards
    are not evaluated: see `check`. Takes time in proportion to the edits, not to the snapshot.

    Args:
        snapshot: The present data, or the excerpt of them that `changes.reading` returns.
        change_set: The plan or change set that was being applied; of a prefix, only its first steps.
        receipts: The store's receipts of earlier steps. Not needed if the store keeps the planned ids. If it gives
            its own ids, new entities are also recognised by their links. Receipts of other plans do not count.

    Raises:
        ApplyRefused: The content is not what was planned, the images of the change set do not join, or an entity
            is absent and the data are not whole for its practitioner or customer.
        InvalidValueError: An argument is of the wrong type.
    """
    require_data(snapshot)
    given = change_set_of(change_set)
    failures = tuple(seal_failures(given))
    if failures:
        raise ApplyRefused(failures)
    return resuming.resume(snapshot, given, receipts_in(receipts))


def compiled(change_set: Plan[Any, Any] | ChangeSet) -> Compiled:
    """Prepare a plan or a change set for checks of single steps.

    Takes time in proportion to the change set; each check then takes time in proportion to its step.

    Args:
        change_set: A plan or a change set.

    Raises:
        ApplyRefused: The plan is blocked, its content is not what was planned, or its images do not join.
        InvalidValueError: `change_set` is neither a plan nor a change set.
    """
    found = change_set_of(change_set)
    failures = tuple(seal_failures(found))
    if failures:
        raise ApplyRefused(failures)
    return verified_by(compiled, compiled_steps(found))


def seal_failures(change_set: ChangeSet) -> Iterable[Failure]:
    """Yield a failure if the plan id of a change set is wrong and its content matters.

    The content of a change set matters if it has or needs a confirmation, or was planned to need one.
    """
    judged = (
        change_set.needs_confirmation
        or change_set.confirmation is not None
        or change_set.intent == "merge"  # also without the step that retires the absorbed customers
        or "needs_confirmation" in change_set.requires
    )
    if judged and not _is_sealed(change_set):
        yield Failure.of("plan_id_mismatch", plan_id=change_set.plan_id)


def _is_sealed(change_set: ChangeSet) -> bool:
    try:
        return is_sealed(change_set)
    except InvalidValueError:  # text that no file can store was never planned
        return False


def invert(change_set: Plan[Any, Any] | ChangeSet) -> ChangeSet:
    """Return the change set that takes back a plan or another change set.

    It has its own plan id, and needs its own confirmation. `apply` refuses it if another program has changed the same
    entities, or if it would delete a booking that has a number by then: that needs another migration.

    Args:
        change_set: The plan or change set, applied or not; of a prefix, only its first steps are taken back.

    Returns:
        The inverse: the steps backwards, guards derived from their images, and obligations to inform people that an
        announced change is cancelled.

    Raises:
        ApplyRefused: The change set cannot be undone, which is known before it is applied: it is blocked, has a
            step that cannot be undone (`irreversible`), or makes a booking that has a number (`booking_numbered`).
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
