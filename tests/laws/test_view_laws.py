"""The laws of what people see while a migration goes on, at every instant at which anything changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.migrations.timeline import expected_instants
from accountmerge.model.instants import microseconds
from accountmerge.model.time_slots import subtract
from accountmerge.testing.strategies import instants, snapshots
from accountmerge.views.availability import is_bookable
from accountmerge.views.booking_routes import ROUTE_REASONS
from clocks import open_microseconds
from strategies import Journey, journeys

LENGTHS = st.sampled_from((1, 50, 60, 90))
AFTER_ALL = timedelta(days=400)


def both_ids(journey: Journey) -> tuple[str, str]:
    """Return the ids of the profile that is left and of the one that takes over."""
    old = end(journey).profiles["P0"]
    assert old.succeeded_by is not None
    return old.id, old.succeeded_by


def end(journey: Journey) -> am.Snapshot:
    return am.apply(journey.snapshot, journey.plan.change_set)


def offered(journey: Journey, data: am.Snapshot, id: str, at: Any, minutes: int = 60) -> Any:
    return am.views.portal_availability(
        data, journey.plan, profile_id=id, at=at, within=journey.within, minutes=minutes
    )


def done_by(journey: Journey, at: Any) -> list[am.changes.Step]:
    """Return the steps that are expected to be done at an instant."""
    plan = journey.plan
    pairs = zip(plan.change_set.steps, expected_instants(plan.change_set, plan.blackout), strict=True)
    return [step for step, instant in pairs if instant <= microseconds(at)]


def is_in(slot: am.TimeSlot | None, at: Any) -> bool:
    return slot is not None and slot.start <= at < slot.end


# What is expected_snapshot


@given(journeys())
def test_what_is_foreseen_is_the_prefix_that_is_due(journey: Journey) -> None:
    for at in journey.moments():
        done = len(done_by(journey, at))
        then = am.views.expected_snapshot(journey.snapshot, journey.plan, at)
        assert then == am.apply(journey.snapshot, journey.plan.change_set.prefix(done))
        assert then.taken_at == journey.snapshot.taken_at


@given(journeys(), instants())
def test_foreseen_at_the_end_is_all_and_before_the_plan_nothing(journey: Journey, at: Any) -> None:
    first, last = journey.moments()[0], journey.moments()[-1]
    assert am.views.expected_snapshot(journey.snapshot, journey.plan, last + AFTER_ALL) == end(journey)
    assert (
        am.views.expected_snapshot(journey.snapshot, journey.plan, first - timedelta(days=1))
        == journey.snapshot
    )
    blocked = am.plan_migration(
        journey.snapshot,
        am.MigrationRequest(profile_id="P0", new_email="third@example.com", reason="security", ticket=""),
        at=journey.plan.change_set.at,
    )
    assert blocked.blockers
    assert am.views.expected_snapshot(journey.snapshot, blocked, at) is journey.snapshot


@given(journeys(), st.data())
def test_foreseeing_twice_is_foreseeing_the_later_and_what_is_done_stays_done(
    journey: Journey, data: st.DataObject
) -> None:
    one, other = (data.draw(st.sampled_from(journey.moments())) for _ in range(2))
    twice = am.views.expected_snapshot(
        am.views.expected_snapshot(journey.snapshot, journey.plan, one), journey.plan, other
    )
    assert twice == am.views.expected_snapshot(journey.snapshot, journey.plan, max(one, other))
    assert am.apply(twice, journey.plan.change_set) == end(journey)
    steps = len(journey.plan.change_set.steps)
    ahead = data.draw(st.integers(0, steps))
    part = am.apply(journey.snapshot, journey.plan.change_set.prefix(ahead))
    furthest = max(ahead, len(done_by(journey, other)))
    expected = am.apply(journey.snapshot, journey.plan.change_set.prefix(furthest))
    assert am.views.expected_snapshot(part, journey.plan, other) == expected


# What the portal offers


@given(journeys())
def test_at_every_instant_one_profile_at_the_most_can_be_booked_and_in_the_blackout_none(
    journey: Journey,
) -> None:
    both, seen = both_ids(journey), set()
    for at in journey.moments():
        then = am.views.expected_snapshot(journey.snapshot, journey.plan, at)
        wide = am.TimeSlot(at, at + timedelta(days=9))
        found = [
            am.views.portal_availability(then, journey.plan, profile_id=id, at=at, within=wide, minutes=30)
            for id in both
        ]
        assert not all(found)
        owner = then.profiles["P0"].practitioner_id
        if is_in(journey.plan.blackout, at):
            for profile in then.profiles.where("practitioner_id", owner):
                assert not offered(journey, then, profile.id, at)
            assert not any(found)
        seen |= {side for side, slots in zip(("old", "new"), found, strict=True) if slots}
    event(f"offered: {', '.join(sorted(seen)) or 'nothing'}")


@given(journeys())
def test_no_instant_of_a_migration_has_two_profiles_that_can_be_booked(journey: Journey) -> None:
    assert am.views.find_bookability_overlap(journey.snapshot, journey.plan) is None
    both = both_ids(journey)
    for count in range(len(journey.plan.change_set.steps) + 1):
        part = am.apply(journey.snapshot, journey.plan.change_set.prefix(count))
        active = [id for id in both if id in part.profiles and part.profiles[id].schedule == "active"]
        assert len(active) <= 1
        for at in journey.moments():
            ids = [id for id in both if is_bookable(part, journey.plan, profile_id=id, at=at)]
            assert ids == ([] if is_in(journey.plan.blackout, at) else active)


@given(journeys(), LENGTHS)
def test_the_portal_offers_just_the_working_hours_that_are_free(journey: Journey, minutes: int) -> None:
    both = both_ids(journey)
    for at in journey.moments():
        then = am.views.expected_snapshot(journey.snapshot, journey.plan, at)
        for id in both:
            profile = then.profiles.get(id)
            slots = offered(journey, then, id, at, minutes)
            if profile is None or not is_bookable(then, journey.plan, profile_id=id, at=at):
                assert slots == ()
                continue
            event("offered" if slots else "nothing is free")
            check_free_slots(journey, then, slots, profile.hours, profile.unavailable, at, minutes)


def check_free_slots(
    journey: Journey, data: am.Snapshot, slots: Any, hours: Any, away: Any, at: Any, minutes: int
) -> None:
    """See that slots are of one length, in the hours that clocks show, free, and that no other one fits in."""
    ends = set(open_microseconds(hours, journey.within)) if hours is not None else ()
    works = [am.TimeSlot.from_microseconds(*pair) for pair in ends]
    busy = [row.slot for row in live_bookings(data, "P0")]
    assert list(slots) == sorted(set(slots))
    assert all(slot.end_us - slot.start_us == minutes * 60_000_000 for slot in slots)
    assert all(slot.start >= at for slot in slots)
    assert subtract(slots, works) == ()
    assert not any(slot.overlaps(other) for slot in slots for other in (*busy, *away))
    past = [am.TimeSlot(at - AFTER_ALL, at)]
    for left in subtract(works, (*busy, *away, *slots, *past)):
        # What is left is shorter than a slot; or it is the end of a slot that began before the instant, and a rest.
        limit = 2 if left.start_us == microseconds(at) else 1
        assert left.end_us - left.start_us < limit * minutes * 60_000_000


def live_bookings(data: am.Snapshot, profile_id: str) -> list[am.Appointment]:
    """Return the live bookings of the practitioner of a profile, over all profiles."""
    owner = data.profiles[profile_id].practitioner_id
    return [
        row
        for row in data.appointments
        if row.is_live and data.profiles[row.profile_id].practitioner_id == owner
    ]


# What customer service lists


@given(journeys(), LENGTHS)
def test_the_manual_list_is_what_is_free_in_the_hours_of_the_new_profile(
    journey: Journey, minutes: int
) -> None:
    plan, (_, new_id) = journey.plan, both_ids(journey)
    for at in journey.moments():
        then = am.views.expected_snapshot(journey.snapshot, plan, at)
        slots = am.views.manual_availability(then, plan, within=journey.within, minutes=minutes, at=at)
        hours = end(journey).profiles[new_id].hours
        busy = live_bookings(then, "P0")
        assert not any(slot.overlaps(row.slot) for slot in slots for row in busy)
        profiles = [row for row in (then.profiles.get("P0"), end(journey).profiles[new_id]) if row]
        away = {slot for row in profiles for slot in row.unavailable} - {plan.blackout}
        if plan.blackout not in {*journey.snapshot.profiles["P0"].unavailable}:
            event("listed" if slots else "nothing is free")
            check_free_slots(journey, then, slots, hours, away, at, minutes)


@given(journeys(), LENGTHS)
def test_the_manual_list_is_the_same_before_the_new_profile_opens(journey: Journey, minutes: int) -> None:
    """As long as nobody books, for rebooking frees no time and takes none."""
    lists = {
        am.views.manual_availability(data, journey.plan, within=journey.within, minutes=minutes)
        for data in (
            journey.snapshot,
            *(am.views.expected_snapshot(journey.snapshot, journey.plan, at) for at in journey.moments()),
        )
    }
    assert len(lists) == 1


# Whom a profile shows


@given(journeys())
def test_a_customer_is_visible_on_the_new_profile_from_the_first_booking_there_and_not_before(
    journey: Journey,
) -> None:
    _, new_id = both_ids(journey)
    before: set[str] = set()
    for at in journey.moments():
        then = am.views.expected_snapshot(journey.snapshot, journey.plan, at)
        booked = {row.customer_id for row in journey.snapshot.appointments if row.profile_id == new_id}
        for step in done_by(journey, at):
            for edit in step.edits:
                if isinstance(edit.after, am.Appointment) and edit.after.profile_id == new_id:
                    booked.add(edit.after.customer_id)
        visible = [row.id for row in am.views.visible_customers(then, new_id)]
        assert visible == sorted(booked)
        assert before <= booked
        event("nobody yet" if not booked else "somebody came along" if before and booked - before else "seen")
        before = booked


@given(journeys())
def test_a_customer_of_a_booking_that_moves_stays_visible_on_the_old_profile(journey: Journey) -> None:
    stood = {row.customer_id for row in journey.snapshot.appointments if row.profile_id == "P0"}
    for at in journey.moments():
        then = am.views.expected_snapshot(journey.snapshot, journey.plan, at)
        assert stood <= {row.id for row in am.views.visible_customers(then, "P0")}


@given(journeys())
def test_history_never_crosses(journey: Journey) -> None:
    both = both_ids(journey)
    for at in journey.moments():
        then = am.views.expected_snapshot(journey.snapshot, journey.plan, at)
        for id in both:
            for customer in then.customers:
                found = am.views.profile_history(then, id, customer.id, at=at)
                assert all(
                    (row.profile_id, row.customer_id) == (id, customer.id) for row in found.appointments
                )
                assert {row.id for row in found.records} == {
                    row.id
                    for row in journey.snapshot.records
                    if (row.profile_id, row.customer_id) == (id, customer.id)
                }
            soon = am.views.quick_view(then, id, at=at)
            assert all(row.profile_id == id and row.is_live and row.slot.start >= at for row in soon)
            assert list(soon) == sorted(soon, key=lambda row: row.order)


@given(snapshots(), instants())
def test_each_appointment_is_history_or_coming_up_in_its_own_profile_alone(
    snapshot: am.Snapshot, at: Any
) -> None:
    told = []
    for profile in snapshot.profiles:
        told += [row.id for row in am.views.quick_view(snapshot, profile.id, at=at)]
        histories = [
            am.views.profile_history(snapshot, profile.id, customer.id, at=at).appointments
            for customer in snapshot.customers
        ]
        told += {row.id for rows in histories for row in rows}  # customers who are one person share theirs
    assert sorted(told) == sorted(row.id for row in snapshot.appointments)


# Who books, and who signs in


@given(snapshots())
def test_the_practitioner_books_just_whom_the_profile_in_force_shows(snapshot: am.Snapshot) -> None:
    profiles, customers = [row.id for row in snapshot.profiles], [row.id for row in snapshot.customers]
    for profile_id in (*profiles, "P-unknown"):
        for customer_id in (*customers, "C-unknown"):
            found = am.views.booking_route(snapshot, profile_id, customer_id)
            assert found.reason in ROUTE_REASONS
            event(found.reason)
            assert (found.route == "practitioner") == (found.reason == "visible")
            assert (found.via_profile_id or "P0") in profiles
            assert (found.for_customer_id or "C0") in customers
            via = snapshot.profiles[found.via_profile_id] if found.via_profile_id else None
            shown = [row.id for row in am.views.visible_customers(snapshot, via.id)] if via else []
            sees = found.for_customer_id in shown
            if found.route == "practitioner":
                assert via is not None
                assert (sees, via.login) == (True, "enabled")
                assert via.schedule != "inactive"
            elif found.reason in ("not_visible_yet", "never_seen"):
                assert not sees
            assert found.describe("en") != found.describe("fr")


@given(journeys())
def test_the_way_to_book_a_customer_leads_to_the_new_profile_in_the_end(journey: Journey) -> None:
    old_id, new_id = both_ids(journey)
    last = end(journey)
    moved = {row.customer_id for row in last.appointments if row.profile_id == new_id}
    for customer in last.customers:
        found = am.views.booking_route(last, old_id, customer.id)
        if customer.status == "active":
            assert found.via_profile_id == new_id
            assert (found.route == "practitioner") == (customer.id in moved)


@given(journeys())
def test_both_logins_work_from_the_opening_until_the_old_one_ends(journey: Journey) -> None:
    plan, snapshot = journey.plan, journey.snapshot
    last = am.views.working_logins(end(journey), plan, journey.moments()[-1])
    for at in journey.moments():
        then = am.views.expected_snapshot(snapshot, plan, at)
        found = am.views.working_logins(then, plan, at)
        assert found.may_be_disrupted == is_in(plan.blackout, at)
        assert found.old == (snapshot.profiles["P0"].login == "enabled")
        assert found.new == any(
            row.login == "enabled" for row in [then.profiles.get(both_ids(journey)[1])] if row is not None
        )
    if last.old_ends is None:
        return
    event("the old one ends")
    activation = plan.blackout.end if plan.blackout else plan.change_set.at
    assert last.old_ends == max(activation, plan.change_set.at) + timedelta(days=plan.rules.old_login_days)
    before, after = (
        am.views.working_logins(end(journey), plan, last.old_ends - timedelta(microseconds=gap))
        for gap in (1, 0)
    )
    assert before.old == (snapshot.profiles["P0"].login == "enabled")
    assert not after.old
    assert after.new


# All of it together


@given(journeys())
def test_who_sees_is_each_view_on_what_is_foreseen(journey: Journey) -> None:
    plan, both = journey.plan, both_ids(journey)
    for at in journey.moments():
        found = am.views.visibility_at(journey.snapshot, plan, at=at, within=journey.within, minutes=50)
        then = am.views.expected_snapshot(journey.snapshot, plan, at)
        assert found.in_blackout == is_in(plan.blackout, at)
        assert found.logins == am.views.working_logins(then, plan, at)
        known: set[str] = set()
        for id, view in zip(both, (found.old, found.new), strict=True):
            assert (view is None) == (id not in then.profiles)
            if view is None:
                continue
            assert view.profile_id == id
            assert view.portal == offered(journey, then, id, at, 50)
            assert view.customers == am.views.visible_customers(then, id)
            assert view.quick_view == am.views.quick_view(then, id, at=at)
            assert [row.customer_id for row in view.histories] == [row.id for row in view.customers]
            known |= {row.id for row in view.customers}
        for view in (found.old, found.new):
            routes = (
                [am.views.booking_route(then, view.profile_id, id) for id in sorted(known)] if view else []
            )
            assert view is None or list(view.routes) == routes
        listed = am.views.manual_availability(then, plan, within=journey.within, minutes=50, at=at)
        assert found.manual == (listed if found.in_blackout else ())
