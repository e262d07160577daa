"""The commands do what they say, in both languages, with the exit codes of the contract."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import attrs
import pytest
from cli_runs import CANARIES, OPTIONS, booking, migrate, overlapping, plain, practice, run, saved

import accountmerge as am

if TYPE_CHECKING:
    from pathlib import Path


def test_check_of_a_clean_file_ends_with_0(tmp_path: Path) -> None:
    ran = run("check", saved(tmp_path, practice()))
    assert (ran.code, ran.out, ran.err) == (0, "No fault was found.\n", "")


def test_check_names_every_finding_and_ends_with_1(tmp_path: Path) -> None:
    ran = run("check", saved(tmp_path, overlapping()))
    assert ran.code == 1
    assert [line.strip() for line in ran.out.splitlines() if "WARNING" in line] == [
        "WARNING customer_double_booking:a-0:a-9",
        "WARNING existing_double_booking:a-0:a-9",
    ]
    assert "Findings: 2." in ran.out
    assert "Remedy: Ask the customer which one to keep." in ran.out


def test_migrate_shows_the_plan_and_changes_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path, practice())
    before = path.read_bytes()
    ran = migrate(path)
    assert ran.code == 0
    assert ": ready." in ran.out
    assert "Bookings rebooked: 3" in ran.out
    assert "8. Enter the successor in the old profile." in ran.out
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_the_whole_path_from_a_file_to_an_applied_change_set(tmp_path: Path) -> None:
    path, plan, after = saved(tmp_path, practice()), tmp_path / "plan.json", tmp_path / "after.json"
    ran = migrate(path, "--out", plan)
    assert (ran.code, ran.err) == (0, f"Written: {plan}\n")
    ran = run("apply", path, plan, "--out", after)
    assert ran.code == 0
    assert ran.out == ""
    assert "8 steps are done" in ran.err
    found, wanted = am.loads(after), am.loads(plan)
    assert isinstance(wanted, am.MigrationPlan)
    assert found == am.apply(practice(), wanted.change_set)
    assert run("check", after).code == 0
    assert "no steps are left" in migrate(after).out


def test_migrate_json_prints_the_plan_and_nothing_else(tmp_path: Path) -> None:
    ran = migrate(saved(tmp_path, practice()), "--json")
    assert (ran.code, ran.err) == (0, "")
    assert isinstance(am.loads(ran.out), am.MigrationPlan)


def test_a_blocked_plan_ends_with_1_and_is_written_all_the_same(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    ran = migrate(path, "--out", plan, profile="p-9")
    assert ran.code == 1
    assert "BLOCKER unknown_profile:p-9" in ran.out
    assert "Remedy: Check the id, or take a snapshot that has the profile." in ran.out
    written = am.loads(plan)
    assert isinstance(written, am.MigrationPlan)
    assert written.change_set.blocked == ("unknown_profile",)
    assert run("show", plan).code == 1
    refused = run("apply", path, plan, "--out", tmp_path / "after.json")
    assert refused.code == 1
    assert refused.err.startswith("ERROR Not applied. No data were changed. 1 reason was found.\n")
    assert not (tmp_path / "after.json").exists()


def test_a_blocked_plan_as_json_says_on_standard_error_what_blocks(tmp_path: Path) -> None:
    ran = migrate(saved(tmp_path, practice()), "--json", profile="p-9")
    assert ran.code == 1
    assert isinstance(am.loads(ran.out), am.MigrationPlan)
    assert "BLOCKER unknown_profile:p-9" in ran.err


def test_apply_refuses_data_that_have_drifted_and_writes_nothing(tmp_path: Path) -> None:
    plan, after = tmp_path / "plan.json", tmp_path / "after.json"
    migrate(saved(tmp_path, practice()), "--out", plan)
    later = saved(tmp_path, practice(booking(9)), "later.json")
    ran = run("apply", later, plan, "--out", after)
    assert ran.code == 1
    assert "Step 6: Profile p-1 still has live bookings" in ran.err
    assert "Remedy: Plan again" in ran.err
    assert not after.exists()


def test_apply_and_show_take_a_change_set_without_its_plan(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    migrate(path, "--out", plan)
    found = am.loads(plan)
    assert isinstance(found, am.MigrationPlan)
    half = saved(tmp_path, found.change_set.prefix(3), "half.json")
    shown = run("show", half)
    assert shown.code == 0
    assert "Steps to apply: the first 3 of 8." in shown.out
    assert run("apply", path, half, "--out", tmp_path / "after.json").code == 0
    assert am.loads(tmp_path / "after.json") == am.apply(practice(), found.change_set.prefix(3))
    assert am.loads(run("show", half, "--json").out) == found.change_set.prefix(3)


def test_show_shows_what_migrate_showed(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    first = migrate(path, "--out", plan)
    assert run("show", plan).out == first.out
    assert run("show", plan, "--json").out == plan.read_text(encoding="utf-8")


def test_numbers_acceptances_and_rules_reach_the_plan(tmp_path: Path) -> None:
    rules = saved(tmp_path, am.MigrationRules(minutes_per_booking=60), "rules.json")
    ran = migrate(
        saved(tmp_path, practice()),
        *("--number", "a-0=APP-70", "--number", "a-1=APP-71", "--agreed-version", "7"),
        *("--accept", "nothing:like:this", "--accepted-by", "B", "--why", "W", "--rules", rules, "--json"),
    )
    plan = am.loads(ran.out)
    assert isinstance(plan, am.MigrationPlan)
    assert plan.request.numbers == (("a-0", "APP-70"), ("a-1", "APP-71"))
    assert plan.request.accept == (am.Acceptance(finding="nothing:like:this", by="B", why="W"),)
    assert plan.request.agreement is not None
    assert plan.request.agreement.version == "7"
    assert plan.rules == am.MigrationRules(minutes_per_booking=60)


def test_a_finding_is_accepted_by_the_id_that_the_plan_shows(tmp_path: Path) -> None:
    new = am.Profile(
        id="p-2",
        practitioner_id="d-1",
        email=am.model.EmailAddress(OPTIONS["--new-email"]),
        login="enabled",
        schedule="pending",
    )
    there = booking(9, profile_id="p-2", slot=booking(0).slot)
    snapshot = practice().changed([new, there])
    path, finding = saved(tmp_path, snapshot), "destination_double_booking:a-0:a-9"
    assert f"BLOCKER {finding}" in migrate(path).out
    ran = migrate(path, "--accept", finding, "--accepted-by", "Canary Boss", "--why", "canary reason")
    assert ran.code == 0
    assert f"WARNING (accepted) {finding}" in ran.out
    assert "canary" not in ran.out.lower()


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_language_is_taken_before_and_after_the_command(tmp_path: Path, place: str) -> None:
    path = saved(tmp_path, practice())
    ran = run("--lang", "fr", "check", path) if place == "before" else run("check", path, "--lang=fr")
    assert ran.out == "Aucun défaut trouvé.\n"


def test_a_plan_in_french(tmp_path: Path) -> None:
    ran = migrate(saved(tmp_path, practice()), "--lang", "fr")
    assert ran.code == 0
    assert "Rendez-vous transférés\u00a0: 3" in ran.out
    assert "AVERTISSEMENT window_unchecked:p-1" in ran.out
    assert "Étapes, dans cet ordre" in ran.out


def test_no_personal_value_shows_in_any_text(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, overlapping()), tmp_path / "plan.json"
    migrate(path, "--out", plan)
    spoilt = plain(overlapping())
    spoilt["customers"][0] |= {"phones": "+61 400 000 009", "Canary key!": 1, "birth_date": "canary"}
    spoilt["customers"][0]["emails"][0]["use"] = "canary"
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(spoilt), encoding="utf-8")
    later = saved(tmp_path, practice(booking(8)), "later.json")
    for language in ("en", "fr"):
        for ran in (
            migrate(path, "--lang", language),
            migrate(path, "--lang", language, profile="p-9"),
            migrate(path, "--lang", language, at="canary"),
            migrate(path, "Canary", "--lang", language),
            run("check", path, "--lang", language),
            run("check", bad, "--lang", language),
            run("show", plan, "--lang", language),
            run("apply", later, plan, "--out", tmp_path / "after.json", "--lang", language),
        ):
            assert ran.out or ran.err
            assert not [text for text in CANARIES if text in (ran.out + ran.err).lower()]


def test_help_has_an_example_for_every_command() -> None:
    assert run("--version").out.startswith("accountmerge ")
    assert all(command in run("--help").out for command in ("check", "migrate", "apply", "show"))
    for command in ("check", "migrate", "apply", "show"):
        ran = run(command, "--help")
        assert ran.code == 0
        assert f"accountmerge {command} p" in ran.out


@pytest.mark.parametrize("command", [[], ["check"], ["access", "approve"], ["rebook-request", "print"]])
def test_help_shows_the_default_language_as_it_is_written(command: list[str]) -> None:
    shown = re.findall(r"\[default:[^]]*\]", run(*command, "--help").out)
    assert "[default: that of the system]" in [" ".join(default.split()) for default in shown]
    assert not [default for default in shown if "(" in default]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_check_names_faults_of_merged_customers_and_of_numbers(tmp_path: Path, language: str) -> None:
    data = practice()
    one = data.customers.sorted()[0]
    round_about = data.changed([attrs.evolve(one, status="disabled", merged_into=one.id)])
    numbered = round_about.changed(
        [attrs.evolve(row, number="APP-7") for row in round_about.appointments.sorted()[:2]]
    )
    ran = run("check", saved(tmp_path, numbered), "--lang", language)
    assert ran.code == 1
    assert f"merged_in_circle:{one.id}" in ran.out
    assert "appointment_number_twice:" in ran.out
    for finding in am.find_faults(numbered):
        assert finding.id in ran.out
        assert finding.describe(language) in ran.out
