"""Listeners that act at a chosen point of applying."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from accountmerge.testing.adapters import Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Points:
    """Listens at the points that a store reaches, and acts at one of them.

    Args:
        at: The index of the point, from 0. Default: None, to listen only.
        act: The action; its result is given to the store, which awaits it if it is asynchronous.
    """

    def __init__(self, at: int | None = None, act: Callable[[], object] | None = None) -> None:
        self.names: list[str] = []
        self._at = at
        self._act = act

    def __call__(self, name: str) -> object:
        """Note a point, and act if it is the chosen one."""
        self.names.append(name)
        if self._act is not None and len(self.names) - 1 == self._at:
            return self._act()
        return None

    @property
    def name(self) -> str | None:
        """The chosen point, or None if it was not reached."""
        return self.names[self._at] if self._at is not None and self._at < len(self.names) else None


COMMITTED = re.compile(r"committed ([0-9]+)")
"""The name of a point at which a step is committed."""

BETWEEN = re.compile(r"(before|committed) [0-9]+")
"""The names of the points at which no transaction is open."""


INSIDE = re.compile(r"(?!(before|committed) [0-9]+\Z)[\s\S]*")
"""The names of the other points."""


def last_committed(names: Iterable[str]) -> int:
    """Return the last committed step by the points that were reached; 0 for none."""
    ordinals = [int(match[1]) for match in map(COMMITTED.fullmatch, names) if match]
    return max(ordinals, default=0)


def crash() -> NoReturn:
    """End the process, as seen by a store in this one."""
    raise Crash
