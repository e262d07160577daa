"""The frames of results: every result has one, with the same columns for any rows, and only with its own values."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

import attrs
import polars as pl
import pytest
from hypothesis import given, settings

import accountmerge as am
from accountmerge import frames
from accountmerge.frames.row_columns import DATA_TYPES, HIDDEN_FACTS
from accountmerge.frames.row_frames import ROW_KINDS
from accountmerge.messages import Facts
from canaries import (
    CANARY,
    shown_in,
)
from frame_cells import every_value_is_of_its_object, forget
from frame_results import CASES, Result, of_case, of_practice, of_texts
from measuring import try_law
from small_values import NOON, access, access_request, appointment, customer, profile, record, slot, snapshot

EXAMPLES = 10 if settings().max_examples <= 40 else settings().max_examples // 10
"""A case has about a hundred results, and each result a few frames."""


def frame_of(result: Result, *, values: bool) -> pl.DataFrame:
    return frames.rows(result.value, of=result.of, values=values)


@cache
def empty_schema(rows: type, *, values: bool) -> pl.Schema:
    return frames.rows((), of=rows, values=values).schema


def look_at(result: Result) -> bool:
    """Hold the frame of a result against its objects, and return whether it shows a personal value on request."""
    whole, shown = frame_of(result, values=True), frame_of(result, values=False)
    assert len(whole) == len(shown) == len(result.objects), result
    assert whole.schema == empty_schema(result.rows, values=True)
    assert shown.schema == empty_schema(result.rows, values=False)
    assert not shown_in(shown.write_csv())
    every_value_is_of_its_object(result, whole)
    return bool(CANARY.search(whole.write_csv()))


@pytest.mark.parametrize("kind", CASES)
def test_the_frame_of_a_result_has_a_row_for_each_object_with_its_values_and_nobody_elses(kind: str) -> None:
    """In one law, because drawing a case takes longer than looking at it."""
    with_values = 0

    @settings(max_examples=EXAMPLES)
    @given(CASES[kind])
    def law(case: Any) -> None:
        nonlocal with_values
        forget()
        with_values += sum(map(look_at, of_case(case)))

    try_law(law)
    assert with_values > EXAMPLES


def test_every_class_of_rows_is_looked_at_in_a_whole_practice() -> None:
    """What is rarely drawn is made here: free slots, double bookings, contradictions, a customer who is found twice."""
    forget()
    seen: Counter[type] = Counter()
    for result in (*of_practice(), *of_texts()):
        look_at(result)
        seen[result.rows] += len(result.objects)
    assert {cls for cls in ROW_KINDS if not seen[cls]} == {
        am.PrimaryEmailConflict,
        am.views.BookabilityOverlap,
    }


def test_a_message_and_a_file_that_cannot_be_read_have_rows() -> None:
    for result in of_texts():
        frame = frame_of(result, values=True)
        assert len(frame) == len(result.objects) > 0
        every_value_is_of_its_object(result, frame)


def test_the_faults_of_frames_have_their_rows() -> None:
    with pytest.raises(am.LoadError) as refusal:
        frames.snapshot(
            taken_at=NOON, customers=pl.DataFrame({"id": ["C1", "C1"], "record_number": [None, None]})
        )
    found = frames.rows(refusal.value)
    assert len(found) == len(refusal.value.faults)
    repeated = found.filter(pl.col("code") == "duplicate_id")
    assert [json.loads(places) for places in repeated["rows"]] == [[1]]
    assert not shown_in(found.write_csv())


def test_what_is_rarely_drawn_has_rows() -> None:
    mail = am.CustomerEmail("canary@example.com", "primary")
    both = [am.Customer(id=id, record_number=id, emails=[mail], status="active") for id in ("C1", "C2")]
    conflicts = am.find_primary_email_conflicts(snapshot(customers=both))
    frame = frames.rows(conflicts, of=am.PrimaryEmailConflict, values=True)
    assert frame.rows() == [(2, '["C1","C2"]', '["canary@example.com"]')]
    assert frames.rows(conflicts).columns == ["customers", "customer_ids"]
    overlap = am.views.BookabilityOverlap(at=NOON, steps_done=2, profile_ids=("P1", "P2"), in_blackout=False)
    assert frames.rows(overlap).rows() == [(NOON, 2, False, '["P1","P2"]')]
    assert frames.rows(slot(0, 30.5)).row(0)[2] == 30.5


def test_the_facts_with_an_address_or_a_digest_are_only_shown_with_values() -> None:
    facts = {"entity": "customer", "address": "canary@example.com"}
    guard = am.changes.Guard("address_unclaimed", Facts.of(facts))
    other = am.changes.Guard("unchanged", Facts(entity="record", id="R1", digest="canary"))
    assert frames.rows([guard, other])["facts"].to_list() == [
        '{"entity":"customer"}',
        '{"entity":"record","id":"R1"}',
    ]
    shown = frames.rows([guard, other], values=True)["facts"].to_list()
    assert [json.loads(text) for text in shown] == [
        facts,
        {"entity": "record", "id": "R1", "digest": "canary"},
    ]
    assert frozenset({"address", "digest"}) == HIDDEN_FACTS


def test_an_edit_shows_the_changed_fields_by_their_keys_in_a_file() -> None:
    old = appointment(when=slot(0, 60), data=am.model.FrozenJson.of({"canary": 1}))
    new = attrs.evolve(old, slot=slot(0, 90), status="cancelled", data=None)
    edits = [am.changes.Edit(old, new), am.changes.Edit(None, old), am.changes.Edit(old, None)]
    missed = am.changes.Edit(old, attrs.evolve(old, status="missed"))
    assert frames.rows(missed)["fields"].to_list() == ['["status"]']
    frame = frames.rows(edits, values=True)
    assert frame["op"].to_list() == ["change", "create", "remove"]
    assert frame["fields"].to_list() == ['["end","status","data"]', "[]", "[]"]
    whole = am.documents.entity_to_json(old)
    before, after = ([cell and json.loads(cell) for cell in frame[name]] for name in ("before", "after"))
    assert before == [{"end": "2026-03-02T13:00:00Z", "status": "booked", "data": {"canary": 1}}, None, whole]
    assert after == [{"end": "2026-03-02T13:30:00Z", "status": "cancelled"}, whole, None]
    assert frame["status"].to_list() == ["cancelled", "booked", "booked"]
    assert frame["end"].to_list() == [new.slot.end, old.slot.end, old.slot.end]


def test_an_entity_names_its_profile_and_its_customer() -> None:
    own: list[Any] = [profile(), customer(), appointment(), record(), access(), access_request()]
    named = [("P1", None), (None, "C1"), ("P1", "C1"), (None, "C1"), ("P1", "C1"), ("P1", "C1")]
    edits = frames.rows([am.changes.Edit(None, row) for row in own])
    assert edits.select("profile_id", "customer_id").rows() == named
    found = snapshot(appointments=own[2:3], records=own[3:4], access=own[4:5], access_requests=own[5:])
    assert frames.rows(found).select("profile_id", "customer_id").rows() == named


def test_the_rows_of_a_cohort_name_their_member_and_their_plan() -> None:
    agreement = am.Agreement(by="Canary", at=NOON, version="1")
    hours = am.WeeklyHours("Europe/Paris")
    found = snapshot(profiles=[profile("P1", hours=hours), profile("P2", practitioner_id="H2")])
    wanted = [
        am.MigrationRequest(
            profile_id=id, new_email=f"{id}@new.example", reason="security", ticket="T", agreement=agreement
        )
        for id in ("P1", "P2")
    ]
    cohort = am.migrations.plan_migrations(found, wanted, at=NOON)
    ids = {member.number: member.plan and member.plan.plan_id for member in cohort.members}
    for of in (am.changes.Step, am.migrations.Phase, am.migrations.Task, am.plans.Plan):
        frame = frames.rows(cohort, of=of)
        assert set(frame.select("member", "plan_id").rows()) == set(ids.items()), of
    zones = dict(frames.rows(cohort, of=am.migrations.Phase).select("member", "time_zone").rows())
    assert sorted(zones.values(), key=str) == ["Europe/Paris", None]


@pytest.mark.parametrize("zone", ["Australia/Sydney", "America/St_Johns", "UTC"])
def test_a_zone_changes_no_instant(zone: str) -> None:
    rows = [appointment("A1"), appointment("A2", slot(-(10**6), 10))]
    found = snapshot(appointments=rows)
    for value, of in ((found, None), (found, am.Appointment), (rows, None), (slot(3), None)):
        plain_frame, moved = frames.rows(value, of=of), frames.rows(value, of=of, zone=zone)
        instants = [name for name, kind in plain_frame.schema.items() if kind == DATA_TYPES["instant"]]
        assert instants
        assert {moved.schema[name] for name in instants} == {pl.Datetime("us", zone)}
        assert moved.with_columns(pl.col(instants).dt.convert_time_zone("UTC")).equals(plain_frame)


def test_sentences_are_in_the_wanted_language() -> None:
    finding = am.Finding.of("unknown_profile", ("P1",), profile_id="P1")
    for language in ("en", "fr"):
        frame = frames.rows(finding, language=language)
        assert frame.select("description", "remedy").row(0) == (
            finding.describe(language),
            finding.advise(language),
        )


@pytest.mark.parametrize(
    ("call", "code", "named"),
    [
        ({"x": 3}, "frame_result", "Finding"),
        ({"x": "text"}, "frame_result", "Finding"),
        ({"x": {"P1": 3}}, "frame_result", "Snapshot"),
        ({"x": [3]}, "frame_result", "MigrationCohort"),
        ({"x": am.MergeRules()}, "frame_result", "Plan"),
        ({"x": ()}, "frame_empty", "DoubleBooking"),
        ({"x": [slot(0), appointment()]}, "frame_mixed", "TimeSlot"),
        ({"x": snapshot(), "of": am.Finding}, "frame_of", "Customer"),
        ({"x": [slot(0), appointment()], "of": am.TimeSlot}, "frame_of", "Appointment"),
        ({"x": [3], "of": am.TimeSlot}, "frame_result", "Finding"),
        ({"x": (), "of": int}, "frame_result", "Finding"),
        ({"x": (), "of": "Finding"}, "frame_result", "Finding"),
        ({"x": slot(0), "values": 1}, "wrong_type", "true or false"),
        ({"x": slot(0), "zone": "Nowhere/City"}, "zone_unknown", "IANA"),
        ({"x": slot(0), "zone": 3}, "wrong_type", "text"),
        ({"x": slot(0), "language": 3}, "wrong_type", "text"),
    ],
)
def test_a_call_that_cannot_be_answered_says_what_can(call: dict[str, Any], code: str, named: str) -> None:
    with pytest.raises(am.InvalidValueError) as refusal:
        frames.rows(**call)
    assert refusal.value.code == code
    assert named in str(refusal.value)
