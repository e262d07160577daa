"""`verify`, `resume`, `rebase` and `undo`: what becomes of a stored plan when the data have moved on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from cli_runs import CANARIES, TAKEN_AT, booking, files_in, migrate, practice, run, saved
from test_cli_merges import one_person

import accountmerge as am
from accountmerge.messages import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from cli_runs import Ran

CONFIRM = ("--by", "Canary Confirmer", "--at", "2026-03-02T09:05:00+11:00")
COMMANDS = ("verify", "resume", "rebase")
"""Those that take a plan and a snapshot."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return saved(tmp_path, practice())


@pytest.fixture
def plan(tmp_path: Path, file: Path) -> Path:
    """A migration of the practice: it is ready, and its bookings are three."""
    path = tmp_path / "plan.json"
    assert migrate(file, "--out", path).code == 0
    return path


@pytest.fixture
def drifted(tmp_path: Path) -> Path:
    """The practice after somebody cancelled a booking that the plan rebooks."""
    gone = attrs.evolve(booking(1), status="cancelled", cancel_reason="canary reason")
    return saved(tmp_path, practice().changed([gone]), "drifted.json")


@pytest.fixture
def halfway(tmp_path: Path, plan: Path) -> Path:
    """The practice after the first four steps."""
    return saved(tmp_path, am.apply(practice(), change_set(plan).prefix(4)), "halfway.json")


def change_set(path: Path) -> am.ChangeSet:
    found: Any = am.loads(path)
    inside: am.ChangeSet = getattr(found, "change_set", found)
    return inside


def snapshot(text: str | Path) -> am.Snapshot:
    found = am.loads(text)
    assert isinstance(found, am.Snapshot)
    return found


def told(ran: Ran) -> Any:
    return json.loads(ran.out)


def silent(ran: Ran) -> bool:
    return not [text for text in CANARIES if text in (ran.out + ran.err).casefold()]


def receipts(set_: am.ChangeSet, *ordinals: int, store_id: str | None = None) -> list[am.Receipt]:
    return [
        am.Receipt(
            step_id=f"{set_.plan_id}/{step.ordinal}",
            outcome="applied",
            written=[
                am.changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id=store_id)
                for edit in step.edits[:1]
            ],
            at=TAKEN_AT,
            by="canary program",
        )
        for step in set_.steps
        if step.ordinal in ordinals
    ]


def written_receipts(folder: Path, *entries: am.Receipt, indent: int | None = None) -> Path:
    path = folder / "receipts.json"
    path.write_text("\n".join(am.dumps(entry, indent=indent) for entry in entries) + "\n", encoding="utf-8")
    return path


# verify


