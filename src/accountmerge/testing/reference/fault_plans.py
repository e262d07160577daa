"""Fault plans: at which point of applying something happens, and a listener that makes it happen there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from accountmerge.testing.adapters import Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Points:
    """Listens at the points that a store reaches, and does something at one of them.

    Args:
        at: At which one, counted from 0; nothing to listen only.
        act: What; what it returns is handed to the store, which awaits it if it is asynchronous.
    """

    def __init__(self, at: int | None = None, act: Callable[[], object] | None = None) -> None:
        self.names: list[str] = []
        self._at = at
        self._act = act

    def __call__(self, name: str) -> object:
        """Note that a point is reached, and act if it is the one."""
        self.names.append(name)
        if self._act is not None and len(self.names) - 1 == self._at:
            return self._act()
        return None

    @property
    def name(self) -> str | None:
        """The point at which it happened; nothing if it was not reached."""
        return self.names[self._at] if self._at is not None and self._at < len(self.names) else None


COMMITTED = re.compile(r"committed ([0-9]+)")
"""What a store calls the point at which a step is written for good."""

BETWEEN = re.compile(r"(before|committed) [0-9]+")
"""What a store calls the points at which it has nothing open."""


def last_committed(names: Iterable[str]) -> int:
    """Return the last step that was told as committed, by the points that were reached; 0 for none."""
    found = [int(match[1]) for match in map(COMMITTED.fullmatch, names) if match]
    return max(found, default=0)


def crash() -> NoReturn:
    """End the process, as far as a store in this one can tell."""
    raise Crash
