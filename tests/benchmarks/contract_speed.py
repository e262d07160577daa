"""`dumps`, `loads`, `check` and `resume` of a change set against bare cattrs and json on the same values, and by size."""

from __future__ import annotations

import json
from datetime import date, time
from typing import TYPE_CHECKING, Any

import pendulum
from cattrs import Converter
from cattrs.strategies import configure_tagged_union

import accountmerge as am
from accountmerge.changes.edits import Edit
from accountmerge.model.entities import Entity
from accountmerge.model.instants import from_microseconds, parse_rfc3339, rfc3339
from migration_speed import planned
from practices import practice, snapshot_of
from timing import Line, best_in_turns, per, shown, slope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

EDITS_PER_BOOKING = 2


def bare_converter() -> Converter:
    """Return a converter with only the hooks without which it could not write and read a change set at all.

    It checks no unknown keys, no vocabulary, no type of a scalar, and no seal.
    """
    found = Converter()
    found.register_structure_hook(pendulum.DateTime, lambda text, _: from_microseconds(parse_rfc3339(text)))
    found.register_unstructure_hook(pendulum.DateTime, rfc3339)
    for kind in (date, time):
        found.register_structure_hook(kind, lambda text, cls: cls.fromisoformat(text))
        found.register_unstructure_hook(kind, kind.isoformat)
    found.register_structure_hook(
        am.TimeSlot, lambda ends, _: am.TimeSlot.from_microseconds(*map(parse_rfc3339, ends))
    )
    found.register_unstructure_hook(am.TimeSlot, lambda slot: [rfc3339(slot.start_us), rfc3339(slot.end_us)])
    found.register_structure_hook(am.model.Facts, lambda facts, _: am.model.Facts.of(_with_tuples(facts)))
    found.register_unstructure_hook(am.model.Facts, dict)
    found.register_structure_hook_func(lambda kind: kind == str | int | None, lambda version, _: version)
    configure_tagged_union(Entity, found)
    entity = found.get_structure_hook(Entity)
    write = found.get_unstructure_hook(Entity)
    found.register_structure_hook(
        Edit,
        lambda images, _: Edit(*(None if image is None else entity(image, Entity) for image in images)),
    )
    found.register_unstructure_hook(
        Edit,
        lambda edit: [None if image is None else write(image) for image in (edit.before, edit.after)],
    )
    return found


def _with_tuples(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in facts.items()}


def writing_lines(*, edits: int, repeats: int) -> Iterator[Line]:
    """Measure how much longer than bare cattrs and json it takes to write and to read a change set."""
    change_set = planned(snapshot_of(practice(moving=edits // EDITS_PER_BOOKING)))
    count = sum(len(step.edits) for step in change_set.steps)
    bare = bare_converter()
    ours, theirs = am.dumps(change_set), json.dumps(bare.unstructure(change_set))
    assert am.loads(ours) == change_set
    assert bare.structure(json.loads(theirs), am.ChangeSet) == change_set
    dump, bare_dump, load, bare_load = best_in_turns(
        lambda: am.dumps(change_set),
        lambda: json.dumps(bare.unstructure(change_set)),
        lambda: am.loads(ours),
        lambda: bare.structure(json.loads(theirs), am.ChangeSet),
        repeats=repeats,
    )
    for what, mine, peer in (("writing", dump, bare_dump), ("reading", load, bare_load)):
        figures = f"{per(mine, count)}, bare {per(peer, count)}, {count:,} edits, {shown(mine)}"
        yield Line(f"{what} a change set to bare cattrs and json", mine / peer, 2, figures)


def following_lines(*, sizes: Sequence[int], others: int, repeats: int) -> Iterator[Line]:
    """Measure how `check` and `resume` grow with the edits, and what everybody else's data cost them."""
    times: list[list[float]] = []
    for size in sizes:
        snapshot = snapshot_of(practice(moving=size // EDITS_PER_BOOKING))
        times.append(_followed(snapshot, planned(snapshot), repeats))
    alone = times[-1]
    large = snapshot_of(practice(moving=sizes[-1] // EDITS_PER_BOOKING, others=others))
    beside = _followed(large, planned(large), repeats)
    for position, name in enumerate(("check", "resume")):
        column = [row[position] for row in times]
        figures = ", ".join(f"{size:,}: {shown(taken)}" for size, taken in zip(sizes, column, strict=True))
        yield Line(f"{name}, log-log slope over the edits", slope(sizes, column), 1.1, figures, sign="")
        figures = f"{shown(beside[position])} to {shown(alone[position])}, {others:,} others"
        yield Line(
            f"{name} beside everybody else to without them", beside[position] / alone[position], 1.2, figures
        )


def _followed(snapshot: am.Snapshot, change_set: am.ChangeSet, repeats: int) -> list[float]:
    half = am.apply(snapshot, change_set.prefix(len(change_set.steps) // 2))  # and both are indexed
    actions: tuple[Callable[[], Any], ...] = (
        lambda: am.check(snapshot, change_set),
        lambda: am.resume(half, change_set),
    )
    return best_in_turns(*actions, repeats=repeats)
