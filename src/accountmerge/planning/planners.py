"""`plan`: any request, planned by what plans requests of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.errors import InvalidValueError
from accountmerge.planning.customers import (
    plan_access_decision,
    plan_access_request,
    plan_customer_edit,
    plan_primary_email,
)
from accountmerge.planning.merges import plan_merge
from accountmerge.planning.migrations import plan_migration
from accountmerge.planning.rebookings import plan_rebooking
from accountmerge.rules.customer_requests import (
    AccessDecision,
    CustomerEdit,
    NewAccessRequest,
    PrimaryEmailChange,
)
from accountmerge.rules.merge_requests import MergeRequest
from accountmerge.rules.migration_requests import MigrationRequest
from accountmerge.rules.rebooking_requests import RebookingRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from accountmerge.model.snapshots import Snapshot
    from accountmerge.wire.intents import AnyPlan, AnyRequest, AnyRules

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
