"""Scenarios of data and a change set that is applied to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.model.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet

    Planned = Callable[[Snapshot], ChangeSet | None]


@attrs.frozen(repr=False)
class Scenario:
    """Data and a change set on which laws are tried.

    Attributes:
        name: Its name in reports.
        snapshot: The data to seed.
        change_set_on: A function that plans a request on the data that the store returns, and confirms it; it
            returns None if the plan is blocked or empty.
        rival_on: A function that plans the work of another program at the same time, which may conflict.
        laws: The names of the laws that are tried on it. Default: every law.
    """

    name: str
    snapshot: Snapshot
    change_set_on: Planned
    rival_on: Planned | None = None
    laws: tuple[str, ...] | None = None

    def is_for(self, law: str) -> bool:
        """Return whether a law is tried on it."""
        return self.laws is None or law in self.laws

    @property
    def now(self) -> pendulum.DateTime:
        """The time on the clock of the store."""
        return self.snapshot.taken_at

    def __repr__(self) -> str:
        return f"Scenario({self.name!r})"
