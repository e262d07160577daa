"""Bookings of two persons that replace one booking are two bookings, to every planner and to progress."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from small_values import (
    NOON,
    access,
    appointment,
    customer,
    profile,
    rebooking_request,
    request,
    slot,
    snapshot,
)

DAY = 24 * 60
FREED = appointment("A0", slot(2 * DAY), customer_id="C3", status="cancelled", cancel_reason="freed")


def practice(*rows: am.Appointment, **collections: Any) -> am.Snapshot:
    given: dict[str, Any] = {
        "profiles": [profile("P1"), profile("P2", email="new@example.com", schedule="pending")],
        "customers": [
            customer("C1", given_name="Ann", family_name="Example"),
            customer("C2"),
            customer("C3"),
        ],
        "appointments": rows,
        "access": [access(f"X{n}", customer_id=f"C{n}") for n in (1, 2, 3)],
    }
    return snapshot(**(given | collections))


def of(customer_id: str, id: str, start: float = 3 * DAY, **fields: Any) -> am.Appointment:
    given: dict[str, Any] = {"customer_id": customer_id, "replaces": "A0"}
    return appointment(id, slot(start), **(given | fields))


def migration(data: am.Snapshot) -> am.MigrationPlan:
    return am.plan_migration(data, request(), at=NOON)


def named(plan: Any) -> dict[str, str]:
    return {finding.id: finding.severity for finding in plan.findings if "window" not in finding.code}


def test_two_persons_in_the_place_of_one_are_a_double_booking_that_moves() -> None:
    data = practice(FREED, of("C1", "A1"), of("C2", "A2"))
    plan = migration(data)
    assert named(plan) == {"existing_double_booking:A1:A2": "warning"}
    assert plan.is_ready
    after = am.apply(data, plan.change_set)
    (found,) = am.find_double_bookings(after)
    assert {found.first.replaces, found.second.replaces} == {"A1", "A2"}


def test_one_person_twice_in_the_place_of_one_is_for_a_person_to_decide() -> None:
    plan = migration(practice(FREED, of("C1", "A1"), of("C1", "A2")))
    assert named(plan) == {"unfinished_rebooking:A1:A2": "blocker"}


def test_a_booking_of_another_person_in_the_new_profile_is_in_the_way() -> None:
    """It was booked there in the place of one of the old profile, and yet did not come from there."""
    data = practice(FREED, of("C1", "A1", profile_id="P2"), of("C2", "A2"))
    assert named(migration(data)) == {"destination_double_booking:A1:A2": "blocker"}
    same = practice(FREED, of("C3", "A1", profile_id="P2"), of("C2", "A2", replaces=None))
    assert named(migration(same)) == {"existing_double_booking:A1:A2": "warning"}


def test_a_booking_that_another_persons_replaces_already_does_not_move() -> None:
    data = practice(appointment("A1", slot(3 * DAY)), of("C2", "A2", 4 * DAY, replaces="A1"))
    (blocker,) = migration(data).blockers
    assert (blocker.code, blocker.facts["appointment_id"]) == ("several_replacements", "A1")
    assert "A2" in blocker.facts["replacement_ids"]  # type: ignore[operator]
    mended = data.changed([attrs.evolve(data.appointments["A2"], replaces=None)])
    assert migration(mended).is_ready


def test_a_rebooking_is_finished_beside_a_booking_of_another_person() -> None:
    half = appointment("A3", slot(3 * DAY), profile_id="P2", replaces="A1")
    data = practice(appointment("A1", slot(3 * DAY)), of("C2", "A2", 4 * DAY, replaces="A1"), half)
    plan = migration(data)
    assert named(plan) == {
        "several_replacements:A1:A2:A3": "warning",
        "unfinished_rebooking:A1:A3": "warning",
    }
    after = am.apply(data, plan.change_set)
    assert after.appointments["A1"].replaced_by == "A3"
    assert [finding.id for finding in am.find_faults(after)] == ["several_replacements:A1:A2:A3"]


def merge(data: am.Snapshot, at: Any = NOON, accept: Any = ()) -> am.MergePlan:
    asked = am.MergeRequest(survivor="C1", absorbed=("C2",), actor="P1", accept=accept)
    return am.plan_merge(data, asked, at=at)


def of_bookings(plan: am.MergePlan) -> dict[str, str]:
    return {id: severity for id, severity in named(plan).items() if "booking" in id}


def test_a_merge_says_that_two_persons_become_one_with_two_bookings_at_once() -> None:
    data = practice(FREED, of("C1", "A1"), of("C2", "A2"))
    assert of_bookings(merge(data)) == {"introduced_double_booking:A1:A2": "blocker"}
    accepted = am.Acceptance(finding="introduced_double_booking:A1:A2", by="Ann Example", why="agreed")
    plan = merge(data, accept=[accepted])
    after = am.apply(data, plan.confirm(by="Ann Example", at=NOON))
    assert am.find_double_bookings(after) == ()
    assert "unfinished_rebooking:A1:A2" in {finding.id for finding in am.find_faults(after)}


def test_a_merge_does_not_make_halves_of_one_rebooking_unsaid() -> None:
    data = practice(FREED, of("C1", "A1"), of("C2", "A2", 4 * DAY))
    assert of_bookings(merge(data)) == {"unfinished_rebooking:A1:A2": "blocker"}
    later = merge(data, NOON + timedelta(days=9))
    assert of_bookings(later) == {"unfinished_rebooking:A1:A2": "warning"}
    assert later.is_ready
    mended = data.changed([attrs.evolve(data.appointments["A2"], replaces=None)])
    assert merge(mended).is_ready


def test_a_merge_looks_at_what_is_still_booked_for_those_absorbed_before() -> None:
    rows = (FREED, of("C1", "A1"), of("C4", "A2", 4 * DAY))
    people = [customer("C1"), customer("C2"), customer("C3")]
    people.append(customer("C4", merged_into="C2", status="disabled"))
    assert of_bookings(merge(practice(*rows, customers=people))) == {"unfinished_rebooking:A1:A2": "blocker"}


def rebooking(data: am.Snapshot, start: float) -> am.rebooking.RebookingPlan:
    return am.rebooking.plan_rebooking(data, rebooking_request(start), at=NOON)


def test_a_session_of_another_person_is_not_what_a_request_was_answered_with() -> None:
    done = appointment("A1", slot(-DAY), number="APP-1", status="completed")
    others = of("C2", "A2", 4 * DAY, replaces="A1", profile_id="P2")
    plan = rebooking(practice(done, others), 4 * DAY)
    assert "booked_before" not in {finding.code for finding in plan.findings}
    assert {finding.code for finding in plan.blockers} == {"slot_not_free"}


def test_a_request_does_not_move_what_another_persons_booking_replaces() -> None:
    live = appointment("A1", slot(3 * DAY), number="APP-1")
    others = of("C2", "A2", 4 * DAY, replaces="A1", profile_id="P2")
    assert [finding.code for finding in rebooking(practice(live, others), 3 * DAY).blockers] == [
        "several_replacements"
    ]
    half = appointment("A3", slot(3 * DAY), profile_id="P2", replaces="A1")
    plan = rebooking(practice(live, others, half), 3 * DAY)
    assert plan.is_ready
    assert plan.change_set.steps


@pytest.mark.parametrize("schedule", ["active", "pending"])
def test_a_request_books_nothing_into_a_profile_that_has_a_successor(schedule: Any) -> None:
    row = appointment("A1", slot(-DAY), number="APP-1", status="completed")
    new = profile("P2", email="new@example.com", schedule=schedule, succeeded_by="P3")
    data = practice(
        row, profiles=[profile("P1", schedule="inactive"), new, profile("P3", schedule="pending")]
    )
    assert [finding.id for finding in rebooking(data, DAY).blockers] == ["profile_succeeded:P2:P3"]
    assert rebooking(data.changed([attrs.evolve(new, succeeded_by=None)]), DAY).is_ready


def test_progress_counts_what_is_booked_for_another_person_as_another_booking() -> None:
    data = practice(appointment("A1", slot(3 * DAY)))
    plan = migration(data)
    after = am.apply(data, plan.change_set)
    others = of("C2", "A2", 4 * DAY, replaces="A1", profile_id="P2")
    (state,) = am.migrations.progress(after.changed([others]), plan).bookings
    assert (state.state, state.reason) == ("rebooked", None)
    assert am.migrations.progress(after.changed([others]), plan).booked_meanwhile == ("A2",)
    (made,) = after.appointments.where("replaces", "A1")
    gone = [attrs.evolve(made, replaces=None, customer_id="C2"), others]
    cancelled = attrs.evolve(after.appointments["A1"], replaced_by="A2")
    (state,) = am.migrations.progress(after.changed([*gone, cancelled]), plan).bookings
    assert (state.state, state.reason) == ("unexplained", "other_customer")
