"""The timeline of one migration, and what everybody has to do: the instants by hand."""

from __future__ import annotations

from datetime import timedelta

import attrs

import accountmerge as am
from accountmerge.migrations.rules import ROLES
from accountmerge.migrations.tasks import TASK_FACTS
from accountmerge.migrations.timeline import PHASES
from small_values import NOON, access, appointment, migration, request, slot, snapshot

WINDOW = slot(3 * 24 * 60, 180)
"""From three days after noon, for three hours."""


def times(plan: am.MigrationPlan) -> dict[str, str]:
    return {phase.kind: phase.describe() for phase in plan.timeline.phases}


def test_a_migration_with_a_window_has_an_instant_for_every_phase() -> None:
    plan = migration(window=WINDOW)
    assert times(plan) == {
        "agreed": "Sunday 1 March 2026 at 12:00 (UTC)",
        "opened": "Monday 2 March 2026 at 12:00 (UTC)",
        "announced": "Wednesday 4 March 2026 at 12:00 (UTC)",
        "availability_off": "Thursday 5 March 2026 at 12:00 (UTC)",
        "rebooking": "Thursday 5 March 2026 at 12:00 (UTC)",
        "activation": "Thursday 5 March 2026 at 15:00 (UTC)",
        "settling": "Thursday 5 March 2026 at 15:00 (UTC)",
        "closed": "Saturday 4 April 2026 at 15:00 (UTC)",
    }
    assert [phase.steps for phase in plan.timeline.phases] == [(), (1,), (), (2,), (3, 4), (5, 6, 7), (), ()]


def test_without_bookings_there_is_nothing_to_rebook() -> None:
    assert migration(0).timeline.phase("rebooking").condition == "nothing_to_rebook"


def test_what_was_done_before_has_no_instant() -> None:
    booked = [appointment("A1", slot(60)), appointment("A2", slot(7 * 24 * 60))]
    first = snapshot(appointments=booked, access=[access()])
    whole = am.plan_migration(first, request(window=WINDOW), at=NOON)
    half = am.apply(first, whole.change_set.prefix(3))
    later = am.plan_migration(half, request(window=WINDOW), at=NOON)
    assert times(later) == times(whole) | {
        "opened": "reached before this plan",
        "announced": "reached before this plan",
    }
    started = am.plan_migration(half, request(window=WINDOW), at=WINDOW.start)
    assert times(started)["availability_off"] == "reached before this plan"
    assert times(started)["rebooking"] == "Thursday 5 March 2026 at 12:00 (UTC)"
    done = am.plan_migration(am.apply(first, whole.change_set), request(window=WINDOW), at=NOON)
    assert [phase.condition for phase in done.timeline.phases] == [
        None,
        *("already_reached",) * 3,
        "nothing_to_rebook",
        *("already_reached",) * 2,
        "days_after_activation",
    ]


def test_what_is_left_after_a_migration_is_on_the_lists_still() -> None:
    first = snapshot(appointments=[appointment()], access=[access()])
    plan = am.plan_migration(first, request(), at=NOON)
    done = am.plan_migration(am.apply(first, plan.change_set), request(), at=NOON)
    assert {(duty.role, duty.kind) for duty in done.tasks} == {
        ("people_team", "end_old_login"),
        ("practitioner", "send_customers_on"),
        ("practitioner", "look_up_history"),
        ("customer_service", "book_first_appointments"),
        ("customer_service", "check_requests"),
    }


def test_without_an_agreement_it_is_asked_for() -> None:
    plan = migration(agreement=None)
    assert [(duty.role, duty.kind) for duty in plan.tasks] == [
        ("people_team", "take_agreement"),
        ("practitioner", "agree_to_guide"),
        ("support_team", "remedy_blockers"),
    ]
    assert plan.tasks[-1].facts == am.model.Facts(codes=("agreement_missing",))
    assert plan.timeline.phase("agreed").condition == "agreement_given"


def test_every_kind_of_to_do_is_told_in_some_plan() -> None:
    told = {duty.kind for plan in (migration(), migration(agreement=None)) for duty in plan.tasks}
    assert told == TASK_FACTS.keys()
    assert {duty.role for duty in migration().tasks} == set(ROLES) - {"customer"}


def test_an_announcement_comes_the_days_before_that_the_rules_ask_for() -> None:
    rules = am.MigrationRules(notice_hours=48, old_login_days=7)
    plan = am.plan_migration(snapshot(), request(window=WINDOW), rules=rules, at=NOON)
    assert plan.timeline.phase("announced").at == WINDOW.start - timedelta(hours=48)
    assert plan.timeline.phase("closed").at == WINDOW.end + timedelta(days=7)
    soon = am.plan_migration(snapshot(), request(window=slot(60, 180)), rules=rules, at=NOON)
    # It should have been told before the instant of the plan: nobody may wait any longer.
    assert soon.timeline.phase("announced").at == soon.timeline.phase("opened").at
    assert soon.timeline.phase("announced").at == NOON - timedelta(days=1)


def test_a_step_of_another_kind_belongs_to_the_end() -> None:
    """No planner makes one, but a file may hold it."""
    plan = migration()
    steps = (*plan.change_set.steps[:-1], attrs.evolve(plan.change_set.steps[-1], kind="undo_step"))
    odd = attrs.evolve(plan, change_set=attrs.evolve(plan.change_set, steps=steps))
    assert odd.timeline.phase("activation").steps == (5, 6, 7)


def test_what_is_told_of_a_phase_is_its_kind_and_its_counts() -> None:
    timeline = migration(window=WINDOW).timeline
    assert repr(timeline.phase("rebooking")) == "Phase('rebooking', 2026-03-05T12:00:00Z, 2 steps)"
    assert all(kind in repr(timeline) for kind in PHASES)
    assert repr(migration(0).timeline.phase("rebooking")) == "Phase('rebooking', nothing_to_rebook, 0 steps)"
