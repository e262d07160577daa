"""Executions: `apply`, `check` and `resume` of a plan or a change set, once its seal is verified.

Nothing here plans. The digest of a set is computed where JSON is written, above the module that applies, so the
two meet in this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accountmerge.changes import applying, resuming
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.resuming import Resumption
from accountmerge.errors import InvalidValueError
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.wire.canonical import is_sealed


def apply(
    snapshot: Snapshot, change_set: Plan[Any, Any] | ChangeSet, receipts: Iterable[Receipt] = ()
) -> Snapshot:
    """Return the snapshot that a plan or a change set makes of another; all of it or an error.

    A step that is done is left alone, so applying twice is applying once, and applying again after a crash
    does the rest. "Now" is the snapshot's `taken_at`.

    Args:
        snapshot: The present data.
        change_set: A plan or a change set; of a prefix, only its first steps are applied.
        receipts: The store's receipts of earlier steps: ids of its own, and which steps were written, so
            that a write that was taken back is drift and is not written again.

    Raises:
        ApplyRefused: The plan is blocked or not confirmed, its content is not what was planned, the data have
            drifted, a guard fails or cannot be answered; the error has every such failure.
        InvalidValueError: It is neither a plan nor a change set.
    """
    found = change_set_of(change_set)
    failures = tuple(seal_failures(found))
    if failures:
        raise ApplyRefused(failures)
    return applying.apply(snapshot, found, receipts)


def check(
    snapshot: Snapshot, change_set: Plan[Any, Any] | ChangeSet, receipts: Iterable[Receipt] = ()
) -> tuple[Failure, ...]:
    """Return every reason not to apply a plan or a change set, in the order of its steps.

    An empty tuple means that `apply` will succeed. Takes time in proportion to the edits, not to the snapshot.

    Args:
        snapshot: The present data.
        change_set: A plan or a change set.
        receipts: As for `apply`.

    Raises:
        InvalidValueError: It is neither a plan nor a change set.
    """
    found = change_set_of(change_set)
    return tuple(seal_failures(found)) or applying.check(snapshot, found, receipts)


def resume(
    snapshot: Snapshot, change_set: Plan[Any, Any] | ChangeSet, receipts: Iterable[Receipt] = ()
) -> Resumption:
    """Report, edit by edit, which part of a plan or a change set is done and which is left; `apply` does the rest.

    Works after a crash at any edit, a second delivery, and an answer that was lost. Guards are not evaluated:
    see `check`.

    Args:
        snapshot: The present data.
        change_set: The plan or change set that was being applied; of a prefix, only its first steps.
        receipts: The store's receipts of earlier steps. Not needed if the store keeps the planned ids; with
            ids of its own, new entities are also recognised by their links. Receipts of other plans do not
            count.

    Raises:
        ApplyRefused: The content is not what was planned, or the images of the set do not join; or an entity
            is absent and the data are not whole for its practitioner or customer.
        InvalidValueError: It is neither a plan nor a change set.

    Takes time in proportion to the edits, not to the snapshot.
    """
    found = change_set_of(change_set)
    failures = tuple(seal_failures(found))
    if failures:
        raise ApplyRefused(failures)
    return resuming.resume(snapshot, found, receipts)


def seal_failures(change_set: ChangeSet) -> Iterable[Failure]:
    """Yield a failure if a set has to be confirmed, or is, and its content is not what its plan id was made from."""
    judged = change_set.needs_confirmation or change_set.confirmation is not None
    if judged and not _is_sealed(change_set):
        yield Failure.of("plan_id_mismatch", plan_id=change_set.plan_id)


def _is_sealed(change_set: ChangeSet) -> bool:
    try:
        return is_sealed(change_set)
    except InvalidValueError:  # text that no file could hold was never planned
        return False
