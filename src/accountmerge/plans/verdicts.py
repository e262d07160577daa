"""The verdict of a planner, and the change set that is built from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from accountmerge.changes.change_sets import ADDRESSES_LEFT, ChangeSet, Intent, LedgerEntry, Obligation, Undo
from accountmerge.changes.edits import Edit, later_fields_of
from accountmerge.changes.guards import Guard, Tolerated, derived_guards
from accountmerge.changes.steps import Reason, Step, StepKind
from accountmerge.findings.finding import Acceptance, Finding, finding_order
from accountmerge.findings.vocabulary import LIMIT_CODES
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import Entity, EntityName, kind_of
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.values import ShownValue, value_class
from accountmerge.wire.canonical import frozen, rules_digest, sealed


@value_class(eq=False, repr=False)
class Draft(ShownValue):
    """A step without its place.

    Attributes:
        kind: The kind of the step.
        reason: Its reason.
        edits: Its edits.
        read_guards: Guards on entities that were only read. Guards of the edits are derived.
    """

    kind: StepKind
    reason: Reason
    edits: tuple[Edit, ...]
    read_guards: tuple[Guard, ...] = ()


def steps_from(
    drafts: Iterable[Draft], *, at: datetime, tolerated: Tolerated | None = None
) -> tuple[Step, ...]:
    """Return drafts as steps, in their order, with all their guards."""
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


@value_class(eq=False, repr=False, kw_only=True)
class Work(ShownValue):
    """The steps of a plan, and the values that are sealed together with them.

    Attributes:
        steps: The steps, in their safe order.
        held: The ids of the entities that named the survivor before, by kind. Default: the plan is no merge.
        images: Entities that were only read and that a later split needs.
        clusters: The ids of the bookings of each finding about many, by the id of the finding.
        ledger: The values that do not survive.
        obligations: The tasks outside the store.
        decided: The values of the plan's own fields, by name.
    """

    steps: tuple[Step, ...] = ()
    held: Mapping[EntityName, Iterable[str]] | None = None
    images: Iterable[Entity] = ()
    clusters: Mapping[str, Iterable[str]] = attrs.field(factory=dict)
    ledger: Iterable[LedgerEntry] = ()
    obligations: Iterable[Obligation] = ()
    decided: Mapping[str, Any] = attrs.field(factory=dict)


NO_WORK = Work()


@value_class(eq=False, repr=False, kw_only=True)
class Verdict(ShownValue):
    """The decision of a planner, with the work to do while no finding blocks.

    Attributes:
        findings: The findings, in any order; those that every kind of request has are added later.
        work: Return the work; called only while no finding blocks. Default: there is no work.
        practitioners: The practitioners whose data the snapshot must have whole.
        customers: The customers whose data the snapshot must have whole.
        undo: Whether steps that are otherwise irreversible may be undone.
        must_be_confirmed: Whether the rules ask for a confirmation of steps of any kind.
        about: The customers of the plan whose ids the request does not name. None: no customer is known.
        among: The profiles that may see findings of the plan. None: every profile.
    """

    findings: Iterable[Finding]
    work: Callable[[], Work] = lambda: NO_WORK
    practitioners: Collection[str] = ()
    customers: Iterable[str] = ()
    undo: Undo = "never"
    must_be_confirmed: bool = False
    about: Iterable[str] | None = ()
    among: frozenset[str] | None = None


def apply_acceptances(findings: Iterable[Finding], accept: Iterable[Acceptance]) -> tuple[Finding, ...]:
    """Return findings in their defined order, with their acceptances.

    An acceptance of no finding becomes a finding of its own.
    """
    accept = tuple(accept)
    signed = {entry.finding: entry for entry in accept if entry.is_signed}
    marked = []
    for finding in findings:
        acceptance = signed.get(finding.id) if finding.is_acceptable else None
        marked.append(attrs.evolve(finding, accepted=acceptance) if acceptance else finding)
    unused = {entry.finding for entry in accept} - {f.id for f in marked if f.accepted}
    marked += [Finding.of("acceptance_unused", (named,), finding=named) for named in sorted(unused)]
    return tuple(sorted(marked, key=finding_order))


def build_change_set(
    intent: Intent,
    request: attrs.AttrsInstance,
    rules: attrs.AttrsInstance,
    at: datetime,
    findings: tuple[Finding, ...],
    verdict: Verdict,
    work: Work,
    *,
    known: Collection[str] = (),
) -> ChangeSet:
    """Return the sealed change set of a plan. A blocked one has codes and no steps.

    `known` are the codes of findings about facts that the plan does not change.
    """
    members = work.clusters
    codes = {*known, ADDRESSES_LEFT}
    of_limits = {f.id for f in findings if f.code in LIMIT_CODES}  # the change set knows no store
    tolerated = {f.id for f in findings if f.accepted or f.code in codes or f.id in members} - of_limits
    change_set = ChangeSet(
        intent=intent,
        request=frozen(request),
        rules_digest=rules_digest(rules),
        at=at,
        blocked=tuple(sorted({finding.code for finding in findings if finding.is_blocking})),
        steps=work.steps,
        undo=verdict.undo,
        tolerated=tuple(sorted(tolerated)),
        requires=() if work.held is None else ("held",),
        held=work.held or {},
        images=work.images,
        clusters={id: members[id] for id in tolerated if id in members} if work.steps else {},
        ledger=tuple(work.ledger),
        obligations=tuple(work.obligations),
        must_be_confirmed=verdict.must_be_confirmed and bool(work.steps),
    )
    return sealed(with_features(change_set))


def with_features(change_set: ChangeSet) -> ChangeSet:
    """Return a change set that requires of its reader every feature that it uses."""
    used = {*change_set.requires, *_features(change_set)}
    return attrs.evolve(change_set, requires=tuple(sorted(used)))


def _features(change_set: ChangeSet) -> Iterator[str]:
    """Yield the keys that the first readers of the format did not know and a change set uses."""
    if change_set.must_be_confirmed:
        yield "needs_confirmation"
    if any(guard.kind == "no_other_record" for step in change_set.steps for guard in step.guards):
        yield "no_other_record"
    if any("only" in guard.facts for step in change_set.steps for guard in step.guards):
        yield "held"  # a guard of this form lists what was held
    if any(obligation.step is not None for obligation in change_set.obligations):
        yield "step"
    if change_set.clusters:
        yield "clusters"
    if change_set.images:
        yield "images"
    edited = (
        image for step in change_set.steps for edit in step.edits for image in (edit.before, edit.after)
    )
    yield from later_fields_of((*edited, *change_set.images))
    if any("session_id" in guard.facts for step in change_set.steps for guard in step.guards):
        yield "session_id"


def taken_findings(snapshot: Snapshot, steps: Iterable[Step]) -> Iterator[Finding]:
    """Yield a finding for each row in the way of an entity that steps create.

    Such a row has the derived id; or it is an appointment that a store with its own ids would seem to have made
    for a rebooking. Applying such a plan would be refused, because the row is not what was planned.
    """
    rows = (row for step in steps for edit in step.edits for row in _in_the_way(snapshot, edit))
    for entity, id in dict.fromkeys((kind_of(row).name, row.id) for row in rows):
        yield Finding.of("derived_id_taken", (id,), entity=entity, id=id)


def _in_the_way(snapshot: Snapshot, edit: Edit) -> Iterator[Entity]:
    """Yield the rows in the way of an edit that creates an entity."""
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
