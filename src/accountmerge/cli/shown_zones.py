"""The zone in which times are shown if no option names one."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_SAMPLE = 1_000
"""The most bookings that are looked at: a practice has few zones."""


def zone_of(document: Any) -> str | None:
    """Return the most common zone of the hours of profiles; without hours, that of bookings. None if there is none.

    Args:
        document: A snapshot, a plan or a change set. Other values have no zone.
    """
    change_set = getattr(document, "change_set", document)
    if hasattr(change_set, "steps"):
        rows = list(_images(change_set.steps))
        profiles = [row for row in rows if hasattr(row, "hours")]
        bookings = [row for row in rows if hasattr(row, "time_zone")]
    elif hasattr(document, "appointments"):
        profiles, bookings = list(document.profiles), list(islice(document.appointments, _SAMPLE))
    else:
        return None
    hours = [row.hours.zone for row in profiles if row.hours is not None]
    return _most(hours) or _most(row.time_zone for row in bookings)


def _images(steps: Iterable[Any]) -> Iterator[Any]:
    for step in steps:
        for edit in step.edits:
            yield edit.after or edit.before


def _most(zones: Iterable[str]) -> str | None:
    """Return the most common zone, the first by name among equals."""
    counts = Counter(zones)
    return min(counts, key=lambda zone: (-counts[zone], zone), default=None)


def machine_zone() -> str:
    """Return the IANA zone of this machine, or UTC if it is not known."""
    names = [os.environ.get("TZ", "").lstrip(":")]
    with contextlib.suppress(OSError):
        names.append(str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2])
    return next((name for name in names if _is_zone(name)), "UTC")


def _is_zone(name: str) -> bool:
    try:
        return bool(name) and ZoneInfo(name).key == name
    except (OSError, ValueError):
        return False
