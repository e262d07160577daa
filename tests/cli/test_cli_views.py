"""`who-sees`: what everybody sees at an instant, by ids and times, and what is wrong with the question."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest
from cli_runs import CANARIES, EXACT, TAKEN_AT, booking, migrate, practice, run, saved

import accountmerge as am
from accountmerge.model.weekly_hours import WEEKDAYS
from accountmerge.reports.migration_text import visibility_text

if TYPE_CHECKING:
    from pathlib import Path

HOURS = am.WeeklyHours(
    "Australia/Sydney",
    days={
        day: [
            am.DailyHours(
                TAKEN_AT.time().replace(hour=9, minute=0), TAKEN_AT.time().replace(hour=12, minute=0)
            )
        ]
        for day in WEEKDAYS
    },
)
BEGINS = "2026-03-02T09:00:00+11:00"
"""A Monday in the hours of the practitioner, when the blackout may start."""
IN_BLACKOUT = ("--at", "2026-03-02T09:30:00+11:00", "--within-hours", "26")


def working() -> am.Snapshot:
    found = practice(booking(9, status="completed"))
    return found.changed([attrs.evolve(found.profiles["p-1"], hours=HOURS)])


def planned(folder: Path) -> tuple[Path, Path]:
    """Write the practice and the plan of its migration, and return where."""
    data, plan = saved(folder, working()), folder / "plan.json"
    assert migrate(data, "--out", plan, at=BEGINS).code == 0
    return plan, data


def test_who_sees_tells_both_profiles_and_the_manual_list(tmp_path: Path) -> None:
    plan, data = planned(tmp_path)
    ran = run("who-sees", plan, data, *IN_BLACKOUT, "--utc")
    assert (ran.code, ran.err) == (0, "")
    old, new = ran.out.split("\n\n")[1:3]
    assert old.splitlines() == [
        "Profile p-1, the old one (schedule: active)",
        "  Its login works.",
        "  Slots in the booking portal: 0",
        "  Future bookings: 3",
        *(
            f"    a-{n} of customer c-1 (APP-{n}, 2026-03-0{n + 3} 08:30+11:00 Australia/Sydney)"
            for n in range(3)
        ),
        "  Customers who are visible: 1",
        "    c-1: past and cancelled appointments 1, notes and other records 0",
        "  Customers that customer service books: 0",
    ]
    assert new.splitlines()[1:] == [
        "  Its login works.",
        "  Slots in the booking portal: 0",
        "  Future bookings: 0",
        "  Customers who are visible: 0",
        "  Customers that customer service books: 1",
        "    not visible yet: c-1",
    ]
    assert ran.out.splitlines()[:2] == [
        "Visible data on Sunday 1 March 2026 at 22:30 (UTC), in the blackout",
        "Access to either profile may be disrupted.",
    ]
    assert ran.out.split("\n\n")[3].splitlines() == [
        "Slots on the manual list of customer service: 4",
        "  Monday 2 March 2026: 09:30+11:00, 10:30+11:00",
        "  Tuesday 3 March 2026: 09:20+11:00, 10:20+11:00",
    ]


def test_a_slot_may_have_another_length_and_another_instant_other_slots(tmp_path: Path) -> None:
    plan, data = planned(tmp_path)
    ran = run(
        "who-sees", plan, data, "--at", "2026-03-02T11:10:00+11:00", "--within-hours", "24", "--minutes", "45"
    )
    assert "Profile p-1, the old one (schedule: inactive)" in ran.out
    assert (
        "  Slots in the booking portal: 3\n    Monday 2 March 2026: 11:10+11:00\n"
        "    Tuesday 3 March 2026: 09:20+11:00, 10:05+11:00\n" in ran.out
    )
    assert "manual" not in ran.out
    later = run("who-sees", plan, data, "--at", "2026-04-02T11:10:00+11:00", "--lang", "fr")
    assert "  Sa connexion ne fonctionne pas.\n" in later.out


def test_before_the_plan_there_is_one_profile(tmp_path: Path) -> None:
    plan, data = planned(tmp_path)
    ran = run("who-sees", plan, data, "--at", "2026-03-02T08:59:00+11:00", "--utc")
    assert ran.out.endswith("\n\nThe new profile is not open.\n")


def test_json_has_ids_and_times(tmp_path: Path) -> None:
    plan, data = planned(tmp_path)
    ran = run("who-sees", plan, data, *IN_BLACKOUT, "--json")
    found = json.loads(ran.out)
    assert list(found) == ["plan_id", "at", "in_blackout", "logins", "old", "new", "manual"]
    assert found["logins"] == {
        "old": True,
        "new": True,
        "may_be_disrupted": True,
        "old_ends": "2026-04-01T00:00:00Z",
    }
    assert found["manual"][0] == {"start": "2026-03-01T22:30:00Z", "end": "2026-03-01T23:30:00Z"}
    assert (found["old"]["customers"], found["old"]["quick_view"]) == (["c-1"], ["a-0", "a-1", "a-2"])
    assert found["old"]["histories"] == [{"customer_id": "c-1", "appointments": ["a-9"], "records": []}]
    (route,) = found["new"]["routes"]
    assert (route["route"], route["reason"]) == ("customer_service", "not_visible_yet")
    assert route["via_profile_id"] == found["new"]["profile_id"]


def test_a_plan_that_is_blocked_ends_with_1_and_says_why(tmp_path: Path) -> None:
    data, plan = saved(tmp_path, working()), tmp_path / "plan.json"
    assert migrate(data, "--out", plan, ticket=" ").code == 1
    ran = run("who-sees", plan, data, *IN_BLACKOUT)
    assert ran.code == 1
    assert "in the blackout" not in ran.out
    assert "ticket_missing" in ran.err
    nobody = run("who-sees", plan, "-", *IN_BLACKOUT, stdin=am.dumps(am.Snapshot(TAKEN_AT)))
    assert "The old profile is not in the data." in nobody.out
    assert (
        json.loads(
            run("who-sees", plan, "-", *IN_BLACKOUT, "--json", stdin=am.dumps(am.Snapshot(TAKEN_AT))).out
        )["old"]
        is None
    )


def test_data_that_have_drifted_are_refused_with_the_reasons(tmp_path: Path) -> None:
    plan, _ = planned(tmp_path)
    other = saved(tmp_path, working().changed([booking(0, modality="phone")]), "now.json")
    ran = run("who-sees", plan, other, "--at", "2026-03-03T09:30:00+11:00")
    assert (ran.code, ran.out) == (1, "")
    assert "Appointment a-0 is not as it was planned with" in ran.err


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--minutes", "0", "--minutes: should be a whole number from 1 to 1440."),
        ("--minutes", "1441", "--minutes: should be"),
        ("--minutes", "60.5", "--minutes: should be"),
        ("--minutes", "٣", "--minutes: should be"),
        ("--within-hours", "-1", "--within-hours: should be a whole number from 1 to 8784."),
        ("--within-hours", "9" * 5000, "--within-hours: should be"),
        ("--at", "2026-03-02T09:30:00", "--at"),
        ("--at", "9999-12-31T23:00:00Z", "year"),
    ],
)
def test_what_is_wrong_with_the_question_is_told(tmp_path: Path, option: str, value: str, told: str) -> None:
    plan, data = planned(tmp_path)
    options = {"--at": "2026-03-02T09:30:00+11:00", option: value}
    ran = run("who-sees", plan, data, *(word for pair in options.items() for word in pair))
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_only_the_plan_of_a_migration_will_do(tmp_path: Path) -> None:
    plan, data = planned(tmp_path)
    migration = am.loads(plan)
    assert isinstance(migration, am.MigrationPlan)
    edit = am.customers.CustomerEdit(customer_id="c-1", changes={"given_name": "x"})
    other = am.customers.plan_customer_edit(working(), edit, at=TAKEN_AT)
    for value, told in (
        (migration.change_set, "a change set without its plan"),
        (other, "not the plan of a migration"),
    ):
        ran = run("who-sees", saved(tmp_path, value, "other.json"), data, *IN_BLACKOUT)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_name_is_shown(tmp_path: Path, language: str) -> None:
    plan, data = planned(tmp_path)
    for more in ((), ("--json",)):
        for at in ("2026-03-02T09:30:00+11:00", "2026-03-02T11:30:00+11:00"):
            ran = run("who-sees", plan, data, "--at", at, *more, "--lang", language)
            assert ran.code == 0
            assert not [text for text in CANARIES if text in (ran.out + ran.err).lower()]


def test_the_text_of_the_library_is_that_of_the_command(tmp_path: Path) -> None:
    plan, data = planned(tmp_path)
    migration = am.loads(plan)
    assert isinstance(migration, am.MigrationPlan)
    at = TAKEN_AT.replace(hour=22)
    seen = am.views.visibility_at(working(), migration, at=at)
    assert visibility_text(seen) + "\n" == run("who-sees", plan, data, "--at", at.isoformat(), *EXACT).out
