"""Scenarios: data, and the change set that is to be applied to them."""

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
    """What a law is tried on.

    Attributes:
        name: How a report calls it.
        snapshot: The data, as they are seeded.
        change_set_on: Plans a request on the data as the store gives them back, and confirms it; nothing if it
            cannot be carried out there, or has nothing to do.
        rival_on: Plans what somebody else wants at the same time, which may stand against it.
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
        """What the clock of the store shows."""
        return self.snapshot.taken_at

    def __repr__(self) -> str:
        return f"Scenario({self.name!r})"
