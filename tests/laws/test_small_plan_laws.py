"""The laws of the change set (design, section 6), for the small plans around one customer.

Those that hold for plans of every kind are the laws of planners (`planner_laws/test_planner_laws.py`).
"""

from __future__ import annotations

import pickle
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.reference import added_faults, crashed, edits_of, row_of
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


# 1. Deterministic


# 2. Pure


@given(customer_cases())
def test_planning_and_applying_change_nothing(case: CustomerCase) -> None:
    before = am.dumps(case.snapshot)
    plan = case.plan()
    if plan.is_ready:
        am.apply(case.snapshot, plan.change_set)
    assert am.dumps(case.snapshot) == before


# 3. Goal


@given(st.one_of(busy(customer_cases()), busy(customer_cases(PRIMARY))))
def test_planning_after_a_crash_in_any_edit_reaches_the_same_end(case: CustomerCase) -> None:
    change_set = case.plan().change_set
    whole = am.apply(case.snapshot, change_set)
    edits = edits_of(change_set)
    for n in range(len(edits) + 1):
        part = crashed(case.snapshot, edits[:n])
        rest = case.plan(part)
        assert rest.is_ready, (n, rest.blockers)
        assert am.apply(part, rest.change_set) == whole


# 4. Prefix-safe


@given(st.one_of(busy(customer_cases()), busy(customer_cases(PRIMARY))))
def test_no_edit_adds_a_fault(case: CustomerCase) -> None:
    change_set = case.plan().change_set
    for n in range(len(change_set.steps) + 1):
        assert not added_faults(case.snapshot, am.apply(case.snapshot, change_set.prefix(n)))
    edits = edits_of(change_set)
    for n in range(len(edits) + 1):
        assert not added_faults(case.snapshot, crashed(case.snapshot, edits[:n]))


@given(busy(customer_cases(DECISION)))
def test_nothing_is_approved_without_its_access_after_any_edit(case: CustomerCase) -> None:
    edits = edits_of(case.plan().change_set)
    row = case.snapshot.access_requests[case.request.request_id]  # type: ignore[union-attr]
    for n in range(len(edits) + 1):
        part = crashed(case.snapshot, edits[:n])
        if part.access_requests[row.id].status == "approved":
            given_ = [x for x in part.access.where("customer_id", row.customer_id) if x.level == "treating"]
            assert row.profile_id in {x.profile_id for x in given_}


# 5. Conserving


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


# 6. Idempotent, 7. Resumable


@given(busy(customer_cases()))
def test_versions_of_the_store_are_carried_over(case: CustomerCase) -> None:
    change_set = case.plan().change_set
    edits = edits_of(change_set)
    part = crashed(case.snapshot, edits)
    stamped = part.changed([attrs.evolve(row_of(part, edit), version="new") for edit in edits])
    assert am.apply(stamped, change_set) == stamped


@given(busy(customer_cases(("access_request", "access_decision"))))
def test_a_store_with_ids_of_its_own_enters_nothing_twice(case: CustomerCase) -> None:
    change_set = case.plan().change_set
    stored = crashed(case.snapshot, edits_of(change_set))
    for edit in edits_of(change_set):
        if edit.op == "create" and edit.after is not None:
            own = attrs.evolve(edit.after, id=f"store-{edit.id[:6]}")
            stored = stored.changed([own], drop={edit.entity: [edit.id]})
    assert am.apply(stored, change_set) == stored


# 8. Refuses whole


def written_by_somebody(row: Any) -> Any:
    if isinstance(row, am.Customer):
        return attrs.evolve(row, opt_outs=(*row.opt_outs, "foreign"))
    if isinstance(row, am.AccessRequest):
        return attrs.evolve(row, expires_at=row.expires_at + timedelta(days=1))
    return attrs.evolve(row, since=row.id and datetime.fromisoformat("1999-01-01T00:00:00+00:00"))


@given(busy(customer_cases()))
def test_any_drift_of_what_is_touched_is_refused_whole(case: CustomerCase) -> None:
    change_set = case.plan().change_set
    for edit in edits_of(change_set):
        row = row_of(case.snapshot, edit)
        if row is not None:
            foreign = case.snapshot.changed([written_by_somebody(row)])
            assert "drifted" in codes(foreign, change_set)
            if row.version is not None:
                other = case.snapshot.changed([attrs.evolve(row, version="other")])
                assert "version_changed" in codes(other, change_set)


