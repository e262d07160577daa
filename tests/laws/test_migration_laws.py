"""Laws that only plans of migrations have.

What holds for plans of every kind is in `planner_laws`.
"""

from __future__ import annotations

import attrs
from hypothesis import assume, event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.reference import added_faults, edits_of
from accountmerge.testing.strategies import (
    MigrationCase,
    migration_cases,
    migration_requests,
    ready,
    snapshots,
)


@given(ready(migration_cases()), st.booleans())
def test_a_finished_migration_stays_finished_after_the_next_one(case: MigrationCase, back: bool) -> None:
    first = am.apply(case.snapshot, case.plan().change_set)
    old = first.profiles[case.request.profile_id]
    assert old.succeeded_by is not None
    address = "third@example.com" if not back else "first.again@example.com"
    onward = attrs.evolve(
        case.request, profile_id=old.succeeded_by, new_email=address, ticket="T-9", numbers=()
    )
    second = am.plan_migration(first, onward, rules=case.rules, at=case.at)
    assume(second.is_ready)
    for n in range(len(second.change_set.steps) + 1):
        part = am.apply(first, second.change_set.prefix(n))
        again = case.plan(part)
        assert again.is_ready, (n, again.blockers)
        assert again.change_set.steps == ()


def _moves(case: MigrationCase) -> list[am.Appointment]:
    return [
        edit.before
        for edit in edits_of(case.plan().change_set)
        if isinstance(edit.before, am.Appointment) and edit.before.is_live
    ]


def _phantom(case: MigrationCase, like: am.Appointment, profile_id: str) -> am.Appointment:
    return attrs.evolve(
        like,
        id="phantom",
        number=None,
        profile_id=profile_id,
        replaces=None,
        replaced_by=None,
        status="booked",
    )


@given(ready(migration_cases()), st.data())
def test_a_booking_that_appears_after_its_step_does_not_block_a_resume(
    case: MigrationCase, data: st.DataObject
) -> None:
    change_set = case.plan().change_set
    rebooked = [step.ordinal for step in change_set.steps if step.kind == "rebook"]
    assume(rebooked)
    n = data.draw(st.sampled_from(rebooked))
    part = am.apply(case.snapshot, change_set.prefix(n))
    made = [
        e.after
        for e in change_set.steps[n - 1].edits
        if isinstance(e.after, am.Appointment) and e.after.is_live
    ]
    assume(made)
    others = [r for r in _moves(case) if r.slot.overlaps(made[0].slot) and r.id != made[0].replaces]
    assume(not others)
    meanwhile = part.changed([_phantom(case, made[0], made[0].profile_id)])
    am.apply(meanwhile, change_set)


@given(snapshots(), st.data())
def test_whatever_is_asked_of_whatever_data_a_ready_plan_is_safe(
    snapshot: am.Snapshot, data: st.DataObject
) -> None:
    """No tidy start: broken links, several active schedules, malformed and shared addresses.

    Most of what is drawn is blocked, so the same is asked of every profile, with a new address too.
    """
    at = snapshot.taken_at
    agreement = am.Agreement(by="Ann Example", at=at, version="1")
    drawn = attrs.evolve(
        data.draw(migration_requests(snapshot)), reason="security", ticket="T-1", agreement=agreement
    )
    asked = [
        attrs.evolve(drawn, profile_id=profile.id, new_email=address)
        for profile in snapshot.profiles
        for address in (drawn.new_email, "brand.new@example.org")
    ]
    found = [_is_safe_if_ready(snapshot, request) for request in dict.fromkeys([drawn, *asked])]
    event(f"{sum(found)} of them ready")
    assume(any(found))


def _is_safe_if_ready(snapshot: am.Snapshot, request: am.MigrationRequest) -> bool:
    """Accept what can be accepted; return whether the plan is ready, and then see that every prefix is safe."""
    at = snapshot.taken_at
    blockers = am.plan_migration(snapshot, request, at=at).blockers
    accept = [
        am.Acceptance(finding=f.id, by="Ann Example", why="agreed") for f in blockers if f.is_acceptable
    ]
    accepted = {finding.code for finding in blockers if finding.is_acceptable}
    request = attrs.evolve(request, accept=accept)
    plan = am.plan_migration(snapshot, request, at=at)
    if not plan.is_ready:
        return False
    change_set = plan.change_set
    whole = am.apply(snapshot, change_set)
    for n in range(len(change_set.steps) + 1):
        part = am.apply(snapshot, change_set.prefix(n))
        faults = added_faults(snapshot, part)
        if "other_active_schedule" in accepted:
            faults = {fault for fault in faults if fault[0] != "two active schedules"}
        assert not faults
        rest = am.plan_migration(part, request, at=at)
        assert rest.is_ready, (n, rest.blockers)
        assert am.apply(part, rest.change_set) == whole
    return True


@st.composite
def accepted_cases(draw: st.DrawFn) -> MigrationCase:
    """Ready cases that stand on an acceptance: another profile of the practitioner is open as well."""
    case: MigrationCase = draw(ready(migration_cases()))
    old = case.snapshot.profiles[case.request.profile_id]
    other = attrs.evolve(
        old, id="P-open", email="open@example.net", schedule="active", succeeded_by=None, version=None
    )
    opened = attrs.evolve(case, snapshot=case.snapshot.changed([other]))
    accept = [
        am.Acceptance(finding=finding.id, by="Ann Example", why="agreed")
        for finding in (*case.plan().findings, *opened.plan().blockers)
        if finding.is_acceptable
    ]
    opened = attrs.evolve(opened, request=attrs.evolve(case.request, accept=accept))
    plan = opened.plan()
    assume(plan.is_ready and any(finding.accepted for finding in plan.findings))
    return opened


@given(accepted_cases())
def test_an_acceptance_without_a_name_or_a_reason_accepts_nothing(case: MigrationCase) -> None:
    for change in ({"by": " "}, {"why": ""}):
        accept = [attrs.evolve(entry, **change) for entry in case.request.accept]
        unsigned = attrs.evolve(case, request=attrs.evolve(case.request, accept=accept))
        assert not unsigned.plan().is_ready
