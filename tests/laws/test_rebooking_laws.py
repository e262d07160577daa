"""The laws of the change set (design, section 6), for the plan of a rebooking request.

Those that hold for plans of every kind are the laws of planners (`planner_laws/test_planner_laws.py`).
"""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import KINDS
from accountmerge.testing.reference import added_faults, booking_roots, crashed, edits_of, row_of
from accountmerge.testing.strategies import PIVOT, RebookingCase, busy, rebooking_cases
from rewritten_data import in_own_ids, read_at


def codes(snapshot: am.Snapshot, change_set: am.ChangeSet) -> set[str]:
    failures = am.check(snapshot, change_set)
    if failures:
        with pytest.raises(am.ApplyRefused) as refusal:
            am.apply(snapshot, change_set)
        assert refusal.value.failures == failures
    return {failure.code for failure in failures}


def booked(case: RebookingCase, result: am.Snapshot) -> list[am.Appointment]:
    """Return the live sessions that a request asks for; written without a look at the planner."""
    named = {"p0@example.com": "P0", "p1@example.com": "P1", "p2@example.com": "P2"}
    profile = named[case.request.new_email.text]
    return [
        row
        for row in result.appointments
        if row.status in ("booked", "held")
        and (row.profile_id, row.customer_id) == (profile, "C0")
        and row.slot.start == case.request.start
        and row.modality == case.request.modality
    ]


# 1. Deterministic, 2. Pure


@given(rebooking_cases())
def test_planning_and_applying_change_nothing(case: RebookingCase) -> None:
    before = am.dumps(case.snapshot)
    plan = case.plan()
    if plan.is_ready:
        am.apply(case.snapshot, plan.change_set)
    assert am.dumps(case.snapshot) == before


# 3. Goal


def level(snapshot: am.Snapshot, profile: str) -> int:
    rows = [row for row in snapshot.access if (row.profile_id, row.customer_id) == (profile, "C0")]
    return max((("viewing", "treating").index(row.level) + 1 for row in rows), default=0)


@given(busy(rebooking_cases()))
def test_the_new_profile_gets_the_access_that_the_old_one_has_in_the_same_step(case: RebookingCase) -> None:
    plan = case.plan()
    result = am.apply(case.snapshot, plan.change_set)
    assert len(plan.change_set.steps) == 1
    assert level(result, "P1") == max(level(case.snapshot, "P0"), level(case.snapshot, "P1"))
    assert level(result, "P0") == level(case.snapshot, "P0")


@given(rebooking_cases())
def test_a_request_that_was_carried_out_is_an_empty_ready_plan(case: RebookingCase) -> None:
    plan = case.plan()
    assume(plan.is_ready)
    done = am.apply(case.snapshot, plan.change_set)
    for at in (case.at, case.at + timedelta(days=400)):
        again = attrs.evolve(case, at=at).plan(done)
        assert again.is_ready, again.blockers
        assert not again.change_set.steps


@given(busy(rebooking_cases()), st.sampled_from(("cancelled", "completed", "missed")))
def test_what_became_of_a_session_is_not_undone_by_asking_again(case: RebookingCase, status: Any) -> None:
    done = am.apply(case.snapshot, case.plan().change_set)
    (session,) = booked(case, done)
    again = case.plan(done.changed([attrs.evolve(session, status=status)]))
    assert again.is_ready
    assert not again.change_set.steps
    assert "booked_before" in {finding.code for finding in again.warnings}


@given(busy(rebooking_cases()))
def test_planning_after_a_crash_in_any_edit_reaches_the_same_end(case: RebookingCase) -> None:
    change_set = case.plan().change_set
    whole = am.apply(case.snapshot, change_set)
    edits = edits_of(change_set)
    for n in range(len(edits) + 1):
        part = crashed(case.snapshot, edits[:n])
        rest = case.plan(part)
        assert rest.is_ready, (n, rest.blockers)
        assert am.apply(part, rest.change_set) == whole


