"""`find_faults` against `find_double_bookings` of the same snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import accountmerge as am
from practices import practice, snapshot_of
from timing import Line, best_in_turns, per, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOR_AN_ADDRESS = 1e-6  # seconds


def fault_lines(*, size: int, repeats: int) -> Iterator[Line]:
    """Measure every fault of a snapshot, less one microsecond for each stored address."""
    collections = practice(moving=size // 10, others=size - size // 10)
    snapshot = snapshot_of(collections)
    assert len(am.find_faults(snapshot)) == len(
        am.find_double_bookings(snapshot)
    )  # the data have no other fault
    addresses = sum(len(row.emails) for row in snapshot.customers) + len(snapshot.profiles)
    faults, doubles = best_in_turns(
        am.find_faults, am.find_double_bookings, repeats=repeats, prepare=lambda: snapshot_of(collections)
    )
    ratio = max(faults - addresses * _FOR_AN_ADDRESS, 0) / doubles
    figures = f"{shown(faults)} to {shown(doubles)}, {per(faults, size)}, {size:,} appointments, {addresses:,} addresses"
    yield Line("find_faults, less 1 µs an address, to find_double_bookings", ratio, 2, figures)
