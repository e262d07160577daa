"""One step of a change set whose earlier steps are done."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.testing.reference.written_data import crashed, edits_of
from asked_rows import read, rows_of
from prefix_steps import Stop, expect_step, expect_written, expected_step, own_ids, stops
from rewritten_data import in_store_ids
from small_values import NOON, customer, profile
from stored_questions import planned

MANY = 10
"""The number of stored questions of each kind that are tried."""
FEW = 6
"""The same where each is tried after each of its edits."""


def cases(many: int = MANY) -> list[tuple[am.Snapshot, ChangeSet]]:
    return [case for kind in REQUEST_KINDS for case in planned(kind)[:many]]


def changed_rows(stop: Stop, step: am.changes.Step) -> Iterator[am.Snapshot]:
    """Yield the data of a stop, each with a row of the step changed or gone."""
    for entity, id in dict.fromkeys(edit.key for edit in step.edits):
        own = stop.given.get((entity, id), id)
        row = stop.data.table(COLLECTIONS[entity]).get(own)
        if isinstance(row, am.Appointment):
            yield stop.data.changed([attrs.evolve(row, status="missed")])
        if isinstance(row, am.Access):
            yield stop.data.changed(drop={"access": [own]})


COLLECTIONS: dict[str, Any] = {
    "profile": "profiles",
    "customer": "customers",
    "appointment": "appointments",
    "record": "records",
    "access": "access",
    "access_request": "access_requests",
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("receipted", [False, True])
@pytest.mark.parametrize("is_own", [False, True])
def test_a_step_is_checked_and_written_as_the_prefix_that_ends_with_it(is_own: bool, receipted: bool) -> None:
    """The rule for a removed row is part of it: it is not done while an earlier edit of its step is not."""
    compared = 0
    for data, change_set in cases(FEW):
        compiled = am.changes.compiled(change_set)
        own = own_ids(change_set) if is_own else {}
        for stop in stops(data, change_set, own, receipted=receipted):
            expect_written(stop, change_set, compiled)
            for state in changed_rows(stop, change_set.steps[stop.n - 1]):
                expected = expected_step(state, change_set, stop.n, stop.receipts)
                if expected is not None:
                    compared += 1
                    found = am.changes.check_step(state, compiled, stop.n, stop.receipts)
                    expect_step(state, found, expected)
    assert compared > 150


def test_a_store_may_give_the_ids_that_a_plan_has_for_others() -> None:
    """Each new row gets the planned id of the next new row of its kind, and its receipts say so."""
    exchanged = 0
    for data, change_set in cases(FEW):
        compiled, own = am.changes.compiled(change_set), own_ids(change_set)
        for name in COLLECTIONS:
            keys = [key for key in own if key[0] == name]
            own |= {key: keys[place - 1][1] for place, key in enumerate(keys)}
        if any(key[1] != id for key, id in own.items()):
            exchanged += 1
            for stop in stops(data, change_set, own, receipted=True):
                if not stop.left:
                    expect_written(stop, change_set, compiled)
                elif len(stop.left) == len(change_set.steps[stop.n - 1].edits):
                    found = am.changes.check_step(stop.data, compiled, stop.n, stop.receipts)
                    assert found.failures == ()
                    new = [edit for edit in found.edits if edit.before is None]
                    assert not [edit for edit in new if edit.id in stop.data.table(COLLECTIONS[edit.entity])]
    assert exchanged > 3


def test_every_step_of_a_finished_set_is_done_in_any_ids_without_receipts() -> None:
    for snapshot, change_set in cases():
        if change_set.intent == "undo":
            continue  # a store has kept the receipts of what it undoes
        own = {key: id for key, id in own_ids(change_set).items() if key[0] == "profile"}
        finished = crashed(snapshot, in_store_ids(edits_of(change_set), own))
        compiled = am.changes.compiled(change_set)
        for step in change_set.steps:
            found = am.changes.check_step(finished, compiled, step.ordinal)
            assert found.done, (change_set.intent, step.kind, found.failures)


def test_a_row_that_others_restored_after_its_receipt_has_drifted() -> None:
    """Only a row of which the step wrote the last image may be something else by now."""
    tried = 0
    for data, change_set in cases(FEW):
        compiled, own = am.changes.compiled(change_set), own_ids(change_set)
        for stop in stops(data, change_set, own, receipted=True):
            for edit in change_set.steps[stop.n - 1].edits if not stop.left else ():
                if edit.entity in ("appointment", "profile") and edit.before and edit.after:
                    tried += 1
                    (before,) = in_store_ids([edit], stop.given)
                    assert before.before is not None
                    state = stop.data.changed([before.before])
                    found = am.changes.check_step(state, compiled, stop.n, stop.receipts)
                    assert "write_undone" in {failure.code for failure in found.failures}
                    assert found.edits == ()
    assert tried > 50


def test_a_row_that_is_gone_is_not_done_while_an_earlier_edit_is_not() -> None:
    tried = 0
    for data, change_set in planned("merge"):
        compiled, present = am.changes.compiled(change_set), data
        for step in change_set.steps:
            last = step.edits[-1]
            if len(step.edits) > 1 and last.after is None and last.entity == "access":
                tried += 1
                gone = present.changed(drop={"access": [last.id]})
                failures = am.changes.check_step(gone, compiled, step.ordinal).failures
                assert "gone" in {failure.code for failure in failures}
            present = am.apply(present, change_set.prefix(step.ordinal))
    assert tried


def test_a_version_counts_for_the_first_image_only() -> None:
    """The store counts its writes, so a later step meets rows with other versions than the plan has read."""
    for data, change_set in cases():
        edited = {edit.key for edit in edits_of(change_set)}
        done = am.apply(data, change_set)
        counted: Any = [
            attrs.evolve(row, version=8) for row in rows_of(done) if am.changes.Edit(None, row).key in edited
        ]
        compiled = am.changes.compiled(change_set)
        done = done.changed(counted)
        for step in change_set.steps:
            assert am.changes.check_step(done, compiled, step.ordinal).failures == ()


def test_a_rebooked_session_needs_few_rows() -> None:
    tried = 0
    for data, change_set in planned("migration"):
        present = data
        for step in change_set.steps:
            overlapping = {id for guard in step.guards for id in guard.except_ids}
            others = len(data.profiles) + sum(row.merged_into is not None for row in data.customers)
            if step.kind == "rebook" and len(overlapping) <= 2 and others <= 2:  # others are read, too
                tried += 1
                excerpt = read(
                    present, am.changes.reading(change_set, step=step.ordinal, taken_at=data.taken_at)
                )
                assert len(rows_of(excerpt)) <= 8
            present = am.apply(present, change_set.prefix(step.ordinal))
    assert tried


def test_a_step_that_is_not_there_is_named() -> None:
    _, change_set = planned("merge")[0]
    compiled = am.changes.compiled(change_set)
    for n in (0, len(change_set.steps) + 1):
        with pytest.raises(am.InvalidValueError) as refused:
            compiled.step(n)
        assert str(n) in refused.value.describe("en")
        assert str(n) in refused.value.describe("fr")


def test_planners_refuse_an_excerpt() -> None:
    data, change_set = planned("merge")[0]
    excerpt: Any = read(data, am.changes.reading(change_set, taken_at=data.taken_at))
    request = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    with pytest.raises(am.InvalidValueError):
        am.plan_merge(excerpt, request, at=data.taken_at)


def test_a_guard_about_rows_that_were_not_asked_for_is_not_answered() -> None:
    """All rows are there, but it is not known that they are all: only look-ups by id are answered."""
    unanswered = 0
    for data, change_set in cases():
        unasked = am.changes.Excerpt(data.taken_at, rows_of(data), am.changes.Questions())
        codes = {failure.code for failure in am.check(unasked, change_set)}
        assert codes <= {"guard_unanswerable"}
        unanswered += bool(codes)
        kinds = {guard.kind for step in change_set.steps for guard in step.guards}
        if kinds - {"unchanged", "not_after", "unnumbered"}:
            assert codes, kinds
    assert unanswered > 40


def test_an_excerpt_wants_questions_and_entities() -> None:
    wrong: Any = {}
    none = am.changes.Questions()
    customers: Any = [customer("C1")]
    makers: list[tuple[str, Callable[[], object]]] = [
        ("asked", lambda: am.changes.Excerpt(NOON, [], wrong)),
        ("rows", lambda: am.changes.Excerpt(NOON, [wrong], none)),
        ("rows", lambda: am.changes.Excerpt(NOON, wrong, none)),
        ("taken_at", lambda: am.changes.Excerpt(NOON.replace(tzinfo=None), [], none)),
        ("profiles", lambda: am.changes.Excerpt(NOON, profiles=customers)),
        ("complete_for", lambda: am.changes.Excerpt(NOON, complete_for=am.Completeness())),
        ("drop", lambda: am.changes.Excerpt(NOON).changed(drop={"client": ["C1"]})),  # type: ignore[dict-item]
    ]
    for field, make in makers:
        with pytest.raises(am.InvalidValueError) as refused:
            make()
        assert refused.value.facts["field"] == field
        assert refused.value.describe("en") != refused.value.describe("fr")


def copies(value: Any) -> list[Any]:
    pickled = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes
    return [copy.copy(value), copy.deepcopy(value), attrs.evolve(value), pickled]


def test_each_copy_of_an_excerpt_knows_what_was_asked_and_answers_the_same() -> None:
    row = profile()
    for data, change_set in cases():
        excerpt = read(data, am.changes.reading(change_set, taken_at=data.taken_at))
        for twin in copies(excerpt):
            assert type(twin) is type(excerpt)
            assert twin == excerpt
            assert hash(twin) == hash(excerpt)
            assert twin.asked == excerpt.asked
            assert am.check(twin, change_set) == am.check(excerpt, change_set)
        changed = attrs.evolve(excerpt, profiles=[row], taken_at=NOON)
        assert changed.asked == excerpt.asked
        assert (list(changed.profiles), changed.taken_at) == ([row], NOON)
        assert list(changed.customers) == list(excerpt.customers)
