"""What every planner has in common: the classes it takes, the instant, and data that are not whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.change_sets import INTENTS
from accountmerge.kinds import REQUEST_KINDS, AnyPlan, AnyRequest, AnyRules, rules_classes
from accountmerge.plans.kind import Kind
from small_values import NOON, customer, profile, request, snapshot

REQUESTS: dict[str, Any] = {
    "migration": request(),
    "merge": am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1"),
    "access_request": am.customers.NewAccessRequest(profile_id="P1", customer_id="C1", expires_at=NOON),
    "access_decision": am.customers.AccessDecision(request_id="Q1", decision="deny", role="staff", by="Ann"),
    "primary_email": am.customers.PrimaryEmailChange(
        customer_id="C1", action="clear", address="a@example.com", by="Ann", reason="asked"
    ),
    "customer_edit": am.customers.CustomerEdit(customer_id="C1", changes={"given_name": "Ann"}),
    "rebooking": am.rebooking.RebookingRequest(
        number="APP-1",
        initials="A.D.",
        start=NOON,
        time_zone="UTC",
        modality="chat",
        old_email="a@example.com",
        new_email="b@example.com",
    ),
}
KINDS = list(REQUEST_KINDS.values())
FOUND = snapshot(profiles=[profile()], customers=[customer("C1"), customer("C2")])


def named(kind: Kind[Any, Any, Any]) -> str:
    return kind.intent


def test_every_intent_but_undo_has_a_kind() -> None:
    assert [*REQUEST_KINDS, "undo"] == sorted(INTENTS, key=[*REQUEST_KINDS, "undo"].index)
    assert set(REQUESTS) == set(REQUEST_KINDS)


def test_the_unions_for_types_have_the_classes_of_the_table() -> None:
    assert set(get_args(AnyRequest)) == {kind.request for kind in KINDS}
    assert set(get_args(AnyRules)) == {kind.rules for kind in KINDS}
    assert set(get_args(AnyPlan)) == {kind.plan for kind in KINDS}


def test_each_subject_has_one_class_of_rules() -> None:
    assert {(kind.subject, kind.rules) for kind in KINDS} == set(rules_classes().items())
    assert len({kind.rules for kind in KINDS}) == len(rules_classes())


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_a_report_shows_fields_that_a_request_has(kind: Kind[Any, Any, Any]) -> None:
    assert set(kind.shown) <= set(attrs.fields_dict(kind.request))


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_rules_of_another_class_are_refused_by_every_planner(kind: Kind[Any, Any, Any]) -> None:
    for other in {each.rules for each in KINDS} - {kind.rules}:
        with pytest.raises(am.InvalidValueError) as refused:
            am.plan(FOUND, REQUESTS[kind.intent], rules=other(), at=NOON)
        assert (refused.value.code, refused.value.facts["field"]) == ("wrong_type", "rules")
        assert kind.rules.__name__ in str(refused.value)


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_a_first_argument_that_is_no_snapshot_is_refused_by_every_planner(kind: Kind[Any, Any, Any]) -> None:
    wrong: Any = {}
    with pytest.raises(am.InvalidValueError, match="Snapshot") as refused:
        am.plan(wrong, REQUESTS[kind.intent], at=NOON)
    assert refused.value.facts["field"] == "snapshot"


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_an_instant_before_the_data_were_read_blocks_every_plan(kind: Kind[Any, Any, Any]) -> None:
    plan = am.plan(FOUND, REQUESTS[kind.intent], at=NOON - timedelta(seconds=1))
    assert "at_before_snapshot" in plan.change_set.blocked
    assert plan.change_set.steps == ()
    assert "at_before_snapshot" not in am.plan(FOUND, REQUESTS[kind.intent], at=NOON).change_set.blocked


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_the_default_rules_are_those_of_the_class(kind: Kind[Any, Any, Any]) -> None:
    asked = REQUESTS[kind.intent]
    assert am.plan(FOUND, asked, at=NOON) == am.plan(FOUND, asked, rules=kind.rules(), at=NOON)
    assert am.plan(FOUND, asked, at=NOON).rules == kind.rules()
