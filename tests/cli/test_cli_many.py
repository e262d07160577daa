"""Many plans from files: planned from CSV, written once, confirmed, applied in a possible order, and followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from cli_runs import CANARIES, OPTIONS, Ran, booking, files_in, practice, run, saved

import accountmerge as am

AT = ("--at", OPTIONS["--at"])
HEADING = "profile,new_email,reason,ticket,agreed_by,agreed_at"
MOVE = "p-1,canary.new@example.org,lost_mailbox,T-1,Canary Agreer,2026-03-01T09:00:00+11:00"
BY = ("--by", "Canary Confirmer", "--at", "2026-03-02T09:00:00+11:00")


def table(folder: Path, *rows: str, name: str = "table.csv", mark: str = ",") -> Path:
    path = folder / name
    path.write_text("\n".join(rows).replace(",", mark) + "\n", encoding="utf-8")
    return path


def persons(count: int = 4) -> am.Snapshot:
    """Return a practice with customers who have no address, each treated by p-1, and p-2 who treats some."""
    made = practice(bookings=1)
    other = attrs.evolve(
        made.profiles["p-1"], id="p-2", practitioner_id="d-2", email=am.model.EmailAddress("p2@example.org")
    )
    rows: list[Any] = [other]
    for number in range(2, count + 1):
        id = f"c-{number}"
        rows.append(
            am.Customer(id=id, record_number=f"R-{number}", given_name="Canary", emails=(), status="active")
        )
        rows.append(am.Access(id=f"x-{number}", profile_id="p-1", customer_id=id, level="treating"))
    rows.append(booking(9, customer_id="c-3"))
    rows.append(am.Access(id="y-2", profile_id="p-2", customer_id="c-2", level="treating"))
    return made.changed(rows)


def silent(ran: Ran) -> bool:
    return not [text for text in CANARIES if text in (ran.out + ran.err).casefold()]


def test_moves_of_a_csv_file_are_planned_written_once_applied_and_followed(tmp_path: Path) -> None:
    data, moves, plans = saved(tmp_path, practice()), table(tmp_path, HEADING, MOVE), tmp_path / "plans"
    ran = run("migrate-all", moves, data, *AT, "--out", plans)
    assert (ran.code, silent(ran)) == (0, True)
    assert ran.out.startswith("Moves planned: 1. Ready: 1. Blocked: 0.\n\nProfile  Window")
    (name,) = files_in(plans)
    assert f"1 plan is in {plans}. Next: accountmerge status {plans} FILE" in ran.err
    plan = am.loads(plans / name)
    assert isinstance(plan, am.MigrationPlan)
    assert name == f"migration-{plan.plan_id[:12]}.json"
    before = (plans / name).stat().st_mtime_ns
    again = run("migrate-all", data, moves, *AT, "--out", plans)
    assert (again.code, (plans / name).stat().st_mtime_ns) == (0, before)

    (plans / name).write_text("mine", encoding="utf-8")
    (plans / "older.json").write_text("{}", encoding="utf-8")
    kept = run("migrate-all", data, moves, *AT, "--out", plans)
    assert f"{plans / name} was there already with other content and was left alone." in kept.err
    assert "Left alone, from earlier: older.json." in kept.err
    assert (plans / name).read_text(encoding="utf-8") == "mine"
    assert run("migrate-all", data, moves, *AT, "--out", plans, "--force").code == 0

    waits = run("status", data, plans)
    assert (waits.code, silent(waits)) == (1, True)
    assert "Waiting: 1 of 1." in waits.out
    assert "apply from " in waits.out
    assert f"No plans, left out: {plans / 'older.json'}." in waits.err
    later = attrs.evolve(practice(), taken_at=plan.change_set.at)
    ready = run("status", plans, saved(tmp_path, later, "later.json"))
    assert f"Next: accountmerge apply {plans} FILE --out AFTER" in ready.err
    after = tmp_path / "after.json"
    applied = run("apply", plans, data, "--out", after)
    assert (applied.code, "1 plan is applied." in applied.err) == (0, True)
    done = run("status", plans, after)
    assert (done.code, "Plans: 1. All are done." in done.out, "100%" in done.out) == (0, True, True)


def test_merges_of_pairs_and_clusters_are_suggested_confirmed_and_applied(tmp_path: Path) -> None:
    data, plans, after = saved(tmp_path, persons()), tmp_path / "plans", tmp_path / "after.json"
    pairs = table(tmp_path, "left,right,score", "c-1,c-2,0.9", "c-2,c-3,0.8", mark=";")
    ran = run("merge-all", data, pairs, *AT, "--out", plans)
    assert (ran.code, silent(ran)) == (0, True)
    assert "c-1       c-2, c-3  p-1    suggested  ready" in ran.out
    assert "Customer c-1 is suggested as the survivor; a person decides." in ran.out
    assert "Profile p-1 is suggested to ask for the merge; a person decides." in ran.out
    whole = run("merge-all", data, pairs, *AT, "--out", plans, "--all")
    assert ran.out.count("Profile p-2") < whole.out.count("Profile p-2")
    clusters = table(
        tmp_path, "cluster,customer,survivor,actor", "x,c-1,,", "x,c-2,c-2,p-1", "x,c-3,,", "y,c-4,,"
    )
    named = tmp_path / "named"
    told = run("merge-all", data, clusters, *AT, "--out", named)
    assert (told.code, "named in the file" in told.out, "suggested" in told.out) == (0, True, False)

    unsure = run("status", plans, data)
    assert (unsure.code, " confirm\n" in unsure.out) == (1, True)
    assert f"Next: accountmerge confirm {plans} --by NAME --at now" in unsure.err
    refused = run("apply", data, plans, "--out", after)
    assert (refused.code, "1 plan cannot be applied, so no output was written." in refused.err) == (1, True)
    assert not after.exists()
    assert run("confirm", plans, *BY).code == 0
    once_more = run("confirm", plans, *BY)
    assert once_more.code == 0
    assert "1 plan has a confirmed file beside it and was left alone." in once_more.err
    seen = run("status", plans, data, "--values")
    assert "Canary Confirmer" in seen.out
    assert silent(run("status", plans, data))
    assert run("apply", data, plans, "--out", after).code == 0
    assert run("status", plans, after).code == 0


def test_merges_that_need_each_other_are_applied_in_a_possible_order(tmp_path: Path) -> None:
    plans = tmp_path / "plans"
    data = persons()
    request = [
        am.MergeRequest(survivor="c-2", absorbed=["c-3"], actor="p-1"),
        am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1"),
    ]
    at = practice().taken_at
    batch = am.merges.plan_merges(data, request, at=at)
    plans.mkdir()
    for number, plan in enumerate(reversed(batch.plans)):  # the one that has to wait is first
        saved(plans, plan, f"{number}.json")
    path = saved(tmp_path, data)
    assert "apply after the other plans" in run("status", plans, path).out
    confirmed = run("confirm", plans, *BY, "--out", tmp_path / "sure")
    assert "Confirmed now: 2 of 2." in confirmed.err
    after = tmp_path / "after.json"
    assert run("apply", tmp_path / "sure", path, "--out", after).code == 0
    found = am.loads(after)
    assert isinstance(found, am.Snapshot)
    assert {found.customers[id].merged_into for id in ("c-2", "c-3")} == {"c-1"}
    both = saved(plans, am.plan_merge(data, request[1], at=data.taken_at.add(hours=1)), "2.json")
    assert both.exists()
    assert "choose one of two plans" in run("status", plans, path).out


def test_blocked_plans_are_written_named_and_left_out(tmp_path: Path) -> None:
    data, plans = saved(tmp_path, practice()), tmp_path / "plans"
    rows = [HEADING, MOVE.replace("T-1", ""), MOVE.replace("p-1,canary.new", "p-9,canary.nine")]
    ran = run("migrate-all", data, table(tmp_path, *rows), *AT, "--out", plans)
    assert (ran.code, "blocked: ticket_missing" in ran.out) == (1, True)
    assert "Ready: 0. Blocked: 2." in ran.out
    waits = run("status", plans, data)
    assert (waits.code, "mend: ticket_missing" in waits.out) == (1, True)
    assert "Next: accountmerge show PLAN" in waits.err
    confirmed = run("confirm", plans, *BY)
    assert (confirmed.code, "is blocked (ticket_missing) and was not confirmed." in confirmed.err) == (
        1,
        True,
    )
    applied = run("apply", data, plans, "--out", tmp_path / "after.json")
    assert (applied.code, "is blocked (ticket_missing) and is left out." in applied.err) == (1, True)


def test_a_plan_that_does_not_fit_the_data_is_planned_again(tmp_path: Path) -> None:
    plans = tmp_path / "plans"
    moves = table(tmp_path, HEADING, MOVE)
    assert run("migrate-all", saved(tmp_path, practice()), moves, *AT, "--out", plans).code == 0
    drifted = saved(tmp_path, practice().changed([booking(2, modality="phone")]), "now.json")
    ran = run("status", plans, drifted)
    assert (ran.code, "plan again: " in ran.out) == (1, True)
    assert "Next: accountmerge rebase PLAN FILE" in ran.err


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        (["profile,new_email", "p-1,x"], ["line 1: These columns are missing: reason, ticket."]),
        (["Canary Kim," + HEADING, "x," + MOVE], ["line 1, column 1: This is no column of such a file. The"]),
        (["profil," + HEADING, "x," + MOVE], ["line 1, column 1: This is no column of such a file. Did you"]),
        ([HEADING + ",ticket", MOVE + ",x"], ["line 1, column 7: There are two columns ticket."]),
        ([HEADING], ["The file has a heading and no rows."]),
        (
            [HEADING, "canary,x"],
            ["line 2: This row does not have as many cells as the heading. Cells: 2; needed"],
        ),
        ([HEADING, '"canary'], ["line 2: This is not CSV"]),
        (
            [HEADING, MOVE, ",,Canary,T-1,A,yesterday", MOVE.replace("T09:00:00+11:00", " 09:00")],
            [
                "line 3, column 1 (profile): This cell is empty",
                "line 3, column 2 (new_email): This cell is empty",
                "line 3, column 3 (reason) takes one of",
                "line 3, column 6 (agreed_at): This is not",
                "line 4, column 6 (agreed_at): The time has no offset",
            ],
        ),
        (
            [f"{HEADING},window_start,window_end", f"{MOVE},2026-03-03T09:00:00Z,2026-03-03T08:00:00Z"],
            ["line 2, column 8 (window_end): "],
        ),
        (
            [f"{HEADING},window_start,window_end", f"{MOVE},2026-03-03T09:00:00Z,", f"{MOVE},,"],
            ["line 2, column 8 (window_end): This cell is empty"],
        ),
        (
            [f"{HEADING},window_end", f"{MOVE},2026-03-03T09:00:00Z"],
            ["line 2 (window_start): This cell is empty"],
        ),
        (
            ["profile,new_email,reason,ticket,agreed_by", "p-1,canary.new@example.org,lost_mailbox,T,Canary"],
            ["line 2 (agreed_at): This cell is empty"],
        ),
        (['{"format": "canary"}'], ["This is a JSON file, and a CSV file is needed"]),
        (
            [HEADING, *[MOVE.replace("lost_mailbox", "canary")] * 25],
            ["line 2, ", "line 21, ", "… and 5 more faults."],
        ),
    ],
)
def test_every_fault_of_a_csv_file_has_its_place_and_no_value(
    tmp_path: Path, rows: list[str], faults: list[str]
) -> None:
    data = saved(tmp_path, practice())
    ran = run("migrate-all", data, table(tmp_path, *rows), *AT, "--out", tmp_path / "plans")
    assert (ran.code, ran.out, silent(ran)) == (2, "", True)
    assert [fault for fault in faults if fault not in ran.err] == []
    assert not (tmp_path / "plans").exists()


def test_a_csv_file_of_another_encoding_is_answered_with_what_to_do(tmp_path: Path) -> None:
    path = table(tmp_path, HEADING, MOVE)
    for text in (path.read_bytes().replace(b"Agreer", b"Zo\xe9"), HEADING.encode("utf-16")):
        path.write_bytes(text)
        ran = run("migrate-all", saved(tmp_path, practice()), path, *AT, "--out", tmp_path / "plans")
        assert (ran.code, silent(ran)) == (2, True)
        assert "is not UTF-8. Save the file as CSV UTF-8." in ran.err


def test_reasons_that_many_plans_share_are_told_once(tmp_path: Path) -> None:
    data, plans = saved(tmp_path, persons()), tmp_path / "plans"
    clusters = table(tmp_path, "left,right", "c-1,c-2", "c-3,c-4")
    assert run("merge-all", data, clusters, *AT, "-o", plans).code == 0
    refused = run("apply", data, plans, "-o", tmp_path / "after.json")
    assert (refused.code, refused.err.count("BLOCKER unconfirmed")) == (1, 1)
    assert [str(plans / name) in refused.err for name in files_in(plans)] == [True, True]


def test_no_next_command_is_named_if_no_plan_was_made(tmp_path: Path) -> None:
    ran = run(
        "migrate-all",
        saved(tmp_path, practice()),
        table(tmp_path, HEADING, MOVE, MOVE.replace("canary.new", "canary.newer")),
        *AT,
        "-o",
        tmp_path / "x",
    )
    assert (ran.code, "moves_twice" in ran.out, "Next:" in ran.err) == (1, True, False)


def test_a_place_in_french_has_a_space_before_its_colon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = saved(tmp_path, practice())
    away = run("check", tmp_path / "away.json", "--lang", "fr")
    assert f"ERREUR {tmp_path / 'away.json'}\u00a0: Ce fichier n’existe pas." in away.err
    assert (
        "ERREUR --at\u00a0: Ce n’est pas"
        in run("migrate-all", data, data, "--at", "x", "-o", "y", "--lang", "fr").err
    )
    (tmp_path / "bad.json").write_text('{"format": "x"}', encoding="utf-8")
    assert "\n  format\u00a0: " in run("check", tmp_path / "bad.json", "--lang", "fr").err
    fault = am.errors.InvalidValueError("empty_text", of="Customer", field="id")
    assert fault.describe("fr").startswith("Customer.id\u00a0: ")
    moves = table(tmp_path, HEADING, MOVE)
    monkeypatch.setenv("COLUMNS", "30")
    narrow = run("migrate-all", data, moves, *AT, "-o", tmp_path / "plans", "--lang", "fr")
    assert "Profil\u00a0: p-1" in narrow.out


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["cluster,customer,survivor", "x,c-1,c-1", "x,c-2,c-2"], "line 3, column 3 (survivor): Other rows"),
        (
            ["cluster,customer,survivor", "x,c-1,c-9", "x,c-2,"],
            "line 2, column 3 (survivor): This customer is not",
        ),
        (["cluster,customer", "x,c-1", "y,c-1"], "line 3, column 2 (customer): This customer is in another"),
        (["cluster,customer", "x,"], "line 2, column 2 (customer): This cell is empty"),
        (["left,right", "c-1,c-1"], "line 2, column 2 (right): Both customers of this pair are the same."),
        (
            ["left,right,actor", "c-1,c-2,p-1", "c-3,c-4,p-2", "c-2,c-3,"],
            "(actor): Other rows of this cluster",
        ),
        (["left,right"], "The file has a heading and no rows."),
        (["left,customer", "c-1,c-2"], "line 1: These columns are missing: cluster."),
    ],
)
def test_every_fault_of_clusters_has_its_place(tmp_path: Path, rows: list[str], fault: str) -> None:
    data = saved(tmp_path, persons())
    ran = run("merge-all", data, table(tmp_path, *rows), *AT, "--out", tmp_path / "plans")
    assert (ran.code, ran.out, fault in ran.err) == (2, "", True), ran.err


def test_folders_and_files_that_will_not_do_are_named(tmp_path: Path) -> None:
    data, moves = saved(tmp_path, practice()), table(tmp_path, HEADING, MOVE)
    plans, empty = tmp_path / "plans", tmp_path / "empty"
    empty.mkdir()
    for out, text in ((data, "This is a file. Name a folder"), (tmp_path / "a" / "b", "There is no folder")):
        assert text in run("migrate-all", data, moves, *AT, "--out", out).err
    assert run("migrate-all", data, moves, *AT, "--out", plans).code == 0
    assert "There is no plan here." in run("status", data, empty).err
    assert "There is no plan here." in run("confirm", empty, *BY).err
    assert "Several plans do not go to standard output." in run("confirm", plans, *BY, "--out", "-").err
    (plan,) = plans.iterdir()
    assert "needs one plan" in run("status", plans, data, "--asked-by", "p-1").err
    several = run("confirm", plan, plan.rename(plans / "b.json"), *BY)
    assert several.code == 2
    change_set = am.loads(plans / "b.json")
    assert isinstance(change_set, am.MigrationPlan)
    saved(plans, change_set.change_set, "c.json")
    assert "a change set without its plan" in run("status", plans, data).err
    url = ("--store", "sqlite:///x.db", "--mapping", "x:y", "--by", "A. Name")
    assert "Give one plan: a database is changed plan by plan." in run("apply", plans, *url).err


def test_a_confirmed_plan_is_kept_and_named(tmp_path: Path) -> None:
    data, plans = saved(tmp_path, persons()), tmp_path / "plans"
    pairs = table(tmp_path, "left,right", "c-1,c-2", "c-3,c-4")
    assert run("merge-all", data, pairs, *AT, "--out", plans).code == 0
    ran = run("confirm", plans, *BY, "--json")
    told = json.loads(ran.out)
    assert [row["outcome"] for row in told] == ["confirmed", "confirmed"]
    assert all(Path(row["file"]).name.endswith(".confirmed.json") for row in told)
    other = ("--by", "Somebody Else", *BY[2:])
    twice = run("confirm", *sorted(plans.glob("merge-????????????.json")), *other)
    assert (twice.code, "left alone" in twice.err) == (0, True)
    copies = [saved(tmp_path, am.loads(path), f"copy-{path.name}") for path in plans.glob("*.confirmed.json")]
    assert "has a confirmation already." in run("confirm", *copies, *other).err


def test_what_a_brief_report_leaves_out_is_counted(tmp_path: Path) -> None:
    data = persons(7)
    absorbed = [word for number in range(2, 8) for word in ("--absorb", f"c-{number}")]
    ran = run("merge", saved(tmp_path, data), "--survivor", "c-1", *absorbed, "--actor", "p-1", *AT)
    assert (ran.code, "… and 3 more. All: --all" in ran.out) == (0, True)
    empty = saved(tmp_path, am.Snapshot(data.taken_at), "empty.json")
    blocked = tmp_path / "blocked.json"
    ran = run("merge", empty, "--survivor", "c-1", *absorbed, "--actor", "p-1", *AT, "--out", blocked)
    assert (ran.code, "… and 6 more findings unknown_customer. All: --all" in ran.out) == (1, True)
    assert "This plan has no steps." in run("show", blocked, "--step", "1").err
    crowded = data.changed([booking(1, customer_id="c-3", slot=booking(0).slot)])
    grouped = run("check", saved(tmp_path, crowded, "crowded.json"), "--by", "customer")
    assert "c-3: 1\n  existing_double_booking:a-0:a-1, see above\n" in grouped.out
