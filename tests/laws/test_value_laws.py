"""A value that exists is valid: constructor, reader and published schema refuse the same, and what is made is read back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any

import attrs
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import accountmerge as am
from accountmerge import _ROOMS
from accountmerge.model.entities import KINDS
from accountmerge.model.value_rules import is_checked
from accountmerge.testing.strategies.scalars import texts
from full_documents import (
    Place,
    as_json,
    faults_in,
    full_documents,
    full_receipt,
    full_request,
    full_snapshot,
    replaced,
)
from small_values import (
    NOON,
    access,
    access_request,
    appointment,
    customer,
    profile,
    record,
    request,
    slot,
    snapshot,
)

SNAPSHOT = full_snapshot()
DOCUMENTS: dict[str, Any] = {
    "snapshot": as_json(SNAPSHOT),
    "request": as_json(full_request()),
    "receipt": as_json(full_receipt()),
    "migration rules": as_json(
        am.MigrationRules(
            minutes_per_booking=7, record_kinds=[am.migrations.ProfileRecords(kind="series", becomes="moves")]
        )
    ),
    "merge rules": as_json(
        am.MergeRules(
            fields=[
                am.merges.FieldRule(
                    field="given_name", policy="explicit", value=am.model.FrozenJson.of("Ann")
                )
            ],
            record_kinds=[am.merges.RecordKind(kind="invoice", one_per_customer=True)],
        )
    ),
    "customer rules": as_json(am.customers.CustomerRules()),
    "plan": as_json(full_documents()["plan"]),
}
SCHEMAS = {
    name: Draft202012Validator(am.documents.json_schema(document["format"]))
    for name, document in DOCUMENTS.items()
}
PLACES: dict[str, tuple[str, Place]] = {
    "Profile": ("snapshot", ("profiles", 0)),
    "Customer": ("snapshot", ("customers", 0)),
    "CustomerEmail": ("snapshot", ("customers", 0, "emails", 0)),
    "Appointment": ("snapshot", ("appointments", 0)),
    "Record": ("snapshot", ("records", 0)),
    "Access": ("snapshot", ("access", 0)),
    "AccessRequest": ("snapshot", ("access_requests", 0)),
    "Completeness": ("snapshot", ("complete_for",)),
    "WeeklyHours": ("snapshot", ("profiles", 0, "hours")),
    "MigrationRequest": ("request", ()),
    "Agreement": ("request", ("agreement",)),
    "Acceptance": ("request", ("accept", 0)),
    "Receipt": ("receipt", ()),
    "WrittenEntity": ("receipt", ("written", 0)),
    "MigrationRules": ("migration rules", ()),
    "ProfileRecords": ("migration rules", ("record_kinds", 0)),
    "MergeRules": ("merge rules", ()),
    "CustomerRules": ("customer rules", ()),
    "FieldRule": ("merge rules", ("fields", 0)),
    "RecordKind": ("merge rules", ("record_kinds", 0)),
    "Limits": ("plan", ("limits",)),
}
"""Where a value of each class stands in a file."""

MAKERS: dict[str, Any] = {
    "Profile": profile,
    "Customer": customer,
    "CustomerEmail": lambda **fields: am.CustomerEmail(
        **({"address": "a@example.com", "use": "primary"} | fields)
    ),
    "Appointment": lambda slot=None, **fields: (
        appointment(**fields) if slot is None else attrs.evolve(appointment(**fields), slot=slot)
    ),
    "Record": record,
    "Access": access,
    "AccessRequest": access_request,
    "Completeness": am.Completeness,
    "WeeklyHours": lambda **fields: am.WeeklyHours(**({"zone": "UTC"} | fields)),
    "DailyHours": lambda **fields: am.DailyHours(**({"start": time(9), "end": time(17)} | fields)),
    "MigrationRequest": request,
    "Agreement": lambda **fields: am.Agreement(**({"by": "Ann", "at": NOON, "version": "1"} | fields)),
    "Acceptance": lambda **fields: am.Acceptance(
        **({"finding": "email_same:P1", "by": "Ann", "why": "agreed"} | fields)
    ),
    "Receipt": lambda **fields: am.Receipt(
        **({"step_id": "abc/2", "outcome": "applied", "at": NOON, "by": "Ann"} | fields)
    ),
    "WrittenEntity": lambda **fields: am.changes.WrittenEntity(
        **({"entity": "appointment", "id": "A1"} | fields)
    ),
    "MigrationRules": am.MigrationRules,
    "ProfileRecords": lambda **fields: am.migrations.ProfileRecords(
        **({"kind": "series", "becomes": "moves"} | fields)
    ),
    "MergeRules": am.MergeRules,
    "CustomerRules": am.customers.CustomerRules,
    "FieldRule": lambda **fields: am.merges.FieldRule(
        **({"field": "given_name", "policy": "longest"} | fields)
    ),
    "RecordKind": lambda **fields: am.merges.RecordKind(**({"kind": "invoice"} | fields)),
    "Limits": am.Limits,
    "Wording": am.migrations.Wording,
    "MergeRequest": lambda **fields: am.MergeRequest(
        **({"survivor": "C1", "absorbed": ["C2"], "actor": "P1"} | fields)
    ),
    "Authority": lambda **fields: am.merges.Authority(
        **({"person": "Ann", "role": "team lead", "ticket": "T-1", "why": "agreed"} | fields)
    ),
    "NewAccessRequest": lambda **fields: am.customers.NewAccessRequest(
        **({"profile_id": "P1", "customer_id": "C1", "expires_at": NOON} | fields)
    ),
    "AccessDecision": lambda **fields: am.customers.AccessDecision(
        **({"request_id": "Q1", "decision": "approve", "role": "customer", "by": "C1"} | fields)
    ),
    "PrimaryEmailChange": lambda **fields: am.customers.PrimaryEmailChange(
        **({"customer_id": "C1", "action": "clear"} | fields)
    ),
    "CustomerEdit": lambda **fields: am.customers.CustomerEdit(
        **({"customer_id": "C1", "changes": {}} | fields)
    ),
    "RebookingRequest": lambda **fields: am.rebooking.RebookingRequest(
        **(
            {"number": "APP-1", "initials": "AB", "start": NOON, "time_zone": "UTC", "modality": "video"}
            | {"old_email": "old@example.com", "new_email": "new@example.com"}
            | fields
        )
    ),
    "Confirmation": lambda **fields: am.changes.Confirmation(
        **({"by": "Ann", "at": NOON, "plan_id": "1"} | fields)
    ),
    "EmailAddress": am.model.EmailAddress,
    "FrozenJson": am.model.FrozenJson,
    "TimeSlot": am.TimeSlot,
    "Snapshot": lambda **fields: am.Snapshot(**({"taken_at": NOON} | fields)),
}

ID = (
    ("", "empty_text"),
    (" qz", "outer_space"),
    ("qz\u00a0", "outer_space"),
    ("qz\nb", "control_character"),
    ("qz\x1b[2J", "control_character"),
    ("qz\x7f", "control_character"),
    ("qz\u200bb", "control_character"),
    ("\u202eab", "control_character"),
    ("qz\u2028b", "control_character"),
    ("qz\U000e0041", "control_character"),
    ("\u3164", "control_character"),
    ("i" * 201, "long_text"),
    ("qz\ud800", "json_surrogate"),
    (5, "wrong_type"),
    (b"qz", "wrong_type"),
    (["qz"], "wrong_type"),
)
LABEL = tuple(entry for entry in ID if entry[1] != "long_text")
LINE = (
    ("qz\nb", "control_character"),
    ("qz\x1b[2J", "control_character"),
    ("\x9b31m", "control_character"),
    ("qz\udfff", "json_surrogate"),
    (5, "wrong_type"),
    (True, "wrong_type"),
)
NOTE = (
    ("qz\x00b", "control_character"),
    ("qz\x1b[2J", "control_character"),
    ("\ud800", "json_surrogate"),
    (1.5, "wrong_type"),
)
WORD = (
    ("Booked", "not_one_of"),
    ("", "not_one_of"),
    (" qz", "not_one_of"),
    (1, "wrong_type"),
    (None, "wrong_type"),
)
ZONE = (
    ("Nowhere/Land", "zone_unknown"),
    ("", "zone_unknown"),
    ("+11:00", "zone_unknown"),
    (11, "wrong_type"),
)
VERSION = (
    ("", "empty_text"),
    ("a\n", "control_character"),
    (2**53 + 1, "json_integer"),
    (True, "wrong_type"),
    (1.5, "wrong_type"),
    (["1"], "wrong_type"),
)
TRUTH = ((1, "wrong_type"), (None, "wrong_type"), ("yes", "wrong_type"))
POSITIVE = (
    (0, "wrong_type"),
    (-1, "wrong_type"),
    (1.5, "wrong_type"),
    (True, "wrong_type"),
    ("5", "wrong_type"),
)

TABLE: dict[str, dict[str, tuple[tuple[Any, str], ...]]] = {
    "Profile": {
        **dict.fromkeys(("id", "practitioner_id", "succeeded_by"), ID),
        **dict.fromkeys(("login", "schedule"), WORD),
        "email": ((5, "wrong_type"), ("\ud800", "json_surrogate")),
        "version": VERSION,
    },
    "Customer": {
        **dict.fromkeys(("id", "record_number", "merged_into"), ID),
        **dict.fromkeys(("given_name", "family_name"), LINE),
        "address": NOTE,
        "status": WORD,
        "version": VERSION,
    },
    "CustomerEmail": {"use": WORD, "login_of": ID, "address": ((5, "wrong_type"),)},
    "Appointment": {
        **dict.fromkeys(("id", "profile_id", "customer_id", "replaces", "replaced_by", "made_by"), ID),
        "number": LINE,
        **dict.fromkeys(("cancel_reason", "session_id"), LABEL),
        "time_zone": ZONE,
        **dict.fromkeys(("modality", "status"), WORD),
        "version": VERSION,
    },
    "Record": {
        **dict.fromkeys(
            ("id", "kind", "customer_id", "related_customer_id", "profile_id", "attached_to"), ID
        ),
        "unique_key": LABEL,
        "version": VERSION,
    },
    "Access": {
        **dict.fromkeys(("id", "profile_id", "customer_id", "made_by"), ID),
        "level": WORD,
        "version": VERSION,
    },
    "AccessRequest": {
        **dict.fromkeys(("id", "profile_id", "customer_id", "decided_by"), ID),
        "status": WORD,
        "reason": NOTE,
    },
    "Completeness": {"addresses": TRUTH},
    "WeeklyHours": {"zone": ZONE},
    "MigrationRequest": {
        "profile_id": ID,
        "reason": NOTE,
        "ticket": tuple(entry for entry in LABEL if entry[1] != "empty_text"),
    },
    "Agreement": {"by": tuple(entry for entry in ID if entry[1] != "empty_text")},
    "Acceptance": {"finding": LABEL, "why": NOTE},
    "Receipt": {"by": ID, "outcome": WORD, "step_id": (("qz", "step_id"), (5, "wrong_type"))},
    "WrittenEntity": {"id": ID, "store_id": ID, "number": LINE, "entity": WORD, "version": VERSION},
    "MigrationRules": {
        "needs_confirmation": TRUTH,
        **dict.fromkeys(("minutes_per_booking", "notice_hours", "old_login_days"), POSITIVE),
    },
    "ProfileRecords": {"kind": ID, "becomes": WORD},
    "MergeRules": {
        "name": ID,
        "version": LABEL,
        **dict.fromkeys(("kept_primary", "undo", "identity_conflict", "login_change", "actor"), WORD),
    },
    "CustomerRules": {"name": ID, "version": LABEL, "staff_may_decide": TRUTH},
    "FieldRule": {"policy": WORD, "field": (("emails", "not_one_of"), ("attributes.", "empty_text"))},
    "RecordKind": {"kind": ID, "one_per_customer": TRUTH, "ends": WORD},
    "Limits": {
        "longest_text": POSITIVE,
        **dict.fromkeys(("most_phones", "most_emails"), POSITIVE[1:]),
        "time_unit": WORD,
        **dict.fromkeys(("hours", "attributes", "opt_outs", "overlaps"), TRUTH),
        **dict.fromkeys(("record_kinds", "not_obeyed"), ((5, "wrong_type"), ("note", "wrong_type"))),
    },
}
"""By class and field, what may not be, and the code that says so."""
CASES = [
    (cls, field, value, code)
    for cls, fields in TABLE.items()
    for field, entries in fields.items()
    for value, code in entries
]
ONLY_IN_PYTHON: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("Customer", {"emails": "a@example.com"}, "wrong_type"),
    ("Customer", {"emails": ["a@example.com"]}, "wrong_type"),
    ("Customer", {"emails": None}, "wrong_type"),
    ("Customer", {"phones": "555-0100"}, "wrong_type"),
    ("Customer", {"phones": {"555-0100"}}, "wrong_type"),
    ("Customer", {"phones": [""]}, "empty_text"),
    ("Customer", {"phones": [5]}, "wrong_type"),
    ("Customer", {"phones": 5}, "wrong_type"),
    ("Customer", {"opt_outs": "sms"}, "wrong_type"),
    ("Customer", {"opt_outs": [""]}, "empty_text"),
    ("Customer", {"opt_outs": {"sms": True}}, "wrong_type"),
    ("Customer", {"former_record_numbers": "12"}, "wrong_type"),
    ("Customer", {"former_record_numbers": [""]}, "empty_text"),
    ("Customer", {"birth_date": "1990-02-03"}, "wrong_type"),
    ("Customer", {"birth_date": NOON}, "wrong_type"),
    ("Customer", {"attributes": {"vip": True}}, "wrong_type"),
    ("Customer", {"attributes": am.model.FrozenJson.of([1])}, "wrong_type"),
    ("Customer", {"attributes": am.model.FrozenJson.of({"a": {}})}, "wrong_type"),
    ("Customer", {"attributes": am.model.FrozenJson.of({"": 1})}, "empty_text"),
    ("Customer", {"attributes": am.model.FrozenJson.of({"a\n": 1})}, "control_character"),
    ("Profile", {"email": None}, "wrong_type"),
    ("Profile", {"hours": "9-17"}, "wrong_type"),
    ("Profile", {"unavailable": "never"}, "wrong_type"),
    ("Profile", {"unavailable": [(NOON, NOON)]}, "wrong_type"),
    ("Appointment", {"slot": (NOON, NOON)}, "wrong_type"),
    ("Appointment", {"local_start": "2026-03-02T09:00:00"}, "wrong_type"),
    ("Appointment", {"local_start": date(2026, 3, 2)}, "wrong_type"),
    ("Appointment", {"local_start": NOON}, "wall_time_aware"),
    ("Appointment", {"local_start": datetime(2026, 3, 2, 9, 0, 0, 1)}, "not_a_wall_time"),  # noqa: DTZ001
    ("Appointment", {"created_at": datetime(2026, 3, 2)}, "naive_time"),  # noqa: DTZ001
    ("Appointment", {"data": {"text": "x"}}, "wrong_type"),
    ("Profile", {"data": {"text": "x"}}, "wrong_type"),
    ("Access", {"created_at": "2026-03-02"}, "wrong_type"),
    ("Record", {"data": {"text": "x"}}, "wrong_type"),
    ("Record", {"created_at": "2026-03-02"}, "wrong_type"),
    ("Record", {"created_at": datetime(2026, 3, 2)}, "naive_time"),  # noqa: DTZ001
    ("Access", {"since": date(2026, 3, 2)}, "wrong_type"),
    ("AccessRequest", {"expires_at": None}, "wrong_type"),
    ("Completeness", {"practitioners": "H1"}, "wrong_type"),
    ("Completeness", {"customers": [""]}, "empty_text"),
    ("Completeness", {"customers": {"C1": 1}}, "wrong_type"),
    ("DailyHours", {"start": "09:00"}, "wrong_type"),
    ("DailyHours", {"end": time(9, tzinfo=UTC)}, "wall_time_aware"),
    ("WeeklyHours", {"days": {"Monday": []}}, "weekday_unknown"),
    ("WeeklyHours", {"days": {"monday": ["09:00-17:00"]}}, "wrong_type"),
    ("WeeklyHours", {"days": {"monday": am.DailyHours(time(9), time(17))}}, "wrong_type"),
    ("WeeklyHours", {"days": "monday"}, "wrong_type"),
    ("WeeklyHours", {"days": [("monday", ()), ("monday", ())]}, "declared_twice"),
    ("WeeklyHours", {"closed": "2026-01-01"}, "wrong_type"),
    ("WeeklyHours", {"closed": ["2026-01-01"]}, "wrong_type"),
    ("WeeklyHours", {"closed": [NOON]}, "wrong_type"),
    ("TimeSlot", {"start": "09:00", "end": NOON}, "wrong_type"),
    ("TimeSlot", {"start": NOON, "end": NOON}, "end_not_after_start"),
    ("TimeSlot", {"start": datetime(2026, 3, 2), "end": NOON}, "naive_time"),  # noqa: DTZ001
    ("EmailAddress", {"text": None}, "wrong_type"),
    ("EmailAddress", {"text": "\ud800"}, "json_surrogate"),
    ("FrozenJson", {"text": "nonsense"}, "wrong_type"),
    ("FrozenJson", {"text": "NaN"}, "json_not_a_number"),
    ("MigrationRequest", {"numbers": "APP-1"}, "wrong_type"),
    ("MigrationRequest", {"numbers": {"A1": "APP\n1"}}, "control_character"),
    ("MigrationRequest", {"numbers": {"": "APP-1"}}, "empty_text"),
    ("MigrationRequest", {"window": (NOON, NOON)}, "wrong_type"),
    ("MigrationRequest", {"agreement": "yes"}, "wrong_type"),
    ("MigrationRequest", {"accept": "email_same:P1"}, "wrong_type"),
    ("MigrationRequest", {"accept": ["email_same:P1"]}, "wrong_type"),
    ("MergeRequest", {"absorbed": "C2"}, "wrong_type"),
    ("MergeRequest", {"absorbed": [""]}, "empty_text"),
    ("MergeRequest", {"absorbed": [None]}, "wrong_type"),
    ("MergeRequest", {"survivor": "C1\n"}, "control_character"),
    ("MergeRequest", {"authority": "Ann Example"}, "wrong_type"),
    ("Authority", {"person": 5}, "wrong_type"),
    ("Authority", {"person": "Ann\u200b"}, "control_character"),
    ("Authority", {"person": "Ann" * 67}, "long_text"),
    ("Authority", {"role": " lead"}, "outer_space"),
    ("Authority", {"ticket": None}, "wrong_type"),
    ("Authority", {"why": "a\x00"}, "control_character"),
    ("MergeRules", {"fields": "given_name"}, "wrong_type"),
    ("MergeRules", {"fields": ["given_name"]}, "wrong_type"),
    ("MergeRules", {"record_kinds": ["invoice"]}, "wrong_type"),
    (
        "MergeRules",
        {"record_kinds": [am.merges.RecordKind(kind="a"), am.merges.RecordKind(kind="a")]},
        "declared_twice",
    ),
    ("MigrationRules", {"business_hours": "9-17"}, "wrong_type"),
    ("MigrationRules", {"record_kinds": ["series"]}, "wrong_type"),
    (
        "MigrationRules",
        {
            "record_kinds": [
                am.migrations.ProfileRecords(kind="a", becomes=word) for word in ("stays", "ends")
            ]
        },
        "declared_twice",
    ),
    ("FieldRule", {"policy": "explicit", "value": "Ann"}, "wrong_type"),
    ("FieldRule", {"policy": "explicit", "value": am.model.FrozenJson.of("A\nB")}, "wrong_type"),
    ("FieldRule", {"policy": "explicit"}, "value_for_explicit"),
    ("RecordKind", {"kind": "relation", "one_per_customer": True}, "relation_per_customer"),
    ("RecordKind", {"kind": "relation", "ends": "remove"}, "not_one_of"),
    ("RecordKind", {"one_per_customer": True, "ends": "remove"}, "not_one_of"),
    ("MergeRules", {"identity_fields": "birth_date"}, "wrong_type"),
    ("MergeRules", {"identity_fields": ["phones"]}, "not_one_of"),
    ("MergeRules", {"identity_fields": ["address", "address"]}, "declared_twice"),
    ("NewAccessRequest", {"expires_at": datetime(2026, 3, 2)}, "naive_time"),  # noqa: DTZ001
    ("NewAccessRequest", {"profile_id": ""}, "empty_text"),
    ("AccessDecision", {"by": "a\u200b"}, "control_character"),
    ("AccessDecision", {"reason": "a\x1b"}, "control_character"),
    ("PrimaryEmailChange", {"address": 5}, "wrong_type"),
    ("CustomerEdit", {"changes": "given_name"}, "wrong_type"),
    ("CustomerEdit", {"changes": {"emails": []}}, "not_one_of"),
    ("Limits", {"not_obeyed": ["closed"]}, "not_one_of"),
    ("Limits", {"not_obeyed": None}, "wrong_type"),
    ("Limits", {"record_kinds": [""]}, "empty_text"),
    ("CustomerEdit", {"changes": {"given_name": "A\nB"}}, "wrong_type"),
    ("CustomerEdit", {"changes": {"phones": "555-0100"}}, "wrong_type"),
    ("CustomerEdit", {"changes": {"phones": [""]}}, "wrong_type"),
    ("RebookingRequest", {"number": ""}, "empty_text"),
    ("RebookingRequest", {"time_zone": "Nowhere"}, "zone_unknown"),
    ("RebookingRequest", {"modality": "fax"}, "not_one_of"),
    ("Wording", {"contacts": {"owner": "x"}}, "not_one_of"),
    ("Wording", {"texts": {"manual_list_body": "{oops}"}}, "placeholder_unknown"),
    ("Wording", {"time_zone": "Nowhere"}, "zone_unknown"),
    ("Wording", {"number_prefixes": "APP-"}, "wrong_type"),
    ("Confirmation", {"by": "\u200b"}, "control_character"),
    ("Confirmation", {"by": ""}, "empty_text"),
    ("Receipt", {"written": "A1"}, "wrong_type"),
    ("Receipt", {"written": [("appointment", "A1")]}, "wrong_type"),
    ("Customer", {"emails": [{"address": "a@example.com", "use": "primary"}]}, "wrong_type"),
    ("Customer", {"phones": list}, "wrong_type"),
    ("WeeklyHours", {"days": {"monday": [["09:00", "17:00"]]}}, "wrong_type"),
    ("Snapshot", {"profiles": 5}, "wrong_type"),
    ("Snapshot", {"profiles": None}, "wrong_type"),
    ("Snapshot", {"profiles": ""}, "wrong_type"),
    ("Snapshot", {"profiles": {}}, "wrong_type"),
    ("Snapshot", {"customers": [profile()]}, "wrong_type"),
    ("Snapshot", {"profiles": ["P1"]}, "wrong_type"),
    ("Snapshot", {"complete_for": "*"}, "wrong_type"),
    ("Snapshot", {"taken_at": datetime(2026, 3, 2)}, "naive_time"),  # noqa: DTZ001
)
"""What can only be given in Python, or is checked across fields."""
NO_SCHEMA_KNOWS = {"zone_unknown", "json_surrogate"}
FAR = "\U000e0041"


def refused(make: Any, fields: dict[str, Any]) -> am.InvalidValueError:
    with pytest.raises(am.InvalidValueError) as caught:
        make(**fields)
    return caught.value


def test_there_are_enough_bad_values() -> None:
    assert len(CASES) + len(ONLY_IN_PYTHON) >= 150
    assert {cls for cls, *_ in CASES} == set(PLACES)


def test_every_field_of_every_class_is_checked_when_it_is_made() -> None:
    doors = (am, *(getattr(am, room) for room in _ROOMS))
    public = {name: getattr(door, name) for door in doors for name in door.__all__}
    classes = {public[name] for name in MAKERS} - {am.model.FrozenJson, am.TimeSlot, am.Snapshot}
    for cls in classes:
        assert all(map(is_checked, attrs.fields(cls))), cls


@pytest.mark.parametrize(("cls", "field", "value", "code"), CASES)
def test_what_a_constructor_refuses_the_reader_and_the_schema_refuse_too(
    cls: str, field: str, value: Any, code: str
) -> None:
    error = refused(MAKERS[cls], {field: value})
    assert (error.code, error.facts["of"], error.facts["field"]) == (code, cls, field)
    assert f"{cls}.{field}" in str(error)
    assert not (isinstance(value, str) and value.strip() and value in str(error))
    assert error.describe("fr") != error.describe("en")
    if isinstance(value, bytes):
        return
    name, place = PLACES[cls]
    document = replaced(DOCUMENTS[name], (*place, field), value)
    found = [fault for fault in faults_in(document) if fault.path.endswith(field)]
    wanted = {"wrong_type": "wrong_type", "not_one_of": "not_in_vocabulary"}.get(code, "invalid_value")
    assert (found[0].code, found[0].facts.get("reason", code)) == (wanted, code)
    if code not in NO_SCHEMA_KNOWS and not (isinstance(value, str) and FAR in value):
        assert not SCHEMAS[name].is_valid(document)


@pytest.mark.parametrize(("cls", "fields", "code"), ONLY_IN_PYTHON)
def test_what_only_python_can_give_is_refused_too(cls: str, fields: dict[str, Any], code: str) -> None:
    error = refused(MAKERS[cls], fields)
    assert error.code == code
    assert "Ann" not in str(error)
    assert "555-0100" not in str(error)
    assert error.describe("fr") != error.describe("en")


class Raw(str, Enum):  # noqa: UP042 - its own text differs from its value
    """A word of a caller's own program."""

    BOOKED = "booked"


