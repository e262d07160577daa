"""What stands in the place of a booking with another profile, by however many rebookings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import accountmerge as am
from accountmerge.model.successions import Origins, Persons

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def booking(id: str, profile: str, **links: Any) -> am.Appointment:
    return am.Appointment(
        id=id,
        profile_id=profile,
        customer_id="customer",
        slot=am.TimeSlot(NOON, NOON + timedelta(hours=1)),
        time_zone="UTC",
        modality="phone",
        status="booked",
        **links,
    )


def profile(id: str) -> am.Profile:
    return am.Profile(
        id=id, practitioner_id="human", email=f"{id}@example.com", login="enabled", schedule="inactive"
    )


@pytest.mark.parametrize(
    ("bookings", "along"),
    [
        ([booking("a", "new")], False),
        ([booking("a", "old")], False),
        ([booking("z", "old"), booking("a", "new", replaces="z")], True),
        ([booking("z", "old", replaced_by="a"), booking("a", "new")], True),
        ([booking("z", "new"), booking("a", "new", replaces="z")], False),
        (
            [booking("y", "old"), booking("z", "new", replaces="y"), booking("a", "new", replaces="z")],
            True,
        ),
        ([booking("z", "new", replaces="a"), booking("a", "new", replaces="z")], False),
    ],
)
def test_a_booking_came_along_if_any_it_stands_for_was_with_the_old_profile(
    bookings: list[am.Appointment], along: bool
) -> None:
    customer = am.Customer(id="customer", record_number="1", emails=[], status="active")
    snapshot = am.Snapshot(
        NOON, profiles=[profile("old"), profile("new")], customers=[customer], appointments=bookings
    )
    origins = Origins(snapshot.appointments, Persons(snapshot.customers), "old")
    assert origins.came_along(snapshot.appointments["a"]) == along
