"""`import accountmerge` against importing what it stands on, each in a fresh process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from timing import Line, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_PEERS = "attrs, cattrs, pendulum"
_PROGRAM = """
import gc, time
gc.disable()
start = time.process_time()
import {names}
print(time.process_time() - start)
"""


def import_lines(*, repeats: int) -> Iterator[Line]:
    """Measure both imports in turns, and compare the medians."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as compiled:
        for names in ("accountmerge", _PEERS):
            _seconds(names, compiled)  # this one compiles
        for _ in range(repeats):
            ours.append(_seconds("accountmerge", compiled))
            theirs.append(_seconds(_PEERS, compiled))
    import_ours, import_theirs = statistics.median(ours), statistics.median(theirs)
    figures = f"{shown(import_ours)} to {shown(import_theirs)}, median of {repeats} processes"
    yield Line("import accountmerge to attrs, cattrs and pendulum", import_ours / import_theirs, 0.1, figures)


def process_seconds(command: list[str], compiled: str) -> float:
    """Return the processor time of a whole process, with the compiled modules in a directory of their own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    before = os.times()
    subprocess.run(command, check=False, capture_output=True, env=environment)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _seconds(names: str, compiled: str) -> float:
    """Return the processor time of an import, with the compiled modules in a directory of their own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    command = [sys.executable, "-c", _PROGRAM.format(names=names)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout)
