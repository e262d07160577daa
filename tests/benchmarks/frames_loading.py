"""A snapshot from frames against `loads` of the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import accountmerge as am
from accountmerge import frames
from practices import AT, practice, snapshot_of
from timing import Line, best_in_turns, per, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_REACH = 1.2


def frame_loading_lines(*, size: int, repeats: int) -> Iterator[Line]:
    """Measure how many times longer than `loads` it takes to make a snapshot of the same rows in frames.

    The frames are polars frames with the documented columns, and pandas frames of them.
    """
    whole = snapshot_of(practice(others=size))
    text = am.dumps(whole)
    tables: Any = frames.tables(whole, values=True)
    engines: dict[str, Any] = {
        "polars": tables,
        "pandas, with its own types": {name: table.to_pandas() for name, table in tables.items()},
    }
    for engine, given in engines.items():
        assert frames.snapshot(taken_at=AT, **given) == am.loads(text) == whole
        ours, loading = best_in_turns(
            lambda given=given: frames.snapshot(taken_at=AT, **given),
            lambda: am.loads(text),
            repeats=repeats,
        )
        figures = f"{per(ours, size)}, `loads` {per(loading, size)}, {size:,} appointments, {shown(ours)}"
        yield Line(f"snapshot from frames ({engine}), to `loads`", ours / loading, _REACH, figures)
