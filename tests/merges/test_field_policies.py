"""Field policies: which value survives, and which goes to the ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import FIELD_POLICIES
from small_values import NOON, access, customer, profile

NONE = object()
"""In the place of a value: the attribute is not there."""


def merged(field: str, values: list[Any], policy: Any, value: Any = NONE) -> tuple[Any, list[Any]]:
    """Merge customers who differ in one field; return what the survivor has, and what is in the ledger.

    The first value is the survivor's, the others are those of the absorbed, in the order of their ids.
    """
    rule = am.merges.FieldRule(
        field=field, policy=policy, value=None if value is NONE else am.model.FrozenJson.of(value)
    )
    plan = planned(field, values, am.MergeRules(fields=[rule]))
    assert plan.is_ready, plan.blockers
    result = am.apply(snapshot(field, values), plan.confirm(by="Ann Example", at=NOON))
    entries = [entry.value.value for entry in plan.ledger]
    assert {entry.rule for entry in plan.ledger} <= {policy}
    if "." in field:
        name = field.partition(".")[2]
        found = result.customers["C0"].attributes.value.get(name, NONE)
        return found, [entry[name] for entry in entries]
    return getattr(result.customers["C0"], field), entries


def snapshot(field: str, values: list[Any]) -> am.Snapshot:
    people = []
    for n, value in enumerate(values):
        if "." in field:
            own = {} if value is NONE else {field.partition(".")[2]: value}
            people.append(customer(f"C{n}", attributes=am.model.FrozenJson.of(own)))
        else:
            people.append(customer(f"C{n}", **{field: value}))
    rows = [access(f"X{n}", customer_id=f"C{n}") for n in range(len(values))]
    return am.Snapshot(NOON, profiles=[profile()], customers=people, access=rows)


def planned(field: str, values: list[Any], rules: am.MergeRules) -> am.MergePlan:
    absorbed = tuple(f"C{n}" for n in range(1, len(values)))
    request = am.MergeRequest(survivor="C0", absorbed=absorbed, actor="P1")
    return am.plan_merge(snapshot(field, values), request, rules=rules, at=NOON)


@pytest.mark.parametrize(
    ("values", "kept", "lost"),
    [
        (["a", "b"], "a", ["b"]),
        ([None, "b", "c"], "b", ["c"]),
        (["", "b"], "b", [""]),
        ([" ", None, "c"], "c", [" "]),
        ([None, None], None, []),
        (["a", "a"], "a", []),
    ],
)
def test_survivor_first_takes_the_first_that_is_there(values: list[Any], kept: Any, lost: list[Any]) -> None:
    assert merged("address", values, "survivor_first") == (kept, lost)


@pytest.mark.parametrize(
    ("values", "kept", "lost"),
    [
        (["a", "b", "c"], "b", ["a", "c"]),
        (["a", None, "c"], "c", ["a"]),
        (["a", None], "a", []),
        (["a", ""], "a", [""]),
        (["a", " ", "c"], "c", ["a", " "]),
        (["", " "], " ", [""]),
    ],
)
def test_absorbed_first_takes_the_first_absorbed_that_is_there(
    values: list[Any], kept: Any, lost: list[Any]
) -> None:
    assert merged("address", values, "absorbed_first") == (kept, lost)


@pytest.mark.parametrize(
    ("values", "kept", "lost"),
    [
        (["a", "b"], "a", ["b"]),
        (["", "b"], "b", [""]),
        ([" ", "b"], "b", [" "]),
        ([None, "", "c"], "c", [""]),
        (["", " "], "", [" "]),
    ],
)
def test_fill_blanks_passes_over_what_says_nothing(values: list[Any], kept: Any, lost: list[Any]) -> None:
    assert merged("given_name", values, "fill_blanks") == (kept, lost)


def test_longest_counts_characters_and_among_equals_takes_the_survivors() -> None:
    assert merged("family_name", ["abc", "abcd", "abce"], "longest") == ("abcd", ["abc", "abce"])
    assert merged("family_name", ["abc", "xyz"], "longest") == ("abc", ["xyz"])
    assert merged("attributes.x", [False, 0, "12345"], "longest") == (False, [0, "12345"])
    assert merged("attributes.x", ["ab", 12345, "abc", None], "longest") == ("abc", ["ab", 12345, None])


@pytest.mark.parametrize(
    ("policy", "values", "kept"),
    [
        ("largest", [1, 2.5, True, "9", None], 2.5),
        ("largest", [1, 1.0], 1),
        ("largest", ["9", "10"], "9"),
        ("smallest", [False, 3, -1, ""], -1),
        ("smallest", [None, "x", 3], 3),
        ("true_wins", [False, 1, True], True),
        ("true_wins", ["yes", False], False),
        ("true_wins", [None, "no"], "no"),
        ("false_wins", [True, 0, False], False),
        ("false_wins", [None, 0, True], True),
    ],
)
def test_policies_for_attributes_compare_values_of_one_type(
    policy: Any, values: list[Any], kept: Any
) -> None:
    found, _ = merged("attributes.x", values, policy)
    assert (type(found), found) == (type(kept), kept)


BLANKS = (None, "", " ", "\u00a0", "\u200b")
"""Values without a visible character."""
UNBLANK = (0, False, "a", 1.5, "2020-01-01", True)
COMPARING = [policy for policy in FIELD_POLICIES if policy not in ("union", "explicit")]


@given(
    st.sampled_from(COMPARING),
    st.sampled_from(UNBLANK),
    st.lists(st.sampled_from(BLANKS), min_size=1, max_size=3),
    st.integers(0, 3),
)
def test_a_blank_value_never_wins_over_another(
    policy: Any, value: Any, blanks: list[Any], place: int
) -> None:
    values = [*blanks[:place], value, *blanks[place:]]
    found, lost = merged("attributes.x", values, policy)
    assert (type(found), found) == (type(value), value)
    assert sorted(map(repr, lost)) == sorted(map(repr, blanks))


def test_earliest_and_latest_compare_dates() -> None:
    days = [date(1990, 2, 3), date(1980, 2, 3), None, date(2000, 2, 3)]
    assert merged("birth_date", days, "earliest") == (days[1], ["1990-02-03", "2000-02-03"])
    assert merged("birth_date", days, "latest") == (days[3], ["1990-02-03", "1980-02-03"])


def test_earliest_and_latest_compare_instants_not_texts() -> None:
    times = ["2020-01-01T00:00:00+00:00", "2020-01-01T01:00:00+05:00", "2020-01-01"]
    assert merged("attributes.x", times, "earliest") == (times[1], [times[0], times[2]])
    assert merged("attributes.x", times, "latest") == (times[0], times[1:])
    assert merged("attributes.x", ["", times[0]], "earliest") == (times[0], [""])


@pytest.mark.parametrize("policy", ["earliest", "latest"])
@pytest.mark.parametrize("other", ["yesterday", 0, False])
def test_what_cannot_be_compared_as_times_blocks(policy: Any, other: Any) -> None:
    rules = am.MergeRules(fields=[am.merges.FieldRule(field="attributes.x", policy=policy)])
    plan = planned("attributes.x", ["2020-01-01", other], rules)
    assert [finding.code for finding in plan.blockers] == ["must_agree"]
    alone = planned("attributes.x", [other, NONE], rules)
    assert alone.is_ready


def test_union_keeps_every_phone_once_in_order() -> None:
    assert merged("phones", [("2", "1"), ("3", "1"), ()], "union") == (("2", "1", "3"), [])


def test_phones_of_one_go_to_the_ledger_one_by_one() -> None:
    assert merged("phones", [("2", "1"), ("3", "1")], "survivor_first") == (("2", "1"), ["3"])
    assert merged("phones", [("2", "1"), ("3", "3")], "absorbed_first") == (("3",), ["2", "1"])
    assert merged("phones", [(), ("3", "1")], "survivor_first") == (("3", "1"), [])


@pytest.mark.parametrize(
    ("field", "values", "agrees"),
    [
        ("address", ["a", "a"], True),
        ("address", ["a", "A"], False),
        ("address", ["a", None, ""], True),
        ("phones", [("1",), ("1",)], True),
        ("phones", [("1", "2"), ("2", "1")], False),
        ("phones", [("1",), ()], True),
        ("birth_date", [date(1990, 2, 3), date(1990, 3, 2)], False),
        ("attributes.x", [0, False], False),
        ("attributes.x", [1, True], False),
        ("attributes.x", [1, 1.0], True),
        ("attributes.x", [None, "null"], True),  # null is a blank
        ("attributes.x", ["null", "x"], False),
        ("attributes.x", [None, NONE], True),
    ],
)
def test_must_agree_compares_by_type_and_value(field: str, values: list[Any], agrees: bool) -> None:
    rules = am.MergeRules(fields=[am.merges.FieldRule(field=field, policy="must_agree")])
    plan = planned(field, values, rules)
    assert plan.is_ready == agrees
    if not agrees:
        (finding,) = plan.blockers
        assert (finding.code, finding.facts["field"]) == ("must_agree", field.partition(".")[0])
        assert finding.facts["customer_ids"] == ("C0", "C1")


def test_every_field_that_has_to_agree_and_does_not_is_told() -> None:
    names = ("given_name", "address", "phones")
    rules = am.MergeRules(fields=[am.merges.FieldRule(field=name, policy="must_agree") for name in names])
    people = [customer(f"C{n}", given_name=f"{n}", address=f"{n}", phones=[f"{n}"]) for n in (0, 1)]
    rows = [access(f"X{n}", customer_id=f"C{n}") for n in (0, 1)]
    before = am.Snapshot(NOON, profiles=[profile()], customers=people, access=rows)
    request = am.MergeRequest(survivor="C0", absorbed=["C1"], actor="P1")
    plan = am.plan_merge(before, request, rules=rules, at=NOON)
    assert sorted(str(finding.facts["field"]) for finding in plan.blockers) == sorted(names)


def test_explicit_gives_an_attribute_whose_name_has_dots() -> None:
    rule = am.merges.FieldRule(field="attributes.a.b", policy="explicit", value=am.model.FrozenJson.of(1))
    people = [customer("C0"), customer("C1")]
    rows = [access(f"X{n}", customer_id=f"C{n}") for n in (0, 1)]
    before = am.Snapshot(NOON, profiles=[profile()], customers=people, access=rows)
    request = am.MergeRequest(survivor="C0", absorbed=["C1"], actor="P1")
    plan = am.plan_merge(before, request, rules=am.MergeRules(fields=[rule]), at=NOON)
    result = am.apply(before, plan.confirm(by="Ann Example", at=NOON))
    assert result.customers["C0"].attributes.value == {"a.b": 1}


def test_explicit_takes_the_value_of_the_rule() -> None:
    assert merged("address", ["a", "b"], "explicit", "c") == ("c", ["a", "b"])
    assert merged("birth_date", [None, None], "explicit", "1990-02-03") == (date(1990, 2, 3), [])
    assert merged("phones", [("1",), ("2",)], "explicit", ["2", "2"]) == (("2",), ["1"])
    assert merged("attributes.x", [0, NONE], "explicit", False) == (False, [0])
    assert merged("attributes.x", [NONE, NONE], "explicit", None) == (None, [])


def test_four_kinds_of_nothing_stay_four_things() -> None:
    for value in (0, False, "", None):
        found, lost = merged("attributes.x", [NONE, value], "fill_blanks")
        assert type(found) is type(value)
        assert (found, lost) == (value, [])
    assert merged("attributes.x", [NONE, NONE], "fill_blanks") == (NONE, [])


def test_a_rule_for_all_attributes_gives_way_to_the_rule_of_one() -> None:
    fields = [
        am.merges.FieldRule(field="attributes", policy="absorbed_first"),
        am.merges.FieldRule(field="attributes.x", policy="survivor_first"),
    ]
    people = [
        customer(f"C{n}", attributes=am.model.FrozenJson.of({"x": n, "y": n, "dotted.name": n}))
        for n in (0, 1)
    ]
    rows = [access(f"X{n}", customer_id=f"C{n}") for n in (0, 1)]
    before = am.Snapshot(NOON, profiles=[profile()], customers=people, access=rows)
    request = am.MergeRequest(survivor="C0", absorbed=("C1",), actor="P1")
    plan = am.plan_merge(before, request, rules=am.MergeRules(fields=fields), at=NOON)
    result = am.apply(before, plan.confirm(by="Ann Example", at=NOON))
    assert result.customers["C0"].attributes.value == {"x": 0, "y": 1, "dotted.name": 1}
    assert [entry.value.value for entry in plan.ledger] == [{"dotted.name": 0}, {"x": 1}, {"y": 0}]


def test_opt_outs_are_a_union_whatever_the_rules_say() -> None:
    people = [customer("C0", opt_outs=["sms"]), customer("C1", opt_outs=["post"])]
    rows = [access(f"X{n}", customer_id=f"C{n}") for n in (0, 1)]
    before = am.Snapshot(NOON, profiles=[profile()], customers=people, access=rows)
    request = am.MergeRequest(survivor="C0", absorbed=("C1",), actor="P1")
    plan = am.plan_merge(before, request, at=NOON)
    result = am.apply(before, plan.confirm(by="Ann Example", at=NOON))
    assert result.customers["C0"].opt_outs == ("post", "sms")
