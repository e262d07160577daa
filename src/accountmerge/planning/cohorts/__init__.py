"""Moving many practitioners at once: `plan_migrations`, one plan each, blackouts spread under a capacity."""

from accountmerge.planning.cohorts.cohort import (
    CohortMember,
    MigrationCohort,
    iter_migration_plans,
    plan_migrations,
)

__all__ = ["CohortMember", "MigrationCohort", "iter_migration_plans", "plan_migrations"]
