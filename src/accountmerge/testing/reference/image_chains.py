"""Chains of images, read a second time: how far each entity of a store is along a change set."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.entities import KINDS

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit, Key
    from accountmerge.model.entities import Entity


class ImageChains:
    """The images of every entity that a change set touches, and the stage that each of its edits leads to."""

    def __init__(self, change_set: ChangeSet) -> None:
        self._images: dict[Key, list[object]] = {}
        self._stages: dict[int, list[tuple[Edit, int]]] = {}
        self._first: dict[Key, int] = {}
        for step in change_set.steps:
            staged = self._stages[step.ordinal] = []
            for edit in step.edits:
                images = self._images.setdefault(edit.key, [_bare(edit.before)])
                self._first.setdefault(edit.key, step.ordinal)
                staged.append((edit, len(images)))
                images.append(_bare(edit.after))

    def is_begun(self, key: Key, ordinal: int, found: Entity | None) -> bool:
        """Tell whether an entity is past its first image when the turn of a step comes; never if none touches it."""
        return key in self._images and (self._first[key] < ordinal or self.place(key, found) != 0)

    def staged(self, ordinal: int) -> list[tuple[Edit, int]]:
        """Return the edits of a step, each with the image of its entity that it leads to."""
        return self._stages[ordinal]

    def place(self, key: Key, found: Entity | None) -> int | None:
        """Return which image of an entity was found: 0 before the first edit; nothing if it is none of them."""
        bare = _bare(found)
        return next((place for place, image in enumerate(self._images[key]) if image == bare), None)


def _bare(row: Any) -> object:
    """Return what an entity is compared by: all its fields but those that its store owns."""
    return row if row is None else (type(row), _COMPARED[type(row)](row))


_COMPARED = {
    kind.cls: attrgetter(
        *(field.name for field in attrs.fields(kind.cls) if field.name not in kind.store_given)
    )
    for kind in KINDS
}
