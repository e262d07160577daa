"""The laws of the timeline and of the to-do lists: every step in one phase, nothing back in time, nothing twice."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
from hypothesis import assume, event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.messages import LANGUAGES
from accountmerge.migrations.rules import ROLES
from accountmerge.migrations.tasks import OBLIGATION_DUTIES, TASK_FACTS
from accountmerge.migrations.timeline import CONDITIONS, GATE_CODES, PHASES
from accountmerge.model.instants import microseconds
from accountmerge.testing.strategies import MigrationCase, migration_cases, migration_requests, snapshots
from accountmerge.testing.strategies.times import PIVOT

if TYPE_CHECKING:
    from accountmerge.migrations.timeline import Timeline

HOUR = 3_600_000_000


@st.composite
def plans(draw: st.DrawFn) -> am.MigrationPlan:
    """A migration with a window or without, on data in which any part of it was done already."""
    case: MigrationCase = draw(migration_cases())
    hours = draw(st.sampled_from((None, -30, -1, 0, 1, 24, 25, 400)))
    if hours is not None:
        start = case.at + timedelta(hours=hours)
        window = am.TimeSlot(start, start + timedelta(hours=draw(st.sampled_from((2, 48)))))
        case = attrs.evolve(case, request=attrs.evolve(case.request, window=window))
    notice, days = draw(st.sampled_from(((24, 30), (1, 1), (10**9, 10**9))))
    case = attrs.evolve(case, rules=attrs.evolve(case.rules, notice_hours=notice, old_login_days=days))
    plan = case.plan()
    if plan.is_ready and draw(st.booleans()):
        done = draw(st.integers(0, len(plan.change_set.steps)))
        plan = case.plan(am.apply(case.snapshot, plan.change_set.prefix(done)))
    steps = plan.change_set.steps
    event("blocked" if not plan.is_ready else "ready" if steps else "nothing left")
    return plan


@st.composite
def wrong_plans(draw: st.DrawFn) -> am.MigrationPlan:
    snapshot = draw(snapshots())
    return am.plan_migration(snapshot, draw(migration_requests(snapshot)), at=PIVOT)


any_plan = st.one_of(plans(), plans(), wrong_plans())


@given(any_plan)
def test_every_step_is_in_exactly_one_phase_and_in_its_order(plan: am.MigrationPlan) -> None:
    phases = plan.timeline.phases
    assert tuple(phase.kind for phase in phases) == PHASES
    found = [ordinal for phase in phases for ordinal in phase.steps]
    assert found == [step.ordinal for step in plan.change_set.steps]


@given(any_plan)
def test_every_phase_has_an_instant_or_a_condition_and_words_of_the_vocabularies(
    plan: am.MigrationPlan,
) -> None:
    for phase in plan.timeline.phases:
        assert (phase.at is None) == (phase.condition is not None)
        assert phase.condition is None or phase.condition in CONDITIONS
        assert set(phase.gate) <= set(GATE_CODES)
        assert phase.actor in ROLES
        assert not phase.steps or phase.at is not None
        assert all(phase.describe(language) for language in LANGUAGES)


def _instants(timeline: Timeline) -> list[int]:
    return [microseconds(phase.at) for phase in timeline.phases if phase.at is not None]


@given(any_plan)
def test_the_instants_of_phases_never_go_back(plan: am.MigrationPlan) -> None:
    found = _instants(plan.timeline)
    assert found == sorted(found)


@given(any_plan)
def test_a_blackout_is_announced_in_time_or_at_once(plan: am.MigrationPlan) -> None:
    announced, off = plan.timeline.phase("announced").at, plan.timeline.phase("availability_off").at
    if announced is not None:
        assert off is not None
        ahead = microseconds(off) - microseconds(announced)
        agreement = plan.request.agreement
        late = announced == plan.change_set.at or (agreement is not None and announced == agreement.at)
        event("at once" if late else "in time")
        assert ahead == plan.rules.notice_hours * HOUR or (late and ahead < plan.rules.notice_hours * HOUR)


@given(any_plan)
def test_the_old_login_ends_so_many_days_after_activation(plan: am.MigrationPlan) -> None:
    timeline = plan.timeline
    activated, closed = timeline.phase("activation").at, timeline.phase("closed").at
    activates = "activate_schedule" in {step.kind for step in plan.change_set.steps}
    assert activates == (
        closed is not None
    )  # one that was activated before is left to link, and nobody knows when
    assert timeline.phase("settling").at == activated
    if closed is not None:
        assert activated is not None
        days = plan.rules.old_login_days
        wanted = microseconds(activated) + days * 24 * HOUR
        assert microseconds(closed) == wanted or (days == 10**9 and closed.year == 9999)


@given(any_plan)
def test_only_the_agreement_of_a_blocked_plan_has_an_instant(plan: am.MigrationPlan) -> None:
    assume(not plan.is_ready)
    _, *others = plan.timeline.phases
    assert {phase.condition for phase in others} == {"plan_ready"}
    assert plan.tasks[-1].kind == "remedy_blockers"
    assert {duty.kind for duty in plan.tasks} <= {"remedy_blockers", "take_agreement", "agree_to_guide"}


def without_versions(data: am.Snapshot) -> am.Snapshot:
    """Return data without the versions of records: the store gives a row that is made again a version of its own."""
    return data.changed([attrs.evolve(row, version=None) for row in data.records])


@given(migration_cases(), st.booleans())
def test_a_phase_says_undo_just_if_invert_takes_back_all_steps_up_to_its_end(
    case: MigrationCase, is_numbered: bool
) -> None:
    """With numbers given ahead for every booking, or for none."""
    live = [row.id for row in case.snapshot.appointments.where("profile_id", "P0") if row.is_live]
    numbers = {id: f"APP-7000{place}" for place, id in enumerate(sorted(live))} if is_numbered else {}
    plan = attrs.evolve(case, request=attrs.evolve(case.request, numbers=numbers)).plan()
    last = 0
    for phase in plan.timeline.phases:
        last = max((last, *phase.steps))
        change_set = plan.change_set.prefix(last) if plan.is_ready else plan.change_set
        try:
            inverse = am.invert(change_set)
        except am.ApplyRefused as refused:
            wanted = {"forward": {"booking_numbered"}, "none": {"blocked"}}
            codes = {failure.code for failure in refused.failures}
            assert codes == wanted[phase.way_back]
            event(f"refused: {phase.way_back}")
        else:
            assert phase.way_back == "undo"
            done = am.apply(case.snapshot, change_set)
            undone = am.apply(done, inverse.confirm(by="Ann Example", at=case.at))
            assert without_versions(undone) == without_versions(case.snapshot)
            event("taken back" if last else "no step to take back")
    kinds = [phase.way_back for phase in plan.timeline.phases]
    assert kinds in (["none"] * len(PHASES), sorted(kinds, reverse=True))


@given(any_plan)
def test_nobody_is_told_the_same_twice_and_the_customer_nothing(plan: am.MigrationPlan) -> None:
    told = [(duty.role, duty.kind, duty.facts) for duty in plan.tasks]
    assert len(set(told)) == len(told)
    assert not [duty for duty in plan.tasks if duty.role == "customer"]
    for duty in plan.tasks:
        assert duty.facts.keys() == TASK_FACTS[duty.kind]
        assert duty.at == plan.timeline.phase(duty.phase).at
        assert len({duty.describe(language) for language in LANGUAGES}) == len(LANGUAGES)
    places = [(ROLES.index(duty.role), PHASES.index(duty.phase)) for duty in plan.tasks]
    assert places == sorted(places)


@given(any_plan)
def test_every_obligation_and_every_phase_with_steps_is_on_a_list(plan: am.MigrationPlan) -> None:
    told = {(duty.role, duty.kind, duty.phase, duty.facts) for duty in plan.tasks}
    for obligation in plan.change_set.obligations:
        event(obligation.kind)
        for duty in OBLIGATION_DUTIES[obligation.kind]:
            assert (*duty, obligation.facts) in told
    for phase in plan.timeline.phases:
        assert not phase.steps or (phase.actor, phase.kind) in {(role, at) for role, _, at, _ in told}


@given(any_plan)
def test_timelines_and_to_dos_are_values(plan: am.MigrationPlan) -> None:
    for value in (plan.timeline, *plan.timeline.phases, *plan.tasks):
        twin = pickle.loads(pickle.dumps(value))  # noqa: S301
        assert (twin, hash(twin), repr(twin)) == (value, hash(value), repr(value))
    assert plan.timeline == plan.timeline
    assert plan.tasks == plan.tasks
