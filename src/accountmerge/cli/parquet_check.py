"""Double bookings of a Parquet file of appointments, or of a folder of files, for the command `check`.

They are read in parts, so they may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accountmerge.cli.exit_codes import FOUND, READY
from accountmerge.cli.files import print_json
from accountmerge.cli.parquet_names import parquet_files
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.model.instants import rfc3339
from accountmerge.reports.lines import Line, LineRole, shown, spoken

_INSTALL = "pip install 'accountmerge[frames]'"
try:
    from accountmerge.frames.parquet_checks import ParquetCheck, UnreadableParquet, parquet_checks
except ImportError as missing:
    raise BadInput(Problem("frames_missing", command=_INSTALL)) from missing

_SHOWN_PAIRS = 20
"""The most pairs of a kind that are shown; about one screen."""


def check_parquet(screen: Screen, source: str, *, as_json: bool = False) -> int:
    """Report the double bookings of practitioners and of customers, and the rows that cannot be judged."""
    path = Path(source)
    try:
        found = parquet_checks(
            parquet_files(source),
            path if path.is_dir() else None,
            _SHOWN_PAIRS,
            lambda kind: screen.progress(f"cli.checking_{kind}s"),
        )
    except UnreadableParquet as error:
        raise BadInput(Problem("unreadable", reason=str(error)), about=source) from None
    if as_json:
        print_json({"double_bookings": [_plain(each) for each in found], "bad_rows": found[0].bad_counts})
    else:
        lines = [line for each in found for line in _pair_lines(each, screen.language)]
        screen.report([*lines, *_bad_lines(found[0], screen.language)])
    return FOUND if any(each.pair_count or each.bad_counts for each in found) else READY


def _plain(found: ParquetCheck) -> dict[str, Any]:
    """Return the double bookings of a kind with the first pairs, or null for too many."""
    pairs = None if found.first is None else [_facts(pair) for pair in found.first]
    return {"by": found.kind, "count": found.pair_count, "first": pairs}


def _facts(pair: Any) -> dict[str, str]:
    ids = {"owner": str(pair.owner), "first_id": str(pair.first_id), "second_id": str(pair.second_id)}
    return {**ids, "start": rfc3339(pair.start), "end": rfc3339(pair.end)}


def _pair_lines(found: ParquetCheck, language: str) -> Iterator[Line]:
    role: LineRole = "warning" if found.pair_count else "good"
    yield spoken(f"report.bulk_{found.kind}", language, role, count=found.pair_count)
    if found.first is None:
        yield spoken("report.bulk_too_many", language, indent=2)
        return
    for pair in found.first:
        yield spoken("report.bulk_pair", language, indent=2, **_facts(pair))
    if found.pair_count > len(found.first):
        yield spoken("report.bulk_more", language, indent=2, count=found.pair_count - len(found.first))


def _bad_lines(found: ParquetCheck, language: str) -> Iterator[Line]:
    if found.bad_counts:
        yield spoken("report.bulk_bad", language, "warning", count=sum(found.bad_counts.values()))
    for reason, count in found.bad_counts.items():
        yield Line(f"    {shown(reason)}: {count}")
    if found.alone:
        yield spoken("report.bulk_profiles_alone", language, "detail")
