"""The table of all kinds of request, and the functions that take any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from accountmerge.changes.differences import Rebase, differences
from accountmerge.customers.access import plan_access_decision, plan_access_request
from accountmerge.customers.edit import plan_customer_edit
from accountmerge.customers.primary_email import plan_primary_email
from accountmerge.customers.requests import (
    AccessDecision,
    CustomerEdit,
    CustomerPlan,
    CustomerRequest,
    NewAccessRequest,
    PrimaryEmailChange,
)
from accountmerge.customers.rules import CustomerRules
from accountmerge.errors import InvalidValueError
from accountmerge.merges.plan import MergePlan
from accountmerge.merges.planner import plan_merge
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.planner import plan_migration
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.plans.plan import Plan
from accountmerge.rebooking.planner import RebookingPlan, plan_rebooking
from accountmerge.rebooking.requests import RebookingRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from accountmerge.changes.change_sets import Intent
    from accountmerge.model.snapshots import Snapshot

AnyRequest = MigrationRequest | MergeRequest | CustomerRequest | RebookingRequest
AnyRules = MigrationRules | MergeRules | CustomerRules
AnyPlan = MigrationPlan | MergePlan | CustomerPlan | RebookingPlan


@attrs.frozen
class IntentClasses:
    """The classes that belong to an intent.

    Attributes:
        request: What is asked with.
        rules: What may be decided ahead.
        plan: What comes out.
    """

    request: type[AnyRequest]
    rules: type[AnyRules]
    plan: type[AnyPlan]


CLASSES: dict[Intent, IntentClasses] = {
    "migration": IntentClasses(MigrationRequest, MigrationRules, MigrationPlan),
    "merge": IntentClasses(MergeRequest, MergeRules, MergePlan),
    "access_request": IntentClasses(NewAccessRequest, CustomerRules, CustomerPlan),
    "access_decision": IntentClasses(AccessDecision, CustomerRules, CustomerPlan),
    "primary_email": IntentClasses(PrimaryEmailChange, CustomerRules, CustomerPlan),
    "customer_edit": IntentClasses(CustomerEdit, CustomerRules, CustomerPlan),
    "rebooking": IntentClasses(RebookingRequest, MigrationRules, RebookingPlan),
}
RULES_INTENTS: dict[type[AnyRules], Intent] = {
    MigrationRules: "migration",
    MergeRules: "merge",
    CustomerRules: "customer_edit",
}
"""The intent that a file of rules names: several intents may share rules."""


PLANNERS: dict[type, Callable[..., Any]] = {
    MigrationRequest: plan_migration,
    MergeRequest: plan_merge,
    NewAccessRequest: plan_access_request,
    AccessDecision: plan_access_decision,
    PrimaryEmailChange: plan_primary_email,
    CustomerEdit: plan_customer_edit,
    RebookingRequest: plan_rebooking,
}
"""What plans a request, by its class."""


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
    planner = PLANNERS.get(type(request))
    if planner is None:
        raise InvalidValueError("wrong_type", field="request", wanted="request")
    given = {} if rules is None else {"rules": rules}
    planned: AnyPlan = planner(snapshot, request, at=at, **given)
    return planned


AnyPlanT = TypeVar("AnyPlanT", MigrationPlan, MergePlan, CustomerPlan, RebookingPlan)


_plan_any = plan


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
    again = _planned(snapshot, plan, moment)
    old, new = ({finding.id for finding in each.findings} for each in (plan, again))
    steps = tuple(differences(plan.change_set, again.change_set))
    return Rebase(again, steps, tuple(sorted(old - new)), tuple(sorted(new - old)))


def _planned(snapshot: Snapshot, plan: AnyPlanT, at: datetime) -> AnyPlanT:
    again: Any = _plan_any(snapshot, plan.request, rules=plan.rules, at=at)
    planned: AnyPlanT = again
    return planned
