"""Give a profile access to a customer, in every kind of plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.model.access import LEVELS, Access, AccessLevel, includes
from accountmerge.model.identifiers import derived_id


def leading_row(rows: Iterable[Access]) -> Access | None:
    """Return the strongest access row of a profile and a customer, and of equals the least id.

    A stronger level is written into this row, so that no second row of the pair is raised without need.
    """
    return min(rows, key=lambda row: (-LEVELS.index(row.level), row.id), default=None)


def new_access(profile_id: str, customer_id: str, level: AccessLevel, since: datetime | None) -> Access:
    """Return a new access row for a pair. Its id is the same in every retry."""
    return Access(
        id=derived_id("access", profile_id, customer_id),
        profile_id=profile_id,
        customer_id=customer_id,
        level=level,
        since=since,
    )


def grant(
    had: Iterable[Access], *, profile_id: str, customer_id: str, level: AccessLevel, since: datetime
) -> Edit | None:
    """Return the edit that gives access to a profile, or None if it has that level or more.

    A new row starts at `since`. A row that is raised keeps its own start.
    """
    row = leading_row(had)
    if row is None:
        return Edit(None, new_access(profile_id, customer_id, level, since))
    if includes(row.level, level):
        return None
    return Edit(row, attrs.evolve(row, level=level))
