"""Reasons not to apply two change sets side by side, each shown by two plans that have it."""

from __future__ import annotations

import accountmerge as am
from accountmerge.changes.conflicts import Planned
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


def reasons(first: Planned, second: Planned) -> set[tuple[object, ...]]:
    return {
        (each.kind, *(each.facts[name] for name in sorted(each.facts)))
        for each in am.changes.dependence(first, second)
    }


def test_a_merge_changes_the_calendar_of_the_survivor_and_of_the_absorbed() -> None:
    for booked in ("C1", "C2"):
        data = snapshot(
            profiles=[profile(), profile("P2", schedule="pending")],
            customers=[customer(id, given_name="Ann", family_name="Example") for id in ("C1", "C2")],
            appointments=[
                appointment("A1", slot(-600), customer_id=booked, number="APP-1", status="completed")
            ],
            access=[access("X1", customer_id="C1"), access("X2", customer_id="C2")],
        )
        merge = am.plan_merge(data, am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1"), at=NOON)
        session = rebooking_request(600, new_email="P2@example.com")
        booking = am.rebooking.plan_rebooking(data, session, at=NOON)
        assert merge.is_ready
        assert booking.is_ready
        assert ("guarded_by_other", "customer", "slot_free", "C2") in reasons(merge, booking)
        assert reasons(merge, booking) == reasons(booking, merge)


def test_migrations_of_two_practitioners_with_other_customers_are_independent() -> None:
    data = snapshot(
        profiles=[profile(), profile("P2", practitioner_id="H2")],
        customers=[customer("C1"), customer("C2")],
        appointments=[
            appointment("A1", slot(600)),
            appointment("A2", slot(600), profile_id="P2", customer_id="C2"),
        ],
        access=[access("X1"), access("X2", profile_id="P2", customer_id="C2")],
    )
    first = am.plan_migration(data, request(), at=NOON)
    second = am.plan_migration(data, request(profile_id="P2", new_email="two@example.com"), at=NOON)
    assert first.is_ready
    assert second.is_ready
    assert am.changes.dependence(first, second) == ()
