"""Who books whom: one reason for every pair, and where one is sent on to."""

from __future__ import annotations

from typing import Any

import pytest

import accountmerge as am
from accountmerge.messages import LANGUAGES
from accountmerge.views.booking_routes import ROUTE_FACTS, ROUTE_REASONS
from small_values import appointment, customer, profile, snapshot

PROFILES = [
    profile("P1", schedule="inactive", succeeded_by="P2"),
    profile("P2"),
    profile("P3", login="disabled", practitioner_id="H3"),
    profile("P4", schedule="inactive", practitioner_id="H4"),
    profile("P5", schedule="inactive", practitioner_id="H5", succeeded_by="P4"),
    profile("P6", schedule="inactive", practitioner_id="H6", succeeded_by="P7"),
    profile("P7", schedule="inactive", practitioner_id="H6", succeeded_by="P6"),
]
PEOPLE = [
    customer("C1"),
    customer("C2"),
    customer("C3"),
    customer("C4", status="disabled", merged_into="C1"),
    customer("C5", status="disabled"),
    customer("C6", status="disabled", merged_into="C7"),
    customer("C7", status="disabled", merged_into="C6"),
]
WHOLE = snapshot(
    profiles=PROFILES,
    customers=PEOPLE,
    appointments=[
        appointment("A1", profile_id="P2", status="cancelled"),
        appointment("A2", customer_id="C2"),
        appointment("A3", profile_id="P3"),
        appointment("A4", profile_id="P2", customer_id="C5"),
    ],
)


@pytest.mark.parametrize(
    ("profile_id", "customer_id", "wanted"),
    [
        ("P2", "C1", ("practitioner", "visible", "P2", "C1")),
        ("P1", "C1", ("practitioner", "visible", "P2", "C1")),
        ("P1", "C4", ("practitioner", "visible", "P2", "C1")),
        ("P2", "C2", ("customer_service", "not_visible_yet", "P2", "C2")),
        ("P1", "C2", ("customer_service", "not_visible_yet", "P2", "C2")),
        ("P2", "C3", ("customer_service", "never_seen", "P2", "C3")),
        ("P3", "C1", ("customer_service", "login_disabled", "P3", "C1")),
        ("P4", "C1", ("customer_service", "schedule_inactive", None, "C1")),
        ("P5", "C1", ("customer_service", "schedule_inactive", None, "C1")),
        ("P6", "C1", ("customer_service", "schedule_inactive", None, "C1")),
        ("P2", "C5", ("customer_service", "customer_disabled", "P2", "C5")),
        ("P2", "C6", ("customer_service", "customer_disabled", "P2", None)),
        ("P9", "C1", ("customer_service", "unknown_profile", None, "C1")),
        ("P2", "C9", ("customer_service", "unknown_customer", "P2", None)),
        ("P9", "C9", ("customer_service", "unknown_profile", None, None)),
    ],
)
def test_each_pair_has_its_route_and_its_reason(profile_id: str, customer_id: str, wanted: Any) -> None:
    found = am.views.booking_route(WHOLE, profile_id, customer_id)
    assert (found.route, found.reason, found.via_profile_id, found.for_customer_id) == wanted
    assert (found.profile_id, found.customer_id) == (profile_id, customer_id)


def test_who_is_sent_on_is_told_from_where_to_where() -> None:
    assert am.views.booking_route(WHOLE, "P1", "C4").describe() == (
        "Customer C4 is part of customer C1 now. Profile P2 is the successor of profile P1. "
        "Customer C1 is visible on profile P2: the practitioner books."
    )
    assert (
        am.views.booking_route(WHOLE, "P2", "C2")
        .describe()
        .startswith("Customer C2 is not visible on profile P2")
    )
    assert am.views.booking_route(WHOLE, "P2", "C9").describe().startswith("There is no customer C9.")


def test_every_reason_is_reached_and_has_its_facts() -> None:
    asked = [
        am.views.booking_route(WHOLE, p, c)
        for p in ("P2", "P3", "P4", "P9")
        for c in ("C1", "C2", "C3", "C5", "C9")
    ]
    assert {found.reason for found in asked} == set(ROUTE_REASONS)
    assert ROUTE_FACTS.keys() == {*ROUTE_REASONS, "via_profile", "for_customer"}
    for found in asked:
        assert len({found.describe(language) for language in LANGUAGES}) == len(LANGUAGES)
