"""What the portal offers and what customer service lists: one working day, hour by hour."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.model.weekly_hours import WEEKDAYS
from small_values import NOON, appointment, profile, request, slot, snapshot

HOURS = am.WeeklyHours("UTC", days={day: [am.DailyHours(time(9), time(18))] for day in WEEKDAYS})
DAY = am.TimeSlot(NOON, NOON + timedelta(days=1))
BLACKOUT = slot(60, 120)
"""From 13:00 to 15:00."""
BOOKED = (appointment("A1", slot(150, 45)), appointment("A2", slot(240, 30), status="cancelled"))
"""At 14:30 and, off, at 16:00."""


def practice(*more: Any, **fields: Any) -> am.Snapshot:
    return snapshot(profiles=[profile(hours=HOURS, **fields)], appointments=[*BOOKED, *more])


def planned(data: am.Snapshot, **fields: Any) -> am.MigrationPlan:
    return am.plan_migration(data, request(window=BLACKOUT, **fields), at=NOON)


def new_id(plan: am.MigrationPlan) -> str:
    return plan.change_set.steps[0].edits[0].id


def clock(slots: Any) -> list[str]:
    return [f"{found.start:%d %H:%M}" for found in slots]


def portal(
    data: am.Snapshot, plan: am.MigrationPlan, id: str, minutes_later: float, **fields: Any
) -> list[str]:
    at = NOON + timedelta(minutes=minutes_later)
    given: dict[str, Any] = {"within": DAY, "minutes": 60} | fields
    return clock(
        am.views.portal_availability(
            am.views.expected_snapshot(data, plan, at), plan, profile_id=id, at=at, **given
        )
    )


def manual(data: am.Snapshot, plan: am.MigrationPlan, **fields: Any) -> list[str]:
    given: dict[str, Any] = {"within": DAY, "minutes": 60} | fields
    return clock(am.views.manual_availability(data, plan, **given))


def test_the_old_profile_is_open_before_the_blackout_and_the_new_one_after_it() -> None:
    data = practice()
    plan = planned(data)
    ahead = ["02 12:00", "02 13:00", "02 15:15", "02 16:15", "03 09:00", "03 10:00", "03 11:00"]
    assert portal(data, plan, "P1", 0) == portal(data, plan, "P1", 0, minutes=60) == ahead
    assert portal(data, plan, "P1", 59) == ahead[1:]
    assert portal(data, plan, new_id(plan), 59) == []
    for later in (60, 120, 179.999):
        assert portal(data, plan, "P1", later) == portal(data, plan, new_id(plan), later) == []
    assert portal(data, plan, "P1", 180) == []
    assert portal(data, plan, new_id(plan), 180) == ahead[2:]


def test_the_manual_list_is_there_before_during_and_after() -> None:
    data = practice()
    plan = planned(data)
    wanted = ["02 12:00", "02 13:00", "02 15:15", "02 16:15", "03 09:00", "03 10:00", "03 11:00"]
    for minutes in (0, 60, 100, 180):
        assert (
            manual(am.views.expected_snapshot(data, plan, NOON + timedelta(minutes=minutes)), plan) == wanted
        )
    assert manual(data, plan, at=NOON + timedelta(minutes=60)) == wanted[1:]
    assert manual(data, plan, at=NOON + timedelta(minutes=61)) == wanted[2:]


def test_a_rest_that_is_shorter_is_not_listed() -> None:
    plan = planned(practice())
    assert manual(practice(), plan, minutes=150) == ["02 12:00", "02 15:15", "03 09:00"]
    assert manual(practice(), plan, minutes=151) == ["02 15:15", "03 09:00"]
    assert manual(practice(), plan, minutes=181) == []
    assert manual(practice(), plan, within=slot(60, 59)) == []
    assert manual(practice(), plan, within=slot(60, 60)) == ["02 13:00"]


def test_what_is_booked_in_any_profile_of_the_practitioner_is_taken() -> None:
    elsewhere = profile("P7", schedule="inactive")
    other = profile("P8", practitioner_id="H2")
    data = practice().changed(
        [
            elsewhere,
            other,
            appointment("A7", slot(0, 30), profile_id="P7", status="held"),
            appointment("A8", slot(200, 300), profile_id="P8"),
        ]
    )
    plan = planned(data)
    wanted = ["02 12:30", "02 13:30", "02 15:15", "02 16:15", "03 09:00", "03 10:00", "03 11:00"]
    assert portal(data, plan, "P1", 0) == manual(data, plan) == wanted


def test_leave_is_taken_out_of_both() -> None:
    leave = slot(210, 60)
    data = practice(unavailable=[leave])
    plan = planned(data)
    wanted = ["02 12:00", "02 13:00", "02 16:30", "03 09:00", "03 10:00", "03 11:00"]
    assert portal(data, plan, "P1", 0) == manual(data, plan) == wanted
    assert portal(data, plan, new_id(plan), 180) == wanted[2:]
    later = data.changed([attrs.evolve(data.profiles["P1"], unavailable=[])])
    assert manual(later, plan) == wanted, "the new profile is to open with the leave"


def test_leave_that_is_just_as_long_as_the_blackout_is_leave() -> None:
    data = practice(unavailable=[BLACKOUT])
    plan = planned(data)
    assert manual(data, plan)[:2] == ["02 12:00", "02 15:15"]
    for at in (NOON, BLACKOUT.start, BLACKOUT.end):
        assert manual(am.views.expected_snapshot(data, plan, at), plan) == manual(data, plan)


def test_a_plan_that_was_made_in_the_blackout_lists_its_hours_too() -> None:
    data = practice()
    closed = am.views.expected_snapshot(data, planned(data), BLACKOUT.start)
    rest = planned(closed)
    assert [step.kind for step in rest.change_set.steps][:1] == ["rebook"]
    assert manual(closed, rest) == manual(data, planned(data))


def test_of_a_third_profile_nothing_is_offered_in_the_blackout() -> None:
    clinic = profile("P7", hours=HOURS)
    data = practice().changed([clinic])
    accept = am.Acceptance(finding="other_active_schedule:P7", by="Ann Example", why="It stays open.")
    plan = planned(data, accept=[accept])
    assert plan.is_ready
    assert portal(data, plan, "P7", 0)
    assert portal(data, plan, "P7", 100) == []
    assert portal(data, plan, "P7", 180)
    other = data.changed([attrs.evolve(clinic, id="P8", email="p8@example.com", practitioner_id="H2")])
    assert portal(other, plan, "P8", 100), "another practitioner's portal stays open"


@pytest.mark.parametrize("schedule", ["pending", "inactive"])
def test_a_schedule_that_is_not_active_offers_nothing(schedule: str) -> None:
    plan = planned(practice())
    assert portal(practice(schedule=schedule), blocked(), "P1", 0) == []
    assert portal(practice(), plan, "P-unknown", 0) == []
    assert (
        portal(practice(login="disabled"), blocked(), "P1", 0) == portal(practice(), blocked(), "P1", 0) != []
    )


def blocked() -> am.MigrationPlan:
    plan = planned(practice(), ticket="")
    assert not plan.is_ready
    return plan


def test_a_plan_that_is_blocked_closes_nothing_and_lists_nothing() -> None:
    assert portal(practice(), blocked(), "P1", 60) == portal(practice(), planned(practice()), "P1", 0)[1:]
    assert manual(practice(), blocked()) == []


def test_without_a_blackout_the_portal_is_open() -> None:
    done = am.apply(practice(), planned(practice()).change_set)
    nothing_left = am.plan_migration(done, request(), at=NOON)
    assert nothing_left.blackout is None
    (new,) = (row.id for row in done.profiles if row.id != "P1")
    assert portal(done, nothing_left, new, 180)
    assert manual(done, nothing_left)


def test_hours_that_nobody_has_stated_offer_nothing() -> None:
    data = snapshot(profiles=[profile()], appointments=BOOKED)
    plan = planned(data)
    assert portal(data, plan, "P1", 0) == manual(data, plan) == []
    waiting = profile("P2", email="new@example.com", schedule="pending", hours=HOURS)
    data = data.changed([waiting])
    assert manual(data, planned(data)) == manual(practice(), planned(practice()))


def test_a_profile_that_the_store_opened_under_its_own_id_is_known_by_its_mailbox() -> None:
    data = practice()
    plan = planned(data)
    own = attrs.evolve(am.views.expected_snapshot(data, plan, NOON).profiles[new_id(plan)], id="P77")
    opened = data.changed([own])
    assert portal(opened, plan, "P77", 180) == portal(data, plan, new_id(plan), 180)
    seen = am.views.visibility_at(opened, plan, at=BLACKOUT.end)
    assert seen.new is not None
    assert seen.new.profile_id == "P77"


@pytest.mark.parametrize("minutes", [0, -1, 1.5, True, "60"])
def test_a_length_is_a_whole_number_above_zero(minutes: Any) -> None:
    plan = planned(practice())
    for data in (practice(), practice(schedule="inactive")):
        with pytest.raises(am.InvalidValueError):
            am.views.portal_availability(data, plan, profile_id="P1", at=NOON, within=DAY, minutes=minutes)
    for some in (plan, blocked()):
        with pytest.raises(am.InvalidValueError):
            am.views.manual_availability(practice(), some, within=DAY, minutes=minutes)


def test_naive_times_are_refused() -> None:
    data, plan, naive = practice(), planned(practice()), NOON.replace(tzinfo=None)
    asked: list[Any] = [
        lambda: am.views.expected_snapshot(data, plan, naive),
        lambda: am.views.portal_availability(data, plan, profile_id="P1", at=naive, within=DAY, minutes=60),
        lambda: am.views.portal_availability(data, plan, profile_id="P9", at=naive, within=DAY, minutes=60),
        lambda: am.views.manual_availability(data, plan, within=DAY, minutes=60, at=naive),
        lambda: am.views.quick_view(data, "P1", at=naive),
        lambda: am.views.profile_history(data, "P1", "C1", at=naive),
        lambda: am.views.working_logins(data, plan, naive),
        lambda: am.views.visibility_at(data, plan, at=naive),
    ]
    for ask in asked:
        with pytest.raises(am.InvalidValueError) as caught:
            ask()
        assert caught.value.code == "naive_time"


def test_data_that_have_drifted_are_refused_as_applying_refuses_them() -> None:
    data = practice()
    plan = planned(data)
    drifted = data.changed([attrs.evolve(BOOKED[0], modality="phone")])
    assert new_id(plan) in am.views.expected_snapshot(drifted, plan, NOON).profiles
    for ask in (am.views.expected_snapshot, lambda data, plan, at: am.views.visibility_at(data, plan, at=at)):
        with pytest.raises(am.ApplyRefused):
            ask(drifted, plan, BLACKOUT.end)
    with pytest.raises(am.ApplyRefused):
        am.views.find_bookability_overlap(drifted, plan)


def test_a_plan_for_the_rest_knows_that_availability_is_off() -> None:
    """Also where the request names no window: what its steps read in both profiles says since when."""
    data = practice()
    whole = am.plan_migration(data, request(), at=NOON)
    blackout = whole.blackout
    assert blackout is not None
    part = am.apply(data, whole.change_set.prefix(2))
    rest = am.rebase(part, whole).plan
    assert "close_availability" not in {step.kind for step in rest.change_set.steps}
    assert rest.blackout == blackout
    at = blackout.start + timedelta(minutes=30)
    for id in [row.id for row in part.profiles]:
        assert not am.views.portal_availability(part, rest, profile_id=id, at=at, within=DAY, minutes=60)
    assert am.views.find_bookability_overlap(part, rest) is None
    assert am.views.working_logins(part, rest, at).may_be_disrupted
    assert rest.timeline.phase("activation").at == blackout.end
