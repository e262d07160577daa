"""The command line as a whole process, against importing its dependencies."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import accountmerge as am
from import_speed import process_seconds
from practices import practice, snapshot_of
from timing import Line, shown

if TYPE_CHECKING:
    from collections.abc import Iterator


def command_lines(*, repeats: int) -> Iterator[Line]:
    """Measure `--help`, `--version` and `check` of a small file, each in turns with its peer."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data.json")
        data.write_text(am.dumps(snapshot_of(practice(moving=20))), encoding="utf-8")
        rows: tuple[tuple[list[str], str, float], ...] = (
            (["--help"], "typer, rich", 1.3),
            (["--version"], "typer, rich", 1.3),
            (["check", str(data)], "typer, rich, attrs, cattrs, pendulum", 1.5),
        )
        for arguments, names, reach in rows:
            ours, peers = [], []
            command = [sys.executable, "-m", "accountmerge.cli", *arguments]
            for _ in range(repeats + 1):  # the first one compiles
                ours.append(process_seconds(command, folder))
                peers.append(process_seconds([sys.executable, "-c", f"import {names}"], folder))
            mine, peer = statistics.median(ours[1:]), statistics.median(peers[1:])
            what = f"`accountmerge {arguments[0]}` to importing {names}"
            yield Line(what, mine / peer, reach, f"{shown(mine)} to {shown(peer)}, whole processes")