def test_a_subclass_of_text_is_stored_as_plain_text() -> None:
    row = appointment(status=Raw.BOOKED, number=Raw.BOOKED, cancel_reason=Raw.BOOKED)
    for text in (row.status, row.number, row.cancel_reason):
        assert type(text) is str
        assert text == "booked"
    person = customer(phones=[Raw.BOOKED], given_name=Raw.BOOKED)
    assert {type(text) for text in (*person.phones, person.given_name)} == {str}


def test_a_status_of_another_spelling_cannot_leave_a_booking_behind() -> None:
    """A raw code of the caller's program once gave a ready migration that rebooked nothing."""
    error = refused(appointment, {"status": "Booked"})
    assert set(error.facts["allowed"]) >= {"held", "booked"}  # type: ignore[arg-type]


def test_one_telephone_number_is_not_taken_apart() -> None:
    assert refused(customer, {"phones": "+61 2 5550 1000"}).facts["wanted"] == "list"
    assert refused(customer, {"opt_outs": "surveys"}).facts["wanted"] == "list"
    with pytest.raises(am.InvalidValueError):
        am.find_primary_email_conflicts(snapshot(), "C1")


def test_a_snapshot_is_whole_only_for_customers_that_it_holds() -> None:
    with pytest.raises(am.LoadError) as caught:
        am.Snapshot(NOON, complete_for=am.Completeness(customers=["C9"]))
    assert [fault.code for fault in caught.value.faults] == ["dangling_reference"]