def test_a_plan_that_fits_is_verified(plan: Path, file: Path) -> None:
    ran = run("verify", plan, file, "--full-ids")
    assert (ran.code, ran.err) == (0, "")
    expected = f"Plan {change_set(plan).plan_id}: it can be applied to these data.\n"
    assert ran.out == expected
    assert told(run("verify", plan, file, "--json")) == {
        "plan_id": change_set(plan).plan_id,
        "can_be_applied": True,
        "failures": [],
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_failure_is_told_with_found_expected_and_what_to_do(
    plan: Path, drifted: Path, language: str
) -> None:
    ran = run("verify", plan, drifted, "--lang", language)
    failures = am.check(snapshot(drifted), change_set(plan))
    assert (ran.code, ran.err, silent(ran)) == (1, "", True)
    assert failures
    for failure in failures:
        assert f" {failure.code}\n" in ran.out
        for text in (failure.describe(language), failure.expect(language), failure.advise(language)):
            assert text in ran.out
    assert ("Attendu\u00a0: " in ran.out) == (language == "fr")
    found = told(run("verify", plan, drifted, "--lang", language, "--json"))
    assert not found["can_be_applied"]
    assert [
        (entry["code"], entry["step"], entry["remedy"], entry["found"]) for entry in found["failures"]
    ] == [(failure.code, failure.step, failure.remedy, failure.describe(language)) for failure in failures]
    assert found["failures"][0]["facts"] == {
        "entity": "appointment",
        "id": "a-1",
        "fields": ["status", "cancel_reason"],
    }


def test_what_is_missing_from_the_set_itself_is_a_failure_of_no_step(tmp_path: Path) -> None:
    request = am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1")
    merge = saved(tmp_path, am.plan_merge(one_person(), request, at=TAKEN_AT).change_set, "merge.json")
    ran = run("verify", merge, saved(tmp_path, one_person()), "--json")
    assert (ran.code, [entry["code"] for entry in told(ran)["failures"]]) == (1, ["unconfirmed"])
    assert "step" not in told(ran)["failures"][0]


def test_a_blocked_plan_fits_nowhere(tmp_path: Path, file: Path) -> None:
    blocked = tmp_path / "blocked.json"
    assert migrate(file, "--out", blocked, ticket=" ").code == 1
    ran = run("verify", blocked, file)
    assert (ran.code, "OBSTACLE" in ran.out, "BLOCKER blocked" in ran.out) == (1, False, True)
    ran = run("resume", blocked, file, "--out", tmp_path / "after.json")
    assert (ran.code, "BLOCKER blocked" in ran.out) == (1, True)
    assert not told(run("resume", blocked, file, "--json"))["is_finished"]
    ran = run("undo", blocked, "--out", tmp_path / "undo.json")
    assert (ran.code, ran.out, "BLOCKER blocked" in ran.err) == (1, "", True)
    assert run("rebase", blocked, file).code == 1
    assert files_in(tmp_path) == {"practice.json", "blocked.json"}


# resume


def test_resume_counts_the_edits_of_each_step(plan: Path, file: Path, halfway: Path) -> None:
    fresh, half = run("resume", plan, file), run("resume", plan, halfway)
    edits = sum(len(step.edits) for step in change_set(plan).steps)
    done = sum(len(step.edits) for step in change_set(plan).steps[:4])
    assert (fresh.code, half.code) == (0, 0)
    assert f". Edits to apply: {edits}; done: 0; drifted: 0.\n" in fresh.out
    assert f". Edits to apply: {edits - done}; done: {done}; drifted: 0.\n" in half.out
    for step in change_set(plan).steps:
        count = len(step.edits)
        left, ready = (0, count) if step.ordinal <= 4 else (count, 0)
        assert f"  {step.ordinal}. " in half.out
        assert half.out.count(f"\n  {step.ordinal}. ") == 1
        (line,) = (line for line in half.out.splitlines() if line.startswith(f"  {step.ordinal}. "))
        assert line.endswith(f"To apply: {left}. Done: {ready}. Drifted: 0.")


def test_resume_writes_the_snapshot_with_the_rest_applied(tmp_path: Path, plan: Path, halfway: Path) -> None:
    after, whole = tmp_path / "after.json", am.apply(practice(), change_set(plan))
    ran = run("resume", plan, halfway, "--out", after)
    assert (ran.code, ran.err) == (0, f"Written: {after}\n")
    assert snapshot(after) == whole
    finished = run("resume", plan, after, "--full-ids")
    assert finished.out.startswith(f"Plan {change_set(plan).plan_id}: all steps are done.\n")
    assert (finished.code, told(run("resume", plan, after, "--json"))["is_finished"]) == (0, True)
    assert (
        run("resume", plan, after, "--out", after).err
        == f"{after} has exactly this content already; it was not written.\n"
    )


def test_resume_names_what_somebody_else_wrote_and_leaves_it(
    tmp_path: Path, plan: Path, drifted: Path
) -> None:
    ran = run("resume", plan, drifted, "--out", tmp_path / "after.json")
    assert (ran.code, silent(ran)) == (1, True)
    assert "Changed by another program or person, and not written\n  Appointment a-1 (step 4)\n" in ran.out
    assert "BLOCKER drifted" in ran.out
    assert not (tmp_path / "after.json").exists()
    found = told(run("resume", plan, drifted, "--json"))
    assert (found["is_finished"], found["can_be_applied"]) == (False, False)
    assert found["steps"][3]["drifted"] == 1
    assert {edit["id"] for edit in found["edits"] if edit["state"] == "drifted"} == {"a-1"}


def test_resume_looks_at_guards_too(tmp_path: Path, plan: Path) -> None:
    intruder = booking(7, customer_id="c-1", slot=booking(1).slot)
    ran = run("resume", plan, saved(tmp_path, practice(intruder), "now.json"))
    assert (ran.code, "drifted: 0." in ran.out, "BLOCKER slot_taken" in ran.out) == (1, True, True)


def test_what_is_done_needs_no_confirmation_any_more(tmp_path: Path) -> None:
    request = am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1")
    plan = am.plan_merge(one_person(), request, at=TAKEN_AT)
    merged = saved(tmp_path, am.apply(one_person(), plan.confirm(by="A", at=TAKEN_AT)), "merged.json")
    ran = run("resume", saved(tmp_path, plan, "merge.json"), merged, "--out", "-")
    assert (ran.code, snapshot(ran.out)) == (0, snapshot(merged))


def test_a_prefix_is_told_and_applied_as_far_as_it_goes(tmp_path: Path, plan: Path, file: Path) -> None:
    prefix = saved(tmp_path, change_set(plan).prefix(2), "prefix.json")
    ran = run("resume", prefix, file, "--out", tmp_path / "after.json")
    assert (ran.code, "\n  3. " in ran.out) == (0, False)
    assert f"Steps to apply: the first 2 of {len(change_set(plan).steps)}." in ran.out
    assert snapshot(tmp_path / "after.json") == am.apply(practice(), change_set(prefix))
    assert run("verify", prefix, file).code == 0
    undone = change_set(saved(tmp_path, am.loads(run("undo", prefix, "--json").out), "undo.json"))
    assert [step.reason.facts["ordinal"] for step in undone.steps] == [2, 1]


# receipts


@pytest.mark.parametrize("indent", [None, 2])
def test_a_receipt_tells_what_was_taken_back(
    tmp_path: Path, plan: Path, file: Path, indent: int | None
) -> None:
    path = written_receipts(tmp_path, *receipts(change_set(plan), 3), indent=indent)
    for command in ("verify", "resume"):
        ran = run(command, plan, file, "--receipts", path)
        assert (ran.code, silent(ran)) == (1, True)
        assert "BLOCKER write_undone" in ran.out


def test_receipts_stand_on_lines_of_their_own_or_in_files_of_their_own(
    tmp_path: Path, plan: Path, halfway: Path
) -> None:
    entries = receipts(change_set(plan), 1, 2, 3, 4)
    path = written_receipts(tmp_path, *entries)
    path.write_text(path.read_text(encoding="utf-8").replace("\n", "\r\n\n"), encoding="utf-8")
    one = saved(tmp_path, entries[0], "one.json")
    for more in ((path,), (path, one), (one,)):
        words = [word for each in more for word in ("--receipts", each)]
        assert run("resume", plan, halfway, *words).code == 0
    ran = run("resume", plan, halfway, "--receipts", "-", stdin=path.read_bytes())
    assert (ran.code, ran.err) == (0, "")


def test_ids_of_the_store_come_from_receipts(tmp_path: Path, plan: Path, file: Path) -> None:
    path = written_receipts(tmp_path, *receipts(change_set(plan), 3, store_id="B-7"))
    found = told(run("resume", plan, file, "--receipts", path, "--json"))
    assert next(edit["store_id"] for edit in found["edits"] if edit["step"] == 3) == "B-7"


def test_receipts_of_another_plan_are_left_aside_and_told(tmp_path: Path, plan: Path, file: Path) -> None:
    other = attrs.evolve(change_set(plan), plan_id="0" * 64)
    path = written_receipts(tmp_path, *receipts(other, 1, 2))
    ran = run("resume", plan, file, "--receipts", path)
    assert (ran.code, ran.err) == (0, "Receipts of another plan, ignored: 2.\n")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "This is not JSON"),
        ("null", "should be"),
        ("{}\n{}\n", "receipts.json:1: Cannot be read: 1 fault found."),
        ("{\n", "or it is not complete"),
    ],
)
def test_spoilt_receipts_are_refused(tmp_path: Path, plan: Path, file: Path, content: str, text: str) -> None:
    path = tmp_path / "receipts.json"
    path.write_text(content, encoding="utf-8")
    ran = run("resume", plan, file, "--receipts", path)
    assert (ran.code, ran.out, text in ran.err) == (2, "", True)


