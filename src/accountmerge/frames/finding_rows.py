"""Rows of findings, double bookings, conflicts of addresses, faults and causes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accountmerge.errors import Fault, LoadError
from accountmerge.findings.double_bookings import DoubleBooking
from accountmerge.findings.finding import Finding
from accountmerge.findings.primary_emails import PrimaryEmailConflict
from accountmerge.frames.plan_rows import in_plans
from accountmerge.frames.row_columns import (
    OF_A_PLAN,
    Line,
    RowKind,
    all_facts,
    column,
    count,
    fact_columns,
    sentence_column,
    text,
)
from accountmerge.merges.batches import MergeBatch, MergeGroup
from accountmerge.migrations.cohorts import CohortMember, MigrationCohort
from accountmerge.migrations.tracking import MigrationProgress
from accountmerge.model.instants import MICROSECONDS_PER_MINUTE, parse_rfc3339
from accountmerge.model.time_slots import TimeSlot
from accountmerge.plans.explanations import Cause, Explanation
from accountmerge.plans.plan import Plan


def minutes_of(slot: TimeSlot | None) -> float | None:
    """Return the length of a slot in minutes, with a fraction for seconds."""
    return None if slot is None else (slot.end_us - slot.start_us) / MICROSECONDS_PER_MINUTE


DOUBLE_BOOKINGS = RowKind(
    DoubleBooking,
    "One row for each pair of bookings.",
    (
        text("kind", "the owner of the time: `practitioner` or `customer`"),
        text("first_id", "the earlier booking", "first.id"),
        text("second_id", "the later booking", "second.id"),
        text("first_profile_id", "the profile of the earlier booking", "first.profile_id"),
        text("second_profile_id", "the profile of the later booking", "second.profile_id"),
        text("first_customer_id", "the customer of the earlier booking", "first.customer_id"),
        text("second_customer_id", "the customer of the later booking", "second.customer_id"),
        column("start", "instant", "the start of the shared time", "overlap.start_us"),
        column("end", "instant", "the end of the shared time", "overlap.end_us"),
        column(
            "shared_minutes", "number", "the length of the shared time", lambda pair: minutes_of(pair.overlap)
        ),
        text("time_zone", "the zone of the earlier booking", "first.time_zone"),
        column("first_start", "instant", "the start of the earlier booking", "first.slot.start_us"),
        column("first_end", "instant", "the end of the earlier booking", "first.slot.end_us"),
        text("first_status", "the status of the earlier booking", "first.status"),
        column("second_start", "instant", "the start of the later booking", "second.slot.start_us"),
        column("second_end", "instant", "the end of the later booking", "second.slot.end_us"),
        text("second_status", "the status of the later booking", "second.status"),
    ),
    {MigrationProgress: lambda report: map(Line, report.conflicts)},
)


def _plan_findings(plan: Plan[Any, Any]) -> Iterator[Line]:
    return (Line(finding, plan.plan_id) for finding in plan.findings)


_in_plans = in_plans(_plan_findings)


def _member_findings(member: Any) -> Iterator[Line]:
    """Yield the findings of a member or a group, then those of its plans."""
    yield from (Line(finding, None, member.number) for finding in member.findings)
    yield from _in_plans[CohortMember](member)


def _cohort_findings(cohort: MigrationCohort) -> Iterator[Line]:
    for member in cohort.members:
        yield from _member_findings(member)


def _batch_findings(batch: MergeBatch) -> Iterator[Line]:
    for group in batch.groups:
        yield from _member_findings(group)


def _shared_minutes(finding: Finding) -> float | None:
    facts = finding.facts
    if not {"first_id", "second_id", "start", "end"} <= facts.keys():
        return None
    start_us, end_us = parse_rfc3339(str(facts["start"])), parse_rfc3339(str(facts["end"]))
    return (end_us - start_us) / MICROSECONDS_PER_MINUTE


def _zone(finding: Finding) -> str | None:
    """Return the zone that a finding names, alone or behind the promised time."""
    zone = finding.facts.get("time_zone")
    local = str(finding.facts.get("local_start", "")).split(" ")
    return str(zone) if zone is not None else local[2] if len(local) == _WITH_ZONE else None


_WITH_ZONE = 3
"""The parts of a promised time with its zone: the day, the time and the zone."""


def _acceptance(name: str) -> Any:
    return lambda finding: None if finding.accepted is None else getattr(finding.accepted, name)


FINDINGS = RowKind(
    Finding,
    "One row for each finding: first those of a member or group, then those of its plans.",
    (
        *OF_A_PLAN,
        text("id", "the code and the ids, as acceptances name it"),
        text("code", "the code"),
        text("severity", "`blocker` or `warning`"),
        column("is_blocking", "truth", "whether it is a blocker that is not accepted"),
        column(
            "is_accepted",
            "truth",
            "whether a named person has accepted it",
            lambda finding: finding.accepted is not None,
        ),
        *fact_columns(
            "profile_id customer_id appointment_id practitioner_id first_id second_id start end",
            of={"start": "the start of the time; of a double booking, of the shared time"},
        ),
        column("shared_minutes", "number", "the length of the shared time of two bookings", _shared_minutes),
        *fact_columns("local_start"),
        text("time_zone", "the zone of the promised start", _zone),
        *fact_columns("count", of={"count": "the number that its sentence names"}),
        column("ids", "json", "the entities that it is about, sorted"),
        sentence_column("description", "the finding, as a sentence"),
        sentence_column("remedy", "the remedy, as a sentence", "advise"),
        all_facts(),
        text("accepted_by", "the person who accepted it", _acceptance("by"), personal=True),
        text("accepted_why", "the reason of the acceptance", _acceptance("why"), personal=True),
    ),
    {
        **_in_plans,
        CohortMember: _member_findings,
        MergeGroup: _member_findings,
        MigrationCohort: _cohort_findings,
        MergeBatch: _batch_findings,
        Explanation: lambda found: map(Line, found.findings),
    },
)

EMAIL_CONFLICTS = RowKind(
    PrimaryEmailConflict,
    "One row for each conflict.",
    (
        count("customers", "the number of customers", lambda conflict: conflict.customer_ids),
        column("customer_ids", "json", "the customers, sorted"),
        column(
            "addresses",
            "json",
            "the addresses as they are written, sorted",
            lambda conflict: tuple(address.text for address in conflict.addresses),
            personal=True,
        ),
    ),
)

FAULTS = RowKind(
    Fault,
    "One row for each fault of a file or of data.",
    (
        text("path", "the place, such as `appointments[3].start`"),
        text("code", "the code"),
        column(
            "rows",
            "json",
            "the rows of a frame that have it, from 0",
            lambda fault: getattr(fault, "rows", None),
        ),
        sentence_column("description", "the fault with its place, as a sentence"),
        all_facts(),
    ),
    {LoadError: lambda error: map(Line, error.faults)},
)

CAUSES = RowKind(
    Cause,
    "One row for each cause of an explanation.",
    (
        text("key", "the family and the code, such as `reason.merged`"),
        column("step", "whole number", "the step with this reason"),
        text("source", "the page of the documentation with its rule"),
        sentence_column("description", "the cause, as a sentence"),
        all_facts(),
    ),
    {Explanation: lambda found: map(Line, found.causes)},
)

FINDING_ROWS: tuple[RowKind, ...] = (DOUBLE_BOOKINGS, FINDINGS, EMAIL_CONFLICTS, FAULTS, CAUSES)
