"""Small plans around one customer: access to it, its primary email, its details."""

from accountmerge.planning.customers.access_decisions import plan_access_decision
from accountmerge.planning.customers.access_requests import plan_access_request
from accountmerge.planning.customers.customer_edits import plan_customer_edit
from accountmerge.planning.customers.primary_emails import plan_primary_email

__all__ = ["plan_access_decision", "plan_access_request", "plan_customer_edit", "plan_primary_email"]
