"""Which zones a plan names, and what is made of those of a plan from elsewhere."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

import attrs
import pytest
from jsonschema import Draft202012Validator

import accountmerge as am
from accountmerge.model.weekly_hours import WEEKDAYS
from accountmerge.model.zone_rules import zone_digest
from full_documents import as_json, faults_in
from small_values import (
    NOON,
    access,
    appointment,
    customer,
    profile,
    rebooking_request,
    request,
    slot,
    snapshot,
)

SCHEMA = Draft202012Validator(am.documents.json_schema("plan"))
ALWAYS = {day: [am.DailyHours(time(0), time(0))] for day in WEEKDAYS}


def weekly(zone: str) -> am.WeeklyHours:
    return am.WeeklyHours(zone, days=ALWAYS)


def named(plan: Any) -> set[str]:
    assert plan.zone_rules == tuple((zone, zone_digest(zone, 2026)) for zone, _ in plan.zone_rules)
    assert list(plan.zone_rules) == sorted(set(plan.zone_rules))
    return set(dict(plan.zone_rules))


def test_a_migration_names_the_zones_of_hours_rules_and_bookings_from_its_instant_on() -> None:
    before = snapshot(
        profiles=[
            profile(hours=weekly("Asia/Tokyo")),
            profile("P2", schedule="inactive", hours=weekly("Asia/Seoul")),
            profile("P3", practitioner_id="H3", hours=weekly("Europe/Oslo")),
        ],
        appointments=[
            appointment("A1", slot(60), time_zone="Asia/Manila"),
            appointment("A2", slot(600), time_zone="Asia/Dubai", profile_id="P2"),
            appointment("A3", slot(-600), time_zone="Asia/Kabul"),
            appointment("A4", slot(900), time_zone="Asia/Kolkata", status="cancelled"),
            appointment("A5", slot(1200), time_zone="Europe/Rome", profile_id="P3"),
        ],
    )
    zones = {"Asia/Tokyo", "Asia/Seoul", "Asia/Manila", "Asia/Dubai"}
    plan = am.plan_migration(before, request(), at=NOON)
    past = {"Asia/Kabul"}  # it is named by a finding, because it is still open
    assert "past_booking_open" in {finding.code for finding in plan.findings}
    assert named(plan) == zones | past
    rules = am.MigrationRules(business_hours=weekly("Asia/Riyadh"))
    assert named(am.plan_migration(before, request(), rules=rules, at=NOON)) == zones | past | {"Asia/Riyadh"}
    blocked = am.plan_migration(before, request(ticket=""), at=NOON)
    assert not blocked.is_ready
    assert named(blocked) == zones | past


def test_a_merge_names_the_zones_of_what_moves_and_of_what_its_findings_name() -> None:
    before = snapshot(
        profiles=[profile(), profile("P2", practitioner_id="H2")],
        customers=[customer(), customer("C2")],
        appointments=[
            appointment("A1", slot(0), time_zone="Asia/Manila"),
            appointment("A2", slot(30), time_zone="Asia/Dubai", customer_id="C2", profile_id="P2"),
            appointment("A3", slot(600), time_zone="Asia/Kabul"),
            appointment("A4", slot(900), time_zone="Asia/Tokyo", customer_id="C2"),
        ],
        access=[access(), access("X2", customer_id="C2")],
    )
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    blocked = am.plan_merge(before, asked, at=NOON)
    assert [finding.code for finding in blocked.blockers] == ["introduced_double_booking"]
    assert named(blocked) == {"Asia/Manila", "Asia/Dubai"}
    accept = [am.Acceptance(finding=blocked.blockers[0].id, by="Ann Example", why="Agreed.")]
    plan = am.plan_merge(before, attrs.evolve(asked, accept=accept), at=NOON)
    assert plan.is_ready
    assert named(plan) == {"Asia/Manila", "Asia/Dubai", "Asia/Tokyo"}


def test_a_rebooking_names_the_zone_that_it_asks_for_even_of_an_unknown_appointment() -> None:
    asked = rebooking_request(60, time_zone="Asia/Manila")
    assert named(am.rebooking.plan_rebooking(snapshot(), asked, at=NOON)) == {"Asia/Manila"}


def test_a_plan_without_a_zone_names_none_and_its_file_has_no_such_key() -> None:
    edit = am.customers.CustomerEdit(customer_id="C1", changes={"phones": ["555 0100"]})
    plan = am.customers.plan_customer_edit(snapshot(), edit, at=NOON)
    assert plan.zone_rules == ()
    assert "zone_rules" not in as_json(plan)


def plan_in_tokyo() -> am.MigrationPlan:
    rows = [appointment(time_zone="Asia/Tokyo", when=slot(60))]
    return am.plan_migration(snapshot(appointments=rows), request(), at=NOON)


def test_the_zones_are_beside_the_change_set_and_are_read_back() -> None:
    plan = plan_in_tokyo()
    data = as_json(plan)
    assert data["zone_rules"] == {"Asia/Tokyo": zone_digest("Asia/Tokyo", 2026)}
    assert "zone_rules" not in data["change_set"]
    assert am.loads(am.dumps(plan)) == plan
    assert SCHEMA.is_valid(data)
    without: Any = am.loads(json.dumps({key: value for key, value in data.items() if key != "zone_rules"}))
    assert without == attrs.evolve(plan, zone_rules=())
    assert without.plan_id == plan.plan_id


@pytest.mark.parametrize(
    ("value", "path"),
    [([], "zone_rules"), (None, "zone_rules"), ({"Asia/Tokyo": 1}, "zone_rules.<key>")],
)
def test_zones_of_another_type_are_a_fault_at_their_place(value: Any, path: str) -> None:
    data = as_json(plan_in_tokyo()) | {"zone_rules": value}
    assert [(fault.code, fault.path) for fault in faults_in(data)] == [("wrong_type", path)]
    assert not SCHEMA.is_valid(data)


def test_a_plan_tells_the_zones_with_other_rules_here_also_those_that_are_unknown_here() -> None:
    plan = plan_in_tokyo()
    assert plan.changed_zones() == ()
    assert "rules of a time zone" not in am.plan_text(plan)
    elsewhere = attrs.evolve(plan, zone_rules=(("Asia/Tokyo", "0" * 64), ("Mars/Olympus", "1" * 64)))
    assert am.loads(am.dumps(elsewhere)) == elsewhere
    assert elsewhere.changed_zones() == ("Asia/Tokyo", "Mars/Olympus")
    assert "made with: Asia/Tokyo, Mars/Olympus." in am.plan_text(elsewhere)
    assert "servi au plan : Asia/Tokyo, Mars/Olympus." in am.plan_text(elsewhere, "fr")
