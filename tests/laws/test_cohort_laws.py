"""The laws of cohorts: moves never mix, windows keep to the capacity, and nobody is disturbed twice at once."""

from __future__ import annotations

import itertools
import pickle
from collections import Counter
from typing import Any

import attrs
from hypothesis import event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.reference import added_faults, edits_of
from measuring import try_law
from rewritten_data import shuffled
from strategies import CohortCase, cohort_cases

EXAMPLES = max(60, settings().max_examples)


def planned(case: CohortCase) -> am.migrations.MigrationCohort:
    return am.migrations.plan_migrations(
        case.snapshot, case.requests, rules=case.rules, at=case.at, capacity=case.capacity
    )


def whose(snapshot: am.Snapshot, request: am.MigrationRequest) -> str:
    return snapshot.profiles[request.profile_id].practitioner_id


def moving_customers(case: CohortCase, request: am.MigrationRequest) -> set[str]:
    return {
        row.customer_id
        for row in case.snapshot.appointments
        if row.profile_id == request.profile_id and row.is_live and row.slot.start >= case.at
    }


def most_at_once(slots: list[am.TimeSlot], within: am.TimeSlot) -> int:
    """Count how many slots are on at once, at the most, at any instant of another: looked at where one starts."""
    starts = [slot.start_us for slot in slots if within.start_us <= slot.start_us < within.end_us]
    return max(sum(slot.start_us <= at < slot.end_us for slot in slots) for at in (*starts, within.start_us))


@given(cohort_cases(), st.integers(0, 2**16), st.randoms(use_true_random=False))
def test_a_cohort_does_not_depend_on_the_order_of_requests_or_of_rows(
    case: CohortCase, seed: int, chance: Any
) -> None:
    cohort = planned(case)
    requests = [*case.requests, *case.requests[:1]]
    chance.shuffle(requests)
    again = planned(attrs.evolve(case, snapshot=shuffled(case.snapshot, seed), requests=tuple(requests)))
    assert again == cohort
    assert hash(pickle.loads(pickle.dumps(cohort))) == hash(again)  # noqa: S301
    assert [am.dumps(plan) for plan in again.plans] == [am.dumps(plan) for plan in cohort.plans]


@given(cohort_cases())
def test_every_request_is_one_member_and_has_a_plan_or_a_reason(case: CohortCase) -> None:
    cohort = planned(case)
    assert Counter(member.request for member in cohort.members) == Counter(set(case.requests))
    for place, member in enumerate(cohort.members, start=1):
        assert (member.number, member.total) == (place, len(cohort.members))
        assert (member.plan is None) == any(finding.is_blocking for finding in member.findings)
        assert member.is_ready or member.plan is None or member.plan.blockers
        assert member.is_ready != (member in cohort.blocked)
        assert member.is_ready or member.blackout is None
    assert cohort.is_ready == (not cohort.blocked)
    assert Counter(cohort.plans) == Counter(member.plan for member in cohort.members if member.is_ready)


@given(cohort_cases())
def test_each_plan_is_the_plan_of_its_request_alone_with_that_window(case: CohortCase) -> None:
    for member in planned(case).members:
        if member.plan is None:
            continue
        asked = member.plan.request
        if member.request.window is not None:
            assert asked == member.request
        assert attrs.evolve(asked, window=member.request.window) == member.request
        at = max(case.at, asked.window.start) if asked.window else case.at
        assert member.plan == am.plan_migration(case.snapshot, asked, rules=case.rules, at=at)


@given(cohort_cases())
def test_each_plan_touches_only_what_is_of_its_own_practitioner(case: CohortCase) -> None:
    before = case.snapshot
    for member in planned(case).members:
        if member.plan is None or not member.plan.change_set.steps:
            continue
        human = whose(before, member.request)
        after = am.apply(before, member.plan.change_set)
        profiles = {row.id for row in after.profiles if row.practitioner_id == human}
        for edit in edits_of(member.plan.change_set):
            for image in (edit.before, edit.after):
                assert not isinstance(image, am.Customer | am.Record | am.AccessRequest)
                if isinstance(image, am.Profile):
                    assert image.practitioner_id == human
                elif isinstance(image, am.Appointment | am.Access):
                    assert image.profile_id in profiles


def test_the_plans_of_a_cohort_are_independent_and_all_of_them_keep_w() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(cohort_cases())
    def law(case: CohortCase) -> None:
        cohort = planned(case)
        ready = [member for member in cohort.members if member.is_ready]
        for one, other in itertools.combinations(ready, 2):
            if one.blackout and other.blackout:
                assert one.plan
                assert other.plan
                assert not am.changes.dependence(one.plan, other.plan)
                seen["side by side"] += one.blackout.overlaps(other.blackout)
        after = case.snapshot
        for plan in cohort.plans:
            after = am.apply(after, plan.change_set)
        assert not added_faults(case.snapshot, after)
        for plan in cohort.plans:
            again = am.plan_migration(after, plan.request, rules=case.rules, at=plan.change_set.at)
            assert again.is_ready
            assert again.change_set.steps == ()
        other_way = case.snapshot
        for plan in reversed(cohort.plans):
            other_way = am.apply(other_way, plan.change_set)
        assert other_way == after
        seen["several"] += len(ready) > 1

    try_law(law)
    assert seen["several"] >= 20, seen
    assert seen["side by side"] >= 5, seen


