"""A person is a customer with all that were merged into it: what is booked for an absorbed customer counts."""

from __future__ import annotations

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
MERGED = customer("C2", merged_into="C1", status="disabled")
FURTHER = customer("C3", merged_into="C2", status="disabled")
OTHERS = profile("P9", practitioner_id="H9")


def practice(*rows: Any, **collections: Any) -> am.Snapshot:
    """Return one practitioner who leaves a profile, one with another profile, and what else is given."""
    given: dict[str, Any] = {
        "profiles": [profile("P1"), profile("P2", email="new@example.com", schedule="pending"), OTHERS],
        "customers": [customer("C1", given_name="Ann", family_name="Example")],
        "access": [access("X1", customer_id="C1")],
    }
    return snapshot(**(given | collections)).changed(rows)


def named(plan: Any) -> dict[str, str]:
    return {finding.id: finding.severity for finding in plan.findings if "window" not in finding.code}


def migrated(data: am.Snapshot) -> am.MigrationPlan:
    return am.plan_migration(data, request(), at=NOON)


def merge(data: am.Snapshot, survivor: str = "C1", absorbed: str = "C4", accept: Any = ()) -> am.MergePlan:
    asked = am.MergeRequest(survivor=survivor, absorbed=(absorbed,), actor="P1", accept=accept)
    return am.plan_merge(data, asked, at=NOON)


def rebooked(data: am.Snapshot, start: float) -> am.rebooking.RebookingPlan:
    return am.rebooking.plan_rebooking(data, rebooking_request(start), at=NOON)


# In a snapshot


def test_a_booking_of_an_absorbed_customer_and_one_of_the_survivor_are_a_double_booking() -> None:
    data = practice(
        MERGED,
        FURTHER,
        appointment("A1", slot(DAY)),
        appointment("A2", slot(DAY), customer_id="C3", profile_id="P9"),
    )
    assert [(one.kind, one.first.id, one.second.id) for one in am.find_double_bookings(data)] == [
        ("customer", "A1", "A2")
    ]
    assert "customer_double_booking:A1:A2" in {fault.id for fault in am.find_faults(data)}


# In a migration


def test_a_migration_warns_once_of_each_absorbed_or_disabled_customer_whose_bookings_move() -> None:
    data = practice(
        MERGED,
        customer("C3", status="disabled"),
        appointment("A1", slot(DAY)),
        appointment("A2", slot(3 * DAY), customer_id="C2"),
        appointment("A3", slot(2 * DAY), customer_id="C2"),
        appointment("A4", slot(4 * DAY), customer_id="C3"),
        appointment("A5", slot(5 * DAY), customer_id="C2", status="cancelled"),
        appointment("A6", slot(6 * DAY), customer_id="C2", profile_id="P9"),
    )
    plan = migrated(data)
    assert named(plan) == {"booking_of_absorbed:C2": "warning", "booking_of_disabled:C3": "warning"}
    absorbed, disabled = (found for found in plan.findings if "booking_of" in found.code)
    assert absorbed.facts == am.model.Facts(
        customer_id="C2", survivor_id="C1", count=2, start="2026-03-04T12:00:00Z"
    )
    assert disabled.facts == am.model.Facts(customer_id="C3", count=1, start="2026-03-06T12:00:00Z")
    assert plan.is_ready
    assert named(migrated(am.apply(data, plan.change_set))) == {}


def test_the_remedy_of_a_booking_of_an_absorbed_customer_gives_it_to_the_survivor() -> None:
    data = practice(MERGED, appointment("A1", slot(DAY), customer_id="C2"))
    (warning,) = (found for found in migrated(data).findings if found.code == "booking_of_absorbed")
    again = merge(data, str(warning.facts["survivor_id"]), str(warning.facts["customer_id"]))
    after = am.apply(data, again.confirm(by="Ann Example", at=NOON))
    assert after.appointments["A1"].customer_id == "C1"
    assert named(migrated(after)) == {}


def test_customers_merged_in_a_circle_are_warned_of_as_well() -> None:
    data = practice(
        customer("C2", merged_into="C3"),
        customer("C3", merged_into="C2"),
        appointment("A1", slot(DAY), customer_id="C2"),
    )
    (warning,) = (found for found in migrated(data).findings if found.code == "booking_of_absorbed")
    assert warning.facts["survivor_id"] == "C3"


