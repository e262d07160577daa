"""`merge` and `confirm`: from a file to customers that are one, and what stands in the way of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from cli_runs import CANARIES, TAKEN_AT, Ran, booking, migrate, practice, run, saved

import accountmerge as am

if TYPE_CHECKING:
    from pathlib import Path

MERGE = {"--survivor": "c-1", "--absorb": "c-2", "--actor": "p-1", "--at": "2026-03-02T09:00:00+11:00"}
CONFIRM = ("--by", "Canary Confirmer", "--at", "2026-03-02T09:05:00+11:00")


def one_person(*, login: bool = False, treats: bool = True) -> am.Snapshot:
    """Return the practice with a second customer, who is the same person as the first."""
    use: Any = "primary" if login else "secondary"
    twin = am.Customer(
        id="c-2",
        record_number="R-2",
        given_name="Canary",
        family_name="Canaryfamily",
        emails=[am.CustomerEmail(am.model.EmailAddress("canary.twin@example.org"), use)],
        phones=("+61 400 000 002",),
        status="active",
    )
    seen = am.Access(id="x-2", profile_id="p-1", customer_id="c-2", level="treating")
    note = am.Record(id="n-1", kind="note", customer_id="c-2", data=am.model.FrozenJson.of("canary note"))
    theirs = booking(5, customer_id="c-2")
    return practice().changed([twin, theirs, note, *([seen] if treats else [])])


def merge(file: str | Path, *arguments: str | Path, stdin: str | None = None, **changed: str) -> Ran:
    options = MERGE | {f"--{name}": value for name, value in changed.items()}
    words = [word for pair in options.items() for word in pair]
    return run("merge", file, *words, *arguments, stdin=stdin)


def test_merge_shows_the_plan_and_changes_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path, one_person())
    before = path.read_bytes()
    ran = merge(path, "--utc")
    assert (ran.code, ran.err) == (0, "")
    assert ": ready." in ran.out
    assert (
        "Request: c-2 merged into c-1. Asked by profile: p-1. Planned for: Sunday 1 March 2026 at 22:00 (UTC)."
        in ran.out
    )
    assert "Appointments that go to the survivor: 1" in ran.out
    assert "a named person has to confirm it first" in ran.out
    assert "Tell customer c-1 which address signs in from now on." in ran.out
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_the_whole_path_from_two_customers_to_one(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, one_person()), tmp_path / "plan.json"
    sure, after = tmp_path / "confirmed.json", tmp_path / "after.json"
    assert merge(path, "--out", plan).code == 0
    refused = run("apply", path, plan, "--out", after)
    assert (refused.code, refused.out) == (1, "")
    assert "no person has confirmed it" in refused.err
    assert "Remedy: Have a named person confirm it with plan.confirm or accountmerge confirm." in refused.err
    assert not after.exists()
    ran = run("confirm", plan, *CONFIRM, "--out", sure, "--full-ids")
    planned, confirmed = am.loads(plan), am.loads(sure)
    assert isinstance(planned, am.MergePlan)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"Written: {sure}\nPlan {planned.plan_id} is confirmed.\n"
    assert isinstance(confirmed, am.MergePlan)
    assert attrs.evolve(confirmed, change_set=planned.change_set) == planned
    assert (
        "Confirmed by a named person on Sunday 1 March 2026 at 22:05 (UTC)." in run("show", sure, "--utc").out
    )
    assert run("apply", path, sure, "--out", after).code == 0
    assert am.loads(after) == am.apply(one_person(), confirmed.change_set)
    assert run("check", after).code == 0
    again = merge(after)
    assert (again.code, "no steps are left" in again.out) == (0, True)


def test_a_change_set_is_confirmed_as_a_change_set_and_a_prefix_stays_one(tmp_path: Path) -> None:
    plan = am.loads(merge(saved(tmp_path, one_person()), "--json").out)
    assert isinstance(plan, am.MergePlan)
    half = saved(tmp_path, plan.change_set.prefix(2), "half.json")
    found = am.loads(run("confirm", half, *CONFIRM, "--out", "-").out)
    assert isinstance(found, am.ChangeSet)
    assert (found.through, found.plan_id) == (2, plan.plan_id)
    assert found.confirmation is not None
    assert am.apply(one_person(), found) != one_person()


def test_confirm_reads_and_writes_the_standard_streams(tmp_path: Path) -> None:
    planned = merge("-", "--out", "-", stdin=am.dumps(one_person()))
    ran = run("confirm", "-", *CONFIRM, "--out", "-", stdin=planned.out)
    assert ran.code == 0
    plan = am.loads(ran.out)
    assert isinstance(plan, am.MergePlan)
    applied = run("apply", saved(tmp_path, one_person()), "-", "--out", "-", stdin=ran.out)
    assert am.loads(applied.out) == am.apply(one_person(), plan.change_set)


def test_a_blocked_merge_ends_with_1_and_can_be_neither_confirmed_nor_applied(tmp_path: Path) -> None:
    path, plan, out = saved(tmp_path, one_person(login=True)), tmp_path / "plan.json", tmp_path / "out.json"
    ran = merge(path, "--out", plan)
    assert ran.code == 1
    assert "BLOCKER two_primary_emails:c-1:c-2" in ran.out
    for refused in (
        run("confirm", plan, *CONFIRM, "--out", out),
        run("apply", path, plan, "--out", out),
    ):
        assert (refused.code, refused.out) == (1, "")
        assert "two_primary_emails" in refused.err
        assert not out.exists()
    told = run("confirm", plan, *CONFIRM, "--out", out, "--lang", "fr")
    assert "OBSTACLE two_primary_emails:c-1:c-2" in told.err


def test_every_blocker_is_named_at_once(tmp_path: Path) -> None:
    path = saved(tmp_path, one_person(login=True, treats=False))
    ran = merge(path, "--absorb", "c-9", "--absorb", "c-1")
    assert ran.code == 1
    for finding in (
        *("access_missing:c-2:p-1", "self_merge:c-1", "unknown_customer:c-9"),
        "two_primary_emails:c-1:c-2",
    ):
        assert f"BLOCKER {finding}" in ran.out


def test_acceptances_and_rules_reach_the_plan(tmp_path: Path) -> None:
    rules = am.MergeRules(name="ours", kept_primary="survivor")
    ran = merge(
        saved(tmp_path, one_person(login=True)),
        *("--rules", saved(tmp_path, rules, "rules.json"), "--json"),
        *("--accept", "nothing:like:this", "--accepted-by", "B", "--why", "W"),
    )
    plan = am.loads(ran.out)
    assert (ran.code, isinstance(plan, am.MergePlan)) == (0, True)
    assert isinstance(plan, am.MergePlan)
    assert plan.rules == rules
    assert plan.request.accept == (am.Acceptance(finding="nothing:like:this", by="B", why="W"),)


def test_a_merge_in_french_and_without_personal_values(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, one_person()), tmp_path / "plan.json"
    ran = merge(path, "--lang", "fr", "--out", plan)
    assert "Demande\u00a0: fusion de c-2 avec c-1." in ran.out
    assert "est irréversible" in ran.out
    confirmed = run("confirm", plan, *CONFIRM, "--lang", "fr", "--out", tmp_path / "sure.json")
    assert "est confirmé." in confirmed.err
    shown = run("show", tmp_path / "sure.json")
    for text in (ran.out, ran.err, confirmed.err, shown.out, merge(path).out):
        assert not [canary for canary in CANARIES if canary in text.lower()]


def test_an_empty_snapshot_is_answered(tmp_path: Path) -> None:
    ran = merge(saved(tmp_path, am.Snapshot(TAKEN_AT)), "--all")
    assert ran.code == 1
    for finding in ("unknown_customer:c-1", "unknown_customer:c-2", "unknown_profile:p-1"):
        assert f"BLOCKER {finding}" in ran.out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--at", "2026-03-02"], "--at: This is not an RFC 3339 date and time"),
        (["--at", "2026-03-02T09:00:00"], "--at: The time has no offset."),
        (["--accept", "x:y"], "--accept needs --accepted-by and --why"),
        (["--survivor", "\udcff"], "--survivor: The value holds bytes that are not text."),
        (["--absorb", "\udcff"], "--absorb: The value holds bytes that are not text."),
        (["--actor", "\udcff"], "--actor: The value holds bytes that are not text."),
        (["--rules", "none.json"], "none.json: There is no such file."),
        (["--rules", "-"], "Only one input can be -"),
        (["--nope"], "There is no option --nope."),
    ],
)
def test_merge_refuses_bad_input(arguments: list[str], text: str) -> None:
    ran = merge("-", *arguments, stdin="{")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("ERROR ")
    assert text in ran.err


def test_what_is_missing_is_named() -> None:
    assert "--survivor is missing" in run("merge", "x").err
    assert "--absorb is missing" in run("merge", "x", "--survivor", "c-1").err
    assert "--by is missing" in run("confirm", "x").err
    assert "There is no such file" in run("confirm", "x", *CONFIRM).err
    assert "--out is missing" in run("confirm", "-", *CONFIRM, stdin="").err


def test_rules_of_the_other_kind_are_refused_with_both_names(tmp_path: Path) -> None:
    path, rules = saved(tmp_path, one_person()), saved(tmp_path, am.MigrationRules(), "rules.json")
    ran = merge(path, "--rules", rules)
    assert (ran.code, ran.out) == (2, "")
    assert "This is accountmerge.rules/1 (migrations). Needed here: accountmerge.rules/1 (merges)." in ran.err
    ran = migrate(path, "--rules", saved(tmp_path, am.MergeRules(), "merge-rules.json"))
    assert "This is accountmerge.rules/1 (merges)" in ran.err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--by", "  ", "--at", "2026-03-02T09:00:00Z"), "A confirmation needs the name of a person."),
        (("--by", "B", "--at", "noon"), "--at: This is not an RFC 3339"),
        (("--by", "\udcff", "--at", "2026-03-02T09:00:00Z"), "--by: The value holds bytes"),
    ],
)
def test_confirm_refuses_bad_input_and_writes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], text: str
) -> None:
    plan, out = tmp_path / "plan.json", tmp_path / "out.json"
    merge(saved(tmp_path, one_person()), "--out", plan)
    ran = run("confirm", plan, *arguments, "--out", out)
    assert (ran.code, ran.out) == (2, "")
    assert text in ran.err
    assert not out.exists()


def test_confirm_wants_a_plan_and_keeps_what_is_there(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, one_person()), tmp_path / "plan.json"
    merge(path, "--out", plan)
    assert "This is accountmerge.snapshot/1" in run("confirm", path, *CONFIRM, "--out", "-").err
    assert run("confirm", "-", *CONFIRM, "--out", "-", stdin="").code == 2
    before = plan.read_bytes()
    assert run("confirm", plan, *CONFIRM, "--out", plan).code == 2
    assert plan.read_bytes() == before
    assert run("confirm", plan, *CONFIRM, "--out", plan, "--force").code == 0
    assert (
        json.loads(plan.read_text(encoding="utf-8"))["change_set"]["confirmation"]["by"] == "Canary Confirmer"
    )


def test_any_plan_may_be_confirmed(tmp_path: Path) -> None:
    path, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    migrate(path, "--out", plan)
    found = am.loads(run("confirm", plan, *CONFIRM, "--out", "-").out)
    assert isinstance(found, am.MigrationPlan)
    assert found.change_set.confirmation is not None


def test_help_has_an_example() -> None:
    for command in ("merge", "confirm"):
        ran = run(command, "--help")
        assert (ran.code, f"accountmerge {command} p" in ran.out) == (0, True)


def test_merge_takes_a_named_authority_instead_of_a_profile(tmp_path: Path) -> None:
    path = saved(tmp_path, one_person(treats=False))
    rules = tmp_path / "rules.json"
    rules.write_text(am.dumps(am.MergeRules(actor="authorised")), encoding="utf-8")
    words = [word for pair in MERGE.items() if pair[0] != "--actor" for word in pair]
    who = ("--authorised-by", "Canary Authority", "--authority-role", "Canary office")
    why = ("--authority-ticket", "T-1", "--authority-why", "Canary reason")
    ran = run("merge", path, *words, *who, *why, "--rules", rules)
    assert (ran.code, ran.err) == (0, "")
    assert "Asked by no profile." in ran.out
    assert "Canary" not in ran.out
    lacking = run("merge", path, *words, *who, "--rules", rules)
    assert lacking.code == run("merge", path, *words).code == 1
