"""Growth of every shape that has many pairs or long chains: the slope over the size, for each function."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import accountmerge as am
from shapes import AT, SHAPES, merge, migration
from timing import Line, best_in_turns, shown, slope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

GREATEST_SLOPE = 1.2

FUNCTIONS: dict[str, Callable[[am.Snapshot], Any]] = {
    "find_faults": am.find_faults,
    "plan_migration": migration,
    "plan_merge": merge,
    "find_customers": lambda data: am.customers.find_customers(data, "Roy"),
    "suggest_survivor": lambda data: am.merges.suggest_survivor(data, [row.id for row in data.customers]),
}
OF_CUSTOMERS = frozenset({"one_slot_each", "crowd", "busy_crowd", "chain_of_merges", "one_mailbox"})
"""The shapes with many customers, on which the functions about customers are measured, too."""


def shape_lines(*, sizes: Sequence[int], repeats: int = 1) -> Iterator[Line]:
    """Measure how each function grows on each shape, and checking what was planned."""
    for shape, make in SHAPES.items():
        data = [make(size) for size in sizes]
        for name, run in FUNCTIONS.items():
            if name in ("find_customers", "suggest_survivor") and shape not in OF_CUSTOMERS:
                continue
            yield _line(f"{name}, {shape}", sizes, [partial(run, each) for each in data], repeats)
        for name, plan in (("migration", migration), ("merge", merge)):
            plans = [plan(each) for each in data]
            if all(each.is_ready for each in plans):
                sets = [each.confirm(by="Kim Example", at=AT) for each in plans]
                checks = [partial(am.check, *pair) for pair in zip(data, sets, strict=True)]
                yield _line(f"check of a {name}, {shape}", sizes, checks, repeats)


def _line(what: str, sizes: Sequence[int], actions: Sequence[Callable[[], object]], repeats: int) -> Line:
    actions[0]()
    times = [best_in_turns(action, repeats=repeats)[0] for action in actions]
    figures = ", ".join(f"{size:,}: {shown(taken)}" for size, taken in zip(sizes, times, strict=True))
    return Line(f"{what}, log-log slope", slope(sizes, times), GREATEST_SLOPE, figures, sign="")
