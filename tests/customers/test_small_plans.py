"""The small plans: access, primary email and details of a customer; each refusal once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.model.emails import EMAIL_USES
from accountmerge.model.identifiers import derived_id
from accountmerge.model.instants import utc
from closed_words import check_words
from small_values import NOON, access, access_request, customer, profile, snapshot

LATER = NOON + timedelta(days=7)
STAFF = am.customers.CustomerRules(staff_may_decide=True)
PLANNERS: dict[type, Any] = {
    am.customers.NewAccessRequest: am.customers.plan_access_request,
    am.customers.AccessDecision: am.customers.plan_access_decision,
    am.customers.PrimaryEmailChange: am.customers.plan_primary_email,
    am.customers.CustomerEdit: am.customers.plan_customer_edit,
}


def ann(*emails: am.CustomerEmail, **fields: Any) -> am.Customer:
    """Return a customer who signs in with ann@example.com, unless other addresses are given."""
    return customer("C1", emails=emails or [am.CustomerEmail("ann@example.com", "primary")], **fields)


def data(*customers: am.Customer, **collections: Any) -> am.Snapshot:
    return snapshot(customers=customers or [ann()], **collections)


def plan(found: am.Snapshot, request: Any, **keywords: Any) -> am.customers.CustomerPlan:
    planned = PLANNERS[type(request)](found, request, **{"at": NOON, **keywords})
    assert isinstance(planned, am.customers.CustomerPlan)
    check_words(planned)
    return planned


def carried_out(found: am.Snapshot, request: Any, **keywords: Any) -> am.Snapshot:
    """Apply the plan of a request, which must be one step, and nothing the second time."""
    planned = plan(found, request, **keywords)
    assert planned.is_ready, planned.blockers
    assert len(planned.change_set.steps) == 1
    result = am.apply(found, planned.change_set)
    again = plan(result, request, **keywords)
    assert again.is_ready, again.blockers
    assert not again.change_set.steps
    assert not again.change_set.obligations
    assert not again.ledger
    return result


def ask(**fields: Any) -> am.customers.NewAccessRequest:
    given: dict[str, Any] = {"profile_id": "P1", "customer_id": "C1", "expires_at": LATER}
    return am.customers.NewAccessRequest(**(given | fields))


def decide(**fields: Any) -> am.customers.AccessDecision:
    given = {"request_id": "Q1", "decision": "approve", "role": "customer", "by": "C1"}
    return am.customers.AccessDecision(**given | fields)


def primary(action: str, address: str = "", **fields: Any) -> am.customers.PrimaryEmailChange:
    return am.customers.PrimaryEmailChange(
        customer_id=fields.pop("customer_id", "C1"), action=action, address=address, **fields
    )


def edit(**changes: Any) -> am.customers.CustomerEdit:
    return am.customers.CustomerEdit(customer_id="C1", changes=changes)


def uses(found: am.Snapshot, id: str = "C1") -> dict[str, str]:
    return {email.address.text: email.use for email in found.customers[id].emails}


def obligations(planned: am.customers.CustomerPlan) -> list[str]:
    return [obligation.kind for obligation in planned.change_set.obligations]


def email(address: str, use: Any, login_of: str | None = None) -> am.CustomerEmail:
    return am.CustomerEmail(address, use, login_of)


# Asking for access


def test_asking_enters_a_pending_request() -> None:
    result = carried_out(data(), ask())
    (row,) = result.access_requests
    assert row.id == derived_id("access_request", "P1", "C1", "0")
    assert (row.status, row.requested_at, row.expires_at) == ("pending", NOON, LATER)
    assert obligations(plan(data(), ask())) == ["ask_for_access"]
    assert len(result.access) == 0


def test_asking_anew_counts_the_requests_that_nobody_can_answer_any_more() -> None:
    closed = [
        access_request("Q1", status="denied"),
        access_request("Q2", expires_at=NOON - timedelta(seconds=1)),
        access_request("Q3", profile_id="P2", status="denied"),
    ]
    found = data(profiles=[profile(), profile("P2")], access_requests=closed)
    result = carried_out(found, ask())
    assert derived_id("access_request", "P1", "C1", "2") in result.access_requests


def test_asking_anew_takes_an_id_that_is_free() -> None:
    first, second = (derived_id("access_request", "P1", "C1", str(number)) for number in (1, 2))
    found = data(access_requests=[access_request(first, status="denied")])
    assert {row.id for row in carried_out(found, ask()).access_requests} == {first, second}


def test_the_very_request_that_was_decided_since_is_not_asked_again() -> None:
    (row,) = carried_out(data(), ask()).access_requests
    found = data(access_requests=[attrs.evolve(row, status="denied")])
    assert not plan(found, ask()).change_set.steps
    assert plan(found, ask(), at=NOON + timedelta(seconds=1)).change_set.steps


def test_asking_twice_asks_once() -> None:
    for expires_at in (NOON, LATER):
        planned = plan(data(access_requests=[access_request(expires_at=expires_at)]), ask())
        assert planned.is_ready
        assert not planned.change_set.steps


def test_who_treats_already_need_not_ask() -> None:
    planned = plan(data(access=[access("X1", level="viewing"), access("X2")]), ask())
    assert [finding.code for finding in planned.warnings] == ["access_held"]
    assert planned.is_ready
    assert not planned.change_set.steps
    assert len(carried_out(data(access=[access(level="viewing")]), ask()).access_requests) == 1


def test_a_request_that_is_entered_too_late_is_refused() -> None:
    planned = plan(data(), ask())
    late = attrs.evolve(data(), taken_at=LATER + timedelta(microseconds=1))
    assert [failure.code for failure in am.check(late, planned.change_set)] == ["request_expired"]
    assert am.check(attrs.evolve(data(), taken_at=LATER), planned.change_set) == ()


def test_a_store_that_gives_ids_of_its_own_asks_once() -> None:
    planned = plan(data(), ask())
    own = attrs.evolve(next(iter(am.apply(data(), planned.change_set).access_requests)), id="store-1")
    stored = data(access_requests=[own])
    assert am.apply(stored, planned.change_set) == stored
    denied = data(access_requests=[attrs.evolve(own, status="denied")])
    assert [failure.code for failure in am.check(denied, planned.change_set)] == ["drifted"]


def test_a_login_that_is_disabled_meanwhile_asks_nothing() -> None:
    hours = am.WeeklyHours("UTC", days=[("monday", (am.DailyHours(time(9), time(17)),))])
    found = data(profiles=[profile(hours=hours)])
    planned = plan(found, ask())
    assert am.check(found, planned.change_set) == ()
    disabled = found.changed([profile(hours=hours, login="disabled")])
    assert [failure.code for failure in am.check(disabled, planned.change_set)] == ["read_changed"]


# Deciding


@pytest.mark.parametrize(
    ("decision", "status"), [("approve", "approved"), ("deny", "denied"), ("withdraw", "withdrawn")]
)
def test_the_customer_decides(decision: str, status: str) -> None:
    found = data(access_requests=[access_request()])
    request = decide(decision=decision, reason="We met.")
    result = carried_out(found, request)
    row = result.access_requests["Q1"]
    assert (row.status, row.decided_by, row.decided_at, row.reason) == (status, "C1", NOON, "We met.")
    assert obligations(plan(found, request)) == ["tell_decision"]
    levels = [(given.id, given.level, given.since) for given in result.access]
    granted = (derived_id("access", "P1", "C1"), "treating", utc(NOON))
    assert levels == ([granted] if decision == "approve" else [])


def test_an_approval_raises_the_access_that_is_there() -> None:
    rows = [access("X2", level="viewing", since=NOON), access("X1", level="viewing")]
    result = carried_out(data(access_requests=[access_request()], access=rows), decide())
    assert {row.id: row.level for row in result.access} == {"X1": "treating", "X2": "viewing"}


def test_an_approval_of_what_is_held_rests_on_it() -> None:
    found = data(access_requests=[access_request()], access=[access()])
    planned = plan(found, decide())
    assert carried_out(found, decide()).access == found.access
    lost = found.changed(drop={"access": ["X1"]})
    assert [failure.code for failure in am.check(lost, planned.change_set)] == ["access_lost"]


def test_who_asked_withdraws_also_after_the_expiry() -> None:
    found = data(ann(status="disabled"), access_requests=[access_request()])
    request = decide(decision="withdraw", role="practitioner", by="P1")
    result = carried_out(found, request, at=LATER)
    assert result.access_requests["Q1"].status == "withdrawn"
    assert obligations(plan(found, request)) == []


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_a_request_can_be_answered_until_the_very_instant_it_expires(decision: str) -> None:
    found = data(access_requests=[access_request(expires_at=LATER)])
    assert plan(found, decide(decision=decision), at=LATER).is_ready
    late = plan(found, decide(decision=decision), at=LATER + timedelta(microseconds=1))
    assert late.change_set.blocked == ("request_expired",)


def test_staff_record_the_decision_of_a_customer_without_login() -> None:
    found = data(ann(email("ann@example.com", "former")), access_requests=[access_request()])
    request = decide(role="staff", by="Bo Example")
    result = carried_out(found, request, rules=STAFF)
    assert result.access_requests["Q1"].decided_by == "Bo Example"
    planned = plan(found, request, rules=STAFF)
    signed_in = found.changed([ann()])
    assert [failure.code for failure in am.check(signed_in, planned.change_set)] == ["read_changed"]


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_a_decision_that_is_entered_too_late_is_refused(decision: str) -> None:
    found = data(access_requests=[access_request()])
    planned = plan(found, decide(decision=decision))
    late = attrs.evolve(found, taken_at=NOON + timedelta(days=1, seconds=1))
    assert [failure.code for failure in am.check(late, planned.change_set)] == ["request_expired"]


def test_the_same_decision_again_is_done_whoever_repeats_it() -> None:
    found = data(ann(email("a@example.com", "former")), access_requests=[access_request(status="denied")])
    planned = plan(found, decide(decision="deny", role="staff", by="Bo Example"), at=LATER)
    assert planned.is_ready
    assert not planned.change_set.steps


# The primary email


def test_a_cleared_primary_email_becomes_a_former_one() -> None:
    for address in ("", " Ann@EXAMPLE.com"):
        planned = plan(data(), primary("clear", address))
        assert [finding.code for finding in planned.warnings] == ["no_primary_email"]
        assert obligations(planned) == ["end_sessions", "tell_no_login"]
        assert uses(carried_out(data(), primary("clear", address))) == {"ann@example.com": "former"}
    without = plan(data(ann(email("a@example.com", "secondary"))), primary("clear"))
    assert without.is_ready
    assert not without.change_set.steps


@pytest.mark.parametrize("use", ["secondary", "former"])
def test_an_address_that_the_customer_has_becomes_primary(use: Any) -> None:
    found = data(ann(email("ann@example.com", "primary"), email("A.Lee@example.com", use, "C1")))
    result = carried_out(found, primary("set", "a.lee@example.com"))
    assert uses(result) == {"ann@example.com": "former", "A.Lee@example.com": "primary"}
    assert {row.login_of for row in result.customers["C1"].emails} == {None, "C1"}
    assert obligations(plan(found, primary("set", "a.lee@example.com"))) == ["tell_primary_email"]


def test_a_new_address_becomes_primary() -> None:
    result = carried_out(data(), primary("set", "new@example.com"))
    assert uses(result) == {"ann@example.com": "former", "new@example.com": "primary"}
    assert not plan(data(), primary("set", "ANN@example.com")).change_set.steps


def test_two_primary_emails_become_one() -> None:
    found = data(ann(email("a@example.com", "primary"), email("b@example.com", "primary")))
    assert uses(carried_out(found, primary("set", "b@example.com"))) == {
        "a@example.com": "former",
        "b@example.com": "primary",
    }
    assert uses(carried_out(found, primary("clear", "a@example.com"))) == {
        "a@example.com": "former",
        "b@example.com": "primary",
    }
    assert set(uses(carried_out(found, primary("clear", ""))).values()) == {"former"}


def test_an_address_that_somebody_claims_meanwhile_is_not_taken() -> None:
    found = data(ann(), customer("C2"))
    planned = plan(found, primary("set", "new@example.com"))
    for use in ("primary", "former"):
        thief = customer("C2", emails=[email("New@example.com", use)], status="disabled")
        failures = am.check(found.changed([thief]), planned.change_set)
        assert [failure.code for failure in failures] == ["address_claimed"]


def test_the_login_of_an_absorbed_customer_is_corrected_on_the_survivor() -> None:
    gone = customer("C2", emails=[email("old@example.com", "primary")], status="disabled", merged_into="C1")
    found = data(ann(), gone)
    for customer_id in ("C2", "C1"):
        request = primary("correct", "OLD@example.com", customer_id=customer_id)
        result = carried_out(found, request)
        assert uses(result) == {"ann@example.com": "former", "old@example.com": "primary"}
        assert {row.login_of for row in result.customers["C1"].emails} == {None, "C2"}
        assert uses(result, "C2") == {}
        assert obligations(plan(found, request)) == ["tell_primary_email"]


def test_a_correction_with_what_the_survivor_has_rests_on_the_absorbed_one() -> None:
    gone = customer("C2", status="disabled", merged_into="C1")
    found = data(ann(email("old@example.com", "former", "C2")), gone)
    request = primary("correct", "old@example.com", customer_id="C2")
    assert uses(carried_out(found, request)) == {"old@example.com": "primary"}
    planned = plan(found, request)
    apart = found.changed([attrs.evolve(gone, merged_into=None)])
    assert [failure.code for failure in am.check(apart, planned.change_set)] == ["read_changed"]


def test_of_several_spellings_the_one_that_was_used_most_becomes_primary() -> None:
    for first, second in (("ANN@example.com", "ann@example.com"), ("ann@example.com", "ANN@example.com")):
        both = data(ann(email(first, "secondary"), email(second, "former", "C1")))
        result = carried_out(both, primary("set", "Ann@Example.com"))
        strongest = min(((first, "secondary"), (second, "former")), key=lambda one: EMAIL_USES.index(one[1]))
        assert [text for text, use in uses(result).items() if use == "primary"] == [strongest[0]]


def absorbed(id: str, *emails: am.CustomerEmail) -> am.Customer:
    return customer(id, emails=emails, status="disabled", merged_into="C1")


@pytest.mark.parametrize(("contact", "login"), [("C2", "C3"), ("C3", "C2")])
@pytest.mark.parametrize("spelling", ["OLD@example.com", "old@example.com"])
def test_a_correction_takes_the_address_from_whose_login_it_was(
    contact: str, login: str, spelling: str
) -> None:
    other = spelling.swapcase()
    found = data(
        ann(),
        absorbed(contact, email(spelling, "secondary")),
        absorbed(login, email(other, "former"), email("kept@example.com", "primary")),
    )
    request = primary("correct", "Old@Example.com")
    result = carried_out(found, request)
    (now,) = (row for row in result.customers["C1"].emails if row.use == "primary")
    assert (now.address.text, now.login_of) == (other, login)
    assert uses(result, contact) == {}
    assert uses(result, login) == {"kept@example.com": "primary"}
    (step,) = plan(found, request).change_set.steps
    assert [edit.id for edit in step.edits] == ["C1", "C2", "C3"]


def test_an_address_that_was_for_contact_alone_was_nobodys_login() -> None:
    found = data(ann(), absorbed("C2", email("old@example.com", "secondary")))
    result = carried_out(found, primary("correct", "old@example.com"))
    assert {row.address.text: row.login_of for row in result.customers["C1"].emails} == {
        "ann@example.com": None,
        "old@example.com": None,
    }


def test_a_login_is_let_go_of_before_another_takes_it_up() -> None:
    gone = absorbed("C2", email("old@example.com", "primary"), email("kept@example.com", "primary"))
    (step,) = plan(data(ann(), gone), primary("correct", "old@example.com")).change_set.steps
    uses_after = [
        (edit.id, {row.address.text: row.use for row in edit.after.emails})
        for edit in step.edits
        if isinstance(edit.after, am.Customer)
    ]
    assert uses_after == [
        ("C2", {"kept@example.com": "primary", "old@example.com": "former"}),
        ("C1", {"ann@example.com": "former", "old@example.com": "primary"}),
        ("C2", {"kept@example.com": "primary"}),
    ]


@pytest.mark.parametrize("use", ["primary", "former"])
@pytest.mark.parametrize(
    "request_",
    [
        primary("clear"),
        primary("set", "new@example.com"),
        primary("release", "ann@example.com", by="Bo", reason="x"),
    ],
)
def test_who_claims_what_signs_in_no_more_is_told_and_let_pass_when_it_is_undone(
    request_: Any, use: Any
) -> None:
    found = data(ann(), customer("C2", emails=[email("Ann@example.com", use)]))
    planned = plan(found, request_)
    assert "email_claimed_twice:C1:C2" in [finding.id for finding in planned.warnings]
    assert planned.change_set.tolerated == ("email_claimed_twice:C1:C2",)
    inverse = am.invert(planned.change_set).confirm(by="Bo Example", at=NOON)
    after = am.apply(found, planned.change_set)
    assert am.apply(after, inverse) == found
    thief = after.changed([customer("C3", emails=[email("ann@example.com", "primary")])])
    assert [failure.code for failure in am.check(thief, inverse)] == ["address_claimed"]
    alone = plan(data(), request_)
    assert alone.change_set.tolerated == ()


def test_what_the_absorbed_still_have_goes_although_the_survivor_signs_in_with_it() -> None:
    gone = customer(
        "C2", emails=[email("ann@example.com", "former", "C2")], merged_into="C1", status="disabled"
    )
    result = carried_out(data(ann(), gone), primary("correct", "ann@example.com"))
    assert uses(result, "C2") == {}
    assert [(row.use, row.login_of) for row in result.customers["C1"].emails] == [("primary", "C2")]


def test_a_released_address_goes_to_the_ledger() -> None:
    found = data(ann(email("ann@example.com", "former"), email(" Ann@example.com", "primary")))
    request = primary("release", "ann@example.com", by="Bo Example", reason="Somebody else has it now.")
    assert uses(carried_out(found, request)) == {}
    planned = plan(found, request)
    entries = [(entry.field, entry.value.value, entry.rule, entry.from_id) for entry in planned.ledger]
    assert entries == [
        ("emails", " Ann@example.com", "released", "C1"),
        ("emails", "ann@example.com", "released", "C1"),
    ]
    assert obligations(planned) == ["end_sessions", "tell_no_login"]
    again = plan(am.apply(found, planned.change_set), request)
    assert [(finding.code, finding.severity) for finding in again.findings] == [("email_unknown", "warning")]


# Details


def test_an_edit_changes_what_differs_and_keeps_the_old_in_the_ledger() -> None:
    before = ann(
        given_name="Ann", family_name="", birth_date=date(1990, 2, 3), phones=["1", "1", "2"], address="Here"
    )
    changes = {
        "given_name": "Anne",
        "family_name": None,
        "birth_date": None,
        "phones": ["3", "2"],
        "address": "Here",
        "add_emails": ["ANN@example.com", "work@example.com", "Work@example.com"],
    }
    result = carried_out(data(before), edit(**changes))
    after = result.customers["C1"]
    assert (after.given_name, after.family_name, after.birth_date) == ("Anne", None, None)
    assert (after.phones, after.address) == (("3", "2"), "Here")
    assert uses(result) == {"ann@example.com": "primary", "Work@example.com": "secondary"}
    planned = plan(data(before), edit(**changes))
    assert [(entry.field, entry.value.value) for entry in planned.ledger] == [
        ("given_name", "Ann"),
        ("family_name", ""),
        ("birth_date", "1990-02-03"),
        ("phones", "1"),
    ]
    (step,) = planned.change_set.steps
    assert step.reason.facts["fields"] == ("given_name", "family_name", "emails", "phones", "birth_date")
    assert carried_out(data(before), edit(birth_date="1990-02-04")).customers["C1"].birth_date == date(
        1990, 2, 4
    )


def test_an_edit_that_changes_nothing_is_done() -> None:
    same: list[dict[str, Any]] = [
        {},
        {"phones": []},
        {"given_name": None},
        {"add_emails": ["ann@example.com"]},
    ]
    for changes in same:
        planned = plan(data(), edit(**changes))
        assert planned.is_ready
        assert not planned.change_set.steps


# Refusals


PARTIAL = am.Completeness(customers=())
ABSORBED = customer("C1", status="disabled", merged_into="C2")
HOLDER = customer("C2", emails=[email("held@example.com", "former")])

REFUSALS: list[tuple[str, am.Snapshot, Any]] = [
    # of asking
    ("unknown_profile", data(), ask(profile_id="P9")),
    ("unknown_customer", data(), ask(customer_id="C9")),
    ("login_disabled", data(profiles=[profile(login="disabled")]), ask()),
    ("customer_disabled", data(ann(status="disabled")), ask()),
    ("already_absorbed", data(ABSORBED, customer("C2")), ask()),
    ("expiry_past", data(), ask(expires_at=NOON)),
    ("snapshot_not_whole", data(complete_for=PARTIAL), ask()),
    # of deciding
    ("unknown_request", data(), decide()),
    ("decision_unknown", data(access_requests=[access_request()]), decide(decision="maybe")),
    ("role_unknown", data(access_requests=[access_request()]), decide(role="manager")),
    ("request_expired", data(access_requests=[access_request(expires_at=NOON - timedelta(1))]), decide()),
    (
        "request_expired",
        data(access_requests=[access_request(expires_at=NOON - timedelta(1))]),
        decide(decision="deny"),
    ),
    ("request_closed", data(access_requests=[access_request(status="denied")]), decide()),
    (
        "request_closed",
        data(access_requests=[access_request(status="approved")]),
        decide(decision="withdraw"),
    ),
    ("not_the_decider", data(access_requests=[access_request()]), decide(by="C2")),
    ("not_the_decider", data(customer(), access_requests=[access_request()]), decide()),
    ("not_the_decider", data(access_requests=[access_request()]), decide(role="practitioner", by="P1")),
    (
        "not_the_decider",
        data(access_requests=[access_request()]),
        decide(decision="withdraw", role="practitioner", by="C1"),
    ),
    (
        "staff_may_not_decide",
        data(customer(), access_requests=[access_request()]),
        decide(role="staff", by="Bo"),
    ),
    (
        "login_disabled",
        data(profiles=[profile(login="disabled")], access_requests=[access_request()]),
        decide(),
    ),
    ("customer_disabled", data(ann(status="disabled"), access_requests=[access_request()]), decide()),
    ("snapshot_not_whole", data(access_requests=[access_request()], complete_for=PARTIAL), decide()),
    # of the primary email
    ("action_unknown", data(), primary("swap", "ann@example.com")),
    ("unknown_customer", data(), primary("clear", customer_id="C9")),
    ("customer_disabled", data(ann(status="disabled")), primary("clear")),
    ("already_absorbed", data(ABSORBED, customer("C2")), primary("set", "new@example.com")),
    (
        "already_absorbed",
        data(ABSORBED, attrs.evolve(HOLDER, merged_into="C3"), customer("C3")),
        primary("correct", "held@example.com"),
    ),
    ("email_invalid", data(), primary("set", "new@")),
    ("email_invalid", data(), primary("set")),
    ("email_claimed", data(ann(), HOLDER), primary("set", "Held@example.com")),
    ("email_unknown", data(ann(), HOLDER), primary("correct", "other@example.com")),
    ("email_unknown", data(), primary("clear", "other@example.com")),
    (
        "email_unknown",
        data(ann(email("a@example.com", "primary"), email("b@example.com", "secondary"))),
        primary("clear", "b@example.com"),
    ),
    # of an edit
    ("unknown_customer", data(customer("C2")), edit(given_name="Ann")),
    ("customer_disabled", data(ann(status="disabled")), edit(given_name="Ann")),
    ("email_invalid", data(), edit(add_emails=["new@", "@", "fine@example.com"])),
]


@pytest.mark.parametrize(("code", "found", "request_"), REFUSALS)
def test_a_wrong_fact_is_refused_with_its_code(code: str, found: am.Snapshot, request_: Any) -> None:
    planned = plan(found, request_)
    assert [finding.code for finding in planned.blockers] == [code]
    assert planned.change_set.blocked == (code,)
    assert not planned.change_set.steps
    assert not planned.ledger
    assert not planned.change_set.obligations
    for language in ("en", "fr"):
        assert planned.blockers[0].describe(language)
        assert planned.blockers[0].advise(language)


def test_a_release_needs_a_name_and_a_reason() -> None:
    planned = plan(data(), primary("release", "ann@example.com", by=" ", reason=""))
    assert planned.change_set.blocked == ("name_missing", "reason_missing")
    nameless = plan(data(access_requests=[access_request()]), decide(by=" "))
    assert nameless.change_set.blocked == ("name_missing", "not_the_decider")


def test_staff_may_not_decide_for_who_can_sign_in() -> None:
    found = data(access_requests=[access_request()])
    assert plan(found, decide(role="staff", by="Bo"), rules=STAFF).change_set.blocked == (
        "staff_may_not_decide",
    )


@pytest.mark.parametrize("request_", [ask(), decide(), primary("clear"), edit(given_name="Ann")])
def test_no_plan_is_for_an_instant_before_the_data(request_: Any) -> None:
    found = data(access_requests=[access_request(profile_id="P2")], profiles=[profile(), profile("P2")])
    planned = plan(found, request_, at=NOON - timedelta(seconds=1))
    assert planned.change_set.blocked == ("at_before_snapshot",)
    with pytest.raises(am.InvalidValueError):
        plan(found, request_, at=datetime(2026, 3, 2))  # noqa: DTZ001


@pytest.mark.parametrize("request_", [primary("set", "P1@example.com"), edit(add_emails=["p1@example.com"])])
def test_an_address_of_a_profile_warns(request_: Any) -> None:
    planned = plan(data(), request_)
    assert [finding.id for finding in planned.warnings] == ["email_shared_name_space:C1:P1"]
    assert planned.is_ready


def test_where_an_address_is_claimed_the_snapshot_should_hold_them_all() -> None:
    found = data(complete_for=am.Completeness(addresses=False))
    assert [f.id for f in plan(found, primary("set", "n@example.com")).warnings] == ["addresses_not_whole:C1"]
    assert not plan(found, edit(add_emails=["n@example.com"])).findings


def test_an_acceptance_of_what_nobody_may_accept_is_told() -> None:
    accept = [am.Acceptance(finding="unknown_customer:C9", by="Bo Example", why="It will come.")]
    planned = plan(data(), ask(customer_id="C9", accept=accept))
    assert [finding.code for finding in planned.findings] == ["unknown_customer", "acceptance_unused"]


# Types


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        (5, "wrong_type", "changes"),
        (am.model.FrozenJson.of([]), "wrong_type", "changes"),
        ({"emails": []}, "not_one_of", "changes"),
        ({"given_name": 5}, "wrong_type", "given_name"),
        ({"birth_date": "1990-2-3"}, "wrong_type", "birth_date"),
        ({"birth_date": "19900203"}, "wrong_type", "birth_date"),
        ({"phones": "1"}, "wrong_type", "phones"),
        ({"phones": None}, "wrong_type", "phones"),
        ({"add_emails": [5]}, "wrong_type", "add_emails"),
    ],
)
def test_a_change_of_the_wrong_type_raises(changes: Any, code: str, field: str) -> None:
    with pytest.raises(am.InvalidValueError) as error:
        am.customers.CustomerEdit(customer_id="C1", changes=changes)
    assert (error.value.code, error.value.facts["field"]) == (code, field)


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (ask, {"profile_id": None}),
        (ask, {"expires_at": "tomorrow"}),
        (ask, {"expires_at": datetime(2026, 3, 2)}),  # noqa: DTZ001
        (decide, {"decision": None}),
        (decide, {"by": 5}),
        (decide, {"reason": "\ud800"}),
    ],
)
def test_a_request_of_wrong_types_raises(make: Any, fields: Any) -> None:
    with pytest.raises(am.InvalidValueError):
        make(**fields)


def test_a_primary_email_is_text() -> None:
    for wrong in (None, 5, "\ud800"):
        with pytest.raises(am.InvalidValueError):
            primary("set", wrong)  # type: ignore[arg-type]
    given = am.customers.PrimaryEmailChange(
        customer_id="C1", action="set", address=am.model.EmailAddress("a@example.com")
    )
    assert given == primary("set", "a@example.com")


def test_what_is_added_has_no_order() -> None:
    assert edit(add_emails=["b", "a", "a"]) == edit(add_emails=("a", "b"))


@pytest.mark.parametrize(
    ("intent", "request_"),
    [
        ("access_request", ask()),
        ("access_decision", decide(reason="We met.")),
        ("primary_email", primary("set", "new@example.com", by="Bo", reason="New.")),
        ("primary_email", primary("clear")),
        ("customer_edit", edit(birth_date=None, phones=["1"])),
    ],
)
def test_requests_and_plans_survive_their_files(intent: str, request_: Any) -> None:
    planned = plan(data(access_requests=[access_request(profile_id="P1")]), request_)
    assert json.loads(am.dumps(request_))["intent"] == planned.change_set.intent == intent
    for value in (request_, planned, planned.change_set):
        assert am.loads(am.dumps(value)) == value


def test_a_file_with_a_wrong_change_is_refused_at_its_place() -> None:
    written = json.loads(am.dumps(edit(given_name="Ann")))
    for wrong, code in (
        ([], "wrong_type"),
        ({"emails": []}, "not_in_vocabulary"),
        ({"phones": "1"}, "wrong_type"),
    ):
        with pytest.raises(am.LoadError) as error:
            am.loads(json.dumps({**written, "changes": wrong}))
        assert [fault.code for fault in error.value.faults] == [code]


def test_the_time_of_a_request_is_an_instant() -> None:
    assert ask(expires_at=datetime.fromisoformat("2026-03-09T23:00:00+11:00")) == ask(
        expires_at=datetime(2026, 3, 9, 12, tzinfo=UTC)
    )
