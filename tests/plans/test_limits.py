"""The limits of a store: few rows alike are told one by one, many at once, and every way to a plan takes them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from small_values import (
    NOON,
    access,
    appointment,
    customer,
    migration,
    profile,
    record,
    request,
    slot,
    snapshot,
)

MERGE = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")


def practice(records: int = 0, absorbed: int = 1) -> am.Snapshot:
    """Return two or more customers that a profile treats, with so many notes on the second."""
    ids = [f"C{n}" for n in range(1, absorbed + 2)]
    return snapshot(
        customers=[customer(id, phones=[id]) for id in ids],
        records=[record(f"R{n}", customer_id="C2") for n in range(records)],
        access=[access(f"X-{id}", customer_id=id) for id in ids],
    )


def blockers(plan: Any) -> list[str]:
    return [finding.id for finding in plan.blockers]


@pytest.mark.parametrize("rows", [20, 21, 5000])
def test_more_than_twenty_rows_alike_are_one_finding_with_their_count(rows: int) -> None:
    plan = am.plan_merge(practice(rows), MERGE, at=NOON, limits=am.Limits(record_kinds=[]))
    counts = [finding.facts["count"] for finding in plan.blockers]
    assert counts == ([1] * 20 if rows == 20 else [rows])
    first = plan.blockers[0]
    assert {name: first.facts[name] for name in ("entity", "id", "field", "limit")} == {
        "entity": "record",
        "id": "R0",
        "field": "kind",
        "limit": "record_kinds",
    }
    assert not first.is_acceptable
    if rows > 20:
        assert f"{rows}" in first.describe()
        assert "R0" in first.describe("fr")


def test_an_effect_on_many_rows_is_accepted_as_one_and_only_for_these_rows() -> None:
    asked = attrs.evolve(MERGE, absorbed=[f"C{n}" for n in range(2, 32)])
    limits, data = am.Limits(not_obeyed=["merged_into"]), practice(absorbed=30)
    (finding,) = am.plan_merge(data, asked, at=NOON, limits=limits).blockers
    assert (finding.code, finding.facts["count"]) == ("effect_not_obeyed", 30)
    signed = am.Acceptance(finding=finding.id, by="Ann Example", why="I block them by hand.")
    assert am.plan_merge(data, attrs.evolve(asked, accept=[signed]), at=NOON, limits=limits).is_ready
    fewer = attrs.evolve(asked, absorbed=asked.absorbed[1:], accept=[signed])
    assert not am.plan_merge(data, fewer, at=NOON, limits=limits).is_ready


def test_two_limits_of_one_field_have_two_findings() -> None:
    limits = am.Limits(longest_text=2, most_phones=1)
    data = practice().changed([customer("C1", phones=["555"])])
    told = blockers(am.plan_merge(data, MERGE, at=NOON, limits=limits))
    assert told == [
        "store_cannot_hold:C1:customer:longest_text:phones",
        "store_cannot_hold:C1:customer:most_phones:phones",
    ]


def test_a_finer_instant_than_the_store_keeps_blocks_and_a_whole_one_does_not() -> None:
    limits = am.Limits(time_unit="second")
    fine = am.plan_merge(practice(), MERGE, at=NOON + timedelta(microseconds=1), limits=limits)
    assert blockers(fine) == ["store_cannot_hold:C2:customer:merged_at:time_unit"]
    assert "at" in fine.blockers[0].remedy
    assert am.plan_merge(practice(), MERGE, at=NOON, limits=limits).is_ready


def test_a_row_that_no_step_writes_is_not_judged() -> None:
    other = customer("C9", phones=["1", "2", "3"], given_name="A long given name")
    data = practice().changed([other])
    limits = am.Limits(most_phones=2, longest_text=15)
    assert am.plan_merge(data, MERGE, at=NOON, limits=limits).is_ready


def test_every_plan_of_a_batch_and_of_a_cohort_is_checked() -> None:
    limits = am.Limits(most_phones=1, not_obeyed=["unavailable"])
    batch = am.merges.plan_merges(practice(), [MERGE], at=NOON, limits=limits)
    assert blockers(batch.plans[0]) == ["store_cannot_hold:C1:customer:most_phones:phones"]
    data = snapshot(appointments=[appointment()])
    cohort = am.migrations.plan_migrations(data, [request()], at=NOON, limits=limits)
    (member,) = cohort.members
    assert member.plan is not None
    assert member.plan.limits == limits
    assert {finding.code for finding in member.plan.blockers} == {"effect_not_obeyed"}
    assert am.migrations.plan_migrations(data, [request()], at=NOON).is_ready


def test_a_batch_of_merges_that_depend_on_each_other_waits_for_one_that_the_store_cannot_hold() -> None:
    requests = [MERGE, am.MergeRequest(survivor="C3", absorbed=["C1"], actor="P1")]
    batch = am.merges.plan_merges(practice(absorbed=2), requests, at=NOON, limits=am.Limits(most_phones=1))
    (group,) = batch.groups
    assert [finding.code for finding in group.findings] == ["waits_for_blocked"]


@pytest.mark.parametrize("limits", ["second", {"most_phones": 2}, 5])
def test_anything_else_than_limits_is_refused(limits: Any) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.plan_merge(practice(), MERGE, at=NOON, limits=limits)
    assert caught.value.facts["field"] == "limits"


def test_a_file_keeps_the_limits_and_one_without_them_has_none() -> None:
    plan = attrs.evolve(migration(), limits=am.Limits(record_kinds=[], most_emails=0))
    document = json.loads(am.dumps(plan))
    assert document["limits"] == {"record_kinds": [], "most_emails": 0}
    assert am.loads(am.dumps(plan)) == plan
    del document["limits"]
    without: Any = am.loads(json.dumps(document))
    assert without.limits is None
    assert "limits" not in json.loads(am.dumps(without))
    assert without.plan_id == plan.plan_id


def test_a_file_with_an_unknown_limit_or_effect_is_refused_with_its_path() -> None:
    document = json.loads(am.dumps(migration()))
    document["limits"] = {"most_phone": 2, "not_obeyed": ["closed"], "time_unit": "hour"}
    with pytest.raises(am.LoadError) as caught:
        am.loads(json.dumps(document))
    assert {fault.path for fault in caught.value.faults} == {
        "limits.most_phone",
        "limits.not_obeyed[0]",
        "limits.time_unit",
    }


def test_limits_are_a_set_of_words_and_kinds() -> None:
    one = am.Limits(record_kinds=["note", "file", "note"], not_obeyed=("unavailable", "merged_into"))
    assert one == am.Limits(record_kinds={"file", "note"}, not_obeyed={"merged_into", "unavailable"})
    assert hash(one) == hash(attrs.evolve(one))
    assert am.Limits() != am.Limits(record_kinds=())


def test_a_profile_without_access_learns_nothing_of_the_limits() -> None:
    data = practice().changed([profile("P2", practitioner_id="H2")])
    plan = am.plan_merge(data, MERGE, at=NOON, limits=am.Limits(most_phones=0))
    assert {finding.code for finding in plan.findings_for("P2")} == {"access_missing"}
    assert {finding.code for finding in plan.findings_for("P1")} >= {"store_cannot_hold"}


def test_an_explanation_of_a_customer_names_the_limit() -> None:
    plan = am.plan_merge(practice(), MERGE, at=NOON, limits=am.Limits(most_phones=1))
    causes = plan.explain("C1").causes
    assert "finding.store_cannot_hold" in {cause.key for cause in causes}


def test_a_kit_can_ask_of_any_entity_whether_the_store_holds_it() -> None:
    limits = am.Limits(most_phones=1, opt_outs=False, record_kinds=["note"])
    assert [*limits.violations(customer(phones=["1"]))] == []
    assert [*limits.violations(customer(phones=["1", "2"], opt_outs=["sms"]))] == [
        ("opt_outs", "opt_outs"),
        ("phones", "most_phones"),
    ]
    assert [*limits.violations(record(kind="card"))] == [("kind", "record_kinds")]


@pytest.mark.parametrize("session", ["S1", None])
def test_a_session_is_no_overlap_of_its_profile(session: str | None) -> None:
    ids = ["C1", "C2", "C3"]
    booked = [appointment(f"A-{id}", slot(60), customer_id=id, session_id=session) for id in ids]
    data = snapshot(customers=[customer(id) for id in ids], appointments=booked)
    limits = am.Limits(overlaps=False)
    plan = am.plan_migration(data, request(), at=NOON, limits=limits)
    assert plan.is_ready == (session is not None)
    assert [finding.facts["limit"] for finding in plan.blockers] == ([] if session else ["overlaps"] * 3)
    stranger = appointment("B1", slot(90), customer_id="C4", profile_id="P2")
    other = data.changed(
        [customer("C4"), profile("P2", email="new@example.com", schedule="pending"), stranger]
    )
    codes = {finding.code for finding in am.plan_migration(other, request(), at=NOON, limits=limits).blockers}
    assert codes == {
        "destination_double_booking"
    }  # the limits are judged only of a plan that is ready otherwise


def test_both_ends_of_a_slot_and_every_unavailable_time_have_to_be_whole() -> None:
    limits, second = am.Limits(time_unit="minute"), timedelta(seconds=1)
    hour = timedelta(hours=1)
    for start, end, broken in (
        (NOON, NOON + hour, []),
        (NOON + second, NOON + hour, ["slot"]),
        (NOON, NOON + hour + second, ["slot"]),
    ):
        part = am.TimeSlot(start, end)
        assert [field for field, _ in limits.violations(appointment("A1", part))] == broken
        closed = profile(unavailable=[am.TimeSlot(NOON - hour, NOON), part])
        assert [field for field, _ in limits.violations(closed)] == ["unavailable"] * len(broken)


def test_ids_words_zones_and_json_are_no_texts_of_limited_length() -> None:
    limits = am.Limits(longest_text=3)
    data = am.model.FrozenJson.of({"text": "a long text"})
    assert [*limits.violations(record("a-long-id", kind="programme", data=data))] == []
    booked = appointment("a-long-id", time_zone="Australia/Sydney", customer_id="another-long-id")
    assert [*limits.violations(booked)] == []
    assert [*limits.violations(attrs.evolve(booked, number="APP-1"))] == [("number", "longest_text")]
    assert [*limits.violations(profile())] == [("email", "longest_text")]
    wide = customer(emails=[am.CustomerEmail("a@b.example", "primary")])
    assert [*limits.violations(wide)] == [("emails", "longest_text")]


def test_bookings_that_overlap_already_and_stay_in_place_are_not_judged() -> None:
    """The absorbed customer's booking gets another customer, and keeps its place in the profile."""
    booked = [appointment("A1", slot(60), customer_id="C2"), appointment("A2", slot(90), customer_id="C9")]
    data = practice().changed([customer("C9"), *booked])
    plan = am.plan_merge(data, MERGE, at=NOON, limits=am.Limits(overlaps=False))
    assert plan.is_ready
    assert any(edit.id == "A1" for step in plan.change_set.steps for edit in step.edits)


@pytest.mark.parametrize("wrong", [-1, "2", True, 2.0])
def test_a_limit_that_is_no_natural_number_is_refused(wrong: Any) -> None:
    with pytest.raises(am.InvalidValueError) as refused:
        am.Limits(most_phones=wrong)
    assert refused.value.describe().startswith("Limits.most_phones: ")
