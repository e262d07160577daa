"""`plan_migration`, `check` and `apply` against making and writing what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.wire.canonical import plan_id_of
from practices import AT, REQUEST, practice, snapshot_of
from timing import Line, best_in_turns, shown, slope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def planned(snapshot: am.Snapshot) -> am.ChangeSet:
    """Plan the migration of the practitioner who moves."""
    plan = am.plan_migration(snapshot, REQUEST, at=AT)
    assert plan.is_ready
    return plan.change_set


def migration_lines(*, moving: int, total: int, repeats: int) -> Iterator[Line]:
    """Measure planning, checking and applying in a small and in a large snapshot."""
    small = snapshot_of(practice(moving=moving))
    large = snapshot_of(practice(moving=moving, others=total - moving))
    change_set = planned(large)  # and the snapshot is indexed
    planned(small)
    parts = taken_apart(change_set)
    plan_large, made, plan_small = best_in_turns(
        lambda: planned(large),
        lambda: plan_id_of(put_together(change_set, parts)),
        lambda: planned(small),
        repeats=repeats,
    )
    size = f"{moving:,} of {total:,} appointments"
    figures = f"{shown(plan_large)} to {shown(made)}, {size}"
    yield Line("planning to making its values and writing them once", plan_large / made, 2, figures)
    figures = f"{shown(plan_large)} to {shown(plan_small)}, {size}"
    yield Line(
        "planning beside everybody else to planning without them", plan_large / plan_small, 1.2, figures
    )
    plan, check, apply = best_in_turns(
        lambda: planned(large),
        lambda: am.check(large, change_set),
        lambda: am.apply(large, change_set),
        repeats=repeats,
    )
    yield Line("check to planning", check / plan, 1, f"{shown(check)} to {shown(plan)}, {size}")
    yield Line("apply to planning", apply / plan, 1, f"{shown(apply)} to {shown(plan)}, {size}")
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


def taken_apart(change_set: am.ChangeSet) -> list[tuple[Any, ...]]:
    """Return the arguments of all values of the steps, so that making them again is nothing but that."""
    return [
        (
            step.ordinal,
            step.kind,
            (step.reason.code, dict(step.reason.facts)),
            [(guard.kind, dict(guard.facts), guard.except_ids) for guard in step.guards],
            [(edit.before, type(edit.after), _fields(edit.after)) for edit in step.edits],
        )
        for step in change_set.steps
    ]


def _fields(entity: Any) -> dict[str, Any]:
    if entity is None:
        return {}
    return {field.name: getattr(entity, field.name) for field in attrs.fields(type(entity))}


def put_together(change_set: am.ChangeSet, parts: list[tuple[Any, ...]]) -> am.ChangeSet:
    """Make the values of all steps again."""
    steps = tuple(
        am.Step(
            ordinal,
            kind,
            am.Reason(code, am.Facts(**facts)),
            tuple(am.Guard(name, am.Facts(**known), ids) for name, known, ids in guards),
            tuple(am.Edit(before, cls(**fields) if fields else None) for before, cls, fields in edits),
        )
        for ordinal, kind, (code, facts), guards, edits in parts
    )
    return attrs.evolve(change_set, steps=steps)
