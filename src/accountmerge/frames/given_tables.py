"""A table of the caller, with its columns under our names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import attrs
import polars as pl

from accountmerge.errors import Fault
from accountmerge.frames.cells import Cells, Words, cells_of
from accountmerge.frames.column_times import Zones
from accountmerge.frames.columns import Column, columns_of
from accountmerge.frames.frame_faults import FrameFault, FrameFaults
from accountmerge.frames.polars_frames import polars_frame
from accountmerge.model.entities import CollectionName

OWN_ZONE = "time_zone"
"""The zone of times without one that are in the zone of their row."""
_EMAILS = {"primary_email": "primary", "secondary_email": "secondary"}
"""Columns of customers with one address each, and its use."""
_ONE_BY_ONE: Mapping[CollectionName, Mapping[str, tuple[str, ...]]] = {
    "customers": {"emails": tuple(_EMAILS), "phones": ("phone",)}
}
"""Columns with one entry each, of a column that has several."""
_SHOWABLE = re.compile(r"[^\W\d][\w ,.\-/#()]{0,39}")
"""A name of a column, or a code, that an error shows. Other texts may be values of a person."""
_ALIKE = 0.6


class GivenTable(NamedTuple):
    """A table of the caller.

    Attributes:
        name: The name of the table.
        series: The columns that are known, by our names.
        theirs: The caller's names of columns, by ours.
        missing: Required columns that the frame does not have.
        row_count: The number of rows.
    """

    name: CollectionName
    series: Mapping[str, pl.Series]
    theirs: Mapping[str, str]
    missing: frozenset[str]
    row_count: int

    def shown(self, column: str) -> str:
        """Return the caller's name of a column, if it differs from ours and may be shown."""
        theirs = self.theirs.get(column, column)
        return theirs if theirs != column and _SHOWABLE.fullmatch(theirs) else ""


def given_table(
    name: CollectionName,
    frame: object,
    names: Mapping[str, str | None],
    faults: FrameFaults,
    *,
    filled: frozenset[str] = frozenset(),
) -> GivenTable | None:
    """Return a table of the caller, or None if it is no frame.

    Adds the faults of its columns.

    Args:
        name: The name of the table.
        frame: The frame.
        names: The name of ours, by each of the caller's names that differ; None leaves a column out.
        faults: Takes the faults.
        filled: Required columns that the frame need not have.
    """
    try:
        data = polars_frame(frame)
    except Fault as fault:
        faults.add(fault.below(name))
        return None
    theirs = _theirs(name, data.columns, names, faults)
    known = given_names(name)
    series = {ours: data[theirs[ours]] for ours in theirs if ours in known}
    missing = frozenset(_missing(name, series)) - filled if data.columns else frozenset()
    _add_wrong_names(name, theirs, known, missing, faults)
    for column, singles in _ONE_BY_ONE.get(name, {}).items():
        twice = [single for single in singles if single in series]
        if twice and column in series:
            faults.add(Fault("frame_column_twice", f"{name}.{column}", columns=(column, *twice)))
        elif twice:
            theirs[column] = ", ".join(theirs[single] for single in twice)
    return GivenTable(name, series, theirs, missing, len(data))


def _theirs(
    name: CollectionName, columns: Iterable[str], names: Mapping[str, str | None], faults: FrameFaults
) -> dict[str, str]:
    """Return the caller's name of each column by the name that it gets."""
    theirs: dict[str, str] = {}
    given = list(columns)
    for place in sorted(names.keys() - set(given)):
        meant = nearest(place, given)
        faults.add(FrameFault("frame_column_absent", f"columns.{name}", **_named(found=place, meant=meant)))
    for column in given:
        ours = names.get(column, column)
        if not ours:
            continue
        if ours in theirs:
            both = tuple(each for each in (theirs[ours], column) if _SHOWABLE.fullmatch(each))
            faults.add(Fault("frame_column_twice", f"{name}.{ours}", columns=both))
        theirs[ours] = column
    return theirs


def given_names(name: CollectionName) -> set[str]:
    """Return our names of the columns that a table of the caller may have."""
    singles = _ONE_BY_ONE.get(name, {}).values()
    return {column.name for column in columns_of(name)}.union(*singles)