def test_what_is_put_into_a_snapshot_is_an_entity() -> None:
    with pytest.raises(am.InvalidValueError):
        snapshot().changed([slot(0)])  # type: ignore[list-item]


class Regular(am.Customer):
    """A customer of a caller's own program."""


class Days(am.WeeklyHours):
    """Hours of a caller's own program."""


class Asked(am.MergeRequest):
    """A request of a caller's own program."""


def test_what_is_of_a_subclass_cannot_be_read_back_and_is_refused() -> None:
    own = Regular(id="C1", record_number="C1", emails=(), status="active")
    with pytest.raises(am.InvalidValueError):
        am.Snapshot(NOON, customers=[own])
    with pytest.raises(am.InvalidValueError):
        profile(hours=Days("UTC"))
    with pytest.raises(am.InvalidValueError) as caught:
        am.dumps(Asked(survivor="C1", absorbed=["C2"], actor="P1"))
    assert caught.value.code == "no_format"


@pytest.mark.parametrize("drop", [{"profile": "P1"}, {"profil": ["P1"]}, {"profile": 5}])
def test_what_is_dropped_is_named_by_kind_and_by_a_list_of_ids(drop: Any) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        snapshot().changed([], drop)
    assert (caught.value.facts["of"], caught.value.facts["field"]) == ("Snapshot", "drop")


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda: am.TimeSlot(NOON.replace(tzinfo=None), NOON), ("TimeSlot", "start")),
        (lambda: am.TimeSlot(NOON, "noon"), ("TimeSlot", "end")),  # type: ignore[arg-type]
        (lambda: am.TimeSlot(NOON, NOON), ("TimeSlot", "end")),
        (lambda: am.Snapshot(NOON.replace(tzinfo=None)), ("Snapshot", "taken_at")),
        (lambda: am.model.FrozenJson("NaN"), ("FrozenJson", "text")),
    ],
)
def test_every_error_names_the_class_and_the_field(make: Any, place: tuple[str, str]) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        make()
    assert (caught.value.facts["of"], caught.value.facts["field"]) == place


