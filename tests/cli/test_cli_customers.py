"""`find`, `login`, `primary-email`, `edit` and `access`: answers and small plans about one customer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from cli_runs import CANARIES, EXACT, TAKEN_AT, Ran, booking, run, saved
from test_cli_merges import one_person

import accountmerge as am

if TYPE_CHECKING:
    from pathlib import Path

AT = ("--at", "2026-03-02T09:00:00+11:00")
ASKED = am.AccessRequest(
    id="q-1",
    profile_id="p-1",
    customer_id="c-1",
    requested_at=TAKEN_AT.replace(day=1, hour=1),
    expires_at=TAKEN_AT.replace(day=9),
    status="pending",
)


def merged() -> am.Snapshot:
    """Return the practice after its two customers became one; the second one had signed in."""
    before = one_person(login=True)
    request = am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1")
    plan = am.plan_merge(before, request, rules=am.MergeRules(kept_primary="survivor"), at=TAKEN_AT)
    return am.apply(before, plan.confirm(by="A", at=TAKEN_AT))


def asked() -> am.Snapshot:
    """Return the practice with a request that waits for the first customer's answer, and no access to it."""
    return one_person().changed([ASKED], {"access": ["x-1"]})


def silent(ran: Ran) -> bool:
    return not [text for text in CANARIES if text in (ran.out + ran.err).lower()]


def test_find_shows_ids_and_record_numbers_and_no_name(tmp_path: Path) -> None:
    path = saved(tmp_path, merged())
    ran = run("find", path, "canaryfam")
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out
        == "  c-1, record R-1: by name\n  c-2, record R-2: by name; merged into c-1\nCustomers found: 2.\n"
    )
    assert run("find", path, "R-2", "--lang", "fr").out == (
        "  c-2, dossier R-2\u00a0: par numéro de dossier; fusionné avec c-1\n"
        "  c-1, dossier R-1\u00a0: par un ancien numéro de dossier\n"
        "Clients trouvés\u00a0: 2.\n"
    )


def test_find_names_who_is_disabled(tmp_path: Path) -> None:
    off = attrs.evolve(one_person().customers["c-2"], status="disabled")
    ran = run("find", saved(tmp_path, one_person().changed([off])), "R-2")
    assert ran.out == "  c-2, record R-2: by record number; disabled\nCustomers found: 1.\n"


@pytest.mark.parametrize("text", ["nobody", "", " "])
def test_find_nobody_ends_with_1(tmp_path: Path, text: str) -> None:
    path = saved(tmp_path, one_person())
    ran = run("find", path, text)
    assert (ran.code, ran.out, ran.err) == (1, "No customer was found.\n", "")
    ran = run("find", path, text, "--json", "--lang", "fr")
    assert (ran.code, json.loads(ran.out)) == (1, [])


def test_find_json_and_standard_input() -> None:
    ran = run("find", "-", "R-2", "--json", stdin=am.dumps(merged()))
    assert ran.code == 0
    assert json.loads(ran.out) == [
        {"customer_id": "c-2", "by": "record_number", "status": "disabled", "merged_into": "c-1"},
        {"customer_id": "c-1", "by": "former_record_number", "status": "active"},
    ]


def test_login_answers_what_an_address_is_good_for(tmp_path: Path) -> None:
    path = saved(tmp_path, merged())
    ran = run("login", path, "CANARY.customer@example.org")
    assert (ran.code, ran.out, ran.err) == (0, "This address signs in.\n", "")
    ran = run("login", path, "canary.twin@example.org")
    assert (ran.code, silent(ran)) == (1, True)
    assert ran.out.startswith("This address was the login of a customer that was merged into another one")
    ran = run("login", path, "nobody@example.org", "--lang", "fr")
    assert (ran.code, ran.out) == (1, "Aucun client et aucun profil n\u2019ont cette adresse.\n")


