"""`plan_migration`, `check` and `apply` against making and writing what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

import accountmerge as am
from fixed_peer import peer_of
from practices import AT, REQUEST, practice, snapshot_of
from timing import Line, best_in_turns, shown, slope

CHECK, APPLY = 0.69, 0.77
"""What `check` and `apply` should take of the time of the fixed peer: 0.82 and 0.92 of what planning took when it was 0.84."""

_ACCEPTED = tuple(
    am.Acceptance(finding=f"{code}:{REQUEST.profile_id}", by="Kim", why="somebody works all night")
    for code in ("window_outside_hours", "window_under_estimate")
)
_REQUEST = attrs.evolve(REQUEST, accept=_ACCEPTED)
"""It names no window: the one from `AT` on is neither in business hours nor, for many bookings, long enough."""

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def planned(snapshot: am.Snapshot) -> am.ChangeSet:
    """Plan the migration of the practitioner who moves."""
    plan = am.plan_migration(snapshot, _REQUEST, at=AT)
    assert plan.is_ready
    return plan.change_set


def migration_lines(*, moving: int, total: int, repeats: int) -> Iterator[Line]:
    """Measure planning, checking and applying in a small and in a large snapshot."""
    small = snapshot_of(practice(moving=moving))
    large = snapshot_of(practice(moving=moving, others=total - moving))
    change_set = planned(large)  # and the snapshot is indexed
    planned(small)
    peer = peer_of(change_set)
    plan_large, made, plan_small = best_in_turns(
        lambda: planned(large),
        peer,
        lambda: planned(small),
        repeats=repeats,
    )
    size = f"{moving:,} of {total:,} appointments"
    figures = f"{shown(plan_large)} to {shown(made)}, {size}"
    yield Line("planning to the fixed peer", plan_large / made, 1.5, figures)
    figures = f"{shown(plan_large)} to {shown(plan_small)}, {size}"
    yield Line(
        "planning beside everybody else to planning without them", plan_large / plan_small, 1.2, figures
    )
    made, check, apply = best_in_turns(
        peer,
        lambda: am.check(large, change_set),
        lambda: am.apply(large, change_set),
        repeats=repeats,
    )
    yield Line("check to the fixed peer", check / made, CHECK, f"{shown(check)} to {shown(made)}, {size}")
    yield Line("apply to the fixed peer", apply / made, APPLY, f"{shown(apply)} to {shown(made)}, {size}")
    yield from _changed_lines(snapshot_of(practice(others=total)), total, repeats * 2)


def _changed_lines(snapshot: am.Snapshot, total: int, repeats: int) -> Iterator[Line]:
    rows = {row.id: row for row in snapshot.appointments}
    one = attrs.evolve(snapshot.appointments["appointment-0"], cancel_reason="ill")
    snapshot.changed([one])
    changed, copied = best_in_turns(lambda: snapshot.changed([one]), lambda: dict(rows), repeats=repeats)
    figures = f"{shown(changed)} to {shown(copied)}, {total:,} appointments"
    yield Line("a changed snapshot to one copy of its dict of appointments", changed / copied, 1.5, figures)


def slope_lines(*, sizes: Sequence[int], repeats: int) -> Iterator[Line]:
    """Measure how planning, checking and applying grow with the bookings that move."""
    times: list[list[float]] = []
    for size in sizes:
        snapshot = snapshot_of(practice(moving=size))
        change_set = planned(snapshot)
        actions: tuple[Callable[[], object], ...] = (
            lambda snapshot=snapshot: planned(snapshot),  # type: ignore[misc]
            lambda snapshot=snapshot, wanted=change_set: am.check(snapshot, wanted),  # type: ignore[misc]
            lambda snapshot=snapshot, wanted=change_set: am.apply(snapshot, wanted),  # type: ignore[misc]
        )
        times.append(best_in_turns(*actions, repeats=repeats))
    for position, name in enumerate(("planning", "check", "apply")):
        column = [row[position] for row in times]
        figures = ", ".join(f"{size:,}: {shown(taken)}" for size, taken in zip(sizes, column, strict=True))
        yield Line(
            f"{name}, log-log slope over the bookings that move", slope(sizes, column), 1.1, figures, sign=""
        )
