"""Plan a rebooking request."""

from __future__ import annotations

from datetime import datetime

import pendulum

from accountmerge.findings.double_bookings import BookingCluster
from accountmerge.findings.finding import Finding
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.limits import Limits
from accountmerge.model.private import privacy
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import customers_of
from accountmerge.model.values import value_class
from accountmerge.plans.kind import Kind
from accountmerge.plans.plan import Plan
from accountmerge.plans.verdicts import Verdict, Work
from accountmerge.rebooking.findings import (
    booking_findings,
    double_findings,
    identity_findings,
    profile_findings,
    standing_findings,
    time_findings,
)
from accountmerge.rebooking.requests import RebookingRequest
from accountmerge.rebooking.situation import RebookingSituation, find_existing, find_profiles, read_situation
from accountmerge.rebooking.steps import rebooked_by, rebooking_steps


@privacy(plain="rebooked")
@value_class(eq=False, repr=False)
class RebookingPlan(Plan[RebookingRequest, MigrationRules]):
    """The next session of one customer with the new profile, decided and not yet booked.

    Attributes:
        rebooked: The id of the booking that is rebooked, and of the appointment that replaces it. Empty if the plan is
            blocked, is already done or makes a new booking.
    """

    rebooked: tuple[tuple[str, str], ...] = ()


def plan_rebooking(
    snapshot: Snapshot,
    request: RebookingRequest,
    *,
    rules: MigrationRules | None = None,
    at: datetime,
    limits: Limits | None = None,
) -> RebookingPlan:
    """Plan the next session of a customer with the new profile.

    If the appointment that the request names is live and starts at the requested instant, it is rebooked as a
    migration would do it. Otherwise a new booking of the same length is made, because the message names no length,
    and the appointment stays. The new profile also gets the access level of the old one. A request that was already
    applied gives an empty plan that is ready. Takes time in proportion to the appointments of the practitioner and
    the customer, once the snapshot is indexed. The rules are in `docs/rebooking.md`.

    Args:
        snapshot: The present data, whole for the practitioner and the customer.
        request: The customer, the time, and the profiles.
        rules: The rules of the practice for all its migrations. Default: the rules of the library.
        at: The instant the plan is for; the session has to start at it or later. Any aware datetime.
        limits: The limits of the store, which the plan is checked against. Default: no limits.

    Returns:
        The plan. Its change set has no steps while a finding blocks. The remedy of a blocker names the person to ask.

    Raises:
        InvalidValueError: `at` is naive.
    """
    return REBOOKING.planned(snapshot, request, rules, at, limits)


def decide_rebooking(
    snapshot: Snapshot,
    request: RebookingRequest,
    rules: MigrationRules,  # noqa: ARG001 - every planner is given its rules; a rebooking needs none of them
    at: pendulum.DateTime,
) -> Verdict:
    """Return the verdict on a request to book the next session of a customer."""
    findings, situation = _read(snapshot, request, at)
    if situation is None:
        return Verdict(findings=findings, about=None)  # without the appointment no customer is known
    findings += _found(situation)
    return Verdict(
        findings=findings,
        work=lambda: Work(
            steps=rebooking_steps(situation),
            clusters=_clusters(situation),
            decided={"rebooked": rebooked_by(situation)},
        ),
        practitioners=(situation.old.practitioner_id,),
        customers=customers_of(snapshot.customers, situation.customer.id),
        about=(situation.customer.id,),
    )


def _read(
    snapshot: Snapshot, request: RebookingRequest, at: pendulum.DateTime
) -> tuple[list[Finding], RebookingSituation | None]:
    """Return the situation of a request, or the findings against reading it."""
    profiles, findings = find_profiles(snapshot, request)
    if findings:
        return findings, None
    old, new = profiles
    findings += profile_findings(old, new)
    existing, missing = find_existing(snapshot, request, old)
    findings += missing
    if findings or existing is None:
        return findings, None
    return findings, read_situation(snapshot, request, at, old, new, existing)


def _found(situation: RebookingSituation) -> list[Finding]:
    """Return the findings about a request, without its time if it was already applied."""
    findings = list(identity_findings(situation))
    if situation.booked_before is not None:
        return [*findings, *standing_findings(situation)]
    return [*findings, *time_findings(situation), *booking_findings(situation)]


def _clusters(situation: RebookingSituation) -> dict[str, tuple[str, ...]]:
    """Return the booking ids of each cluster with the existing booking, by finding id."""
    if situation.booked_before is not None or not situation.is_rebooking:
        return {}
    doubles = double_findings(situation)
    return {finding.id: double.ids for double, finding in doubles if isinstance(double, BookingCluster)}


REBOOKING = Kind(
    intent="rebooking",
    request=RebookingRequest,
    rules=MigrationRules,
    plan=RebookingPlan,
    decide=decide_rebooking,
    shown=("number",),
    subject="migrations",
    known=("existing_double_booking",),
)
