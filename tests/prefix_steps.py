"""The expected check of one step, from the prefixes of its change set and from the edits that were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.changes.edits import Edit, Key
from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.reference.written_data import crashed, edits_of
from rewritten_data import in_store_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from accountmerge.changes.change_sets import ChangeSet


Expected = tuple[set[str], "am.Snapshot | None"]
"""The codes of the failures, and the data with the step; None if there are failures."""


def expected_step(
    data: am.Snapshot, change_set: ChangeSet, n: int, receipts: Sequence[am.Receipt]
) -> Expected | None:
    """Return what applying the prefix that ends with a step gives; None if an earlier step is not done.

    An earlier step is not done either if a receipt reports it and another program changed its rows since.
    """
    earlier, prefix = change_set.prefix(n - 1), change_set.prefix(n)
    if am.check(data, earlier, receipts) or not am.resume(data, earlier, receipts).is_finished:
        return None
    failures = am.check(data, prefix, receipts)
    if any((failure.step or n) < n for failure in failures):
        return None
    codes = {failure.code for failure in failures}
    return codes, None if failures else am.apply(data, prefix, receipts)


def expect_step(data: am.Snapshot, found: am.changes.StepCheck, expected: Expected) -> None:
    """Assert that a check of a step on data is the expected one."""
    codes, after = expected
    assert {failure.code for failure in found.failures} == codes
    if after is not None:
        assert crashed(data, found.edits) == after
        assert found.done == (after == data)


def own_ids(change_set: ChangeSet) -> dict[Key, str]:
    """Return ids that a store gives to the entities that a change set creates.

    A record that an undo creates again keeps its id, because only a receipt distinguishes it from an equal one.
    """
    is_undo = change_set.intent == "undo"
    edits = [edit for edit in edits_of(change_set) if not (is_undo and edit.entity == "record")]
    created = dict.fromkeys(edit.key for edit in edits if edit.before is None)
    return {key: f"own-{place}" for place, key in enumerate(created)}


def receipts_of(change_set: ChangeSet, steps: int, own: Mapping[Key, str]) -> list[am.Receipt]:
    """Return the receipts of the first steps."""
    found = []
    for step in change_set.steps[:steps]:
        keys = dict.fromkeys(edit.key for edit in step.edits)
        found.append(
            am.Receipt(
                step_id=f"{change_set.plan_id}/{step.ordinal}",
                outcome="applied",
                written=[
                    am.changes.WrittenEntity(entity=name, id=id, store_id=own.get((name, id)))
                    for name, id in keys
                ],
                at=change_set.at,
                by="test",
            )
        )
    return found


@attrs.frozen(repr=False)
class Stop:
    """Data in which every step before one is written, and some of its edits.

    Attributes:
        n: The ordinal of the step.
        planned: The data in the ids of the plan.
        data: The data in the ids of the store.
        given: The ids that the store has given so far.
        left: The edits of the step that are not written, in the ids of the store.
        receipts: The receipts.
    """

    n: int
    planned: am.Snapshot
    data: am.Snapshot
    given: dict[Key, str]
    left: list[Edit]
    receipts: list[am.Receipt]


def stops(
    data: am.Snapshot, change_set: ChangeSet, own: Mapping[Key, str], *, receipted: bool
) -> Iterator[Stop]:
    """Yield the data after each edit of each step, as a store writes them that then stops.

    Args:
        data: The data before the change set.
        change_set: The change set.
        own: The ids that the store gives; those of the plan if there are none.
        receipted: Whether every whole step has a receipt.
    """
    given: dict[Key, str] = {}
    planned = data
    for step in change_set.steps:
        for count, edit in enumerate((None, *step.edits)):
            if edit is not None:
                given = given | {key: own[key] for key in own.keys() & {edit.key}}
                planned, data = crashed(planned, [edit]), crashed(data, in_store_ids([edit], given))
            left = in_store_ids(step.edits[count:], given)
            receipts = receipts_of(change_set, step.ordinal - bool(left), own) if receipted else []
            yield Stop(step.ordinal, planned, data, given, left, receipts)


def written_by_others(stop: Stop, write: ForeignWrite) -> am.Snapshot:
    """Return the data of a stop after a write by another program, which is given in the ids of the plan."""
    rows = [edit.after for edit in in_store_ids((Edit(None, row) for row in write.put), stop.given)]
    drop = [(name, stop.given.get((name, id), id)) for name, id in write.drop]
    return ForeignWrite([row for row in rows if row is not None], drop).on(stop.data)


def expect_written(stop: Stop, change_set: ChangeSet, compiled: Any) -> None:
    """Assert that a step is checked at a stop as the edits that are left say."""
    found = am.changes.check_step(stop.data, compiled, stop.n, stop.receipts)
    assert found.failures == ()
    assert [unversioned(edit) for edit in found.edits] == [unversioned(edit) for edit in stop.left]
    assert found.done == (not stop.left)
    prefix = change_set.prefix(stop.n)
    assert am.check(stop.data, prefix, stop.receipts) == ()
    assert am.apply(stop.data, prefix, stop.receipts) == crashed(stop.data, found.edits)


def unversioned(edit: Edit) -> Edit:
    """Return an edit without the versions, which the store gives."""
    before, after = (row and attrs.evolve(row, version=None) for row in (edit.before, edit.after))
    return Edit(before, after)
