"""`timeline` and `status`: what is shown around a migration, and with which code they end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cli_runs import CANARIES, EXACT, NEW_EMAIL, TAKEN_AT, booking, migrate, practice, run, saved
from test_cli_merges import one_person

import accountmerge as am
from accountmerge.messages import LANGUAGES, sentence
from accountmerge.migrations.rules import ROLES
from accountmerge.reports.migration_text import status_text, timeline_text

if TYPE_CHECKING:
    from pathlib import Path

    from cli_runs import Ran


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    assert migrate(saved(tmp_path, practice()), "--out", path).code == 0
    return path


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    path = tmp_path / "blocked.json"
    assert migrate(saved(tmp_path, practice()), "--out", path, ticket=" ").code == 1
    return path


def value(path: Path) -> am.MigrationPlan:
    found = am.loads(path)
    assert isinstance(found, am.MigrationPlan)
    return found


def at(folder: Path, plan: Path, steps: int, *more: am.Appointment) -> Path:
    """Return a file of the practice after so many steps, with more bookings."""
    after = am.apply(practice(), value(plan).change_set.prefix(steps)).changed(more)
    return saved(folder, after, "now.json")


def silent(ran: Ran) -> bool:
    return not [text for text in CANARIES if text in (ran.out + ran.err).casefold()]


def told(ran: Ran) -> Any:
    return json.loads(ran.out)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_timeline_and_all_lists_are_shown(plan: Path, language: str) -> None:
    ran = run("timeline", plan, "--lang", language, *EXACT)
    assert (ran.code, ran.err, silent(ran)) == (0, "", True)
    assert ran.out == f"{timeline_text(value(plan), language)}\n"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_own_list(plan: Path, role: str) -> None:
    ran = run("timeline", plan, "--role", role, *EXACT)
    mine = [duty.describe() for duty in value(plan).tasks if duty.role == role]
    assert (ran.code, silent(ran)) == (0, True)
    lines = ran.out.splitlines()
    assert lines[:2] == ["To-do lists", f"  {sentence(f'role.{role}', {}, 'en')}"]
    assert len(lines) == 2 + max(1, len(mine))
    assert all(any(line.endswith(text) for line in lines) for text in mine)
    assert ("    Nothing to do." in lines) == (role == "customer")


def test_an_unknown_role_is_refused_with_those_that_there_are(plan: Path) -> None:
    ran = run("timeline", plan, "--role", "patient")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"ERROR --role takes one of: {', '.join(ROLES)}.\n"
    assert "--role accepte" in run("timeline", plan, "--role", "x", "--lang", "fr").err


def test_notices_are_shown_only_to_whom_asks_for_them(plan: Path) -> None:
    assert silent(run("timeline", plan))
    ran = run("timeline", plan, "--notices")
    assert ran.code == 0
    assert NEW_EMAIL in ran.out
    for notice in am.migrations.notices(value(plan)):
        assert ran.out.count(notice.subject) == 1
    theirs = run("timeline", plan, "--notices", "--role", "customer_service")
    assert ("manual list" in theirs.out, NEW_EMAIL in theirs.out) == (True, False)
    assert run("timeline", plan, "--notices", "--role", "customer").out.endswith(
        "Notices\n  This plan has no notices.\n"
    )


def test_the_timeline_as_json(plan: Path) -> None:
    ran = run("timeline", plan, "--json")
    found, wanted = told(ran), value(plan)
    assert (ran.code, silent(ran), found["plan_id"], found["is_ready"]) == (0, True, wanted.plan_id, True)
    assert [phase["kind"] for phase in found["phases"]] == [phase.kind for phase in wanted.timeline.phases]
    assert [step for phase in found["phases"] for step in phase["steps"]] == list(range(1, 9))
    assert list(found["tasks"]) == list(ROLES)
    assert found["tasks"]["customer"] == []
    assert sum(map(len, found["tasks"].values())) == len(wanted.tasks)
    assert "notices" not in found
    more = told(run("timeline", plan, "--json", "--notices", "--role", "practitioner", "--lang", "fr"))
    assert list(more["tasks"]) == ["practitioner"]
    assert {notice["role"] for notice in more["notices"]} == {"practitioner"}
    assert "nouveau profil" in more["notices"][0]["body"]


def test_a_blocked_plan_says_what_it_waits_for(blocked: Path) -> None:
    ran = run("timeline", blocked)
    assert (ran.code, silent(ran)) == (1, True)
    assert ran.out.count("when the plan has no blocker") == 7 + 1
    assert "ticket_missing" in ran.out
    found = told(run("timeline", blocked, "--json"))
    assert [phase.get("condition") for phase in found["phases"]] == [None, *["plan_ready"] * 7]
    assert run("timeline", blocked, "--notices", "--utc").out.endswith("This plan has no notices.\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("steps", "code"), [(0, 1), (2, 1), (4, 1), (5, 0), (8, 0)])
def test_the_status_ends_with_nothing_left_to_check(
    tmp_path: Path, plan: Path, steps: int, code: int, language: str
) -> None:
    now = at(tmp_path, plan, steps)
    ran = run("status", plan, now, "--lang", language, *EXACT)
    assert (ran.code, ran.err, silent(ran)) == (code, "", True)
    snapshot = am.loads(now)
    assert isinstance(snapshot, am.Snapshot)
    assert ran.out == f"{status_text(am.migrations.progress(snapshot, value(plan)), language)}\n"


def test_the_status_as_json(tmp_path: Path, plan: Path) -> None:
    start = TAKEN_AT + timedelta(days=9)
    late = booking(9, slot=am.TimeSlot(start, start + timedelta(minutes=50)))
    ran = run("status", plan, at(tmp_path, plan, 3, late), "--json")
    found = told(ran)
    assert (ran.code, silent(ran)) == (1, True)
    assert found["gates"]["activation"] == {
        "expected": 3,
        "rebooked": 1,
        "left": 0,
        "waiting": 2,
        "unexplained": 1,
        "conflicts": 0,
        "share": 0.25,
        "is_open": False,
    }
    assert (found["phase"], found["unknown"], found["may_activate"]) == ("rebooking", ["a-9"], False)
    assert found["bookings"][0] == {"id": "a-0", "state": "rebooked"}
    done = told(run("status", plan, at(tmp_path, plan, 8), "--json"))
    assert (done["phase"], done["is_done"]) == ("settling", True)


def test_a_booking_that_was_cancelled_is_left_and_one_that_is_gone_unexplained(
    tmp_path: Path, plan: Path
) -> None:
    gone = practice(bookings=2).changed([booking(0, status="missed")])
    found = told(run("status", plan, saved(tmp_path, gone, "now.json"), "--json"))
    reasons = {row["id"]: row.get("reason") for row in found["bookings"]}
    assert reasons == {"a-0": "missed", "a-1": None, "a-2": "gone"}


def test_a_blocked_plan_is_never_open(tmp_path: Path, blocked: Path) -> None:
    ran = run("status", blocked, saved(tmp_path, practice(bookings=0)), "--json")
    assert (ran.code, told(ran)["may_activate"], told(ran)["blocked"]) == (1, False, ["ticket_missing"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_plan_of_a_migration_is_taken(tmp_path: Path, plan: Path, language: str) -> None:
    file = saved(tmp_path, practice())
    asked = am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1")
    merge = saved(tmp_path, am.plan_merge(one_person(), asked, at=TAKEN_AT), "merge.json")
    bare = saved(tmp_path, value(plan).change_set, "bare.json")
    for path, key in ((merge, "cli.needs_migration"), (bare, "cli.needs_plan")):
        for arguments in (("timeline", path), ("status", path, file)):
            ran = run(*arguments, "--lang", language)
            assert (ran.code, ran.out) == (2, "")
            assert sentence(key, {}, language) in ran.err
    assert run("status", "-", "-", stdin="{}").code == 2
    assert run("timeline", file).code == 2
