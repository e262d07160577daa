"""Every pair of live halves of one booking, also of bookings that the library reports as one cluster."""

from __future__ import annotations

import itertools

import accountmerge as am
from accountmerge.findings.double_bookings import BookingCluster, unfinished_groups

Pair = tuple[am.Appointment, am.Appointment]


def unfinished_pairs(data: am.Snapshot) -> tuple[Pair, ...]:
    """Return the pairs in the defined order of bookings."""
    pairs: list[Pair] = []
    for halves in unfinished_groups(data, data.appointments):
        if isinstance(halves, BookingCluster):
            pairs += itertools.combinations(halves.members, 2)
        else:
            pairs.append(halves)
    return tuple(sorted(pairs, key=lambda pair: (pair[0].order, pair[1].order)))
