"""Faults of data: each kind that is made on purpose is named, as by hand, and data in order have none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.findings.vocabulary import CLUSTER_FACTS, FINDINGS
from accountmerge.testing.strategies import (
    MergeCase,
    Practice,
    busy,
    customer_cases,
    merge_cases,
    practices,
    snapshots,
)
from fault_oracle import LOOKED_FOR, faults_by_hand
from made_faults import MADE_FAULTS
from rewritten_data import shuffled
from small_values import NOON, access, access_request, appointment, customer, profile, record, slot, snapshot
from strategies import colliding_snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = st.one_of(
    snapshots(),
    colliding_snapshots(),
    practices().map(lambda practice: practice.snapshot),
    customer_cases().map(lambda case: case.snapshot),
)


def named(faults: Iterable[am.Finding]) -> set[tuple[str, tuple[str, ...]]]:
    return {(fault.code, fault.ids) for fault in faults if fault.code in LOOKED_FOR}


@given(DATA, st.lists(st.sampled_from(sorted(MADE_FAULTS)), max_size=3), st.integers(0, 99))
def test_faults_are_what_looking_at_every_row_finds(data: am.Snapshot, made: list[str], seed: int) -> None:
    for how in made:
        data = MADE_FAULTS[how][1](data)
    found = am.find_faults(data)
    for code in {fault.code for fault in found}:
        event(code)
    assert named(found) == faults_by_hand(data)
    assert am.find_faults(shuffled(data, seed)) == found
    assert len({fault.id for fault in found if fault.code in LOOKED_FOR - NUMBERED}) == len(
        [fault for fault in found if fault.code in LOOKED_FOR - NUMBERED]
    )
    assert {fault.severity for fault in found} <= {"warning"}
    for fault in found:
        assert fault.facts.keys() == (CLUSTER_FACTS if fault.is_cluster else FINDINGS[fault.code].facts)
        assert all(fault.describe(language) != fault.advise(language) for language in ("en", "fr"))


NUMBERED = {"record_number_twice", "appointment_number_twice", "email_claimed_twice"}
"""Codes of what the same rows may have twice over: two numbers, a username beside a primary email."""


@pytest.mark.parametrize("how", sorted(MADE_FAULTS))
@settings(max_examples=10)
@given(data=snapshots())
def test_every_fault_that_is_made_is_named(how: str, data: am.Snapshot) -> None:
    code, make = MADE_FAULTS[how]
    broken = make(data)
    assert named(am.find_faults(broken)) == faults_by_hand(broken)
    assert code in {fault.code for fault in am.find_faults(broken)}


def test_each_code_that_is_looked_for_is_made_on_purpose() -> None:
    assert {code for code, _ in MADE_FAULTS.values()} == LOOKED_FOR | {"promised_time_moved"}


# Data in order


@st.composite
def orderly_practices(draw: st.DrawFn) -> am.Snapshot:
    """A practice without a fault: past and cancelled bookings, migrated profiles, absorbed customers, rebookings."""
    count = draw(st.integers(1, 5))
    profiles = []
    for n in range(count):
        migrated = draw(st.booleans())
        human = f"H{n}"
        if migrated:
            old = profile(f"P{n}-old", practitioner_id=human, schedule="inactive", succeeded_by=f"P{n}")
            profiles.append(old)
        profiles.append(profile(f"P{n}", practitioner_id=human))
        if draw(st.booleans()):
            profiles.append(profile(f"P{n}-next", practitioner_id=human, schedule="pending"))
    people, rows = [], []
    for n in range(draw(st.integers(1, 6))):
        absorbed = draw(st.integers(0, 2))
        emails = [
            am.CustomerEmail(f"c{n}@example.com", "primary"),
            am.CustomerEmail("family@example.com", "secondary"),
            am.CustomerEmail(f"c{n}-old@example.com", "former"),
            *(am.CustomerEmail(f"c{n}-{m}@example.com", "former", f"C{n}-{m}") for m in range(absorbed)),
        ]
        numbers = [f"C{n}-{m}" for m in range(absorbed)]
        people.append(customer(f"C{n}", emails=emails, former_record_numbers=numbers))
        people += [customer(id, merged_into=f"C{n}", status="disabled") for id in numbers]
    customers = [row.id for row in people if row.merged_into is None]
    for n in range(draw(st.integers(0, 8))):
        where = draw(st.sampled_from([row for row in profiles if row.schedule != "inactive"]))
        whose = draw(st.sampled_from(customers))
        start = 120 * n
        how = draw(st.sampled_from(("booked", "held", "completed", "cancelled", "rebooked", "past")))
        status = how if how in ("booked", "held", "completed", "cancelled") else "booked"
        row = appointment(
            f"A{n}", slot(start), profile_id=where.id, customer_id=whose, number=f"APP-{n}", status=status
        )
        if how == "past":
            old = draw(st.sampled_from(profiles))
            row = attrs.evolve(row, slot=slot(-60 * (n + 2)), profile_id=old.id)
        if how == "rebooked":
            rows.append(
                attrs.evolve(
                    row,
                    id=f"A{n}-old",
                    profile_id=draw(st.sampled_from(profiles)).id,
                    number=f"APP-9{n}",
                    status="cancelled",
                    cancel_reason="rebooked",
                    replaced_by=row.id,
                )
            )
            row = attrs.evolve(row, replaces=f"A{n}-old")
        rows.append(row)
    return snapshot(
        profiles=profiles,
        customers=people,
        appointments=rows,
        records=[record(f"R{n}", customer_id=id) for n, id in enumerate(customers)],
        access=[access(f"X{n}", profile_id="P0", customer_id=id) for n, id in enumerate(customers)],
        access_requests=[access_request("Q1", profile_id="P0", customer_id=customers[0])],
    )


@given(orderly_practices())
def test_a_practice_in_order_has_no_fault(data: am.Snapshot) -> None:
    assert am.find_faults(data) == ()


ABSORBED = {"absorbed_active", "absorbed_not_empty", "absorbed_signs_in", "merged_in_chain"}


@given(busy(merge_cases()))
def test_a_customer_that_a_merge_has_absorbed_has_no_fault(case: MergeCase) -> None:
    done = am.apply(case.snapshot, case.plan().confirm(by="Ann Example", at=case.at))
    absorbed = {id for id in case.request.absorbed if done.customers[id].merged_into is not None}
    assert absorbed
    faults = [fault for fault in am.find_faults(done) if fault.code in ABSORBED]
    assert not [fault for fault in faults if absorbed.intersection(fault.ids)]


@given(practices())
def test_an_absorbed_customer_has_a_fault_where_a_merge_would_find_something_to_do(
    practice: Practice,
) -> None:
    """The merge of one that was absorbed before has nothing to do just if the customer is empty and disabled.

    The survivor knows its record number already.
    """
    data = practice.snapshot
    for row in data.customers:
        into = data.customers.get(row.merged_into or "")
        if into is None or into.merged_into is not None:
            continue
        known = (*into.former_record_numbers, row.record_number)
        data = data.changed([attrs.evolve(into, former_record_numbers=known)])
        faults = {fault.code for fault in am.find_faults(data) if row.id in fault.ids} & ABSORBED
        request = am.MergeRequest(survivor=into.id, absorbed=(row.id,), actor=practice.actor)
        plan = am.plan_merge(data, request, rules=am.MergeRules(kept_primary="survivor"), at=NOON)
        event(f"{sorted(faults)}: {'ready' if plan.is_ready else 'blocked'}")
        if plan.is_ready:
            assert bool(plan.change_set.steps) == bool(faults)


# Cases


def ids(**collections: Any) -> list[str]:
    return [finding.id for finding in am.find_faults(snapshot(**collections))]


def test_an_absorbed_customers_number_among_its_survivors_former_ones_is_in_order() -> None:
    gone = customer("C2", merged_into="C1", status="disabled")
    kept = customer("C1", former_record_numbers=("C2",))
    assert ids(customers=[kept, gone]) == []
    assert ids(customers=[customer("C1"), attrs.evolve(gone, record_number="C1")]) == [
        "record_number_twice:C1:C2"
    ]
    assert ids(customers=[kept, gone, customer("C3", former_record_numbers=("C2",))]) == [
        "record_number_twice:C1:C2:C3"
    ]


@pytest.mark.unmeasured
def test_a_long_chain_of_merges_ends_in_one_person() -> None:
    """Found in the time of a short one: each link is followed once."""
    people = [
        customer(f"C{n:05}", merged_into=f"C{n + 1:05}", status="disabled", former_record_numbers=("7",))
        for n in range(20_000)
    ]
    people.append(customer("C20000", former_record_numbers=("7",)))
    found = am.find_faults(snapshot(customers=people))
    assert len([fault for fault in found if fault.code == "merged_in_chain"]) == 19_999
    assert "record_number_twice" not in {fault.code for fault in found}


def test_a_group_is_one_finding_however_large_it_is() -> None:
    rows = [appointment("A0", status="cancelled")]
    rows += [
        appointment(f"A{n}", slot(60 * n), replaces="A0", customer_id=f"C{n}", number="APP-1")
        for n in range(1, 400)
    ]
    people = [customer(f"C{n}", record_number="7") for n in range(400)]
    profiles = [profile("P1"), *(profile(f"P{n}", email="same@example.com") for n in range(2, 400))]
    found = am.find_faults(snapshot(profiles=profiles, customers=people, appointments=rows))
    assert sorted(fault.code for fault in found) == [
        "appointment_number_twice",
        "email_claimed_twice",
        "record_number_twice",
        "several_active_schedules",
        "several_replacements",
    ]


def test_what_began_before_the_data_were_read_is_not_left_behind() -> None:
    closed = [profile("P1", schedule="inactive", succeeded_by="P2"), profile("P2")]
    rows = [
        appointment("A1", slot(-30, 30)),
        appointment("A2", slot(60), status="cancelled"),
        appointment("A3", slot(0)),
    ]
    assert ids(profiles=closed, appointments=rows) == ["booking_in_closed_profile:A3"]
    later = am.Snapshot(
        NOON + timedelta(minutes=1), profiles=closed, customers=[customer()], appointments=rows
    )
    assert am.find_faults(later) == ()


def test_heirs_that_were_cancelled_or_rebooked_in_turn_are_told_apart() -> None:
    old = appointment("A0", status="cancelled")
    first = appointment("A1", status="cancelled", replaces="A0")
    second = appointment("A2", slot(300), replaces="A0")
    third = appointment("A3", slot(600), replaces="A1")
    assert ids(appointments=[old, first, second]) == []
    assert ids(appointments=[old, first, second, third]) == [
        "several_replacements:A0:A1:A2",
        "unfinished_rebooking:A2:A3",
    ]


# Bookings of two customers that replace the same one


def freed_slot(**fields: Any) -> dict[str, Any]:
    """Return a freed session in whose place two customers are booked at the same time."""
    rows = [
        appointment("A0", slot(-1440), status="cancelled", cancel_reason="freed"),
        appointment("A1", slot(120), replaces="A0"),
        appointment("A2", slot(120), customer_id="C2", replaces="A0"),
    ]
    return {"customers": [customer("C1"), customer("C2", **fields)], "appointments": rows}


def test_bookings_of_two_customers_are_two_whatever_they_replace() -> None:
    assert ids(**freed_slot()) == ["existing_double_booking:A1:A2", "several_replacements:A0:A1:A2"]


def test_bookings_of_one_person_are_one_however_many_customers_it_was() -> None:
    merged = freed_slot(merged_into="C1", status="disabled")
    assert ids(**merged) == [
        "absorbed_not_empty:C2",
        "several_replacements:A0:A1:A2",
        "unfinished_rebooking:A1:A2",
    ]
