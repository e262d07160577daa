"""`plan_migration`: from a snapshot and a request to a plan, with all that stands against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.change_sets import ChangeSet, Obligation
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.messages import Facts
from accountmerge.model.instants import rfc3339, utc
from accountmerge.planning.migrations.booking_findings import (
    booking_findings,
    double_bookings,
    schedule_findings,
    wholeness_findings,
    window_findings,
)
from accountmerge.planning.migrations.request_findings import (
    address_findings,
    number_findings,
    request_findings,
    under_way_findings,
)
from accountmerge.planning.migrations.situation import read_situation
from accountmerge.planning.migrations.steps import migration_steps
from accountmerge.plans import MigrationPlan
from accountmerge.rules.migration_rules import MigrationRules
from accountmerge.wire.canonical import frozen, rules_digest, sealed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pendulum

    from accountmerge.changes.steps import Step
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.planning.migrations.situation import Situation
    from accountmerge.rules.migration_requests import MigrationRequest

_DEFAULT_RULES = MigrationRules()


def plan_migration(
    snapshot: Snapshot, request: MigrationRequest, *, rules: MigrationRules = _DEFAULT_RULES, at: datetime
) -> MigrationPlan:
    """Decide how a practitioner moves to a new profile.

    A request that was carried out already gives an empty plan that is ready; one that was carried out in
    part gives what is left. Wrong facts are answered with findings.

    Args:
        snapshot: The present data, whole for the practitioner.
        request: Which profile is left, and for which address.
        rules: What the practice decides about all its migrations.
        at: The instant the plan is for: what starts at it or later is rebooked. Any aware datetime.

    Returns:
        The plan; its change set has no steps while something blocks.

    Raises:
        InvalidValueError: `at` is naive.

    Takes time in proportion to the practitioner's appointments, once the snapshot is indexed.
    """
    moment = utc(at)
    findings = list(request_findings(snapshot, request, moment))
    old = snapshot.profiles.get(request.profile_id)
    if old is None:
        return _plan(request, rules, moment, _weighed(findings, request), ())
    situation = read_situation(snapshot, request, rules, moment, old)
    doubles = double_bookings(situation)
    findings += address_findings(situation)
    findings += number_findings(situation)
    findings += under_way_findings(situation)
    findings += schedule_findings(situation)
    findings += wholeness_findings(situation)
    findings += booking_findings(situation, doubles)
    if situation.needs_blackout:
        findings += window_findings(situation)
    weighed = _weighed(findings, request)
    if situation.is_finished or any(finding.is_blocking for finding in weighed):
        return _plan(request, rules, moment, weighed, ())
    steps = migration_steps(situation, doubles)
    return _plan(request, rules, moment, weighed, steps, _obligations(situation, steps))


def _weighed(findings: Iterable[Finding], request: MigrationRequest) -> tuple[Finding, ...]:
    """Return the findings in their defined order, those marked that somebody takes upon themselves."""
    accepted = {entry.finding: entry for entry in request.accept if entry.is_signed}
    weighed = []
    for finding in findings:
        acceptance = accepted.get(finding.id) if finding.is_acceptable else None
        weighed.append(attrs.evolve(finding, accepted=acceptance) if acceptance else finding)
    unused = {entry.finding for entry in request.accept} - {f.id for f in weighed if f.accepted}
    weighed += [Finding.of("acceptance_unused", (named,), finding=named) for named in sorted(unused)]
    return tuple(sorted(weighed, key=finding_order))


def _obligations(situation: Situation, steps: tuple[Step, ...]) -> tuple[Obligation, ...]:
    """Return what is to be done outside the store while availability is off, and after activation."""
    kinds = {step.kind for step in steps}
    found: list[Obligation] = []
    if "close_availability" in kinds:
        blackout = situation.blackout
        facts = Facts(start=rfc3339(blackout.start_us), end=rfc3339(blackout.end_us))
        found.append(Obligation(kind="announce_blackout", whom="practitioner", when="ahead", facts=facts))
        found.append(
            Obligation(kind="list_availability", whom="customer_service", when="blackout", facts=facts)
        )
    if "activate_schedule" in kinds:
        facts = Facts(profile_id=situation.new.id)
        found.append(Obligation(kind="tell_new_log_in", whom="practitioner", when="activation", facts=facts))
    return tuple(found)


def _plan(
    request: MigrationRequest,
    rules: MigrationRules,
    at: pendulum.DateTime,
    findings: tuple[Finding, ...],
    steps: tuple[Step, ...],
    obligations: tuple[Obligation, ...] = (),
) -> MigrationPlan:
    """Seal the steps and what they rest on into a plan; a blocked one has codes in the place of steps."""
    blocked = tuple(sorted({finding.code for finding in findings if finding.is_blocking}))
    tolerated = (f.id for f in findings if f.accepted or f.code == "existing_double_booking")
    change_set = ChangeSet(
        intent="migration",
        request=frozen(request),
        rules_digest=rules_digest(rules),
        at=at,
        blocked=blocked,
        steps=steps,
        tolerated=tuple(sorted(set(tolerated))),
        obligations=obligations,
    )
    return MigrationPlan(request, rules, findings, sealed(change_set))