def test_login_tells_who_may_know_with_which_address_to_sign_in(tmp_path: Path) -> None:
    path = saved(tmp_path, merged())
    ran = run("login", path, "canary.twin@example.org", "--asked-by", "p-1")
    assert ran.code == 1
    assert "merged into customer c-1" in ran.out
    assert ran.out.splitlines()[1:] == ["  Customer: c-2", "  Sign in with: canary.customer@example.org"]
    ran = run("login", path, "canary.old@example.org", "--lang", "fr")
    assert ran.out == "Cette adresse permet de se connecter.\n  Profil\u00a0: p-1\n"


def test_login_json() -> None:
    ran = run(
        *("login", "-", "canary.twin@example.org", "--asked-by", "p-1", "--json"), stdin=am.dumps(merged())
    )
    assert (ran.code, json.loads(ran.out)) == (
        1,
        {
            "outcome": "merged",
            "kind": "customer",
            "id": "c-2",
            "survivor_id": "c-1",
            "sign_in_with": "canary.customer@example.org",
            "also": [],
        },
    )


def test_an_empty_snapshot_is_answered(tmp_path: Path) -> None:
    path = saved(tmp_path, am.Snapshot(TAKEN_AT))
    assert run("find", path, "x").code == 1
    assert run("login", path, "x").code == 1
    for command, finding in (
        (("edit", path, "--customer", "c-1", "--address", "x"), "unknown_customer:c-1"),
        (("primary-email", path, "--customer", "c-1", "--action", "clear"), "unknown_customer:c-1"),
        (("access", "approve", path, "--request", "q-1", "--by", "c-1"), "unknown_request:q-1"),
    ):
        ran = run(*command, *AT)
        assert (ran.code, f"BLOCKER {finding}" in ran.out) == (1, True)


def changed(before: am.Snapshot, folder: Path, *arguments: str) -> am.Snapshot:
    """Return the snapshot that a small plan makes, through files; the plan shows no personal value."""
    path, plan, after = saved(folder, before), folder / "plan.json", folder / "after.json"
    command = arguments.index("FILE")
    words = (*arguments[:command], str(path), *arguments[command + 1 :], *AT, "--out", str(plan))
    ran = run(*words, *EXACT)
    assert (ran.code, silent(ran)) == (0, True), ran
    assert f"Written: {plan}" in ran.err
    assert run("show", plan, *EXACT).out == ran.out
    assert run("apply", path, plan, "--out", after).code == 0
    again = run(*(after if word == str(path) else word for word in words[:-2]))
    assert (again.code, "no steps are left" in again.out) == (0, True)
    found = am.loads(after)
    assert isinstance(found, am.Snapshot)
    return found


def test_a_primary_email_is_cleared_set_and_released(tmp_path: Path) -> None:
    email = ("primary-email", "FILE", "--customer", "c-1")
    cleared = changed(one_person(), tmp_path, *email, "--action", "clear")
    assert [row.use for row in cleared.customers["c-1"].emails] == ["former"]
    folder = tmp_path / "set"
    folder.mkdir()
    new = changed(cleared, folder, *email, "--action", "set", "--address", "canary.new@example.org")
    assert {row.use for row in new.customers["c-1"].emails} == {"former", "primary"}
    folder = tmp_path / "release"
    folder.mkdir()
    asked_for = ("--action", "release", "--address", "canary.customer@example.org")
    signed = ("--by", "Canary Boss", "--why", "canary reason")
    released = changed(new, folder, *email, *asked_for, *signed)
    assert [row.use for row in released.customers["c-1"].emails] == ["primary"]


def test_a_primary_email_that_cannot_be_is_blocked(tmp_path: Path) -> None:
    path = saved(tmp_path, one_person(login=True))
    email = ("primary-email", path, "--customer", "c-2", *AT)
    for more, code in (
        (("--action", "set", "--address", "canary.customer@example.org"), "email_claimed"),
        (("--action", "set", "--address", "canary"), "email_invalid"),
        (("--action", "release", "--address", "canary.twin@example.org"), "reason_missing"),
    ):
        ran = run(*email, *more)
        assert (ran.code, f"BLOCKER {code}:" in ran.out, silent(ran)) == (1, True, True), more
    ran = run(*email, "--action", "set", "--address", "canary", "--lang", "fr", "--json")
    assert isinstance(am.loads(ran.out), am.customers.CustomerPlan)
    assert "OBSTACLE email_invalid" in ran.err


