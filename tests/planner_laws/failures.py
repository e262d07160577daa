"""Failures of planners: the smallest question whose plan breaks a law."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import attrs

from accountmerge.kinds import AnyRequest, AnyRules
from accountmerge.testing.conformance.reports import Failure, plain


@attrs.frozen(repr=False)
class PlannerFailure(Failure):
    """The smallest question that was found to break a law of planners.

    Attributes:
        change_set: What was planned; nothing if the planner failed.
        request: What was asked.
        rules: What was in force.
        at: The instant that was planned for.
    """

    door: ClassVar[str] = "planner_laws.verifying"

    request: AnyRequest = attrs.field(kw_only=True)
    rules: AnyRules = attrs.field(kw_only=True)
    at: datetime = attrs.field(kw_only=True)

    def documents(self) -> dict[str, Any]:
        """Return what the law is tried on again, as plain data by name."""
        return {
            "snapshot": plain(self.snapshot),
            "request": plain(self.request),
            "rules": plain(self.rules),
            "at": self.at.isoformat(),
        }

    def as_test(self, factory: str = "my_planner", run: str | None = None) -> str:
        """Return a test as Python source that tries the law on this question alone.

        Args:
            factory: The name of the planner, to be imported where the test is put.
            run: Of no use: no planner is awaited.
        """
        return self.a_test(f"try_planner_law({factory}, PLAN)")
