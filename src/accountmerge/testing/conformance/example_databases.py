"""Example databases that keep the failing examples of each store apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis.database import ExampleDatabase

if TYPE_CHECKING:
    from collections.abc import Iterable


def kept_apart(database: ExampleDatabase | None, *owners: str) -> ExampleDatabase | None:
    """Return a view of a database with only the examples of one owner, or None."""
    return None if database is None else _Section(database, owners)


class _Section(ExampleDatabase):
    """A part of a database, for one store and one law."""

    def __init__(self, database: ExampleDatabase, owners: tuple[str, ...]) -> None:
        super().__init__()
        self._database = database
        self._prefix = "\x00".join(owners).encode() + b"\x00"

    def save(self, key: bytes, value: bytes) -> None:
        self._database.save(self._prefix + key, value)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        return self._database.fetch(self._prefix + key)

    def delete(self, key: bytes, value: bytes) -> None:
        self._database.delete(self._prefix + key, value)
