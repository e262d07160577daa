"""Bombs: files that are deep, long or many-faced are refused, or read in a time that their size explains.

Nothing is timed here: each of these took minutes, the whole memory or a traceback if it was not seen to.
"""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.guards import derived_guards
from accountmerge.wire.canonical import sealed
from full_documents import full_change_set, golden_documents
from small_values import appointment, customer, snapshot

GOLDEN = golden_documents("practice", "merge.plan", "merge.confirmed", "merge.receipt", "merge.rules")
DEPTHS = (65, 900, 5_000, 200_000)
HOLE = "@hole@"


def told(text: str) -> set[str]:
    with pytest.raises(am.LoadError) as caught:
        am.loads(text)
    assert caught.value.describe("fr")
    return {fault.code for fault in caught.value.faults}


def filled(document: Any, content: str) -> str:
    """Return the text of a document with text in the place of a hole, however deep that is."""
    return json.dumps(document).replace(f'"{HOLE}"', content)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('{"a":[', "]}")])
def test_whatever_is_too_deep_is_refused(depth: int, opening: str, closing: str) -> None:
    inside = opening * depth + "1" + closing * depth
    record = {"id": "r", "kind": "note", "customer_id": "customer-1", "data": HOLE}
    for text in (
        inside,
        opening * depth,
        filled(GOLDEN["merge.confirmed"] | {"annotations": HOLE}, inside),
        filled(GOLDEN["merge.confirmed"] | {"request": HOLE}, inside),
        filled(GOLDEN["merge.confirmed"] | {"steps": [HOLE]}, inside),
        filled(GOLDEN["practice"] | {"records": [record]}, inside),
        filled(GOLDEN["merge.rules"] | {"fields": HOLE}, inside),
    ):
        assert told(text)


@pytest.mark.parametrize("depth", DEPTHS)
def test_plans_do_not_nest(depth: int) -> None:
    opening = '{"format":"accountmerge.plan/1","change_set":'
    text = filled(GOLDEN["merge.plan"] | {"change_set": HOLE}, opening * depth + "1" + "}" * depth)
    assert told(text) <= {"unknown_format", "too_deep"}


@pytest.mark.parametrize("digits", [17, 4_000, 5_000, 200_000])
def test_numbers_of_many_digits_are_refused_wherever_they_stand(digits: int) -> None:
    number = "9" * digits
    confirmed, rules = GOLDEN["merge.confirmed"], GOLDEN["merge.rules"]
    for text in (
        number,
        filled(confirmed | {"through": HOLE}, number),
        filled(confirmed | {"annotations": {"a": HOLE}}, number),
        filled(rules | {"fields": [{"field": "attributes.a", "policy": "explicit", "value": HOLE}]}, number),
        json.dumps(GOLDEN["merge.receipt"] | {"step_id": f"plan/{number}"}),
    ):
        assert told(text)
    assert told(filled(confirmed | {"through": HOLE}, f"1e{number}"))


def test_each_of_many_faults_is_counted() -> None:
    rows = GOLDEN["practice"]["appointments"]
    with pytest.raises(am.LoadError) as caught:
        am.loads(json.dumps(GOLDEN["practice"] | {"appointments": [rows[0]] * 20_000 + [1] * 20_000}))
    assert len(caught.value.faults) == 1_000
    assert caught.value.facts["count"] == 39_999
    assert len(str(caught.value)) < 5_000
    assert told("{" + ",".join(f'"k{n}":1' for n in range(50_000)) + "}") == {"missing_key"}
    assert told("{" + '"format":"accountmerge.rules/1",' * 50_000 + '"a":1}') == {"repeated_key"}
    assert told(json.dumps(GOLDEN["merge.confirmed"] | {"requires": ["x"] * 20_000})) == {"unknown_feature"}


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0315\u0300" * 150_000 + "@example.com",
        "a@" + "\u00fc" * 200_000,
        "a@" + "\u0628\u200c" * 100_000,
    ],
    ids=["marks", "letters", "joiners"],
)
def test_long_addresses_and_names_are_compared_in_no_time(text: str) -> None:
    data = GOLDEN["practice"]
    person = data["customers"][0] | {"emails": [{"address": text, "use": "primary"}], "given_name": text}
    found = am.loads(json.dumps(data | {"customers": [person, *data["customers"][1:]]}))
    assert isinstance(found, am.Snapshot)
    assert any(finding.code == "email_malformed" for finding in am.find_faults(found))
    assert am.customers.diagnose_login(found, text).outcome in ("signs_in", "contact_only")
    am.customers.find_customers(found, text)


@pytest.mark.unmeasured
@pytest.mark.parametrize("entity", ["customer", "appointment"])
def test_one_entity_may_be_edited_very_often(entity: str) -> None:
    """The revisions of an entity are followed once, and a booking stands once in a calendar however often it is edited."""
    first: Any = customer("C1") if entity == "customer" else appointment("A1", number="APP-1")
    name = "given_name" if entity == "customer" else "cancel_reason"
    images = [first, *(attrs.evolve(first, **{name: str(n)}) for n in range(4_000))]
    at = full_change_set().at
    guard = derived_guards([am.changes.Edit(None, first)], at=at)
    reason = am.changes.Reason("profile_waits", am.model.Facts(profile_id="P1"))
    steps = tuple(
        am.changes.Step(n, "edit_customer", reason, (), (am.changes.Edit(images[n - 1], images[n]),))
        for n in range(1, len(images))
    )
    steps = tuple(attrs.evolve(step, guards=guard) for step in steps)
    change_set = sealed(attrs.evolve(full_change_set(), steps=steps, through=None, confirmation=None))
    before = snapshot(customers=[customer("C1")], appointments=[appointment("A1", number="APP-1")])
    loaded = am.loads(am.dumps(change_set))
    assert loaded == change_set
    assert am.check(before, change_set) == ()
    after = am.apply(before, change_set)
    assert after.table("customers" if entity == "customer" else "appointments")[first.id] == images[-1]
    assert am.resume(after, change_set).is_finished
    assert not am.resume(before, change_set).drifted
