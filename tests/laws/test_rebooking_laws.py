"""Laws that only the plan of a rebooking request has.

What holds for plans of every kind is in `planner_laws`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.reference import edits_of
from accountmerge.testing.strategies import PIVOT, RebookingCase, busy, rebooking_cases
from rewritten_data import read_at


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