def test_details_are_edited_and_what_is_not_named_stays(tmp_path: Path) -> None:
    before = one_person().customers["c-1"]
    edit = ("edit", "FILE", "--customer", "c-1", "--family-name", "Canaryother", "--birth-date", "1991-02-03")
    more = (
        "--phone",
        "+61 400 000 008",
        "--phone",
        "+61 400 000 007",
        "--add-email",
        "canary.more@example.org",
    )
    after = changed(one_person(), tmp_path, *edit, *more).customers["c-1"]
    assert (after.family_name, str(after.birth_date)) == ("Canaryother", "1991-02-03")
    assert after.phones == ("+61 400 000 008", "+61 400 000 007")
    assert {row.use for row in after.emails} == {"primary", "secondary"}
    assert (after.given_name, after.address, after.attributes) == (
        before.given_name,
        before.address,
        before.attributes,
    )


def test_an_empty_value_takes_a_detail_away(tmp_path: Path) -> None:
    empty = [word for name in ("given-name", "birth-date", "address", "phone") for word in (f"--{name}", "")]
    after = changed(one_person(), tmp_path, "edit", "FILE", "--customer", "c-1", *empty).customers["c-1"]
    assert (after.given_name, after.birth_date, after.address, after.phones) == (None, None, None, ())
    assert after.family_name == "Canaryfamily"


def test_access_is_asked_for_and_approved(tmp_path: Path) -> None:
    before = one_person().changed([], {"access": ["x-1"]})
    wait = ("--expires", "2026-03-16T09:00:00+11:00")
    found = changed(
        before, tmp_path, "access", "request", "FILE", "--profile", "p-1", "--customer", "c-1", *wait
    )
    (row,) = found.access_requests
    folder = tmp_path / "approve"
    folder.mkdir()
    given = changed(found, folder, "access", "approve", "FILE", "--request", row.id, "--by", "c-1")
    assert given.access_requests[row.id].status == "approved"
    assert {(seen.customer_id, seen.level) for seen in given.access} == {
        ("c-1", "treating"),
        ("c-2", "treating"),
    }


@pytest.mark.parametrize(
    ("decision", "by", "status"), [("deny", "c-1", "denied"), ("withdraw", "p-1", "withdrawn")]
)
def test_access_is_denied_or_withdrawn(tmp_path: Path, decision: str, by: str, status: str) -> None:
    words = ("access", decision, "FILE", "--request", "q-1", "--by", by, "--why", "canary reason")
    found = changed(asked(), tmp_path, *words)
    assert found.access_requests["q-1"].status == status
    assert found.access_requests["q-1"].reason == "canary reason"
    assert [row.id for row in found.access] == ["x-2"]


def test_staff_record_a_decision_only_if_the_rules_let_them(tmp_path: Path) -> None:
    no_login = attrs.evolve(asked().customers["c-1"], emails=())
    path = saved(tmp_path, asked().changed([no_login]))
    rules = saved(tmp_path, am.customers.CustomerRules(staff_may_decide=True), "rules.json")
    approve = ("access", "approve", path, "--request", "q-1", "--by", "Canary Staff", "--role", "staff", *AT)
    ran = run(*approve)
    assert (ran.code, "BLOCKER staff_may_not_decide:q-1" in ran.out, silent(ran)) == (1, True, True)
    assert run(*approve, "--rules", rules).code == 0


