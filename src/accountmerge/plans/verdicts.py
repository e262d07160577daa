"""Build a plan from findings and drafts of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, Tolerated, derived_guards
from accountmerge.changes.steps import Reason, Step, StepKind
from accountmerge.changes.wholeness import ADDRESSES_LEFT
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import kind_of
from accountmerge.wire.canonical import frozen, rules_digest, sealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from accountmerge.changes.change_sets import Intent, LedgerEntry, Obligation, Undo
    from accountmerge.findings.finding import Acceptance
    from accountmerge.model.entities import Entity, EntityName
    from accountmerge.model.snapshots import Snapshot


@attrs.frozen
class Draft:
    """A step without its place.

    Attributes:
        kind: What it does.
        reason: Why.
        edits: What changes.
        read_guards: Guards on what was only read; those that follow from the edits are derived.
    """

    kind: StepKind
    reason: Reason
    edits: tuple[Edit, ...]
    read_guards: tuple[Guard, ...] = ()


def numbered(
    drafts: Iterable[Draft], *, at: datetime, tolerated: Tolerated | None = None
) -> tuple[Step, ...]:
    """Return drafts as steps, in their order, with all their guards.

    Args:
        drafts: The steps without their places.
        at: The instant of the plan.
        tolerated: What guards let pass, as `derived_guards` takes it.
    """
    return tuple(
        Step(
            ordinal=ordinal,
            kind=draft.kind,
            reason=draft.reason,
            guards=(*derived_guards(draft.edits, at=at, tolerated=tolerated), *draft.read_guards),
            edits=draft.edits,
        )
        for ordinal, draft in enumerate(drafts, start=1)
    )


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


def taken_findings(snapshot: Snapshot, steps: Iterable[Step | Draft]) -> Iterator[Finding]:
    """Yield a finding for each row in the way of an entity that steps create.

    That is a row under the derived id, or, for a rebooking, an appointment that a store with ids of its own would
    be believed to have made for it. Applying such a plan would be refused, because the row is not what was planned.

    Args:
        snapshot: The present data.
        steps: The steps, or their drafts.
    """
    rows = (row for step in steps for edit in step.edits for row in _in_the_way(snapshot, edit))
    for entity, id in dict.fromkeys((kind_of(row).name, row.id) for row in rows):
        yield Finding.of("derived_id_taken", (id,), entity=entity, id=id)


def _in_the_way(snapshot: Snapshot, edit: Edit) -> Iterator[Entity]:
    """Yield the rows in the way of an edit; none if it creates no entity."""
    made = edit.after
    if edit.before is not None or made is None:
        return
    row = snapshot.table(kind_of(made).collection).get(made.id)
    if row is not None:
        yield row
    if isinstance(made, Appointment) and made.replaces is not None:
        booked = snapshot.appointments.where("replaces", made.replaces)
        yield from sorted(
            (row for row in booked if row.profile_id == made.profile_id), key=lambda row: row.id
        )
