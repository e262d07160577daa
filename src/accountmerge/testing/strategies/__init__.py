"""Strategies of cases for a store, small and full of trouble, with an `event()` for each kind.

A snapshot has a handful of profiles, customers and appointments, crowded into a few hours around one instant,
`PIVOT`, so that examples stay readable when they shrink. Where to start:

- data: `snapshots`, `practices`; single values: `email_addresses`, `time_slots`, `weekly_hours`, `profiles`
  and the like;
- requests for a snapshot: `requests`, or one kind of them; rules: `migration_rules`, `merge_rules`;
- plans: `planned_cases` for an applicable change set of any intent; `migration_cases`, `merge_cases`,
  `customer_cases`, `rebooking_cases` also for refused ones; `ready` and `busy` to leave these out;
- foreign writes while a change set is applied: `foreign_writes`, `drifts`.
"""

from accountmerge.testing.strategies.customer_cases import CustomerCase, customer_cases
from accountmerge.testing.strategies.customer_requests import CUSTOMER_INTENTS, customer_requests
from accountmerge.testing.strategies.emails import customer_emails, email_addresses
from accountmerge.testing.strategies.entities import (
    access_requests,
    access_rows,
    appointments,
    customers,
    profiles,
    records,
)
from accountmerge.testing.strategies.foreign_writes import drifts, foreign_writes
from accountmerge.testing.strategies.merges import MergeCase, merge_cases, merge_rules
from accountmerge.testing.strategies.migrations import (
    MigrationCase,
    migration_cases,
    migration_requests,
    migration_rules,
    support_hours,
    windows,
)
from accountmerge.testing.strategies.planned_cases import PlannedCase, UndoCase, busy, planned_cases, ready
from accountmerge.testing.strategies.practices import Practice, practices
from accountmerge.testing.strategies.rebookings import RebookingCase, rebooking_cases, rebooking_requests
from accountmerge.testing.strategies.requests import Request, merge_requests, rebooking_requests_for, requests
from accountmerge.testing.strategies.scalars import json_scalars, json_values, texts
from accountmerge.testing.strategies.snapshots import snapshots
from accountmerge.testing.strategies.times import (
    PIVOT,
    ZONES,
    instants,
    time_slots,
    weekly_hours,
)

__all__ = [
    "CUSTOMER_INTENTS",
    "PIVOT",
    "ZONES",
    "CustomerCase",
    "MergeCase",
    "MigrationCase",
    "PlannedCase",
    "Practice",
    "RebookingCase",
    "Request",
    "UndoCase",
    "access_requests",
    "access_rows",
    "appointments",
    "busy",
    "customer_cases",
    "customer_emails",
    "customer_requests",
    "customers",
    "drifts",
    "email_addresses",
    "foreign_writes",
    "instants",
    "json_scalars",
    "json_values",
    "merge_cases",
    "merge_requests",
    "merge_rules",
    "migration_cases",
    "migration_requests",
    "migration_rules",
    "planned_cases",
    "practices",
    "profiles",
    "ready",
    "rebooking_cases",
    "rebooking_requests",
    "rebooking_requests_for",
    "records",
    "requests",
    "snapshots",
    "support_hours",
    "texts",
    "time_slots",
    "weekly_hours",
    "windows",
]
