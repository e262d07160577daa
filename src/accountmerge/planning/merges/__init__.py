"""Merging customers: `plan_merge`."""

from accountmerge.planning.merges.plan import plan_merge

__all__ = ["plan_merge"]
