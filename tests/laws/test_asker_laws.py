"""Law 20: no profile learns from an answer about a customer what it may not know."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import accountmerge as am
from accountmerge.cli.program import app
from accountmerge.findings.audiences import seen_faults
from accountmerge.messages import LANGUAGES
from accountmerge.reports.finding_lines import findings_text
from measuring import try_law
from small_values import (
    NOON,
    access,
    access_request,
    appointment,
    customer,
    profile,
    record,
    request,
    slot,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESS, SHARED = "canary@example.com", "shared@example.com"
STRANGERS = ("P8", "P9")
"""Profiles that treat none of the customers that differ: P8 only sees them, P9 has asked one of them."""


@attrs.frozen
class Secret:
    """What may be so or otherwise of customers that the asker does not treat."""

    state: str
    holder: str
    use: Any
    is_booked: bool
    request: Any
    has_names: bool


SECRETS = st.builds(
    Secret,
    state=st.sampled_from(("absent", "active", "disabled", "merged into C3", "merged into C4")),
    holder=st.sampled_from(("C3", "C4")),
    use=st.sampled_from(("primary", "former")),
    is_booked=st.booleans(),
    request=st.sampled_from((None, "pending", "denied", "withdrawn")),
    has_names=st.booleans(),
)


def world(secret: Secret) -> am.Snapshot:
    """Return data in which only C1 and C5 are customers of P1, and the secret is about all others."""
    email = [am.CustomerEmail(ADDRESS, secret.use)]
    names = {"given_name": "Zoe", "family_name": "Zed"} if secret.has_names else {}
    people = [
        customer("C1", emails=[am.CustomerEmail("c1@example.com", "primary")]),
        customer("C5", emails=[am.CustomerEmail(SHARED, "secondary")]),
        *(customer(id, **names, emails=email if secret.holder == id else ()) for id in ("C3", "C4")),
    ]
    rows: list[Any] = [
        access("X1"),
        access("X5", customer_id="C5"),
        access("X3", profile_id="P7", customer_id="C3"),
    ]
    bookings = [appointment("A1", slot(60), number="APP-1")]
    asked = []
    if secret.state != "absent":
        into = secret.state.removeprefix("merged into ") if secret.state.startswith("merged") else None
        people.append(
            customer(
                "C2", **names, status="active" if secret.state == "active" else "disabled", merged_into=into
            )
        )
        rows.append(access("X8", profile_id="P8", customer_id="C2", level="viewing"))
        if secret.is_booked:
            bookings += [
                appointment("A2", slot(60), number="APP-2", customer_id="C2"),
                appointment("A3", slot(90), number="APP-3", customer_id="C3", profile_id="P7"),
            ]
        if secret.request is not None:
            closed = {} if secret.request == "pending" else {"decided_by": "C2", "decided_at": NOON}
            asked.append(
                access_request("Q2", profile_id="P9", customer_id="C2", status=secret.request, **closed)
            )
    profiles = [
        profile(),
        profile("P2", schedule="pending"),
        profile("P7", practitioner_id="H7"),
        *(profile(id, practitioner_id=id) for id in STRANGERS),
    ]
    return am.Snapshot(
        NOON,
        profiles=profiles,
        customers=people,
        access=rows,
        access_requests=asked,
        appointments=bookings,
        records=[record("R1", customer_id="C1"), record("R5", customer_id="C5")],
    )


def rebooking(number: str) -> am.rebooking.RebookingRequest:
    return am.rebooking.RebookingRequest(
        number=number,
        initials="QQ",
        start=NOON + timedelta(minutes=60),
        time_zone="UTC",
        modality="video",
        old_email="P1@example.com",
        new_email="P2@example.com",
    )


UNTIL = NOON + timedelta(days=1)
OF_STRANGERS: dict[str, Any] = {
    "merge": lambda asker: am.MergeRequest(survivor="C2", absorbed=["C3", "C4"], actor=asker),
    "merge of one": lambda asker: am.MergeRequest(survivor="C3", absorbed=["C2"], actor=asker),
    "merge of an own one": lambda asker: am.MergeRequest(
        survivor="C1",
        absorbed=["C2"],
        actor=asker,
        accept=[
            am.Acceptance(finding=f"already_absorbed:C2:{id}", by="Bo", why="try") for id in ("C3", "C4")
        ],
    ),
    "access request": lambda asker: am.customers.NewAccessRequest(
        profile_id=asker, customer_id="C2", expires_at=UNTIL
    ),
    "decision": lambda asker: am.customers.AccessDecision(
        request_id="Q2", decision="withdraw", role="practitioner", by=asker
    ),
    "denial": lambda _: am.customers.AccessDecision(
        request_id="Q2", decision="deny", role="customer", by="C2"
    ),
    "set": lambda _: am.customers.PrimaryEmailChange(customer_id="C2", action="set", address=ADDRESS),
    "correct": lambda _: am.customers.PrimaryEmailChange(customer_id="C2", action="correct", address=ADDRESS),
    "release": lambda _: am.customers.PrimaryEmailChange(customer_id="C2", action="release", address=ADDRESS),
    "edit": lambda _: am.customers.CustomerEdit(customer_id="C2", changes={"given_name": "x"}),
    "rebooking": lambda _: rebooking("APP-2"),
    "migration": lambda _: request(),
}
"""By kind, what a stranger asks for customers that differ."""
OF_ITS_OWN: dict[str, Any] = {
    "merge": am.MergeRequest(
        survivor="C1",
        absorbed=["C5"],
        actor="P1",
        accept=[
            am.Acceptance(finding=f"email_claimed_twice:C1:{id}", by="Bo", why="try") for id in ("C3", "C4")
        ],
    ),
    "set": am.customers.PrimaryEmailChange(customer_id="C1", action="set", address=ADDRESS),
    "edit": am.customers.CustomerEdit(customer_id="C1", changes={"add_emails": [ADDRESS]}),
}
"""By kind, what a profile asks for customers that it treats, about an address that another customer has."""


def said(findings: tuple[am.Finding, ...]) -> str:
    """Return every word that findings say."""
    parts = [(f.id, f.severity, repr(f.facts), str(f.accepted)) for f in findings]
    return f"{parts}" + "".join(findings_text(findings, language) for language in LANGUAGES)


@pytest.mark.parametrize("kind", OF_STRANGERS)
def test_a_stranger_is_told_the_same_whatever_is_so(kind: str) -> None:
    different = 0

    @given(SECRETS, SECRETS)
    def law(one: Secret, other: Secret) -> None:
        nonlocal different
        for asker in STRANGERS:
            plans = [am.plan(world(secret), OF_STRANGERS[kind](asker), at=NOON) for secret in (one, other)]
            different += said(plans[0].findings) != said(plans[1].findings)
            views = [said(plan.findings_for(asker)) for plan in plans]
            assert views[0] == views[1]
            assert {finding.code for plan in plans for finding in plan.findings_for(asker)} == {
                "access_missing"
            }
            again: Any = am.loads(am.dumps(plans[0]))
            assert said(again.findings_for(asker)) == views[0]

    try_law(law)
    assert different or kind in ("migration", "merge of an own one")


@pytest.mark.parametrize("kind", OF_ITS_OWN)
@given(one=SECRETS, other=SECRETS)
def test_a_profile_is_told_of_its_own_customers_and_of_no_other(
    kind: str, one: Secret, other: Secret
) -> None:
    plans = [am.plan(world(secret), OF_ITS_OWN[kind], at=NOON) for secret in (one, other)]
    views = [said(plan.findings_for("P1")) for plan in plans]
    assert not any(id in view for view in views for id in ("'C2", "C3", "C4"))
    told = {finding.code for plan in plans for finding in plan.findings_for("P1")}
    assert "access_missing" not in told, "it treats the customers that it asks about"
    assert ("email_claimed" in told) == (kind == "set")
    if plans[0].is_ready == plans[1].is_ready:
        assert views[0] == views[1]
    elsewhere = plans[0].findings_for("P9")
    assert {finding.code for finding in elsewhere} == {"access_missing"}


@given(SECRETS, SECRETS, st.sampled_from((ADDRESS, "c1@example.com", "none@example.com")))
def test_search_and_login_tell_a_stranger_the_same(one: Secret, other: Secret, address: str) -> None:
    for asker in (*STRANGERS, "nobody"):
        answers = [
            am.customers.diagnose_login(world(secret), address, asked_by=asker) for secret in (one, other)
        ]
        assert answers[0] == answers[1] == am.customers.LoginDiagnosis("unknown")
        for text in ("C2", "C3", "zo", "zed", "C1"):
            assert am.customers.find_customers(world(one), text, asked_by=asker) == ()
    assert [match.customer_id for match in am.customers.find_customers(world(one), "C1", asked_by="P1")] == [
        "C1"
    ]


STATES = (
    Secret("absent", "C3", "primary", is_booked=False, request=None, has_names=False),
    Secret("active", "C4", "former", is_booked=True, request="pending", has_names=True),
    Secret("merged into C3", "C3", "primary", is_booked=True, request="denied", has_names=True),
)


def commands(file: Path, message: Path) -> Iterator[list[str]]:
    """Yield the commands that answer about customers."""
    at, whose = ["--at", "2026-03-02T12:00:00Z"], ["--customer", "C2"]
    yield ["merge", str(file), "--survivor", "C2", "--absorb", "C3", "--actor", "P9", *at]
    until = ["--expires", "2026-03-03T12:00:00Z"]
    yield ["access", "request", str(file), "--profile", "P9", *whose, *until, *at]
    for decision in ("approve", "deny", "withdraw"):
        yield ["access", decision, str(file), "--request", "Q2", "--by", "P9", *at]
    yield ["primary-email", str(file), *whose, "--action", "set", "--address", ADDRESS, *at]
    yield ["edit", str(file), *whose, "--given-name", "x", *at]
    read = ["rebook-request", "read", str(message), "--zone", "UTC"]
    yield [*read, "--snapshot", str(file), *at]
    yield ["find", str(file), "C2"]
    yield ["find", str(file), "zo"]
    yield ["login", str(file), ADDRESS]
    yield ["check", str(file)]


def test_commands_tell_a_stranger_the_same(tmp_path: Path) -> None:
    message = tmp_path / "message.txt"
    message.write_text(am.rebooking.rebooking_message(rebooking("APP-2")), encoding="utf-8")
    told: dict[int, set[tuple[int, str]]] = {}
    hidden: dict[int, set[str]] = {}
    for secret in STATES:
        file = tmp_path / "snapshot.json"
        file.write_text(am.dumps(world(secret)), encoding="utf-8")
        for number, words in enumerate(commands(file, message)):
            for asker, form in (("P9", []), ("P8", ["--lang", "fr"])):
                ran = CliRunner().invoke(app, [*words, "--asked-by", asker, *form])
                told.setdefault(2 * number + (asker == "P8"), set()).add(
                    (ran.exit_code, ran.stdout + ran.stderr)
                )
                assert ran.exit_code in (0, 1), ran.output
            hidden.setdefault(number, set()).add(CliRunner().invoke(app, words).output)
    assert [len(outcomes) for outcomes in told.values()] == [1] * len(told)
    assert all(len(outputs) > 1 for outputs in hidden.values())


def plan_commands(plan: Path, file: Path, kind: str) -> Iterator[list[str]]:
    """Yield the commands that answer about a plan file; each writes a file beside it if it can write one."""
    out = ["--out", str(plan.with_name("out.json"))]
    for id in ("C1", "C2", "C3", "A2", ADDRESS):
        yield ["explain", str(plan), id]
    yield ["undo", str(plan), *out]
    yield ["undo", str(plan), "--json", "--values"]
    yield ["rebase", str(plan), str(file), *out]
    yield ["resume", str(plan), str(file), *out]
    yield ["resume", str(plan), str(file), "--json"]
    if kind == "migration":
        yield ["timeline", str(plan), "--notices"]
        yield ["status", str(plan), str(file), "--json"]
        yield ["who-sees", str(plan), str(file), "--at", "2026-03-02T12:00:00Z"]


def asked_of_files(
    folder: Path, secret: Secret, kind: str, question: Any, asker: str
) -> Iterator[tuple[list[str], Any]]:
    """Yield each command about the plan of a question, and how it ended for the profile that asks."""
    plan, file = folder / "plan.json", folder / "snapshot.json"
    data = world(secret)
    file.write_text(am.dumps(data), encoding="utf-8")
    plan.write_text(am.dumps(am.plan(data, question, at=NOON)), encoding="utf-8")
    for words in plan_commands(plan, file, kind):
        (folder / "out.json").unlink(missing_ok=True)
        yield words, CliRunner().invoke(app, [*words, "--asked-by", asker])


@pytest.mark.parametrize("kind", OF_STRANGERS)
def test_a_stranger_learns_no_more_from_the_file_of_a_plan_than_that_access_is_missing(
    kind: str, tmp_path: Path
) -> None:
    for asker in STRANGERS:
        told: dict[str, set[str]] = {}
        for secret in STATES:
            for words, ran in asked_of_files(tmp_path, secret, kind, OF_STRANGERS[kind](asker), asker):
                assert ran.exit_code == 1, (words, ran.output)
                assert (ran.stderr, (tmp_path / "out.json").exists()) == ("", False)
                assert set(re.findall(r"\b([a-z_]+):\S", ran.stdout)) == {"access_missing"}
                told.setdefault(" ".join(words), set()).add(ran.stdout)
        assert {len(outputs) for outputs in told.values()} == {1}


@pytest.mark.parametrize("kind", OF_ITS_OWN)
def test_a_profile_learns_of_its_own_customers_alone_from_the_file_of_a_plan(
    kind: str, tmp_path: Path
) -> None:
    for secret in STATES:
        for words, ran in asked_of_files(tmp_path, secret, kind, OF_ITS_OWN[kind], "P1"):
            assert ran.exit_code in (0, 1), ran.output
            if words[0] != "explain" or words[2] in ("C1", ADDRESS):
                assert not any(id in ran.output for id in ("C2", "C3", "C4", "A2")), (words, ran.output)


def test_a_profile_that_treats_all_customers_of_a_plan_is_answered_as_if_nobody_asked(tmp_path: Path) -> None:
    change = am.customers.CustomerEdit(customer_id="C1", changes={"given_name": "x"})
    merge = am.MergeRequest(survivor="C1", absorbed=["C5"], actor="P1")
    for kind, question in {"edit": change, "merge": merge}.items():
        for words, ran in asked_of_files(tmp_path, STATES[1], kind, question, "P1"):
            alone = CliRunner().invoke(app, words)
            assert (ran.exit_code, ran.stdout) == (alone.exit_code, alone.stdout), words


def test_a_reason_that_names_a_customer_of_others_stays_hidden_from_a_profile_that_resumes(
    tmp_path: Path,
) -> None:
    plan, file = tmp_path / "plan.json", tmp_path / "snapshot.json"
    before = world(STATES[0]).changed([customer("C3")])
    question = am.customers.PrimaryEmailChange(customer_id="C1", action="set", address=ADDRESS)
    planned = am.plan(before, question, at=NOON)
    assert planned.is_ready
    plan.write_text(am.dumps(planned), encoding="utf-8")
    file.write_text(am.dumps(world(STATES[0])), encoding="utf-8")
    words = ["resume", str(plan), str(file)]
    assert "C3" in CliRunner().invoke(app, words).output
    ran = CliRunner().invoke(app, [*words, "--asked-by", "P1"])
    assert (ran.exit_code, "access_missing:*:P1" in ran.output, "C3" in ran.output) == (1, True, False)


def test_a_profile_that_lost_its_access_learns_no_difference_from_a_plan_that_is_made_again(
    tmp_path: Path,
) -> None:
    plan, file = tmp_path / "plan.json", tmp_path / "snapshot.json"
    before = world(STATES[0])
    question = am.customers.CustomerEdit(customer_id="C1", changes={"given_name": "x"})
    plan.write_text(am.dumps(am.plan(before, question, at=NOON)), encoding="utf-8")
    file.write_text(am.dumps(before.changed([access("X1", level="viewing")])), encoding="utf-8")
    out = tmp_path / "out.json"
    ran = CliRunner().invoke(app, ["rebase", str(plan), str(file), "--out", str(out), "--asked-by", "P1"])
    assert (ran.exit_code, "access_missing:C1:P1" in ran.stdout) == (1, True)
    assert not out.exists()


@pytest.mark.parametrize("command", ["explain", "undo", "rebase", "resume", "timeline", "status"])
def test_a_change_set_without_its_plan_is_not_answered_to_a_profile(command: str, tmp_path: Path) -> None:
    data = world(STATES[0])
    question = am.customers.CustomerEdit(customer_id="C1", changes={"given_name": "x"})
    plan, file = tmp_path / "set.json", tmp_path / "snapshot.json"
    plan.write_text(am.dumps(am.plan(data, question, at=NOON).change_set), encoding="utf-8")
    file.write_text(am.dumps(data), encoding="utf-8")
    more = {"explain": ["C1"], "rebase": [str(file)], "resume": [str(file)], "status": [str(file)]}
    ran = CliRunner().invoke(app, [command, str(plan), *more.get(command, []), "--asked-by", "P1"])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "--asked-by needs a plan" in ran.stderr


@pytest.mark.parametrize("command", ["rebase", "resume"])
def test_a_whole_document_is_not_printed_to_a_profile(command: str, tmp_path: Path) -> None:
    data = world(STATES[1])
    question = am.customers.CustomerEdit(customer_id="C1", changes={"given_name": "x"})
    plan, file = tmp_path / "plan.json", tmp_path / "snapshot.json"
    plan.write_text(am.dumps(am.plan(data, question, at=NOON)), encoding="utf-8")
    file.write_text(am.dumps(data), encoding="utf-8")
    ran = CliRunner().invoke(app, [command, str(plan), str(file), "--out", "-", "--asked-by", "P1"])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "--out -" in ran.stderr


def test_a_fault_of_an_own_customer_and_of_another_one_is_shown_only_to_who_treats_both() -> None:
    email = [am.CustomerEmail(SHARED, "primary")]
    people = [customer("C1", emails=email), customer("C2", emails=email)]
    data = am.Snapshot(NOON, profiles=[profile()], customers=people, access=[access()])
    faults = am.find_faults(data)
    assert {fault.code for fault in faults} == {"email_claimed_twice"}
    assert seen_faults(data, faults, "P1") == ()
    both = data.changed([access("X2", customer_id="C2")])
    assert seen_faults(both, am.find_faults(both), "P1") == tuple(am.find_faults(both)) != ()


def test_a_profile_of_another_practitioner_that_treats_the_customers_learns_nothing_of_a_migration() -> None:
    data = am.Snapshot(
        NOON,
        profiles=[profile(), profile("P7", practitioner_id="H7")],
        customers=[customer("C1")],
        appointments=[appointment("A1", slot(-60)), appointment("A2", slot(60))],
        access=[access(), access("X7", profile_id="P7")],
    )
    plan = am.plan_migration(data, request(), at=NOON)
    assert {finding.code for finding in plan.findings_for("P1")} >= {"past_booking_open"}
    assert {finding.code for finding in plan.findings_for("P7")} == {"access_missing"}
