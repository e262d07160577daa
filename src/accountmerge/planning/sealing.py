"""Sealing: findings weighed against acceptances, and steps sealed into a change set with its plan id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.wholeness import ADDRESSES_LEFT
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.model.customers import Customer
from accountmerge.wire.canonical import frozen, rules_digest, sealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from accountmerge.changes.change_sets import Intent, LedgerEntry, Obligation, Undo
    from accountmerge.changes.steps import Step
    from accountmerge.model.entities import Entity, EntityName
    from accountmerge.rules.acceptances import Acceptance


def weighed_findings(findings: Iterable[Finding], accept: Iterable[Acceptance]) -> tuple[Finding, ...]:
    """Return findings in their defined order, those marked that somebody takes upon themselves.

    An acceptance that accepts nothing becomes a finding of its own.
    """
    accept = tuple(accept)
    signed = {entry.finding: entry for entry in accept if entry.is_signed}
    weighed = []
    for finding in findings:
        acceptance = signed.get(finding.id) if finding.is_acceptable else None
        weighed.append(attrs.evolve(finding, accepted=acceptance) if acceptance else finding)
    unused = {entry.finding for entry in accept} - {f.id for f in weighed if f.accepted}
    weighed += [Finding.of("acceptance_unused", (named,), finding=named) for named in sorted(unused)]
    return tuple(sorted(weighed, key=finding_order))


def sealed_set(
    intent: Intent,
    request: attrs.AttrsInstance,
    rules: attrs.AttrsInstance,
    at: datetime,
    findings: tuple[Finding, ...],
    steps: tuple[Step, ...],
    *,
    standing: Collection[str] = (),
    undo: Undo = "never",
    held: Mapping[EntityName, Iterable[str]] | None = None,
    images: Iterable[Entity] = (),
    clusters: Mapping[str, Iterable[str]] | None = None,
    ledger: Iterable[LedgerEntry] = (),
    obligations: Iterable[Obligation] = (),
    must_be_confirmed: bool = False,
) -> ChangeSet:
    """Seal steps and what they rest on; a blocked set has codes in the place of steps.

    Args:
        intent: What it is for.
        request: What was asked.
        rules: What was in force.
        at: The instant of the plan.
        findings: All findings, weighed.
        steps: What is to be done; nothing while something blocks.
        standing: Codes of findings of what was so before and stays so.
        undo: Whether steps that are irreversible otherwise may be undone.
        held: The ids of the entities that named the survivor before, by kind. Default: not a merge.
        images: Entities that were only read and that a split needs.
        clusters: The ids of the bookings of each finding about many, by the id of the finding.
        ledger: Values that do not survive.
        obligations: What is to be done outside the store.
        must_be_confirmed: Whether the rules ask for a confirmation of steps of any kind.
    """
    members = clusters or {}
    known = {*standing, ADDRESSES_LEFT}
    tolerated = {f.id for f in findings if f.accepted or f.code in known or f.id in members}
    change_set = ChangeSet(
        intent=intent,
        request=frozen(request),
        rules_digest=rules_digest(rules),
        at=at,
        blocked=tuple(sorted({finding.code for finding in findings if finding.is_blocking})),
        steps=steps,
        undo=undo,
        tolerated=tuple(sorted(tolerated)),
        requires=() if held is None else ("held",),
        held=held or {},
        images=images,
        clusters={id: members[id] for id in tolerated if id in members} if steps else {},
        ledger=tuple(ledger),
        obligations=tuple(obligations),
        must_be_confirmed=must_be_confirmed and bool(steps),
    )
    return sealed(with_features(change_set))


def with_features(change_set: ChangeSet) -> ChangeSet:
    """Return a change set that requires of its reader every feature that it uses."""
    used = {*change_set.requires, *_features(change_set)}
    return attrs.evolve(change_set, requires=tuple(sorted(used)))


def _features(change_set: ChangeSet) -> Iterator[str]:
    """Yield the keys that the first readers of the format did not know, for all that a set uses."""
    if change_set.must_be_confirmed:
        yield "needs_confirmation"
    if any(guard.kind == "no_other_record" for step in change_set.steps for guard in step.guards):
        yield "no_other_record"
    if any("only" in guard.facts for step in change_set.steps for guard in step.guards):
        yield "held"  # a guard of this form lists what was held
    if change_set.clusters:
        yield "clusters"
    if change_set.images:
        yield "images"
    edited = (
        image for step in change_set.steps for edit in step.edits for image in (edit.before, edit.after)
    )
    if any(isinstance(each, Customer) and each.merged_at for each in (*edited, *change_set.images)):
        yield "merged_at"
