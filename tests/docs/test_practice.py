"""The example is what its script makes, has what it promises, and its migration can be carried out."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

import pytest

import accountmerge as am
from accountmerge.model.appointments import AppointmentStatus, Modality

if TYPE_CHECKING:
    from pathlib import Path

SYDNEY = ZoneInfo("Australia/Sydney")


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_script_makes_the_file_again_byte_for_byte(root: Path, tmp_path: Path, seed: str) -> None:
    made = tmp_path / "practice.json"
    script = root / "docs/examples/make_practice.py"
    subprocess.run(
        [sys.executable, script, made], check=True, env={"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"}
    )
    assert made.read_bytes() == (root / "docs/examples/practice.json").read_bytes()


def test_the_practice_is_of_the_promised_size(practice: am.Snapshot) -> None:
    profiles = Counter(profile.practitioner_id for profile in practice.profiles)
    assert len(profiles) >= 3
    assert 2 in profiles.values()
    assert (len(practice.customers), len(practice.appointments)) == (62, 405)
    starts = [row.slot.start for row in practice.appointments]
    assert timedelta(days=355) < max(starts) - min(starts) < timedelta(days=370)


def test_bookings_lie_on_both_sides_of_both_changes_of_clock(practice: am.Snapshot) -> None:
    starts = sorted(row.slot.start.astimezone(SYDNEY) for row in practice.appointments)
    changes = [pair for pair in pairwise(starts) if pair[0].utcoffset() != pair[1].utcoffset()]
    assert [(before.date().isoformat(), after.date().isoformat()) for before, after in changes] == [
        ("2025-10-04", "2025-10-05"),
        ("2026-04-05", "2026-04-05"),
    ]
    repeated = [
        row
        for row in practice.appointments
        if f"{row.slot.start.astimezone(SYDNEY):%F %R}" == "2026-04-05 02:30"
    ]
    assert len(repeated) == 2
    assert not repeated[0].slot.overlaps(repeated[1].slot)


def test_every_status_modality_and_kind_of_number_occurs(practice: am.Snapshot) -> None:
    rows = list(practice.appointments)
    assert {row.status for row in rows} == set(get_args(AppointmentStatus))
    assert {row.modality for row in rows} == set(get_args(Modality))
    numbers = [row.number for row in rows if row.number]
    assert {number.partition("-")[0] for number in numbers} == {"APP", "ASST"}
    assert len(set(numbers)) == len(numbers)
    assert any(row.replaces for row in rows)


def test_there_are_records_access_and_an_access_request(practice: am.Snapshot) -> None:
    kinds = Counter(record.kind for record in practice.records)
    assert {"programme", "note", "file"} <= kinds.keys()
    assert {row.level for row in practice.access} == {"treating", "viewing"}
    assert "pending" in {row.status for row in practice.access_requests}


def test_every_booking_to_come_lies_in_the_hours_of_its_profile(practice: am.Snapshot) -> None:
    for row in practice.appointments:
        if row.is_live and row.slot.start >= practice.taken_at:
            profile = practice.profiles[row.profile_id]
            assert profile.hours is not None
            assert profile.hours.open_slots(row.slot) == (row.slot,), row
            assert not any(away.overlaps(row.slot) for away in profile.unavailable), row


def test_mail_and_calls_to_the_people_of_the_practice_reach_nobody(practice: am.Snapshot) -> None:
    addresses = [profile.email.text for profile in practice.profiles]
    addresses += [email.address.text for customer in practice.customers for email in customer.emails]
    malformed = [text for text in addresses if not re.search(r"@example\.(com|org|net)$", text)]
    assert malformed == ["mele.tf@example,com"]
    phones = [phone for customer in practice.customers for phone in customer.phones]
    assert phones
    assert all(phone.startswith("+61 2 5550 ") for phone in phones)


def test_the_names_are_written_in_many_scripts(practice: am.Snapshot) -> None:
    letters = {
        letter for customer in practice.customers for letter in f"{customer.given_name}{customer.family_name}"
    }
    scripts = {unicodedata.name(letter).partition(" ")[0] for letter in letters if letter.isalpha()}
    assert {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HANGUL", "DEVANAGARI"} <= scripts


def test_the_practice_has_a_few_honest_problems(practice: am.Snapshot) -> None:
    faults = Counter(fault.code for fault in am.find_faults(practice))
    assert faults == {"existing_double_booking": 1, "email_malformed": 1}
    (double,) = am.find_double_bookings(practice)
    assert double.first.slot.end < practice.taken_at
    now = practice.taken_at
    open_still = {row.id for row in practice.appointments if row.is_live and row.slot.end <= now}
    assert open_still > {double.first.id, double.second.id}


def test_its_migration_is_ready_and_has_something_to_say(plan: am.MigrationPlan) -> None:
    assert plan.is_ready
    assert not plan.blockers
    codes = {finding.code for finding in plan.warnings}
    assert codes == {"booking_in_blackout", "past_booking_open", "window_notice_short", "window_unchecked"}
    steps = Counter(step.kind for step in plan.change_set.steps)
    assert 15 <= steps["rebook"] <= 40
    assert plan.change_set.at == datetime.fromisoformat("2026-03-02T09:00:00+11:00")


def test_its_migration_brings_no_new_problem(practice: am.Snapshot, plan: am.MigrationPlan) -> None:
    migrated = am.apply(practice, plan.change_set)
    assert migrated != practice
    assert am.find_faults(migrated) == am.find_faults(practice)
    again = am.plan_migration(migrated, plan.request, at=plan.change_set.at)
    assert again.is_ready
    assert not again.change_set.steps


def test_its_merge_is_ready_and_has_something_to_say(practice: am.Snapshot, merge: am.MergePlan) -> None:
    assert merge.is_ready
    assert [finding.id for finding in merge.warnings] == [
        "access_widens:customer-61:profile-3",
        "duplicate_record:programme-401:programme-402",
        "opposite_consents:customer-61:customer-62",
    ]
    kinds = {step.kind for step in merge.change_set.steps}
    assert kinds == MERGE_KINDS - {"repoint_absorbed"}  # nobody was merged into either of them before
    assert {entry.rule for entry in merge.ledger} >= {"fill_blanks", "between_merged", "duplicate_relation"}


def test_its_merge_brings_no_new_problem(practice: am.Snapshot, merge: am.MergePlan) -> None:
    confirmed = merge.confirm(by="Ana Duarte", at=merge.change_set.at)
    merged = am.apply(practice, confirmed)
    assert am.find_faults(merged) == am.find_faults(practice)
    again = am.plan_merge(merged, merge.request, at=merge.change_set.at)
    assert (again.is_ready, again.change_set.steps) == (True, ())


MERGE_KINDS = {
    *("transfer_emails", "merge_fields", "drop_record", "move_record", "move_booking", "grant_access"),
    *("withdraw_request", "repoint_absorbed", "retire_customers"),
}
