"""Moving a practitioner to a new profile: `plan_migration`."""

from accountmerge.planning.migrations.plan import plan_migration

__all__ = ["plan_migration"]
