"""Strategies for every value of the library; they aim at trouble, say by `event()` which, and keep it small.

Bounded, so that examples stay readable when they shrink: a snapshot has a handful of profiles, customers and
appointments, crowded into a few hours around one instant, `PIVOT`; only `crowded_days` has thousands. Each says
with its knobs what it bounds. Where to start:

- data: `snapshots`, `colliding_snapshots`, `practices`, `crowded_days`; single values: `email_addresses`,
  `time_slots`, `weekly_hours`, `wall_times`, `profiles` and the like;
- what is asked of a snapshot: `requests`, or one kind of them; rules: `migration_rules`, `merge_rules`;
- plans: `planned_cases` for a change set of any intent that can be applied, `migration_cases`, `merge_cases`,
  `customer_cases`, `rebooking_cases`, `cohort_cases` also for those that are refused, `ready` and `busy` to leave these out;
- what happens to a change set: `fault_points`, `foreign_writes`, `drifts`, `receipts`, `meanwhile`;
- what people send: `rebooking_messages`, `mangled_messages` with what is right to answer.
"""

from accountmerge.testing.strategies.cohorts import CohortCase, cohort_cases, migration_of, shared_practices
from accountmerge.testing.strategies.collisions import TROUBLES, Trouble, colliding_snapshots
from accountmerge.testing.strategies.crowded_days import crowded_days
from accountmerge.testing.strategies.customer_cases import CustomerCase, customer_cases
from accountmerge.testing.strategies.customer_requests import CUSTOMER_INTENTS, customer_requests
from accountmerge.testing.strategies.deliveries import fault_points, receipts
from accountmerge.testing.strategies.emails import customer_emails, email_addresses
from accountmerge.testing.strategies.entities import (
    access_requests,
    access_rows,
    appointments,
    customers,
    profiles,
    records,
)
from accountmerge.testing.strategies.filtered_cases import busy, ready
from accountmerge.testing.strategies.foreign_writes import drifts, foreign_writes
from accountmerge.testing.strategies.journeys import Journey, journeys, long_hours
from accountmerge.testing.strategies.mangled_messages import Mangled, mangled_messages
from accountmerge.testing.strategies.meanwhile import meanwhile
from accountmerge.testing.strategies.merge_requests import merge_requests
from accountmerge.testing.strategies.merges import MergeCase, merge_cases, merge_rules
from accountmerge.testing.strategies.migrations import (
    MigrationCase,
    migration_cases,
    migration_requests,
    migration_rules,
)
from accountmerge.testing.strategies.planned_cases import PlannedCase, UndoCase, planned_cases
from accountmerge.testing.strategies.practices import Practice, practices
from accountmerge.testing.strategies.rebooking_messages import (
    hostile_messages,
    rebooking_messages,
    rendered_messages,
)
from accountmerge.testing.strategies.rebookings import RebookingCase, rebooking_cases, rebooking_requests
from accountmerge.testing.strategies.requests import Request, rebooking_requests_for, requests
from accountmerge.testing.strategies.scalars import json_scalars, json_values, texts
from accountmerge.testing.strategies.snapshots import snapshots
from accountmerge.testing.strategies.times import (
    PIVOT,
    ZONES,
    instants,
    time_slots,
    wall_times,
    weekly_hours,
    zoned_wall_times,
)
from accountmerge.testing.strategies.windows import WindowCase, support_hours, window_cases, windows

__all__ = [
    "CUSTOMER_INTENTS",
    "PIVOT",
    "TROUBLES",
    "ZONES",
    "CohortCase",
    "CustomerCase",
    "Journey",
    "Mangled",
    "MergeCase",
    "MigrationCase",
    "PlannedCase",
    "Practice",
    "RebookingCase",
    "Request",
    "Trouble",
    "UndoCase",
    "WindowCase",
    "access_requests",
    "access_rows",
    "appointments",
    "busy",
    "cohort_cases",
    "colliding_snapshots",
    "crowded_days",
    "customer_cases",
    "customer_emails",
    "customer_requests",
    "customers",
    "drifts",
    "email_addresses",
    "fault_points",
    "foreign_writes",
    "hostile_messages",
    "instants",
    "journeys",
    "json_scalars",
    "json_values",
    "long_hours",
    "mangled_messages",
    "meanwhile",
    "merge_cases",
    "merge_requests",
    "merge_rules",
    "migration_cases",
    "migration_of",
    "migration_requests",
    "migration_rules",
    "planned_cases",
    "practices",
    "profiles",
    "ready",
    "rebooking_cases",
    "rebooking_messages",
    "rebooking_requests",
    "rebooking_requests_for",
    "receipts",
    "records",
    "rendered_messages",
    "requests",
    "shared_practices",
    "snapshots",
    "support_hours",
    "texts",
    "time_slots",
    "wall_times",
    "weekly_hours",
    "window_cases",
    "windows",
    "zoned_wall_times",
]
