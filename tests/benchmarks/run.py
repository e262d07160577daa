"""The benchmarks: every row of the design's section on speed, as a ratio to a peer measured in the same run.

`python tests/benchmarks/run.py [--quick]`. Always ends with status 0: it is a report, not a test.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import tempfile
import time
from typing import TYPE_CHECKING

from applier_speed import row_lines, step_lines, store_lines
from cohort_speed import cohort_lines
from command_speed import command_lines
from contract_speed import following_lines, writing_lines
from double_booking_speed import double_booking_lines
from fault_speed import fault_lines
from import_speed import import_lines
from loading_speed import construction_lines, loading_lines, memory_lines
from merge_speed import batch_lines, merge_lines, merge_slope_lines
from migration_speed import migration_lines, slope_lines
from report import PAGE, heading, write_table
from timing import printed
from window_speed import window_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from timing import Line


def report_lines(*, quick: bool) -> Iterator[Line]:
    """Measure everything; a quick run uses sizes at which the ratios are rough."""
    shape_lines, sql_lines, frame_lines = _shape_lines(), _sql_lines(), _frame_lines()
    yield from command_lines(repeats=5 if quick else 11)
    if quick:
        yield from import_lines(repeats=7)
        yield from double_booking_lines(size=10_000, large=50_000, repeats=2)
        yield from fault_lines(size=20_000, repeats=3)
        yield from loading_lines(size=10_000, repeats=3)
        yield from construction_lines(size=10_000, repeats=3)
        with tempfile.TemporaryDirectory() as folder:
            yield from memory_lines(size=50_000, folder=folder)
        yield from shape_lines(sizes=(250, 500, 1_000))
        yield from migration_lines(moving=1_000, total=50_000, repeats=2)
        yield from slope_lines(sizes=(300, 1_000, 3_000), repeats=2)
        yield from window_lines(bookings=5_000, repeats=10)
        yield from merge_lines(records=1_000, bookings=100, repeats=2)
        yield from merge_slope_lines(sizes=(300, 1_000, 3_000), repeats=2)
        yield from batch_lines(clusters=50, small=1_000, large=50_000, repeats=2)
        yield from cohort_lines(sizes=(10, 30, 100), bookings=50)
        yield from writing_lines(edits=5_000, repeats=3)
        yield from following_lines(sizes=(300, 1_000, 3_000), others=50_000, repeats=2)
        yield from store_lines(small=200, large=5_000, repeats=3)
        yield from step_lines(late=100, early=5, repeats=20)
        yield from row_lines(bookings=100, others=20_000)
        yield from sql_lines(
            moving=100, others=20_000, large=100_000, loaded=20_000, repeats=2, postgres=True
        )
        yield from frame_lines(size=200_000, pairs=100_000, window=200_000, loaded=10_000, repeats=3)
    else:
        yield from import_lines(repeats=31)
        yield from double_booking_lines(size=100_000, large=1_000_000, repeats=2)
        yield from fault_lines(size=100_000, repeats=3)
        yield from loading_lines(size=100_000, repeats=3)
        yield from construction_lines(size=20_000, repeats=5)
        with tempfile.TemporaryDirectory() as folder:
            yield from memory_lines(size=1_000_000, folder=folder)
        yield from shape_lines(sizes=(2_500, 5_000, 10_000, 20_000))
        yield from migration_lines(moving=10_000, total=1_000_000, repeats=5)
        yield from slope_lines(sizes=(1_000, 3_000, 10_000, 30_000, 100_000), repeats=2)
        yield from window_lines(bookings=5_000, repeats=30)
        yield from merge_lines(records=10_000, bookings=1_000, repeats=5)
        yield from merge_slope_lines(sizes=(1_000, 3_000, 10_000, 30_000, 100_000), repeats=2)
        yield from batch_lines(clusters=250, small=10_000, large=1_000_000, repeats=3)
        yield from cohort_lines(sizes=(100, 300, 1_000), bookings=500)
        yield from writing_lines(edits=100_000, repeats=5)
        yield from following_lines(sizes=(1_000, 3_000, 10_000, 30_000, 100_000), others=1_000_000, repeats=2)
        yield from store_lines(small=200, large=20_000, repeats=5)
        yield from step_lines(late=500, early=5, repeats=30)
        yield from row_lines(bookings=500, others=100_000)
        yield from sql_lines(
            moving=500, others=20_000, large=1_000_000, loaded=100_000, repeats=3, postgres=True
        )
        yield from frame_lines(
            size=10_000_000, pairs=1_000_000, window=10_000_000, loaded=100_000, many=50_000_000, repeats=2
        )


def _shape_lines() -> Callable[..., Iterator[Line]]:
    """Return what measures the shapes that could take quadratic time, if it is there."""
    try:
        from shape_speed import shape_lines
    except ImportError:
        return lambda **_: iter(())
    found: Callable[..., Iterator[Line]] = shape_lines
    return found


def _sql_lines() -> Callable[..., Iterator[Line]]:
    """Return the function that measures mapped tables, if SQLAlchemy is installed."""
    try:
        from sql_speed import sql_lines
    except ImportError:
        return lambda **_: iter(())
    found: Callable[..., Iterator[Line]] = sql_lines
    return found


def _frame_lines() -> Callable[..., Iterator[Line]]:
    """Return the function that measures frames, if the packages that it compares with are installed."""
    try:
        from frames_speed import frame_lines
    except ImportError:
        return lambda **_: iter(())
    found: Callable[..., Iterator[Line]] = frame_lines
    return found


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description="Measure speed as ratios to peers of the same run.")
    parser.add_argument("--quick", action="store_true", help="small sizes, rough ratios, under a minute")
    parser.add_argument("--write", action="store_true", help="write the table of docs/speed.md also if quick")
    arguments = parser.parse_args()
    quick = arguments.quick
    gc.disable()  # also while millions of objects are made, which would take as long as all else
    start = time.perf_counter()
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    print("Processor time, collector off on both sides, best of several repeats taken in turns.\n")
    lines = list(printed(report_lines(quick=quick)))
    if arguments.write or not quick:
        write_table(PAGE, lines, heading(quick=quick))
    missed = [line.what for line in lines if not line.is_reached]
    print(f"\n{len(lines) - len(missed)} of {len(lines)} reached, in {time.perf_counter() - start:.0f} s.")
    for what in missed:
        print(f"missed: {what}")


if __name__ == "__main__":
    main()
