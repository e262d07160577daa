"""The rows that a step expects in a store, so that the questions about them are known before they are read."""

from __future__ import annotations

from collections.abc import Iterator

from accountmerge.changes.compiling import Progress, named_by
from accountmerge.changes.edits import Key
from accountmerge.changes.steps import Step
from accountmerge.changes.store_ids import renamed
from accountmerge.model.entities import Entity


def expected_rows(progress: Progress, n: int) -> Iterator[Entity]:
    """Yield the entities of a change set that a step names, as they are expected before it, with the store's ids.

    Bookings that only a guard excepts are left out, because in a crowd each step would have them all.
    """
    compiled = progress.compiled
    stages = compiled.stages[n - 1]
    for key in dict.fromkeys(_named(compiled.step(n))):
        images = compiled.images.get(key)
        if images is None:
            continue
        later = 0 if compiled.first_steps[key] > n else -1
        image = renamed(images[stages.get(key, later)], progress.told)
        if image is not None:
            yield image


def _named(step: Step) -> Iterator[Key]:
    """Yield the entities that a step edits, and those to which its edits and guards refer."""
    for edit in step.edits:
        yield edit.key
        yield from named_by((edit.before, edit.after))
    for guard in step.guards:
        yield from guard.named.values()
