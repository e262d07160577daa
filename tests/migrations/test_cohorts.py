"""Many migrations at once: what is found, what is refused with the reason, and when windows run out."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.messages import LANGUAGES
from accountmerge.migrations import cohorts
from small_values import NOON, appointment, customer, profile, slot, snapshot

PEOPLE = tuple(f"P{n}" for n in range(1, 6))
TWO_HOURS = 2 * 60


def move(profile_id: str, **fields: Any) -> am.MigrationRequest:
    given: dict[str, Any] = {
        "new_email": f"new.{profile_id}@example.com",
        "reason": "business_name_change",
        "ticket": f"T-{profile_id}",
        "agreement": am.Agreement(by="Ann Example", at=NOON - timedelta(days=1), version="1"),
    }
    return am.MigrationRequest(profile_id=profile_id, **(given | fields))


def practice(*rows: am.Appointment, **collections: Any) -> am.Snapshot:
    """A practice of five practitioners with a profile each."""
    people = [profile(id, practitioner_id=f"H-{id}") for id in PEOPLE]
    given: dict[str, Any] = {"profiles": people, "customers": [customer(f"C{n}") for n in (1, 2, 3)]}
    return snapshot(appointments=rows, **(given | collections))


def planned(
    *requests: am.MigrationRequest, whole: am.Snapshot | None = None, **fields: Any
) -> am.migrations.MigrationCohort:
    return am.migrations.plan_migrations(whole or practice(), requests, at=NOON, **fields)


def blockers(cohort: am.migrations.MigrationCohort) -> list[list[str]]:
    """Return the codes of what blocks the plan of each member that has one."""
    return [[f.code for f in member.plan.blockers] for member in cohort.members if member.plan is not None]


def booked(id: str, profile_id: str, customer_id: str, days: int = 20) -> am.Appointment:
    return appointment(id, slot(60 * 24 * days), profile_id=profile_id, customer_id=customer_id)


def starts(cohort: am.migrations.MigrationCohort) -> list[str]:
    return [f"{member.blackout.start:%d %H:%M}" if member.blackout else "-" for member in cohort.members]


def test_as_many_blackouts_are_on_at_once_as_the_team_can_take() -> None:
    requests = [move(id) for id in PEOPLE]
    assert starts(planned(*requests)) == ["03 12:00", "03 14:00", "03 16:00", "04 09:00", "04 11:00"]
    assert starts(planned(*requests, capacity=2)) == [
        "03 12:00",
        "03 12:00",
        "03 14:00",
        "03 14:00",
        "03 16:00",
    ]
    assert set(starts(planned(*requests, capacity=5))) == {"03 12:00"}


def test_a_customer_in_common_keeps_two_blackouts_apart_and_nobody_else() -> None:
    whole = practice(booked("A1", "P1", "C1"), booked("A2", "P2", "C1"), booked("A3", "P3", "C2"))
    cohort = planned(*(move(id) for id in PEOPLE[:3]), whole=whole, capacity=3)
    assert starts(cohort) == ["03 12:00", "03 14:00", "03 12:00"]
    assert all(not am.changes.dependence(*pair) for pair in itertools.combinations(cohort.plans, 2))
    gone = attrs.evolve(whole.appointments["A2"], status="cancelled")
    assert set(
        starts(planned(*(move(id) for id in PEOPLE[:3]), whole=whole.changed([gone]), capacity=3))
    ) == {"03 12:00"}


def test_a_window_that_is_named_stays_and_counts() -> None:
    named = slot(TWO_HOURS // 2 + 60 * 24 - 60, TWO_HOURS)  # as others would have been given
    cohort = planned(move("P1"), move("P5", window=named))
    assert [member.request.profile_id for member in cohort.members] == ["P5", "P1"]
    assert starts(cohort) == ["03 12:00", "03 14:00"]
    assert [plan.request.profile_id for plan in cohort.plans] == ["P5", "P1"]
    assert all(not member.findings for member in cohort.members)


def test_windows_that_collide_are_told_of_on_each_and_are_not_moved() -> None:
    named = slot(60 * 24, TWO_HOURS)
    whole = practice(booked("A1", "P1", "C1"), booked("A2", "P2", "C1"))
    cohort = planned(move("P1", window=named), move("P2", window=named), whole=whole)
    assert cohort.is_ready
    for member, other in zip(cohort.members, ("P2", "P1"), strict=True):
        about = member.request.profile_id
        assert [finding.id for finding in member.findings] == [
            f"capacity_exceeded:{about}",
            "customers_in_two_blackouts:P1:P2",
        ]
        assert member.findings[1].facts == am.model.Facts(profile_id=about, other_id=other, count=1)


def test_moves_of_one_practitioner_are_refused_also_from_one_profile_to_the_next() -> None:
    second = profile("P9", practitioner_id="H-P1", schedule="pending")
    whole = practice().changed([second])
    for other in (move("P1", ticket="T-2"), move("P1", new_email="other@example.com"), move("P9")):
        cohort = planned(move("P1"), other, move("P2"), whole=whole)
        assert [member.plan is not None for member in cohort.members].count(True) == 1
        assert [plan.request.profile_id for plan in cohort.plans] == ["P2"]
        for member in cohort.blocked:
            (finding,) = member.findings
            assert finding.code == "moves_twice"
            assert finding.facts["practitioner_id"] == "H-P1"
            assert finding.facts["count"] == 2


def test_an_address_that_two_ask_for_and_a_number_given_twice_are_refused_to_both() -> None:
    cohort = planned(
        move("P1", new_email="ann@example.com"), move("P2", new_email="Ann@EXAMPLE.com"), move("P3")
    )
    assert [[f.id for f in member.findings] for member in cohort.members] == [
        ["email_asked_twice:P1:P2"],
        ["email_asked_twice:P1:P2"],
        [],
    ]
    whole = practice(booked("A1", "P1", "C1"), booked("A2", "P2", "C2"))
    numbered = [move("P1", numbers={"A1": "APP-7"}), move("P2", numbers={"A2": "APP-7"})]
    assert [[f.id for f in member.findings] for member in planned(*numbered, whole=whole).members] == [
        ["number_asked_twice:A1:A2"],
        ["number_asked_twice:A1:A2"],
    ]
    assert planned(numbered[0], attrs.evolve(numbered[1], numbers={"A2": "APP-8"}), whole=whole).is_ready


def test_an_address_that_somebody_leaves_is_not_free() -> None:
    """A username stays with its profile: whoever wants it is told by the plan."""
    cohort = planned(move("P1", new_email="p2@example.com"), move("P2"))
    assert blockers(cohort) == [["email_in_use"], []]


def test_what_is_blocked_by_itself_takes_no_time_from_others() -> None:
    cohort = planned(move("P1", agreement=None), move("P2"), move("P-unknown"))
    assert starts(cohort) == ["-", "-", "03 12:00"]
    assert blockers(cohort) == [["unknown_profile"], ["agreement_missing"], []]
    before = am.migrations.plan_migrations(practice(), [move("P1")], at=NOON - timedelta(days=1))
    assert blockers(before) == [["at_before_snapshot", "window_outside_hours"]]


def test_a_move_that_is_done_or_whose_schedule_is_closed_needs_no_window() -> None:
    first = planned(move("P1"), move("P2")).plans[0]
    whole = practice()
    closed = am.apply(whole, first.change_set.prefix(len(first.change_set.steps) - 2))
    done = am.apply(whole, first.change_set)
    for data, steps in ((closed, 2), (done, 0)):
        cohort = planned(move("P1"), move("P2"), whole=data)
        assert cohort.is_ready
        assert starts(cohort) == ["-", "03 12:00"]
        assert len(cohort.plans[0].change_set.steps) == steps


def test_a_plan_is_for_the_instant_at_which_its_window_starts() -> None:
    soon = appointment("A1", slot(60), profile_id="P1")
    later = appointment("A2", slot(60 * 24 * 20), profile_id="P1")
    (plan,) = planned(move("P1"), whole=practice(soon, later)).plans
    assert plan.blackout is not None
    assert plan.change_set.at == plan.blackout.start
    assert [
        step.reason.facts["appointment_id"] for step in plan.change_set.steps if step.kind == "rebook"
    ] == ["A2"]
    running = am.TimeSlot(NOON - timedelta(hours=1), NOON + timedelta(hours=2))
    cohort = planned(move("P1", window=running), whole=practice(soon, later))
    assert [member.plan.change_set.at for member in cohort.members if member.plan] == [NOON]


def test_when_no_window_is_left_within_a_year_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohorts, "SEARCHES", 1)
    rules = am.MigrationRules(
        business_hours=am.WeeklyHours(
            "UTC", days=[("tuesday", [am.DailyHours(NOON.time(), NOON.replace(hour=13).time())])]
        )
    )
    requests = [move(id) for id in PEOPLE]
    cohort = planned(*requests, rules=rules)
    assert [member.is_ready for member in cohort.members] == [True] * 4 + [False]
    (finding,) = cohort.members[4].findings
    assert finding.facts == am.model.Facts(
        profile_id="P5",
        capacity=1,
        days=28,
        way="capacity",
        needed=2,
        count=0,
        minutes=0,
        hands=1,
        minutes_each=5,
    )
    assert "a capacity of 2" in finding.remedy
    assert planned(*requests, rules=rules, capacity=2).is_ready
    monkeypatch.setattr(cohorts, "SEARCHES", 2)
    assert planned(*requests, rules=rules).is_ready


def test_a_window_after_the_first_four_weeks_says_why_and_what_would_fit() -> None:
    """A capacity, whose customers, or hours: what is in the way, and what would bring the window nearer."""
    noon = am.DailyHours(NOON.time(), NOON.replace(hour=13).time())
    tuesdays = am.MigrationRules(business_hours=am.WeeklyHours("UTC", days=[("tuesday", [noon])]))
    requests = [move(id) for id in PEOPLE]
    *near, far = planned(*requests, rules=tuesdays).members
    assert [member.findings for member in near] == [()] * 4
    (finding,) = far.findings
    assert far.is_ready
    assert finding.severity == "warning"
    assert {name: finding.facts[name] for name in ("way", "needed", "days", "capacity")} == {
        "way": "capacity",
        "needed": 2,
        "days": 29,
        "capacity": 1,
    }
    wider = planned(*requests, rules=tuesdays, capacity=2)
    assert not [found for member in wider.members for found in member.findings]
    shared = practice(*(booked(f"A{id}", id, "C1", days=200) for id in PEOPLE))
    (finding,) = planned(*requests, rules=tuesdays, capacity=9, whole=shared).members[4].findings
    assert finding.facts["way"] == "customers"
    april = [NOON.date() + timedelta(days=day) for day in range(40)]
    closed = am.MigrationRules(business_hours=am.WeeklyHours("UTC", days=[("tuesday", [noon])], closed=april))
    (finding,) = planned(move("P1"), rules=closed).members[0].findings
    assert finding.facts["way"] == "closed"


def test_members_are_in_order_and_know_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def watched(whole: am.Snapshot, request: am.MigrationRequest, **fields: Any) -> am.MigrationPlan:
        seen.append(request.profile_id)
        return am.plan_migration(whole, request, **fields)

    monkeypatch.setattr(cohorts, "plan_migration", watched)
    first, second = am.migrations.plan_migrations(practice(), [move("P2"), move("P1")], at=NOON).members
    assert seen == ["P1", "P2"]
    assert (first.number, first.total) == (1, 2)
    assert (second.number, second.total) == (2, 2)
    assert repr(second) == "CohortMember(2 of 2, 'P2', ready)"


def test_equal_requests_count_once_and_none_are_an_empty_ready_cohort() -> None:
    assert len(planned(move("P1"), move("P1")).members) == 1
    assert planned() == am.migrations.MigrationCohort(())
    assert planned().is_ready
    assert repr(planned(move("P1"), move("P-unknown"))) == "MigrationCohort(2 members, 1 blocked)"


def test_wrong_types_and_naive_times_are_refused() -> None:
    wrong: Any = ["P1"]
    with pytest.raises(am.InvalidValueError, match="MigrationRequest"):
        am.migrations.plan_migrations(practice(), wrong, at=NOON)
    with pytest.raises(am.InvalidValueError):
        am.migrations.plan_migrations(practice(), [], at=NOON.replace(tzinfo=None))
    for capacity in (0, -1, True, 1.5):
        bad: Any = capacity
        with pytest.raises(am.InvalidValueError, match="capacity"):
            am.migrations.plan_migrations(practice(), [], at=NOON, capacity=bad)


def test_findings_of_a_cohort_have_sentences_and_nobody_may_accept_them() -> None:
    named = slot(60 * 24, TWO_HOURS)
    whole = practice(booked("A1", "P1", "C1"), booked("A2", "P2", "C1"))
    cohorts_of_all = (
        planned(move("P1", window=named), move("P2", window=named), whole=whole),
        planned(move("P1"), move("P1", ticket="T-2")),
        planned(move("P1", new_email="a@example.com"), move("P2", new_email="a@example.com")),
        planned(move("P1", numbers={"A1": "APP-1"}), move("P2", numbers={"A2": "APP-1"}), whole=whole),
        planned(move("P1"), rules=am.MigrationRules(business_hours=am.WeeklyHours("UTC", days=[]))),
    )
    found = {finding for cohort in cohorts_of_all for member in cohort.members for finding in member.findings}
    assert {finding.code for finding in found} == {
        *("capacity_exceeded", "customers_in_two_blackouts", "moves_twice"),
        *("email_asked_twice", "number_asked_twice", "no_window_left"),
    }
    for finding, language in itertools.product(found, LANGUAGES):
        assert all(id in finding.describe(language) for id in finding.ids)
        assert finding.advise(language)
        assert not finding.is_acceptable
        assert "example.com" not in finding.describe(language)