@pytest.mark.parametrize("way", ["migration", "rebooking"])
def test_the_access_to_the_survivor_comes_with_the_booking_of_an_absorbed_customer(way: str) -> None:
    names: Any = {"given_name": "Ann", "family_name": "Example"}
    row = appointment("A1", slot(DAY), customer_id="C2", number="APP-1", modality="video")
    data = practice(attrs.evolve(MERGED, **names), row)
    plan: Any = migrated(data) if way == "migration" else rebooked(data, DAY)
    after = am.apply(data, plan.change_set)
    assert [customer.id for customer in am.views.visible_customers(after, "P2")] == ["C1"]
    assert [(row.profile_id, row.customer_id) for row in after.access if row.id != "X1"] == [("P2", "C1")]
    withdrawn = data.changed(drop={"access": ["X1"]})
    assert "access_lost" in {failure.code for failure in am.check(withdrawn, plan.change_set)}


# In a rebooking request


def test_a_request_moves_a_booking_of_an_absorbed_customer_with_a_warning_and_books_none_anew() -> None:
    names: Any = {"given_name": "Ann", "family_name": "Example"}
    row = appointment("A1", slot(DAY), customer_id="C2", number="APP-1", modality="video")
    for person, moved, stopped in (
        (attrs.evolve(MERGED, **names), "booking_of_absorbed:C2", "already_absorbed:C1:C2"),
        (customer("C2", status="disabled", **names), "booking_of_disabled:C2", "customer_disabled:C2"),
    ):
        data = practice(person, row)
        plan = rebooked(data, DAY)
        assert named(plan)[moved] == "warning"
        assert plan.is_ready
        again = rebooked(am.apply(data, plan.change_set), DAY)
        assert again.is_ready
        assert not again.change_set.steps
        assert named(rebooked(data, 2 * DAY))[stopped] == "blocker"


def test_a_new_session_is_not_booked_over_one_of_a_customer_that_was_merged_into_this_one() -> None:
    row = appointment("A1", slot(DAY), number="APP-1", modality="video")
    data = practice(MERGED, FURTHER, row)
    plan = rebooked(data, 2 * DAY)
    assert plan.is_ready
    late = appointment("A2", slot(2 * DAY), customer_id="C3", profile_id="P9")
    assert {finding.code for finding in rebooked(data.changed([late]), 2 * DAY).blockers} == {"slot_not_free"}
    busy = am.check(data.changed([late]), plan.change_set)
    assert {failure.code for failure in busy} == {"customer_busy"}


def test_data_have_to_be_whole_for_all_customers_that_are_one_person() -> None:
    row = appointment("A1", slot(DAY), number="APP-1", modality="video")
    whole = practice(MERGED, FURTHER, row)
    plan = rebooked(whole, 2 * DAY)

    def lacking(*ids: str) -> tuple[set[str], set[object]]:
        complete = am.Completeness(["H1", "H9"], ids)
        tables = {name: getattr(whole, name) for name in ("profiles", "customers", "appointments", "access")}
        part = snapshot(**tables, complete_for=complete)
        planned = {found.id for found in rebooked(part, 2 * DAY).blockers}
        return planned, {failure.facts["id"] for failure in am.check(part, plan.change_set)}

    assert lacking("C1", "C2", "C3") == (set(), set())
    assert lacking("C1", "C2") == ({"snapshot_not_whole:C3"}, {"C3"})
    assert lacking("C1") == ({"snapshot_not_whole:C2", "snapshot_not_whole:C3"}, {"C2", "C3"})


# In a merge

JOINED = [customer("C4"), access("X4", customer_id="C4")]


def test_what_one_person_had_twice_before_is_no_double_booking_of_the_merge() -> None:
    data = practice(
        MERGED,
        *JOINED,
        appointment("A1", slot(DAY)),
        appointment("A2", slot(DAY), customer_id="C2", profile_id="P9"),
        appointment("A3", slot(DAY), customer_id="C4", profile_id="P9"),
    )
    found = {id: how for id, how in named(merge(data)).items() if "double" in id}
    assert found == {
        "customer_double_booking:A1:A2": "warning",
        "introduced_double_booking:A1:A3": "blocker",
        "introduced_double_booking:A2:A3": "blocker",
    }


