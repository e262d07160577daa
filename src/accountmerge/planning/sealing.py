"""Sealing: findings weighed against acceptances, and steps sealed into a change set with its plan id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.wholeness import ADDRESSES_LEFT
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.wire.canonical import frozen, rules_digest, sealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from accountmerge.changes.change_sets import Intent, LedgerEntry, Obligation, Undo
    from accountmerge.changes.steps import Step
    from accountmerge.rules.acceptances import Acceptance
    from accountmerge.wire.intents import AnyRequest, AnyRules


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
    request: AnyRequest,
    rules: AnyRules,
    at: datetime,
    findings: tuple[Finding, ...],
    steps: tuple[Step, ...],
    *,
    standing: Collection[str] = (),
    undo: Undo = "never",
    ledger: Iterable[LedgerEntry] = (),
    obligations: Iterable[Obligation] = (),
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
        ledger: Values that do not survive.
        obligations: What is to be done outside the store.
    """
    tolerated = (f.id for f in findings if f.accepted or f.code in (*standing, ADDRESSES_LEFT))
    change_set = ChangeSet(
        intent=intent,
        request=frozen(request),
        rules_digest=rules_digest(rules),
        at=at,
        blocked=tuple(sorted({finding.code for finding in findings if finding.is_blocking})),
        steps=steps,
        undo=undo,
        tolerated=tuple(sorted(set(tolerated))),
        ledger=tuple(ledger),
        obligations=tuple(obligations),
    )
    return sealed(change_set)
