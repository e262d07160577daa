"""Broken stores and planners: each has one plausible mistake, which the kit or the laws of planners have to find."""

from broken.planners import BROKEN_PLANNERS, BrokenPlanner
from broken.stores import BROKEN_STORES, BrokenStore

__all__ = ["BROKEN_PLANNERS", "BROKEN_STORES", "BrokenPlanner", "BrokenStore"]
