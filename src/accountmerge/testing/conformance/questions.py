"""Questions: what a planner is asked, and on which data."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import pendulum

from accountmerge.kinds import AnyPlan, AnyRequest, AnyRules
from accountmerge.model.instants import utc
from accountmerge.model.snapshots import Snapshot

if TYPE_CHECKING:
    from accountmerge.testing.strategies.planned_cases import Case

Planner = Callable[..., AnyPlan]
"""What plans requests of any kind: `planner(snapshot, request, *, rules, at)`."""


@attrs.frozen(repr=False, kw_only=True)
class Question:
    """What a planner is asked.

    Attributes:
        name: How a report calls it.
        snapshot: The data.
        request: What is asked.
        rules: What is in force.
        at: The instant that is planned for.
    """

    name: str = "a drawn question"
    snapshot: Snapshot
    request: AnyRequest
    rules: AnyRules
    at: pendulum.DateTime = attrs.field(converter=utc)

    @classmethod
    def of(cls, case: Case) -> Question:
        """Return what a drawn case asks; an undoing asks nothing of a planner."""
        return cls(snapshot=case.snapshot, request=case.request, rules=case.rules, at=case.at)  # type: ignore[union-attr]

    def plan(self, planner: Planner, snapshot: Snapshot | None = None) -> AnyPlan:
        """Have it planned, on other data if they are given."""
        data = self.snapshot if snapshot is None else snapshot
        return planner(data, self.request, rules=self.rules, at=self.at)

    def __repr__(self) -> str:
        return f"Question({self.name!r}, {self.request!r})"
