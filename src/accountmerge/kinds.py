"""The table of all kinds of request, and the functions that take any of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeGuard, TypeVar

from accountmerge.changes.change_sets import Intent
from accountmerge.changes.differences import Rebase, differences
from accountmerge.customers.access import ACCESS_DECISION, ACCESS_REQUEST
from accountmerge.customers.edit import CUSTOMER_EDIT
from accountmerge.customers.primary_email import PRIMARY_EMAIL
from accountmerge.customers.requests import (
    CustomerPlan,
    CustomerRequest,
)
from accountmerge.customers.rules import CustomerRules
from accountmerge.errors import InvalidValueError
from accountmerge.merges.planner import MERGE, MergePlan
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.planner import MIGRATION
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.plans.kind import Kind, Subject
from accountmerge.plans.plan import Plan
from accountmerge.rebooking.planner import REBOOKING, RebookingPlan
from accountmerge.rebooking.requests import RebookingRequest

AnyRequest = MigrationRequest | MergeRequest | CustomerRequest | RebookingRequest
AnyRules = MigrationRules | MergeRules | CustomerRules
AnyPlan = MigrationPlan | MergePlan | CustomerPlan | RebookingPlan


REQUEST_KINDS: dict[Intent, Kind[Any, Any, Any]] = {
    kind.intent: kind
    for kind in (
        MIGRATION,
        MERGE,
        ACCESS_REQUEST,
        ACCESS_DECISION,
        PRIMARY_EMAIL,
        CUSTOMER_EDIT,
        REBOOKING,
    )
}
"""Every kind of request, by its intent."""


def kind_of_request(request: object) -> Kind[Any, Any, Any] | None:
    """Return the kind of a request, or None if it is no request."""
    return next((kind for kind in REQUEST_KINDS.values() if kind.request is type(request)), None)


def is_plan(value: object) -> TypeGuard[AnyPlan]:
    """Return whether a value is a plan of exactly the class of its kind."""
    kind = kind_of_request(value.request) if isinstance(value, Plan) else None
    return kind is not None and kind.plan is type(value)


def rules_classes() -> dict[Subject, type[AnyRules]]:
    """Return the classes of all rules, by their subject in files."""
    return {kind.subject: kind.rules for kind in REQUEST_KINDS.values()}


def subject_of(rules: object) -> Subject | None:
    """Return the subject of rules in files, or None if they are no rules."""
    return next((subject for subject, cls in rules_classes().items() if cls is type(rules)), None)


def plan(
    snapshot: Snapshot,
    request: AnyRequest,
    *,
    rules: AnyRules | None = None,
    at: datetime,
    limits: Limits | None = None,
) -> AnyPlan:
    """Plan a request of any kind, as the planner of its kind does.

    Args:
        snapshot: The present data.
        request: The request.
        rules: The rules of this kind of request. Default: the rules of the library.
        at: The instant the plan is for. Any aware datetime.
        limits: The limits of the store, which the plan is checked against. Default: no limits.

    Raises:
        InvalidValueError: `request` is no request, `at` is naive, or an argument is of another class.
    """
    kind = kind_of_request(request)
    if kind is None:
        raise InvalidValueError("wrong_type", field="request", wanted="request")
    planned: AnyPlan = kind.planned(snapshot, request, rules, at, limits)
    return planned


AnyPlanT = TypeVar("AnyPlanT", bound=Plan[Any, Any])


def rebase(snapshot: Snapshot, plan: AnyPlanT, *, at: datetime | None = None) -> Rebase[AnyPlanT]:
    """Plan the same request, under the same rules and limits, on the present data.

    Args:
        snapshot: The present data.
        plan: The plan that was made before.
        at: The instant the new plan is for. Default: the instant of the old plan, or of the snapshot if that is later.

    Raises:
        InvalidValueError: `at` is naive, or `plan` is no plan. A change set alone is no plan.
    """
    require_snapshot(snapshot)
    if not isinstance(plan, Plan):
        raise InvalidValueError("wrong_type", field="plan", wanted="plan")
    moment = at if at is not None else max(plan.change_set.at, snapshot.taken_at)
    again = _planned_again(snapshot, plan, moment)
    old, new = ({finding.id for finding in each.findings} for each in (plan, again))
    steps = tuple(differences(plan.change_set, again.change_set))
    return Rebase(again, steps, tuple(sorted(old - new)), tuple(sorted(new - old)))


def _planned_again(snapshot: Snapshot, before: AnyPlanT, at: datetime) -> AnyPlanT:
    again: Any = plan(snapshot, before.request, rules=before.rules, at=at, limits=before.limits)
    planned: AnyPlanT = again
    return planned
