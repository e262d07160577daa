"""The laws of progress: counters add up, phases do not go back, and nothing unexplained is ever activated."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
from hypothesis import assume, event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.migrations.timeline import PHASES
from accountmerge.migrations.tracking import PROGRESS_REASONS
from accountmerge.model.instants import microseconds
from accountmerge.testing.reference import crashed, edits_of
from accountmerge.testing.strategies import (
    MigrationCase,
    migration_cases,
    migration_requests,
    ready,
    snapshots,
)
from accountmerge.testing.strategies.times import PIVOT
from rewritten_data import in_store_ids, read_at, shuffled
from strategies import meanwhile

if TYPE_CHECKING:
    from collections.abc import Iterator


def prefixes(case: MigrationCase) -> Iterator[am.Snapshot]:
    change_set = case.plan().change_set
    return (am.apply(case.snapshot, change_set.prefix(n)) for n in range(len(change_set.steps) + 1))


def gate_of(found: am.migrations.MigrationProgress) -> am.migrations.Gate:
    return found.gates["activation"]


def adds_up(found: am.migrations.MigrationProgress, plan: am.MigrationPlan) -> None:
    gate = gate_of(found)
    states = Counter(row.state for row in found.bookings)
    assert gate.expected == sum(step.kind == "rebook" for step in plan.change_set.steps)
    assert gate.expected == gate.rebooked + gate.left + gate.waiting + states["unexplained"]
    assert gate.unexplained == states["unexplained"] + len(found.unknown)
    assert gate.conflicts == len(found.conflicts)
    assert 0 <= gate.share <= 1
    assert (gate.share == 1) == (gate.waiting == gate.unexplained == 0)
    for row in found.bookings:
        wanted = PROGRESS_REASONS[row.reason] if row.reason else row.state
        assert row.state == wanted
        assert (row.reason is None) == (row.state in ("rebooked", "waiting"))


@given(ready(migration_cases()))
def test_at_every_prefix_counters_add_up_and_what_is_rebooked_grows(case: MigrationCase) -> None:
    plan = case.plan()
    done = [am.migrations.progress(snapshot, plan) for snapshot in prefixes(case)]
    for found in done:
        adds_up(found, plan)
        assert (found.unknown, found.conflicts) == ((), ())
    steps = [0, *(step.kind == "rebook" for step in plan.change_set.steps)]
    assert [gate_of(found).rebooked for found in done] == [sum(steps[: n + 1]) for n in range(len(steps))]


@given(ready(migration_cases()))
def test_the_phase_never_goes_back_and_is_that_of_the_step_that_was_done(case: MigrationCase) -> None:
    plan = case.plan()
    kinds = [am.migrations.progress(snapshot, plan).phase for snapshot in prefixes(case)]
    places = [PHASES.index(kind) for kind in kinds if kind is not None]
    assert len(places) == len(kinds)
    assert places == sorted(places)
    assert kinds[-1] in ("settling", "closed")
    for step, kind in zip(plan.change_set.steps[:-1], kinds[1:], strict=False):
        if step.kind == "hand_over_records":
            continue  # it comes just before the old schedule goes off, which is what shows
        wanted = next(phase.kind for phase in plan.timeline.phases if step.ordinal in phase.steps)
        reached = PHASES.index(kind or "agreed")
        event(wanted)
        # What was entered for later is announced.
        assert reached >= PHASES.index("announced" if wanted == "availability_off" else wanted)


@given(ready(migration_cases()))
def test_the_gate_is_open_exactly_when_all_rebook_steps_are_done(case: MigrationCase) -> None:
    plan = case.plan()
    last = max((step.ordinal for step in plan.change_set.steps if step.kind == "rebook"), default=0)
    for n, snapshot in enumerate(prefixes(case)):
        found = am.migrations.progress(snapshot, plan)
        assert gate_of(found).is_open == found.may_activate == (n >= last)
        assert found.is_done == (found.phase in ("settling", "closed") and n >= last)


@given(ready(migration_cases()))
def test_a_plan_for_what_is_left_counts_what_is_left(case: MigrationCase) -> None:
    plan = case.plan()
    done = list(prefixes(case))
    for part in done:
        rest = case.plan(part)
        for later in (part, done[-1]):
            found, whole = am.migrations.progress(later, rest), am.migrations.progress(later, plan)
            adds_up(found, rest)
            assert found.phase == whole.phase
            assert gate_of(found).is_open == gate_of(whole).is_open
            assert gate_of(found).waiting == gate_of(whole).waiting


@given(ready(migration_cases()))
def test_a_store_with_ids_of_its_own_is_as_far_as_one_without(case: MigrationCase) -> None:
    plan = case.plan()
    edits = edits_of(plan.change_set)
    own = {edit.key: f"store-{edit.id[:6]}" for edit in edits if edit.op == "create"}
    renamed = in_store_ids(edits, own)
    for n in range(len(edits) + 1):
        found = am.migrations.progress(crashed(case.snapshot, renamed[:n]), plan)
        planned = am.migrations.progress(crashed(case.snapshot, edits[:n]), plan)
        adds_up(found, plan)
        assert (found.bookings, found.phase) == (planned.bookings, planned.phase)
        assert (gate_of(found), found.unknown) == (gate_of(planned), planned.unknown)


@given(ready(migration_cases()), st.integers(0, 2**16))
def test_progress_is_the_same_in_any_order_of_the_data(case: MigrationCase, seed: int) -> None:
    plan = case.plan()
    for snapshot in prefixes(case):
        assert am.migrations.progress(shuffled(snapshot, seed), plan) == am.migrations.progress(
            snapshot, plan
        )


def involved(plan: am.MigrationPlan, snapshot: am.Snapshot) -> tuple[str, ...]:
    practitioner = snapshot.profiles[plan.request.profile_id].practitioner_id
    return tuple(sorted(row.id for row in snapshot.profiles.where("practitioner_id", practitioner)))


@st.composite
def interfered(draw: st.DrawFn) -> tuple[MigrationCase, am.Snapshot]:
    """A migration that was carried out in part, with acts of others before it and after it."""
    case = draw(ready(migration_cases()))
    plan = case.plan()
    part = am.apply(case.snapshot, plan.change_set.prefix(draw(st.integers(0, len(plan.change_set.steps)))))
    part = draw(meanwhile(part, involved(plan, part)))
    hours = draw(st.sampled_from((0, 0, 1, 3)))
    return case, read_at(part, max(case.at, part.taken_at) + timedelta(hours=hours))


def to_come(snapshot: am.Snapshot, profile_id: str, plan: am.MigrationPlan) -> set[str]:
    start = max(microseconds(snapshot.taken_at), microseconds(plan.change_set.at))
    rows = snapshot.appointments.where("profile_id", profile_id)
    return {row.id for row in rows if row.is_live and row.slot.start_us >= start}


@given(interfered())
def test_whatever_others_do_the_counters_add_up(drawn: tuple[MigrationCase, am.Snapshot]) -> None:
    case, snapshot = drawn
    plan = case.plan()
    found = am.migrations.progress(snapshot, plan)
    adds_up(found, plan)
    for row in found.bookings:
        event(str(row.reason or row.state))


@given(interfered())
def test_an_open_gate_leaves_no_live_booking_to_come_in_the_old_profile(
    drawn: tuple[MigrationCase, am.Snapshot],
) -> None:
    case, snapshot = drawn
    plan = case.plan()
    found = am.migrations.progress(snapshot, plan)
    left_behind = to_come(snapshot, plan.request.profile_id, plan)
    event(f"open: {gate_of(found).is_open}")
    assert not (gate_of(found).is_open and left_behind)
    expected = {row.appointment_id for row in found.bookings}
    assert set(found.unknown) == left_behind - expected


@given(interfered())
def test_every_booking_that_counts_as_rebooked_has_gone_on_in_the_new_profile(
    drawn: tuple[MigrationCase, am.Snapshot],
) -> None:
    """Read anew, with nothing but the links: somebody stands at the end of the chain, and is live only once."""
    case, snapshot = drawn
    plan = case.plan()
    table = snapshot.appointments
    for row in am.migrations.progress(snapshot, plan).bookings:
        if row.state != "rebooked":
            continue
        reached: set[str] = set()
        ends = {row.appointment_id}
        while ends:
            after = {other.id for other in table if other.replaces in ends}
            after |= {table[id].replaced_by or "" for id in ends}
            reached |= ends
            ends = {id for id in after if id in table} - reached
        replacements_of = [table[id] for id in reached - {row.appointment_id}]
        assert table[row.appointment_id].status == "cancelled"
        assert [heir for heir in replacements_of if heir.profile_id != plan.request.profile_id]
        assert sum(heir.is_live for heir in replacements_of) <= 1
        assert [heir for heir in replacements_of if heir.cancel_reason != "rebooked"]


@given(ready(migration_cases()), st.data())
def test_activation_is_impossible_while_a_booking_is_unexplained_and_rebase_takes_it_in(
    case: MigrationCase, data: st.DataObject
) -> None:
    plan = case.plan()
    steps = plan.change_set.steps
    end = next((step.ordinal - 1 for step in steps if step.kind == "deactivate_schedule"), None)
    assume(end is not None)
    assert end is not None
    part = am.apply(case.snapshot, plan.change_set.prefix(data.draw(st.integers(0, end))))
    days = data.draw(st.integers(0, 3))
    start = case.at + timedelta(days=days)
    customer = data.draw(st.sampled_from(sorted(row.id for row in part.customers)))
    booked = am.Appointment(
        id="phantom",
        profile_id=plan.request.profile_id,
        customer_id=customer,
        slot=am.TimeSlot(start, start + timedelta(minutes=30)),
        time_zone="UTC",
        modality="phone",
        status=data.draw(st.sampled_from(("held", "booked"))),
    )
    found = part.changed([booked])
    seen = am.migrations.progress(found, plan)
    assert seen.unknown == ("phantom",)
    assert not gate_of(seen).is_open
    assert not seen.may_activate
    assert not seen.is_done
    failures = [
        failure for failure in am.check(found, plan.change_set) if failure.code == "other_future_booking"
    ]
    assert [failure.facts["ids"] for failure in failures] == [("phantom",)]
    again = am.rebase(found, plan).plan
    event("taken in" if again.is_ready else "in the way of another")
    after = am.migrations.progress(found, again)
    if again.is_ready:
        assert after.unknown == ()
        assert "phantom" in {row.appointment_id for row in after.bookings}
        assert am.migrations.progress(am.apply(found, again.change_set), again).may_activate
    else:
        assert not after.may_activate


@given(st.data())
def test_wrong_requests_have_a_progress_too(data: st.DataObject) -> None:
    snapshot = data.draw(snapshots())
    plan = am.plan_migration(snapshot, data.draw(migration_requests(snapshot)), at=PIVOT)
    found = am.migrations.progress(snapshot, plan)
    adds_up(found, plan)
    assert found.may_activate <= plan.is_ready
    assert found.blocked == plan.change_set.blocked


@given(ready(migration_cases()))
def test_a_double_booking_that_customer_service_makes_closes_the_gate(case: MigrationCase) -> None:
    plan = case.plan()
    whole = am.apply(case.snapshot, plan.change_set)
    made = [
        edit.after
        for edit in edits_of(plan.change_set)
        if edit.op == "create" and isinstance(edit.after, am.Appointment)
    ]
    assume(made)
    twice = attrs.evolve(made[0], id="twice", number=None, replaces=None, session_id=None)
    found = am.migrations.progress(whole.changed([twice]), plan)
    assert "twice" in found.booked_meanwhile
    assert {"twice", made[0].id} in [{pair.first.id, pair.second.id} for pair in found.conflicts]
    assert not found.may_activate
