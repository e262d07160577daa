"""Sessions that several customers attend together, and the overlaps of a practitioner's time.

The live bookings of one practitioner with the same `session_id` and the same slot are one session. They take up the
practitioner's time once, so no two of them overlap here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from operator import attrgetter

from accountmerge.model.appointments import Appointment
from accountmerge.model.overlaps import overlapping_live_pairs, overlapping_runs

_session_id = attrgetter("session_id")


def are_one_session(first: Appointment, second: Appointment) -> bool:
    """Return whether two bookings of one practitioner are in one session."""
    return (
        first.session_id is not None and first.session_id == second.session_id and first.slot == second.slot
    )


def practitioner_pairs(live: Iterable[Appointment]) -> Iterator[tuple[Appointment, Appointment]]:
    """Yield the overlapping pairs of a practitioner's live bookings, without pairs of one session.

    Takes O(n log n) for n bookings, and time in proportion to the pairs.
    """
    rows = list(live)
    if not any(map(_session_id, rows)):
        yield from overlapping_live_pairs(rows)
        return
    members = _by_first_member(rows)
    for first, second in overlapping_live_pairs(group[0] for group in members.values()):
        for one, other in itertools.product(members[first.id], members[second.id]):
            yield (one, other) if one.order < other.order else (other, one)


def practitioner_runs(live: Iterable[Appointment]) -> Iterator[list[Appointment]]:
    """Yield groups of a practitioner's live bookings that overlap directly or through others.

    A group has bookings of two or more sessions. A booking without a session counts as its own. Takes O(n log n) for n
    bookings.
    """
    rows = list(live)
    if not any(map(_session_id, rows)):
        yield from overlapping_runs(rows)
        return
    members = _by_first_member(rows)
    for run in overlapping_runs(group[0] for group in members.values()):
        yield [row for first in run for row in members[first.id]]


def _by_first_member(rows: Iterable[Appointment]) -> dict[str, list[Appointment]]:
    """Return the bookings of each session by the id of its first booking; others alone."""
    sessions: dict[object, list[Appointment]] = {}
    for row in rows:
        key = (row.session_id, row.slot) if row.session_id is not None else row.id
        sessions.setdefault(key, []).append(row)
    return {group[0].id: group for group in sessions.values()}
