"""Small plans around one customer, and the search for a customer."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.customers.access import plan_access_decision, plan_access_request
    from accountmerge.customers.edit import plan_customer_edit
    from accountmerge.customers.login import LoginDiagnosis, diagnose_login
    from accountmerge.customers.primary_email import plan_primary_email
    from accountmerge.customers.requests import (
        AccessDecision,
        CustomerEdit,
        CustomerPlan,
        NewAccessRequest,
        PrimaryEmailChange,
    )
    from accountmerge.customers.rules import CustomerRules
    from accountmerge.customers.search import CustomerMatch, find_customers

__all__ = [
    "AccessDecision",
    "CustomerEdit",
    "CustomerMatch",
    "CustomerPlan",
    "CustomerRules",
    "LoginDiagnosis",
    "NewAccessRequest",
    "PrimaryEmailChange",
    "diagnose_login",
    "find_customers",
    "plan_access_decision",
    "plan_access_request",
    "plan_customer_edit",
    "plan_primary_email",
]

_HOMES = {
    "AccessDecision": "customers.requests",
    "CustomerEdit": "customers.requests",
    "CustomerMatch": "customers.search",
    "CustomerPlan": "customers.requests",
    "CustomerRules": "customers.rules",
    "LoginDiagnosis": "customers.login",
    "NewAccessRequest": "customers.requests",
    "PrimaryEmailChange": "customers.requests",
    "diagnose_login": "customers.login",
    "find_customers": "customers.search",
    "plan_access_decision": "customers.access",
    "plan_access_request": "customers.access",
    "plan_customer_edit": "customers.edit",
    "plan_primary_email": "customers.primary_email",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
