"""Strategies for every value of the library; they aim at trouble and keep it small.

Bounded, so that examples stay readable when they shrink: a snapshot has a handful of profiles, customers and
appointments, crowded into a few hours around one instant, `PIVOT`.
"""

from accountmerge.testing.strategies.cohorts import CohortCase, cohort_cases, migration_of, shared_practices
from accountmerge.testing.strategies.customer_requests import (
    CUSTOMER_INTENTS,
    CustomerCase,
    customer_cases,
    customer_requests,
)
from accountmerge.testing.strategies.emails import customer_emails, email_addresses
from accountmerge.testing.strategies.entities import (
    access_requests,
    access_rows,
    appointments,
    customers,
    profiles,
    records,
)
from accountmerge.testing.strategies.journeys import Journey, journeys, long_hours
from accountmerge.testing.strategies.meanwhile import meanwhile
from accountmerge.testing.strategies.merges import MergeCase, merge_cases, merge_rules
from accountmerge.testing.strategies.migrations import (
    MigrationCase,
    migration_cases,
    migration_requests,
    migration_rules,
)
from accountmerge.testing.strategies.planned_cases import PlannedCase, UndoCase, planned_cases
from accountmerge.testing.strategies.practices import Practice, practices
from accountmerge.testing.strategies.rebookings import RebookingCase, rebooking_cases, rebooking_requests
from accountmerge.testing.strategies.scalars import json_scalars, json_values, texts
from accountmerge.testing.strategies.snapshots import snapshots
from accountmerge.testing.strategies.times import PIVOT, ZONES, instants, time_slots, wall_times, weekly_hours
from accountmerge.testing.strategies.windows import WindowCase, support_hours, window_cases, windows

__all__ = [
    "CUSTOMER_INTENTS",
    "PIVOT",
    "ZONES",
    "CohortCase",
    "CustomerCase",
    "Journey",
    "MergeCase",
    "MigrationCase",
    "PlannedCase",
    "Practice",
    "RebookingCase",
    "UndoCase",
    "WindowCase",
    "access_requests",
    "access_rows",
    "appointments",
    "cohort_cases",
    "customer_cases",
    "customer_emails",
    "customer_requests",
    "customers",
    "email_addresses",
    "instants",
    "journeys",
    "json_scalars",
    "json_values",
    "long_hours",
    "meanwhile",
    "merge_cases",
    "merge_rules",
    "migration_cases",
    "migration_of",
    "migration_requests",
    "migration_rules",
    "planned_cases",
    "practices",
    "profiles",
    "rebooking_cases",
    "rebooking_requests",
    "records",
    "shared_practices",
    "snapshots",
    "support_hours",
    "texts",
    "time_slots",
    "wall_times",
    "weekly_hours",
    "window_cases",
    "windows",
]