def test_the_line_of_a_spoilt_receipt_is_named(tmp_path: Path, plan: Path, file: Path) -> None:
    path = written_receipts(tmp_path, *receipts(change_set(plan), 1, 2))
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{{}}\n", encoding="utf-8")
    assert f"ERROR {path}:4: " in run("verify", plan, file, "--receipts", path).err
    path.write_text(f"{am.dumps(receipts(change_set(plan), 1)[0])}\n{am.dumps(practice())}", encoding="utf-8")
    assert (
        f"ERROR {path}:2: This is accountmerge.snapshot/1"
        in run("verify", plan, file, "--receipts", path).err
    )


# rebase


def test_a_rebase_on_the_same_data_is_the_same_plan(tmp_path: Path, plan: Path, file: Path) -> None:
    again = tmp_path / "again.json"
    ran = run("rebase", plan, file, "--out", again)
    assert (ran.code, am.loads(again)) == (0, am.loads(plan))
    assert "The new plan has the same steps as the old one.\n" in ran.out
    assert told(run("rebase", plan, file, "--json"))["is_same"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rebase_tells_what_became_of_each_step(plan: Path, drifted: Path, language: str) -> None:
    ran = run("rebase", plan, drifted, "--lang", language)
    old: Any = am.loads(plan)
    rebased = am.rebase(snapshot(drifted), old)
    assert (ran.code, ran.err, silent(ran)) == (0, "", True)
    lines = ran.out.splitlines()
    for ordinal in range(1, len(rebased.plan.change_set.steps) + 1):
        assert len([line for line in lines if line.startswith(f"  {ordinal}. ")]) == 1
    dropped = [line for line in lines if line.startswith("  -. ")]
    assert len(dropped) == sum(step.difference == "dropped" for step in rebased.steps) == 1
    assert "a-1" in dropped[0]
    found = told(run("rebase", plan, drifted, "--json"))
    assert (found["plan_id"], found["new_plan_id"]) == (old.plan_id, rebased.plan.plan_id)
    assert [step["difference"] for step in found["steps"]] == [step.difference for step in rebased.steps]
    assert "after" not in found["steps"][-1]


def test_a_rebase_that_is_blocked_ends_with_1_and_says_by_what(tmp_path: Path, plan: Path) -> None:
    here = practice()
    off = attrs.evolve(here.profiles["p-1"], schedule="inactive")
    ran = run("rebase", plan, saved(tmp_path, here.changed([off]), "off.json"))
    assert ran.code == 1
    assert "BLOCKER schedule_not_active:p-1" in ran.out
    assert "Findings that are new\n  schedule_not_active:p-1" in ran.out


def test_a_rebase_may_be_for_another_instant(tmp_path: Path, plan: Path, file: Path) -> None:
    ran = run("rebase", plan, file, "--at", "2026-03-04T20:00:00+11:00", "--out", "-")
    found: Any = am.loads(ran.out)
    assert (ran.code, found.change_set.at.isoformat()) == (0, "2026-03-04T09:00:00+00:00")
    assert "Steps as before: " in ran.err
    ran = run("rebase", plan, file, "--at", "tomorrow", "--out", tmp_path / "never.json")
    assert (ran.code, "--at: This is not an RFC 3339" in ran.err) == (2, True)
    assert not (tmp_path / "never.json").exists()


def test_a_rebase_needs_the_plan(tmp_path: Path, plan: Path, file: Path) -> None:
    bare = saved(tmp_path, change_set(plan), "set.json")
    ran = run("rebase", bare, file)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"ERROR {bare}: This is a change set without its plan")
    assert "sans son plan" in run("rebase", bare, file, "--lang", "fr").err


