"""Laws of sessions: several customers attend one session, and no plan takes it for a double booking."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.reference import added_faults
from accountmerge.testing.strategies import snapshots
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
from strategies import colliding_snapshots

SIZE = 25
CARRIED = ("local_start", "session_id", "data", "created_at", "made_by")
LATER = 7 * 24 * 60
"""The start of the session in minutes, later than every blackout."""
PROMISED = NOON.replace(tzinfo=None) + timedelta(minutes=LATER)


def seat(number: int, **fields: Any) -> am.Appointment:
    """Return the booking of one customer of a session, with all that a booking may carry."""
    given: dict[str, Any] = {
        "customer_id": f"C{number}",
        "session_id": "S",
        "local_start": PROMISED,
        "data": am.model.FrozenJson.of({"seat": number}),
        "created_at": NOON - timedelta(days=number),
        "made_by": f"person {number}",
        "number": f"APP-{number}",
    }
    return appointment(f"A{number:02}", slot(LATER), **(given | fields))


def practice(*more: am.Appointment, size: int = SIZE, **fields: Any) -> am.Snapshot:
    """Return a practice with one session of so many customers, in two profiles of the practitioner."""
    rows = [seat(n, **fields) for n in range(size)]
    return snapshot(
        profiles=[
            profile("P1", data=am.model.FrozenJson.of({"room": 4})),
            profile("P9", schedule="inactive"),
            profile("P5", practitioner_id="H2"),
        ],
        customers=[customer(f"C{n}") for n in range(SIZE + 2)],
        appointments=[*rows, *more],
        access=[access("X1", created_at=NOON, made_by="Bo"), access("X2", customer_id="C1", made_by="Al")],
    )


def with_twins(data: am.Snapshot) -> set[tuple[str, frozenset[str]]]:
    """Find double bookings by looking at every pair of rows."""
    human = {row.id: row.practitioner_id for row in data.profiles}
    live = [row for row in data.appointments if row.status in ("held", "booked")]
    found = set()
    for one, other in itertools.combinations(live, 2):
        if one.slot.start < other.slot.end and other.slot.start < one.slot.end:
            pair = frozenset((one.id, other.id))
            alike = one.session_id == other.session_id and one.slot == other.slot
            if human[one.profile_id] == human[other.profile_id] and not (one.session_id and alike):
                found.add(("practitioner", pair))
            if one.customer_id == other.customer_id:
                found.add(("customer", pair))
    return found


def named(data: am.Snapshot) -> set[tuple[str, frozenset[str]]]:
    return {(d.kind, frozenset((d.first.id, d.second.id))) for d in am.find_double_bookings(data)}


def moved() -> am.MigrationPlan:
    return am.plan_migration(practice(), request(), at=NOON)


def test_a_session_is_no_double_booking_and_a_booking_beside_it_is() -> None:
    assert am.find_double_bookings(practice()) == ()
    assert am.find_faults(practice()) == ()
    for other in (
        seat(SIZE, session_id=None),
        seat(SIZE, session_id="T"),
        attrs.evolve(seat(SIZE), slot=slot(LATER, 59)),
        seat(SIZE, profile_id="P9", session_id=None),
    ):
        assert named(practice(other)) == {
            ("practitioner", frozenset((f"A{n:02}", other.id))) for n in range(SIZE)
        }
        (cluster,) = (f for f in am.find_faults(practice(other)) if f.code == "existing_double_booking")
        assert cluster.facts["count"] == SIZE + 1
    assert am.find_double_bookings(practice(seat(SIZE, profile_id="P9"))) == ()
    assert am.find_double_bookings(practice(seat(SIZE, profile_id="P5", session_id=None))) == ()


def test_a_booking_beside_a_small_session_is_double_booked_with_each_member_and_the_members_are_not() -> None:
    data = practice(seat(SIZE, session_id=None), size=3)
    pairs = [f"existing_double_booking:A0{n}:A25" for n in range(3)]
    assert [fault.id for fault in am.find_faults(data)] == pairs
    found = am.plan_migration(data, request(), at=NOON)
    assert [fault.id for fault in found.findings if "double_booking" in fault.code] == pairs
    done = am.apply(data, found.change_set)
    assert len(am.find_double_bookings(done)) == len(pairs)


@given(st.one_of(colliding_snapshots(troubles=("session", "equal slots", "nested slots")), snapshots()))
def test_double_bookings_with_sessions_are_what_looking_at_every_pair_finds(data: am.Snapshot) -> None:
    unlinked = [attrs.evolve(row, replaces=None, replaced_by=None) for row in data.appointments]
    people = [attrs.evolve(row, merged_into=None) for row in data.customers]
    plain = data.changed([*unlinked, *people])
    event(f"sessions: {any(row.session_id for row in plain.appointments)}")
    assert named(plain) == with_twins(plain)
    faults = [fault for fault in am.find_faults(plain) if fault.code == "existing_double_booking"]
    if not any(fault.is_cluster for fault in faults):
        pairs = {frozenset((str(fault.facts["first_id"]), str(fault.facts["second_id"]))) for fault in faults}
        assert pairs == {pair for kind, pair in named(plain) if kind == "practitioner"}


def test_a_session_of_25_moves_one_by_one_and_no_prefix_adds_a_fault() -> None:
    before, plan = practice(), moved()
    assert [finding.code for finding in plan.findings] == ["window_notice_short", "window_unchecked"]
    assert {"session_id", "data", "local_start", "created_at", "made_by"} <= set(plan.change_set.requires)
    for n in range(len(plan.change_set.steps) + 1):
        part = am.apply(before, plan.change_set.prefix(n))
        assert not added_faults(before, part)
        assert am.find_double_bookings(part) == ()
        assert am.find_faults(part) == ()
        rest = am.plan_migration(part, request(), at=NOON)
        assert rest.is_ready, rest.blockers
        assert am.apply(part, rest.change_set) == am.apply(before, plan.change_set)


def test_every_member_of_a_session_carries_its_values_to_the_new_profile() -> None:
    plan = moved()
    after = am.apply(practice(), plan.change_set)
    for was in practice().appointments:
        now = after.appointments[after.appointments[was.id].replaced_by or ""]
        assert now.is_live
        assert now.profile_id == plan.successor_id
        assert [getattr(now, name) for name in CARRIED] == [getattr(was, name) for name in CARRIED]
    assert after.profiles[plan.successor_id or ""].data == after.profiles["P1"].data != None  # noqa: E711
    assert am.loads(am.dumps(plan)) == plan


def test_the_undo_of_a_session_restores_every_prefix() -> None:
    before = practice()
    plan = am.plan_migration(before, request(), at=NOON)
    for n in range(len(plan.change_set.steps) + 1):
        done = plan.change_set.prefix(n)
        if n == 0:
            continue
        undo = am.invert(done)
        part = am.apply(before, done)
        for m in (0, len(undo.steps) // 2, len(undo.steps)):
            assert am.find_double_bookings(am.apply(part, undo.prefix(m).confirm(by="Ann", at=NOON))) == ()
        assert am.apply(part, undo.confirm(by="Ann", at=NOON)) == before


STRANGERS = (
    ("of no session", {"session_id": None}),
    ("of another session", {"session_id": "T"}),
    ("at a shorter time", {"slot": slot(LATER, 30)}),
    ("at a longer time", {"slot": slot(LATER, 61)}),
)


@pytest.mark.parametrize("profile_id", ["P1", "P9"])
@pytest.mark.parametrize(("how", "fields"), STRANGERS)
def test_a_booking_that_is_no_member_stops_the_move_of_a_session(
    how: str, fields: dict[str, Any], profile_id: str
) -> None:
    plan = moved()
    for n in (0, 1, 3, SIZE):
        part = am.apply(practice(), plan.change_set.prefix(n))
        stranger = attrs.evolve(seat(SIZE, profile_id=profile_id), id="phantom", number=None, **fields)
        codes = {failure.code for failure in am.check(part.changed([stranger]), plan.change_set)}
        assert "slot_taken" in codes, (how, n)


def test_a_member_that_appears_later_stops_no_move_of_its_session() -> None:
    plan = moved()
    for n in range(SIZE):
        part = am.apply(practice(), plan.change_set.prefix(n))
        late = attrs.evolve(seat(SIZE, profile_id="P9"), id="phantom", number=None)
        assert am.check(part.changed([late]), plan.change_set) == ()


def test_a_session_already_begun_in_the_new_profile_is_not_in_the_way() -> None:
    waiting = profile("P2", email="new@example.com", schedule="pending")
    for fields, blocked in (({}, False), ({"session_id": None}, True), ({"slot": slot(LATER, 30)}, True)):
        there = attrs.evolve(seat(SIZE, profile_id="P2"), **fields)
        data = practice().changed([waiting]).changed([there])
        plan = am.plan_migration(data, request(), at=NOON)
        assert ({"destination_double_booking"} == {f.code for f in plan.blockers}) == blocked


def test_a_rebooking_request_for_one_member_moves_it_beside_its_session() -> None:
    named_customers = [
        attrs.evolve(customer(f"C{n}"), given_name="Ann", family_name="Example") for n in range(3)
    ]
    moving = profile("P2", email="new@example.com", schedule="pending")
    data = practice().changed([moving, *named_customers])
    asked = rebooking_request(LATER, number="APP-1", modality="video")
    plan = am.plan(data, asked, at=NOON)
    assert plan.is_ready, plan.blockers
    after = am.apply(data, plan.change_set)
    assert am.find_double_bookings(after) == ()
    now = after.appointments[after.appointments["A01"].replaced_by or ""]
    assert [getattr(now, name) for name in CARRIED] == [
        getattr(data.appointments["A01"], name) for name in CARRIED
    ]


def test_a_rebooking_request_finds_a_booking_in_the_way_that_is_no_member_of_the_session() -> None:
    named_customers = [
        attrs.evolve(customer(f"C{n}"), given_name="Ann", family_name="Example") for n in range(3)
    ]
    data = practice().changed([profile("P2", email="new@example.com", schedule="pending"), *named_customers])
    asked = rebooking_request(LATER, number="APP-1", modality="video")
    member = seat(SIZE, profile_id="P2")
    stranger = attrs.evolve(member, slot=slot(LATER, 30))
    for there, codes in ((member, []), (stranger, ["destination_double_booking"])):
        assert [f.code for f in am.plan(data.changed([there]), asked, at=NOON).blockers] == codes


def test_a_merge_of_two_customers_in_one_session_introduces_a_double_booking() -> None:
    treating = [access(f"X{n}", customer_id=f"C{n}") for n in range(2)]
    data = attrs.evolve(practice(), access=treating)
    plan = am.plan_merge(data, am.MergeRequest(survivor="C0", absorbed=["C1"], actor="P1"), at=NOON)
    assert [f.id for f in plan.blockers] == ["introduced_double_booking:A00:A01"]


@pytest.mark.parametrize("size", [1, 2, SIZE])
def test_the_bookings_of_merged_customers_keep_their_session_and_their_values(size: int) -> None:
    treating = [access(f"X{n}", customer_id=f"C{n}", made_by=f"person {n}") for n in (0, SIZE + 1)]
    data = attrs.evolve(practice(size=size), access=treating)
    asked = am.MergeRequest(survivor=f"C{SIZE + 1}", absorbed=["C0"], actor="P1")
    plan = am.plan_merge(data, asked, at=NOON)
    assert plan.is_ready, plan.blockers
    after = am.apply(data, plan.confirm(by="Ann", at=NOON))
    assert after.appointments["A00"] == attrs.evolve(data.appointments["A00"], customer_id=f"C{SIZE + 1}")
    assert am.find_double_bookings(after) == ()
