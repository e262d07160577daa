"""The check of one step of a change set whose earlier steps are done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from accountmerge.changes.compiling import Compiled, Progress, verified
from accountmerge.changes.edits import Edit, Key, carried_over, is_same_image
from accountmerge.changes.excerpts import require_data, watched
from accountmerge.changes.failures import Failure
from accountmerge.changes.guard_checks import judged_guard
from accountmerge.changes.guards import Guard
from accountmerge.changes.receipts import Receipt, receipts_in
from accountmerge.changes.revisions import Revisions, drift_failure
from accountmerge.changes.steps import Step
from accountmerge.changes.store_ids import StoreIds
from accountmerge.changes.wholeness import Knowledge, knowledge_of
from accountmerge.changes.workspaces import Workspace
from accountmerge.model.entities import KIND_OF_NAME, Entity, kind_of
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.value_rules import argument
from accountmerge.model.values import Value, value_class


@value_class(eq=False, repr=False, kw_only=True)
class StepCheck(Value):
    """The result of checking one step.

    Attributes:
        ordinal: The ordinal of the step.
        done: Whether every edit of the step is in the data.
        edits: The edits to write, in their order, with the store's ids, and with the versions and numbers that the
            store gave. Empty if the step is done or fails.
        failures: Every reason not to write the step.
        store_ids: The store's own ids of entities that the plan creates and the step names: the kind and the
            planned id, then the id.
    """

    ordinal: int
    done: bool
    edits: tuple[Edit, ...]
    failures: tuple[Failure, ...]
    store_ids: tuple[tuple[Key, str], ...]

    def __repr__(self) -> str:
        state = "done" if self.done else f"{len(self.edits)} edits, {len(self.failures)} failures"
        return f"StepCheck({self.ordinal}, {state})"


def check_step(data: Snapshot, compiled: Compiled, n: int, receipts: Iterable[Receipt] = ()) -> StepCheck:
    """Check one step of a change set, on the assumption that all earlier steps are done.

    Takes time in proportion to the edits and guards of the step and to the receipts, not to the change set. The
    answer for a step is that of `check` and `apply` for the prefix that ends with it, if the earlier steps are done.

    Args:
        data: The present data: a snapshot, or an excerpt from `reading(change_set, step=n)`.
        compiled: The change set, from `compiled`.
        n: The ordinal of the step.
        receipts: The store's receipts of this and of earlier steps.

    Raises:
        InvalidValueError: The change set has no such step, an argument is of the wrong type, or `compiled` is a changed
            copy.
    """
    require_data(data, "data")
    prepared = argument("compiled", verified, compiled)
    prepared.step(n)
    return checked_step(data, Progress(prepared, receipts_in(receipts)), n)


def checked_step(data: Snapshot, progress: Progress, n: int) -> StepCheck:
    """Check one step, as `check_step` does, with receipts that were collected before."""
    compiled, data = progress.compiled, watched(data)
    planned = compiled.step(n)
    store_ids = progress.store_ids(data, n)
    step, images = progress.renamed(n, store_ids)
    spans = _spans(data, progress, planned, store_ids, images)
    spans |= _taken_away(step, spans)
    revisions = {key: span.revisions for key, span in spans.items()}
    knowledge = knowledge_of(data, compiled.change_set, (step,), revisions)
    failures = list(_drift(step, spans, knowledge))
    pending = [is_pending for _, is_pending in _stages(step, spans)]
    if any(pending):
        failures += compiled.unconfirmed
        clusters = {
            name: {store_ids.get(("appointment", id), id) for id in ids} if store_ids else ids
            for name, ids in compiled.clusters.items()
            if any(name in guard.except_ids for guard in step.guards)
        }
        guards = _counting(data, compiled, planned, step, spans)
        failures += _guard_failures(
            Workspace(data, clusters, is_for_one_step=True), guards, step, spans, knowledge
        )
    failures = sorted((*knowledge.failures(), *failures), key=lambda failure: failure.step or 0)
    edits = () if failures else tuple(_edits(step, spans))
    return StepCheck(
        ordinal=n,
        done=not any(pending) and not failures,
        edits=edits,
        failures=tuple(failures),
        store_ids=tuple(sorted(store_ids.items())),
    )


@value_class(eq=False, repr=False)
class _Span(Value):
    """The part of the images of an entity that belongs to one step.

    Attributes:
        first: The index of the image before the step.
        last: The index of the image after the step.
        revisions: All images and their position, without which the entity has drifted.
    """

    first: int
    last: int
    revisions: Revisions

    @property
    def position(self) -> int | None:
        return self.revisions.position


def _spans(
    data: Snapshot,
    progress: Progress,
    step: Step,
    store_ids: StoreIds,
    images: Mapping[Key, tuple[Entity | None, ...]],
) -> dict[Key, _Span]:
    """Return the images of each entity that a step edits, by its id in the store."""
    counts: dict[Key, int] = {}
    for edit in step.edits:
        counts[edit.key] = counts.get(edit.key, 0) + 1
    spans = {}
    for key, count in counts.items():
        first = progress.compiled.stages[step.ordinal - 1][key]
        own: Key = (key[0], store_ids.get(key, key[1]))
        is_written = step.ordinal in progress.written
        spans[own] = _span(data, images[key], (first, first + count), is_written=is_written)
    return spans


def _taken_away(step: Step, spans: Mapping[Key, _Span]) -> dict[Key, _Span]:
    """Return, as drifted, the entities that another program removed before the step did.

    Edits are written in order, so a removal belongs to the step only if all edits before it are done.
    """
    taken: dict[Key, _Span] = {}
    is_in_turn = True
    for edit, (_, is_pending) in zip(step.edits, _stages(step, spans), strict=True):
        span = spans[edit.key]
        if edit.after is None and span.revisions.found is None and not is_in_turn:
            taken[edit.key] = attrs.evolve(span, revisions=attrs.evolve(span.revisions, position=None))
        is_in_turn = is_in_turn and not is_pending
    return taken


def _span(
    data: Snapshot, images: tuple[Entity | None, ...], stages: tuple[int, int], *, is_written: bool
) -> _Span:
    """Locate the data on the images of an entity, given the stages before and after the step.

    An earlier image was restored by another program; so was any image but the last if a receipt reports the step.
    """
    first, last = stages
    known = next(image for image in images if image is not None)
    found = data.table(kind_of(known).collection).get(known.id)
    order = (
        *range(first, len(images)),
        *range(first),
    )  # the present image is most likely the first of the step
    position = next((place for place in order if is_same_image(found, images[place])), None)
    if position is not None and position < (last if is_written else first):
        return _Span(first, last, Revisions(images, found, None, was_undone=True))
    if position is None and is_written and last == len(images) - 1:
        position = last  # a later change, which is not the business of this change set
    written = last if is_written and position is None else 0
    return _Span(first, last, Revisions(images, found, position, written=written))


def _stages(step: Step, spans: Mapping[Key, _Span]) -> Iterator[tuple[int, bool]]:
    """Yield the stage after each edit of a step, and whether the edit is still to be written."""
    reached = {key: span.first for key, span in spans.items()}
    for edit in step.edits:
        key = edit.key
        reached[key] += 1
        position = spans[key].position
        yield reached[key], position is None or position < reached[key]


def _drift(step: Step, spans: Mapping[Key, _Span], knowledge: Knowledge) -> Iterator[Failure]:
    """Yield a failure for each entity of a step that another program changed or removed."""
    told: set[Key] = set()
    for edit, (stage, is_pending) in zip(step.edits, _stages(step, spans), strict=True):
        key, span = edit.key, spans[edit.key]
        is_first = stage == span.first + 1
        knowledge.judge_edit(edit, step.ordinal, is_first=is_first, is_pending=is_pending)
        if span.position is None and key not in told and not knowledge.is_unknown(key):
            told.add(key)
            yield drift_failure(span.revisions, key, step.ordinal)


def _guard_failures(
    workspace: Workspace,
    guards: Iterable[Guard],
    step: Step,
    spans: Mapping[Key, _Span],
    knowledge: Knowledge,
) -> Iterator[Failure]:
    """Evaluate the guards on the data before the step, then the references after it."""
    for key, span in spans.items():
        if span.position is not None and span.position > span.first:
            workspace.put(*key, carried_over(span.revisions.images[span.first], span.revisions.found))
    for guard in guards:
        failure = judged_guard(workspace, guard, step.ordinal, knowledge)
        if failure is not None:
            yield failure
    for key, span in spans.items():
        workspace.put(*key, carried_over(span.revisions.images[span.last], span.revisions.found))
    for entity, name, target in workspace.dangling():
        if knowledge.knows_absent(name, target, step.ordinal):
            facts = {"entity": kind_of(entity).name, "id": entity.id, "kind": name, "target": target}
            yield Failure.of("dangling_reference", step.ordinal, **facts)


def _counting(
    data: Snapshot, compiled: Compiled, planned: Step, step: Step, spans: Mapping[Key, _Span]
) -> Iterator[Guard]:
    """Yield the guards of a step that are evaluated.

    A version, or a digest of an entity that is edited, counts only while the entity is at its first image.
    """
    for guard, own in zip(planned.guards, step.guards, strict=True):
        key = guard.named.get("id") if guard.kind == "unchanged" else None
        images = compiled.images.get(key) if key is not None else None
        if key is None or images is None:
            yield own
            continue
        span = spans.get(own.named["id"])
        if span is not None:
            if span.first == 0 and not span.position:
                yield own
        elif compiled.editing_steps[key][0] > step.ordinal:
            found = data.table(KIND_OF_NAME[key[0]].collection).get(own.named["id"][1])
            if not any(is_same_image(found, image) for image in images[1:]):
                yield own


def _edits(step: Step, spans: Mapping[Key, _Span]) -> Iterator[Edit]:
    """Yield the edits that are not done, with what the store gave to their entities."""
    for edit, (stage, is_pending) in zip(step.edits, _stages(step, spans), strict=True):
        if is_pending:
            revisions = spans[edit.key].revisions
            before, after = (
                carried_over(image, revisions.found) for image in revisions.images[stage - 1 : stage + 1]
            )
            yield Edit(before, after)
