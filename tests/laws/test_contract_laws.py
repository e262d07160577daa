"""The laws of the change set as a contract: crashes, receipts, foreign writes, undoing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import KIND_OF_CLASS, KINDS, kind_of
from accountmerge.testing.conformance.comparisons import differences
from accountmerge.testing.reference import added_faults, crashed, edits_of, row_of
from accountmerge.testing.reference.foreign_writes import scribbles
from accountmerge.testing.strategies import (
    PIVOT,
    PlannedCase,
    drifts,
    planned_cases,
    practices,
    requests,
    snapshots,
)
from closed_words import check_failures
from rewritten_data import in_store_ids
from strategies import colliding_snapshots, fault_points, receipts

if TYPE_CHECKING:
    from accountmerge.changes.edits import Key


def bare(snapshot: am.Snapshot) -> am.Snapshot:
    """Return a snapshot without the versions, which the store gives: a plan that undoes names none."""
    rows: Any = {
        kind.collection: [attrs.evolve(row, version=None) for row in snapshot.table(kind.collection)]
        for kind in KINDS
    }
    return am.Snapshot.of_checked(snapshot.taken_at, snapshot.complete_for, rows)


def receipts_for(
    change_set: am.ChangeSet, steps: int, store_ids: dict[Key, str] | None = None
) -> list[am.Receipt]:
    """Return the receipts of the first steps of a set, from a store that gives ids of its own."""
    return [
        am.Receipt(
            step_id=f"{change_set.plan_id}/{step.ordinal}",
            outcome="applied",
            written=[
                am.changes.WrittenEntity(
                    entity=edit.entity, id=edit.id, store_id=(store_ids or {}).get(edit.key)
                )
                for edit in {edit.key: edit for edit in step.edits}.values()
            ],
            at=PIVOT,
            by="a store",
        )
        for step in change_set.steps[:steps]
    ]


# Crashes


@given(planned_cases(intents=("undo",)))
def test_a_crash_at_any_edit_of_an_undoing_leaves_no_trace(case: PlannedCase) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    edits = edits_of(change_set)
    whole = am.apply(snapshot, change_set)
    for n in range(len(edits) + 1):
        stopped = crashed(snapshot, edits[:n])
        report = am.resume(stopped, change_set)
        assert [edit.state for edit in report.edits] == ["done"] * n + ["to_apply"] * (len(edits) - n)
        assert bare(am.apply(stopped, change_set)) == bare(whole)
        assert am.check(stopped, change_set) == ()


@given(planned_cases())
def test_resuming_reports_what_applying_does(case: PlannedCase) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    for n in range(len(change_set.steps) + 1):
        part = am.apply(snapshot, change_set.prefix(n))
        report = am.resume(part, change_set)
        assert [step.ordinal for step in report.steps] == [step.ordinal for step in change_set.steps[n:]]
        rest = crashed(part, [edit for step in report.steps for edit in step.edits])
        assert bare(rest) == bare(am.apply(snapshot, change_set))
        assert report.is_finished == (n == len(change_set.steps))
        assert am.resume(part, change_set.prefix(n)).is_finished


def ids_of_the_store(edits: list[am.changes.Edit], which: str) -> dict[Key, str]:
    """Return ids that a store gives: new ones, or each the one that the plan has for the next of its kind."""
    made = [edit.key for edit in edits if edit.before is None]
    if which == "new":
        return {key: f"given-by-the-store-{n}" for n, key in enumerate(made)}
    alike = {name: [id for kind, id in made if kind == name] for name, _ in made}
    return {(name, id): ids[n - 1] for name, ids in alike.items() for n, id in enumerate(ids)}


def counts(snapshot: am.Snapshot) -> dict[str, int]:
    return {kind.collection: len(snapshot.table(kind.collection)) for kind in KINDS}


@given(planned_cases(), st.sampled_from(["new", "those planned for others"]))
def test_a_store_with_ids_of_its_own_never_writes_twice(case: PlannedCase, which: str) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    edits = edits_of(change_set)
    store_ids = ids_of_the_store(edits, which)
    assume(store_ids)
    event(f"ids {which}: {min(2, len(store_ids))} or more")
    known = added_faults(snapshot, am.apply(snapshot, change_set))  # of a merge, overlaps that are over
    whole = crashed(snapshot, in_store_ids(edits, store_ids))
    done = 0
    for step_count in range(len(change_set.steps) + 1):
        stopped = crashed(snapshot, in_store_ids(edits[:done], store_ids))
        receipts = receipts_for(change_set, step_count, store_ids)
        resumed = am.apply(stopped, change_set, receipts)
        assert counts(resumed) == counts(whole)
        assert added_faults(snapshot, resumed) <= known
        if step_count == len(change_set.steps):
            assert resumed == stopped == whole
            break
        done += len(change_set.steps[step_count].edits)


@given(planned_cases(), st.data())
def test_an_answer_that_was_lost_is_found_in_any_ids(case: PlannedCase, data: st.DataObject) -> None:
    """Without a receipt, whatever was made is known by what it stands for, wherever the store stopped.

    A record stands for nothing but itself: two may be equal.
    """
    snapshot, change_set = case.snapshot, case.change_set
    edits = edits_of(change_set)
    store_ids = ids_of_the_store(edits, "new")
    assume(store_ids and "record" not in {name for name, _ in store_ids})
    whole = crashed(snapshot, in_store_ids(edits, store_ids))
    done = data.draw(st.integers(0, len(edits)), label="edits done")
    stopped = crashed(snapshot, in_store_ids(edits[:done], store_ids))
    resumed = am.apply(stopped, change_set)
    assert counts(resumed) == counts(whole)
    assert added_faults(snapshot, resumed) <= added_faults(snapshot, am.apply(snapshot, change_set))
    assert am.resume(resumed, change_set).is_finished
    assert am.apply(resumed, change_set) == resumed


@given(planned_cases(), st.data())
def test_what_a_store_gives_is_carried_over(case: PlannedCase, data: st.DataObject) -> None:
    """A store numbers what it books and counts its writes; neither is drift, and neither is lost."""
    snapshot, change_set = case.snapshot, case.change_set
    edits = edits_of(change_set)
    done = data.draw(fault_points(len(edits)), label="edits done")
    stopped = crashed(snapshot, edits[: done + 1])
    written = {edit.key: row_of(stopped, edit) for edit in edits[: done + 1]}
    given_ = [_stamped(row) for row in written.values() if row is not None]
    result = am.apply(stopped.changed(given_), change_set)
    for row in given_:
        kept: Any = result.table(KIND_OF_CLASS[type(row)].collection).get(row.id)
        assert kept is None or [getattr(kept, name) for name in kind_of(row).store_given] == [
            getattr(row, name) for name in kind_of(row).store_given
        ]
    assert not differences(am.apply(snapshot, change_set), result)


def _stamped(row: Any) -> Any:
    number = {"number": row.number or "APP-31337"} if isinstance(row, am.Appointment) else {}
    return attrs.evolve(row, version="new", **number)


@given(planned_cases())
def test_what_receipts_say_was_written_is_never_written_again(case: PlannedCase) -> None:
    """Somebody took back what a step wrote: that is drift, not work that is left."""
    snapshot, change_set = case.snapshot, case.change_set
    receipts = receipts_for(change_set, len(change_set.steps))
    report = am.resume(snapshot, change_set, receipts)
    assert not report.count("to_apply")
    assert report.drifted
    failures = am.check(snapshot, change_set, receipts)
    assert "write_undone" in {failure.code for failure in failures}
    other = [attrs.evolve(receipt, step_id=f"another/{receipt.ordinal}") for receipt in receipts]
    assert am.resume(snapshot, change_set, other) == am.resume(snapshot, change_set)


@given(planned_cases(), st.data())
def test_a_later_change_does_not_stand_against_a_set_with_receipts(
    case: PlannedCase, data: st.DataObject
) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    after = am.apply(snapshot, change_set)
    there = [row for row in (row_of(after, edit) for edit in edits_of(change_set)) if row is not None]
    assume(there)
    others = scribbles(data.draw(st.sampled_from(there), label="written by somebody else"))
    changed = after.changed([data.draw(st.sampled_from(others))])
    receipts = receipts_for(change_set, len(change_set.steps))
    assert am.resume(changed, change_set, receipts).is_finished
    assert am.apply(changed, change_set, receipts) == changed


@given(planned_cases(), st.data())
def test_receipts_count_once_in_any_order_and_only_for_their_plan(
    case: PlannedCase, data: st.DataObject
) -> None:
    change_set = case.change_set
    done = data.draw(fault_points(len(change_set.steps) + 1))
    part = am.apply(case.snapshot, change_set.prefix(done))
    found = data.draw(receipts(change_set))
    own = {receipt for receipt in found if receipt.plan_id == change_set.plan_id}
    sorted_once = sorted(own, key=lambda receipt: receipt.ordinal)
    assert am.resume(part, change_set, found) == am.resume(part, change_set, sorted_once)
    assert am.check(part, change_set, found) == am.check(part, change_set, sorted_once)


# Foreign writes


@given(planned_cases(), st.data())
def test_a_foreign_write_at_any_gap_is_never_overwritten(case: PlannedCase, data: st.DataObject) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    edits = edits_of(change_set)
    for n in range(len(edits) + 1):
        stopped = crashed(snapshot, edits[:n])
        write = data.draw(drifts(stopped, change_set), label="written by somebody else")
        changed = write.on(stopped)
        report = am.resume(changed, change_set)
        written = {row.id for row in write.put} | {id for _, id in write.drop}
        assert written <= {edit.id for edit in report.drifted}
        failures = am.check(changed, change_set)
        assert written <= {failure.facts.get("id") for failure in failures}
        check_failures(failures)
        with pytest.raises(am.ApplyRefused) as refusal:
            am.apply(changed, change_set)
        assert refusal.value.failures == failures


@given(planned_cases(), snapshots())
def test_applying_succeeds_just_when_checking_finds_no_failure(case: PlannedCase, other: am.Snapshot) -> None:
    for snapshot in (case.snapshot, other):
        failures = am.check(snapshot, case.change_set)
        check_failures(failures)
        if failures:
            with pytest.raises(am.ApplyRefused) as refusal:
                am.apply(snapshot, case.change_set)
            assert refusal.value.failures == failures
        else:
            am.apply(snapshot, case.change_set)


# Undoing


@given(planned_cases(undoable=True))
def test_undoing_any_prefix_gives_back_what_was(case: PlannedCase) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    for n in range(len(change_set.steps) + 1):
        part = change_set.prefix(n)
        inverse = am.invert(part).confirm(by="Ann Example", at=PIVOT)
        assert inverse.plan_id != change_set.plan_id
        assert am.loads(am.dumps(inverse)) == inverse
        applied = am.apply(snapshot, part)
        assert bare(am.apply(applied, inverse)) == bare(snapshot)
        # And the inverse of the whole takes back a part just as well.
        whole = am.invert(change_set).confirm(by="Ann Example", at=PIVOT)
        assert bare(am.apply(applied, whole)) == bare(snapshot)


@given(planned_cases(undoable=True))
def test_every_prefix_of_undoing_is_safe(case: PlannedCase) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    applied = am.apply(snapshot, change_set)
    inverse = am.invert(change_set).confirm(by="Ann Example", at=PIVOT)
    for n in range(len(inverse.steps) + 1):
        part = am.apply(applied, inverse.prefix(n))
        assert not added_faults(snapshot, part) - added_faults(snapshot, applied)  # of bookings that are over
        assert bare(am.apply(part, inverse)) == bare(snapshot)


@given(planned_cases(undoable=True), st.data())
def test_undoing_refuses_after_any_later_change(case: PlannedCase, data: st.DataObject) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    applied = am.apply(snapshot, change_set)
    inverse = am.invert(change_set).confirm(by="Ann Example", at=PIVOT)
    write = data.draw(drifts(applied, inverse), label="written by somebody else")
    with pytest.raises(am.ApplyRefused):
        am.apply(write.on(applied), inverse)


@given(planned_cases(undoable=True))
def test_undoing_is_confirmed_by_itself(case: PlannedCase) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    inverse = am.invert(change_set)
    assert inverse.needs_confirmation
    applied = am.apply(snapshot, change_set)
    with pytest.raises(am.ApplyRefused):
        am.apply(applied, inverse)
    with pytest.raises(am.ApplyRefused):
        am.apply(applied, attrs.evolve(inverse, confirmation=change_set.confirmation))


@given(planned_cases(undoable=True))
def test_a_booking_with_a_number_is_not_deleted(case: PlannedCase) -> None:
    snapshot, change_set = case.snapshot, case.change_set
    created = [
        edit.after
        for edit in edits_of(change_set)
        if edit.before is None and isinstance(edit.after, am.Appointment)
    ]
    assume(created)
    applied = am.apply(snapshot, change_set)
    row = applied.appointments[created[0].id]
    numbered = applied.changed([attrs.evolve(row, number="APP-777001")])
    inverse = am.invert(change_set).confirm(by="Ann Example", at=PIVOT)
    failures = am.check(numbered, inverse)
    assert "booking_numbered" in {failure.code for failure in failures}
    # With a number given ahead it is known before anything is applied.
    ahead = [
        attrs.evolve(
            step,
            edits=tuple(
                am.changes.Edit(edit.before, attrs.evolve(edit.after, number="APP-777001"))
                if isinstance(edit.after, am.Appointment) and edit.after.id == created[0].id
                else edit
                for edit in step.edits
            ),
        )
        for step in change_set.steps
    ]
    with pytest.raises(am.ApplyRefused) as refusal:
        am.invert(attrs.evolve(change_set, steps=tuple(ahead)))
    assert "booking_numbered" in {failure.code for failure in refusal.value.failures}


# Planning


@settings(max_examples=150)
@given(
    st.one_of(snapshots(), colliding_snapshots(), practices().map(lambda practice: practice.snapshot)),
    st.data(),
)
def test_whatever_is_asked_of_whatever_data_is_answered(snapshot: am.Snapshot, data: st.DataObject) -> None:
    request = data.draw(requests(snapshot))
    plan = am.plan(snapshot, request, at=snapshot.taken_at)
    assert am.loads(am.dumps(request)) == request
    assert am.loads(am.dumps(plan)) == plan
    event(f"{plan.change_set.intent}: {'ready' if plan.is_ready else 'blocked'}")
    if not plan.is_ready:
        assert not plan.change_set.steps
        assert plan.blockers
        return
    confirmed = plan.confirm(by="Ann Example", at=snapshot.taken_at)
    over = "introduced_double_booking" in {finding.code for finding in plan.warnings}
    for n in range(len(confirmed.steps) + 1):
        part = am.apply(snapshot, confirmed.prefix(n))
        assert over or not added_faults(snapshot, part)
