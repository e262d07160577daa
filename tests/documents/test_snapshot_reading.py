"""Snapshot files: each value that is wrong in itself or against others is told with its path and never shown."""

from __future__ import annotations

import json
import re
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.errors import SHOWN_FAULTS
from accountmerge.kinds import REQUEST_KINDS
from full_documents import (
    Place,
    as_json,
    faults_in,
    full_documents,
    full_snapshot,
    is_free,
    path_of,
    places,
    replaced,
    value_at,
)

DATA = as_json(full_snapshot())


def told(place: Place, value: Any) -> list[tuple[str, str, Any]]:
    """Return the code, the path and the reason of each fault of the full snapshot with another value at a place."""
    return [(f.code, f.path, f.facts.get("reason")) for f in faults_in(replaced(DATA, place, value))]


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (("taken_at",), "2026-03-02T12:00:00", "naive_time"),
        (("taken_at",), "now", "not_a_time"),
        (("taken_at",), "2026-03-02", "not_a_time"),
        (("taken_at",), "9999-12-31T23:59:59-12:00", "time_out_of_range"),
        (("appointments", 0, "start"), "2026-03-02T12:00:00", "naive_time"),
        (("appointments", 0, "end"), "2026-03-02T25:00:00Z", "not_a_time"),
        (("appointments", 0, "time_zone"), "Mars/Olympus", "zone_unknown"),
        (("appointments", 0, "time_zone"), "../../etc/passwd", "zone_unknown"),
        (("appointments", 0, "number"), "APP-1\n", "control_character"),
        (("records", 0, "kind"), "", "empty_text"),
        (("records", 0, "kind"), " note", "outer_space"),
        (("appointments", 0, "profile_id"), "P" * 201, "long_text"),
        (("customers", 0, "phones", 0), "", "empty_text"),
        (("customers", 0, "given_name"), "Ann\x1b[2J", "control_character"),
        (("profiles", 0, "hours", "zone"), "localtime", "zone_unknown"),
        (("profiles", 0, "hours", "closed", 0), "2026-02-29", "not_a_date"),
        (("profiles", 0, "hours", "closed", 0), "20260101", "not_a_date"),
        (("profiles", 0, "hours", "days", "monday", 0, "start"), "9:00", "not_a_time_of_day"),
        (("profiles", 0, "hours", "days", "monday", 0, "start"), "24:00", "not_a_time_of_day"),
        (("profiles", 0, "hours", "days", "monday", 1, "end"), "09:00Z", "not_a_time_of_day"),
        (("profiles", 0, "unavailable", 0, "start"), "2026-03-02 12:00:00Z", "not_a_time"),
        (("customers", 0, "birth_date"), "1990-2-3", "not_a_date"),
        (("customers", 0, "birth_date"), "1990-02-03T00:00:00Z", "not_a_date"),
        (("customers", 0, "birth_date"), "1990-W05-6", "not_a_date"),
        (("records", 0, "created_at"), "P1D", "not_a_time"),
        (("access", 0, "since"), "", "not_a_time"),
        (("access_requests", 0, "expires_at"), "2026-03-02T12:00:60Z", "not_a_time"),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_told(place: Place, value: str, reason: str) -> None:
    assert told(place, value) == [("invalid_value", path_of(place), reason)]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("profiles", 0, "login"), "on"),
        (("profiles", 0, "schedule"), "Active"),
        (("customers", 0, "status"), ""),
        (("customers", 0, "emails", 0, "use"), "alias"),
        (("appointments", 0, "modality"), "in person"),
        (("appointments", 0, "status"), "live"),
        (("access", 0, "level"), "owner"),
        (("access_requests", 0, "status"), "expired"),
    ],
)
def test_a_word_out_of_the_vocabulary_is_told_with_those_that_are_in_it(place: Place, value: str) -> None:
    (fault,) = faults_in(replaced(DATA, place, value))
    assert (fault.code, fault.path) == ("not_in_vocabulary", path_of(place))
    assert str(value_at(DATA, place)) in fault.describe("fr")


@pytest.mark.parametrize(
    "end", ["2026-03-02T12:00:00Z", "2026-03-02T11:59:59.999999Z", "2026-03-02T23:00:00+11:00"]
)
@pytest.mark.parametrize("place", [("appointments", 0), ("profiles", 0, "unavailable", 0)])
def test_an_end_that_is_not_after_the_start_is_told(place: Place, end: str) -> None:
    assert told((*place, "end"), end) == [("invalid_value", path_of((*place, "end")), "end_not_after_start")]


