"""`windows` proposes when to move a practitioner, and `migrate` takes a window by its two ends."""

from __future__ import annotations

import json
from datetime import time
from typing import TYPE_CHECKING

import pytest
from cli_runs import CANARIES, migrate, practice, run, saved

import accountmerge as am
from accountmerge.messages import moment_text

if TYPE_CHECKING:
    from pathlib import Path

NEVER = am.MigrationRules(business_hours=am.WeeklyHours("Australia/Sydney"))
SUPPORT = am.MigrationRules(
    minutes_per_booking=60,
    business_hours=am.WeeklyHours("Australia/Sydney", days=[("tuesday", [am.DailyHours(time(9), time(12))])]),
    notice_hours=1,
)
WINDOW = ("--window-start", "2026-03-03T09:00:00+11:00", "--window-end", "2026-03-03T12:00:00+11:00")


def test_windows_are_shown_with_what_they_disturb_and_their_arithmetic(tmp_path: Path) -> None:
    path, rules = saved(tmp_path, practice()), saved(tmp_path, SUPPORT, "rules.json")
    ran = run("windows", path, "--profile", "p-1", "--rules", rules, "--count", "2", "--utc")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "1. Tuesday 3 March 2026 at 09:30 to Tuesday 3 March 2026 at 11:30, Australia/Sydney\n"
        "  Future bookings: 2, at 60 min each: 120 min of work in business hours.\n"
        "  Availability is off from Monday 2 March 2026 at 22:30 to Tuesday 3 March 2026 at 00:30 (UTC): 2 h 0 min.\n"
        "  It disturbs no booking.\n"
        "2. Tuesday 10 March 2026 at 09:00 to Tuesday 10 March 2026 at 11:00, Australia/Sydney\n"
        "  Future bookings: 0, at 60 min each: 0 min of work in business hours.\n"
        "  Availability is off from Monday 9 March 2026 at 22:00 to Tuesday 10 March 2026 at 00:00 (UTC): 2 h 0 min.\n"
        "  That is longer than the work, because no blackout is shorter than 2 h.\n"
        "  It disturbs no booking.\n"
    )
    french = run(
        "windows", path, "--profile", "p-1", "--rules", rules, "--count", "1", "--lang", "fr", "--utc"
    )
    assert french.out.startswith(
        "1. Du mardi 3 mars 2026 à 9\u00a0h\u00a030 au mardi 3 mars 2026 à 11\u00a0h\u00a030, Australia/Sydney\n"
    )


def test_windows_as_json_can_be_named_to_migrate(tmp_path: Path) -> None:
    path, rules = saved(tmp_path, practice()), saved(tmp_path, SUPPORT, "rules.json")
    ran = run("windows", path, "--profile", "p-1", "--rules", rules, "--json")
    (found, *_) = json.loads(ran.out)
    assert found == {
        "start": found["start"],
        "end": found["end"],
        "bookings": found["bookings"],
        "minutes_per_booking": 60,
        "minutes": 60 * found["bookings"],
        "disturbs": [],
    }
    ends = ("--window-start", found["start"], "--window-end", found["end"])
    planned = migrate(path, *ends, "--rules", rules, "--utc", at=found["start"])
    assert planned.code == 0
    assert "window_" not in planned.out
    start = moment_text(found["start"]).removesuffix(" (UTC)")
    assert f"from {start} to {moment_text(found['end'])}" in planned.out


def test_earliest_moves_the_notice(tmp_path: Path) -> None:
    path, rules = saved(tmp_path, practice()), saved(tmp_path, SUPPORT, "rules.json")
    words = ("--profile", "p-1", "--rules", rules, "--json", "--count", "1")
    ran = run("windows", path, *words, "--earliest", "2026-03-10T08:30:00+11:00")
    assert json.loads(ran.out)[0]["start"] == "2026-03-09T22:30:00Z"


@pytest.mark.parametrize(
    ("profile", "rules", "text"),
    [
        ("p-9", SUPPORT, "There is no profile p-9.\n"),
        (
            "p-1",
            NEVER,
            "No window in the four weeks after the notice has 15 min of business hours.\n",
        ),
    ],
)
def test_no_window_ends_with_1_and_says_why(
    tmp_path: Path, profile: str, rules: am.MigrationRules, text: str
) -> None:
    path, stated = saved(tmp_path, practice()), saved(tmp_path, rules, "rules.json")
    ran = run("windows", path, "--profile", profile, "--rules", stated)
    assert (ran.code, ran.out, ran.err) == (1, text, "")
    as_json = run("windows", path, "--profile", profile, "--rules", stated, "--json")
    assert (as_json.code, as_json.out) == (1, "[]\n")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--count", "0"), "--count: should be a whole number from 1 to 1000."),
        (("--count", "-1"), "--count: should be a whole number from 1 to 1000."),
        (("--count", "9" * 5_000), "--count: should be a whole number from 1 to 1000."),
        (("--count", "²"), "--count: should be a whole number from 1 to 1000."),
        (("--earliest", "2026-03-10T08:30:00"), "--earliest: The time has no offset"),
    ],
)
def test_what_windows_cannot_read_is_named(tmp_path: Path, words: tuple[str, ...], text: str) -> None:
    ran = run("windows", saved(tmp_path, practice()), "--profile", "p-1", *words)
    assert (ran.code, ran.out) == (2, "")
    assert text in ran.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (WINDOW[:2], "Give both --window-start and --window-end, or none of them."),
        (WINDOW[2:], "Give both --window-start and --window-end, or none of them."),
        (("--window-start", WINDOW[3], "--window-end", WINDOW[1]), "--window-end: "),
        (("--window-start", "canary", "--window-end", "canary"), "--window-end: This is not"),
    ],
)
def test_migrate_refuses_half_a_window_and_one_that_ends_before_it_starts(
    tmp_path: Path, words: tuple[str, ...], text: str
) -> None:
    ran = migrate(saved(tmp_path, practice()), *words)
    assert (ran.code, ran.out) == (2, "")
    assert text in ran.err
    assert not [canary for canary in CANARIES if canary in ran.err]


def test_migrate_checks_the_window_that_is_named(tmp_path: Path) -> None:
    path, rules = saved(tmp_path, practice()), saved(tmp_path, SUPPORT, "rules.json")
    ran = migrate(path, *WINDOW, "--rules", rules)
    assert ran.code == 0
    assert "window_unchecked" not in ran.out
    outside = migrate(path, *WINDOW)  # without rules: nine to five in UTC, for the profile states no hours
    assert outside.code == 1
    assert "BLOCKER window_outside_hours:p-1" in outside.out