@given(busy(customer_cases()))
def test_what_was_only_read_is_watched(case: CustomerCase) -> None:
    """Each entity that a plan rests on without changing it: another state of it is refused."""
    change_set = case.plan().change_set
    touched = {edit.key for edit in edits_of(change_set)}
    read = [
        (guard.facts["entity"], guard.facts["id"])
        for step in change_set.steps
        for guard in step.guards
        if guard.kind == "unchanged"
    ]
    for entity, id in read:
        if (entity, id) in touched:
            continue
        rows: dict[Any, Any] = {"profile": case.snapshot.profiles, "customer": case.snapshot.customers}
        row = rows[entity][id]
        other = (
            {"login": "disabled"}
            if entity == "profile"
            else {"status": "active" if row.status == "disabled" else "disabled"}
        )
        foreign = case.snapshot.changed([attrs.evolve(row, **other, version=None)])
        assert codes(foreign, change_set) & {"read_changed", "version_changed"}


@given(busy(customer_cases(("access_request", "access_decision"))))
def test_who_asks_can_sign_in_and_who_is_asked_can_answer_also_when_it_is_applied(case: CustomerCase) -> None:
    change_set = case.plan().change_set
    request = case.request
    if isinstance(request, am.customers.AccessDecision):
        asked = case.snapshot.access_requests[request.request_id]
        profile_id, customer_id = asked.profile_id, asked.customer_id
        watched = {"profile", "customer"} if request.decision == "approve" else {"customer"}
        watched = set() if request.role == "practitioner" else watched
    else:
        assert isinstance(request, am.customers.NewAccessRequest)
        profile_id, customer_id, watched = request.profile_id, request.customer_id, {"profile", "customer"}
    if "profile" in watched:
        row = case.snapshot.profiles[profile_id]
        gone = case.snapshot.changed([attrs.evolve(row, login="disabled", version=None)])
        assert codes(gone, change_set) & {"read_changed", "version_changed"}
    if "customer" in watched:
        person = case.snapshot.customers[customer_id]
        off = case.snapshot.changed([attrs.evolve(person, status="disabled", version=None)])
        assert codes(off, change_set) & {"read_changed", "version_changed"}


@given(busy(customer_cases(PRIMARY)))
def test_a_primary_email_rests_on_who_the_customer_is(case: CustomerCase) -> None:
    """Neither is a survivor corrected that absorbed nobody, nor anything given to who is disabled meanwhile."""
    change_set = case.plan().change_set
    asked = case.snapshot.customers[case.request.customer_id]  # type: ignore[union-attr]
    for changed in (
        attrs.evolve(case.snapshot.customers["C0"], status="disabled", version=None),
        attrs.evolve(asked, merged_into=None if asked.merged_into else "C0", version=None),
    ):
        assert codes(case.snapshot.changed([changed]), change_set)


# 9. Guards


@given(busy(customer_cases(PRIMARY)), st.sampled_from(("primary", "former")))
def test_an_address_that_is_claimed_meanwhile_is_seen(case: CustomerCase, use: Any) -> None:
    change_set = case.plan().change_set
    changed = [edit for edit in edits_of(change_set) if isinstance(edit.after, am.Customer)]
    gained = {
        mailbox
        for edit in changed
        if isinstance(edit.before, am.Customer) and isinstance(edit.after, am.Customer)
        for mailbox in set(edit.after.primary_mailboxes) - set(edit.before.primary_mailboxes)
    }
    assume(gained)
    (mailbox,) = gained
    thief = am.Customer(
        id="thief", record_number="9", emails=[am.CustomerEmail(mailbox, use)], status="disabled"
    )
    assert codes(case.snapshot.changed([thief]), change_set) == {"address_claimed"}
    beside = attrs.evolve(thief, emails=[am.CustomerEmail(mailbox, "secondary")])
    assert not codes(case.snapshot.changed([beside]), change_set)
    done = am.apply(case.snapshot, change_set).changed([thief])
    assert not codes(done, change_set)


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


