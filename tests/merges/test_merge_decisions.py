"""What a merge decides about logins of old, values that come late, and what an actor is shown."""

from __future__ import annotations

from typing import Any

import pytest

import accountmerge as am
from small_values import NOON, access, appointment, customer, slot, snapshot


def email(address: str, use: str = "secondary", login_of: str | None = None) -> am.CustomerEmail:
    return am.CustomerEmail(address, use, login_of)  # type: ignore[arg-type]


def people(survivor: dict[str, Any], absorbed: dict[str, Any], *others: am.Customer) -> am.Snapshot:
    rows = [access(f"X{id}", customer_id=id) for id in ("S", "A")]
    return snapshot(customers=[customer("S", **survivor), customer("A", **absorbed), *others], access=rows)


def planned(found: am.Snapshot, rules: am.MergeRules | None = None) -> am.MergePlan:
    request = am.MergeRequest(survivor="S", absorbed=["A"], actor="P1")
    return am.plan_merge(found, request, rules=rules or am.MergeRules(), at=NOON)


def merged(found: am.Snapshot, rules: am.MergeRules | None = None) -> am.Snapshot:
    return am.apply(found, planned(found, rules).confirm(by="Ann Example", at=NOON))


def test_a_login_of_old_stays_reserved_also_where_it_is_for_contact() -> None:
    stranger = customer("X")
    found = people(
        {"emails": [email("s@example.com", "primary"), email("a@example.com")]},
        {"emails": [email("a@example.com", "primary")]},
        stranger,
    )
    after = merged(found, am.MergeRules(kept_primary="survivor"))
    assert "a@example.com" in after.customers["S"].reserved_mailboxes
    wanted = am.customers.PrimaryEmailChange(customer_id="X", action="set", address="a@example.com")
    plan = am.customers.plan_primary_email(after, wanted, at=NOON)
    assert "email_claimed" in {finding.code for finding in plan.blockers}
    assert am.customers.diagnose_login(after, "a@example.com").outcome == "merged"


def test_the_survivors_own_login_of_old_still_says_so() -> None:
    found = people(
        {"emails": [email("s@example.com", "primary"), email("old@example.com", "former")]},
        {"emails": [email("old@example.com")]},
    )
    assert am.customers.diagnose_login(found, "old@example.com").outcome == "replaced"
    assert am.customers.diagnose_login(merged(found), "old@example.com").outcome == "replaced"


@pytest.mark.parametrize("policy", ["absorbed_first", "must_agree", "explicit", "union"])
def test_what_comes_late_overthrows_nothing(policy: Any) -> None:
    value = am.model.FrozenJson.of(["9"]) if policy == "explicit" else None
    rules = am.MergeRules(fields=[am.merges.FieldRule(field="phones", policy=policy, value=value)])
    after = merged(people({"phones": ["1"]}, {"phones": []}), rules)
    kept = after.customers["S"].phones
    late = after.changed([customer("A", status="disabled", merged_into="S", phones=["late"])])
    again = planned(late, rules)
    assert again.is_ready
    assert again.ledger == ()
    assert merged(late, rules).customers["S"].phones == (*kept, "late")


@pytest.mark.parametrize("policy", ["fill_blanks", "must_agree", "latest"])
def test_null_is_a_blank(policy: Any) -> None:
    rules = am.MergeRules(fields=[am.merges.FieldRule(field="attributes.a", policy=policy)])
    found = people(
        {"attributes": am.model.FrozenJson.of({"a": None})},
        {"attributes": am.model.FrozenJson.of({"a": "2026-01-01"})},
    )
    assert merged(found, rules).customers["S"].attributes.value == {"a": "2026-01-01"}


def test_an_actor_is_shown_nobody_else() -> None:
    shared = [email("s@example.com", "primary")]
    plan = planned(people({"emails": shared}, {}, customer("OUTSIDER", emails=shared)))
    assert any("OUTSIDER" in finding.ids for finding in plan.findings)
    assert not any("OUTSIDER" in repr((f.ids, f.facts)) for f in plan.findings_for(plan.request.actor or ""))
    absorbed = people({}, {"status": "disabled", "merged_into": "OUTSIDER"}, customer("OUTSIDER"))
    plan = planned(absorbed)
    assert "already_absorbed" in {finding.code for finding in plan.findings}
    shown = {finding.code for finding in plan.findings_for(plan.request.actor or "")}
    assert "customer_disabled" in shown
    assert "already_absorbed" not in shown


def test_ids_with_colons_make_no_two_findings_one() -> None:
    rows = [
        appointment("a:b", slot(0), customer_id="S"),
        appointment("c", slot(10), customer_id="A"),
        appointment("a", slot(600), customer_id="S"),
        appointment("b:c", slot(610), customer_id="A"),
    ]
    found = people({}, {})
    plan = planned(found.changed(rows))
    assert len({finding.id for finding in plan.blockers}) == len(plan.blockers) == 2


def test_clearing_one_address_leaves_another_alone() -> None:
    both = [email("one@example.com", "primary"), email("two@example.com", "primary")]
    found = people({"emails": both}, {})
    wanted = am.customers.PrimaryEmailChange(customer_id="S", action="clear", address="one@example.com")
    plan = am.customers.plan_primary_email(found, wanted, at=NOON)
    after = am.apply(found, plan.change_set).customers["S"]
    assert {entry.address.text: entry.use for entry in after.emails} == {
        "one@example.com": "former",
        "two@example.com": "primary",
    }


def test_values_that_no_file_could_hold_are_refused() -> None:
    with pytest.raises(am.InvalidValueError):
        am.merges.RecordKind(kind="relation", one_per_customer=True)
    for wrong in ({"birth_date": NOON}, {"attributes": am.model.FrozenJson.of(["x"])}):
        with pytest.raises(am.InvalidValueError):
            customer(**wrong)
    with pytest.raises(am.InvalidValueError):
        customer(attributes=am.model.FrozenJson.of({"a": {"b": 1}}))
    with pytest.raises(am.InvalidValueError):
        people({}, {"given_name": "\ud800"})
