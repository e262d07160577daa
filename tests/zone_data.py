"""Two releases of zone data: their offsets, read from the files themselves, and child processes that use one of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

ZONE_DATA = Path(__file__).parent / "data" / "zones"
RELEASES = ("2025b", "2026f")
CHANGED = (
    "Africa/Casablanca",
    "America/Edmonton",
    "America/Havana",
    "America/Vancouver",
    "America/Winnipeg",
    "Europe/Chisinau",
)
"""The zones whose offsets differ between the releases, in the years around 2026."""
SAME = (
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Tijuana",
    "America/Toronto",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Dublin",
    "Europe/Paris",
    "UTC",
)
"""The zones whose offsets are the same in these years."""
STEP = timedelta(hours=3)


@cache
def zone_of(release: str, name: str) -> ZoneInfo:
    """Return a zone as a release has it, whatever the zone data of this machine."""
    with (ZONE_DATA / release / name).open("rb") as file:
        return ZoneInfo.from_file(file, name)


def clock(release: str, name: str, instant: datetime) -> datetime:
    """Return what clocks in a zone show at an instant, by the rules of a release."""
    return instant.astimezone(zone_of(release, name)).replace(tzinfo=None)


@cache
def moments(first: int, last: int) -> tuple[datetime, ...]:
    """Return every third hour from one year to another, from midnight on."""
    start, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    return tuple(start + number * STEP for number in range(int((end - start) / STEP)))


@cache
def differing(year: int) -> frozenset[str]:
    """Return the zones whose offsets differ between the releases in the years that a plan of a year names."""
    span = moments(year - 1, year + 3)
    return frozenset(name for name in CHANGED + SAME if moved_promises(name, span))


def moved_promises(name: str, instants: Iterable[datetime]) -> list[datetime]:
    """Return the instants at which clocks show other times by the two releases.

    These are the bookings whose local time was promised by the rules of the first release and moved by the second.
    """
    old, new = (zone_of(release, name) for release in RELEASES)
    return [at for at in instants if at.astimezone(old).utcoffset() != at.astimezone(new).utcoffset()]


def child(release: str, script: str, given: Any = None) -> Any:
    """Return the JSON that a script beside this file writes, in a process with the zone data of a release.

    `given` is written to its input as JSON.
    """
    tests = Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONTZPATH": str(ZONE_DATA / release),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(tests), os.environ.get("PYTHONPATH")))),
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, str(tests / script)]
    told = subprocess.run(
        command, env=environment, input=json.dumps(given).encode(), capture_output=True, check=True
    )
    return json.loads(told.stdout)
