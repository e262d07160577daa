"""Remade plans: a plan of the library with a mistake put into it, sealed anew so that its id gives nothing away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.documents.reconstruction import reconstructed
from accountmerge.wire.canonical import sealed

if TYPE_CHECKING:
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step
    from accountmerge.model.entities import Entity

Steps = list["Step"]
Mistake = Callable[[am.Snapshot, Any, Any, Steps], Iterable["Step"]]
"""What a mistake makes of the steps of a plan: data, request, rules and steps in, steps out."""


def remade(plan: Any, steps: Iterable[Step] | None = None, **more: Any) -> Any:
    """Return a plan with other steps, ledger or obligations, sealed, that says of itself what its steps do."""
    if steps is not None:
        more["steps"] = tuple(
            attrs.evolve(step, ordinal=ordinal)
            for ordinal, step in enumerate(_chained(plan.change_set.steps, steps), start=1)
        )
    change_set = sealed(attrs.evolve(plan.change_set, **more))
    decided = reconstructed(type(plan), plan.request, change_set)
    return attrs.evolve(plan, change_set=change_set, **decided)


def _chained(planned: Iterable[Step], steps: Iterable[Step]) -> Iterable[Step]:
    """Yield steps whose edits begin where the ones before ended, each with the fields that it changes."""
    now: dict[Any, Entity | None] = {}
    for edit in (edit for step in planned for edit in step.edits):
        now.setdefault(edit.key, edit.before)
    for step in steps:
        edits = []
        for edit in step.edits:
            begun = now.get(edit.key, edit.before)
            found = edit if begun == edit.before else _from_there(edit, begun)
            now[edit.key] = found.after
            if found.before != found.after:
                edits.append(found)
        if edits:
            yield attrs.evolve(step, edits=tuple(edits))


def _from_there(edit: Edit, begun: Any) -> Edit:
    if edit.before is None or edit.after is None:
        return am.changes.Edit(begun, edit.after)
    changed = {name: getattr(edit.after, name) for name in edit.changed_fields}
    return am.changes.Edit(begun, attrs.evolve(begun, **changed))


def planner_with(mistake: Mistake, *requests: type) -> Callable[..., Any]:
    """Return the planner of the library, but for a mistake in the steps of some kinds of request."""

    def planner(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
        plan = am.plan(snapshot, request, rules=rules, at=at)
        if not plan.change_set.steps or (requests and not isinstance(request, requests)):
            return plan
        return remade(plan, mistake(snapshot, request, rules, list(plan.change_set.steps)))

    return planner


def without_guards(kind: str, step: Step) -> Step:
    """Return a step without its guards of a kind."""
    return attrs.evolve(step, guards=tuple(guard for guard in step.guards if guard.kind != kind))


def with_edits(change: Callable[[Edit], Edit | None], steps: Iterable[Step], *kinds: str) -> Iterable[Step]:
    """Yield steps, those of some kinds with other edits; nothing in the place of an edit leaves it out."""
    for step in steps:
        if kinds and step.kind not in kinds:
            yield step
            continue
        edits = tuple(found for found in map(change, step.edits) if found is not None)
        yield attrs.evolve(step, edits=edits)


def into(edit: Edit, **fields: Any) -> Edit:
    """Return an edit that leads to other values."""
    after: Any = edit.after
    return am.changes.Edit(edit.before, attrs.evolve(after, **fields))
