"""Laws of reading: on the rows that were asked for, every answer is that on all data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import ChangeSet, Intent
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.entities import kind_of
from accountmerge.testing.reference.written_data import crashed, edits_of
from accountmerge.testing.strategies import planned_cases
from accountmerge.testing.strategies.foreign_writes import foreign_writes
from asked_rows import read, rows_of
from rewritten_data import in_store_ids

FEW = settings(max_examples=settings().max_examples // 4)
"""One example is read again for every step, so that a quarter of the usual number takes as long."""
INTENTS: tuple[Any, ...] = (*REQUEST_KINDS, "undo")


def checked(data: am.Snapshot, change_set: ChangeSet, receipts: Any = ()) -> Any:
    return am.check(data, change_set, receipts)


def applied(data: am.Snapshot, change_set: ChangeSet, receipts: Any = ()) -> Any:
    """Return the rows that applying writes and removes, or the failures."""
    try:
        after = am.apply(data, change_set, receipts)
    except am.ApplyRefused as refused:
        return refused.failures
    before, now = ({(kind_of(row).name, row.id): row for row in rows_of(each)} for each in (data, after))
    changed = {key: row for key, row in now.items() if before.get(key) != row}
    return changed, before.keys() - now.keys()


def resumed(data: am.Snapshot, change_set: ChangeSet, receipts: Any = ()) -> Any:
    try:
        return am.resume(data, change_set, receipts)
    except am.ApplyRefused as refused:
        return refused.failures


@st.composite
def troubled(draw: st.DrawFn, intent: Intent) -> tuple[am.Snapshot, ChangeSet, list[am.Receipt]]:
    """Draw data in the middle of a change set: written with planned or own ids, receipted or not, with foreign writes."""
    case = draw(planned_cases(intents=(intent,)))
    snapshot, change_set = case.snapshot, case.change_set
    edits = edits_of(change_set)
    done = draw(st.integers(0, len(edits)))
    created = [edit for edit in edits if edit.before is None]
    own = {edit.key: f"own-{place}" for place, edit in enumerate(created)} if draw(st.booleans()) else {}
    stopped = crashed(snapshot, in_store_ids(edits[:done], own) if own else edits[:done])
    receipts = []
    if draw(st.booleans()):
        receipts = receipts_of(change_set, done, own)
    if draw(st.booleans()):
        write = draw(foreign_writes(stopped, change_set))
        if write.is_possible_on(stopped):
            stopped = write.on(stopped)
    event(f"own ids: {bool(own)}, receipts: {bool(receipts)}")
    return stopped, change_set, receipts


def receipts_of(change_set: ChangeSet, done: int, own: Any) -> list[am.Receipt]:
    """Return the receipts of the steps that are whole."""
    found, written = [], 0
    for step in change_set.steps:
        written += len(step.edits)
        if written > done:
            break
        entries = [
            am.changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id=own.get(edit.key))
            for edit in step.edits
        ]
        unique = {(entry.entity, entry.id): entry for entry in entries}
        found.append(
            am.Receipt(
                step_id=f"{change_set.plan_id}/{step.ordinal}",
                outcome="applied",
                written=unique.values(),
                at=change_set.at,
                by="test",
            )
        )
    return found


@pytest.mark.parametrize("intent", INTENTS)
@FEW
@given(st.data())
def test_on_the_rows_asked_for_a_set_is_checked_applied_and_resumed_as_on_all(
    intent: Intent, data: st.DataObject
) -> None:
    whole, change_set, receipts = data.draw(troubled(intent))
    through = data.draw(st.none() | st.integers(0, len(change_set.steps)))
    wanted = change_set if through is None else change_set.prefix(through)
    rows = rows_of(whole)
    others = data.draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    for more in ([], others):
        reading = am.changes.reading(change_set, through=through, receipts=receipts, taken_at=whole.taken_at)
        excerpt = read(whole, reading, more)
        note(f"{excerpt.asked}")
        assert checked(excerpt, wanted, receipts) == checked(whole, wanted, receipts)
        assert applied(excerpt, wanted, receipts) == applied(whole, wanted, receipts)
        assert resumed(excerpt, wanted, receipts) == resumed(whole, wanted, receipts)


@pytest.mark.parametrize("intent", INTENTS)
@FEW
@given(st.data())
def test_on_the_rows_asked_for_a_step_is_checked_as_on_all(intent: Intent, data: st.DataObject) -> None:
    whole, change_set, receipts = data.draw(troubled(intent))
    compiled = am.changes.compiled(change_set)
    rows = rows_of(whole)
    others = data.draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    for step in change_set.steps:
        expected = am.changes.check_step(whole, compiled, step.ordinal, receipts)
        for more in ([], others):
            reading = am.changes.reading(
                change_set, step=step.ordinal, receipts=receipts, taken_at=whole.taken_at
            )
            excerpt = read(whole, reading, more)
            note(f"step {step.ordinal}: {excerpt.asked}")
            assert am.changes.check_step(excerpt, compiled, step.ordinal, receipts) == expected


@pytest.mark.parametrize("intent", INTENTS)
@FEW
@given(st.data())
def test_steps_checked_one_by_one_are_the_set_applied(intent: Intent, data: st.DataObject) -> None:
    """Where the earlier steps are done, one step gives what applying the prefix gives."""
    case = data.draw(planned_cases(intents=(intent,)))
    change_set = case.change_set
    compiled = am.changes.compiled(change_set)
    present = case.snapshot
    for step in change_set.steps:
        prefix = change_set.prefix(step.ordinal)
        states = [present]
        write = data.draw(foreign_writes(present, change_set))
        if write.is_possible_on(present):
            states.append(write.on(present))
        half = data.draw(st.integers(0, len(step.edits)))
        states.append(crashed(present, step.edits[:half]))
        for state in states:
            earlier = change_set.prefix(step.ordinal - 1)
            if am.check(state, earlier) or not am.resume(state, earlier).is_finished:
                continue  # an earlier step is not done any more
            found = am.changes.check_step(state, compiled, step.ordinal)
            failures = am.check(state, prefix)
            assert {f.code for f in found.failures} == {f.code for f in failures}
            if not failures:
                after = crashed(state, found.edits)
                assert after == am.apply(state, prefix)
                assert found.done == (after == state)
        present = am.apply(present, prefix)
