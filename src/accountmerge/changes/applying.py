"""Checks and application of a change set to a snapshot, in memory and all or none.

Shares no code with the planners, so that tests of a plan's result verify the plan independently.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from accountmerge.changes.change_sets import ChangeSet, members_by_cluster
from accountmerge.changes.edits import Key, carried_over
from accountmerge.changes.excerpts import watched
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.guard_checks import judged_guard
from accountmerge.changes.guards import Guard
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.revisions import Revisions, drift_failure, image_failures, located_revisions
from accountmerge.changes.steps import Step
from accountmerge.changes.wholeness import Knowledge, knowledge_of
from accountmerge.changes.workspaces import Workspace
from accountmerge.model.entities import Entity, EntityName, kind_of
from accountmerge.model.names import is_visible_name
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.values import Value, value_class


def apply(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt] = ()) -> Snapshot:
    """Return the snapshot after applying a change set; if anything fails, no change is made.

    Works as `accountmerge.apply`, but without a comparison of the plan id with the content.

    Raises:
        ApplyRefused: The plan is blocked or not confirmed, the data have drifted, or a guard fails.
    """
    rehearsal = replayed_on(snapshot, change_set, receipts)
    if rehearsal.failures:
        raise ApplyRefused(rehearsal.failures)
    put = [entity for entity in rehearsal.writes.values() if entity is not None]
    drop: dict[EntityName, list[str]] = {}
    for (name, id), entity in rehearsal.writes.items():
        if entity is None:
            drop.setdefault(name, []).append(id)
    return snapshot.changed(put, drop)


def check(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt] = ()) -> tuple[Failure, ...]:
    """Return every reason not to apply a change set, in step order; empty exactly if `apply` would succeed."""
    return replayed_on(snapshot, change_set, receipts).failures


@value_class(eq=False, repr=False)
class Replay(Value):
    """The result of a replay of a change set in memory.

    Attributes:
        failures: Every reason not to apply it.
        writes: The entities to write, by kind and id, in the order of their first edits; None removes one.
        steps: The ordinals of the steps with edits that the data do not have.
    """

    failures: tuple[Failure, ...]
    writes: Mapping[tuple[EntityName, str], Entity | None]
    steps: tuple[int, ...] = ()


def replayed_on(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt]) -> Replay:
    """Replay the steps in memory from the first images, each guard evaluated in its step.

    Args:
        snapshot: The present data.
        change_set: The change set.
        receipts: The store's receipts.
    """
    failures = [*_blocked(change_set), *image_failures(change_set.steps)]
    if failures:
        return Replay(tuple(failures), {})
    snapshot = watched(snapshot)
    steps, all_revisions = located_revisions(snapshot, change_set, receipts)
    wanted = steps[: len(change_set.wanted_steps)]
    workspace = Workspace(snapshot, members_by_cluster(change_set.clusters, steps))
    for (name, id), revisions in all_revisions.items():
        if revisions.position:
            workspace.put(name, id, revisions.start)
    stages = dict.fromkeys(all_revisions, 0)
    knowledge = knowledge_of(snapshot, change_set, steps, all_revisions)
    for step in wanted:
        failures += _replayed(workspace, step, all_revisions, stages, knowledge)
    writes = {
        key: workspace.get(*key)
        for key, revisions in all_revisions.items()
        if stages[key] and _is_behind(revisions, stages[key])
    }
    made_later = {key for key, revisions in all_revisions.items() if _is_made_later(revisions, stages[key])}
    failures += _dangling(workspace, wanted[-1].ordinal, knowledge, made_later) if wanted else ()
    failures = sorted((*knowledge.failures(), *failures), key=lambda failure: failure.step or 0)
    behind = tuple(step.ordinal for step in wanted if any(key in writes for key in _keys(step)))
    return Replay((*(confirmation_failures(change_set) if writes else ()), *failures), writes, behind)


def _keys(step: Step) -> Iterator[Key]:
    return (edit.key for edit in step.edits)


def _blocked(change_set: ChangeSet) -> Iterator[Failure]:
    if change_set.blocked:
        yield Failure.of("blocked", codes=change_set.blocked)


def confirmation_failures(change_set: ChangeSet) -> Iterator[Failure]:
    """Yield a failure if a change set lacks a needed confirmation or has that of another plan."""
    confirmation = change_set.confirmation
    if confirmation is not None and confirmation.plan_id != change_set.plan_id:
        yield Failure.of("confirmation_mismatch", plan_id=confirmation.plan_id)
    if change_set.needs_confirmation and not (confirmation and is_visible_name(confirmation.by)):
        yield Failure.of("unconfirmed")


def _replayed(
    workspace: Workspace,
    step: Step,
    all_revisions: Mapping[Key, Revisions],
    stages: dict[Key, int],
    knowledge: Knowledge,
) -> Iterator[Failure]:
    """Verify a step that is not done, then put its edits into the workspace."""
    reached: dict[Key, int] = {}
    pending: dict[Key, None] = {}
    keys = [edit.key for edit in step.edits]
    for edit, key in zip(step.edits, keys, strict=True):
        reached[key] = stage = reached.get(key, stages[key]) + 1
        is_pending = _is_behind(all_revisions[key], stage)
        knowledge.judge_edit(edit, step.ordinal, is_first=stage == 1, is_pending=is_pending)
        if is_pending:
            pending[key] = None
    for key in pending:
        if all_revisions[key].position is None and stages[key] == 0 and not knowledge.is_unknown(key):
            yield drift_failure(all_revisions[key], key, step.ordinal)
    if pending:
        counting = (guard for guard in step.guards if _counts(guard, all_revisions, stages))
        failures = (judged_guard(workspace, guard, step.ordinal, knowledge) for guard in counting)
        yield from (failure for failure in failures if failure is not None)
    for key in keys:
        revisions = all_revisions[key]
        stages[key] += 1
        workspace.put(*key, carried_over(revisions.images[stages[key]], revisions.found))


def _counts(guard: Guard, all_revisions: Mapping[Key, Revisions], stages: Mapping[Key, int]) -> bool:
    """Return whether a guard is evaluated; a version counts only against the first image of its entity.

    For later images the store has given a new version.
    """
    if guard.kind != "unchanged":
        return True
    key: Any = (guard.facts["entity"], guard.facts["id"])
    return key not in all_revisions or (stages[key] == 0 and not all_revisions[key].position)


def _is_behind(revisions: Revisions, stage: int) -> bool:
    """Return whether the present data have not reached a stage of an entity."""
    return revisions.position is None or revisions.position < stage


def _is_made_later(revisions: Revisions, stage: int) -> bool:
    """Return whether a later step has made an entity already. Other entities may refer to it."""
    position = revisions.position
    return position is not None and stage < position and revisions.images[position] is not None


def _dangling(
    workspace: Workspace, step: int, knowledge: Knowledge, made_later: Container[Key]
) -> Iterator[Failure]:
    for entity, name, target in workspace.dangling():
        if (name, target) in made_later or not knowledge.knows_absent(name, target, step):
            continue
        facts = {"entity": kind_of(entity).name, "id": entity.id, "kind": name, "target": target}
        yield Failure.of("dangling_reference", step, **facts)
