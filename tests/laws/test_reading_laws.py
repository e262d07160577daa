"""Laws of reading: on the rows that were asked for, every answer is that on all data."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import pytest
from hypothesis import event, given, note, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.applying import replayed_on
from accountmerge.changes.change_sets import ChangeSet, Intent
from accountmerge.changes.compiling import Progress
from accountmerge.changes.readings import named_questions, read_answer, step_answer
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.entities import kind_of
from accountmerge.testing.reference.written_data import crashed, edits_of
from accountmerge.testing.strategies import planned_cases
from accountmerge.testing.strategies.foreign_writes import foreign_writes
from asked_rows import answers, read, rows_of
from prefix_steps import (
    expect_step,
    expect_written,
    expected_step,
    own_ids,
    receipts_of,
    stops,
    written_by_others,
)
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


def answered(whole: am.Snapshot, answering: Any, more: Any) -> Any:
    """Answer questions from a snapshot; return the answer of the evaluation."""
    try:
        questions = next(answering)
        while True:
            questions = answering.send([*answers(whole, questions), *more])
    except StopIteration as end:
        _, answer = end.value
        return answer


@st.composite
def troubled(draw: st.DrawFn, intent: Intent) -> tuple[am.Snapshot, ChangeSet, list[am.Receipt]]:
    """Draw data in the middle of a change set: written with planned or own ids, receipted or not, with foreign writes."""
    case = draw(planned_cases(intents=(intent,)))
    snapshot, change_set = case.snapshot, case.change_set
    edits = edits_of(change_set)
    done = draw(st.integers(0, len(edits)))
    own = own_ids(change_set) if draw(st.booleans()) else {}
    stopped = crashed(snapshot, in_store_ids(edits[:done], own) if own else edits[:done])
    receipts = []
    if draw(st.booleans()):
        ends = accumulate(len(step.edits) for step in change_set.steps)
        receipts = receipts_of(change_set, sum(end <= done for end in ends), own)
    if draw(st.booleans()):
        write = draw(foreign_writes(stopped, change_set))
        if write.is_possible_on(stopped):
            stopped = write.on(stopped)
    event(f"own ids: {bool(own)}, receipts: {bool(receipts)}")
    return stopped, change_set, receipts


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
def test_a_set_whose_named_rows_are_read_first_has_the_same_answer(
    intent: Intent, data: st.DataObject
) -> None:
    whole, change_set, receipts = data.draw(troubled(intent))
    through = data.draw(st.none() | st.integers(0, len(change_set.steps)))
    wanted = change_set if through is None else change_set.prefix(through)
    progress = Progress(am.changes.compiled(wanted), receipts)
    named = named_questions(progress.compiled, progress.told)

    def replay(data: am.Snapshot) -> Any:
        found = replayed_on(data, wanted, receipts)
        return found.failures, found.steps, dict(found.writes)

    answering = read_answer(replay, whole.taken_at, named=named)
    assert answered(whole, answering, []) == replay(whole)


@pytest.mark.parametrize("intent", INTENTS)
@FEW
@given(st.data())
def test_on_the_rows_asked_for_a_step_is_checked_as_on_all(intent: Intent, data: st.DataObject) -> None:
    """While the earlier steps are done, the answer is also that of the prefix that ends with the step."""
    whole, change_set, receipts = data.draw(troubled(intent))
    compiled = am.changes.compiled(change_set)
    rows = rows_of(whole)
    others = data.draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    for step in change_set.steps:
        on_all = am.changes.check_step(whole, compiled, step.ordinal, receipts)
        expected = expected_step(whole, change_set, step.ordinal, receipts)
        event(f"the earlier steps are done: {expected is not None}")
        for more in ([], others):
            reading = am.changes.reading(
                change_set, step=step.ordinal, receipts=receipts, taken_at=whole.taken_at
            )
            excerpt = read(whole, reading, more)
            note(f"step {step.ordinal}: {excerpt.asked}")
            found = am.changes.check_step(excerpt, compiled, step.ordinal, receipts)
            assert found == on_all
            if expected is not None:
                expect_step(whole, found, expected)


@pytest.mark.parametrize("intent", INTENTS)
@FEW
@given(st.data())
def test_a_step_has_the_same_answer_whatever_was_expected(intent: Intent, data: st.DataObject) -> None:
    """Rows that were seen before may be as now, out of date, or none."""
    whole, change_set, receipts = data.draw(troubled(intent))
    compiled = am.changes.compiled(change_set)
    rows = rows_of(whole)
    others = data.draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    for n in range(1, len(change_set.steps) + 1):
        on_all = am.changes.check_step(whole, compiled, n, receipts)
        for seen in (None, whole, am.changes.Excerpt(whole.taken_at, others)):
            answering = step_answer(Progress(compiled, receipts), n, whole.taken_at, seen)
            assert answered(whole, answering, others) == on_all


@pytest.mark.parametrize("intent", INTENTS)
@FEW
@given(st.data())
def test_steps_checked_one_by_one_are_the_set_applied(intent: Intent, data: st.DataObject) -> None:
    """Where the earlier steps are done, one step gives what applying the prefix gives, and writes what is left."""
    case = data.draw(planned_cases(intents=(intent,)))
    change_set = case.change_set
    compiled = am.changes.compiled(change_set)
    own = own_ids(change_set) if data.draw(st.booleans()) else {}
    receipted = data.draw(st.booleans())
    for stop in stops(case.snapshot, change_set, own, receipted=receipted):
        expect_written(stop, change_set, compiled)
        write = data.draw(foreign_writes(stop.planned, change_set))
        if write.is_possible_on(stop.planned):
            state = written_by_others(stop, write)
            expected = expected_step(state, change_set, stop.n, stop.receipts)
            if expected is not None:  # an earlier step is still done
                found = am.changes.check_step(state, compiled, stop.n, stop.receipts)
                expect_step(state, found, expected)
