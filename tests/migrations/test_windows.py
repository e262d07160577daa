"""Windows by example: the arithmetic that is shown, what is refused, and which time is the best."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.model.instants import microseconds
from small_values import appointment, customer, profile, utc

MONDAY = utc("2026-03-02T09:00")
ALWAYS = am.WeeklyHours(
    "UTC",
    days=[
        (day, [am.DailyHours(time(0), time(0))])
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    ],
)


def practice(*bookings: am.Appointment, **changed: Any) -> am.Snapshot:
    return am.Snapshot(
        MONDAY - timedelta(days=1),
        profiles=[
            profile("P1", **changed),
            profile("P2", schedule="inactive"),
            profile("P3", practitioner_id="H2"),
        ],
        customers=[customer()],
        appointments=bookings,
    )


def far(count: int) -> list[am.Appointment]:
    """Return bookings of next year, one a day: to be rebooked, and in nobody's way."""
    first = MONDAY + timedelta(days=365)
    days = (first + timedelta(days=number) for number in range(count))
    return [
        appointment(f"A{number}", am.TimeSlot(day, day + timedelta(hours=1)))
        for number, day in enumerate(days)
    ]


def on(id: str, start: datetime, hours: float, **fields: Any) -> am.Appointment:
    return appointment(id, am.TimeSlot(start, start + timedelta(hours=hours)), **fields)


def length(estimate: am.migrations.BlackoutEstimate) -> timedelta | None:
    return None if estimate.slot is None else estimate.slot.end - estimate.slot.start


def test_a_blackout_lasts_two_to_forty_eight_hours() -> None:
    rules = am.MigrationRules(minutes_per_booking=60, business_hours=ALWAYS)
    hours = {
        count: length(am.migrations.estimate_blackout(practice(*far(count)), "P1", start=MONDAY, rules=rules))
        for count in (0, 2, 3, 48, 49)
    }
    assert hours == {
        0: timedelta(hours=2),
        2: timedelta(hours=2),
        3: timedelta(hours=3),
        48: timedelta(hours=48),
        49: None,
    }


@pytest.mark.parametrize(
    ("start", "count", "told"),
    [
        (
            "2026-03-02T09:00",
            36,
            (
                "Future bookings: 36, at 5 min each: 180 min of work in business hours.\n"
                "Availability is off from Monday 2 March 2026 at 09:00 to Monday 2 March 2026 at 12:00 (UTC): 3 h 0 min."
            ),
        ),
        (
            "2026-03-02T16:30",
            36,
            (
                "Future bookings: 36, at 5 min each: 180 min of work in business hours.\n"
                "Availability is off from Monday 2 March 2026 at 16:30 to Tuesday 3 March 2026 at 11:30 (UTC): 19 h 0 min.\n"
                "That is longer than the work, because no work is done outside business hours."
            ),
        ),
        (
            "2026-03-02T09:00",
            1,
            (
                "Future bookings: 1, at 5 min each: 5 min of work in business hours.\n"
                "Availability is off from Monday 2 March 2026 at 09:00 to Monday 2 March 2026 at 11:00 (UTC): 2 h 0 min.\n"
                "That is longer than the work, because no blackout is shorter than 2 h."
            ),
        ),
        (
            "2026-03-06T16:30",
            36,
            (
                "Future bookings: 36, at 5 min each: 180 min of work in business hours.\n"
                "The longest blackout, 48 h from Friday 6 March 2026 at 16:30 (UTC) on, has only 30 min of business "
                "hours. This is not enough."
            ),
        ),
    ],
)
def test_the_arithmetic_is_shown(start: str, count: int, told: str) -> None:
    estimate = am.migrations.estimate_blackout(practice(*far(count)), "P1", start=utc(start))
    assert estimate.describe() == told
    assert estimate.is_refused == (estimate.slot is None) == ("not enough" in told)
    assert len(estimate.describe("fr-CA").splitlines()) == len(told.splitlines())


def test_an_unknown_profile_is_answered_and_not_raised() -> None:
    estimate = am.migrations.estimate_blackout(practice(), "P9", start=MONDAY)
    assert (estimate.is_refused, estimate.problem, estimate.slot) == (True, "unknown_profile", None)
    assert estimate.describe() == "There is no profile P9."
    assert am.migrations.propose_windows(practice(), "P9") == ()


def test_what_moves_is_live_of_this_profile_and_starts_at_the_instant_or_later() -> None:
    whole = practice(
        on("A1", MONDAY, 1),
        on("A2", MONDAY - timedelta(microseconds=1), 1),
        on("A3", MONDAY, 1, status="held"),
        on("A4", MONDAY, 1, status="cancelled"),
        on("A5", MONDAY, 1, profile_id="P2"),
    )
    assert am.migrations.estimate_blackout(whole, "P1", start=MONDAY).bookings == 2
    later = MONDAY + timedelta(days=1)
    assert am.migrations.estimate_blackout(whole, "P1", start=later).bookings == 0
    assert am.migrations.estimate_blackout(whole, "P1", start=later, at=MONDAY).bookings == 2


