"""Faults of profiles: several active schedules of one practitioner, and successions that lead in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding
from accountmerge.model.successions import circles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.snapshots import Snapshot


def schedule_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each practitioner who has several active schedules."""
    active: dict[str, list[str]] = {}
    for profile in snapshot.profiles:
        if profile.schedule == "active":
            active.setdefault(profile.practitioner_id, []).append(profile.id)
    for practitioner, profile_ids in active.items():
        if len(profile_ids) > 1:
            ids = tuple(sorted(profile_ids))
            yield Finding.of("several_active_schedules", ids, practitioner_id=practitioner, profile_ids=ids)


def succession_faults(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each circle of profiles that are one another's successors; one that succeeds itself is a circle."""
    links = {row.id: row.succeeded_by for row in snapshot.profiles if row.succeeded_by is not None}
    for ids in circles(links):
        yield Finding.of("succession_circle", ids, profile_ids=ids)
