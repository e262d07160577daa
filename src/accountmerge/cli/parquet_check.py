"""Double bookings of a Parquet file of appointments, or of a folder of files, for the command `check`.

They are read in parts, so they may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from accountmerge.cli import FOUND, READY
from accountmerge.cli.parquet_names import parquet_files
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.cli.screens import Screen
from accountmerge.reports.lines import Line, LineRole, shown, spoken

_INSTALL = "pip install 'accountmerge[frames]'"
try:
    import polars as pl

    from accountmerge import frames
except ImportError as missing:
    raise BadInput(Problem("frames_missing", command=_INSTALL)) from missing

_SHOWN_PAIRS = 20
"""The most pairs of a kind that are shown; about one screen."""
_LISTED_PAIRS = 10_000_000
"""The most pairs of which a list is made, about 1 GB; more are only counted."""
_KINDS = {"practitioner": "profile_id", "customer": "customer_id"}


class ParquetTables(NamedTuple):
    """The tables in a Parquet file or a folder.

    Attributes:
        appointments: The appointments.
        profiles: The profiles, or None.
        customers: The customers, or None.
    """

    appointments: pl.LazyFrame
    profiles: pl.LazyFrame | None
    customers: pl.LazyFrame | None


def check_parquet(screen: Screen, source: str) -> int:
    """Report the double bookings of practitioners and of customers, and the rows that cannot be judged."""
    try:
        tables = _tables(Path(source))
        columns = tables.appointments.collect_schema().names()
        kinds = [kind for kind, column in _KINDS.items() if column in columns] or ["practitioner"]
        found = {kind: _judged(screen, tables, kind) for kind in kinds}
        lines = [line for kind in kinds for line in _kind_lines(found[kind], kind, screen.language)]
        lines += _bad_lines(
            found[kinds[0]], "practitioner" in kinds and tables.profiles is None, screen.language
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(Problem("unreadable", reason=type(error).__name__), about=source) from None
    screen.report(lines)
    is_clean = not any(each.pair_count or each.bad_counts for each in found.values())
    return READY if is_clean else FOUND


def _tables(path: Path) -> ParquetTables:
    """Return the tables of a folder by the names of its files; without such names, all files have appointments."""
    files = parquet_files(str(path))
    named = {file.stem: file for file in files if file.parent == path}
    own = [file for file in files if file.is_relative_to(path / "appointments")]
    if "appointments" in named:
        own.append(named["appointments"])
    if path.is_file() or not own:
        return ParquetTables(pl.scan_parquet(files), None, None)
    profiles, customers = (
        pl.scan_parquet(named[name]) if name in named else None for name in ("profiles", "customers")
    )
    return ParquetTables(pl.scan_parquet(own), profiles, customers)


def _judged(screen: Screen, tables: ParquetTables, kind: str) -> frames.BulkDoubleBookings:
    arguments: dict[str, Any] = {"by": _KINDS[kind], "merged_into": tables.customers}
    if kind == "practitioner":
        arguments["practitioners"] = tables.profiles
    with screen.bar(f"cli.checking_{kind}s") as on_progress:
        return frames.double_bookings(tables.appointments, on_progress=on_progress, **arguments)


def _kind_lines(found: frames.BulkDoubleBookings, kind: str, language: str) -> Iterator[Line]:
    role: LineRole = "warning" if found.pair_count else "good"
    yield spoken(f"report.bulk_{kind}", language, role, count=found.pair_count)
    if found.pair_count > _LISTED_PAIRS:
        yield spoken("report.bulk_too_many", language, indent=2)
        return
    pairs: pl.DataFrame = found.pairs.collect()
    name = pairs.columns[0]
    first = pairs.sort("start", "first_id", "second_id").head(_SHOWN_PAIRS)
    for owner, one, other, start, end in first.select(name, "first_id", "second_id", "start", "end").rows():
        facts = {
            "owner": owner,
            "first_id": one,
            "second_id": other,
            "start": _text(start),
            "end": _text(end),
        }
        yield spoken("report.bulk_pair", language, indent=2, **facts)
    if len(pairs) > len(first):
        yield spoken("report.bulk_more", language, indent=2, count=len(pairs) - len(first))


def _text(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


def _bad_lines(found: frames.BulkDoubleBookings, alone: bool, language: str) -> Iterator[Line]:
    if found.bad_counts:
        yield spoken("report.bulk_bad", language, "warning", count=sum(found.bad_counts.values()))
    for reason, count in found.bad_counts.items():
        yield Line(f"    {shown(reason)}: {count}")
    if alone:
        yield spoken("report.bulk_profiles_alone", language, "detail")
