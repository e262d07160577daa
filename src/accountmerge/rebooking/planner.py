"""Plan a rebooking request."""

from __future__ import annotations

from datetime import datetime

import attrs
import pendulum

from accountmerge.findings.double_bookings import BookingCluster
from accountmerge.findings.finding import Finding
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import customers_of
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


@attrs.frozen(repr=False)
class RebookingPlan(Plan[RebookingRequest, MigrationRules]):
    """The next session of one customer with the new profile, decided and not yet booked.

    Attributes:
        rebooked: The id of the booking that is rebooked, and of the appointment in its place. Empty if the plan is
            blocked, has nothing left to do or makes a new booking.
    """

    rebooked: tuple[tuple[str, str], ...] = ()


def plan_rebooking(
    snapshot: Snapshot, request: RebookingRequest, *, rules: MigrationRules | None = None, at: datetime
) -> RebookingPlan:
    """Decide how a customer's next session is booked into the new profile.

    If the appointment that the request names is live and starts at the very instant asked for, it is rebooked
    as the migration would do it. Otherwise a new booking is made, as long as that appointment (ours: the
    message does not say how long), and the appointment stays. With it the new profile gets the level of access
    that the old one has. A request that was carried out already gives an empty plan that is ready.

    Args:
        snapshot: The present data, whole for the practitioner and the customer.
        request: Which customer, when, and with which profiles.
        rules: What the practice decides about all its migrations; named in the plan.
        at: The instant the plan is for; the session has to start at it or later. Any aware datetime.

    Returns:
        The plan; its change set has no steps while something blocks. What blocks says whom to ask.

    Raises:
        InvalidValueError: `at` is naive.

    Takes time in proportion to the appointments of the practitioner and the customer, once the snapshot is indexed.

    Source: design section 3.1, rules 6, 7 and 9.
    """
    return REBOOKING.planned(snapshot, request, rules, at)


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
    """Return what the request is about, or what stands against knowing it."""
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
    """Return what there is to say of a request; of its time only if it was not carried out before."""
    findings = list(identity_findings(situation))
    if situation.standing is not None:
        return [*findings, *standing_findings(situation)]
    return [*findings, *time_findings(situation), *booking_findings(situation)]


def _clusters(situation: RebookingSituation) -> dict[str, tuple[str, ...]]:
    """Return the ids of the bookings of each cluster that the existing booking is part of, by its finding."""
    if situation.standing is not None or not situation.is_rebooking:
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