def test_the_hours_are_those_of_the_rules_or_nine_to_five_in_the_zone_of_the_profile() -> None:
    sydney = am.WeeklyHours("Australia/Sydney")
    rules = am.MigrationRules()
    nine = [(day, (am.DailyHours(time(9), time(17)),)) for day in ("monday", "friday")]
    for hours, zone in ((None, "UTC"), (sydney, "Australia/Sydney")):
        found = rules.business_hours_for(profile("P1", hours=hours))
        assert found.zone == zone
        assert [entry for entry in found.days if entry[0] in ("monday", "friday")] == nine
        assert len(found.days) == 5
    stated = attrs.evolve(rules, business_hours=ALWAYS)
    assert stated.business_hours_for(profile("P1", hours=sydney)) == ALWAYS


def test_a_time_without_offset_or_a_count_of_nothing_raises() -> None:
    naive: Any = datetime(2026, 3, 2)  # noqa: DTZ001
    for wrong in ({"start": naive}, {"start": MONDAY, "at": naive}, {"start": "2026-03-02"}):
        with pytest.raises(am.InvalidValueError):
            am.migrations.estimate_blackout(practice(), "P1", **wrong)
    for asked in ({"earliest": naive}, {"count": 0}, {"count": -1}, {"count": True}, {"count": "5"}):
        with pytest.raises(am.InvalidValueError):
            am.migrations.propose_windows(practice(), "P1", **asked)


def test_a_quiet_morning_is_better_than_an_earlier_one_with_a_booking() -> None:
    busy_days = [on(f"B{day}", MONDAY + timedelta(days=day), 8) for day in range(3)]
    elsewhere = on("B9", MONDAY + timedelta(days=3), 3, profile_id="P2")  # the same human, another profile
    stranger = on("B8", MONDAY + timedelta(days=3), 8, profile_id="P3")
    (best, *_) = am.migrations.propose_windows(practice(*busy_days, elsewhere, stranger), "P1")
    assert best.window.start == utc("2026-03-05T12:00")
    assert best.disturbs == ()
    french = best.describe("fr").splitlines()
    assert french[-1] == "Cela ne touche aucun rendez-vous."


def test_if_every_time_disturbs_somebody_the_fewest_are_disturbed_and_named() -> None:
    start = utc("2026-03-02T00:00")
    month = [on(f"B{day:02}", start + timedelta(days=day), 24, profile_id="P2") for day in range(31)]
    twice = on("A1", start, 24)
    (best, *_) = am.migrations.propose_windows(practice(*month, twice), "P1")
    assert best.window.start == utc("2026-03-03T09:00")
    assert best.disturbs == ("B01",)
    assert best.describe().endswith("Bookings of the practitioner that it disturbs: 1 (B01).")


def test_closed_dates_and_busy_times_are_avoided() -> None:
    hours = am.MigrationRules().business_hours_for(profile("P1"))
    rules = am.MigrationRules(
        business_hours=am.WeeklyHours("UTC", days=hours.days, closed=[date(2026, 3, 3), date(2026, 3, 4)])
    )
    busy = am.TimeSlot(utc("2026-03-02T00:00"), utc("2026-03-05T13:45"))
    found = am.migrations.propose_windows(practice(), "P1", rules=rules, busy=[busy], count=2)
    assert [proposal.window.start for proposal in found] == [
        utc("2026-03-05T14:00"),
        utc("2026-03-05T16:00"),
    ]


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/New_York", "2026-03-08T07:00"),
        ("America/New_York", "2025-11-02T06:00"),
        ("Australia/Lord_Howe", "2026-04-04T15:00"),
        ("Australia/Sydney", "2025-10-04T16:00"),
    ],
)
@pytest.mark.parametrize("whose", ["support", "practitioner"])
def test_a_change_of_clock_is_left_out_and_the_time_beside_it_is_not(
    zone: str, change: str, whose: str
) -> None:
    rules = am.MigrationRules(notice_hours=1, business_hours=ALWAYS)
    if whose == "support":
        rules = attrs.evolve(rules, business_hours=am.WeeklyHours(zone, days=ALWAYS.days))
        whole = practice()
    else:
        whole = practice(hours=am.WeeklyHours(zone))
    moment = utc(change)
    whole = read(whole, moment - timedelta(hours=6))
    found = [
        proposal.window for proposal in am.migrations.propose_windows(whole, "P1", rules=rules, count=100)
    ]
    assert not [window for window in found if window.start < moment < window.end]
    starts = {microseconds(window.start) - microseconds(moment) for window in found}
    assert {hours * 60 * 60_000_000 for hours in (-5, -3, 0)} <= starts