def test_both_ends_of_a_slot_are_told() -> None:
    for place in (("appointments", 0), ("profiles", 0, "unavailable", 0)):
        row = {**value_at(DATA, place), "start": "now", "end": 5}
        assert [(code, path) for code, path, _ in told(place, row)] == [
            ("invalid_value", path_of((*place, "start"))),
            ("wrong_type", path_of((*place, "end"))),
        ]


def test_an_unknown_weekday_is_told_without_hiding_another_fault() -> None:
    days = {"Monday": [], "friday": 1}
    path = "profiles[0].hours.days"
    assert told(("profiles", 0, "hours", "days"), days) == [
        ("unknown_key", f"{path}.Monday", None),
        ("wrong_type", f"{path}.friday", None),
    ]


def test_every_id_of_a_list_and_every_pair_is_told() -> None:
    assert [path for _, path, _ in told(("complete_for", "practitioners"), [1, "H1", None])] == [
        "complete_for.practitioners[0]",
        "complete_for.practitioners[2]",
    ]
    paths = [path for _, path, _ in told(("customers", 0, "attributes"), {"a": [], "b": 1, "c": {}})]
    assert paths == ["customers[0].attributes.<key>"] * 2  # the name of an attribute may be personal
    documents = full_documents()
    request = replaced(
        as_json(documents["request"]), ("numbers",), {"A0": 1, "A1": None, "A2": "APP-1", "\ud800": "APP-2"}
    )
    assert [fault.path for fault in faults_in(request)] == [
        "numbers.A0",
        "numbers.A1",
        "numbers.<key>",
    ]
    change_set = as_json(documents["change set"])
    facts = ("steps", 0, "reason", "facts")
    found = faults_in(replaced(change_set, facts, {"profile_id": None, "reason": [1], "\ud800": 1}))
    assert [fault.path for fault in found] == [
        f"{path_of(facts)}.{key}" for key in ("profile_id", "reason", "<key>")
    ]


def test_a_fact_may_have_any_name() -> None:
    change_set = as_json(full_documents()["change set"])
    for name in ("self", "cls", "code", "path", "step", "facts"):
        found = faults_in(replaced(change_set, ("steps", 0, "reason", "facts", name), "x"))
        assert [fault.code for fault in found] == ["wrong_facts"]


def test_keys_that_are_named_otherwise_in_python_have_their_own_path() -> None:
    change_set = as_json(full_documents()["change set"])
    assert [f.path for f in faults_in(replaced(change_set, ("ledger", 0, "from"), 1))] == ["ledger[0].from"]
    guard = {"kind": "not_after", "facts": {"instant": "2026-03-02T12:00:00Z"}, "except": [1]}
    found = faults_in(replaced(change_set, ("steps", 0, "guards", 0), guard))
    assert [fault.path for fault in found] == ["steps[0].guards[0].except[0]"]


def test_repeated_ids_and_lost_references_are_told() -> None:
    assert told(("profiles", 1, "id"), "P1") == [
        ("duplicate_id", "profiles[1].id", None),
        ("dangling_reference", "profiles[0].succeeded_by", None),
    ]
    assert told(("appointments", 0, "replaced_by"), "A9") == [
        ("dangling_reference", "appointments[0].replaced_by", None)
    ]
    assert told(("customers", 0, "emails", 1, "login_of"), "C9") == [
        ("dangling_reference", "customers[0].emails.login_of", None)
    ]
    assert told(("complete_for", "customers"), ["C9", "C1"]) == [
        ("dangling_reference", "complete_for.customers", None)
    ]


def test_what_refers_to_an_unreadable_entity_does_not_dangle() -> None:
    assert told(("customers", 1, "status"), "gone") == [("not_in_vocabulary", "customers[1].status", None)]


def test_one_bad_row_hides_no_fault_of_another() -> None:
    data = replaced(replaced(DATA, ("profiles", 0, "login"), 1), ("access", 0, "level"), "owner")
    data = replaced(replaced(data, ("appointments", 1, "profile_id"), "P9"), ("taken_at",), None)
    assert [fault.path for fault in faults_in(data)] == [
        "taken_at",
        "profiles[0].login",
        "access[0].level",
        "appointments[1].profile_id",
    ]


def test_of_ten_thousand_faults_the_first_thousand_are_there_and_the_text_counts_all() -> None:
    row = DATA["access"][0]
    data = {**DATA, "access": [{**row, "id": str(number), "level": "owner"} for number in range(10_000)]}
    with pytest.raises(am.LoadError) as caught:
        am.loads(json.dumps(data))
    assert [fault.path for fault in caught.value.faults] == [
        f"access[{number}].level" for number in range(1_000)
    ]
    for language in ("en", "fr"):
        lines = caught.value.describe(language).splitlines()
        assert len(lines) == SHOWN_FAULTS + 2
        assert "10000" in lines[0]
        assert "9980" in lines[-1]
    assert str(caught.value) == caught.value.describe("en")


