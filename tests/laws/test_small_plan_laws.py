"""Laws that only the small plans around one customer have.

What holds for plans of every kind is in `planner_laws`.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.reference import added_faults, crashed, edits_of
from accountmerge.testing.strategies import CustomerCase, busy, customer_cases, customer_requests
from closed_words import check_failures
from rewritten_data import read_at

DECISION: Any = ("access_decision",)
PRIMARY: Any = ("primary_email",)


def codes(snapshot: am.Snapshot, change_set: am.ChangeSet) -> set[str]:
    failures = am.check(snapshot, change_set)
    check_failures(failures)
    if failures:
        with pytest.raises(am.ApplyRefused) as refusal:
            am.apply(snapshot, change_set)
        assert refusal.value.failures == failures
    return {failure.code for failure in failures}


@given(busy(customer_cases(DECISION)))
def test_nothing_is_approved_without_its_access_after_any_edit(case: CustomerCase) -> None:
    edits = edits_of(case.plan().change_set)
    row = case.snapshot.access_requests[case.request.request_id]  # type: ignore[union-attr]
    for n in range(len(edits) + 1):
        part = crashed(case.snapshot, edits[:n])
        if part.access_requests[row.id].status == "approved":
            given_ = [x for x in part.access.where("customer_id", row.customer_id) if x.level == "treating"]
            assert row.profile_id in {x.profile_id for x in given_}


def addresses(snapshot: am.Snapshot) -> Counter[str]:
    """Count who has each mailbox; one person with several spellings counts once."""
    pairs = {(row.id, email.address.mailbox) for row in snapshot.customers for email in row.emails}
    return Counter(mailbox for _, mailbox in pairs)


@given(st.one_of(busy(customer_cases()), busy(customer_cases(PRIMARY))))
def test_no_address_vanishes_but_by_a_release(case: CustomerCase) -> None:
    plan = case.plan()
    result = am.apply(case.snapshot, plan.change_set)
    lost = addresses(case.snapshot).keys() - addresses(result).keys()
    released = {
        am.model.EmailAddress(entry.value.value).mailbox
        for entry in plan.ledger
        if (entry.field, entry.rule) == ("emails", "released")
    }
    assert lost <= released
    is_release = (
        isinstance(case.request, am.customers.PrimaryEmailChange) and case.request.action == "release"
    )
    assert bool(released) == is_release
    spellings = {e.address.text for row in case.snapshot.customers for e in row.emails if row.id == "C0"}
    told = {entry.value.value for entry in plan.ledger if entry.field == "emails"}
    assert spellings - told <= {e.address.text for e in result.customers["C0"].emails}


@st.composite
def releases(draw: st.DrawFn) -> CustomerCase:
    case: CustomerCase = draw(customer_cases(PRIMARY))
    email = draw(st.sampled_from(case.snapshot.customers["C0"].emails))
    request = am.customers.PrimaryEmailChange(
        customer_id="C0", action="release", address=email.address, by="Ann Example", reason="Not theirs."
    )
    return attrs.evolve(case, request=request)


@given(releases())
def test_what_is_released_is_in_the_ledger_in_every_spelling(case: CustomerCase) -> None:
    plan = case.plan()
    assert isinstance(case.request, am.customers.PrimaryEmailChange)
    mailbox = case.request.address.mailbox
    before = case.snapshot.customers["C0"].emails
    after = am.apply(case.snapshot, plan.change_set).customers["C0"].emails
    assert set(after) == {email for email in before if email.address.mailbox != mailbox}
    told = [entry.value.value for entry in plan.ledger]
    assert sorted(told) == sorted({email.address.text for email in before} - {e.address.text for e in after})
    primary = {email.address.mailbox for email in before if email.use == "primary"}
    owed = {obligation.kind for obligation in plan.change_set.obligations}
    assert ("end_sessions" in owed) == (primary == {mailbox})


@given(busy(customer_cases(PRIMARY)))
def test_a_login_that_was_stays_known(case: CustomerCase) -> None:
    request = case.request
    assert isinstance(request, am.customers.PrimaryEmailChange)
    assume(request.action != "release")
    result = am.apply(case.snapshot, case.plan().change_set)

    def reserved(snapshot: am.Snapshot) -> set[str]:
        return {
            email.address.mailbox
            for row in snapshot.customers
            for email in row.emails
            if email.use != "secondary"
        }

    assert reserved(case.snapshot) <= reserved(result)


@given(busy(customer_cases(("access_request", "access_decision"))))
def test_a_request_that_expires_meanwhile_is_neither_entered_nor_decided(case: CustomerCase) -> None:
    change_set = case.plan().change_set
    request = case.request
    if isinstance(request, am.customers.AccessDecision):
        expires_at: datetime = case.snapshot.access_requests[request.request_id].expires_at
        wanted = set() if request.decision == "withdraw" else {"request_expired"}
    else:
        assert isinstance(request, am.customers.NewAccessRequest)
        expires_at, wanted = request.expires_at, {"request_expired"}
    late = read_at(case.snapshot, expires_at + timedelta(microseconds=1))
    assert codes(late, change_set) == wanted
    done = am.apply(case.snapshot, change_set)
    assert not codes(read_at(done, expires_at + timedelta(days=1)), change_set)
    if expires_at >= case.snapshot.taken_at:
        assert not codes(read_at(case.snapshot, expires_at), change_set)


@given(busy(customer_cases(DECISION)))
def test_an_approval_that_rests_on_access_is_refused_without_it(case: CustomerCase) -> None:
    request = case.request
    assert isinstance(request, am.customers.AccessDecision)
    row = case.snapshot.access_requests[request.request_id]
    pair: dict[str, Any] = {"profile_id": row.profile_id, "customer_id": row.customer_id}
    held = case.snapshot.changed([am.Access(id="held", level="treating", **pair)])
    plan = attrs.evolve(case, request=attrs.evolve(request, decision="approve"), snapshot=held).plan()
    assume(plan.is_ready)
    assert codes(
        case.snapshot.changed(drop={"access": [x.id for x in held.access if x.id != "held"]}), plan.change_set
    ) == {"access_lost"}


@given(st.data())
def test_whatever_is_asked_a_blocked_plan_does_nothing_and_a_ready_one_is_safe(data: st.DataObject) -> None:
    case: CustomerCase = data.draw(customer_cases())
    request = data.draw(customer_requests(case.snapshot))
    case = attrs.evolve(case, request=request)
    plan = case.plan()
    assert plan.is_ready == (not plan.blockers)
    assert len({finding.id for finding in plan.findings}) == len(plan.findings)
    if plan.is_ready:
        assert am.check(case.snapshot, plan.change_set) == ()
        result = am.apply(case.snapshot, plan.change_set)
        assert not added_faults(case.snapshot, result)
        assert not edits_of(case.plan(result).change_set)
        return
    assert not (plan.change_set.steps or plan.ledger or plan.change_set.obligations)  # noqa: PT018
    assert plan.change_set.blocked == tuple(sorted({finding.code for finding in plan.blockers}))
    assert codes(case.snapshot, plan.change_set) == {"blocked"}
