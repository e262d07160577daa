"""`propose_windows` against one pass over the practitioner's bookings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import accountmerge as am
from practices import AT, BOOKINGS_A_DAY, practice, snapshot_of
from timing import Line, best_in_turns, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_DAYS_LEFT = 14  # with more days of eight bookings to come, no blackout would be long enough


def window_lines(*, bookings: int, repeats: int) -> Iterator[Line]:
    """Measure the search for five windows near the end of a long list of bookings, most of them past."""
    snapshot = snapshot_of(practice(moving=bookings))
    earliest = AT + timedelta(days=bookings // BOOKINGS_A_DAY - _DAYS_LEFT)
    assert proposed(snapshot, earliest)  # and the snapshot is indexed
    search, one_pass = best_in_turns(
        lambda: proposed(snapshot, earliest), lambda: booked(snapshot), repeats=repeats
    )
    figures = f"{shown(search)} to {shown(one_pass)}, {bookings:,} bookings"
    yield Line("proposing windows to one pass over the bookings", search / one_pass, 20, figures)


def proposed(snapshot: am.Snapshot, earliest: datetime) -> tuple[am.migrations.WindowProposal, ...]:
    """Propose windows for the practitioner who moves."""
    return am.migrations.propose_windows(snapshot, "profile-mover", earliest=earliest)


def booked(snapshot: am.Snapshot) -> int:
    """Add up the live bookings, as who looks at each of them once."""
    rows = snapshot.appointments.where("profile_id", "profile-mover")
    return sum(row.slot.end_us - row.slot.start_us for row in rows if row.is_live)