def test_a_merge_again_takes_a_late_booking_over_without_asking_for_consent() -> None:
    data = practice(
        MERGED,
        appointment("A1", slot(DAY)),
        appointment("A2", slot(DAY), customer_id="C2", profile_id="P9"),
    )
    plan = merge(data, absorbed="C2")
    assert named(plan)["customer_double_booking:A1:A2"] == "warning"
    after = am.apply(data, plan.confirm(by="Ann Example", at=NOON))
    assert after.appointments["A2"].customer_id == "C1"


def test_what_is_booked_for_those_that_follow_an_absorbed_customer_counts_for_the_survivor() -> None:
    follower = customer("C5", merged_into="C4", status="disabled")
    data = practice(
        *JOINED,
        follower,
        appointment("A1", slot(DAY)),
        appointment("A2", slot(DAY), customer_id="C5", profile_id="P9"),
    )
    assert named(merge(data))["introduced_double_booking:A1:A2"] == "blocker"
    accept = am.Acceptance(finding="introduced_double_booking:A1:A2", by="Ann Example", why="agreed")
    plan = merge(data, accept=[accept])
    confirmed = plan.confirm(by="Ann Example", at=NOON)
    assert am.check(data, confirmed) == ()
    own = appointment("A3", slot(DAY), profile_id="P9")
    late = appointment("A3", slot(9 * DAY), customer_id="C5", profile_id="P9")
    assert {failure.code for failure in am.check(data.changed([own]), confirmed)} == {"customer_busy"}
    assert {failure.code for failure in am.check(data.changed([late]), confirmed)} == {"reference_left"}


def test_a_merge_needs_the_data_of_all_that_were_merged_before() -> None:
    people = [customer("C1"), customer("C4"), customer("C5", merged_into="C4", status="disabled")]
    rights = [access("X1", customer_id="C1"), access("X4", customer_id="C4")]
    part = snapshot(customers=people, access=rights, complete_for=am.Completeness(["H1"], ["C1", "C4"]))
    assert "snapshot_not_whole:C5" in {found.id for found in merge(part).blockers}


def test_a_guard_sees_what_is_booked_for_any_customer_of_the_person_at_its_place_in_the_set() -> None:
    """C4 is booked at the time of a booking that moves from C5; they are two persons until the merge is done."""
    data = practice(*JOINED, MERGED, appointment("A1", slot(DAY), customer_id="C4"))
    plan = merge(data).confirm(by="Ann Example", at=NOON)
    late = appointment("A2", slot(DAY), customer_id="C2", profile_id="P9")
    assert {failure.code for failure in am.check(data.changed([late]), plan)} == {"customer_busy"}


# In merges that are planned together, and in cohorts


def test_merges_of_customers_of_one_person_are_planned_together() -> None:
    data = practice(MERGED, FURTHER, *JOINED, customer("C5"), access("X5", customer_id="C5"))
    asked = [
        am.MergeRequest(survivor="C4", absorbed=("C1",), actor="P1"),
        am.MergeRequest(survivor="C5", absorbed=("C3",), actor="P1"),
    ]
    assert len(am.merges.plan_merges(data, asked, at=NOON).groups) == 1
    apart = [asked[0], am.MergeRequest(survivor="C5", absorbed=("C6",), actor="P1")]
    assert len(am.merges.plan_merges(data, apart, at=NOON).groups) == 2


def test_a_person_is_not_disturbed_by_two_blackouts_under_two_customer_ids() -> None:
    rows = [
        appointment("A1", slot(40 * DAY)),
        appointment("A2", slot(41 * DAY), customer_id="C2", profile_id="P9"),
    ]
    data = practice(MERGED, *rows)
    window = slot(30 * DAY, 24 * 60)
    asked = [
        attrs.evolve(request(), window=window),
        attrs.evolve(request(), window=window, profile_id="P9", new_email="newer@example.com"),
    ]
    cohort = am.migrations.plan_migrations(data, asked, at=NOON, capacity=2)
    assert {found.code for member in cohort.members for found in member.findings} == {
        "customers_in_two_blackouts"
    }
