"""The laws of what a plan remembers: it is what its steps do, and a file that does not state it is the same plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.strategies import MigrationCase, RebookingCase, migration_cases, rebooking_cases
from small_values import NOON, access, appointment, profile, rebooking_request, request, slot, snapshot

DECIDED = ("blackout", "successor_id", "rebooked")
BOOKED = snapshot(
    appointments=[appointment(f"A{n}", slot(600 + 60 * n), number=f"APP-{n}") for n in range(3)],
    access=[access()],
)
Plan = am.MigrationPlan | am.rebooking.RebookingPlan


def bare(plan: Plan, *keys: str) -> str:
    """Return a plan as a release writes it that does not know some keys."""
    return json.dumps({key: value for key, value in json.loads(am.dumps(plan)).items() if key not in keys})


def is_remembered(plan: Plan) -> None:
    """Assert that a plan is read back as it was, with all keys, without any and without each."""
    for keys in ((), DECIDED, *((key,) for key in DECIDED)):
        assert am.loads(bare(plan, *keys)) == plan, keys


def states(
    before: am.Snapshot, asked: am.MigrationRequest, rules: am.MigrationRules, at: Any
) -> Iterator[tuple[str, am.Snapshot, am.MigrationPlan]]:
    """Yield plans at every state of a migration: first, blocked, for the rest after any prefix, and once more after all."""

    def planned(data: am.Snapshot, when: Any, **fields: Any) -> am.MigrationPlan:
        return am.plan_migration(data, attrs.evolve(asked, **fields), rules=rules, at=when)

    first = planned(before, at)
    yield ("first" if first.is_ready else "blocked"), before, first
    yield "blocked", before, planned(before, at, ticket="")
    if not first.is_ready:
        return
    count = len(first.change_set.steps)
    for done in range(1, count + 1):
        data = am.apply(before, first.change_set.prefix(done))
        for minutes in (0, 1):
            yield (
                f"{'rest' if done < count else 'over'}",
                data,
                planned(data, at + timedelta(minutes=minutes)),
            )
    if first.rebooked:
        over = am.apply(before, first.change_set)
        old = before.appointments[first.rebooked[0][0]]
        late = attrs.evolve(old, id="late", number=None, replaces=None, replaced_by=None, version=None)
        yield "late booking", over.changed([late]), planned(over.changed([late]), at)


def agrees(data: am.Snapshot, plan: am.MigrationPlan) -> None:
    """Assert that what a ready plan decided is what applying it does."""
    after = am.apply(data, plan.change_set) if plan.change_set.steps else data
    old = after.profiles[plan.request.profile_id]
    cancelled = {row.id for row in data.appointments.where("profile_id", old.id) if row.is_live} - {
        row.id for row in after.appointments.where("profile_id", old.id) if row.is_live
    }
    assert {id for id, _ in plan.rebooked} == cancelled
    for id, new_id in plan.rebooked:
        assert after.appointments[id].replaced_by == new_id
        assert after.appointments[new_id].profile_id == old.succeeded_by
    changed = {row.id for row in after.profiles if row != data.profiles.get(row.id)}
    assert plan.successor_id == (old.succeeded_by if changed else None)
    closed = {step.kind for step in plan.change_set.steps} & {"close_availability"}
    if closed or (plan.blackout is not None and plan.request.window is None):
        assert plan.blackout is not None
        at = max(plan.blackout.start, plan.change_set.at)
        for id in changed:
            assert any(slot.start <= at < slot.end for slot in after.profiles[id].unavailable)


@given(migration_cases(max_appointments=4), st.booleans())
def test_a_migration_remembers_what_its_steps_do(case: MigrationCase, is_named: bool) -> None:
    asked = case.request if is_named else attrs.evolve(case.request, window=None)
    for state, data, plan in states(case.snapshot, asked, case.rules, case.at):
        is_remembered(plan)
        if plan.is_ready:
            event(f"{state}: {'steps' if plan.change_set.steps else 'no steps'}")
            agrees(data, plan)
        else:
            assert (plan.blackout, plan.successor_id, plan.rebooked) == (plan.request.window, None, ())


@given(rebooking_cases())
def test_a_rebooking_remembers_what_its_step_does(case: RebookingCase) -> None:
    plan = case.plan()
    is_remembered(plan)
    assert plan.rebooked == tuple(
        (edit.id, edit.after.replaced_by)
        for step in plan.change_set.steps
        for edit in step.edits
        if isinstance(edit.after, am.Appointment) and edit.after.status == "cancelled"
    )


@pytest.mark.parametrize("window", [None, slot(120, 180)])
def test_every_state_of_a_migration_is_remembered(window: am.TimeSlot | None) -> None:
    """Of one migration, so that no state depends on a draw."""
    rules = am.MigrationRules(minutes_per_booking=1)
    asked = request(window=window)
    found: dict[str, list[am.MigrationPlan]] = {}
    for state, data, plan in states(BOOKED, asked, rules, NOON):
        found.setdefault(state, []).append(plan)
        is_remembered(plan)
        if plan.is_ready:
            agrees(data, plan)
    assert found.keys() == {"first", "blocked", "rest", "over", "late booking"}
    (first,) = found["first"]
    assert [id for id, _ in first.rebooked] == ["A0", "A1", "A2"]
    assert {len(plan.rebooked) for plan in found["rest"]} == {0, 1, 2, 3}
    assert all(plan.successor_id == first.successor_id for plan in found["rest"])
    assert any(plan.blackout == first.blackout for plan in found["rest"])
    assert all(not plan.change_set.steps and plan.blackout == window for plan in found["over"])
    (late,) = found["late booking"]
    assert (late.successor_id, [id for id, _ in late.rebooked]) == (None, ["late"])


WAITING = profile("P2", email="new@example.com", schedule="pending")


def test_a_booking_that_has_its_other_half_is_remembered_with_that() -> None:
    """The store gave the other half an id of its own, and stopped before it cancelled the old booking."""
    half = attrs.evolve(BOOKED.appointments["A1"], id="S1", number=None, profile_id="P2", replaces="A1")
    data = BOOKED.changed([WAITING, half])
    plan = am.plan_migration(data, request(), at=NOON)
    assert plan.is_ready
    assert dict(plan.rebooked)["A1"] == "S1"
    agrees(data, plan)
    is_remembered(plan)


def test_a_blackout_that_one_profile_has_already_as_two_leaves_is_remembered_whole() -> None:
    data = BOOKED.changed([attrs.evolve(WAITING, unavailable=[slot(-60, 120), slot(60, 600)])])
    plan = am.plan_migration(data, request(), at=NOON)
    assert plan.is_ready
    assert plan.blackout == slot(0, 120)
    agrees(data, plan)
    is_remembered(plan)


@pytest.mark.parametrize(
    ("old", "new", "both"),
    [
        (slot(-60, 210), slot(-30, 210), slot(-30, 180)),
        (slot(-60, 240), slot(-30, 180), slot(-30, 180)),
    ],
)
def test_a_blackout_that_both_profiles_have_is_the_time_in_which_neither_can_be_booked(
    old: am.TimeSlot, new: am.TimeSlot, both: am.TimeSlot
) -> None:
    """They are closed at different times, so that the time of either one is not that of both."""
    rows = [profile(unavailable=[old]), attrs.evolve(WAITING, unavailable=[new])]
    data = BOOKED.changed(rows)
    plan = am.plan_migration(data, request(), at=NOON)
    assert plan.is_ready
    assert "close_availability" not in {step.kind for step in plan.change_set.steps}
    assert plan.blackout == both
    is_remembered(plan)
    agrees(data, plan)


def test_a_rebooking_that_moves_its_booking_says_so_and_one_that_makes_another_does_not() -> None:
    data = snapshot(
        profiles=[profile(), profile("P2", email="new@example.com", schedule="active")],
        customers=[
            am.Customer(
                id="C1",
                record_number="C1",
                given_name="Ann",
                family_name="Example",
                emails=(),
                status="active",
            )
        ],
        appointments=[appointment("A1", slot(60), number="APP-1")],
        access=[access()],
    )
    moved = am.rebooking.plan_rebooking(data, rebooking_request(60), at=NOON)
    made = am.rebooking.plan_rebooking(data, rebooking_request(600), at=NOON)
    assert (moved.is_ready, made.is_ready) == (True, True), (moved.blockers, made.blockers)
    assert [id for id, _ in moved.rebooked] == ["A1"]
    assert made.rebooked == ()
    for plan in (moved, made):
        is_remembered(plan)
