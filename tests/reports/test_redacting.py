"""Redacted views: personal values become digests under the caller's key, everything else stays."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.guards import read_guard
from full_documents import full_change_set, places, value_at
from small_values import NOON, customer, migration, record, snapshot

KEY, OTHER = b"0123456789abcdef", b"fedcba9876543210"


def merge(**fields: Any) -> am.ChangeSet:
    people = [
        customer("C1", given_name="Ann", emails=[am.CustomerEmail("ann@example.com", "primary")]),
        customer(
            "C2",
            given_name="Anne",
            birth_date=date(1990, 2, 3),
            phones=["1"],
            attributes=am.model.FrozenJson.of({"pet": "cat"}),
        ),
    ]
    rows = [am.Access(id=f"X{n}", profile_id="P1", customer_id=f"C{n}", level="treating") for n in (1, 2)]
    found = snapshot(
        customers=people, access=rows, records=[record(customer_id="C2", data=am.model.FrozenJson.of(["n"]))]
    )
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    return attrs.evolve(am.plan_merge(found, asked, at=NOON).change_set, **fields)


def values(view: Any) -> set[str]:
    """Return every text in a view, however deep."""
    return {str(value_at(view, place)) for place in places(view) if isinstance(value_at(view, place), str)}


def test_a_view_has_the_places_of_the_document_and_digests_for_what_is_personal() -> None:
    change_set = merge()
    document, view = json.loads(am.dumps(change_set)), am.reports.redacted(change_set, key=KEY)
    changed = {str(value_at(document, p)) for p in places(document) if p not in set(places(view))}
    assert changed <= {"cat"}  # the names of attributes are personal as well, so they have no places any more
    differing = [p for p in places(view) if not isinstance(value_at(view, p), dict | list)]
    differing = [p for p in differing if value_at(view, p) != value_at(document, p)]
    keys = {next(key for key in reversed(place) if isinstance(key, str)) for place in differing}
    assert keys == {
        *("format", "record_number", "former_record_numbers", "given_name", "birth_date", "phones"),
        *("address", "attributes", "data", "value"),
    }


def retirement(image: str) -> dict[str, Any]:
    """Return an image of the absorbed customer in the last step of a view."""
    edits = am.reports.redacted(merge(), key=KEY)["steps"][-1]["edits"]
    found: dict[str, Any] = next(edit for edit in edits if edit["id"] == "C2")[image]
    return found


def test_equal_values_have_equal_digests_and_different_ones_do_not() -> None:
    first, second = (
        am.reports.redacted(merge(), key=key)["steps"][0]["edits"][0]["before"] for key in (KEY, OTHER)
    )
    again = retirement("before")
    assert first["given_name"].startswith("redacted:")
    assert first["given_name"] != second["given_name"]
    assert first["id"] == second["id"] == "C1"
    assert again["given_name"] != first["given_name"]
    entry = am.reports.redacted(merge(), key=KEY)["ledger"][0]
    assert entry["value"] == again["given_name"]


def test_what_is_empty_or_null_is_seen_to_be_so() -> None:
    retired = retirement("after")
    assert retired["phones"] == []
    assert retired["birth_date"] is None
    assert retired["attributes"] == {}


def test_who_agreed_accepted_confirmed_or_remarked_is_hidden_in_every_part() -> None:
    plan = migration(1, new_email="new@example.com", accept=[am.Acceptance(finding="x:y", by="Bo", why="so")])
    view = am.reports.redacted(plan, key=KEY)
    assert not values(view) & {"Ann Example", "Bo", "so", "new@example.com", "P1@example.com"}
    assert {"x:y", "T-1", "P1", "A0", "future_booking"} <= values(view)
    assert view["request"] == view["change_set"]["request"]
    full = am.reports.redacted(full_change_set(), key=KEY)
    assert not values(full["confirmation"]) & {"Ann"}
    assert str(full["annotations"]).startswith("redacted:")
    assert full["through"] == 3


def test_a_digest_without_key_is_hidden_too() -> None:
    guard = read_guard(customer(given_name="Ann"))
    step = attrs.evolve(merge().steps[0], guards=(guard,))
    facts = am.reports.redacted(merge(steps=(step,)), key=KEY)["steps"][0]["guards"][0]["facts"]
    assert facts["digest"].startswith("redacted:")
    assert facts["id"] == "C1"


def test_a_request_that_is_none_is_hidden_whole() -> None:
    for request in ("Ann", ["Ann"], {"survivor": "Ann", "more": "Ann"}, {"survivor": {"Ann": "Ann"}}):
        view = am.reports.redacted(merge(request=am.model.FrozenJson.of(request)), key=KEY)
        assert "Ann" not in json.dumps(view["request"])


def test_an_undo_names_the_plan_that_it_undoes() -> None:
    inverse = am.invert(merge(undo="while_unchanged"))
    view = am.reports.redacted(inverse, key=KEY)
    assert view["request"] == inverse.request.value
    foreign = attrs.evolve(inverse, request=am.model.FrozenJson.of({"plan_id": "p", "by": "Ann"}))
    assert "Ann" not in json.dumps(am.reports.redacted(foreign, key=KEY))


def test_a_view_is_no_document() -> None:
    with pytest.raises(am.LoadError) as refusal:
        am.loads(json.dumps(am.reports.redacted(migration(1), key=KEY)))
    assert [fault.code for fault in refusal.value.faults] == ["unknown_format"]


@pytest.mark.parametrize("key", [b"", b"fifteen bytes..", "a text of sixteen", None])
def test_a_key_that_could_be_tried_out_is_refused(key: Any) -> None:
    with pytest.raises(am.InvalidValueError) as refusal:
        am.reports.redacted(merge(), key=key)
    assert refusal.value.code == "key_too_short"


def test_only_plans_and_change_sets_have_a_view() -> None:
    with pytest.raises(am.InvalidValueError) as refusal:
        am.reports.redacted(snapshot(), key=KEY)  # type: ignore[arg-type]
    assert refusal.value.code == "no_format"


def test_what_a_merge_keeps_is_hidden_like_an_edit() -> None:
    """The survivor is changed by no step, and the relation that both had to somebody else is kept."""
    people = [customer("S", given_name="Ann", former_record_numbers=["A"]), customer("A"), customer("T")]
    twins = [
        record(
            f"R{id}",
            kind="relation",
            customer_id=id,
            related_customer_id="T",
            data=am.model.FrozenJson.of("Bo"),
        )
        for id in "SA"
    ]
    rows = [am.Access(id=f"X{id}", profile_id="P1", customer_id=id, level="treating") for id in "SA"]
    asked = am.MergeRequest(survivor="S", absorbed=["A"], actor="P1")
    plan = am.plan_merge(snapshot(customers=people, records=twins, access=rows), asked, at=NOON)
    assert plan.change_set.images == (people[0], twins[0])
    view = am.reports.redacted(plan.change_set, key=KEY)
    kept = view["images"]
    assert [(image["entity"], image["id"]) for image in kept] == [("customer", "S"), ("record", "RS")]
    assert all(hidden.startswith("redacted:") for hidden in (kept[0]["given_name"], kept[1]["data"]))
    assert view["held"] == {"record": ["RS"], "access": ["XS"]}
    assert "Ann" not in json.dumps(view)
    assert "Ann" not in f"{plan.change_set!r}{plan!r}{plan.change_set.images!r}"


@given(st.dates())
def test_without_the_plan_id_no_digest_without_a_key_is_in_a_view(day: date) -> None:
    plan = attrs.evolve(merge(), annotations=am.model.FrozenJson.of({"born": day.isoformat()}))
    for value in (migration(1, new_email="new@example.com"), plan, plan.confirm(by="Bo", at=NOON)):
        view = am.reports.redacted(value, key=KEY, plan_id=False)
        # Digests of zone rules are made of public data, and explain a difference between two machines.
        text = json.dumps({name: part for name, part in view.items() if name != "zone_rules"})
        change_set = value if isinstance(value, am.ChangeSet) else value.change_set
        assert change_set.plan_id not in text
        assert change_set.rules_digest not in text
        assert not re.search("[0-9a-f]{64}", text)
        assert am.reports.redacted(value, key=OTHER, plan_id=False) != view
        assert change_set.plan_id in json.dumps(am.reports.redacted(value, key=KEY))


def test_no_name_of_an_attribute_is_in_a_view_or_a_repr() -> None:
    rule = am.merges.FieldRule(field="attributes.canary_since", policy="must_agree")
    people = [customer(id, attributes=am.model.FrozenJson.of({"canary_since": id})) for id in ("C1", "C2")]
    rows = [am.Access(id=f"X{n}", profile_id="P1", customer_id=f"C{n}", level="treating") for n in (1, 2)]
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    plan = am.plan_merge(
        snapshot(customers=people, access=rows), asked, rules=am.MergeRules(fields=[rule]), at=NOON
    )
    (blocker,) = plan.blockers
    said = [json.dumps(am.reports.redacted(plan, key=KEY)), repr(rule), repr(blocker.facts), blocker.id]
    assert not [text for text in (*said, blocker.describe(), blocker.advise()) if "canary" in text]
