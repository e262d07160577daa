"""The rows that a step expects in a store. The questions about them are known before they are read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from accountmerge.changes.compiling import Progress, named_in
from accountmerge.changes.store_ids import renamed
from accountmerge.model.entities import KIND_OF_NAME, Entity
from accountmerge.model.snapshots import Snapshot


def expected_rows(progress: Progress, n: int, seen: Snapshot | None = None) -> Iterator[Entity]:
    """Yield the entities that a step names, as they are expected before it, with the store's ids.

    Bookings that only a guard excepts are left out, because in a crowd each step would have them all.

    Args:
        progress: The change set, with the store's ids.
        n: The ordinal of the step.
        seen: Data that were read before, for entities that the change set does not edit.
    """
    compiled = progress.compiled
    for key in dict.fromkeys(named_in(compiled.step(n))):
        images = compiled.images.get(key)
        if images is not None:
            image = renamed(images[bisect_left(compiled.editing_steps[key], n)], progress.told)
        else:
            image = None if seen is None else seen.table(KIND_OF_NAME[key[0]].collection).get(key[1])
        if image is not None:
            yield image