# 10. Prefixes and confirmation


@given(busy(customer_cases()))
def test_a_prefix_keeps_plan_id_and_confirmation(case: CustomerCase) -> None:
    plan = case.plan()
    confirmed = plan.confirm(by="Ann Example", at=case.at)
    assert not plan.change_set.needs_confirmation
    assert confirmed.prefix(0).plan_id == confirmed.plan_id == plan.plan_id
    assert am.apply(case.snapshot, confirmed) == am.apply(case.snapshot, plan.change_set)
    forged = attrs.evolve(confirmed, plan_id="0" * 64)
    assert codes(case.snapshot, forged) == {"plan_id_mismatch"}
    assert confirmed.confirmation is not None
    of_another = attrs.evolve(confirmed.confirmation, plan_id="0" * 64)
    assert codes(case.snapshot, attrs.evolve(confirmed, confirmation=of_another)) == {"confirmation_mismatch"}


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


# 12. Round trip


@given(customer_cases())
def test_loading_what_was_dumped_gives_the_same_value(case: CustomerCase) -> None:
    plan = case.plan()
    for value in (case.request, case.rules, plan, plan.change_set, plan.change_set.prefix(0)):
        text = am.dumps(value)
        loaded = am.loads(text)
        assert loaded == value
        assert type(loaded) is type(value)
        assert hash(loaded) == hash(value)
        assert am.dumps(loaded) == text
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes


# 13. Faithful preview


@given(customer_cases())
def test_the_summary_counts_what_the_steps_are(case: CustomerCase) -> None:
    plan = case.plan()
    for language in ("en", "fr"):
        counts = [int(line.rpartition(":")[2]) for line in plan.summary(language).splitlines()[1:-1]]
        assert sum(counts) == len(plan.change_set.steps)


# 14. Private


@given(busy(customer_cases()), st.sampled_from(("en", "fr")))
def test_nothing_that_is_shown_holds_a_personal_value(case: CustomerCase, language: str) -> None:
    canary = "canary"
    person = case.snapshot.customers["C0"]
    named = attrs.evolve(
        person,
        given_name=f"{canary} given",
        family_name=f"{canary} family",
        phones=(*person.phones, f"{canary} phone"),
        address=f"{canary} street",
        emails=(*person.emails, am.CustomerEmail(f"{canary}@example.com", "secondary")),
        attributes=am.model.FrozenJson.of({canary: canary}),
    )
    case = attrs.evolve(case, snapshot=case.snapshot.changed([named]), request=with_canaries(case.request))
    plan = case.plan()
    confirmed = plan.change_set if not plan.is_ready else plan.confirm(by=canary, at=case.at)
    parts: list[Any] = [plan, case.request, confirmed, *plan.findings, *plan.ledger]
    parts += [*plan.change_set.obligations, *plan.change_set.steps, *edits_of(plan.change_set)]
    shown = [repr(part) for part in parts] + [plan.summary(language)]
    shown += [finding.describe(language) + finding.advise(language) for finding in plan.findings]
    drifted = case.snapshot.changed([attrs.evolve(named, family_name=f"{canary} other", version=None)])
    shown += [repr(failure) + failure.describe(language) for failure in am.check(drifted, confirmed)]
    assert not [text for text in shown if canary in text.casefold()]


def with_canaries(request: Any) -> Any:
    """Return a request with a personal value wherever it may have one."""
    if isinstance(request, am.customers.AccessDecision):
        by = "Canary Decider" if request.role == "staff" else request.by
        return attrs.evolve(request, by=by, reason="canary reason")
    if isinstance(request, am.customers.PrimaryEmailChange):
        address = "canary@example.com" if request.action in ("set", "release") else request.address
        return attrs.evolve(request, address=address, by="Canary Releaser", reason="canary reason")
    if isinstance(request, am.customers.CustomerEdit):
        changes = {"given_name": "Canary", "phones": ["canary 1"], "add_emails": ["canary.new@example.com"]}
        return attrs.evolve(request, changes={**request.changes.value, **changes})
    return request