@given(busy(rebooking_cases()))
def test_a_rebooking_is_the_one_that_the_migration_makes(case: RebookingCase) -> None:
    (step,) = case.plan().change_set.steps
    assume(step.kind == "rebook")
    waiting = attrs.evolve(case.snapshot.profiles["P1"], schedule="pending")
    snapshot = case.snapshot.changed([waiting])
    request = am.MigrationRequest(
        profile_id="P0",
        new_email="p1@example.com",
        reason="security",
        ticket="T-1",
        agreement=am.Agreement(by="Ann Example", at=PIVOT - timedelta(days=1), version="1"),
    )
    blockers = am.plan_migration(snapshot, request, at=case.at).blockers
    accept = [am.Acceptance(finding=found.id, by="Ann Example", why="agreed") for found in blockers]
    migration = am.plan_migration(snapshot, attrs.evolve(request, accept=accept), at=case.at)
    assume(migration.is_ready)
    bookings = [
        edit
        for each in migration.change_set.steps
        for edit in each.edits
        if each.kind == "rebook" and "A0" in {e.id for e in each.edits} and edit.entity == "appointment"
    ]
    assert [edit for edit in step.edits if edit.entity == "appointment"] == bookings


# 4. Prefix-safe, 5. Conserving


@given(busy(rebooking_cases()))
def test_no_edit_adds_a_fault_but_what_was_accepted(case: RebookingCase) -> None:
    change_set = case.plan().change_set
    accepted = [entry.finding.split(":")[1:] for entry in case.request.accept]
    roots = booking_roots(am.apply(case.snapshot, change_set))
    allowed = {frozenset(roots.get(id, id) for id in ids) for ids in accepted}
    edits = edits_of(change_set)
    for n in range(len(edits) + 1):
        added = added_faults(case.snapshot, crashed(case.snapshot, edits[:n]))
        unfinished = {fault for fault in added if fault[0] == "booking doubled" and 0 < n < len(edits)}
        assert not [fault for fault in added - unfinished if fault[1] not in allowed]
    whole = am.apply(case.snapshot, change_set)
    assert not [fault for fault in added_faults(case.snapshot, whole) if fault[1] not in allowed]


# 6. Idempotent, 7. Resumable


@given(busy(rebooking_cases()))
def test_a_store_with_ids_of_its_own_books_nothing_twice(case: RebookingCase) -> None:
    change_set = case.plan().change_set
    edits = edits_of(change_set)
    store_ids = {edit.key: f"own-{n}" for n, edit in enumerate(edits) if edit.before is None}
    for n in range(len(edits) + 1):
        stored = crashed(case.snapshot, in_own_ids(edits[:n], store_ids))
        resumed = am.apply(stored, change_set)
        assert len(resumed.appointments) == len(am.apply(case.snapshot, change_set).appointments)
    assert am.apply(stored, change_set) == stored
    again = case.plan(stored)
    assert again.is_ready
    assert not again.change_set.steps


@given(busy(rebooking_cases()))
def test_what_the_store_gives_is_carried_over(case: RebookingCase) -> None:
    change_set = case.plan().change_set
    edits = edits_of(change_set)
    part = crashed(case.snapshot, edits)
    stamped = [attrs.evolve(row_of(part, edit), version="new") for edit in edits]
    numbered = [attrs.evolve(row, number="APP-77") if row.id == edits[-1].id else row for row in stamped]
    stored = part.changed(numbered)
    assert am.apply(stored, change_set) == stored


# 8. Refuses whole, 9. Guards


@given(busy(rebooking_cases()))
def test_any_drift_of_what_is_touched_or_read_is_refused_whole(case: RebookingCase) -> None:
    change_set = case.plan().change_set
    snapshot = case.snapshot
    existing, person, new = snapshot.appointments["A0"], snapshot.customers["C0"], snapshot.profiles["P1"]
    for row in (
        attrs.evolve(existing, cancel_reason="foreign", version=None),
        attrs.evolve(person, given_name="foreign", version=None),
        attrs.evolve(person, status="disabled", version=None),
        attrs.evolve(new, schedule="inactive", version=None),
        attrs.evolve(new, practitioner_id="H1", version=None),
    ):
        changed = snapshot.changed([row])
        assert codes(changed, change_set) & {"drifted", "read_changed", "version_changed"}, row


