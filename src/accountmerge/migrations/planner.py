"""The planner that moves a practitioner to a new profile."""

from __future__ import annotations

from datetime import datetime

import pendulum

from accountmerge.changes.change_sets import Obligation
from accountmerge.changes.steps import Step
from accountmerge.findings.double_bookings import Doubles
from accountmerge.findings.finding import Finding
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
    window_findings,
)
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.records import record_findings
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.situation import MigrationSituation, read_situation
from accountmerge.migrations.steps import migration_steps
from accountmerge.model.instants import rfc3339
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.kind import Kind
from accountmerge.plans.verdicts import NO_WORK, Verdict, Work, taken_findings


def plan_migration(
    snapshot: Snapshot,
    request: MigrationRequest,
    *,
    rules: MigrationRules | None = None,
    at: datetime,
    limits: Limits | None = None,
) -> MigrationPlan:
    """Plan the move of a practitioner to a new profile.

    A completed migration gives an empty plan that is ready; one that was applied in part gives the steps that are
    left. Wrong facts become findings.

    Args:
        snapshot: The present data, complete for the practitioner.
        request: The old profile, the new address and the reason.
        rules: The rules of the practice for all its migrations.
        at: The instant of the plan. Bookings that start at it or later are rebooked. Any aware datetime.
        limits: The limits of the store, which the plan is checked against. Default: no limits.

    Returns:
        The plan. Its change set has no steps while the plan is blocked.

    Raises:
        InvalidValueError: `at` is naive.
        AccountMergeError: The plan would leave a record against the rules (`plan_incomplete`), which is a defect of
            the library.

    Takes time in proportion to the practitioner's appointments, once the snapshot is indexed.
    """
    return MIGRATION.planned(snapshot, request, rules, at, limits)


def decide_migration(
    snapshot: Snapshot, request: MigrationRequest, rules: MigrationRules, at: pendulum.DateTime
) -> Verdict:
    """Return the verdict on a request to move a practitioner."""
    findings = list(request_findings(snapshot, request, at))
    among = _own_profiles(snapshot, request.profile_id)
    old = snapshot.profiles.get(request.profile_id)
    if old is None:
        return Verdict(findings=findings, must_be_confirmed=rules.needs_confirmation, among=among)
    situation = read_situation(snapshot, request, rules, at, old)
    doubles = tuple(double_findings(situation, double_bookings(situation)))
    findings += dict.fromkeys((*address_findings(situation), *under_way_findings(situation)))
    findings += number_findings(situation)
    findings += schedule_findings(situation)
    findings += booking_findings(situation, doubles)
    findings += record_findings(situation.rows)
    if situation.needs_blackout:
        findings += window_findings(situation, rules)
    return Verdict(
        findings=findings,
        work=lambda: _work(situation, rules, doubles),
        practitioners=(old.practitioner_id,),
        customers=sorted({row.customer_id for row in situation.rows.ending}),
        must_be_confirmed=rules.needs_confirmation,
        among=among,
    )


def _work(
    situation: MigrationSituation, rules: MigrationRules, doubles: tuple[tuple[Doubles, Finding], ...]
) -> Work:
    """Return the steps that are left, verified to be complete."""
    if situation.is_finished:
        return NO_WORK
    steps = migration_steps(situation, doubles)
    ledger = tuple(situation.rows.ledger())
    if not any(taken_findings(situation.snapshot, steps)):
        require_handed_over(situation, rules, steps, ledger)
    return Work(
        steps=steps,
        ledger=ledger,
        obligations=_obligations(situation, steps),
        clusters=cluster_ids(doubles),
        decided=_decided(situation),
    )


def _decided(situation: MigrationSituation) -> dict[str, object]:
    """Return the values of the plan's own fields."""
    return {
        "blackout": situation.decided_blackout,
        "successor_id": situation.new.id if situation.changes_profiles else None,
        "rebooked": tuple((booking.id, situation.new_id(booking)) for booking in situation.moving),
    }


def _obligations(situation: MigrationSituation, steps: tuple[Step, ...]) -> tuple[Obligation, ...]:
    """Return the obligations outside the store, for the blackout and after activation."""
    kinds = {step.kind for step in steps}
    obligations: list[Obligation] = []
    if "close_availability" in kinds:
        blackout = situation.blackout
        facts = Facts(start=rfc3339(blackout.start_us), end=rfc3339(blackout.end_us))
        obligations.append(
            Obligation(kind="announce_blackout", whom="practitioner", when="ahead", facts=facts)
        )
        obligations.append(
            Obligation(kind="list_availability", whom="customer_service", when="blackout", facts=facts)
        )
    if "activate_schedule" in kinds:
        facts = Facts(profile_id=situation.new.id)
        obligations.append(
            Obligation(kind="tell_new_login", whom="practitioner", when="activation", facts=facts)
        )
    return tuple(obligations)


def _own_profiles(snapshot: Snapshot, profile_id: str) -> frozenset[str]:
    """Return the practitioner's profiles with an enabled login, which alone may see the findings."""
    old = snapshot.profiles.get(profile_id)
    rows = () if old is None else snapshot.profiles.where("practitioner_id", old.practitioner_id)
    return frozenset(row.id for row in rows if row.login == "enabled")


MIGRATION = Kind(
    intent="migration",
    request=MigrationRequest,
    rules=MigrationRules,
    plan=MigrationPlan,
    decide=decide_migration,
    shown=("profile_id", "ticket"),
    subject="migrations",
    known=("existing_double_booking",),
)
