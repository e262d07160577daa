"""The tables of a snapshot as polars frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

import attrs
import polars as pl

from accountmerge.frames.columns import VERSION, VERSION_NUMBER, Column, columns_of
from accountmerge.model.entities import KINDS, CollectionName, Entity
from accountmerge.model.instants import microseconds
from accountmerge.model.json_text import FrozenJson, canonical
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.value_rules import TRUTH, argument, words
from accountmerge.wire.converter import model_converter

_TABLES = words(*(kind.collection for kind in KINDS))


def tables(snapshot: Snapshot, *, values: bool = False) -> dict[CollectionName, Any]:
    """Return every table of a snapshot as a polars frame, by name.

    Args:
        snapshot: The snapshot.
        values: Whether personal columns are included. Default: they are left out, and `snapshot` cannot read the
            frames back.

    Returns:
        One frame for each of the six tables, also for empty ones, as `table` makes them. Takes time in proportion to
        the number of rows.

    Raises:
        InvalidValueError: The value is no snapshot, or `values` is no truth value.
    """
    return {kind.collection: table(snapshot, kind.collection, values=values) for kind in KINDS}


def table(snapshot: Snapshot, name: CollectionName, *, values: bool = False) -> pl.DataFrame:
    """Return one table of a snapshot as a polars frame.

    Args:
        snapshot: The snapshot.
        name: `profiles`, `customers`, `appointments`, `records`, `access` or `access_requests`.
        values: Whether personal columns are included. Default: they are left out.

    Returns:
        A frame with the documented columns of the table and one row for each entity, in the order of the ids. Absent
        values are null, instants are in UTC to the microsecond, and nested values are JSON text.

    Raises:
        InvalidValueError: The value is no snapshot, there is no such table, or `values` is no truth value.
    """
    require_snapshot(snapshot)
    argument("values", TRUTH.check, values)
    argument("name", _TABLES.check, name)
    return frame_of(name, snapshot.table(name).sorted(), values=values)


def frame_of(name: CollectionName, rows: Iterable[Entity], *, values: bool) -> pl.DataFrame:
    """Return entities of one kind as a frame, in the given order."""
    given = list(rows)
    return pl.DataFrame(
        [
            _series(column, list(map(attrgetter(column.field), given)))
            for column in columns_of(name)
            if values or not column.is_personal
        ]
    )


def _series(column: Column, values: list[Any]) -> pl.Series:
    if column.form == "instant":  # as whole numbers, which polars takes several times faster than datetimes
        write = _WRITERS.get(column.name, _instant)
        return pl.Series(column.name, list(map(write, values)), dtype=pl.Int64).cast(column.type)
    write = _json_writer(column) if column.form == "json" else _WRITERS.get(column.name, _as_it_is)
    return pl.Series(column.name, list(map(write, values)), dtype=column.type)


def _json_writer(column: Column) -> Callable[[Any], str | None]:
    """Return the writer of a nested value as JSON text.

    It writes None for an absent value and for an empty optional one.
    """
    kind = next(kind for kind in KINDS if kind.collection == column.table)
    default = attrs.fields_dict(kind.cls)[column.field].default
    unstructure = model_converter().unstructure

    def write(value: Any) -> str | None:
        if value is None or value == default:
            return None
        if type(value) is FrozenJson:
            return value.text
        return canonical(
            [unstructure(item) for item in value] if type(value) is tuple else unstructure(value)
        )

    return write


def _as_it_is(value: Any) -> Any:
    return value


def _instant(moment: Any) -> int | None:
    return None if moment is None else microseconds(moment)


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "start": lambda slot: slot.start_us,
    "end": lambda slot: slot.end_us,
    "email": lambda address: address.text,
    VERSION: lambda version: version if type(version) is str else None,
    VERSION_NUMBER: lambda version: version if type(version) is int else None,
}
"""The function from a value of the model to a cell, for columns that need one of their own."""
