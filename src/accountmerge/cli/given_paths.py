"""The files of a command line, told apart by their formats, so that their order does not matter."""

from __future__ import annotations

import re
from pathlib import Path

from accountmerge.cli.files import STANDARD_STREAM

_FORMAT = re.compile(rb'"format"\s*:\s*"accountmerge\.(\w+)/')
_HEAD = 65_536
"""The number of bytes in which the format of a document is looked for; our documents start with it."""
CONFIRMED = ".confirmed.json"
"""The end of the name of a confirmed plan beside its plan."""
_OF_PLANS = ("plan", "changeset")


def format_of(path: str) -> str | None:
    """Return the noun of a file's format, such as `plan`; None if its start names none."""
    if path == STANDARD_STREAM:
        return None
    try:
        with Path(path).open("rb") as stream:
            match = _FORMAT.search(stream.read(_HEAD))
    except (OSError, ValueError):
        return None
    return None if match is None else match[1].decode("ascii")


def in_order(data: str, plan: str) -> tuple[str, str]:
    """Return the names of a snapshot and of a plan, exchanged if their formats say so."""
    of_data, of_plan = format_of(data), format_of(plan)
    if of_plan == "snapshot" and of_data != "snapshot":
        return plan, data
    if of_data in _OF_PLANS and of_plan not in _OF_PLANS:
        return plan, data
    return data, plan


def snapshot_among(paths: list[str], *, needs_one: bool) -> tuple[str | None, list[str]]:
    """Return the snapshot among files, and the other files and folders in their order.

    Args:
        paths: The files and folders.
        needs_one: Whether one of them has to be the snapshot, also if its format cannot be told: standard input, or
            the last file.
    """
    places = [place for place, path in enumerate(paths) if format_of(path) == "snapshot"]
    if not places and needs_one:
        untold = [place for place, path in enumerate(paths) if not _is_plans(path)]
        places = untold[-1:] if len(paths) > 1 else []
    if not places:
        return None, paths
    return paths[places[0]], [path for place, path in enumerate(paths) if place != places[0]]


def is_one_file(paths: list[str]) -> bool:
    """Return whether paths are one file, and no folder."""
    return len(paths) == 1 and (paths[0] == STANDARD_STREAM or not Path(paths[0]).is_dir())


def latest(files: list[str]) -> list[str]:
    """Return files without those that have a confirmed plan beside them."""
    known = set(files)
    return [file for file in files if file.removesuffix(".json") + CONFIRMED not in known]


def _is_plans(path: str) -> bool:
    return format_of(path) in _OF_PLANS or (path != STANDARD_STREAM and Path(path).is_dir())


def files_in(paths: list[str]) -> tuple[list[str], list[str]]:
    """Return the files with plans, and the JSON files of folders that have other formats.

    The plans of a folder are sorted by the names of their files.
    """
    plans: list[str] = []
    others: list[str] = []
    for path in paths:
        if path == STANDARD_STREAM or not Path(path).is_dir():
            plans.append(path)
            continue
        for file in sorted(map(str, Path(path).glob("*.json"))):
            (plans if format_of(file) in _OF_PLANS else others).append(file)
    return list(dict.fromkeys(plans)), others
