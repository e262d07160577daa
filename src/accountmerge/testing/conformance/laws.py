"""Laws: what a store has to keep, as a check that is tried on one example at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from accountmerge.testing.conformance.profiles import THE_KILL, THE_MACHINE

MORE_THAN_A_PLAN = frozenset({THE_KILL, THE_MACHINE, "another_plan_in_between_is_respected"})
"""The laws that need more than one plan: processes, a course of events, a rival. One plan alone cannot break them."""


@attrs.frozen(repr=False)
class Law:
    """A law.

    Attributes:
        check: Tries it in one trial, and raises `LawBroken`; its docstring says what it promises.
        needs: The capabilities without which it is not tried. Default: none.
    """

    check: Callable[[Any], None]
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the law states, as reports call it."""
        return self.check.__name__

    @property
    def promise(self) -> str:
        """What the law states, as a sentence."""
        return (self.check.__doc__ or "").strip()