def test_a_window_that_is_found_keeps_to_the_capacity_and_disturbs_no_customer_twice() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(cohort_cases())
    def law(case: CohortCase) -> None:
        members = [member for member in planned(case).members if member.blackout is not None]
        slots = [member.blackout for member in members if member.blackout]
        for member in members:
            if member.request.window is not None or member.plan is None or member.plan.request.window is None:
                continue
            assert member.blackout == member.plan.request.window
            assert most_at_once(slots, member.blackout) <= case.capacity
            mine = moving_customers(case, member.request)
            for other in members:
                if other is not member and mine & moving_customers(case, other.request):
                    seen["shared"] += 1
                    assert other.blackout
                    assert not member.blackout.overlaps(other.blackout)
        seen["crowded"] += len(slots) > case.capacity

    try_law(law)
    assert seen["shared"] >= 10, seen
    assert seen["crowded"] >= 10, seen


def test_windows_that_were_named_stay_and_are_told_of_where_they_collide() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(cohort_cases())
    def law(case: CohortCase) -> None:
        members = planned(case).members
        refused = {member.request for member in members if member.plan is None}
        named = [
            member.request
            for member in members
            if member.request.window
            and member.request not in refused
            and case.snapshot.profiles[member.request.profile_id].schedule == "active"
        ]
        slots = [request.window for request in named if request.window]
        for member in members:
            if member.request not in named or not member.request.window:
                continue
            codes = Counter(finding.code for finding in member.findings)
            over = most_at_once(slots, member.request.window) > case.capacity
            sharing = [
                other
                for other in named
                if other != member.request
                and other.window
                and other.window.overlaps(member.request.window)
                and moving_customers(case, other) & moving_customers(case, member.request)
            ]
            assert codes["capacity_exceeded"] == over
            assert codes["customers_in_two_blackouts"] == len(sharing)
            seen.update(codes.keys())

    try_law(law)
    assert seen["capacity_exceeded"] >= 2, seen
    assert seen["customers_in_two_blackouts"] >= 2, seen


def test_what_cannot_be_had_at_once_is_refused_to_all_who_ask_and_to_nobody_else() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(cohort_cases())
    def law(case: CohortCase) -> None:
        cohort = planned(case)
        each_once = set(case.requests)
        for member in cohort.members:
            others = each_once - {member.request}
            profile = case.snapshot.profiles.get(member.request.profile_id)
            wanted = {
                "moves_twice": any(
                    profile
                    and other.profile_id in case.snapshot.profiles
                    and whose(case.snapshot, other) == profile.practitioner_id
                    for other in others
                ),
                "email_asked_twice": any(
                    other.new_email.mailbox == member.request.new_email.mailbox
                    and other.profile_id != member.request.profile_id
                    for other in others
                ),
                "number_asked_twice": any(
                    {number for _, number in other.numbers} & {number for _, number in member.request.numbers}
                    for other in others
                ),
            }
            codes = {finding.code for finding in member.findings if finding.code in wanted}
            assert codes == {code for code, is_so in wanted.items() if is_so}
            seen.update(codes)
            event(f"contradictions: {len(codes)}")

    try_law(law)
    assert all(seen[code] >= 2 for code in ("moves_twice", "email_asked_twice", "number_asked_twice")), seen


@given(cohort_cases())
def test_planning_again_what_was_planned_changes_nothing(case: CohortCase) -> None:
    """The requests of the plans name their windows: given again they stay, whatever else is asked."""
    cohort = planned(case)
    again = planned(attrs.evolve(case, requests=tuple(plan.request for plan in cohort.plans)))
    assert Counter(again.plans) == Counter(cohort.plans)
    assert not any(
        finding.code == "customers_in_two_blackouts"
        for member in again.members
        for finding in member.findings
        if all(one.request.window is None for one in cohort.members)
    )


@given(cohort_cases())
def test_with_room_for_all_everybody_gets_the_window_of_one_alone(case: CohortCase) -> None:
    """Only capacity and customers in common keep a practitioner from the best window."""
    strangers = [row for row in case.snapshot.appointments if not row.is_live]
    quiet = am.Snapshot(
        case.snapshot.taken_at,
        profiles=case.snapshot.profiles,
        customers=case.snapshot.customers,
        appointments=[attrs.evolve(row, replaces=None, replaced_by=None) for row in strangers],
    )
    case = attrs.evolve(case, snapshot=quiet, capacity=9)
    for member in planned(case).members:
        if member.plan is not None and member.blackout is not None and member.request.window is None:
            (alone,) = am.migrations.propose_windows(
                quiet, member.request.profile_id, rules=case.rules, earliest=case.at, count=1
            )
            assert member.blackout == alone.window