def test_a_request_does_not_show_its_reason() -> None:
    assert "Canary" not in repr(request(reason="Canary said so"))


ANYTHING: st.SearchStrategy[Any] = st.one_of(
    texts(),
    st.sampled_from(("booked", "active", "treating", "enabled", "primary", "UTC", "R1", "C2", "2026-03-02")),
    st.sampled_from(
        ("\ud800", "\u200b", "a" * 201, " x", 0, 1, -1, 2**53, 2**53 + 1, 1.5, True, None, [], {})
    ),
)
PLAIN = [
    (kind.cls.__name__, field.name)
    for kind in KINDS
    for field in attrs.fields(kind.cls)
    if field.name not in ("slot", "emails", "hours", "unavailable", "data", "attributes", "birth_date")
    and "DateTime" not in str(field.type)
    and "tuple" not in str(field.type)
]
"""Fields of entities whose value in a file is the very value in Python."""


@given(st.sampled_from(PLAIN), ANYTHING)
@example(("Appointment", "status"), "Booked")
@example(("Customer", "record_number"), "")
@example(("Access", "level"), "TREATING")
@example(("Record", "version"), 2**53 + 1)
def test_constructor_and_reader_agree_on_every_value_of_every_field(
    place: tuple[str, str], value: Any
) -> None:
    cls, field = place
    name, row = PLACES[cls]
    try:
        made = MAKERS[cls](**{field: value})
    except am.InvalidValueError:
        made = None
    event(f"made: {made is not None}")
    if value is None and made is not None:
        return  # an absent key
    faults = [
        fault
        for fault in faults_in(replaced(DOCUMENTS[name], (*row, field), value))
        if fault.path.endswith(f".{field}") and fault.code not in ("dangling_reference", "duplicate_id")
    ]
    assert bool(faults) == (made is None)
