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
from accountmerge.testing.conformance.broken_laws import LawBroken
from accountmerge.testing.conformance.trials import (
    End,
    expect_end,
    possible_ends,
    without_absence_guards,
)
from accountmerge.testing.reference.fault_plans import BETWEEN, Points, last_committed
from accountmerge.testing.reference.foreign_writes import phantoms, scribbles, ties
from accountmerge.testing.reference.written_data import edits_of, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.entities import Entity
    from accountmerge.testing.conformance.drivers import Meanwhile
    from accountmerge.testing.conformance.trials import Trial

_POINT = re.compile(r"(?:before|committed|inside) ([0-9]+)")


@attrs.define(repr=False)
class _Seen:
    """The data right after a foreign write; None if the store was locked."""

    after: Snapshot | None = None


def a_foreign_write_is_never_overwritten(trial: Trial) -> None:
    """A foreign write to touched rows stays, and steps that do not fit any more are not applied."""
    names = trial.names_of_points
    compared = without_absence_guards(trial.change_set)
    for at in trial.places():
        for write in _writes_near(trial, names[at], at):
            _interfered(trial, at, write, "foreign writes", compared)


def _writes_near(trial: Trial, point: str, turn: int) -> Iterator[ForeignWrite]:
    """Yield possible foreign writes at a point, to the next row and to another one."""
    match = _POINT.match(point)
    ordinal = int(match[1]) if match else 1
    steps = trial.change_set.steps
    state = _state_at(trial, point, ordinal)
    near = [edit for step in steps[ordinal - 1 : ordinal + 1] for edit in step.edits]
    for candidates in (near, edits_of(trial.change_set)):
        rows = [row for row in (row_of(state, edit) for edit in candidates) if row is not None]
        if rows:
            yield _scribbled(rows[turn % len(rows)], turn)
    for edit in steps[ordinal - 1].edits if point.startswith("before") else ():
        if edit.after is None:
            yield ForeignWrite(drop=[edit.key])
        elif edit.before is None and row_of(state, edit) is None:
            yield _scribbled(edit.after, turn)


def _scribbled(entity: Entity, turn: int) -> ForeignWrite:
    changed = scribbles(entity)
    return ForeignWrite([changed[turn % len(changed)]])


def _state_at(trial: Trial, point: str, ordinal: int) -> Snapshot:
    done = ordinal if point.startswith("committed") else ordinal - 1
    return trial.after_steps(min(max(done, 0), len(trial.change_set.steps)))


def a_version_that_a_guard_names_is_compared(trial: Trial) -> None:
    """A write that changes no value but counts as one is seen where the plan names the version."""
    named = [
        row
        for row in phantoms(trial.present, trial.change_set)
        if row[1] == "unchanged" and _is_same(trial, row[2])
    ]
    for ordinal, _, write in named:
        for at in _gaps_before(trial, ordinal):
            _interfered(trial, at, write, "versions")


def _is_same(trial: Trial, write: ForeignWrite) -> bool:
    return all(trial.present.table(kind_of(row).collection).get(row.id) == row for row in write.put)


def what_appears_meanwhile_is_seen(trial: Trial) -> None:
    """A row that a guard forbids is seen in a preflight and at every gap before the step."""
    aimed = [*phantoms(trial.present, trial.change_set), *_ties(trial)]
    for ordinal, kind, write in aimed:
        if kind == "unchanged" and _is_same(trial, write):
            continue  # a law of its own
        driver = trial.fresh()
        driver.fits(trial.change_set, trial.now)  # an earlier answer does not count
        driver.foreign_write(write)
        state = trial.look()
        if check(state, trial.change_set) and driver.fits(trial.change_set, trial.now):
            raise LawBroken(f"preflight does not see what is against {kind}: {write}")
        applied = driver.apply(trial.change_set, trial.now)
        expect_end(
            possible_ends(state, trial.change_set), trial.look(), applied, trial.change_set, f"after {write}"
        )
        trial.count(f"against {kind}")
        for at in _gaps_around(trial, ordinal):
            if kind != "removal" or _is_whole_there(trial, at):
                _interfered(trial, at, write, "phantoms")


def _is_whole_there(trial: Trial, at: int) -> bool:
    """Return whether a point leaves whole steps, because it is between steps or steps are atomic."""
    is_between = BETWEEN.fullmatch(trial.names_of_points[at]) is not None
    return is_between or trial.subject.capabilities.atomic_step is True