def test_the_end_of_the_calendar_is_no_trouble() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    whole = am.Snapshot(last - timedelta(days=3), profiles=[profile("P1")])
    rules = am.MigrationRules(business_hours=ALWAYS, notice_hours=1)
    for days in range(4):
        start = last - timedelta(days=days)
        assert am.migrations.estimate_blackout(whole, "P1", start=start, rules=rules).start == start
        am.migrations.propose_windows(whole, "P1", rules=rules, earliest=start)
    assert am.migrations.estimate_blackout(whole, "P1", start=last, rules=rules).is_refused


def test_hours_that_never_open_propose_nothing() -> None:
    rules = am.MigrationRules(business_hours=am.WeeklyHours("UTC"))
    assert am.migrations.propose_windows(practice(), "P1", rules=rules) == ()
    assert (
        am.migrations.estimate_blackout(practice(), "P1", start=MONDAY, rules=rules).slot is not None
    )  # nothing to do
    assert am.migrations.estimate_blackout(practice(*far(1)), "P1", start=MONDAY, rules=rules).is_refused


# A window that a request names


def named(whole: am.Snapshot, start: str, hours: float, **changed: Any) -> am.MigrationPlan:
    begins = utc(start)
    given: dict[str, Any] = {
        "profile_id": "P1",
        "new_email": "new@example.com",
        "reason": "security",
        "ticket": "T-1",
        "agreement": am.Agreement(by="Ann Example", at=whole.taken_at, version="1"),
        "window": am.TimeSlot(begins, begins + timedelta(hours=hours)),
    }
    at = changed.pop("at", MONDAY)
    return am.plan_migration(whole, am.MigrationRequest(**(given | changed)), at=at)


@pytest.mark.parametrize(
    ("start", "hours", "count", "found"),
    [
        ("2026-03-02T09:00", 3, 36, {}),
        ("2026-03-02T09:00", 3, 37, {"window_under_estimate": "blocker"}),
        ("2026-03-02T09:00", 1.9, 0, {"window_too_short": "blocker"}),
        ("2026-03-02T09:00", 48, 0, {}),
        ("2026-03-02T09:00", 48.1, 0, {"window_too_long": "blocker"}),
        ("2026-03-02T08:59", 3, 0, {"window_outside_hours": "blocker", "window_before_at": "warning"}),
        ("2026-03-02T17:00", 3, 0, {"window_outside_hours": "blocker"}),
        ("2026-03-02T16:59", 3, 0, {}),
        ("2026-02-27T09:00", 3, 0, {"window_before_at": "blocker"}),
    ],
)
def test_a_named_window_is_checked(start: str, hours: float, count: int, found: dict[str, str]) -> None:
    plan = named(practice(*far(count)), start, hours)
    told = {finding.code: finding.severity for finding in plan.findings if finding.code.startswith("window")}
    assert told == found
    assert plan.is_ready == ("blocker" not in found.values())


def test_a_window_outside_business_hours_or_under_the_estimate_is_accepted_by_name() -> None:
    whole = practice(*far(48))
    blocked = named(whole, "2026-03-07T10:00", 3)
    assert {finding.id for finding in blocked.blockers} == {
        "window_outside_hours:P1",
        "window_under_estimate:P1",
    }
    accept = [
        am.Acceptance(finding=finding.id, by="Ann Example", why="They work on Saturday.")
        for finding in blocked.blockers
    ]
    assert named(whole, "2026-03-07T10:00", 3, accept=accept).is_ready


def test_a_short_notice_only_warns_for_nobody_knows_when_it_was_announced() -> None:
    in_time = named(
        practice(), "2026-03-02T09:00", 3
    )  # the data were read a day before, and a day is the notice
    assert not in_time.findings
    late = read(practice(), MONDAY - timedelta(hours=23))
    codes = {finding.code: finding.severity for finding in named(late, "2026-03-02T09:00", 3).findings}
    assert codes == {"window_notice_short": "warning"}


def read(whole: am.Snapshot, at: datetime) -> am.Snapshot:
    return am.Snapshot(
        at,
        profiles=list(whole.profiles),
        customers=list(whole.customers),
        appointments=list(whole.appointments),
    )


def test_bookings_that_start_before_the_window_are_counted() -> None:
    whole = practice(on("A1", MONDAY, 1), on("A2", MONDAY + timedelta(hours=3), 1))
    plan = named(whole, "2026-03-02T12:00", 3)
    (finding,) = [finding for finding in plan.findings if finding.code == "bookings_before_window"]
    assert (finding.severity, finding.facts["count"]) == ("warning", 1)
    again = named(whole, "2026-03-02T12:00", 3, at=utc("2026-03-02T12:00"))
    assert "bookings_before_window" not in {finding.code for finding in again.findings}