# undo


def test_undo_takes_back_what_was_applied(tmp_path: Path, plan: Path, file: Path) -> None:
    after, undo, sure = (tmp_path / name for name in ("after.json", "undo.json", "sure.json"))
    assert run("apply", file, plan, "--out", after).code == 0
    ran = run("undo", plan, "--out", undo)
    assert (ran.code, ran.err) == (0, f"Written: {undo}\n")
    assert "A named person has to confirm this first." in ran.out
    assert "cannot be undone" not in ran.out
    assert am.loads(undo) == am.invert(change_set(plan)) == am.loads(run("undo", plan, "--json").out)
    assert "BLOCKER unconfirmed" in run("verify", undo, after).out
    assert run("confirm", undo, *CONFIRM, "--out", sure).code == 0
    back = run("apply", after, sure, "--out", "-")
    assert snapshot(back.out) == practice()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_undone_says_why_and_writes_nothing(tmp_path: Path, language: str) -> None:
    request = am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1")
    merge = am.plan_merge(one_person(), request, at=TAKEN_AT)
    ran = run(
        "undo", saved(tmp_path, merge, "merge.json"), "--out", tmp_path / "undo.json", "--lang", language
    )
    assert (ran.code, ran.out, silent(ran)) == (1, "", True)
    failure = am.changes.Failure.of("irreversible", steps=("retire_customers",))
    for text in (failure.describe(language), failure.expect(language), failure.advise(language)):
        assert text in ran.err
    assert files_in(tmp_path) == {"merge.json"}


