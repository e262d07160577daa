"""The planner that merges customers who are one person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs
import pendulum

from accountmerge.changes.change_sets import LedgerEntry, Obligation
from accountmerge.changes.steps import Step
from accountmerge.merges.access import access_ledger, merged_access, rise_findings, widening_findings
from accountmerge.merges.bookings import Overlaps, booking_findings, read_overlaps
from accountmerge.merges.completeness import require_complete
from accountmerge.merges.differences import differing_findings
from accountmerge.merges.emails import changed_hands, email_findings, merged_emails
from accountmerge.merges.fields import merged_fields
from accountmerge.merges.findings import request_findings, wholeness_findings
from accountmerge.merges.records import merged_records, record_findings, record_ledger
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.merges.situation import MergeSituation, read_merge
from accountmerge.merges.steps import Decided, merge_steps
from accountmerge.messages import Facts
from accountmerge.model.entities import KINDS, Entity, EntityName
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.kind import Kind
from accountmerge.plans.plan import Plan
from accountmerge.plans.verdicts import NO_WORK, Verdict, Work, taken_findings


class MergePlan(Plan[MergeRequest, MergeRules]):
    """The plan of a merge of customers."""

    __slots__ = ()


def plan_merge(
    snapshot: Snapshot,
    request: MergeRequest,
    *,
    rules: MergeRules | None = None,
    at: datetime,
    limits: Limits | None = None,
) -> MergePlan:
    """Plan a merge of customers who are one person, without loss of data.

    A completed merge gives an empty plan that is ready, or a plan for later data on absorbed customers. Wrong facts
    become findings.

    Args:
        snapshot: The present data, complete for the customers.
        request: The survivor, the absorbed customers and the actor.
        rules: The rules of the practice for all its merges.
        at: The instant of the plan. Overlaps that ended before it only warn. Any aware datetime.
        limits: The limits of the store, which the plan is checked against. Default: no limits.

    Returns:
        The plan. Its change set has no steps while the plan is blocked, and a named person has to confirm it before it
        is applied.

    Raises:
        InvalidValueError: `at` is naive.
        AccountMergeError: The plan would leave data on an absorbed customer (`plan_incomplete`), which is a defect of
            the library.

    Takes time in proportion to the rows that name the customers, once the snapshot is indexed.
    """
    return MERGE.planned(snapshot, request, rules, at, limits)


def decide_merge(
    snapshot: Snapshot, request: MergeRequest, rules: MergeRules, at: pendulum.DateTime
) -> Verdict:
    """Return the verdict on a request to merge customers."""
    findings = list(request_findings(snapshot, request, rules))
    situation = read_merge(snapshot, request, rules, at)
    if situation is None:
        return Verdict(findings=findings, undo=rules.undo)
    decided, overlaps = _decided(situation), read_overlaps(situation)
    findings += wholeness_findings(situation)
    findings += email_findings(situation, decided.emails)
    findings += decided.fields.findings
    findings += record_findings(decided.records)
    findings += booking_findings(situation, overlaps)
    findings += widening_findings(situation)
    findings += rise_findings(situation)
    findings += differing_findings(situation, decided.fields.survivor)
    return Verdict(
        findings=findings,
        work=lambda: _work(situation, decided, overlaps),
        customers=situation.persons,  # bookings of customers merged into them before count as well
        undo=rules.undo,
    )


def _work(situation: MergeSituation, decided: Decided, overlaps: Overlaps) -> Work:
    """Return the steps that are left, verified to be complete."""
    steps = merge_steps(situation, decided, overlaps)
    if not any(taken_findings(situation.snapshot, steps)):
        require_complete(situation, steps)
    if not steps:
        return NO_WORK
    return Work(
        steps=steps,
        held=_held(situation),
        images=_images(situation, decided, steps),
        clusters=overlaps.clusters,
        ledger=_ledger(situation, decided),
        obligations=_obligations(situation, decided),
    )


def _decided(situation: MergeSituation) -> Decided:
    emails = merged_emails(situation)
    survivor = attrs.evolve(situation.survivor, emails=emails.emails)
    return Decided(
        emails=emails,
        fields=merged_fields(situation, survivor),
        records=merged_records(situation),
        access=merged_access(situation),
    )


def _held(situation: MergeSituation) -> dict[EntityName, set[str]]:
    """Return the ids of all entities that name the survivor before the merge, by kind."""
    held: dict[EntityName, set[str]] = {}
    for kind in KINDS:
        for attribute, name in kind.references:
            if name == "customer":
                rows = situation.snapshot.table(kind.collection).where(attribute, situation.survivor.id)
                held.setdefault(kind.name, set()).update(row.id for row in rows)
    addresses = situation.snapshot.customers.where("former_logins", situation.survivor.id)
    held["customer"].update(row.id for row in addresses if row.id != situation.survivor.id)
    return held


def _images(situation: MergeSituation, decided: Decided, steps: tuple[Step, ...]) -> Iterator[Entity]:
    """Yield the survivor and the kept records without an edit, because a split needs them."""
    edited = {edit.key for step in steps for edit in step.edits}
    kept = {drop.kept.id: drop.kept for drop in decided.records.drops if drop.kept is not None}
    if ("customer", situation.survivor.id) not in edited:
        yield situation.survivor
    yield from (row for id, row in kept.items() if ("record", id) not in edited)


def _ledger(situation: MergeSituation, decided: Decided) -> Iterator[LedgerEntry]:
    yield from decided.emails.ledger
    yield from decided.fields.ledger
    yield from record_ledger(situation, decided.records)
    yield from access_ledger(decided.access)


def _obligations(situation: MergeSituation, decided: Decided) -> Iterator[Obligation]:
    """Yield the obligations to end sessions and to inform the customer of the login."""
    changes = bool(changed_hands(situation, decided.emails))
    for customer in situation.customers if changes else situation.absorbed:
        if any(email.use == "primary" for email in customer.emails):
            facts = Facts(customer_id=customer.id)
            yield Obligation(kind="end_sessions", whom="support_team", when="afterwards", facts=facts)
    kind = "tell_primary_email" if decided.emails.primary is not None else "tell_no_login"
    facts = Facts(customer_id=situation.survivor.id)
    yield Obligation(kind=kind, whom="customer", when="afterwards", facts=facts)


MERGE = Kind(
    intent="merge",
    request=MergeRequest,
    rules=MergeRules,
    plan=MergePlan,
    decide=decide_merge,
    shown=("survivor", "absorbed", "actor"),
    subject="merges",
    known=("customer_double_booking", "email_claimed_twice"),
)
