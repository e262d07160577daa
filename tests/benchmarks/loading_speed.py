"""`loads` against `json.loads` of the same text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import accountmerge as am
from practices import practice, snapshot_of
from timing import Line, best_in_turns, per, shown

if TYPE_CHECKING:
    from collections.abc import Iterator


def loading_lines(*, size: int, repeats: int) -> Iterator[Line]:
    """Measure how many times longer than reading plain data it takes to read values."""
    text = am.dumps(snapshot_of(practice(others=size)))
    am.loads(am.dumps(snapshot_of(practice(others=1))))  # the converter is built once
    ours, bare = best_in_turns(lambda: am.loads(text), lambda: json.loads(text), repeats=repeats)
    figures = f"{per(ours, size)}, `json.loads` {per(bare, size)}, {size:,} appointments, {len(text) >> 20} MiB, {shown(ours)}"
    yield Line("loading to `json.loads`", ours / bare, 5, figures)
