"""A chart of very much data is small: it is cut or counted, and says so."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import accountmerge as am
from accountmerge import notebook
from accountmerge.notebook.palette import MOST_BARS, MOST_CUSTOMERS, MOST_MEMBERS, MOST_POINTS
from chart_examples import AT, request_to_move
from chart_reading import english, rows_of, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MANY = 30_000
SMALL = 100_000
"""The most characters of a chart, as JSON."""
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OPENING = MONDAY + timedelta(hours=9)
OFFICE = [am.DailyHours(time(9), time(17))]
WORKDAYS: Iterable[tuple[Any, list[am.DailyHours]]] = [
    (day, OFFICE) for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
]
HOURS = am.WeeklyHours(zone="UTC", days=WORKDAYS)
QUICK = am.MigrationRules(minutes_per_booking=1)


def bookings(
    count: int, first: datetime, *, step: timedelta, profile_id: str = "P1"
) -> Iterator[am.Appointment]:
    slots = [
        am.TimeSlot(first + n * step, first + n * step + timedelta(minutes=30))
        for n in range(min(count, 500))
    ]
    for n in range(count):
        yield am.Appointment(
            id=f"A{n:05}",
            profile_id=profile_id,
            customer_id="C1",
            slot=slots[n % len(slots)],
            time_zone="UTC",
            modality="video",
            status="booked",
        )


def crowd(rows: Iterator[am.Appointment]) -> am.Snapshot:
    profile = am.Profile(
        id="P1", practitioner_id="H1", email="a@example.org", login="enabled", schedule="active", hours=HOURS
    )
    customer = am.Customer(id="C1", record_number="R1", emails=[], status="active")
    return am.Snapshot(MONDAY, profiles=[profile], customers=[customer], appointments=rows)


@pytest.mark.unmeasured
@pytest.mark.parametrize("step", [timedelta(0), timedelta(minutes=20)], ids=["one slot", "all week"])
def test_a_week_of_thirty_thousand_bookings_is_counted_in_cells(step: timedelta) -> None:
    snapshot = crowd(bookings(MANY, MONDAY, step=step))
    request = request_to_move("P1", "b@example.org")
    few = am.Snapshot(MONDAY, profiles=snapshot.profiles, customers=snapshot.customers)
    plan = am.plan_migration(few, request, at=OPENING)
    assert plan.is_ready
    chart = notebook.weeks(plan, snapshot, day=MONDAY.date())
    cells = [row for row in rows_of(chart) if row["part"] == "cell"]
    assert sum(row["count"] for row in cells) == 2 * MANY  # before and after: the plan moves none of them
    assert len(rows_of(chart)) < 2 * MOST_BARS
    assert len(chart.to_json()) < SMALL
    assert english("weeks_grouped", most=MOST_BARS, hours=2) in title_of(chart)


def test_a_week_of_one_booking_is_one_bar_on_each_side() -> None:
    snapshot = crowd(bookings(1, OPENING + timedelta(days=1), step=timedelta(0)))
    plan = am.plan_migration(snapshot, request_to_move("P1", "b@example.org"), rules=QUICK, at=OPENING)
    bars = [row for row in rows_of(notebook.weeks(plan, snapshot)) if row["part"] == "booking"]
    assert sorted((row["side"], row["sign"]) for row in bars) == [
        ("After", "\N{MULTIPLICATION SIGN}"),
        ("After", "←"),
        ("Before", "→"),
    ]


def test_a_timeline_of_many_steps_has_few_points() -> None:
    snapshot = crowd(bookings(300, MONDAY + timedelta(days=1), step=timedelta(hours=1)))
    plan = am.plan_migration(snapshot, request_to_move("P1", "b@example.org"), rules=QUICK, at=OPENING)
    assert plan.is_ready
    chart = notebook.timeline(plan)
    due = [row for row in rows_of(chart) if row.keys() == {"at", "exact", "steps"}]
    steps = len(plan.change_set.steps)
    assert MOST_POINTS // 2 < len(due) <= MOST_POINTS + 1
    assert due[-1]["steps"] == steps
    assert english("steps_grouped", most=MOST_POINTS, count=steps) in title_of(chart)


def test_a_cohort_of_thousands_is_counted_by_spans_of_days(cohort: am.migrations.MigrationCohort) -> None:
    (one, *_) = cohort.members
    assert one.plan is not None
    assert one.plan.blackout is not None
    length = one.plan.blackout.end - one.plan.blackout.start
    members = []
    for number in range(3_000):
        start = one.plan.blackout.start + timedelta(hours=3 * number)
        plan = attrs.evolve(one.plan, blackout=am.TimeSlot(start, start + length))
        members.append(attrs.evolve(one, number=number + 1, total=3_000, plan=plan))
    chart = notebook.timeline(am.migrations.MigrationCohort(tuple(members)))
    assert sum(row["count"] for row in rows_of(chart)) == 3_000
    assert len(rows_of(chart)) <= 61
    assert english("cohort_grouped", most=MOST_MEMBERS, days=7) in title_of(chart)


def test_a_cohort_has_each_member_with_its_blackout_or_the_reason_why_not(
    cohort: am.migrations.MigrationCohort,
) -> None:
    rows = rows_of(notebook.timeline(cohort))
    assert {row["member"] for row in rows} == {member.request.profile_id for member in cohort.members}
    assert [row["member"] for row in rows if "start" not in row] == ["profile-9"]
    assert "unknown_profile" in rows[-1]["row"]
    assert english("cohort_states", ready=4, blocked=1) in title_of(notebook.timeline(cohort))
    assert sum("start" in row for row in rows) == len(cohort.plans)


def test_cohorts_without_members_and_without_blackouts_say_so(
    cohort: am.migrations.MigrationCohort,
) -> None:
    empty = notebook.timeline(am.migrations.MigrationCohort(()))
    assert english("cohort_empty") in title_of(empty)
    (blocked,) = cohort.blocked
    alone = notebook.timeline(am.migrations.MigrationCohort((blocked,)))
    assert [row["member"] for row in rows_of(alone)] == ["profile-9"]
    many = notebook.timeline(am.migrations.MigrationCohort((blocked,) * (MOST_MEMBERS + 1)))
    assert english("no_blackout") in title_of(many)


def test_a_merge_of_many_customers_counts_the_last_ones_together() -> None:
    ids = [f"C{n:03}" for n in range(300)]
    profile = am.Profile(
        id="P1", practitioner_id="H1", email="a@example.org", login="enabled", schedule="active", hours=HOURS
    )
    snapshot = am.Snapshot(
        MONDAY,
        profiles=[profile],
        customers=[am.Customer(id=id, record_number=id, emails=[], status="active") for id in ids],
        records=[am.Record(id=f"R{id}", kind="note", customer_id=id) for id in ids],
        access=[am.Access(id=f"X{id}", profile_id="P1", customer_id=id, level="treating") for id in ids],
    )
    plan = am.plan_merge(snapshot, am.MergeRequest(survivor=ids[0], absorbed=ids[1:], actor="P1"), at=MONDAY)
    assert plan.is_ready
    rows = rows_of(notebook.merge_outcome(plan))
    assert len({row["customer"] for row in rows}) == MOST_CUSTOMERS
    other = english("other_absorbed", count=300 - (MOST_CUSTOMERS - 1))
    assert sum(row["count"] for row in rows if row["customer"] == other) == 2 * (300 - (MOST_CUSTOMERS - 1))
    assert sum(row["count"] for row in rows) == 600


def test_a_batch_counts_the_plans_that_are_ready(practice: am.Snapshot, merge: am.MergePlan) -> None:
    wrong = am.MergeRequest(survivor="customer-01", absorbed=["customer-99"], actor="profile-1")
    twice = [
        am.MergeRequest(survivor=f"customer-0{n}", absorbed=["customer-09"], actor="profile-1")
        for n in (4, 5)
    ]
    batch = am.merges.plan_merges(practice, [merge.request, wrong, *twice], at=AT)
    chart = notebook.merge_outcome(batch)
    alone = rows_of(notebook.merge_outcome(merge))
    assert sum(row["count"] for row in rows_of(chart)) == sum(row["count"] for row in alone)
    assert english("merges_states", ready=1, blocked=1) in title_of(chart)
    assert english("merges_without_plan", count=2) in title_of(chart)
    empty = notebook.merge_outcome(am.merges.plan_merges(practice, [wrong], at=AT))
    assert english("merges_states", ready=0, blocked=1) in title_of(empty)


@pytest.mark.long
def test_a_migration_of_thirty_thousand_bookings_has_small_charts() -> None:
    snapshot = crowd(bookings(MANY, MONDAY + timedelta(days=1), step=timedelta(minutes=30)))
    accepted = am.Acceptance(finding="window_under_estimate:P1", by="Kim", why="many hands")
    request = attrs.evolve(request_to_move("P1", "b@example.org"), accept=[accepted])
    rows = [attrs.evolve(row, session_id=f"S{row.slot.start_us}") for row in snapshot.appointments]
    plan = am.plan_migration(crowd(iter(rows)), request, rules=QUICK, at=OPENING)
    assert plan.is_ready, plan.blockers
    for chart in (notebook.weeks(plan), notebook.timeline(plan)):
        assert len(chart.to_json()) < SMALL
