"""Findings of a snapshot as it stands: each kind of fault, in a defined order, in both languages."""

from __future__ import annotations

import random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.findings.vocabulary import CLUSTER_FACTS, FINDINGS, SEVERITIES
from accountmerge.testing.strategies import snapshots
from small_values import appointment, customer, profile, slot, snapshot
from strategies import colliding_snapshots


def email(text: str, use: Any = "primary") -> am.CustomerEmail:
    return am.CustomerEmail(text, use)


def ids(**collections: Any) -> list[str]:
    return [finding.id for finding in am.find_faults(snapshot(**collections))]


def test_a_snapshot_in_order_has_no_faults() -> None:
    people = [
        customer("C1", emails=[email("a@example.com")]),
        customer("C2", emails=[email("b@example.com")]),
    ]
    assert ids(customers=people, appointments=[appointment("A1"), appointment("A2", slot(60))]) == []


def test_double_bookings_and_unfinished_rebookings_are_faults() -> None:
    rows = [
        appointment("A1"),
        appointment("A2"),
        appointment("A3", slot(90)),
        appointment("A4", slot(90), replaces="A3"),
    ]
    assert ids(appointments=rows) == [
        "customer_double_booking:A1:A2",
        "existing_double_booking:A1:A2",
        "unfinished_rebooking:A3:A4",
    ]


def test_malformed_addresses_are_faults_of_whoever_has_them() -> None:
    emails = [email("ann", "secondary"), email("fine@example.com"), email("@", "former")]
    found = am.find_faults(
        snapshot(profiles=[profile("P1", email="nobody@")], customers=[customer("C1", emails=emails)])
    )
    assert [finding.id for finding in found] == ["email_malformed:C1", "email_malformed:P1"]
    assert [finding.facts["kind"] for finding in found] == ["customer", "profile"]


def test_one_mailbox_is_kept_for_one_person() -> None:
    profiles = [
        profile("P1", email="Ann@Example.com"),
        profile("P2", email="ann@EXAMPLE.com", schedule="pending"),
    ]
    people = [
        customer("C1", emails=[email("bo@münchen.example")]),
        customer("C2", emails=[email("bo@xn--mnchen-3ya.example")]),
        customer("C3", emails=[email("bo@münchen.example", "secondary"), email("ann@example.com")]),
        customer("C4", emails=[email("ann@example.com", "former")]),
    ]
    found = am.find_faults(snapshot(profiles=profiles, customers=people))
    assert [(finding.id, finding.facts) for finding in found] == [
        ("email_claimed_twice:C1:C2", am.model.Facts(kind="customer", holder_ids=("C1", "C2"))),
        ("email_claimed_twice:C3:C4", am.model.Facts(kind="customer", holder_ids=("C3", "C4"))),
        ("email_claimed_twice:P1:P2", am.model.Facts(kind="profile", holder_ids=("P1", "P2"))),
    ]


def test_two_spellings_on_one_customer_are_one_claim() -> None:
    assert ids(customers=[customer(emails=[email("ann@example.com"), email("ANN@example.com")])]) == []


@given(st.one_of(snapshots(), colliding_snapshots()), st.integers(0, 99))
def test_faults_are_described_and_do_not_depend_on_order(drawn: am.Snapshot, seed: int) -> None:
    found = am.find_faults(drawn)
    names = ("profiles", "customers", "appointments", "records", "access", "access_requests")
    rows: dict[str, Any] = {name: list(getattr(drawn, name)) for name in names}
    for collection in rows.values():
        random.Random(seed).shuffle(collection)  # noqa: S311 - nothing secret
    assert am.find_faults(am.Snapshot(drawn.taken_at, **rows)) == found
    for finding in found:
        kind = FINDINGS[finding.code]
        assert finding.facts.keys() == (CLUSTER_FACTS if finding.is_cluster else kind.facts)
        for language in ("en", "fr"):
            assert finding.describe(language) != finding.advise(language) != ""
        texts = repr(finding) + finding.describe() + finding.describe("fr")
        assert "@" not in texts.replace(str(finding.ids), "")


def test_a_finding_is_named_by_its_code_and_sorted_ids() -> None:
    finding = am.Finding.of("email_in_use", ("P2", "P1", "P2"), profile_id="P1", holder_id="P2")
    assert finding.id == "email_in_use:P1:P2"
    assert finding.ids == ("P1", "P2")
    assert finding.remedy == finding.advise("en") != finding.advise("fr")


def test_a_blocker_blocks_until_somebody_accepts_it() -> None:
    finding = am.Finding.of("email_same", ("P1",), profile_id="P1")
    accepted = attrs.evolve(finding, accepted=am.Acceptance(finding=finding.id, by="Ann", why="because"))
    assert (finding.is_blocking, accepted.is_blocking) == (True, False)
    assert not finding.is_acceptable
    assert not am.Finding.of("email_same", ("P1",), "warning", profile_id="P1").is_blocking


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(KeyError):
        am.Finding.of("no_such_code", ())


def test_severities_are_those_of_the_design() -> None:
    assert SEVERITIES == ("blocker", "warning")
    assert {kind.severity for kind in FINDINGS.values()} == set(SEVERITIES)


def test_only_what_a_named_person_can_answer_for_may_be_accepted() -> None:
    assert {code for code, kind in FINDINGS.items() if kind.acceptable} == {
        "destination_double_booking",
        "effect_not_obeyed",
        "identity_differs",
        "introduced_double_booking",
        "login_changes_hands",
        "one_per_customer",
        "other_active_schedule",
        "outside_hours",
        "slot_not_free",
        "window_outside_hours",
        "window_under_estimate",
    }
    warnings = {code for code, kind in FINDINGS.items() if kind.acceptable and kind.severity != "blocker"}
    assert warnings == {"identity_differs", "login_changes_hands"}  # these block by rule
    assert all(FINDINGS[code].severity == "warning" for code in warnings)
