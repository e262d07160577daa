"""Merging customers: `plan_merge`, many at once with `plan_merges`, and who might be the survivor."""

from accountmerge.planning.merges.batches import MergeBatch, MergeGroup, iter_merge_plans, plan_merges
from accountmerge.planning.merges.plan import plan_merge
from accountmerge.planning.merges.suggestions import (
    SurvivorCandidate,
    SurvivorSuggestion,
    suggest_survivor,
)

__all__ = [
    "MergeBatch",
    "MergeGroup",
    "SurvivorCandidate",
    "SurvivorSuggestion",
    "iter_merge_plans",
    "plan_merge",
    "plan_merges",
    "suggest_survivor",
]
