"""Timing: two things measured in turns, the collector off for both, the best of several repeats."""

from __future__ import annotations

import gc
import math
import time
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")


@attrs.frozen
class Line:
    """One line of the report.

    Attributes:
        what: What was measured.
        ratio: The measured ratio; the better one is the smaller one, unless `at_least`.
        reach: The ratio that is wanted.
        figures: The absolute times.
        at_least: Whether the ratio is how many times faster than the peer.
        sign: What follows the ratio.
    """

    what: str
    ratio: float
    reach: float
    figures: str
    at_least: bool = False
    sign: str = " ×"

    @property
    def is_reached(self) -> bool:
        return self.ratio >= self.reach if self.at_least else self.ratio <= self.reach

    def __str__(self) -> str:
        wanted = f"{'≥' if self.at_least else '≤'} {self.reach:g}{self.sign}"
        answer = "reached" if self.is_reached else "MISSED"
        return (
            f"{self.what:<66} {self.ratio:7.2f}{self.sign:<2} wanted {wanted:<8} {answer:<8} {self.figures}"
        )


def nothing() -> None:
    """Prepare nothing."""


def seconds(action: Callable[..., object], prepared: object = None) -> float:
    """Return the processor time that an action takes, the collector off as `timeit` does it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        start = time.process_time()
        found = action() if prepared is None else action(prepared)
        taken = time.process_time() - start
        del found  # freeing what was made is not part of making it
    finally:
        if was_on:
            gc.enable()
    return taken


def best_in_turns(
    *actions: Callable[..., object], repeats: int, prepare: Callable[[], Any] = nothing
) -> list[float]:
    """Return the best time of each action; they take turns, so that a busy machine is unkind to all alike.

    Args:
        actions: What is measured.
        repeats: How often each is run.
        prepare: What makes the argument of an action afresh, not measured; nothing for no argument.
    """
    best = [math.inf] * len(actions)
    for _ in range(repeats):
        for position, action in enumerate(actions):
            best[position] = min(best[position], seconds(action, prepare()))
    return best


def slope(sizes: Sequence[int], times: Sequence[float]) -> float:
    """Return the slope of the straight line through the logarithms: 1 for linear, 2 for quadratic."""
    xs, ys = [math.log(size) for size in sizes], [math.log(taken) for taken in times]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - x_mean) ** 2 for x in xs)
    return sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / spread


def shown(taken: float) -> str:
    """Write a time as people read it."""
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if taken * factor >= 1:
            return f"{taken * factor:.3g} {unit}"
    return f"{taken * 1e6:.3g} µs"


def per(taken: float, count: int) -> str:
    """Write a time for each of many things."""
    return f"{taken / count * 1e6:.2f} µs each"


def printed(lines: Iterator[Line]) -> Iterator[Line]:
    """Print each line as soon as it is known."""
    for line in lines:
        print(line, flush=True)
        yield line
