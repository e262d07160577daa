"""Merges by example: access, requests, bookings and addresses of who become one, and what guards let pass."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.model.identifiers import derived_id
from closed_words import check_words
from small_values import NOON, access, access_request, appointment, customer, profile, record, slot, snapshot


def email(address: str, use: Any = "primary", login_of: str | None = None) -> am.CustomerEmail:
    return am.CustomerEmail(address, use, login_of)


def data(*customers: am.Customer, **collections: Any) -> am.Snapshot:
    """Return data of whoever is given, or S and A, both treated by P1."""
    people = {row.id: row for row in (customer("S"), customer("A"), *customers)}
    given: dict[str, Any] = {
        "profiles": [profile(), profile("P2"), profile("P3")],
        "customers": people.values(),
        "access": [],
    }
    rows = [access(f"X-{id}", customer_id=id) for id in people]
    given |= collections
    return snapshot(**(given | {"access": [*rows, *given["access"]]}))


def plan(found: am.Snapshot, *absorbed: str, late: int = 0, **rules: Any) -> am.MergePlan:
    request = am.MergeRequest(survivor="S", absorbed=absorbed or ("A",), actor="P1")
    at = NOON + timedelta(minutes=late)
    planned = am.plan_merge(found, request, rules=am.MergeRules(**rules), at=at)
    check_words(planned)
    return planned


def merged(found: am.Snapshot, *absorbed: str, **rules: Any) -> am.Snapshot:
    planned = plan(found, *absorbed, **rules)
    assert planned.is_ready, planned.blockers
    return am.apply(found, planned.confirm(by="Ann Example", at=NOON))


def steps(planned: am.MergePlan, kind: str) -> list[am.changes.Step]:
    return [step for step in planned.change_set.steps if step.kind == kind]


# Access, and requests for it


def test_access_is_given_under_an_id_that_a_retry_has_too() -> None:
    early, late = NOON - timedelta(days=9), NOON - timedelta(days=1)
    rows = [
        access("X1", profile_id="P2", customer_id="A", level="viewing", since=early),
        access("X2", profile_id="P2", customer_id="A", since=late),
    ]
    found = data(access=rows)
    result = merged(found)
    (given,) = (row for row in result.access if row.profile_id == "P2")
    assert given == access(derived_id("access", "P2", "S"), profile_id="P2", customer_id="S", since=early)
    lost = {(entry.id, entry.rule) for entry in plan(found).ledger}
    assert lost == {("X1", "stronger_access"), ("X2", "stronger_access")}


def test_a_pending_request_is_withdrawn_by_who_merges() -> None:
    found = data(
        access_requests=[
            access_request("Q1", customer_id="A"),
            access_request("Q2", customer_id="A", status="denied"),
        ]
    )
    result = merged(found)
    row = result.access_requests["Q1"]
    assert (row.status, row.decided_by, row.decided_at, row.customer_id) == ("withdrawn", "P1", NOON, "A")
    assert row.reason
    assert result.access_requests["Q2"] == found.access_requests["Q2"]


def test_who_gains_sight_is_told_with_how_much() -> None:
    found = data(
        access=[
            access("X2", profile_id="P2", customer_id="S"),
            access("X3", profile_id="P3", customer_id="A"),
        ],
        appointments=[
            appointment("A1", slot(60), customer_id="A"),
            appointment("A2", slot(180), customer_id="A"),
        ],
        records=[record("R1", customer_id="A"), record("R2", customer_id="A"), record("R3", customer_id="S")],
    )
    gains = {
        finding.facts["profile_id"]: finding.facts["count"]
        for finding in plan(found).findings
        if finding.code == "access_widens"
    }
    assert gains == {"P2": 4, "P3": 1}


# Bookings


def test_what_is_over_at_the_instant_only_warns() -> None:
    rows = [appointment("A1", slot(-60), customer_id="A"), appointment("A2", slot(-30), customer_id="S")]
    for late, blocks in ((-1, True), (0, False), (1, False)):
        found = attrs.evolve(data(appointments=rows), taken_at=NOON - timedelta(minutes=1))
        (double,) = (f for f in plan(found, late=late).findings if f.code == "introduced_double_booking")
        assert double.is_blocking == blocks, late


def test_every_double_booking_is_told_whoever_had_it() -> None:
    rows = [
        appointment("A1", slot(60), customer_id="A"),
        appointment("A2", slot(60), customer_id="A"),
        appointment("A3", slot(60), customer_id="S"),
        appointment("A4", slot(180), customer_id="S"),
        appointment("A5", slot(180), customer_id="A"),
    ]
    assert [f.id for f in plan(data(appointments=rows)).findings if f.code.endswith("double_booking")] == [
        "introduced_double_booking:A1:A3",
        "introduced_double_booking:A2:A3",
        "introduced_double_booking:A4:A5",
        "customer_double_booking:A1:A2",
    ]


def test_bookings_of_one_customer_that_overlap_go_together_and_others_alone() -> None:
    rows = [
        appointment("A3", slot(120), customer_id="A"),
        appointment("A1", slot(30), customer_id="A"),
        appointment("A2", slot(75), customer_id="A"),
        appointment("A4", slot(180), customer_id="A"),
        appointment("B1", slot(0), customer_id="B"),
        appointment("B2", slot(60, 90), customer_id="B", status="cancelled"),
    ]
    found = data(customer("B"), appointments=rows)
    accept = [
        am.Acceptance(finding=f.id, by="Ann Example", why="agreed") for f in plan(found, "A", "B").blockers
    ]
    request = am.MergeRequest(survivor="S", absorbed=["A", "B"], actor="P1", accept=accept)
    planned = am.plan_merge(found, request, at=NOON)
    assert planned.is_ready, planned.blockers
    moved = [[edit.id for edit in step.edits] for step in steps(planned, "move_booking")]
    assert moved == [["B1"], ["A1", "A2", "A3"], ["B2"], ["A4"]]
    result = am.apply(found, planned.confirm(by="Ann Example", at=NOON))
    assert {row.customer_id for row in result.appointments} == {"S"}


# Addresses


def test_addresses_change_hands_in_one_step_and_each_keeps_its_use() -> None:
    found = data(
        customer("S", emails=[email("s@example.com")]),
        customer("A", emails=[email("a@example.com"), email("work@example.com", "secondary")]),
    )
    (step,) = steps(plan(found, kept_primary="survivor"), "transfer_emails")
    uses = [
        (edit.id, {e.address.text: e.use for e in edit.after.emails})
        for edit in step.edits
        if isinstance(edit.after, am.Customer)
    ]
    assert uses == [
        ("A", {"a@example.com": "former", "work@example.com": "secondary"}),
        ("S", {"a@example.com": "former", "s@example.com": "primary", "work@example.com": "secondary"}),
        ("A", {}),
    ]
    assert {e.login_of for e in merged(found, kept_primary="survivor").customers["S"].emails} == {None, "A"}


def test_a_merge_that_was_carried_out_has_nothing_more_to_say_of_addresses() -> None:
    found = data(customer("A", emails=[email("a@example.com")]))
    assert plan(merged(found)).findings == ()


def test_a_claim_is_let_pass_only_for_who_let_go_of_it() -> None:
    found = data(
        customer("A", emails=[email("a@example.com")]),
        customer("B", emails=[email("b@example.com", "secondary")]),
        customer("T", emails=[email("A@example.com", "former")]),
    )
    (step,) = steps(plan(found, "A", "B"), "transfer_emails")
    (guard,) = (guard for guard in step.guards if guard.kind == "address_unclaimed")
    assert guard.facts == am.model.Facts(entity="customer", address="a@example.com")
    assert guard.except_ids == ("A", "S", "T")


@pytest.mark.parametrize("use", ["primary", "former"])
def test_every_login_that_a_stranger_claims_is_told_once_for_the_same_people(use: Any) -> None:
    found = data(
        customer("S", emails=[email("s@example.com")]),
        customer(
            "A", emails=[email("a@example.com"), email("b@example.com"), email("c@example.com", "secondary")]
        ),
        customer("T", emails=[email(f"{name}@example.com", use) for name in ("a", "b", "c")]),
        customer("U", emails=[email("S@example.com", use)]),
    )
    planned = plan(found, kept_primary="survivor")
    twice = [f for f in planned.findings if f.code == "email_claimed_twice"]
    assert [(f.id, f.severity, f.facts["holder_ids"]) for f in twice] == [
        ("email_claimed_twice:A:T", "warning", ("A", "T")),
        ("email_claimed_twice:S:U", "warning", ("S", "U")),
    ]
    assert planned.change_set.tolerated == ("email_claimed_twice:A:T", "email_claimed_twice:S:U")


def test_whose_login_an_address_was_goes_to_the_ledger_only_where_two_had_it() -> None:
    found = data(
        customer("S", emails=[email("a@example.com", "former", "X")]),
        customer("A", emails=[email("A@example.com", "former", "Y"), email("b@example.com", "former", "Z")]),
        customer("X", merged_into="S", status="disabled"),
        customer("Y", merged_into="A", status="disabled"),
        customer("Z", merged_into="A", status="disabled"),
    )
    entries = [(entry.from_id, entry.value.value) for entry in plan(found).ledger]
    assert entries == [("A", "A@example.com"), ("A", {"address": "A@example.com", "login_of": "Y"})]
    emails = {(e.address.text, e.login_of) for e in merged(found).customers["S"].emails}
    assert emails == {("a@example.com", "X"), ("b@example.com", "Z")}
    other = data(
        customer("S", emails=[email("a@example.com", "former", "X")]),
        customer("A", emails=[email("a@example.com", "former", "X")]),
        customer("X", merged_into="S", status="disabled"),
    )
    assert plan(other).ledger == ()


def test_a_profile_of_the_same_name_warns_in_order() -> None:
    people = [customer("A", emails=[email("p@example.com")])]
    profiles = [profile(), profile("P9", email="P@example.com"), profile("P8", email="p@example.com")]
    found = data(*people, profiles=profiles)
    shared = [f.id for f in plan(found).findings if f.code == "email_shared_name_space"]
    assert shared == ["email_shared_name_space:P8:S", "email_shared_name_space:P9:S"]


# Records


def test_what_says_the_same_is_dropped_and_named() -> None:
    found = data(
        customer("T"),
        records=[
            record("R2", kind="relation", customer_id="S", related_customer_id="T"),
            record("R1", kind="relation", customer_id="A", related_customer_id="T"),
            record("R3", kind="relation", customer_id="S", related_customer_id="A"),
            record("R4", kind="relation", customer_id="A", related_customer_id="U"),
            record("R5", customer_id="A", related_customer_id=None),
        ],
        customers=[customer("S"), customer("A"), customer("T"), customer("U")],
    )
    planned = plan(found)
    dropped = {step.edits[-1].id: step.reason for step in steps(planned, "drop_record")}
    assert dropped == {
        "R1": am.changes.Reason("duplicate_of", am.model.Facts(id="R1", kept_id="R2")),
        "R3": am.changes.Reason("between_merged", am.model.Facts(id="R3", survivor_id="S")),
    }
    guards = {
        guard.facts["id"]: guard.facts
        for step in steps(planned, "move_record")
        for guard in step.guards
        if guard.kind == "no_like_record"
    }
    assert guards == {"R4": am.model.Facts(id="R4", customer_id="S", related_customer_id="U")}


def test_what_hangs_on_a_dropped_record_hangs_on_the_kept_one_when_it_moves() -> None:
    found = data(
        customer("T"),
        records=[
            record("R1", kind="relation", customer_id="S", related_customer_id="T"),
            record("R2", kind="relation", customer_id="A", related_customer_id="T"),
            record("R3", customer_id="A", attached_to="R2"),
            record("R4", customer_id="A", attached_to="R3"),
        ],
    )
    rows = {row.id: (row.customer_id, row.attached_to) for row in merged(found).records}
    assert rows == {"R1": ("S", None), "R3": ("S", "R1"), "R4": ("S", "R3")}


def test_what_hung_on_a_dropped_record_and_hangs_on_nothing_now_is_in_the_ledger() -> None:
    found = data(
        customer("T"),
        records=[
            record("R1", kind="relation", customer_id="S", related_customer_id="A"),
            record("R2", kind="relation", customer_id="A", related_customer_id="S", attached_to="R1"),
            record("R3", customer_id="T", attached_to="R1"),
        ],
    )
    entries = [(entry.id, entry.field, entry.rule) for entry in plan(found).ledger]
    assert sorted(entries) == [
        ("R1", "record", "between_merged"),
        ("R2", "record", "between_merged"),
        ("R3", "attached_to", "between_merged"),
    ]
    (left,) = merged(found).records
    assert (left.id, left.attached_to) == ("R3", None)


def test_of_what_there_is_one_of_the_one_that_stands_is_kept() -> None:
    cards = [
        record("R9", kind="card", customer_id="S", unique_key="k", data=am.model.FrozenJson.of(9)),
        record("R1", kind="card", customer_id="A", unique_key="k", data=am.model.FrozenJson.of(1)),
    ]
    planned = plan(
        data(records=cards), record_kinds=[am.merges.RecordKind(kind="card", one_per_customer=True)]
    )
    (found,) = planned.blockers
    assert (found.id, found.facts) == (
        "one_per_customer:R1:R9",
        am.model.Facts(kept_id="R9", dropped_id="R1", kind="card"),
    )


def test_records_of_one_key_are_told_in_order() -> None:
    rows = [
        *(record(f"R{n}", customer_id="A", unique_key="k") for n in (2, 1)),
        *(record(f"Q{n}", customer_id="A", unique_key="q") for n in (2, 1)),
        record("R3", customer_id="S", unique_key="k"),
        record("R4", customer_id="A"),
        record("R5", customer_id="A"),
    ]
    told = [
        (f.facts["first_id"], f.facts["second_id"])
        for f in plan(data(records=rows)).findings
        if f.code == "duplicate_record"
    ]
    assert told == [("Q1", "Q2"), ("R3", "R1"), ("R3", "R2")]


# Obligations, and what appears on who was absorbed before


@pytest.mark.parametrize(
    ("use", "owed"),
    [
        ("primary", [("end_sessions", "A"), ("tell_primary_email", "S")]),
        ("secondary", [("tell_no_login", "S")]),
    ],
)
def test_the_support_team_ends_sessions_and_the_customer_is_told_how_to_sign_in(use: Any, owed: Any) -> None:
    planned = plan(data(customer("A", emails=[email("a@example.com", use)])))
    assert [(each.kind, each.facts["customer_id"]) for each in planned.change_set.obligations] == owed


def test_what_appears_on_who_was_absorbed_before_is_seen_while_anything_is_left() -> None:
    gone = customer("A", status="disabled", merged_into="S")
    found = data(gone, records=[record("R1", customer_id="A")], access=[])
    found = found.changed(drop={"access": ["X-A"]})
    planned = plan(found)
    assert planned.is_ready, planned.blockers
    change_set = planned.confirm(by="Ann Example", at=NOON)
    assert am.check(found, change_set) == ()
    more = found.changed([record("R2", customer_id="A")])
    assert [failure.code for failure in am.check(more, change_set)] == ["reference_left"]


# Record numbers


def test_no_record_number_is_that_of_two_persons_at_any_prefix() -> None:
    """The survivor gains the numbers as the absorbed retire, and that of one absorbed before as it is repointed."""
    earlier = customer("B", merged_into="A", status="disabled")
    found = data(customer("A", former_record_numbers=("B",)), earlier)
    change_set = plan(found).confirm(by="Ann Example", at=NOON)
    for n in range(len(change_set.steps) + 1):
        faults = am.find_faults(am.apply(found, change_set.prefix(n)))
        assert "record_number_twice" not in {fault.code for fault in faults}
    done = am.apply(found, change_set)
    assert done.customers["S"].former_record_numbers == ("A", "B")
    assert done.customers["B"].merged_into == "S"
