"""Laws of persons: a merge changes nothing about whose bookings overlap, and a migration says whose bookings move."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from merging import accepted, confirmed

import accountmerge as am
from accountmerge.testing.reference import booking_roots
from accountmerge.testing.reference.well_formedness import person
from accountmerge.testing.strategies import MergeCase, MigrationCase, merge_cases, migration_cases

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Pair = frozenset[str]


def overlapping(
    snapshot: am.Snapshot, person_of: Mapping[str, str], roots: Mapping[str, str]
) -> set[tuple[str, Pair]]:
    """Find, by looking at every pair, the live bookings that overlap for one person, with the person."""
    live = [row for row in snapshot.appointments if row.status in ("held", "booked")]
    return {
        (person_of[one.customer_id], frozenset((one.id, other.id)))
        for one in live
        for other in live
        if one.id < other.id
        and roots[one.id] != roots[other.id]
        and person_of[one.customer_id] == person_of[other.customer_id]
        and one.slot.start_us < other.slot.end_us
        and other.slot.start_us < one.slot.end_us
    }


def told(snapshot: am.Snapshot) -> set[tuple[str, Pair]]:
    return {
        (person(snapshot, double.first.customer_id), frozenset((double.first.id, double.second.id)))
        for double in am.find_double_bookings(snapshot)
        if double.kind == "customer"
    }


def booked_at_once(case: MergeCase) -> MergeCase:
    """Return a case in which the survivor and each absorbed customer are booked at one time; that is accepted."""
    first = min(case.snapshot.profiles, key=lambda row: row.id)
    rows = [
        am.Appointment(
            id=f"at-once-{id}",
            profile_id=first.id,
            customer_id=id,
            slot=am.TimeSlot(case.at, case.at + timedelta(hours=1)),
            time_zone="UTC",
            modality="phone",
            status="booked",
        )
        for id in (case.request.survivor, *case.request.absorbed)
    ]
    return accepted(attrs.evolve(case, snapshot=case.snapshot.changed(rows)))


@given(merge_cases())
def test_a_merge_changes_nothing_about_whose_bookings_overlap(case: MergeCase) -> None:
    """The double bookings of the persons that the merge makes are the same before it, after it and in between."""
    case = booked_at_once(case)
    if not case.plan().is_ready:
        return
    before, change_set = case.snapshot, confirmed(case)
    after = am.apply(before, change_set)
    persons = {row.id: person(after, row.id) for row in after.customers}
    roots = booking_roots(before)
    wanted = overlapping(before, persons, roots)
    assert len(wanted) >= len(case.request.absorbed)
    assert told(after) == wanted
    for n in range(len(change_set.steps)):
        part = am.apply(before, change_set.prefix(n))
        assert overlapping(part, persons, roots) == wanted
        assert {pair for _, pair in told(part)} <= {pair for _, pair in wanted}


def absorbed_or_disabled(snapshot: am.Snapshot, ids: Collection[str]) -> set[str]:
    rows = (snapshot.customers[id] for id in ids)
    return {row.id for row in rows if row.merged_into is not None or row.status == "disabled"}


@given(migration_cases(), st.data())
def test_a_migration_warns_of_just_the_absorbed_and_disabled_customers_whose_bookings_move(
    case: MigrationCase, data: st.DataObject
) -> None:
    """Every customer is drawn to be active, disabled, or merged into another one; circles are among them."""
    ids = sorted(row.id for row in case.snapshot.customers)
    people = []
    for id in ids:
        status: Any = data.draw(st.sampled_from(("active", "disabled")))
        into = data.draw(st.sampled_from((None, *ids)))
        people.append(attrs.evolve(case.snapshot.customers[id], status=status, merged_into=into))
    drawn = case.snapshot.changed(people)
    plan = case.plan(drawn)
    moving = [
        row
        for row in drawn.appointments
        if row.profile_id == case.request.profile_id
        and row.status in ("held", "booked")
        and row.slot.start >= case.at
    ]
    warned = [
        found for found in plan.findings if found.code in ("booking_of_absorbed", "booking_of_disabled")
    ]
    wanted = absorbed_or_disabled(drawn, {row.customer_id for row in moving})
    assert {found.facts["customer_id"] for found in warned} == wanted
    assert len(warned) == len(wanted)
    for found in warned:
        assert found.severity == "warning"
        own = [row for row in moving if row.customer_id == found.facts["customer_id"]]
        assert found.facts["count"] == len(own)
        is_merged = drawn.customers[own[0].customer_id].merged_into is not None
        assert (found.code == "booking_of_absorbed") == is_merged
