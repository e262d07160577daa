"""What a merge warns of before it is confirmed: each law makes its own trouble from the draw."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from merging import confirmed

import accountmerge as am
from accountmerge.testing.strategies import MergeCase, merge_cases, ready
from small_values import NOON, access, access_request, customer, profile, snapshot

PEOPLE = ("S", "A", "B")
LEVELS = (None, "viewing", "treating")
LOGINS = ("s@example.com", "a@example.com", "b@example.com")
Answer = Literal["warn", "block"]


def planned(
    people: dict[str, dict[str, Any]], rules: am.MergeRules | None = None, accept: Any = (), **tables: Any
) -> am.MergePlan:
    """Plan the merge of everybody into the first one; the actor treats them all."""
    return asked(data(people, **tables), tuple(people), rules, accept)


def data(people: dict[str, dict[str, Any]], **tables: Any) -> am.Snapshot:
    rows = [access(f"X{id}", customer_id=id) for id in people]
    return snapshot(
        profiles=[profile(), profile("P2", practitioner_id="H2")],
        customers=[customer(id, **fields) for id, fields in people.items()],
        access=[*rows, *tables.pop("access", ())],
        **tables,
    )


def asked(found: am.Snapshot, ids: tuple[str, ...], rules: am.MergeRules | None, accept: Any) -> am.MergePlan:
    request = am.MergeRequest(survivor=ids[0], absorbed=ids[1:], actor="P1", accept=accept)
    return am.plan_merge(found, request, rules=rules or am.MergeRules(), at=NOON)


def of_code(plan: am.MergePlan, code: str) -> list[am.Finding]:
    return [finding for finding in plan.findings if finding.code == code]


# Access


@given(st.tuples(*[st.sampled_from(LEVELS)] * 3), st.tuples(*[st.booleans()] * 3))
def test_access_that_rises_or_was_denied_is_said_of_just_the_profiles_and_customers_it_concerns(
    levels: tuple[str | None, ...], denials: tuple[bool, ...]
) -> None:
    held = dict(zip(PEOPLE, levels, strict=True))
    rows = [
        access(f"Y{id}", profile_id="P2", customer_id=id, level=level) for id, level in held.items() if level
    ]
    refused = [id for id, denied in zip(PEOPLE, denials, strict=True) if denied]
    requests = [access_request(f"Q{id}", profile_id="P2", customer_id=id, status="denied") for id in refused]
    plan = planned({id: {} for id in PEOPLE}, access=rows, access_requests=requests)
    highest = max(levels, key=LEVELS.index)
    rises = sorted(id for id in PEOPLE if held[id] == "viewing" and highest == "treating")
    against = sorted(id for id in refused if highest and held[id] != highest)
    for code, ids in (("access_rises", rises), ("access_denied_before", against)):
        facts = [am.model.Facts(profile_id="P2", survivor_id="S", customer_ids=tuple(ids))] if ids else []
        assert [finding.facts for finding in of_code(plan, code)] == facts


@given(ready(merge_cases()))
def test_no_profile_treats_the_survivor_in_silence(case: MergeCase) -> None:
    """Whoever could only view one of the merged customers and treats the survivor afterwards is named."""
    after = am.apply(case.snapshot, confirmed(case))
    survivor = case.request.survivor
    treats = {
        row.profile_id for row in after.access.where("customer_id", survivor) if row.level == "treating"
    }
    said = {finding.facts["profile_id"] for finding in of_code(case.plan(), "access_rises")}
    people = (survivor, *case.request.absorbed)
    unmerged = [id for id in people if case.snapshot.customers[id].merged_into is None]
    for profile_id, id in itertools.product(treats, unmerged):
        rows = case.snapshot.access.where("customer_id", id)
        if {row.level for row in rows if row.profile_id == profile_id} == {"viewing"}:
            assert profile_id in said


# Identity

IDENTITY: dict[str, tuple[Any, ...]] = {
    "birth_date": (None, date(1990, 5, 1), date(1988, 5, 1)),
    "given_name": (None, " ", "Zoë", "ZOE\u0308 ", "Ann"),
    "address": (None, "", "1 Main  Street", "1 main street", "2 Main Street"),
    "attributes.plan": (None, "", 0, False, "0", "a", "A"),
}
SAME = {"ZOE\u0308 ": "Zoë", "1 main street": "1 Main  Street", "A": "a"}


@given(st.sampled_from(sorted(IDENTITY)), st.data(), st.sampled_from(("warn", "block")))
def test_two_identities_are_a_finding_and_blanks_and_spellings_are_none(
    field: str, draw: st.DataObject, answer: Answer
) -> None:
    values = draw.draw(st.tuples(*[st.sampled_from(IDENTITY[field])] * 3))
    rules = am.MergeRules(identity_fields=[field], identity_conflict=answer)
    plan = planned(dict(zip(PEOPLE, (_with(field, value) for value in values), strict=True)), rules)
    said = {repr(SAME.get(value, value)) for value in values if value is not None and str(value).strip()}
    found = of_code(plan, "identity_differs")
    assert len(found) == (len(said) > 1)
    assert plan.is_ready == (not found or answer == "warn")
    for finding in found:
        assert finding.facts == am.model.Facts(field=field, customer_ids=("A", "B", "S"))


def _with(field: str, value: Any) -> dict[str, Any]:
    if field.startswith("attributes."):
        return {"attributes": am.model.FrozenJson.of({field.partition(".")[2]: value})}
    return {field: value}


@pytest.mark.parametrize("code", ["identity_differs", "login_changes_hands"])
def test_what_blocks_by_rule_is_accepted_by_name_and_stays_so_at_every_prefix(code: str) -> None:
    rules = am.MergeRules(identity_conflict="block", login_change="block")
    people: dict[str, dict[str, Any]] = {
        "S": {},
        "A": {"birth_date": date(1990, 5, 1), "emails": [am.CustomerEmail(LOGINS[1], "primary")]},
        "B": {"birth_date": date(1988, 5, 1) if code == "identity_differs" else None},
    }
    refused = planned(people, rules)
    assert code in {finding.code for finding in refused.blockers}
    accept = [am.Acceptance(finding=f.id, by="Ann Example", why="seen") for f in refused.blockers]
    change_set = planned(people, rules, accept).confirm(by="Ann Example", at=NOON)
    whole = am.apply(data(people), change_set)
    for n in range(len(change_set.steps) + 1):
        part = am.apply(data(people), change_set.prefix(n))
        rest = asked(part, PEOPLE, rules, accept)
        assert rest.is_ready, (n, rest.blockers)
        assert am.apply(part, rest.confirm(by="Ann Example", at=NOON)) == whole


# Consents


@given(st.lists(st.tuples(*[st.sampled_from((None, True, False, "true", 0, 1))] * 3), max_size=3))
def test_opposite_consents_are_counted_and_never_named(rows: list[tuple[Any, ...]]) -> None:
    names = [f"secret{n}" for n in range(len(rows))]
    people = {
        id: {
            "attributes": am.model.FrozenJson.of(
                {name: row[n] for name, row in zip(names, rows, strict=True)}
            )
        }
        for n, id in enumerate(PEOPLE)
    }
    opposite = [
        [id for id, value in zip(PEOPLE, row, strict=True) if type(value) is bool]
        for row in rows
        if {value for value in row if type(value) is bool} == {True, False}
    ]
    found = of_code(planned(people), "opposite_consents")
    assert len(found) == bool(opposite)
    for finding in found:
        assert finding.facts["count"] == len(opposite)
        assert finding.facts["customer_ids"] == tuple(sorted({id for ids in opposite for id in ids}))
        told = f"{finding.id} {finding.facts} {finding.describe()} {finding.advise('fr')}"
        assert "secret" not in told


# Logins


@given(
    st.tuples(*[st.sampled_from((None, *LOGINS))] * 3),
    st.sampled_from(("ask", "survivor", "absorbed")),
    st.sampled_from(("warn", "block")),
)
def test_a_login_that_was_not_the_survivors_alone_is_said_under_every_rule(
    logins: tuple[str | None, ...], kept: Any, answer: Answer
) -> None:
    people = {
        id: {"emails": [am.CustomerEmail(login, "primary")] if login else []}
        for id, login in zip(PEOPLE, logins, strict=True)
    }
    rules = am.MergeRules(kept_primary=kept, login_change=answer)
    plan = planned(people, rules)
    if "two_primary_emails" in plan.change_set.blocked:
        return
    accept = [am.Acceptance(finding=f.id, by="Ann Example", why="agreed") for f in plan.blockers]
    allowed = planned(people, rules, accept)
    after = am.apply(data(people), allowed.confirm(by="Ann Example", at=NOON)).customers["S"]
    primary = next((email.address.text for email in after.emails if email.use == "primary"), None)
    holders = tuple(sorted(id for id, login in zip(PEOPLE, logins, strict=True) if login == primary))
    changes = primary is not None and holders != ("S",)
    found = of_code(plan, "login_changes_hands")
    assert [finding.facts for finding in found] == [
        am.model.Facts(survivor_id="S", customer_ids=holders) for _ in range(changes)
    ]
    assert plan.is_ready == (not changes or answer == "warn")
    ended = {row.facts["customer_id"] for row in allowed.change_set.obligations if row.kind == "end_sessions"}
    assert ended == {id for id, login in zip(PEOPLE, logins, strict=True) if login and (changes or id != "S")}


# Phones

SAME_NUMBER = ("+61 2 5550 1000", "0061 2 55501000", "02 5550 1000", "(02) 5550-1000", "+61 (0)2 5550 1000")
OTHER_NUMBERS = ("+61 2 5550 1001", "5550 1000 ext 2", "02 5550 1000 x1", "1000", "+64 2 5551 1000", "112")


@given(st.sampled_from(SAME_NUMBER), st.sampled_from(SAME_NUMBER), st.sampled_from(OTHER_NUMBERS))
def test_one_number_in_two_spellings_is_told_and_both_stay(one: str, other: str, third: str) -> None:
    people = {"S": {"phones": [one]}, "A": {"phones": [other]}, "B": {"phones": [third]}}
    plan = planned(people)
    found = of_code(plan, "phone_spellings")
    assert [finding.facts for finding in found] == [
        am.model.Facts(survivor_id="S", customer_ids=("A", "S"), count=2) for _ in range(one != other)
    ]
    after = am.apply(data(people), plan.confirm(by="Ann Example", at=NOON)).customers["S"]
    assert set(after.phones) == {one, other, third}


@given(st.permutations(OTHER_NUMBERS))
def test_numbers_that_are_not_one_are_not_told(phones: list[str]) -> None:
    people = {"S": {"phones": phones[:2]}, "A": {"phones": phones[2:4]}, "B": {"phones": phones[4:]}}
    assert not of_code(planned(people), "phone_spellings")


# All of them


@given(ready(merge_cases()))
def test_a_finished_merge_repeats_none_of_its_warnings(case: MergeCase) -> None:
    codes = {"access_rises", "access_denied_before", "identity_differs", "opposite_consents"}
    codes |= {"login_changes_hands", "phone_spellings"}
    again = case.plan(am.apply(case.snapshot, confirmed(case)))
    assert not codes.intersection(finding.code for finding in again.findings)


def test_default_rules_are_written_without_keys_that_they_do_not_need() -> None:
    written = am.dumps(am.MergeRules(identity_fields=["birth_date"]))
    assert written == '{"format":"accountmerge.rules/1","subject":"merges","name":"default","version":"1"}'
