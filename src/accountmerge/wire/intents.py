"""Intents: for each thing that can be planned, the classes of its request, its rules and its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.change_sets import INTENTS, Intent
from accountmerge.errors import Fault
from accountmerge.plans import CustomerPlan, MergePlan, MigrationPlan, RebookingPlan
from accountmerge.rules.customer_requests import (
    AccessDecision,
    CustomerEdit,
    CustomerRequest,
    NewAccessRequest,
    PrimaryEmailChange,
)
from accountmerge.rules.customer_rules import CustomerRules
from accountmerge.rules.merge_requests import MergeRequest
from accountmerge.rules.merge_rules import MergeRules
from accountmerge.rules.migration_requests import MigrationRequest
from accountmerge.rules.migration_rules import MigrationRules
from accountmerge.rules.rebooking_requests import RebookingRequest
from accountmerge.wire import scalars
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import Faults, faults_of

if TYPE_CHECKING:
    from collections.abc import Callable

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


def read_intent(value: Any) -> Intent:
    """Read the name of an intent."""
    if type(value) is not str:
        raise scalars.wrong_type("text", value)
    if value not in CLASSES:
        raise Fault("not_in_vocabulary", allowed=tuple(name for name in INTENTS if name in CLASSES))
    return value


def read_with_intent(part: str) -> Callable[[dict[str, Any]], Any]:
    """Return a reader of requests or rules, whose class follows from their `intent`."""

    def read(data: dict[str, Any]) -> Any:
        rest = dict(data)
        try:
            if "intent" not in rest:
                raise Fault("missing_key")
            intent = read_intent(rest.pop("intent"))
        except Fault as fault:
            raise Faults([fault.below("intent")]) from None
        if part == "rules" and intent not in RULES_INTENTS.values():
            raise Fault("not_in_vocabulary", "intent", allowed=tuple(RULES_INTENTS.values()))
        cls = getattr(CLASSES[intent], part)
        try:
            return converter().structure(rest, cls)
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            raise Faults(list(faults_of(error))) from None

    return read


def written_request(request: AnyRequest) -> dict[str, Any]:
    """Write a request with its intent."""
    intent = next(name for name, classes in CLASSES.items() if classes.request is type(request))
    return {"intent": intent, **converter().unstructure(request)}


def written_rules(rules: AnyRules) -> dict[str, Any]:
    """Write rules with their intent."""
    return {"intent": RULES_INTENTS[type(rules)], **converter().unstructure(rules)}
