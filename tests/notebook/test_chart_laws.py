"""Every bar and every number of a chart is counted from the plan, or from what the plan makes of the data."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge import notebook
from accountmerge.messages import LANGUAGES, placeholders
from accountmerge.notebook.booked_weeks import booked_week
from accountmerge.notebook.chart_texts import PICTURE_FACTS, words
from accountmerge.notebook.merge_outcomes import outcomes_of
from accountmerge.notebook.outcome_charts import customer_words, outcome_rows
from accountmerge.notebook.timeline_charts import due_steps, phase_rows
from accountmerge.notebook.week_rows import WeekRows, week_rows
from accountmerge.testing.strategies import MergeCase, MigrationCase, merge_cases, migration_cases
from chart_reading import charts_of, english, rows_of, title_of

if TYPE_CHECKING:
    from accountmerge.model.records import Record


FEWER = settings(max_examples=12)
"""A timeline verifies how far its plan can be undone, which takes a while."""


def applied(snapshot: am.Snapshot, plan: am.MigrationPlan | am.MergePlan) -> am.Snapshot:
    return am.apply(snapshot, plan.change_set.confirm(by="Kim", at=datetime(2030, 1, 1, tzinfo=UTC)))


def weeks_of(plan: am.MigrationPlan, snapshot: am.Snapshot | None, day: date | None) -> WeekRows:
    week = booked_week(plan, snapshot, day, "UTC")
    return week_rows(plan, snapshot, week, "en", values=False)


def bars_of(drawn: WeekRows) -> dict[tuple[str, str], Counter[str]]:
    """Return in how many days each booking has a bar, of those that are live, by side and profile."""
    released = english("booking_released")
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in drawn.data:
        if row["part"] == "booking" and not row["role"].endswith(released):
            side = ("before", "after")[drawn.sides.index(row["side"])]
            place = ("old", "new")[drawn.profiles.index(row["place"])]
            found.setdefault((side, place), Counter())[row["id"]] += 1
    return found


def booked_days(data: am.Snapshot, profile_id: str, monday: date, zone: str) -> Counter[str]:
    """Return on how many days of a week each live booking of a profile is."""
    found: Counter[str] = Counter()
    for row in data.appointments:
        if row.profile_id == profile_id and row.is_live:
            begins = row.slot.start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            ends = begins + (row.slot.end - row.slot.start)
            for day in range(7):
                midnight = datetime.combine(monday, datetime.min.time()) + timedelta(days=day)
                found[row.id] += begins < midnight + timedelta(days=1) and ends > midnight
    return +found


def with_an_open_past_booking(case: MigrationCase) -> am.Snapshot:
    """Return the data of a case with a live booking that has begun, which stays in the old profile."""
    customer, *_ = case.snapshot.customers
    begun = am.Appointment(
        id="begun",
        profile_id=case.request.profile_id,
        customer_id=customer.id,
        slot=am.TimeSlot(case.at - timedelta(hours=30), case.at - timedelta(hours=3)),
        time_zone="UTC",
        modality="video",
        status="held",
    )
    return case.snapshot.changed([begun])


@given(migration_cases(), st.integers(-1, 2))
def test_a_week_has_each_live_booking_of_both_profiles_before_and_after(
    case: MigrationCase, weeks_later: int
) -> None:
    assume(case.request.profile_id in case.snapshot.profiles and case.snapshot.customers)
    snapshot = with_an_open_past_booking(case)
    plan = case.plan(snapshot)
    assume(plan.is_ready and plan.change_set.steps)
    after = applied(snapshot, plan)
    old = plan.request.profile_id
    new = after.profiles[old].succeeded_by
    at = plan.change_set.at
    today = date(at.year, at.month, at.day)
    for day in (today - timedelta(days=1), today + timedelta(weeks=weeks_later)):
        bars = bars_of(weeks_of(plan, snapshot, day))
        monday = day - timedelta(days=day.weekday())
        for side, data in (("before", snapshot), ("after", after)):
            for place, id in (("old", old), ("new", new)):
                expected = booked_days(data, id, monday, "UTC") if id is not None else Counter()
                assert bars.get((side, place), Counter()) == expected, (side, place)


@FEWER
@given(migration_cases())
def test_a_week_counts_the_bookings_that_move(case: MigrationCase) -> None:
    plan = case.plan()
    assume(plan.is_ready and plan.change_set.steps)
    week = booked_week(plan, None, None, "UTC")
    data = week_rows(plan, None, week, "en", values=False).data
    shown = {row["id"] for row in data if row.get("role", "").endswith(english("booking_to_move"))}
    assert (week.moved, week.total) == (len(shown), len(plan.rebooked))
    assert bool(shown) == bool(plan.rebooked)


@FEWER
@given(migration_cases())
def test_a_timeline_has_each_phase_once_and_each_step_in_one_of_them(case: MigrationCase) -> None:
    plan = case.plan()
    assume(plan.is_ready and plan.change_set.steps)
    phases = phase_rows(plan, "en", "UTC")
    assert [row["kind"] for row in phases] == [phase.kind for phase in plan.timeline.phases]
    assert sum(row["steps"] for row in phases) == len(plan.change_set.steps)
    due = due_steps(plan, "en", "UTC")
    if plan.blackout is not None:
        assert due[-1]["steps"] == len(plan.change_set.steps)
        assert [row["steps"] for row in due] == sorted({row["steps"] for row in due})


def naming(data: am.Snapshot, kind: str, ids: set[str]) -> int:
    """Return how many rows of a kind name one of some customers."""
    table: Any = {
        "Appointments": data.appointments,
        "Records": data.records,
        "Access": data.access,
        "E-mails": [],
        "Phones": [],
    }[kind]
    people = [data.customers[id] for id in ids]
    if kind == "E-mails":
        return sum(len(person.emails) for person in people)
    if kind == "Phones":
        return sum(len(person.phones) for person in people)

    def names(row: Record) -> set[str | None]:
        return {row.customer_id, getattr(row, "related_customer_id", None)}

    return sum(bool(ids & names(row)) for row in table)


@given(merge_cases())
def test_the_outcome_of_a_merge_counts_each_row_before_and_after(case: MergeCase) -> None:
    plan = case.plan()
    assume(plan.is_ready and plan.change_set.steps)
    each_row_is_counted(case.snapshot, plan)


def given_by_a_rule(snapshot: am.Snapshot, after: am.Snapshot, plan: am.MergePlan) -> int:
    """Return how many phones the survivor has from a rule alone, which no customer had."""
    survivor = plan.request.survivor
    had = {phone for id in (survivor, *plan.request.absorbed) for phone in snapshot.customers[id].phones}
    return len(set(after.customers[survivor].phones) - had)


def each_row_is_counted(snapshot: am.Snapshot, plan: am.MergePlan) -> None:
    after = applied(snapshot, plan)
    survivor = plan.request.survivor
    everybody = {survivor, *plan.request.absorbed}
    data = outcome_rows(outcomes_of(plan), customer_words(plan, "en", values=False), "en")
    ends = {end: english(f"end_{end}") for end in ("stays", "moves", "joins", "ends")}
    for kind in ("Appointments", "Records", "Access", "E-mails", "Phones"):
        counts = {
            end: sum(row["count"] for row in data if row["kind"] == kind and row["end"].endswith(text))
            for end, text in ends.items()
        }
        given = given_by_a_rule(snapshot, after, plan) if kind == "Phones" else 0
        assert counts["stays"] + counts["moves"] == naming(after, kind, {survivor}) - given, kind
        assert sum(counts.values()) == naming(snapshot, kind, everybody), kind
    assert all(row["text"].endswith(f" {row['count']}") for row in data)


def test_what_two_absorbed_customers_have_alike_is_counted_once() -> None:
    """Access of one profile, one mailbox and one phone, of which the survivor has none."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    profiles = [
        am.Profile(id=id, practitioner_id=id, email=f"{id}@example.org", login="enabled", schedule="active")
        for id in ("P1", "P2")
    ]
    addresses = [am.CustomerEmail("c@example.com", "secondary")]
    customers = [am.Customer(id="C1", record_number="C1", emails=[], status="active")]
    customers += [
        am.Customer(id=id, record_number=id, emails=addresses, phones=["555-0101"], status="active")
        for id in ("C2", "C3")
    ]
    treated = [("P1", "C1"), ("P1", "C2"), ("P1", "C3"), ("P2", "C2"), ("P2", "C3")]
    access = [
        am.Access(id=f"{profile}-{customer}", profile_id=profile, customer_id=customer, level="treating")
        for profile, customer in treated
    ]
    snapshot = am.Snapshot(at, profiles=profiles, customers=customers, access=access)
    plan = am.plan_merge(snapshot, am.MergeRequest(survivor="C1", absorbed=["C2", "C3"], actor="P1"), at=at)
    assert plan.is_ready
    each_row_is_counted(snapshot, plan)
    counts = outcomes_of(plan)
    assert (
        counts["C2", "access", "moves"]
        == counts["C3", "email", "joins"]
        == counts["C3", "phone", "joins"]
        == 1
    )
    assert counts["C2", "access", "joins"] + counts["C3", "access", "joins"] == 3


