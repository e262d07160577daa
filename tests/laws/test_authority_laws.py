"""Who may merge under the rule `authorised`: a named authority, and no profile."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from merging import confirmed

import accountmerge as am
from accountmerge.testing.strategies import MergeCase, busy, merge_cases
from small_values import NOON, access_request, customer, profile, snapshot

ANN = am.merges.Authority(person="Ann Example", role="Back office", ticket="T-1", why="Asked by telephone.")
KEY = bytes(32)
AUTHORISED = am.MergeRules(actor="authorised")


def authorised(case: MergeCase) -> MergeCase:
    """Return a case in which an authority asks, and nobody has access to anybody."""
    request = attrs.evolve(case.request, actor=None, authority=ANN)
    rules = attrs.evolve(case.rules, actor="authorised")
    return attrs.evolve(case, request=request, rules=rules)


def without_access(found: am.Snapshot) -> am.Snapshot:
    return found.changed(drop={"access": [row.id for row in found.access]})


def plan(rules: am.MergeRules = AUTHORISED, **fields: Any) -> am.MergePlan:
    found = snapshot(
        profiles=[profile()],
        customers=[customer("S"), customer("A")],
        access_requests=[access_request(customer_id="A")],
    )
    request = am.MergeRequest(survivor="S", absorbed=["A"], **fields)
    return am.plan_merge(found, request, rules=rules, at=NOON)


@given(busy(merge_cases()))
def test_an_authority_merges_without_any_access_and_no_guard_asks_for_it(case: MergeCase) -> None:
    case = authorised(attrs.evolve(case, snapshot=without_access(case.snapshot)))
    found = case.plan()
    assert "access_missing" not in {finding.code for finding in found.findings}
    kinds = {guard.kind for step in found.change_set.steps for guard in step.guards}
    assert "access_holds" not in kinds
    if found.is_ready:
        after = am.apply(case.snapshot, confirmed(case))
        assert case.plan(after).change_set.steps == ()


@given(st.sampled_from(("person", "role", "ticket", "why")), st.sampled_from(("", " ", "   ")))
def test_an_authority_without_one_of_its_four_parts_merges_nobody(field: str, blank: str) -> None:
    refused = plan(authority=attrs.evolve(ANN, **{field: blank}))
    assert [finding.id for finding in refused.blockers] == ["authority_missing:S"]
    assert [finding.id for finding in plan().blockers] == ["authority_missing:S"]


def test_an_authority_is_in_the_sealed_request_and_decides_what_the_merge_withdraws() -> None:
    found = plan(authority=ANN)
    assert found.is_ready
    assert found.change_set.request.value["authority"] == {
        "person": "Ann Example",
        "role": "Back office",
        "ticket": "T-1",
        "why": "Asked by telephone.",
    }
    other = plan(authority=attrs.evolve(ANN, ticket="T-2"))
    assert other.plan_id != found.plan_id
    (edit,) = (e for s in found.change_set.steps for e in s.edits if e.entity == "access_request")
    assert isinstance(edit.after, am.AccessRequest)
    assert edit.after.decided_by == "Ann Example"
    assert am.loads(am.dumps(found)) == found


@pytest.mark.parametrize("actor", [None, "P1"])
def test_an_authority_counts_for_nothing_where_a_profile_has_to_treat_them(actor: str | None) -> None:
    refused = plan(am.MergeRules(), authority=ANN, actor=actor)
    assert [finding.code for finding in refused.warnings if "authority" in finding.code] == [
        "authority_unused"
    ]
    wanted = {"access_missing"} if actor else {"actor_missing"}
    assert {finding.code for finding in refused.blockers} == wanted


def test_a_redacted_view_has_neither_person_nor_role_nor_reason() -> None:
    told = json.dumps(am.reports.redacted(plan(authority=ANN), key=KEY))
    assert not [word for word in ("Ann Example", "Back office", "telephone") if word in told]
    assert "Ann" not in repr(plan(authority=ANN).request) + repr(ANN)


def test_requests_with_and_without_a_profile_are_planned_together_in_one_order() -> None:
    found = snapshot(customers=[customer(id) for id in "SABC"])
    requests = [
        am.MergeRequest(survivor="S", absorbed=["A"], authority=ANN),
        am.MergeRequest(survivor="S", absorbed=["A"], authority=ANN, actor="P1"),
        am.MergeRequest(survivor="S", absorbed=["B"], authority=ANN),
    ]
    one, other = (
        am.merges.plan_merges(found, asked, rules=AUTHORISED, at=NOON) for asked in (requests, requests[::-1])
    )
    assert one.is_ready
    assert [each.plan_id for each in one.plans] == [each.plan_id for each in other.plans]
