"""Mutants: deliberately broken stores and planners, each with one plausible mistake, that the kit has to find."""

from accountmerge.testing.mutants.broken_stores import BROKEN_STORES, BrokenStore
from accountmerge.testing.mutants.planners import BROKEN_PLANNERS, BrokenPlanner

__all__ = ["BROKEN_PLANNERS", "BROKEN_STORES", "BrokenPlanner", "BrokenStore"]
