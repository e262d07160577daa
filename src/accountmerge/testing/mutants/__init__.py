"""Mutants: deliberately broken stores, each with one plausible mistake, that the kit has to find."""

from accountmerge.testing.mutants.broken_stores import BROKEN_STORES, BrokenStore

__all__ = ["BROKEN_STORES", "BrokenStore"]