def test_a_merge_is_undone_where_the_rules_allow_it(tmp_path: Path) -> None:
    request = am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1")
    rules = am.MergeRules(name="ours", undo="while_unchanged")
    plan = saved(tmp_path, am.plan_merge(one_person(), request, rules=rules, at=TAKEN_AT), "merge.json")
    assert run("undo", plan).code == 0
    assert "A named person has to confirm this first." in run("show", plan).out


# all of them


def test_a_bare_change_set_does_but_for_rebase(tmp_path: Path, plan: Path, file: Path) -> None:
    bare = saved(tmp_path, change_set(plan), "set.json")
    for words in (("verify", file), ("resume", file), ("undo",)):
        command, *rest = words
        assert run(command, bare, *rest) == run(command, plan, *rest)
        assert run(command, bare, *rest).code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_either_input_may_be_standard_input_but_not_both(plan: Path, file: Path, command: str) -> None:
    usual = run(command, plan, file)
    assert run(command, "-", file, stdin=plan.read_bytes()) == usual
    assert run(command, plan, "-", stdin=file.read_bytes()) == usual
    ran = run(command, "-", "-", stdin=plan.read_bytes())
    assert (ran.code, "Only one input can be -" in ran.err) == (2, True)
    if command != "rebase":
        assert run(command, plan, "-", "--receipts", "-", stdin="").code == 2


@pytest.mark.parametrize("command", ["resume", "rebase"])
def test_two_documents_do_not_go_to_one_standard_output(plan: Path, file: Path, command: str) -> None:
    ran = run(command, plan, file, "--out", "-", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "--json and --out - would both write to standard output." in ran.err
    ran = run(command, plan, file, "--out", "-")
    assert (ran.code, bool(am.loads(ran.out)), "Plan " in ran.err) == (0, True, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_bad_input_is_one_readable_block(tmp_path: Path, plan: Path, file: Path, command: str) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\xff\x00")
    for arguments, text in {
        (garbage, file): "The file is not UTF-8 text.",
        (plan, garbage): "The file is not UTF-8 text.",
        (file, file): "This is accountmerge.snapshot/1. Needed here: accountmerge.plan/1",
        (plan, plan): "This is accountmerge.plan/1. Needed here: accountmerge.snapshot/1.",
        (plan, tmp_path / "none.json"): "There is no such file.",
        (plan,): "FILE is missing",
        (): "PLAN is missing",
        (plan, file, "--nope"): "There is no option --nope.",
    }.items():
        ran = run(command, *arguments)
        assert (ran.code, ran.out, text in ran.err) == (2, "", True), ran.err
        assert ran.err.startswith("ERROR ")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_snapshot_and_the_plan_are_known_by_their_formats_in_either_order(
    plan: Path, file: Path, command: str
) -> None:
    usual = run(command, plan, file)
    assert run(command, file, plan) == usual
    assert run(command, file, "-", stdin=plan.read_bytes()) == usual
    assert run(command, "-", plan, stdin=file.read_bytes()) == usual


def test_a_set_that_was_altered_by_hand_is_refused(tmp_path: Path, plan: Path, file: Path) -> None:
    data = json.loads(am.dumps(change_set(plan)))
    data["steps"][0]["edits"][0]["after"]["login"] = "disabled"
    path = tmp_path / "altered.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    for words in (("verify", path, file), ("resume", path, file), ("undo", path)):
        ran = run(*words)
        assert (ran.code, "plan_id" in ran.err) == (2, True)


@pytest.mark.parametrize("command", ["resume", "rebase", "undo"])
def test_what_is_there_is_kept_unless_forced(plan: Path, file: Path, command: str) -> None:
    before = file.read_bytes()
    words = (command, plan) if command == "undo" else (command, plan, file)
    ran = run(*words, "--out", file)
    assert (ran.code, ran.out, file.read_bytes()) == (2, "", before)
    assert run(*words, "--out", file, "--force").code == 0
    assert file.read_bytes() != before


def test_help_has_an_example() -> None:
    for command in (*COMMANDS, "undo"):
        ran = run(command, "--help")
        assert (ran.code, f"accountmerge {command} plan.json" in ran.out) == (0, True)