CANARIES = ("canary", "Ann Canary", "canary@example.com", "\ud83dcanary")


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", list(full_documents()))
def test_a_fault_never_shows_a_value(name: str) -> None:
    data = as_json(full_documents()[name])
    for place in places(data):
        if not is_free(name, place):
            found = faults_in(replaced(data, place, CANARIES[len(place) % 4]))
            texts = [fault.describe(language) + repr(fault) for fault in found for language in ("en", "fr")]
            # An id is no personal value: it may be said which one stands twice or is not there.
            shown = [
                text
                for text, fault in zip(texts[::2], found, strict=True)
                if fault.code not in ("dangling_reference", "duplicate_id")
            ]
            assert not [text for text in shown if "canary" in text.lower()], path_of(place)


@pytest.mark.parametrize("wrong", [[], {}, ["x"], 2**60, float("inf"), "\ud800"], ids=repr)
@pytest.mark.parametrize(
    "name", ["canary_since_2019", "Canary\x1b", " canary", "canary\ud800", "address.canary"]
)
def test_no_name_of_an_attribute_shows_in_an_error(name: str, wrong: Any) -> None:
    for field, value in (("attributes", {name: wrong}), ("attributes", {name: 1, "b": wrong})):
        found = faults_in(replaced(DATA, ("customers", 0, field), value))
        assert found
        shown = "".join(f"{fault.path}{fault!r}{fault.facts!r}{fault.describe()}" for fault in found)
        assert "anary" not in shown


@pytest.mark.parametrize("kind", REQUEST_KINDS.values(), ids=lambda kind: kind.intent)
def test_a_misspelt_key_of_a_request_or_of_rules_is_told_with_the_key_that_is_meant(kind: Any) -> None:
    for cls, head in ((kind.request, {"intent": kind.intent}), (kind.rules, {"subject": kind.subject})):
        for field in attrs.fields(cls):
            misspelt = f"{field.name}_"
            found = faults_in(
                {
                    "format": f"accountmerge.{'request' if 'intent' in head else 'rules'}/1",
                    misspelt: 1,
                    **head,
                }
            )
            (told,) = [fault for fault in found if fault.code == "unknown_key"]
            assert (told.path, dict(told.facts)) == (misspelt, {"meant": field.name})
            assert told.describe() == f"{misspelt}: is not a known key here; did you mean {field.name}?"


def test_an_unknown_word_is_shown_in_rules_and_hidden_in_a_request() -> None:
    rules = {"format": "accountmerge.rules/1", "subject": "merges", "fields": [{"colour": 1, "Colour": 1}]}
    assert {fault.path for fault in faults_in(rules)} >= {"fields[0].colour", "fields[0].<key>", "name"}
    request = {"format": "accountmerge.request/1", "intent": "merge", "colour": 1}
    assert "<key>" in {fault.path for fault in faults_in(request)}


def test_a_misspelt_key_of_a_customer_stays_hidden() -> None:
    (told,) = faults_in(replaced(DATA, ("customers", 0, "given_nam"), "x"))
    assert (told.path, dict(told.facts)) == ("customers[0].<key>", {})


def test_only_the_first_unknown_keys_of_an_object_are_compared_with_known_ones() -> None:
    """The comparison is slow, and the text of an error shows no more faults."""
    unknown = {f"absorbed{number}": 1 for number in range(100)}
    found = faults_in({"format": "accountmerge.request/1", "intent": "merge", "survivor": "C1", **unknown})
    assert sum("meant" in fault.facts for fault in found) == SHOWN_FAULTS


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "key",
    [
        "Ann Canary",
        "canary@example.com",
        "0412 canary",
        "çanary",
        "canary" * 9,
        "\ud800canary",
        "1 Canary Street",
        "canary_positive_since_2019",
    ],
)
@pytest.mark.parametrize("name", list(full_documents()))
def test_an_unknown_key_that_may_be_personal_is_not_shown(name: str, key: str) -> None:
    data = as_json(full_documents()[name])
    objects: list[Place] = [(), *(place for place in places(data) if isinstance(value_at(data, place), dict))]
    for place in objects:
        if place[-1:] in (("numbers",), ("treated_by",), ("rebooked",), ("zone_rules",)) and key.startswith(
            "canary_"
        ):
            continue  # their keys are ids, and ids are shown
        if (name in ("rules", "limits") or place[:1] in (("rules",), ("limits",))) and key.startswith(
            "canary_"
        ):
            continue  # no person is in rules or limits, and their keys are words
        found = faults_in(replaced(data, (*place, key), 1))
        shown = "".join(fault.path + repr(fault) + fault.describe() for fault in found)
        assert not re.search("anary|Ann", shown), path_of(place)
