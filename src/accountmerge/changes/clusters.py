"""Clusters of a change set: many bookings that may overlap one another, named once and not pair by pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from accountmerge.model.appointments import Appointment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.changes.steps import Step

Clusters = tuple[tuple[str, tuple[str, ...]], ...]
"""Ids of bookings by the id of the finding about them, both sorted."""


def sorted_clusters(clusters: Mapping[str, Iterable[str]] | Clusters) -> Clusters:
    """Return clusters in their order, those without members left out."""
    pairs = clusters.items() if isinstance(clusters, Mapping) else clusters
    return tuple(sorted((finding, tuple(sorted(set(ids)))) for finding, ids in pairs if ids))


def members_by_cluster(clusters: Clusters, steps: Iterable[Step]) -> dict[str, frozenset[str]]:
    """Return, by the id of a finding, the bookings that may overlap one another.

    Those are the members, and what steps book in their place.

    Args:
        clusters: The clusters of a change set.
        steps: Its steps, with the ids of the store.
    """
    if not clusters:
        return {}
    booked: dict[str, set[str]] = {}
    for step in steps:
        for edit in step.edits:
            for image in (edit.before, edit.after):
                if isinstance(image, Appointment) and image.replaces is not None:
                    booked.setdefault(image.replaces, set()).add(image.id)
    return {finding: frozenset(ids).union(*(booked.get(id, ()) for id in ids)) for finding, ids in clusters}
