"""What stands against a merge: every code, all at once, and what an actor without access may know of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import accountmerge as am
from accountmerge.findings.vocabulary import FINDINGS
from closed_words import check_words
from small_values import NOON, access, appointment, customer, profile, record, slot

HOME = am.CustomerEmail("home@example.com", "primary")
WORK = am.CustomerEmail("work@example.com", "primary")
CARD = am.MergeRules(
    record_kinds=[am.merges.RecordKind(kind="card", one_per_customer=True)],
    fields=[am.merges.FieldRule(field="address", policy="must_agree")],
)


def plan(
    *customers: am.Customer,
    survivor: str = "C1",
    absorbed: tuple[str, ...] = ("C2",),
    actor: str = "P1",
    rules: am.MergeRules = CARD,
    late: int = 0,
    complete_for: am.Completeness | None = None,
    **collections: Any,
) -> am.MergePlan:
    """Plan a merge; without anything else, of two customers whom the actor treats."""
    people = {row.id: row for row in (customer("C1"), customer("C2"), *customers)}
    given: dict[str, Any] = {
        "profiles": [profile("P1"), profile("P2", practitioner_id="H2")],
        "access": [access(f"X-{id}", customer_id=id) for id in people],
    }
    snapshot = am.Snapshot(
        NOON, customers=people.values(), complete_for=complete_for, **(given | collections)
    )
    request = am.MergeRequest(survivor=survivor, absorbed=absorbed, actor=actor)
    planned = am.plan_merge(snapshot, request, rules=rules, at=NOON + timedelta(minutes=late))
    check_words(planned)
    return planned


def blockers() -> dict[str, am.MergePlan]:
    """Return a plan that is blocked for just one reason, by its code."""
    other = customer("C3")
    doubles = [appointment("A1", slot(60)), appointment("A2", slot(90), customer_id="C2")]
    cards = [
        record(f"R{n}", kind="card", customer_id=f"C{n}", data=am.model.FrozenJson.of({"number": n}))
        for n in (1, 2)
    ]
    return {
        "absorbed_missing": plan(absorbed=()),
        "access_missing": plan(access=[access("X1"), access("X2", customer_id="C2", level="viewing")]),
        "already_absorbed": plan(other, customer("C2", status="disabled", merged_into="C3")),
        "at_before_snapshot": plan(late=-1),
        "customer_disabled": plan(customer("C2", status="disabled")),
        "introduced_double_booking": plan(appointments=doubles),
        "must_agree": plan(customer("C1", address="here"), customer("C2", address="there")),
        "one_per_customer": plan(records=cards),
        "self_merge": plan(absorbed=("C1", "C2")),
        "snapshot_not_whole": plan(complete_for=am.Completeness(customers=["C1"])),
        "two_primary_emails": plan(customer("C1", emails=[HOME]), customer("C2", emails=[WORK])),
        "undeclared_kind": plan(records=[record(kind="quite new", customer_id="C2")]),
        "unknown_customer": plan(absorbed=("C2", "C9")),
    }


def warnings() -> dict[str, am.MergePlan]:
    """Return a plan that warns of something, by its code."""
    keys = [record(f"R{n}", customer_id=f"C{n}", unique_key="k") for n in (1, 2)]
    own = [appointment("A1", slot(60)), appointment("A2", slot(90))]
    sees_one = [access("X1"), access("X2", customer_id="C2"), access("X3", profile_id="P2")]
    return {
        "access_widens": plan(access=sees_one, records=[record(customer_id="C2")]),
        "addresses_not_whole": plan(complete_for=am.Completeness(addresses=False)),
        "customer_double_booking": plan(appointments=own),
        "duplicate_record": plan(records=keys),
        "email_claimed_twice": plan(customer("C2", emails=[HOME]), customer("C3", emails=[HOME])),
        "email_shared_name_space": plan(
            customer("C2", emails=[HOME]), profiles=[profile(email=HOME.address)]
        ),
        "introduced_double_booking": plan(
            appointments=[appointment("A1", slot(-90)), appointment("A2", slot(-60), customer_id="C2")]
        ),
        "no_primary_email": plan(),
    }


@pytest.mark.parametrize("code", blockers())
def test_a_merge_is_refused_for_each_reason_with_a_remedy(code: str) -> None:
    refused = blockers()[code]
    assert {finding.code for finding in refused.blockers} == {code}
    assert refused.change_set.blocked == (code,)
    assert refused.change_set.steps == ()
    _is_told(refused, code)


@pytest.mark.parametrize("code", warnings())
def test_a_merge_is_warned_of_and_ready(code: str) -> None:
    warned = warnings()[code]
    assert warned.is_ready, warned.blockers
    assert code in {finding.code for finding in warned.warnings}
    _is_told(warned, code)


def _is_told(found: am.MergePlan, code: str) -> None:
    finding = next(finding for finding in found.findings if finding.code == code)
    assert set(finding.facts) == FINDINGS[code].facts
    for told in (finding.describe, finding.advise):
        assert told("en").strip()
        assert told("fr").strip()
        assert told("en") != told("fr")


def test_an_unknown_actor_is_told_so_and_has_no_access() -> None:
    refused = plan(actor="P9")
    assert {finding.code for finding in refused.blockers} == {"unknown_profile", "access_missing"}
    _is_told(refused, "unknown_profile")


def everything_wrong(actor: str = "P9") -> am.MergePlan:
    """Plan a merge against which everything stands that can at once."""
    doubles = [appointment("A1", slot(60)), appointment("A2", slot(90), customer_id="C2")]
    cards = [
        record(f"R{n}", kind="card", customer_id=f"C{n}", data=am.model.FrozenJson.of({"number": n}))
        for n in (1, 2)
    ]
    return plan(
        customer("C1", address="here", emails=[HOME]),
        customer("C2", address="there", emails=[WORK], status="disabled"),
        customer("C3", status="disabled", merged_into="C4"),
        customer("C4"),
        absorbed=("C1", "C2", "C3", "C9"),
        actor=actor,
        late=-1,
        complete_for=am.Completeness(customers=["C4"]),
        appointments=doubles,
        records=[*cards, record("R3", kind="quite new", customer_id="C2")],
    )


def test_all_reasons_are_given_at_once() -> None:
    refused = everything_wrong()
    assert {finding.code for finding in refused.blockers} == {
        *blockers(),
        "unknown_profile",
    } - {"absorbed_missing"}
    assert set(refused.change_set.blocked) == {finding.code for finding in refused.blockers}
    assert refused.findings == tuple(
        sorted(refused.findings, key=lambda found: (found.severity != "blocker", found.code, found.ids))
    )


# What the actor may know


def told(found: am.MergePlan) -> set[tuple[str, ...]]:
    return {(finding.code, *finding.ids) for finding in found.findings_for(found.request.actor or "")}


def test_an_actor_without_access_is_told_that_and_nothing_else() -> None:
    wanted = {("access_missing", id, "P2") for id in ("C1", "C2", "C3", "C9")}
    found = everything_wrong("P2")
    assert told(found) == wanted
    text = "".join(
        finding.describe(language) + finding.advise(language) + repr(finding.facts)
        for finding in found.findings_for(found.request.actor or "")
        for language in ("en", "fr")
    )
    assert "C4" not in text


@pytest.mark.parametrize(
    "absorbed",
    [
        customer("C2"),
        customer("C2", emails=[WORK], given_name="Zoë"),
        customer("C2", status="disabled"),
        customer("C2", status="disabled", merged_into="C3"),
        customer("C2", status="disabled", merged_into="C1"),
        None,
    ],
)
def test_an_actor_without_access_cannot_tell_what_became_of_a_customer(absorbed: am.Customer | None) -> None:
    people = [customer("C1", emails=[HOME]), customer("C3"), *([absorbed] if absorbed else [])]
    snapshot = am.Snapshot(NOON, profiles=[profile(), profile("P2")], customers=people)
    request = am.MergeRequest(survivor="C1", absorbed=("C2",), actor="P1")
    found = am.plan_merge(snapshot, request, at=NOON)
    assert told(found) == {("access_missing", "C1", "P1"), ("access_missing", "C2", "P1")}


@pytest.mark.parametrize("exists", [True, False])
def test_an_actor_who_treats_one_of_them_is_told_nothing_of_the_other(exists: bool) -> None:
    other = [customer("C2", emails=[WORK], status="disabled")] if exists else []
    snapshot = am.Snapshot(
        NOON, profiles=[profile()], customers=[customer("C1", emails=[HOME]), *other], access=[access()]
    )
    request = am.MergeRequest(survivor="C1", absorbed=("C2",), actor="P1")
    found = am.plan_merge(snapshot, request, at=NOON)
    assert told(found) == {("access_missing", "C2", "P1")}


def test_an_actor_with_access_is_told_everything() -> None:
    found = plan(customer("C1", emails=[HOME]), customer("C2", emails=[WORK]))
    assert found.findings_for(found.request.actor or "") == found.findings


@pytest.mark.parametrize("how", ["pending", "denied", "withdrawn", "approved"])
def test_only_an_access_row_counts(how: Any) -> None:
    asked = am.AccessRequest(
        id="Q1",
        profile_id="P1",
        customer_id="C2",
        requested_at=NOON,
        expires_at=NOON + timedelta(days=1),
        status=how,
    )
    others = [access("X1"), access("X2", customer_id="C2", profile_id="P2")]
    refused = plan(access=others, access_requests=[asked])
    assert [finding.code for finding in refused.blockers] == ["access_missing"]


def test_a_disabled_login_has_no_access() -> None:
    refused = plan(profiles=[profile("P1", login="disabled")])
    assert {finding.code for finding in refused.blockers} == {"access_missing"}
