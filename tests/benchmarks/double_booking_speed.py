"""`find_double_bookings` against an interval tree for each practitioner, or each customer."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from intervaltree import Interval, IntervalTree

from accountmerge.findings.double_bookings import customers_double_bookings, practitioners_double_bookings
from practices import practice, snapshot_of
from timing import Line, best_in_turns, per, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import accountmerge as am


def double_booking_lines(*, size: int, large: int, repeats: int) -> Iterator[Line]:
    """Measure both kinds against the tree, then a large snapshot in time for each appointment.

    A snapshot without any index is made for each repeat: building the indexes is part of what is measured.
    """
    collections = practice(others=size)
    kinds: tuple[tuple[str, Callable[[am.Snapshot], object], Callable[[am.Snapshot], object], float], ...] = (
        ("practitioner", practitioners_double_bookings, practitioner_pairs_by_tree, 16),
        ("customer", customers_double_bookings, customer_pairs_by_tree, 10),
    )
    for name, ours, theirs, reach in kinds:
        sweep, tree = best_in_turns(ours, theirs, repeats=repeats, prepare=lambda: snapshot_of(collections))
        figures = f"{shown(sweep)} to {shown(tree)}, {size:,} appointments"
        yield Line(
            f"double bookings, {name} kind, faster than trees", tree / sweep, reach, figures, at_least=True
        )
    collections = practice(others=large)
    for name, ours, _, _ in kinds:
        sweep, bare = best_in_turns(ours, _sorted, repeats=repeats, prepare=lambda: snapshot_of(collections))
        figures = f"{per(sweep, large)}, sorting {per(bare, large)}, {large:,} appointments"
        yield Line(f"double bookings, {name} kind, to `sorted` by start and end", sweep / bare, 1, figures)


def _sorted(snapshot: am.Snapshot) -> object:
    return sorted(snapshot.appointments, key=lambda row: (row.slot.start_us, row.slot.end_us))


def practitioner_pairs_by_tree(snapshot: am.Snapshot) -> set[tuple[str, str]]:
    """Return the ids of the pairs, found with an interval tree for each practitioner."""
    practitioners = {profile.id: profile.practitioner_id for profile in snapshot.profiles}
    calendars: dict[str, list[am.Appointment]] = defaultdict(list)
    for row in snapshot.appointments:
        if row.is_live:
            calendars[practitioners[row.profile_id]].append(row)
    return _pairs(calendars)


def customer_pairs_by_tree(snapshot: am.Snapshot) -> set[tuple[str, str]]:
    """Return the ids of the pairs, found with an interval tree for each customer."""
    calendars: dict[str, list[am.Appointment]] = defaultdict(list)
    for row in snapshot.appointments:
        if row.is_live:
            calendars[row.customer_id].append(row)
    return _pairs(calendars)


def _pairs(calendars: dict[str, list[am.Appointment]]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for rows in calendars.values():
        tree = IntervalTree(Interval(row.slot.start_us, row.slot.end_us, row.id) for row in rows)
        for row in rows:
            for other in tree.overlap(row.slot.start_us, row.slot.end_us):
                if other.data != row.id:
                    found.add((min(row.id, other.data), max(row.id, other.data)))
    return found
