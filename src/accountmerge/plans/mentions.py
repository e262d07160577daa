"""Find where a plan edits, reads or only names a thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.guards import FACTS_NAMING, Guard
from accountmerge.changes.steps import Step
from accountmerge.findings.finding import Finding
from accountmerge.model.entities import KINDS, Entity, EntityName, references
from accountmerge.model.values import Value, value_class

SHOWN_STEPS = 5
"""How many steps a line names before it says that there are more, about half a line."""

_KIND_OF_FACT: dict[str, EntityName] = {
    **FACTS_NAMING,
    "successor_id": "profile",
    "actor": "profile",
    "survivor_id": "customer",
    "survivor": "customer",
    "absorbed_ids": "customer",
    "absorbed": "customer",
    "appointment_id": "appointment",
}
"""The kind of thing that a fact, or a key of a request, names."""


@value_class(eq=False, repr=False, kw_only=True)
class Mentions(Value):
    """The places of one id in a plan.

    Attributes:
        id: The id.
        edits: Its edits in order, by kind.
        edited_in: The ordinals of the steps that edit it.
        read_in: The ordinals of other steps that depend on it: a guard names it, or an edited entity refers to it.
        tolerated_in: The ordinals of other steps with a guard that tolerates it.
        named_as: Its kind if it is only named. None: the plan does not say.
        is_named: Whether it is named by a reason, a finding, an obligation, the ledger or the request.
    """

    id: str
    edits: dict[EntityName, list[Edit]]
    edited_in: tuple[int, ...]
    read_in: tuple[int, ...]
    tolerated_in: tuple[int, ...]
    named_as: EntityName | None
    is_named: bool

    @property
    def is_any(self) -> bool:
        """Whether the plan names the id at all."""
        return bool(self.edits or self.read_in or self.tolerated_in or self.is_named)

    @property
    def entities(self) -> tuple[EntityName | None, ...]:
        """The kinds of the things with this id, or None for a thing of unknown kind."""
        return tuple(self.edits) or (self.named_as,)


def mentions_of(
    change_set: ChangeSet, id: str, findings: Iterable[Finding], entity: EntityName | None = None
) -> Mentions:
    """Find the places of an id in a plan. Default: of all kinds."""
    edits: dict[EntityName, list[Edit]] = {
        kind.name: [] for kind in KINDS if entity is None or kind.name == entity
    }
    edited, read, tolerated = [], [], []
    for step in change_set.steps:
        own = [edit for edit in step.edits if edit.id == id and edit.entity in edits]
        for edit in own:
            edits[edit.entity].append(edit)
        if own:
            edited.append(step.ordinal)
        elif any(name in edits and named == id for name, named in _rests_on(step)):
            read.append(step.ordinal)
        elif any(guard.subject in edits and id in guard.except_ids for guard in step.guards):
            tolerated.append(step.ordinal)
    named = list(_naming(change_set, id, findings))
    return Mentions(
        id=id,
        edits={name: counts for name, counts in edits.items() if counts},
        edited_in=tuple(edited),
        read_in=tuple(read),
        tolerated_in=tuple(tolerated),
        named_as=entity or next((kind for kind in named if kind is not None), None),
        is_named=bool(named),
    )


def told_steps(ordinals: Sequence[int]) -> tuple[str, ...]:
    """Return the ordinals of steps as a sentence names them, at most the first few."""
    more = ["…"] if len(ordinals) > SHOWN_STEPS else []
    return (*(str(ordinal) for ordinal in ordinals[:SHOWN_STEPS]), *more)


def ends_of_edits(edits: Sequence[Edit]) -> tuple[Entity | None, Entity | None]:
    """Return a thing before its first edit and after its last."""
    return edits[0].before, edits[-1].after


def _rests_on(step: Step) -> Iterator[Key]:
    """Yield the entities that the guards or the edited entities of a step name."""
    for guard in step.guards:
        yield from guard.named.values()
    for edit in step.edits:
        for image in (edit.before, edit.after):
            if image is not None:
                yield from ((name, target) for _, name, target in references(image))


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, tuple | list) else ()


def _naming(change_set: ChangeSet, id: str, findings: Iterable[Finding]) -> Iterator[EntityName | None]:
    """Yield the kind, or None, for each other place that names an id."""
    request = change_set.request.value
    facts: list[Any] = [step.reason.facts for step in change_set.steps]
    facts += [guard.facts for guard in _guards(change_set)]
    facts += [obligation.facts for obligation in change_set.obligations]
    facts += [finding.facts for finding in findings]
    facts += [request] if isinstance(request, dict) else []
    for mapping in facts:
        for name, fact in mapping.items():
            if name in _KIND_OF_FACT and id in _texts(fact):
                yield _KIND_OF_FACT[name]
    if any(id in finding.ids for finding in findings):
        yield None
    for entry in change_set.ledger:
        if id == entry.id:
            yield entry.entity  # type: ignore[misc]
        elif id == entry.from_id:
            yield None
    for step in change_set.steps:
        if id in (step.reason.facts.get("id"), step.reason.facts.get("kept_id")):
            yield "record" if step.kind == "drop_record" else None


def _guards(change_set: ChangeSet) -> Iterator[Guard]:
    for step in change_set.steps:
        yield from step.guards
