"""Whom a profile shows, what comes next on it, and what has been."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

import accountmerge as am
from accountmerge.model.appointments import AppointmentStatus
from small_values import NOON, access, appointment, customer, profile, record, slot, snapshot

PEOPLE = [customer(id) for id in ("C1", "C2", "C3")]
ONE = snapshot(
    customers=PEOPLE, appointments=[appointment()], access=[access(customer_id="C2", level="viewing")]
)
TWO = ONE.changed([profile("P2", schedule="pending"), access("X2", profile_id="P2", customer_id="C3")])


def ids(rows: tuple[am.Customer, ...] | tuple[am.Appointment, ...]) -> list[str]:
    return [row.id for row in rows]


def test_one_profile_alone_shows_appointments_and_access() -> None:
    assert ids(am.views.visible_customers(ONE, "P1")) == ["C1", "C2"]
    assert am.views.visible_customers(ONE, "P1")[0] is ONE.customers["C1"]


def test_of_several_profiles_each_shows_its_own_appointments_alone() -> None:
    assert ids(am.views.visible_customers(TWO, "P1")) == ["C1"]
    assert ids(am.views.visible_customers(TWO, "P2")) == []
    booked = TWO.changed([appointment("A2", profile_id="P2", customer_id="C2")])
    assert ids(am.views.visible_customers(booked, "P2")) == ["C2"]
    somebody_else = ONE.changed([profile("P3", practitioner_id="H2")])
    assert ids(am.views.visible_customers(somebody_else, "P1")) == ["C1", "C2"]


@pytest.mark.parametrize("status", get_args(AppointmentStatus))
def test_an_appointment_of_any_status_shows_its_customer(status: AppointmentStatus) -> None:
    booked = TWO.changed([appointment("A2", profile_id="P2", customer_id="C2", status=status)])
    assert ids(am.views.visible_customers(booked, "P2")) == ["C2"]


def test_the_quick_view_is_what_is_live_and_starts_at_the_instant_or_later() -> None:
    rows = [
        appointment("A1", slot(0)),
        appointment("A2", slot(-1)),
        appointment("A3", slot(120), status="held"),
        appointment("A4", slot(60), status="cancelled"),
        appointment("A5", slot(60, 30)),
        appointment("A6", slot(60, 20)),
        appointment("A7", slot(60), profile_id="P2"),
    ]
    data = TWO.changed(rows)
    assert ids(am.views.quick_view(data, "P1", at=NOON)) == ["A1", "A6", "A5", "A3"]
    assert ids(am.views.quick_view(data, "P2", at=NOON)) == ["A7"]
    assert ids(am.views.quick_view(data, "P1", at=NOON + timedelta(minutes=60, microseconds=1))) == ["A3"]


def test_history_is_what_is_past_or_off_and_what_the_profile_wrote() -> None:
    data = TWO.changed(
        [
            appointment("A1", slot(-60), status="completed"),
            appointment("A2", slot(-1)),
            appointment("A3", slot(0)),
            appointment("A4", slot(60), status="cancelled"),
            appointment("A5", slot(-90), customer_id="C2", status="completed"),
            appointment("A6", slot(-90), profile_id="P2", status="missed"),
            record("R1", profile_id="P1", created_at=NOON),
            record("R2", profile_id="P1", created_at=NOON - timedelta(days=1)),
            record("R3", profile_id="P1", kind="file"),
            record("R4", profile_id="P2"),
            record("R5"),
            record("R6", profile_id="P1", customer_id="C2"),
        ]
    )
    found = am.views.profile_history(data, "P1", "C1")
    assert (found.profile_id, found.customer_id) == ("P1", "C1")
    assert ids(found.appointments) == ["A1", "A2", "A4"]
    assert [row.id for row in found.records] == ["R3", "R2", "R1"]
    later = am.views.profile_history(data, "P1", "C1", at=NOON + timedelta(microseconds=1))
    assert ids(later.appointments) == ["A1", "A2", "A3", "A4"]
    other = am.views.profile_history(data, "P2", "C1")
    assert (ids(other.appointments), [row.id for row in other.records]) == (["A6"], ["R4"])


def test_of_whom_is_not_there_nothing_is_seen() -> None:
    assert am.views.visible_customers(ONE, "P-unknown") == ()
    assert am.views.quick_view(ONE, "P-unknown", at=NOON) == ()
    for profile_id, customer_id in (("P-unknown", "C1"), ("P1", "C-unknown")):
        found = am.views.profile_history(ONE, profile_id, customer_id)
        assert (found.appointments, found.records) == ((), ())


MERGED = snapshot(
    profiles=[profile("P1"), profile("P2")],
    customers=[
        customer("C1"),
        customer("C2", merged_into="C1", status="disabled"),
        customer("C3", merged_into="C2", status="disabled"),
    ],
    appointments=[
        appointment("A1", slot(-120), profile_id="P1"),
        appointment("A2", slot(-60), profile_id="P2", customer_id="C3"),
    ],
    records=[record("R1", customer_id="C2", profile_id="P2")],
)


def test_what_is_booked_for_an_absorbed_customer_shows_the_survivor_and_its_history() -> None:
    assert ids(am.views.visible_customers(MERGED, "P2")) == ["C1"]
    for asked in ("C1", "C2", "C3"):
        past = am.views.profile_history(MERGED, "P2", asked)
        assert ids(past.appointments) == ["A2"]
        assert [row.id for row in past.records] == ["R1"]
        route = am.views.booking_route(MERGED, "P2", asked)
        assert (route.route, route.for_customer_id) == ("practitioner", "C1")


def test_who_knows_a_person_by_an_absorbed_customer_knows_the_survivor_from_another_profile() -> None:
    fresh = MERGED.changed([profile("P3")], drop={"appointment": ["A1"], "record": ["R1"]})
    assert am.views.booking_route(fresh, "P3", "C1").reason == "not_visible_yet"
    assert (
        am.views.booking_route(fresh.changed([profile("P3", practitioner_id="H2")]), "P3", "C1").reason
        == "never_seen"
    )