def test_the_bars_of_a_chart_are_these_rows(
    practice: am.Snapshot, plan: am.MigrationPlan, merge: am.MergePlan
) -> None:
    """The laws above read rows, because to draw and verify a chart takes a tenth of a second."""
    week = booked_week(plan, practice, None, "Australia/Sydney")
    assert rows_of(notebook.weeks(plan, practice)) == week_rows(plan, practice, week, "en", values=False).data
    phases, due = phase_rows(plan, "en", "Australia/Sydney"), due_steps(plan, "en", "Australia/Sydney")
    drawn = rows_of(notebook.timeline(plan))
    assert [{**row, "row": ""} for row in drawn if "kind" in row] == [{**row, "row": ""} for row in phases]
    assert [row for row in drawn if row.keys() == {"at", "exact", "steps"}] == due
    outcomes = outcome_rows(outcomes_of(merge), customer_words(merge, "en", values=False), "en")
    assert rows_of(notebook.merge_outcome(merge)) == outcomes
    assert english("weeks_moved", count=week.moved, total=26) in title_of(notebook.weeks(plan, practice))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_that_is_blocked_or_has_no_steps_has_charts_that_say_so(
    practice: am.Snapshot, plan: am.MigrationPlan, merge: am.MergePlan, language: str
) -> None:
    moved = applied(practice, plan)
    merged = applied(practice, merge)
    wrong = attrs.evolve(plan.request, profile_id="profile-99")
    alone = attrs.evolve(merge.request, absorbed=["customer-99"])
    at = plan.change_set.at
    for data, again in (
        (moved, am.plan_migration(moved, plan.request, at=at)),
        (merged, am.plan_merge(merged, merge.request, at=at)),
        (practice, am.plan_migration(practice, wrong, at=at)),
        (practice, am.plan_merge(practice, alone, at=at)),
    ):
        for chart in charts_of(again, data, language=language):
            told = title_of(chart)
            assert not [row for row in rows_of(chart) if row.keys() != {"line", "text"}]
            assert again.change_set.blocked or words("nothing_left", language) in told
            assert all(code in told for code in again.change_set.blocked)


