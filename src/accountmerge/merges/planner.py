"""`plan_merge`: from a snapshot and a request to a plan, with all that stands against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.change_sets import Obligation
from accountmerge.merges.access import access_ledger, merged_access, rise_findings, widening_findings
from accountmerge.merges.bookings import booking_findings, read_overlaps
from accountmerge.merges.completeness import require_complete
from accountmerge.merges.differences import differing_findings
from accountmerge.merges.emails import changed_hands, email_findings, merged_emails
from accountmerge.merges.fields import merged_fields
from accountmerge.merges.findings import request_findings, wholeness_findings
from accountmerge.merges.plan import MergePlan
from accountmerge.merges.records import merged_records, record_findings, record_ledger
from accountmerge.merges.rules import MergeRules
from accountmerge.merges.situation import read_merge
from accountmerge.merges.steps import Decided, merge_steps
from accountmerge.messages import Facts
from accountmerge.model.entities import KINDS
from accountmerge.model.instants import utc
from accountmerge.plans.audiences import treated_by
from accountmerge.plans.verdicts import sealed_set, taken_findings, weighed_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    import pendulum

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.changes.steps import Step
    from accountmerge.findings.finding import Finding
    from accountmerge.merges.requests import MergeRequest
    from accountmerge.merges.situation import MergeSituation
    from accountmerge.model.entities import Entity, EntityName
    from accountmerge.model.snapshots import Snapshot

_DEFAULT_RULES = MergeRules()
_STANDING = ("customer_double_booking", "email_claimed_twice")
"""Findings of what was so before and stays so."""


def plan_merge(
    snapshot: Snapshot, request: MergeRequest, *, rules: MergeRules = _DEFAULT_RULES, at: datetime
) -> MergePlan:
    """Decide how customers become one, without losing anything.

    A request that was carried out already gives an empty plan that is ready; what has appeared since on a
    customer that was absorbed is planned as what is left. Wrong facts are answered with findings.

    Args:
        snapshot: The present data, whole for the customers.
        request: Who stays, who is absorbed, and which profile asks.
        rules: What the practice decides about all its merges.
        at: The instant the plan is for: overlaps that ended before it only warn. Any aware datetime.

    Returns:
        The plan; its change set has no steps while something blocks, and has to be confirmed by a named
        person before it is applied.

    Raises:
        InvalidValueError: `at` is naive.
        AccountMergeError: The plan would leave something on an absorbed customer (`plan_incomplete`), which
            is a defect of the library.

    Takes time in proportion to what names the customers, once the snapshot is indexed. Source: design
    section 3.2.
    """
    moment = utc(at)
    findings = list(request_findings(snapshot, request, rules, moment))
    situation = read_merge(snapshot, request, rules, moment)
    if situation is None:
        return _plan(snapshot, request, rules, moment, weighed_findings(findings, request.accept))
    decided = _decided(situation)
    findings += wholeness_findings(situation)
    findings += email_findings(situation, decided.emails)
    findings += decided.fields.findings
    findings += record_findings(decided.records)
    overlaps = read_overlaps(situation)
    findings += booking_findings(situation, overlaps)
    findings += widening_findings(situation)
    findings += rise_findings(situation)
    findings += differing_findings(situation, decided.fields.survivor)
    weighed = weighed_findings(findings, request.accept)
    if any(found.is_blocking for found in weighed):
        return _plan(snapshot, request, rules, moment, weighed)
    steps = merge_steps(situation, decided, overlaps)
    taken = tuple(taken_findings(snapshot, steps))
    if taken:
        return _plan(snapshot, request, rules, moment, weighed_findings((*findings, *taken), request.accept))
    require_complete(situation, steps)
    if not steps:
        return _plan(snapshot, request, rules, moment, weighed)
    return _plan(
        snapshot,
        request,
        rules,
        moment,
        weighed,
        steps,
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
    """Return the ids of all entities that name the survivor before the merge, by kind, decided requests included."""
    found: dict[EntityName, set[str]] = {}
    for kind in KINDS:
        for attribute, name in kind.references:
            if name == "customer":
                rows = situation.snapshot.table(kind.collection).where(attribute, situation.survivor.id)
                found.setdefault(kind.name, set()).update(row.id for row in rows)
    addresses = situation.snapshot.customers.where("former_log_ins", situation.survivor.id)
    found["customer"].update(row.id for row in addresses if row.id != situation.survivor.id)
    return found


def _images(situation: MergeSituation, decided: Decided, steps: tuple[Step, ...]) -> Iterator[Entity]:
    """Yield the survivor and the kept record of each drop, where no edit has them: a split needs them whole."""
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
    """Yield what is to be done outside the store: sessions end, and the customer is told how to sign in."""
    changes = bool(changed_hands(situation, decided.emails))
    for customer in situation.customers if changes else situation.absorbed:
        if any(email.use == "primary" for email in customer.emails):
            facts = Facts(customer_id=customer.id)
            yield Obligation(kind="end_sessions", whom="support_team", when="afterwards", facts=facts)
    kind = "tell_primary_email" if decided.emails.primary is not None else "tell_no_log_in"
    facts = Facts(customer_id=situation.survivor.id)
    yield Obligation(kind=kind, whom="customer", when="afterwards", facts=facts)


def _plan(
    snapshot: Snapshot,
    request: MergeRequest,
    rules: MergeRules,
    at: pendulum.DateTime,
    findings: tuple[Finding, ...],
    steps: tuple[Step, ...] = (),
    *,
    held: Mapping[EntityName, Iterable[str]] | None = None,
    images: Iterable[Entity] = (),
    clusters: Mapping[str, Iterable[str]] | None = None,
    ledger: Iterable[LedgerEntry] = (),
    obligations: Iterable[Obligation] = (),
) -> MergePlan:
    change_set = sealed_set(
        "merge",
        request,
        rules,
        at,
        findings,
        steps,
        standing=_STANDING,
        undo=rules.undo,
        held=held,
        images=images,
        clusters=clusters,
        ledger=ledger,
        obligations=obligations,
    )
    return MergePlan(
        request, rules, findings, change_set, snapshot.taken_at, treated_by(snapshot, request, findings)
    )
