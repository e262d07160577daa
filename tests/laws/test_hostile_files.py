"""Hostile files: whatever is in a file that can be read, it is applied as it says or refused, and nothing else happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import currently_in_test_context, event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.edits import is_same_image
from accountmerge.model.entities import KINDS, kind_of
from full_documents import golden_documents
from mutations import copied, mutate, resealed, swap

if TYPE_CHECKING:
    from collections.abc import Callable

PLANS = golden_documents(
    "migration.plan", "merge.plan", "access_decision.plan", "primary_email.plan", "customer_edit.plan"
)
CHANGE_SETS = golden_documents(
    "migration.confirmed", "merge.confirmed", "undo.confirmed", "access_decision.confirmed"
)
SNAPSHOTS = golden_documents("practice", "merge.halfway", "migration.halfway", "merge.after")
RECEIPT = golden_documents("merge.receipt")["merge.receipt"]


def loaded(document: Any) -> Any:
    """Return the value of a document, or nothing if it is refused as it should be."""
    try:
        return am.loads(json.dumps(document))
    except am.LoadError as error:
        faults = error.faults
    return None if faults else pytest.fail("refused without a fault")


HOW_OFTEN = st.sampled_from((1, 1, 2, 4))
HOW = st.sampled_from((mutate, swap, swap))


def altered(data: st.DataObject, document: Any) -> Any:
    twin = copied(document)
    for _ in range(data.draw(HOW_OFTEN)):
        data.draw(HOW)(data, twin)
    return resealed(twin)


def refusable(action: Callable[[], Any]) -> Any:
    """Return what an action returns; nothing if it refuses as it may."""
    try:
        return action()
    except am.ApplyRefused as error:
        refused = error
    return None if refused.failures and refused.describe("fr") else pytest.fail("refused without a failure")


def told(what: str) -> None:
    """Count what came of an example, if examples are drawn."""
    if currently_in_test_context():
        event(what)


def used(change_set: am.ChangeSet, snapshot: am.Snapshot, receipts: tuple[am.Receipt, ...] = ()) -> None:
    """Do with a change set all that can be done with one, and see that it does what it says or refuses."""
    before = am.dumps(snapshot)
    failures = am.check(snapshot, change_set, receipts)
    result = refusable(lambda: am.apply(snapshot, change_set, receipts))
    assert (result is None) == bool(failures)
    report = refusable(lambda: am.resume(snapshot, change_set, receipts))
    refusable(lambda: am.invert(change_set))
    assert am.dumps(snapshot) == before
    told("applied" if result is not None else "refused: " + ",".join(sorted({f.code for f in failures})))
    if result is None:
        return
    assert am.loads(am.dumps(result)) == result
    if not receipts:
        assert_as_it_says(snapshot, change_set, result)
        assert report is not None
        assert am.resume(result, change_set).is_finished


def assert_as_it_says(snapshot: am.Snapshot, change_set: am.ChangeSet, result: am.Snapshot) -> None:
    """Compare a result with the last images of the edits, and all else with what was there."""
    steps = change_set.wanted_steps
    last = {edit.key: edit.after for step in steps for edit in step.edits}
    for kind in KINDS:
        found, was = (each.table(kind.collection) for each in (result, snapshot))
        for id in {*(row.id for row in found), *(row.id for row in was)}:
            key = (kind.name, id)
            if key in last and (found.get(id) is not None or last[key] is None):
                assert is_same_image(found.get(id), last[key])
            elif key not in last:
                assert found.get(id) == was.get(id) or id not in was  # under an id of the store
    assert {key for key in last if last[key] is not None} >= {
        (kind_of(row).name, row.id)
        for kind in KINDS
        for row in result.table(kind.collection)
        if row.id not in snapshot.table(kind.collection)
    }


@pytest.mark.parametrize("snapshot", sorted(SNAPSHOTS))
@pytest.mark.parametrize("name", sorted(CHANGE_SETS))
def test_an_unaltered_change_set_does_what_it_says_or_is_refused(name: str, snapshot: str) -> None:
    used(loaded(CHANGE_SETS[name]), loaded(SNAPSHOTS[snapshot]))


@given(st.sampled_from(sorted(CHANGE_SETS)), st.data())
def test_an_altered_change_set_is_refused_or_does_what_it_says(name: str, data: st.DataObject) -> None:
    change_set = loaded(altered(data, CHANGE_SETS[name]))
    snapshot = loaded(SNAPSHOTS[data.draw(st.sampled_from(sorted(SNAPSHOTS)))])
    event("not loaded" if change_set is None else "loaded")
    if change_set is not None:
        used(change_set, snapshot)


@given(st.sampled_from(sorted(CHANGE_SETS)), st.data())
def test_a_change_set_meets_altered_data(name: str, data: st.DataObject) -> None:
    snapshot = loaded(altered(data, SNAPSHOTS[data.draw(st.sampled_from(sorted(SNAPSHOTS)))]))
    event("not loaded" if snapshot is None else "loaded")
    if snapshot is not None:
        used(loaded(CHANGE_SETS[name]), snapshot)


@given(data=st.data())
def test_altered_receipts_change_nothing_but_what_is_known(data: st.DataObject) -> None:
    change_set = loaded(CHANGE_SETS["merge.confirmed"])
    document = {**copied(RECEIPT), "step_id": f"{change_set.plan_id}/{data.draw(st.integers(1, 6))}"}
    swap(data, document)
    ids = st.sampled_from([edit.id for step in change_set.steps for edit in step.edits])
    entry = {"entity": data.draw(st.sampled_from([kind.name for kind in KINDS])), "id": data.draw(ids)}
    document["written"] = [*document["written"], {**entry, "store_id": data.draw(ids)}]
    receipt = loaded(document)
    if receipt is not None:
        used(change_set, loaded(SNAPSHOTS[data.draw(st.sampled_from(sorted(SNAPSHOTS)))]), (receipt,))


@given(st.sampled_from(sorted(PLANS)), st.data())
def test_an_altered_plan_is_refused_or_planned_again(name: str, data: st.DataObject) -> None:
    plan = loaded(altered(data, PLANS[name]))
    snapshot = loaded(SNAPSHOTS[data.draw(st.sampled_from(sorted(SNAPSHOTS)))])
    event("not loaded" if plan is None else "loaded")
    if plan is None:
        return
    before = am.dumps(snapshot)
    again = am.rebase(snapshot, plan)
    assert am.loads(am.dumps(again.plan)) == again.plan
    for language in ("en", "fr"):
        assert plan.summary(language)
        assert all(finding.describe(language) for finding in (*plan.findings, *again.plan.findings))
    assert am.dumps(snapshot) == before
    used(plan.change_set, snapshot)


def test_a_change_set_that_names_nobody_is_refused() -> None:
    document = copied(CHANGE_SETS["migration.confirmed"])
    made = [
        edit["after"]
        for step in document["steps"]
        for edit in step["edits"]
        if (edit["op"], edit["entity"]) == ("create", "appointment")
    ]
    for after in made:
        after["customer_id"] = "nobody"
    change_set, snapshot = loaded(resealed(document)), loaded(SNAPSHOTS["practice"])
    used(change_set, snapshot)
    assert {failure.code for failure in am.check(snapshot, change_set)} == {"dangling_reference"}
