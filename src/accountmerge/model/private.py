"""What a value shows of itself: its kind and its id, never a personal value."""

from __future__ import annotations


class ShowsOnlyItsId:
    """A base for values with an `id` whose other fields may be personal."""

    __slots__ = ()
    id: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r})"
