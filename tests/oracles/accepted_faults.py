"""Accepted faults: which faults of W somebody took upon themselves by name, or are over."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from accountmerge.testing.reference.well_formedness import booking_roots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pendulum

    from accountmerge.model.snapshots import Snapshot
    from accountmerge.testing.reference.well_formedness import Fault


def unaccepted(
    faults: Iterable[Fault],
    request: Any,
    present: Snapshot,
    at: pendulum.DateTime,
    known: Mapping[str, str] | None = None,
) -> set[Fault]:
    """Return the faults that nobody accepted in a request, and that are not over.

    Args:
        faults: What `added_faults` found.
        request: What was asked, with what was accepted.
        present: The data that have the faults.
        at: The instant of the plan: an overlap that ended by then is over.
        known: What the appointments were known by before; see `booking_roots`.
    """
    named = [entry.finding for entry in request.accept if entry.by.strip() and entry.why.strip()]
    return {fault for fault in faults if not _is_excused(fault, named, present, at, known)}


def _is_excused(
    fault: Fault,
    named: list[str],
    present: Snapshot,
    at: pendulum.DateTime,
    known: Mapping[str, str] | None,
) -> bool:
    kind, whom = fault[0], fault[1]
    if kind == "two active schedules":
        ids = [row.id for row in present.profiles if row.practitioner_id == whom]
        return any(entry == f"other_active_schedule:{id}" for entry in named for id in ids)
    if not str(kind).startswith("double booking"):
        return False
    roots = booking_roots(present, known)
    rows = [row for row in present.appointments if roots[row.id] in whom]  # type: ignore[operator]
    pairs = [
        (first, second)
        for first, second in itertools.combinations(rows, 2)
        if roots[first.id] != roots[second.id]
    ]
    ends = [":" + ":".join(sorted((first.id, second.id))) for first, second in pairs]
    if any(entry.endswith(end) for entry in named for end in ends):
        return True
    live = [pair for pair in pairs if all(row.status in ("booked", "held") for row in pair)]
    return all(min(first.slot.end, second.slot.end) <= at for first, second in live)
