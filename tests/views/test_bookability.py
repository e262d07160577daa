"""That both profiles can be booked at once is found, with the instant and the step; so is what is open in the blackout."""

from __future__ import annotations

import attrs
import pytest

import accountmerge as am
from accountmerge.views import bookability
from small_values import NOON, appointment, profile, request, slot, snapshot

BLACKOUT = slot(60, 120)
DATA = snapshot(appointments=[appointment("A1", slot(600)), appointment("A2", slot(660))])


def planned(window: am.TimeSlot | None = BLACKOUT) -> am.MigrationPlan:
    return am.plan_migration(DATA, request(window=window), at=NOON)


def swapped(plan: am.MigrationPlan) -> am.MigrationPlan:
    """Return a plan that opens the new schedule before it closes the old one, and asks nobody."""
    kinds = [step.kind for step in plan.change_set.steps]
    first, second = kinds.index("deactivate_schedule"), kinds.index("activate_schedule")
    steps = [attrs.evolve(step, guards=()) for step in plan.change_set.steps]
    steps[first], steps[second] = steps[second], steps[first]
    return attrs.evolve(plan, change_set=attrs.evolve(plan.change_set, steps=tuple(steps)))


@pytest.mark.parametrize("window", [BLACKOUT, None])
def test_schedules_that_change_in_the_wrong_order_are_found(window: am.TimeSlot | None) -> None:
    plan = planned(window)
    assert am.views.find_bookability_overlap(DATA, plan) is None
    found = am.views.find_bookability_overlap(DATA, swapped(plan))
    assert plan.blackout is not None
    new_id = plan.change_set.steps[0].edits[0].id
    assert found == am.views.BookabilityOverlap(
        at=plan.blackout.end, steps_done=5, profile_ids=tuple(sorted(("P1", new_id))), in_blackout=False
    )


def test_steps_that_are_not_to_be_applied_do_not_count() -> None:
    plan = swapped(planned())
    for count, wanted in ((4, True), (5, False)):
        prefix = attrs.evolve(plan, change_set=plan.change_set.prefix(count))
        assert (am.views.find_bookability_overlap(DATA, prefix) is None) == wanted


def test_two_schedules_that_are_open_already_are_found_at_the_instant_of_the_plan() -> None:
    done = am.apply(DATA, planned().change_set)
    nothing_left = am.plan_migration(done, request(), at=NOON)
    assert am.views.find_bookability_overlap(done, nothing_left) is None
    reopened = done.changed([attrs.evolve(done.profiles["P1"], schedule="active")])
    found = am.views.find_bookability_overlap(reopened, nothing_left)
    assert found is not None
    assert (found.steps_done, len(found.profile_ids)) == (0, 2)


def test_a_plan_that_is_blocked_has_no_course_to_look_at() -> None:
    blocked = am.plan_migration(DATA, request(ticket=""), at=NOON)
    both_open = DATA.changed([profile("P2")])
    assert am.views.find_bookability_overlap(both_open, blocked) is None


def test_a_portal_that_is_open_in_the_blackout_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def always_the_old_one(*_: object, profile_id: str, **__: object) -> bool:
        return profile_id == "P1"

    monkeypatch.setattr(bookability, "is_bookable", always_the_old_one)
    found = am.views.find_bookability_overlap(DATA, planned())
    assert found == am.views.BookabilityOverlap(
        at=BLACKOUT.start, steps_done=1, profile_ids=("P1",), in_blackout=True
    )
