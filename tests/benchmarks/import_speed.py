"""Importing and first uses of the library against importing its dependencies, each in a fresh process."""

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

_PEERS = "import attrs, cattrs, pendulum"
_PROGRAM = """
import gc, time
gc.disable()
start = time.process_time()
{code}
print(time.process_time() - start)
"""
_MOVE = """
import accountmerge as am
from datetime import datetime, timezone
at = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
row = am.Profile(id="P", practitioner_id="H", email="p@example.com", login="enabled", schedule="active")
agreed = am.Agreement(by="Ann Example", at=at, version="1")
asked = am.MigrationRequest(
    profile_id="P", new_email="q@example.com", reason="security", ticket="T", agreement=agreed
)
assert am.plan_migration(am.Snapshot(at, profiles=[row]), asked, at=at).is_ready
"""
_EVERYTHING = """
import accountmerge as am
for door in (am, *(getattr(am, room) for room in am._ROOMS)):
    for name in door.__all__:
        getattr(door, name)
"""
_ENTITIES = (
    "import accountmerge as am; am.Snapshot, am.Profile, am.Customer, am.Appointment, am.Record, am.Access"
)
_USES = (
    ("importing the library", "import accountmerge", 0.1),
    ("importing and using the entities", _ENTITIES, 1.2),
    ("importing and planning a small migration", _MOVE, 1.75),
    ("importing and using every public name", _EVERYTHING, 2.3),
)
"""Each use with its code, and the ratio to reach."""


def import_lines(*, repeats: int) -> Iterator[Line]:
    """Measure each use in turns with importing attrs, cattrs and pendulum, and compare the medians."""
    with tempfile.TemporaryDirectory() as compiled:
        for what, code, reach in _USES:
            ours, theirs = [], []
            for _ in range(repeats + 1):  # the first one compiles
                ours.append(_seconds(code, compiled))
                theirs.append(_seconds(_PEERS, compiled))
            mine, peer = statistics.median(ours[1:]), statistics.median(theirs[1:])
            figures = f"{shown(mine)} to {shown(peer)}, median of {repeats} processes"
            yield Line(f"{what} to importing attrs, cattrs and pendulum", mine / peer, reach, figures)


def process_seconds(command: list[str], compiled: str) -> float:
    """Return the processor time of a whole process, with the compiled modules in a directory of their own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    before = os.times()
    subprocess.run(command, check=False, capture_output=True, env=environment)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _seconds(code: str, compiled: str) -> float:
    """Return the processor time of some code, with the compiled modules in a directory of their own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    command = [sys.executable, "-c", _PROGRAM.format(code=code)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout)
