"""Strategies that our own laws need, beside those of the kit.

- data: `batch_cases`, `colliding_snapshots`, `crowded_days`, `shared_practices`; single values: `wall_times`;
- plans: `cohort_cases`, `journeys`, `window_cases`;
- what happens to a change set: `fault_points`, `receipts`, `meanwhile`;
- what people send: `rebooking_messages`, `mangled_messages` with what is right to answer.
"""

from strategies.cohorts import CohortCase, cohort_cases, migration_of, shared_practices
from strategies.collisions import TROUBLES, Trouble, colliding_snapshots
from strategies.crowded_days import crowded_days
from strategies.deliveries import fault_points, receipts
from strategies.journeys import Journey, journeys, long_hours
from strategies.mangled_messages import Mangled, mangled_messages
from strategies.meanwhile import meanwhile
from strategies.merge_batches import BATCH_RULES, batch_cases
from strategies.rebooking_messages import hostile_messages, rebooking_messages, rendered_messages
from strategies.wall_times import wall_times, zoned_wall_times
from strategies.window_cases import WindowCase, window_cases

__all__ = [
    "BATCH_RULES",
    "TROUBLES",
    "CohortCase",
    "Journey",
    "Mangled",
    "Trouble",
    "WindowCase",
    "batch_cases",
    "cohort_cases",
    "colliding_snapshots",
    "crowded_days",
    "fault_points",
    "hostile_messages",
    "journeys",
    "long_hours",
    "mangled_messages",
    "meanwhile",
    "migration_of",
    "rebooking_messages",
    "receipts",
    "rendered_messages",
    "shared_practices",
    "wall_times",
    "window_cases",
    "zoned_wall_times",
]
