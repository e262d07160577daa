"""Independence: which change sets may be carried out side by side, in any interleaving of their steps.

Two sets are independent only if nothing that one of them writes is written, read or asked about by the other. Who
cannot tell says no.

Source: design section 6, laws 4 and 7 to 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.footprints import BY_PRACTITIONER, footprint
from accountmerge.messages import Facts, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.changes.edits import Key
    from accountmerge.changes.footprints import Footprint, Question

DependenceKind = Literal["blocked", "edited_by_both", "read_by_other", "guarded_by_other", "made_by_both"]

DEPENDENCE_FACTS: dict[str, frozenset[str]] = {
    "blocked": frozenset({"plan_id"}),
    "edited_by_both": frozenset({"entity", "id"}),
    "read_by_other": frozenset({"entity", "id"}),
    "guarded_by_other": frozenset({"entity", "id", "guard"}),
    "made_by_both": frozenset({"entity", "id"}),
}
"""The closed vocabulary of dependences, and the facts that each has."""


@attrs.frozen
class Dependence:
    """One thing because of which two change sets may not be carried out side by side.

    Attributes:
        kind: One of `DEPENDENCE_FACTS`.
        facts: The kind and the id of an entity that one of the sets edits, and the kind of a guard of the other that
            it bears on; of a blocked set, its plan id.
    """

    kind: DependenceKind
    facts: Facts

    def describe(self, language: str = "en") -> str:
        """Return why, as a sentence."""
        return sentence(f"dependence.{self.kind}", self.facts, language)


class Planned(Protocol):
    """Whatever has a change set, such as a plan."""

    @property
    def change_set(self) -> ChangeSet:
        """What has to change."""


def independent(first: ChangeSet | Planned, second: ChangeSet | Planned) -> bool:
    """Tell whether two change sets may be carried out side by side.

    If so, and each can be applied to the same data, then so can their steps in every interleaving that keeps the
    order of each, and all end the same. When it cannot be told, the answer is no.

    Args:
        first: A change set, or a plan. Of a prefix all steps count, for the rest is still to come.
        second: Another one, for the same data.

    Returns:
        Whether there is no dependence. A set that is blocked is independent of nothing, for nobody knows what it
        will be; one that is ready and has no steps, of all that are not blocked.

    Takes time in proportion to the edits and guards of both.
    """
    return next(_dependences(first, second), None) is None


def dependence(first: ChangeSet | Planned, second: ChangeSet | Planned) -> tuple[Dependence, ...]:
    """Return all because of which two change sets may not be carried out side by side, whichever is named first.

    Args:
        first: A change set, or a plan.
        second: Another one, for the same data.

    Returns:
        Each dependence once, by kind and by what it is about; nothing just when the two are `independent`.
    """
    return tuple(sorted(set(_dependences(first, second)), key=_order))


def _order(found: Dependence) -> tuple[str, ...]:
    return (found.kind, *(str(found.facts[name]) for name in sorted(found.facts)))


def _dependences(first: ChangeSet | Planned, second: ChangeSet | Planned) -> Iterator[Dependence]:
    sets = [given if isinstance(given, ChangeSet) else given.change_set for given in (first, second)]
    for change_set in sets:
        if change_set.blocked:
            yield Dependence("blocked", Facts(plan_id=change_set.plan_id))
    one, other = (footprint(change_set.steps) for change_set in sets)
    for key in one.edited & other.edited:
        yield _about("edited_by_both", key)
    owners = {
        id: one.owners.get(id, set()) | other.owners.get(id, set()) for id in {*one.owners, *other.owners}
    }
    for writing, reading in ((one, other), (other, one)):
        for key in writing.edited & reading.read - reading.edited:
            yield _about("read_by_other", key)
        for question, guards in reading.asked.items():
            for key in _bearing(writing, question, owners):
                yield from (_about("guarded_by_other", key, guard=guard) for guard in guards)
        for question in reading.made:
            for key in _bearing(writing, question, owners):
                yield _about("made_by_both", key)


def _about(kind: DependenceKind, key: Key, **facts: str) -> Dependence:
    return Dependence(kind, Facts(entity=key[0], id=key[1], **facts))


def _bearing(writing: Footprint, question: Question, owners: dict[str, set[str]]) -> Iterator[Key]:
    """Yield the entities that a set edits and that bear on the answer to a question."""
    topic, subject = question
    found = writing.altered.get(topic, {})
    if topic not in BY_PRACTITIONER:
        yield from found.get(subject, ())
        return
    for profile_id, keys in found.items():
        if profile_id == subject or _may_be_one(owners.get(str(profile_id)), owners.get(str(subject))):
            yield from keys


def _may_be_one(one: set[str] | None, other: set[str] | None) -> bool:
    """Tell whether two profiles may be of one practitioner: they may if nobody says whose either is."""
    return one is None or other is None or not one.isdisjoint(other)
