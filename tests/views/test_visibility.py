"""All that is seen at one instant, in one value; and which logins work."""

from __future__ import annotations

from datetime import timedelta

import attrs

import accountmerge as am
from small_values import NOON, appointment, profile, request, slot, snapshot

BLACKOUT = slot(60, 120)
DATA = snapshot(
    appointments=[appointment("A1", slot(600)), appointment("A2", slot(-600), status="completed")]
)


def planned(data: am.Snapshot = DATA, **fields: object) -> am.MigrationPlan:
    given = {"window": BLACKOUT} | fields
    return am.plan_migration(data, request(**given), at=NOON)


def test_nobody_is_new_before_the_plan_and_of_a_plan_that_is_blocked() -> None:
    before = am.views.visibility_at(DATA, planned(), at=NOON - timedelta(minutes=1))
    assert (before.old is not None, before.new, before.in_blackout) == (True, None, False)
    blocked = am.views.visibility_at(DATA, planned(ticket=""), at=BLACKOUT.start)
    assert (blocked.new, blocked.in_blackout, blocked.manual) == (None, False, ())
    assert blocked.logins == am.views.WorkingLogins(old=True, new=False, may_be_disrupted=False)
    nobody = am.views.visibility_at(DATA, planned(profile_id="P-unknown"), at=NOON)
    assert (nobody.old, nobody.new) == (None, None)
    assert not nobody.logins.old


def test_a_repr_shows_ids_and_counts_alone() -> None:
    seen = am.views.visibility_at(DATA, planned(), at=BLACKOUT.end)
    assert seen.new is not None
    assert repr(seen) == (
        "Visibility(old=ProfileView('P1', inactive, 0 slots, 1 customers, 0 bookings), "
        f"new=ProfileView({seen.new.profile_id!r}, active, 0 slots, 1 customers, 1 bookings), 0 slots by hand)"
    )
    assert repr(am.views.visibility_at(DATA, planned(), at=BLACKOUT.start)).startswith(
        "Visibility(in the blackout, old="
    )
    assert (
        repr(seen.old.histories[0] if seen.old else None)
        == "ProfileHistory('P1', 'C1', 2 appointments, 0 records)"
    )


def test_the_old_login_ends_only_after_an_activation() -> None:
    plan = planned()
    ends = BLACKOUT.end + timedelta(days=plan.rules.old_login_days)
    assert am.views.visibility_at(DATA, plan, at=ends - timedelta(microseconds=1)).logins.old
    seen = am.views.visibility_at(DATA, plan, at=ends).logins
    assert seen == am.views.WorkingLogins(old=False, new=True, may_be_disrupted=False, old_ends=ends)
    assert am.views.working_logins(DATA, plan, ends).old, "nobody has activated anything"


def test_a_login_that_the_store_switched_off_does_not_work() -> None:
    done = am.apply(DATA, planned().change_set)
    off = done.changed([attrs.evolve(row, login="disabled") for row in done.profiles])
    nothing_left = planned(off, window=None)
    found = am.views.working_logins(off, nothing_left, NOON)
    assert found == am.views.WorkingLogins(old=False, new=False, may_be_disrupted=False)


def test_a_plan_that_only_points_at_the_successor_knows_the_new_profile() -> None:
    plan = planned()
    almost = am.apply(DATA, plan.change_set.prefix(len(plan.change_set.steps) - 1))
    rest = planned(almost)
    assert [step.kind for step in rest.change_set.steps] == ["link_successor"]
    seen = am.views.visibility_at(almost, rest, at=NOON)
    assert seen.new is not None
    assert seen.new.schedule == "active"


def test_a_practitioner_with_two_profiles_who_moved_long_ago() -> None:
    """Nothing is left to do: the profile that took over is the new one."""
    done = DATA.changed([profile("P2", email="new@example.com")])
    done = done.changed(
        [
            attrs.evolve(done.profiles["P1"], schedule="inactive", succeeded_by="P2"),
            attrs.evolve(DATA.appointments["A1"], profile_id="P2"),
        ]
    )
    seen = am.views.visibility_at(done, planned(done), at=NOON)
    assert seen.new is not None
    assert seen.new.profile_id == "P2"


def test_the_new_profile_of_a_blocked_plan_is_seen_as_it_stands() -> None:
    """What blocks a plan closes no login: the profile that people opened ahead is there, and has no list by hand."""
    opened = DATA.changed([profile("P2", email="new@example.com", schedule="pending")])
    plan = planned(opened, ticket="")
    assert plan.blockers
    seen = am.views.visibility_at(opened, plan, at=BLACKOUT.start)
    assert seen.new is not None
    assert (seen.new.profile_id, seen.manual) == ("P2", ())
    assert seen.logins == am.views.WorkingLogins(old=True, new=True, may_be_disrupted=False)


def test_another_successor_is_not_the_new_profile_of_a_plan_without_steps() -> None:
    """The profile that the request names is: whoever left the old one for a third address is another migration."""
    both = [
        profile("P2", email="new@example.com"),
        profile("P3", email="third@example.com", schedule="inactive"),
    ]
    done = am.apply(DATA, planned().change_set)
    plan = planned(done, window=None)
    assert not plan.change_set.steps
    strange = DATA.changed(both)
    strange = strange.changed([attrs.evolve(strange.profiles["P1"], schedule="inactive", succeeded_by="P3")])
    for at in (NOON, BLACKOUT.end):
        seen = am.views.visibility_at(strange, plan, at=at)
        assert seen.new is not None
        assert seen.new.profile_id == "P2"
    assert am.migrations.progress(strange, plan).phase is not None
