"""Merge rules: what fits which field is refused where it enters; the rest is decided field by field."""

from __future__ import annotations

from typing import Any

import pytest

import accountmerge as am
from accountmerge.changes.change_sets import FIELD_POLICIES, LEDGER_RULES, FieldPolicy
from accountmerge.merges.rules import RULED_FIELDS
from accountmerge.model.records import BUILT_IN_KINDS

EXPLICIT: dict[str, Any] = {
    "given_name": "Ann",
    "family_name": "",
    "address": "here",
    "birth_date": "1990-02-03",
    "phones": ["1"],
    "attributes.x": None,
}
FITTING: dict[str, set[FieldPolicy]] = {
    "given_name": {"survivor_first", "absorbed_first", "fill_blanks", "longest", "must_agree", "explicit"},
    "birth_date": {
        "survivor_first",
        "absorbed_first",
        "fill_blanks",
        "earliest",
        "latest",
        "must_agree",
        "explicit",
    },
    "phones": {"survivor_first", "absorbed_first", "union", "must_agree", "explicit"},
    "attributes": {
        "survivor_first",
        "absorbed_first",
        "fill_blanks",
        "longest",
        "earliest",
        "latest",
        "largest",
        "smallest",
        "true_wins",
        "false_wins",
        "must_agree",
    },
}
FITTING |= dict.fromkeys(("family_name", "address"), FITTING["given_name"])
FITTING["attributes.x"] = {*FITTING["attributes"], "explicit"}


def field_rule(field: str, policy: Any) -> am.merges.FieldRule:
    value = am.model.FrozenJson.of(EXPLICIT.get(field)) if policy == "explicit" else None
    return am.merges.FieldRule(field=field, policy=policy, value=value)


@pytest.mark.parametrize("field", [*RULED_FIELDS, "attributes.x", "attributes.x.y"])
@pytest.mark.parametrize("policy", FIELD_POLICIES)
def test_a_policy_fits_a_field_or_is_refused(field: str, policy: FieldPolicy) -> None:
    if policy in FITTING["attributes.x" if "." in field else field]:
        assert field_rule(field, policy).policy == policy
    else:
        with pytest.raises(am.InvalidValueError) as error:
            field_rule(field, policy)
        assert error.value.facts["field"] == "policy"


@pytest.mark.parametrize(
    "field", ["emails", "opt_outs", "former_record_numbers", "record_number", "status", "", "attribute.x"]
)
def test_a_field_that_no_rule_may_decide_is_refused(field: str) -> None:
    with pytest.raises(am.InvalidValueError) as error:
        field_rule(field, "survivor_first")
    assert error.value.facts["field"] == "field"


@pytest.mark.parametrize("policy", ["newest", "", None, 1])
def test_an_unknown_policy_is_refused(policy: Any) -> None:
    with pytest.raises(am.InvalidValueError):
        am.merges.FieldRule(field="address", policy=policy)


def test_a_value_is_given_just_when_it_is_explicit() -> None:
    with pytest.raises(am.InvalidValueError) as error:
        am.merges.FieldRule(field="address", policy="explicit")
    assert error.value.code == "value_for_explicit"
    with pytest.raises(am.InvalidValueError) as error:
        am.merges.FieldRule(field="address", policy="longest", value=am.model.FrozenJson.of("here"))
    assert error.value.code == "value_for_explicit"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", None),
        ("address", 1),
        ("birth_date", "3 February 1990"),
        ("birth_date", "19900203"),
        ("birth_date", "1990-02-30"),
        ("birth_date", "1990-W05-6"),
        ("birth_date", None),
        ("phones", "1"),
        ("phones", [1]),
        ("phones", None),
        ("attributes.x", [0]),
        ("attributes.x", {"y": 0}),
    ],
)
def test_an_explicit_value_is_of_the_type_of_its_field(field: str, value: Any) -> None:
    with pytest.raises(am.InvalidValueError) as error:
        am.merges.FieldRule(field=field, policy="explicit", value=am.model.FrozenJson.of(value))
    assert error.value.facts["field"] == "value"


