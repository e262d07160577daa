"""`plan_rebooking` by example: whom it is about, what stands against it, and what it does."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from small_values import NOON, access, appointment, customer, profile, slot, snapshot

WEEK: Any = [("monday", (am.DailyHours(time(9), time(20)),))]
HOURS = am.WeeklyHours("UTC", days=WEEK, closed=[date(2026, 3, 9)])


def practice(**collections: Any) -> am.Snapshot:
    given: dict[str, Any] = {
        "profiles": [
            profile("P1"),
            profile("P2", schedule="pending", hours=HOURS),
            profile("P3", practitioner_id="H2"),
        ],
        "customers": [customer("C1", given_name="Ann Bea", family_name="O'Neill"), customer("C2")],
        "appointments": [appointment("A1", slot(-3_000, 45), number="APP-1", status="completed")],
        "access": [access()],
    }
    return snapshot(**(given | collections))


def request(**fields: Any) -> am.rebooking.RebookingRequest:
    given: dict[str, Any] = {
        "number": "APP-1",
        "initials": "A.O.",
        "start": NOON + timedelta(hours=2),
        "time_zone": "America/Toronto",
        "modality": "phone",
        "old_email": "P1@example.com",
        "new_email": "p2@example.com",
    }
    return am.rebooking.RebookingRequest(**(given | fields))


def planned(
    found: am.Snapshot | None = None, at: datetime = NOON, **fields: Any
) -> am.rebooking.RebookingPlan:
    return am.rebooking.plan_rebooking(found or practice(), request(**fields), at=at)


def codes(plan: am.rebooking.RebookingPlan) -> dict[str, str]:
    return {finding.code: finding.severity for finding in plan.findings}


def test_a_session_is_booked_as_long_as_the_appointment_that_is_named() -> None:
    plan = planned()
    assert not plan.findings
    (step,) = plan.change_set.steps
    granted, booked = (edit.after for edit in step.edits)
    assert isinstance(granted, am.Access)
    assert (granted.profile_id, granted.level) == ("P2", "treating")
    assert isinstance(booked, am.Appointment)
    assert booked.slot == am.TimeSlot(NOON + timedelta(hours=2), NOON + timedelta(hours=2, minutes=45))
    assert (booked.time_zone, booked.modality, booked.status) == ("America/Toronto", "phone", "booked")
    assert {guard.kind for guard in step.guards} == {"slot_free", "access_holds", "unchanged", "not_after"}


@pytest.mark.parametrize(
    ("initials", "fits"),
    [
        *((text, True) for text in ("AO", "a.o.", "OA", "ABO", "A.B.O'N.", "aon", "B N", "Á. Ö.")),
        *((text, False) for text in ("A", "O", "XO", "AX", "AA", "BAO", "", "?", "AOX")),
    ],
)
def test_initials_fit_in_either_order_and_without_middle_names(initials: str, fits: bool) -> None:
    assert ("initials_mismatch" not in codes(planned(initials=initials))) == fits


@pytest.mark.parametrize(
    ("names", "initials", "found"),
    [
        ({}, "XY", {"initials_unchecked": "warning"}),
        ({"given_name": " ", "family_name": ""}, "XY", {"initials_unchecked": "warning"}),
        ({"given_name": "Ann"}, "AX", {}),
        ({"family_name": "Ann"}, "XA", {}),
        ({"given_name": "Ann"}, "XY", {"initials_mismatch": "blocker"}),
        ({"given_name": "Œuvre", "family_name": "Łucja"}, "œł", {}),
    ],
)
def test_names_that_are_not_known_cannot_be_compared(names: Any, initials: str, found: Any) -> None:
    assert codes(planned(practice(customers=[customer("C1", **names)]), initials=initials)) == found


DONE = appointment("A1", slot(-3_000, 45), number="APP-1", status="completed")
WRONG: dict[str, tuple[Any, Any, str]] = {
    "number_unknown": ({}, {"number": "APP-2"}, "blocker"),
    "number_shared": ({"appointments": [DONE, attrs.evolve(DONE, id="A2")]}, {}, "blocker"),
    "old_profile_unknown": ({}, {"old_email": "p9@example.com"}, "blocker"),
    "new_profile_unknown": ({}, {"new_email": "not an address"}, "blocker"),
    "email_same": ({}, {"new_email": " p1@EXAMPLE.com"}, "blocker"),
    "not_one_practitioner": ({}, {"new_email": "P3@example.com"}, "blocker"),
    "schedule_inactive": (
        {"profiles": [profile("P1"), profile("P2", schedule="inactive", hours=HOURS)]},
        {},
        "blocker",
    ),
    "hours_unknown": ({"profiles": [profile("P1"), profile("P2")]}, {}, "warning"),
    "outside_hours": ({}, {"start": NOON + timedelta(hours=7, minutes=30)}, "blocker"),
    "slot_unavailable": (
        {"profiles": [profile("P1"), profile("P2", hours=HOURS, unavailable=[slot(130, 5)])]},
        {},
        "warning",
    ),
    "start_not_future": ({}, {"start": NOON - timedelta(microseconds=1)}, "blocker"),
    "customer_disabled": (
        {"customers": [customer("C1", given_name="A", family_name="O", status="disabled")]},
        {},
        "blocker",
    ),
    "already_absorbed": (
        {
            "customers": [
                customer("C1", given_name="A", family_name="O", status="disabled", merged_into="C2"),
                customer("C2"),
            ]
        },
        {},
        "blocker",
    ),
    "snapshot_not_whole": ({"complete_for": am.Completeness(["H2"], ["C1"])}, {}, "blocker"),
    "email_claimed_twice": (
        {"profiles": [profile("P1"), profile("P2"), profile("P3", email="p1@example.com")]},
        {},
        "blocker",
    ),
    "past_booking_open": ({"appointments": [attrs.evolve(DONE, status="booked")]}, {}, "warning"),
    "booking_stays": ({"appointments": [appointment("A1", slot(900, 45), number="APP-1")]}, {}, "warning"),
    "modality_differs": ({"appointments": [appointment("A1", slot(120), number="APP-1")]}, {}, "blocker"),
}


@pytest.mark.parametrize("code", WRONG)
def test_what_stands_against_a_request_is_told_with_whom_to_ask(code: str) -> None:
    collections, fields, severity = WRONG[code]
    plan = planned(practice(**collections), **fields)
    assert codes(plan) == {code: severity}
    assert plan.is_ready == (severity == "warning")
    assert bool(plan.change_set.steps) == plan.is_ready


def test_a_closed_date_is_outside_the_hours() -> None:
    assert codes(planned(start=NOON + timedelta(days=7))) == {"outside_hours": "blocker"}
    assert not codes(planned(start=NOON + timedelta(days=14)))


def test_a_plan_is_for_an_instant_after_the_data_were_read() -> None:
    assert codes(planned(at=NOON - timedelta(days=1)))["at_before_snapshot"] == "blocker"


@pytest.mark.parametrize(
    ("other", "is_in_the_way"),
    [
        ({"profile_id": "P1", "customer_id": "C2"}, True),
        ({"profile_id": "P2", "customer_id": "C2"}, True),
        ({"profile_id": "P3", "customer_id": "C1"}, True),
        ({"profile_id": "P3", "customer_id": "C2"}, False),
        ({"profile_id": "P1", "customer_id": "C2", "status": "cancelled"}, False),
    ],
)
def test_the_time_has_to_be_free_for_both_unless_accepted(other: Any, is_in_the_way: bool) -> None:
    found = practice(appointments=[DONE, appointment("A2", slot(150), **other)])
    plan = planned(found)
    assert [finding.code for finding in plan.blockers] == ["slot_not_free"] * is_in_the_way
    beside = practice(appointments=[DONE, appointment("A2", slot(165), **other)])
    assert planned(beside).is_ready
    accept = [am.Acceptance(finding=finding.id, by="Ann Example", why="agreed") for finding in plan.blockers]
    accepted = planned(found, accept=accept)
    assert accepted.is_ready
    assert am.check(found, accepted.change_set) == ()


def test_a_live_booking_at_that_very_time_moves_itself() -> None:
    found = practice(
        appointments=[appointment("A1", slot(120), number="APP-1", modality="phone", status="held")]
    )
    plan = planned(found)
    assert not plan.findings
    assert [step.kind for step in plan.change_set.steps] == ["rebook"]
    after = am.apply(found, plan.change_set)
    (moved,) = after.appointments.where("profile_id", "P2")
    assert (moved.replaces, moved.status, moved.slot) == ("A1", "held", slot(120))
    assert planned(after).is_ready
    assert not planned(after).change_set.steps


def test_what_is_in_the_way_of_a_booking_that_moves_is_told_as_in_a_migration() -> None:
    moving = appointment("A1", slot(120), number="APP-1", modality="phone")
    waiting = appointment("A2", slot(150), profile_id="P2", customer_id="C2")
    assert codes(planned(practice(appointments=[moving, waiting]))) == {
        "destination_double_booking": "blocker"
    }
    beside = attrs.evolve(waiting, profile_id="P1")
    assert codes(planned(practice(appointments=[moving, beside]))) == {"existing_double_booking": "warning"}
    other = attrs.evolve(moving, id="A3", number=None, profile_id="P2", replaces="A1", modality="chat")
    assert codes(planned(practice(appointments=[moving, other])))["unfinished_rebooking"] == "blocker"
    late = attrs.evolve(moving, slot=slot(500))
    assert codes(planned(practice(appointments=[late]), start=late.slot.start)) == {
        "outside_hours": "warning"
    }


def test_half_a_rebooking_is_finished_unless_it_may_be_that_of_another() -> None:
    moving = appointment("A1", slot(120), number="APP-1", modality="phone")
    half = attrs.evolve(moving, id="A2", number=None, profile_id="P2", replaces="A1")
    plan = planned(practice(appointments=[moving, half]))
    assert codes(plan) == {"unfinished_rebooking": "warning"}
    assert [edit.id for edit in plan.change_set.steps[0].edits if edit.entity == "appointment"] == ["A1"]
    other = appointment("A3", slot(500), replaced_by="A2")
    assert codes(planned(practice(appointments=[moving, half, other]))) == {"unfinished_rebooking": "blocker"}


def test_what_was_booked_otherwise_for_the_same_request_is_left_alone() -> None:
    asked = planned()
    done = am.apply(practice(), asked.change_set)
    (session,) = done.appointments.where("profile_id", "P2")
    for changes in ({"status": "cancelled"}, {"slot": slot(900)}, {"modality": "video"}):
        changed: Any = changes
        again = planned(done.changed([attrs.evolve(session, **changed)]))
        assert codes(again) == {"booked_before": "warning"}
        assert not again.change_set.steps
    by_hand = attrs.evolve(session, id="own", number="APP-9")
    again = planned(done.changed([by_hand], {"appointment": [session.id]}))
    assert (codes(again), again.change_set.steps) == ({}, ())


def test_two_requests_of_one_appointment_are_two_bookings() -> None:
    first, second = planned(), planned(start=NOON + timedelta(hours=4))
    ids = {plan.change_set.steps[0].edits[-1].id for plan in (first, second)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"number": ""},
        {"number": "APP-7\n"},
        {"number": 7},
        {"initials": None},
        {"start": NOON.replace(tzinfo=None)},
        {"time_zone": "Mars/Phobos"},
        {"time_zone": None},
        {"modality": "pigeon"},
        {"old_email": None},
    ],
)
def test_what_cannot_be_an_appointment_is_refused(fields: Any) -> None:
    with pytest.raises(am.InvalidValueError):
        request(**fields)


def test_a_naive_instant_is_refused_and_the_end_of_the_calendar_is_not() -> None:
    with pytest.raises(am.InvalidValueError):
        planned(at=NOON.replace(tzinfo=None))
    last = datetime.max.replace(tzinfo=NOON.tzinfo)
    assert "outside_hours" in codes(planned(start=last))