def _ties(trial: Trial) -> Iterator[tuple[int, str, ForeignWrite]]:
    """Yield possible writes that refer to an entity that is to be removed."""
    for ordinal, write in ties(trial.present, trial.change_set):
        if write.is_possible_on(trial.present):
            yield ordinal, "removal", write


def _gaps_around(trial: Trial, ordinal: int) -> list[int]:
    """Return the first point, the points of a step and right after it, and the last point."""
    names = trial.names_of_points
    own = [at for at, name in enumerate(names) if (match := _POINT.match(name)) and int(match[1]) == ordinal]
    after = [at for first in own[:1] for at in (first + 1, first + 2) if at < len(names)]
    return sorted({0, *own[:3], *after, len(names) - 1}) if names else []


def _gaps_before(trial: Trial, ordinal: int) -> list[int]:
    """Return the points up to the end of a step; later, a restored row would be an undo."""
    names = trial.names_of_points
    return [at for at in _gaps_around(trial, ordinal) if f"committed {ordinal}" not in names[: at + 1]]


def a_late_set_cancels_nothing_that_has_begun(trial: Trial) -> None:
    """The clock of the store counts, so begun bookings and expired requests stay as they are."""
    guards = [guard for step in trial.change_set.steps for guard in step.guards if guard.kind == "not_after"]
    instants = {parse_rfc3339(str(guard.facts["instant"])) for guard in guards}
    for now in map(from_microseconds, sorted({later for us in instants for later in (us, us + 1)})):
        if now < trial.now:
            continue
        driver = trial.fresh()
        state = trial.as_read(driver.dump(), now)
        if check(state, trial.change_set) and driver.fits(trial.change_set, now):
            raise LawBroken("preflight does not see that it is too late")
        applied = driver.apply(trial.change_set, now)
        ends = possible_ends(state, trial.change_set)
        expect_end(ends, trial.look(), applied, trial.change_set, "applied at the last moment, or after it")
        trial.count("late sets")


def another_plan_in_between_is_respected(trial: Trial) -> None:
    """Another plan applied between two steps stays, and steps that do not fit any more are not applied."""
    rival = trial.scenario.rival_on(trial.present) if trial.scenario.rival_on else None
    if rival is None:
        return
    names = trial.names_of_points
    for at in trial.places():
        if not BETWEEN.fullmatch(names[at]):
            continue  # there one may have to wait for the other, and there is only one of us
        seen = _Seen()

        async def act(meanwhile: Meanwhile, seen: _Seen = seen) -> None:
            await meanwhile.apply(rival, trial.now)
            seen.after = trial.as_read(await meanwhile.dump())

        _expect_respected(trial, at, act, seen, "another plan", "rivals")


def _interfered(
    trial: Trial, at: int, write: ForeignWrite, counted: str, seen_as: ChangeSet | None = None
) -> None:
    """Write at a point, and expect one of the possible ends."""
    seen = _Seen()

    async def act(meanwhile: Meanwhile) -> None:
        if not write.is_possible_on(await meanwhile.dump()):
            return
        try:
            await meanwhile.foreign_write(write)
        except BlockingIOError:
            trial.count("held out")
            trial.count(counted)
            return
        seen.after = trial.as_read(await meanwhile.dump())

    _expect_respected(trial, at, act, seen, f"{write}", counted, seen_as)


def _expect_respected(
    trial: Trial,
    at: int,
    act: Callable[[Meanwhile], Coroutine[Any, Any, None]],
    seen: _Seen,
    what: str,
    counted: str,
    seen_as: ChangeSet | None = None,
) -> None:
    driver = trial.fresh()
    points = Points(at, driver.interrupting(act))
    applied = driver.apply(trial.change_set, trial.now, points)
    names = points.names
    when = f"{what} at {points.name!r}"
    if seen.after is None:
        ends = iter([End(trial.whole, is_whole=True)])
    else:
        done = last_committed(names[: at + 1])
        sets = [trial.change_set, *([seen_as] if seen_as else []), *_begun(trial, names[at])]
        ends = (end for seen_set in sets for end in possible_ends(seen.after, seen_set, done))
        trial.count(counted)
    expect_end(ends, trial.look(), applied, trial.change_set, when)


def _begun(trial: Trial, point: str) -> Iterator[ChangeSet]:
    """Yield the change set as seen by a store that finishes a begun step."""
    inside = _POINT.match(point)
    if inside and not BETWEEN.fullmatch(point) and trial.subject.capabilities.atomic_step is not True:
        steps = [
            attrs.evolve(step, guards=()) if step.ordinal == int(inside[1]) else step
            for step in trial.change_set.steps
        ]
        yield attrs.evolve(trial.change_set, steps=tuple(steps))