@pytest.mark.parametrize("value", [0, False, "", None, 1.5])
def test_an_attribute_may_have_any_scalar(value: Any) -> None:
    rule = am.merges.FieldRule(field="attributes.x", policy="explicit", value=am.model.FrozenJson.of(value))
    assert rule.value == am.model.FrozenJson.of(value)


def test_a_field_and_a_kind_are_ruled_once() -> None:
    for fields in ([field_rule("address", "longest")] * 2, [field_rule("phones", "union")] * 2):
        with pytest.raises(am.InvalidValueError) as error:
            am.MergeRules(fields=fields)
        assert error.value.code == "declared_twice"
    with pytest.raises(am.InvalidValueError) as error:
        am.MergeRules(
            record_kinds=[
                am.merges.RecordKind(kind="card"),
                am.merges.RecordKind(kind="card", one_per_customer=True),
            ]
        )
    assert error.value.code == "declared_twice"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": None},
        {"version": 1},
        {"fields": ["address"]},
        {"record_kinds": ["card"]},
        {"kept_primary": "both"},
        {"undo": "always"},
    ],
)
def test_rules_of_the_wrong_type_are_refused(wrong: Any) -> None:
    with pytest.raises(am.InvalidValueError):
        am.MergeRules(**wrong)


def test_fields_and_surfaces_have_no_order() -> None:
    fields = [field_rule("address", "longest"), field_rule("birth_date", "latest")]
    record_kinds = [am.merges.RecordKind(kind="b"), am.merges.RecordKind(kind="a")]
    assert am.MergeRules(fields=fields, record_kinds=record_kinds) == am.MergeRules(
        fields=fields[::-1], record_kinds=record_kinds[::-1]
    )


def test_a_field_that_is_not_ruled_fills_blanks_and_phones_are_a_union() -> None:
    rules = am.MergeRules(fields=[field_rule("attributes", "latest"), field_rule("attributes.x", "earliest")])
    assert rules.field_rule("address").policy == "fill_blanks"
    assert rules.field_rule("phones").policy == "union"
    assert rules.field_rule("attributes.x").policy == "earliest"
    assert rules.field_rule("attributes.y").policy == "latest"
    assert am.MergeRules().field_rule("attributes.y").policy == "fill_blanks"


@pytest.mark.parametrize("wrong", [{"kind": None}, {"kind": "card", "one_per_customer": 1}])
def test_a_surface_of_the_wrong_type_is_refused(wrong: Any) -> None:
    with pytest.raises(am.InvalidValueError):
        am.merges.RecordKind(**wrong)


def test_built_in_kinds_need_no_declaration_and_may_have_one() -> None:
    rules = am.MergeRules(record_kinds=[am.merges.RecordKind(kind="note", one_per_customer=True)])
    for kind in BUILT_IN_KINDS:
        record_kind = rules.record_kind(kind)
        assert record_kind is not None
        assert record_kind.one_per_customer == (kind == "note")
    assert rules.record_kind("card") is None


@pytest.mark.parametrize(
    "wrong",
    [{"survivor": None}, {"absorbed": [1]}, {"actor": 5}, {"accept": ["a:b"]}, {"absorbed": ["\ud800"]}],
)
def test_a_merge_request_of_the_wrong_type_is_refused(wrong: Any) -> None:
    whole: dict[str, Any] = {"survivor": "C1", "absorbed": ("C2",), "actor": "P1"}
    with pytest.raises(am.InvalidValueError):
        am.MergeRequest(**(whole | wrong))


def test_the_absorbed_are_a_set() -> None:
    request = am.MergeRequest(survivor="C1", absorbed=["C3", "C2", "C3"], actor="P1")
    assert request.absorbed == ("C2", "C3")
    with pytest.raises(am.InvalidValueError):  # one text is no list of ids
        am.MergeRequest(survivor="C1", absorbed="C2", actor="P1")


def test_a_value_that_a_policy_drops_has_a_rule_of_the_ledger() -> None:
    assert set(FIELD_POLICIES) <= set(LEDGER_RULES)
