"""`plan_migration`: from a snapshot and a request to a plan, with all that stands against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.changes.change_sets import Obligation
from accountmerge.messages import Facts
from accountmerge.migrations.completeness import require_handed_over
from accountmerge.migrations.findings import (
    address_findings,
    booking_findings,
    cluster_ids,
    double_bookings,
    double_findings,
    number_findings,
    request_findings,
    schedule_findings,
    under_way_findings,
    wholeness_findings,
    window_findings,
)
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.records import record_findings
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.situation import read_situation
from accountmerge.migrations.steps import migration_steps
from accountmerge.model.instants import rfc3339, utc
from accountmerge.plans.audiences import treated_by
from accountmerge.plans.verdicts import sealed_set, taken_findings, weighed_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    import pendulum

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.changes.steps import Step
    from accountmerge.findings.finding import Finding
    from accountmerge.migrations.requests import MigrationRequest
    from accountmerge.migrations.situation import Situation
    from accountmerge.model.snapshots import Snapshot

_DEFAULT_RULES = MigrationRules()
_STANDING = ("existing_double_booking",)
"""Findings of what was so before and stays so."""


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
        AccountMergeError: The plan would leave a record where the rules do not let it (`plan_incomplete`), which is a
            defect of the library.

    Takes time in proportion to the practitioner's appointments, once the snapshot is indexed.
    """
    moment = utc(at)
    findings = list(request_findings(snapshot, request, moment))
    old = snapshot.profiles.get(request.profile_id)
    if old is None:
        return _plan(snapshot, request, rules, moment, weighed_findings(findings, request.accept), ())
    situation = read_situation(snapshot, request, rules, moment, old)
    doubles = tuple(double_findings(situation, double_bookings(situation)))
    findings += dict.fromkeys((*address_findings(situation), *under_way_findings(situation)))
    findings += number_findings(situation)
    findings += schedule_findings(situation)
    findings += wholeness_findings(situation)
    findings += booking_findings(situation, doubles)
    findings += record_findings(snapshot, situation.rows)
    if situation.needs_blackout:
        findings += window_findings(situation, rules)
    weighed = weighed_findings(findings, request.accept)
    if situation.is_finished or any(found.is_blocking for found in weighed):
        return _plan(snapshot, request, rules, moment, weighed, ())
    steps = migration_steps(situation, doubles)
    taken = tuple(taken_findings(snapshot, steps))
    if taken:
        return _plan(
            snapshot, request, rules, moment, weighed_findings((*findings, *taken), request.accept), ()
        )
    ledger = tuple(situation.rows.ledger())
    require_handed_over(situation, rules, steps, ledger)
    return _plan(
        snapshot,
        request,
        rules,
        moment,
        weighed,
        steps,
        _obligations(situation, steps),
        ledger=ledger,
        clusters=cluster_ids(doubles),
    )


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
    snapshot: Snapshot,
    request: MigrationRequest,
    rules: MigrationRules,
    at: pendulum.DateTime,
    findings: tuple[Finding, ...],
    steps: tuple[Step, ...],
    obligations: tuple[Obligation, ...] = (),
    ledger: tuple[LedgerEntry, ...] = (),
    clusters: Mapping[str, Iterable[str]] | None = None,
) -> MigrationPlan:
    change_set = sealed_set(
        "migration",
        request,
        rules,
        at,
        findings,
        steps,
        standing=_STANDING,
        clusters=clusters,
        obligations=obligations,
        ledger=ledger,
        must_be_confirmed=rules.needs_confirmation,
    )
    audience = treated_by(snapshot, request, findings, among=_own_profiles(snapshot, request.profile_id))
    return MigrationPlan(request, rules, findings, change_set, snapshot.taken_at, audience)


def _own_profiles(snapshot: Snapshot, profile_id: str) -> frozenset[str]:
    """Return the profiles of the practitioner with an enabled login: no others may see what a migration finds."""
    old = snapshot.profiles.get(profile_id)
    rows = () if old is None else snapshot.profiles.where("practitioner_id", old.practitioner_id)
    return frozenset(row.id for row in rows if row.login == "enabled")
