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
from accountmerge.merges.plan import MergePlan
from accountmerge.merges.planner import MERGE
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.planner import MIGRATION
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.snapshots import Snapshot
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
"""Every kind of request, by the word for it in files."""


def kind_of_request(request: object) -> Kind[Any, Any, Any] | None:
    """Return the kind of a request, or None if it is no request."""
    return next((kind for kind in REQUEST_KINDS.values() if kind.request is type(request)), None)


def is_plan(value: object) -> TypeGuard[AnyPlan]:
    """Return whether a value is a plan of the very class that its kind has."""
    kind = kind_of_request(value.request) if isinstance(value, Plan) else None
    return kind is not None and kind.plan is type(value)


def rules_classes() -> dict[Subject, type[AnyRules]]:
    """Return the classes of all rules, by the word for them in files."""
    return {kind.subject: kind.rules for kind in REQUEST_KINDS.values()}


def subject_of(rules: object) -> Subject | None:
    """Return the word for rules in files, or None if they are no rules."""
    return next((subject for subject, cls in rules_classes().items() if cls is type(rules)), None)


def plan(snapshot: Snapshot, request: AnyRequest, *, rules: AnyRules | None = None, at: datetime) -> AnyPlan:
    """Plan a request of any kind, as the function does that is made for its kind.

    Args:
        snapshot: The present data.
        request: What is asked.
        rules: What was decided for all requests of this kind; the rules of the library if nothing is given.
        at: The instant the plan is for. Any aware datetime.

    Raises:
        InvalidValueError: It is no request, or `at` is naive.
    """
    kind = kind_of_request(request)
    if kind is None:
        raise InvalidValueError("wrong_type", field="request", wanted="request")
    planned: AnyPlan = kind.planned(snapshot, request, rules, at)
    return planned


AnyPlanT = TypeVar("AnyPlanT", bound=Plan[Any, Any])


def rebase(snapshot: Snapshot, plan: AnyPlanT, *, at: datetime | None = None) -> Rebase[AnyPlanT]:
    """Plan the same request, under the same rules, on the present data.

    Args:
        snapshot: The present data.
        plan: The plan that was made before.
        at: The instant the new plan is for; that of the old one, or of the snapshot if that is later, if
            nothing is given.

    Raises:
        InvalidValueError: `at` is naive, or it is no plan: a bare change set has neither request nor rules.
    """
    if not isinstance(plan, Plan):
        raise InvalidValueError("wrong_type", field="plan", wanted="plan")
    moment = at if at is not None else max(plan.change_set.at, snapshot.taken_at)
    again = _planned_again(snapshot, plan, moment)
    old, new = ({finding.id for finding in each.findings} for each in (plan, again))
    steps = tuple(differences(plan.change_set, again.change_set))
    return Rebase(again, steps, tuple(sorted(old - new)), tuple(sorted(new - old)))


def _planned_again(snapshot: Snapshot, before: AnyPlanT, at: datetime) -> AnyPlanT:
    again: Any = plan(snapshot, before.request, rules=before.rules, at=at)
    planned: AnyPlanT = again
    return planned