def _missing(name: CollectionName, series: Mapping[str, pl.Series]) -> Iterable[str]:
    given = {many for many, singles in _ONE_BY_ONE.get(name, {}).items() if series.keys() & set(singles)}
    for column in columns_of(name):
        if column.is_required and column.name not in given.union(series):
            yield column.name


def _add_wrong_names(
    name: CollectionName,
    theirs: Mapping[str, str],
    known: set[str],
    missing: Iterable[str],
    faults: FrameFaults,
) -> None:
    """Add a fault for each unknown and each missing column, with the one that it resembles."""
    unknown = [ours for ours in theirs if ours not in known]
    has_names = len(unknown) < len(theirs) or any(nearest(ours, known) for ours in unknown)
    for place, ours in enumerate(unknown):
        meant = nearest(ours, known - theirs.keys()) if has_names else ""
        # A file without a line of names has the values of its first row in the place of the names.
        shown = ours if has_names and _SHOWABLE.fullmatch(ours) else f"<column {place + 1}>"
        faults.add(FrameFault("unknown_key", f"{name}.{shown}", **_named(meant=meant)))
    for ours in sorted(missing):
        meant = nearest(ours, [each for each in unknown if _SHOWABLE.fullmatch(each)]) if has_names else ""
        faults.add(FrameFault("missing_key", f"{name}.{ours}", **_named(meant=meant)))


def _named(**facts: str) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact and _SHOWABLE.fullmatch(fact)}


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that a word resembles most, or empty text."""
    folded = {_folded(each): each for each in known}
    return next((folded[each] for each in get_close_matches(_folded(word), folded, n=1, cutoff=_ALIKE)), "")


def _folded(word: str) -> str:
    return re.sub(r"[\W_]+", "", word).lower()


def is_showable(word: str) -> bool:
    """Return whether an error may show a text that should be a word of a vocabulary."""
    return _SHOWABLE.fullmatch(word) is not None or word.isdigit()


def cells_of_table(given: GivenTable, zone: str | None, words: Mapping[str, Words]) -> dict[str, Cells]:
    """Return the cells of each column of a table by its name.

    Args:
        given: The table.
        zone: The zone of times without one, and of a table without column `time_zone`; or `time_zone` for the zone in
            that column.
        words: The caller's words of each column, each with ours.
    """
    known = {column.name: column for column in columns_of(given.name)}
    cells: dict[str, Cells] = {}
    zones: Zones = None if zone == OWN_ZONE else zone
    if OWN_ZONE in given.series:
        cells[OWN_ZONE] = cells_of(given.series[OWN_ZONE], known[OWN_ZONE], None, words.get(OWN_ZONE))
        if zone == OWN_ZONE:
            zones = [name if isinstance(name, str) else None for name in cells[OWN_ZONE].values]
    elif OWN_ZONE in known and zone not in (None, OWN_ZONE):
        cells[OWN_ZONE] = Cells([zone] * given.row_count, {})
    for name, series in given.series.items():
        if name in known and name not in cells:
            cells[name] = cells_of(series, known[name], zones, words.get(name))
    return cells | dict(_from_single_columns(given, known))


def _from_single_columns(given: GivenTable, known: Mapping[str, Column]) -> Iterator[tuple[str, Cells]]:
    """Yield the cells of each column whose entries are in columns of their own."""
    for name, singles in _ONE_BY_ONE.get(given.name, {}).items():
        entries = {
            single: cells_of(given.series[single], attrs.evolve(known[name], form="text"), None)
            for single in singles
            if single in given.series
        }
        if entries and name not in given.series:
            bad = {row: fault for cells in entries.values() for row, fault in cells.bad.items()}
            rows = zip(*(cells.values for cells in entries.values()), strict=True)
            values = [
                [
                    _entry(single, value)
                    for single, value in zip(entries, row, strict=True)
                    if value is not None
                ]
                for row in rows
            ]
            yield name, Cells([value or _absent(known[name]) for value in values], bad)


def _entry(single: str, value: Any) -> Any:
    return {"address": value, "use": _EMAILS[single]} if single in _EMAILS else value


def _absent(column: Column) -> list[Any] | None:
    return [] if column.is_required else None