@given(busy(rebooking_cases()), st.sampled_from(("practitioner", "customer")), st.sampled_from(("P0", "P1")))
def test_a_booking_that_takes_the_time_meanwhile_is_seen(case: RebookingCase, whose: str, where: str) -> None:
    change_set = case.plan().change_set
    (session,) = booked(case, am.apply(case.snapshot, change_set))
    is_new = change_set.steps[0].kind == "book"
    created = {edit.id for edit in edits_of(change_set) if edit.op == "create"}
    thief = attrs.evolve(
        session,
        id="thief",
        replaces=None,
        version=None,
        customer_id="C0" if whose == "customer" else "C1",
        profile_id="P2" if whose == "customer" else where,
        slot=am.TimeSlot(session.slot.end - timedelta(minutes=1), session.slot.end + timedelta(hours=1)),
    )
    found = codes(case.snapshot.changed([thief]), change_set)
    if whose == "practitioner" and session.id in created:
        assert found == {"slot_taken"}
    elif whose == "customer":
        assert found == ({"customer_busy"} if is_new else set())
    beside = attrs.evolve(thief, slot=am.TimeSlot(session.slot.end, session.slot.end + timedelta(hours=1)))
    assert not codes(case.snapshot.changed([beside]), change_set)
    assert not codes(am.apply(case.snapshot, change_set).changed([thief]), change_set)


@given(busy(rebooking_cases()))
def test_nothing_is_booked_that_has_begun(case: RebookingCase) -> None:
    change_set = case.plan().change_set
    start = case.request.start
    assert not codes(read_at(case.snapshot, start), change_set)
    late = read_at(case.snapshot, start + timedelta(microseconds=1))
    assert codes(late, change_set) == {"too_late"}
    done = read_at(am.apply(case.snapshot, change_set), start + timedelta(days=1))
    assert not codes(done, change_set)


@given(busy(rebooking_cases()))
def test_access_that_was_copied_must_still_be_held(case: RebookingCase) -> None:
    change_set = case.plan().change_set
    assume(any(edit.entity == "access" for edit in edits_of(change_set)))
    without = case.snapshot.changed(drop={"access": ["X0"]})
    assert codes(without, change_set) == {"access_lost"}


# 10. Prefixes, 11. Invertible


@given(busy(rebooking_cases()))
def test_undoing_gives_back_what_was_unless_people_know_the_number(case: RebookingCase) -> None:
    def bare(snapshot: am.Snapshot) -> am.Snapshot:
        rows: Any = {
            kind.collection: [attrs.evolve(row, version=None) for row in snapshot.table(kind.collection)]
            for kind in KINDS
        }
        return am.Snapshot.of_checked(snapshot.taken_at, snapshot.complete_for, rows)

    change_set = case.plan().change_set
    assert not change_set.needs_confirmation
    assert change_set.prefix(0).plan_id == change_set.plan_id
    whole = am.apply(case.snapshot, change_set)
    inverse = am.invert(change_set).confirm(by="Ann Example", at=PIVOT)
    assert bare(am.apply(whole, inverse)) == bare(case.snapshot)
    created = [
        edit.id for edit in edits_of(change_set) if edit.op == "create" and edit.entity == "appointment"
    ]
    for id in created:
        numbered = whole.changed([attrs.evolve(whole.appointments[id], number="APP-9")])
        assert "booking_numbered" in codes(numbered, inverse)


@given(busy(rebooking_cases()))
def test_planning_again_on_the_same_data_changes_nothing(case: RebookingCase) -> None:
    plan = case.plan()
    assert am.rebase(case.snapshot, plan, at=case.at).is_same
    done = am.rebase(am.apply(case.snapshot, plan.change_set), plan, at=case.at)
    assert [step.difference for step in done.steps] == ["dropped"]


# 12. Round trip, 13. Faithful preview


@given(rebooking_cases())
def test_loading_what_was_dumped_gives_the_same_value(case: RebookingCase) -> None:
    plan = case.plan()
    for value in (case.request, case.rules, plan, plan.change_set, plan.change_set.prefix(0)):
        text = am.dumps(value)
        loaded = am.loads(text)
        assert loaded == value
        assert type(loaded) is type(value)
        assert hash(loaded) == hash(value)
        assert am.dumps(loaded) == text
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes


@given(rebooking_cases())
def test_a_blocked_plan_does_nothing_and_says_whom_to_ask(case: RebookingCase) -> None:
    case = attrs.evolve(case, request=attrs.evolve(case.request, accept=()))
    plan = case.plan()
    assert plan.is_ready == (not plan.blockers)
    assert len({finding.id for finding in plan.findings}) == len(plan.findings)
    for language in ("en", "fr"):
        counts = [int(line.rpartition(":")[2]) for line in plan.summary(language).splitlines()[1:-1]]
        assert sum(counts) == len(plan.change_set.steps)
    if plan.is_ready:
        assert am.check(case.snapshot, plan.change_set) == ()
        return
    assert not (plan.change_set.steps or plan.ledger or plan.change_set.obligations)  # noqa: PT018
    assert codes(case.snapshot, plan.change_set) == {"blocked"}
