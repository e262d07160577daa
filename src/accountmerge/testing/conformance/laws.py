"""Laws: what a store or a planner has to keep, as a check that is tried on one example at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs


@attrs.frozen(repr=False)
class Law:
    """A law.

    Attributes:
        check: Tries it in one trial, and raises `LawBroken`; its docstring says what it promises.
    """

    check: Callable[[Any], None]

    @property
    def name(self) -> str:
        """What the law states, as reports call it."""
        return self.check.__name__

    @property
    def promise(self) -> str:
        """What the law states, as a sentence."""
        return (self.check.__doc__ or "").strip()
