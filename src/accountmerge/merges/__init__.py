"""Plans that merge customers who are one person."""

from accountmerge._doors import door

TYPE_CHECKING = False
if TYPE_CHECKING:
    from accountmerge.merges.actors import ActorCandidate, ActorSuggestion, suggest_actor
    from accountmerge.merges.batches import MergeBatch, MergeGroup, plan_merges
    from accountmerge.merges.requests import Authority
    from accountmerge.merges.rules import FieldRule, RecordKind
    from accountmerge.merges.suggestions import SurvivorCandidate, SurvivorSuggestion, suggest_survivor

__all__ = [
    "ActorCandidate",
    "ActorSuggestion",
    "Authority",
    "FieldRule",
    "MergeBatch",
    "MergeGroup",
    "RecordKind",
    "SurvivorCandidate",
    "SurvivorSuggestion",
    "plan_merges",
    "suggest_actor",
    "suggest_survivor",
]

_HOMES = {
    "ActorCandidate": "merges.actors",
    "ActorSuggestion": "merges.actors",
    "Authority": "merges.requests",
    "FieldRule": "merges.rules",
    "MergeBatch": "merges.batches",
    "MergeGroup": "merges.batches",
    "RecordKind": "merges.rules",
    "SurvivorCandidate": "merges.suggestions",
    "SurvivorSuggestion": "merges.suggestions",
    "plan_merges": "merges.batches",
    "suggest_actor": "merges.actors",
    "suggest_survivor": "merges.suggestions",
}

if not TYPE_CHECKING:  # checkers would take any name for one that exists
    __getattr__, __dir__ = door(__name__, _HOMES)
