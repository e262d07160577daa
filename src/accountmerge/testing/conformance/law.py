"""Laws, each as a check that is tried on one example at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from accountmerge.testing.conformance.profiles import THE_KILL, THE_MACHINE

MORE_THAN_A_PLAN = frozenset({THE_KILL, THE_MACHINE, "another_plan_in_between_is_respected"})
"""The laws that one plan alone cannot break, because they need processes, a course of events or a rival."""


@attrs.frozen(repr=False)
class Law:
    """A law.

    Attributes:
        check: A function that tries it on one case, and raises `LawBroken`; its docstring states the law.
        needs: The capabilities without which it is not tried. Default: none.
    """

    check: Callable[[Any], None]
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self.check.__name__

    @property
    def promise(self) -> str:
        """The law as a sentence."""
        return (self.check.__doc__ or "").strip()