def test_charts_are_the_same_in_every_run(
    practice: am.Snapshot, plan: am.MigrationPlan, merge: am.MergePlan
) -> None:
    for work in (plan, merge):
        first, again = ([chart.to_json() for chart in charts_of(work, practice)] for _ in range(2))
        assert first == again


def test_every_sentence_of_charts_is_in_the_table_with_its_facts() -> None:
    for key, facts in PICTURE_FACTS.items():
        for language in LANGUAGES:
            assert placeholders(f"picture.{key}", language) <= facts


@pytest.mark.parametrize(
    ("picture", "wanted"),
    [
        (notebook.weeks, "MigrationPlan"),
        (notebook.timeline, "MigrationCohort"),
        (notebook.merge_outcome, "MergeBatch"),
    ],
)
def test_a_value_that_has_no_picture_is_refused(picture: Any, wanted: str) -> None:
    with pytest.raises(am.InvalidValueError, match=wanted):
        picture(object())


def test_the_hours_of_a_week_are_those_of_the_language(plan: am.MigrationPlan) -> None:
    for language, shown, other in (("en", "10:00", "10\u00a0h"), ("fr", "10\u00a0h", "10:00")):
        chart = notebook.weeks(plan, language=language).to_json(ensure_ascii=False)
        (text,) = set(re.findall(r'"labelExpr": "(\[\'0[^"]*)"', chart))
        assert f"'{shown}'" in text
        assert other not in text