SMALL: dict[str, tuple[str, ...]] = {
    "primary-email": ("primary-email", "-", "--customer", "c-1", "--action", "clear", *AT),
    "edit": ("edit", "-", "--customer", "c-1", "--address", "x", *AT),
    "request": (
        *("access", "request", "-", "--profile", "p-1", "--customer", "c-2"),
        *("--expires", "2026-03-16T09:00:00+11:00", *AT),
    ),
    "approve": ("access", "approve", "-", "--request", "q-1", "--by", "c-1", *AT),
    "deny": ("access", "deny", "-", "--request", "q-1", "--by", "c-1", *AT),
    "withdraw": ("access", "withdraw", "-", "--request", "q-1", "--by", "p-1", *AT),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_small_plan_goes_through_the_standard_streams_and_speaks_french(name: str) -> None:
    ran = run(*SMALL[name], "--out", "-", stdin=am.dumps(asked()))
    assert (ran.code, ran.err) == (0, "")
    assert isinstance(am.loads(ran.out), am.customers.CustomerPlan)
    assert run("show", "-", "--lang", "fr", stdin=ran.out).out.splitlines()[1].startswith("Demande\u00a0: ")


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(
    ("more", "text"),
    [
        (("--at", "soon"), "--at: This is not an RFC 3339 date and time"),
        (("--rules", "-"), "Only one input can be -"),
        (("--nope",), "There is no option --nope."),
        (("--rules", "none.json"), "none.json: There is no such file."),
        (("--limits", "none.json"), "none.json: There is no such file."),
        ((), "<stdin>: Cannot be read"),
    ],
)
def test_bad_input_is_refused_by_every_small_plan(name: str, more: tuple[str, ...], text: str) -> None:
    ran = run(*SMALL[name], *more, stdin="{")
    assert (ran.code, ran.out) == (2, "")
    assert text in ran.err


def test_what_is_wrong_with_an_edit_is_told_at_once_and_shows_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path, one_person())
    edit = ("edit", path, "--customer", "c-1", *AT)
    ran = run(*edit)
    assert (ran.code, ran.err) == (2, "ERROR Name at least one detail to change.\n")
    assert "au moins une" in run(*edit, "--lang", "fr").err
    ran = run(
        *edit, "--birth-date", "canary", "--address", "\udcff", "--phone", "\udcff", "--add-email", "\udcff"
    )
    assert (ran.code, silent(ran)) == (2, True)
    for option in ("--address", "--phone", "--add-email"):
        assert f"{option}: The value holds bytes that are not text." in ran.err
    assert "--birth-date: This is not a date such as 2026-03-02." in ran.err
    for almost in ("19900517", "1990-5-17", "1990-W20-4"):
        assert "--birth-date: This is not a date" in run(*edit, "--birth-date", almost).err


def test_bad_input_of_the_answers(tmp_path: Path) -> None:
    for ran in (
        run("find", tmp_path / "none.json", "x"),
        run("login", "-", "x", stdin=""),
        run("find", "-", "x", stdin=am.dumps(am.MergeRules())),
    ):
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("ERROR ")
    assert "TEXT is missing" in run("find", "x").err
    assert "ADDRESS is missing" in run("login", "x").err


def test_access_alone_names_what_there_is() -> None:
    for ran in (run("access"), run("access", "grant")):
        assert (ran.code, ran.out) == (2, "")
        assert "The commands are: request, approve, deny, withdraw." in ran.err
        assert "See: accountmerge access --help" in ran.err


@pytest.mark.parametrize("name", [*SMALL, "find", "login"])
def test_help_has_an_example(name: str) -> None:
    words: tuple[Any, ...] = (
        ("access", name) if name in ("request", "approve", "deny", "withdraw") else (name,)
    )
    ran = run(*words, "--help")
    assert (ran.code, f"accountmerge {' '.join(words)} practice.json" in ran.out) == (0, True)


def test_a_booking_made_meanwhile_stops_a_merge_but_no_edit(tmp_path: Path) -> None:
    """Guards of a small plan are about what it changes, and nothing else."""
    before, plan = one_person(), tmp_path / "plan.json"
    run("edit", saved(tmp_path, before), "--customer", "c-1", "--address", "x", *AT, "--out", plan)
    later = saved(tmp_path, before.changed([booking(8)]), "later.json")
    assert run("apply", later, plan, "--out", tmp_path / "after.json").code == 0
