"""Notices: who is told what and when, in both languages, in the words of the practice; nothing is invented."""

from __future__ import annotations

import re
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.messages import LANGUAGES, moment_text
from accountmerge.migrations.notice_texts import NOTICE_FACTS, NOTICE_TEXTS
from accountmerge.testing.strategies import MigrationCase, migration_cases
from small_values import NOON, access, appointment, migration, profile, request, slot, snapshot

WINDOW = slot(3 * 24 * 60, 185)
PLAN = migration(window=WINDOW)


def by_kind(
    plan: am.MigrationPlan, wording: am.migrations.Wording, language: str = "en"
) -> dict[str, am.migrations.Notice]:
    return {notice.kind: notice for notice in am.migrations.notices(plan, wording, language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_migration_has_each_notice_once_to_its_role_at_its_time(language: str) -> None:
    assert [
        (notice.kind, notice.role, notice.when) for notice in am.migrations.notices(PLAN, language=language)
    ] == [
        ("blackout_ahead", "practitioner", WINDOW.start - timedelta(hours=24)),
        ("manual_list", "customer_service", WINDOW.start),
        ("new_login_open", "practitioner", WINDOW.end),
        ("old_login_ends", "practitioner", WINDOW.end + timedelta(days=30, hours=-24)),
    ]


def test_the_end_of_the_old_login_is_not_told_before_the_new_one_is_in_use() -> None:
    rules = am.MigrationRules(notice_hours=100, old_login_days=1)
    plan = am.plan_migration(snapshot(), request(window=WINDOW), rules=rules, at=NOON)
    assert [notice.when for notice in am.migrations.notices(plan)][2:] == [WINDOW.end, WINDOW.end]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_announcement_has_the_date_and_the_estimated_length(language: str) -> None:
    wording = am.migrations.Wording(time_zone="Australia/Sydney")
    notice = by_kind(PLAN, wording, language)["blackout_ahead"]
    start, end = (
        moment_text(instant, language, zone="Australia/Sydney")
        for instant in ("2026-03-05T12:00:00Z", "2026-03-05T15:05:00Z")
    )
    assert start in notice.subject
    assert start.endswith("(Sydney)")
    for text in (start, end, "3 h 5 min", "new@example.com"):
        assert text in notice.body


def test_whole_hours_are_shown_without_minutes_and_a_minute_begun_counts() -> None:
    for minutes, length in ((120, "2 h;"), (48 * 60, "48 h;"), (120.5, "2 h 1 min;")):
        found = migration(window=slot(3 * 24 * 60, minutes))
        own = am.migrations.Wording(texts={"blackout_ahead_body": "{length};"})
        assert by_kind(found, own)["blackout_ahead"].body == length


@pytest.mark.parametrize("language", LANGUAGES)
def test_contacts_and_the_label_are_those_of_the_practice(language: str) -> None:
    contacts = {"support_team": "desk@example.org", "customer_service": "555-0100"}
    wording = am.migrations.Wording(customer_label="guest", contacts=contacts)
    own = by_kind(PLAN, wording, language)
    assert "guest" in own["new_login_open"].body
    assert "555-0100" in own["new_login_open"].body
    for kind in ("blackout_ahead", "manual_list", "old_login_ends"):
        assert "desk@example.org" in own[kind].body


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_contacts_nothing_that_looks_like_one_is_there(language: str) -> None:
    for notice in am.migrations.notices(PLAN, language=language):
        text = f"{notice.subject}\n{notice.body}".replace("new@example.com", "")
        assert not re.search(
            r"@|https?:|www\.|\+?\d[\d ()-]{8,}\d(?!:)", re.sub(r"\d{4}-\d\d-\d\d \S+", "", text)
        )
        assert "{" not in text


def test_a_text_of_the_practice_takes_the_place_of_ours() -> None:
    wording = am.migrations.Wording(
        texts={"manual_list_subject": "List {start}", "manual_list_body": "{{x}} {profile_id}"}
    )
    own = by_kind(PLAN, wording)["manual_list"]
    assert (own.subject, own.body) == ("List Thursday 5 March 2026 at 12:00 (UTC)", "{x} P1")
    assert (
        by_kind(PLAN, wording)["blackout_ahead"] == by_kind(PLAN, am.migrations.Wording())["blackout_ahead"]
    )


def test_times_are_those_of_the_business_hours_unless_the_wording_says_otherwise() -> None:
    hours = am.WeeklyHours("America/Toronto", days=[("thursday", [am.DailyHours(time(7), time(17))])])
    rules = am.MigrationRules(business_hours=hours)
    plan = am.plan_migration(snapshot(), request(window=WINDOW), rules=rules, at=NOON)
    own = am.migrations.Wording(texts={"manual_list_subject": "{start}"})
    assert by_kind(plan, own)["manual_list"].subject == "Thursday 5 March 2026 at 07:00 (Toronto)"


def test_without_rules_times_are_those_of_the_profile() -> None:
    hours = am.WeeklyHours("America/Toronto", days=[("thursday", [am.DailyHours(time(7), time(17))])])
    data = snapshot(profiles=[profile(hours=hours)], appointments=[appointment("A1", slot(7 * 24 * 60))])
    at = NOON + timedelta(hours=2)  # nine in the morning there
    plan = am.plan_migration(data, request(window=am.TimeSlot(at, at + timedelta(hours=3))), at=NOON)
    own = am.migrations.Wording(texts={"manual_list_subject": "{start}"})
    assert by_kind(plan, own)["manual_list"].subject == "Monday 2 March 2026 at 09:00 (Toronto)"


def test_a_plan_for_the_rest_tells_the_rest_and_a_blocked_one_nothing() -> None:
    first = snapshot(appointments=[appointment("A1", slot(7 * 24 * 60))], access=[access()])
    whole = am.plan_migration(first, request(window=WINDOW), at=NOON)
    told = {
        n: [
            notice.kind
            for notice in am.migrations.notices(am.plan_migration(part, request(window=WINDOW), at=NOON))
        ]
        for n in (2, 7)
        for part in [am.apply(first, whole.change_set.prefix(min(n, len(whole.change_set.steps))))]
    }
    assert told == {2: ["new_login_open", "old_login_ends"], 7: []}
    assert am.migrations.notices(migration(agreement=None)) == ()


@given(migration_cases(), st.sampled_from(LANGUAGES))
def test_notices_are_told_once_in_time_and_silent_in_their_repr(case: MigrationCase, language: str) -> None:
    plan = case.plan()
    own = am.migrations.Wording(
        texts={
            name: name + "".join(f" {{{f}}}" for f in sorted(facts)) for name, facts in NOTICE_TEXTS.items()
        }
    )
    for wording in (am.migrations.Wording(), own):
        found = am.migrations.notices(plan, wording, language)
        assert len({notice.kind for notice in found}) == len(found)
        assert {notice.kind for notice in found} <= NOTICE_FACTS.keys()
        assert [notice.when for notice in found] == sorted(notice.when for notice in found)
        assert not found or plan.is_ready
        for notice in found:
            assert repr(notice) == f"Notice({notice.role!r}, {notice.kind!r})"
            assert "\n" not in notice.subject
