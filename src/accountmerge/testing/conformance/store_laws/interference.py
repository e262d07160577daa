"""Laws about foreign writes at every gap while a change set is applied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.entities import kind_of
from accountmerge.model.instants import from_microseconds, parse_rfc3339
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import check
from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.law_cases import (
    End,
    expect_end,
    possible_ends,
    without_absence_guards,
)
from accountmerge.testing.reference.fault_plans import BETWEEN, Points, last_committed
from accountmerge.testing.reference.foreign_writes import phantoms, ties
from accountmerge.testing.reference.phantom_rows import PHANTOM
from accountmerge.testing.reference.written_data import edits_of, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.entities import Entity
    from accountmerge.testing.conformance.drivers import Meanwhile
    from accountmerge.testing.conformance.law_cases import LawCase

_POINT = re.compile(r"(?:before|committed|inside) ([0-9]+)")


@attrs.define(repr=False)
class _Seen:
    """The data right after a foreign write; None if the store was locked."""

    after: Snapshot | None = None


def a_foreign_write_is_never_overwritten(case: LawCase) -> None:
    """A foreign write to touched rows stays, and steps that do not fit any more are not applied."""
    names = case.names_of_points
    compared = without_absence_guards(case.change_set)
    for at in sorted({*case.places(), *_before_removals(case)}):
        for write in _writes_near(case, names[at], at):
            _interfered(case, at, write, "foreign writes", compared)


def _before_removals(case: LawCase) -> list[int]:
    """Return the points before the first and the last step that removes a row."""
    removing = [
        step.ordinal for step in case.change_set.steps if any(edit.after is None for edit in step.edits)
    ]
    wanted = {f"before {ordinal}" for ordinal in (*removing[:1], *removing[-1:])}
    return [at for at, name in enumerate(case.names_of_points) if name in wanted]


def _writes_near(case: LawCase, point: str, turn: int) -> Iterator[ForeignWrite]:
    """Yield possible foreign writes at a point, to the next row and to another one."""
    match = _POINT.match(point)
    ordinal = int(match[1]) if match else 1
    steps = case.change_set.steps
    state = _state_at(case, point, ordinal)
    near = [edit for step in steps[ordinal - 1 : ordinal + 1] for edit in step.edits]
    for candidates in (near, edits_of(case.change_set)):
        rows = [row for row in (row_of(state, edit) for edit in candidates) if row is not None]
        if rows:
            yield _scribbled(case, rows[turn % len(rows)], turn)
    for edit in steps[ordinal - 1].edits if point.startswith("before") else ():
        if edit.after is None:
            yield ForeignWrite(drop=[edit.key])
        elif edit.before is None and row_of(state, edit) is None and case.subject.ids == "planned":
            yield _scribbled(case, edit.after, turn)


def _scribbled(case: LawCase, entity: Entity, turn: int) -> ForeignWrite:
    changed = case.scribbles(entity)
    return ForeignWrite([changed[turn % len(changed)]])


def _state_at(case: LawCase, point: str, ordinal: int) -> Snapshot:
    done = ordinal if point.startswith("committed") else ordinal - 1
    return case.after_steps(min(max(done, 0), len(case.change_set.steps)))


def a_version_that_a_guard_names_is_compared(case: LawCase) -> None:
    """A write that changes no value but counts as one is seen where the plan names the version."""
    named = [
        row
        for row in phantoms(case.present, case.change_set)
        if row[1] == "unchanged" and _is_same(case, row[2])
    ]
    for ordinal, _, write in case.some(named):
        for at in _gaps_before(case, ordinal):
            _interfered(case, at, write, "versions")


def _is_same(case: LawCase, write: ForeignWrite) -> bool:
    return all(case.present.table(kind_of(row).collection).get(row.id) == row for row in write.put)


def what_appears_meanwhile_is_seen(case: LawCase) -> None:
    """A row that a guard forbids, or that refers to a removed row, is seen before the step."""
    for ordinal, kind, write in _aimed(case):
        driver = case.fresh()
        driver.fits(case.change_set, case.now)  # an earlier answer does not count
        driver.foreign_write(write)
        state = case.look()
        if check(state, case.change_set) and driver.fits(case.change_set, case.now):
            raise LawBroken(f"preflight does not see what is against {kind}: {write}")
        applied = driver.apply(case.change_set, case.now)
        expect_end(
            possible_ends(state, case.change_set), case.look(), applied, case.change_set, f"after {write}"
        )
        case.count(f"against {kind}")
        for at in _gaps_around(case, ordinal):
            if kind != "removal" or _is_whole_there(case, at):
                _interfered(case, at, write, "phantoms")


def _aimed(case: LawCase) -> list[tuple[int, str, ForeignWrite]]:
    """Return writes against guards and removals, with the step; below `full`, one of each shape."""
    tied = ((ordinal, "removal", write) for ordinal, write in ties(case.present, case.change_set))
    aimed: list[tuple[int, str, ForeignWrite]] = [*phantoms(case.present, case.change_set), *tied]
    aimed = [row for row in aimed if case.can_hold(row[2], case.present)]
    aimed = [row for row in aimed if row[1] != "unchanged" or not _is_same(case, row[2])]  # a law of its own
    if case.is_full:
        return aimed
    shapes = {(kind, *map(_shape, write.put), *write.drop[:1]): n for n, (_, kind, write) in enumerate(aimed)}
    return [aimed[n] for n in sorted(shapes.values())]


def _shape(entity: Any) -> tuple[object, ...]:
    """Return what distinguishes one phantom from another of its kind."""
    words = (getattr(entity, name, None) for name in ("status", "level", "login", "schedule"))
    uses = tuple(email.use for email in getattr(entity, "emails", ()))
    return (type(entity).__name__, *words, uses, entity.id.startswith(PHANTOM))


def _is_whole_there(case: LawCase, at: int) -> bool:
    """Return whether a point leaves whole steps, because it is between steps or steps are atomic."""
    is_between = BETWEEN.fullmatch(case.names_of_points[at]) is not None
    return is_between or case.subject.capabilities.atomic_step is True


def _gaps_around(case: LawCase, ordinal: int) -> list[int]:
    """Return the first point, the points of a step and right after it, and the last point.

    Below `full` they are the point before the step, and of a worked example the one right after it.
    """
    names = case.names_of_points
    own = [at for at, name in enumerate(names) if (match := _POINT.match(name)) and int(match[1]) == ordinal]
    if not case.is_full:
        return [at for first in own[:1] for at in (first, first + 1)[: 1 if case.scenario.is_drawn else 2]]
    after = [at for first in own[:1] for at in (first + 1, first + 2) if at < len(names)]
    return sorted({0, *own[:3], *after, len(names) - 1}) if names else []


def _gaps_before(case: LawCase, ordinal: int) -> list[int]:
    """Return the points up to the end of a step; later, a restored row would be an undo."""
    names = case.names_of_points
    return [at for at in _gaps_around(case, ordinal) if f"committed {ordinal}" not in names[: at + 1]]


def a_late_set_cancels_nothing_that_has_begun(case: LawCase) -> None:
    """The clock of the store counts, so begun bookings and expired requests stay as they are."""
    guards = [guard for step in case.change_set.steps for guard in step.guards if guard.kind == "not_after"]
    instants = {parse_rfc3339(str(guard.facts["instant"])) for guard in guards}
    for now in map(from_microseconds, sorted({later for us in instants for later in (us, us + 1)})):
        if now < case.now:
            continue
        driver = case.fresh()
        state = case.as_read(driver.dump(), now)
        if check(state, case.change_set) and driver.fits(case.change_set, now):
            raise LawBroken("preflight does not see that it is too late")
        applied = driver.apply(case.change_set, now)
        ends = possible_ends(state, case.change_set)
        expect_end(ends, case.look(), applied, case.change_set, "applied at the last moment, or after it")
        case.count("late sets")


def another_plan_in_between_is_respected(case: LawCase) -> None:
    """Another plan applied between two steps stays, and steps that do not fit any more are not applied."""
    rival = case.rival
    if rival is None:
        return
    names = case.names_of_points
    for at in case.places():
        if not BETWEEN.fullmatch(names[at]):
            continue  # there one may have to wait for the other, and there is only one of us
        seen = _Seen()

        async def act(meanwhile: Meanwhile, seen: _Seen = seen) -> None:
            await meanwhile.apply(rival, case.now)
            seen.after = case.as_read(await meanwhile.dump())

        _expect_respected(case, at, act, seen, "another plan", "rivals")


def _interfered(
    case: LawCase, at: int, write: ForeignWrite, counted: str, seen_as: ChangeSet | None = None
) -> None:
    """Write at a point, and expect one of the possible ends."""
    seen = _Seen()

    async def act(meanwhile: Meanwhile) -> None:
        there = await _meanwhile_there(case, at, meanwhile)
        if not (write.is_possible_on(there) and case.can_hold(write, there)):
            return
        try:
            await meanwhile.foreign_write(write)
        except BlockingIOError:
            case.count("held out")
            case.count(counted)
            return
        seen.after = case.as_read(await meanwhile.dump())

    _expect_respected(case, at, act, seen, f"{write}", counted, seen_as)


async def _meanwhile_there(case: LawCase, at: int, meanwhile: Meanwhile) -> Snapshot:
    """Return the data at a point, which are known of a store that has none but whole steps."""
    if case.is_full or case.subject.capabilities.atomic_step is not True:
        return await meanwhile.dump()
    return case.after_steps(last_committed(case.names_of_points[: at + 1]))


def _expect_respected(
    case: LawCase,
    at: int,
    act: Callable[[Meanwhile], Coroutine[Any, Any, None]],
    seen: _Seen,
    what: str,
    counted: str,
    seen_as: ChangeSet | None = None,
) -> None:
    driver = case.fresh()
    points = Points(at, driver.interrupting(act))
    applied = driver.apply(case.change_set, case.now, points)
    names = points.names
    when = f"{what} at {points.name!r}"
    if seen.after is None:
        ends = iter([End(case.whole, is_whole=True)])
    else:
        done = last_committed(names[: at + 1])
        sets = [case.change_set, *([seen_as] if seen_as else []), *_begun(case, names[at])]
        ends = (end for seen_set in sets for end in possible_ends(seen.after, seen_set, done))
        case.count(counted)
    expect_end(ends, case.look(), applied, case.change_set, when)


def _begun(case: LawCase, point: str) -> Iterator[ChangeSet]:
    """Yield the change set as seen by a store that finishes a begun step."""
    inside = _POINT.match(point)
    if inside and not BETWEEN.fullmatch(point) and case.subject.capabilities.atomic_step is not True:
        steps = [
            attrs.evolve(step, guards=()) if step.ordinal == int(inside[1]) else step
            for step in case.change_set.steps
        ]
        yield attrs.evolve(case.change_set, steps=tuple(steps))
