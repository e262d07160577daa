"""The entities of a table that comes as columns.

Blocks of rows are read column by column, as `loads` reads them. A block with a fault is read again row by row, by the
very reader of files, so that a frame and a file are refused for the same reasons under the same codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from accountmerge.errors import Fault, InvalidValueError
from accountmerge.frames.cells import Cells
from accountmerge.frames.columns import VERSION, VERSION_NUMBER, columns_of
from accountmerge.model.construction import column_maker
from accountmerge.model.entities import Entity, EntityKind
from accountmerge.model.instants import from_microseconds, rfc3339
from accountmerge.model.time_slots import TimeSlot
from accountmerge.wire.class_readers import Shared, Take, WireField
from accountmerge.wire.converter import fields_of_columns, model_converter
from accountmerge.wire.faults import Faults, faults_of

_AT_ONCE = 512
"""Rows per block. Few, because a fault makes the reader take each row of its block alone."""


class Rows(NamedTuple):
    """The rows of a table.

    Attributes:
        entities: The entity of each row, None for a row with a fault.
        unreadable: The plain values of each row with a fault, by its number.
    """

    entities: list[Entity | None]
    unreadable: dict[int, dict[str, Any]]


def rows_of(
    kind: EntityKind,
    cells: Mapping[str, Cells],
    count: int,
    shared: Shared,
    report: Callable[[int, Fault], None],
) -> Rows:
    """Return the rows of a table, and report every fault with its row.

    Args:
        kind: The kind of entity.
        cells: The columns that the frame has, by their names.
        count: The number of rows.
        shared: Ids that were read and are correct.
        report: Takes the number of a row, and a fault with its path in the row.
    """
    table = _Table(kind, cells)
    rows = Rows([], {})
    for start in range(0, count, _AT_ONCE):
        end = min(start + _AT_ONCE, count)
        block = table.block(start, end, shared)
        rows.entities.extend(_one_by_one(table, start, end, rows, report) if block is None else block)
    return rows


def _one_by_one(
    table: _Table, start: int, end: int, rows: Rows, report: Callable[[int, Fault], None]
) -> Iterator[Entity | None]:
    for row in range(start, end):
        entity, faults = table.row(row)
        for fault in faults:
            report(row, fault)
        if entity is None:
            rows.unreadable[row] = table.as_in_a_file(row)
        yield entity


class _Table:
    """The columns of a table, which are read as blocks or as rows."""

    def __init__(self, kind: EntityKind, cells: Mapping[str, Cells]) -> None:
        self._cells = _with_one_version(cells)
        cls: Any = kind.cls
        self._cls = cls
        self._read = model_converter().get_structure_hook(kind.cls)
        self._instants = {column.name for column in columns_of(kind.collection) if column.form == "instant"}
        self._make = column_maker(cls)
        self._fields = fields_of_columns(cls)
        self._bad = {row for column in self._cells.values() for row in column.bad}

    def block(self, start: int, end: int, shared: Shared) -> list[Entity] | None:
        """Return the entities of some rows, or None if one of them has a fault."""
        if self._bad and not self._bad.isdisjoint(range(start, end)):
            return None
        try:
            columns = [self._column(field, take, start, end, shared) for field, take in self._fields]
        except (Fault, Faults, InvalidValueError, LookupError, TypeError, ValueError, ExceptionGroup):
            return None  # each row is read alone below, with its faults
        return self._make(*columns)

    def _column(self, field: WireField, take: Take, start: int, end: int, shared: Shared) -> list[Any]:
        if len(field.keys) > 1:
            return _slots(*(self._cells[key].values[start:end] for key in field.keys))
        (key,) = field.keys
        if key not in self._cells:
            if field.is_required:
                raise Fault("missing_key")
            return [field.default] * (end - start)
        values = self._cells[key].values[start:end]
        if None not in values:
            return self._taken(key, take, values, shared)
        if field.is_required:
            raise Fault("missing_key")
        present = [value for value in values if value is not None]
        if not present:
            return [field.default] * len(values)
        following, default = iter(self._taken(key, take, present, shared)), field.default
        return [default if value is None else next(following) for value in values]

    def _taken(self, key: str, take: Take, values: list[Any], shared: Shared) -> list[Any]:
        return list(map(from_microseconds, values)) if key in self._instants else take(values, shared)

    def row(self, row: int) -> tuple[Entity | None, list[Fault]]:
        """Return the entity of a row, or None and its faults."""
        bad = {name: column.bad[row] for name, column in self._cells.items() if row in column.bad}
        faults: list[Fault] = []
        try:
            entity: Entity = self._read(self.as_in_a_file(row), self._cls)
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            faults += (fault for fault in faults_of(error) if fault.path not in bad)
        faults += (fault.below(name) for name, fault in bad.items())
        return (None, faults) if faults else (entity, [])

    def as_in_a_file(self, row: int) -> dict[str, Any]:
        """Return the values of a row as a file has them, without those that no file could have."""
        values = ((name, column.values[row]) for name, column in self._cells.items() if row not in column.bad)
        return {
            name: rfc3339(value) if name in self._instants and type(value) is int else value
            for name, value in values
            if value is not None
        }


def _slots(starts: list[Any], ends: list[Any]) -> list[Any]:
    if None in starts or None in ends:
        raise Fault("missing_key")
    if any(start >= end for start, end in zip(starts, ends, strict=True)):
        raise InvalidValueError("end_not_after_start")
    return column_maker(TimeSlot)(starts, ends)


def _with_one_version(cells: Mapping[str, Cells]) -> dict[str, Cells]:
    """Return the columns with the whole numbers among the versions in the column of versions."""
    rest = dict(cells)
    numbers = rest.pop(VERSION_NUMBER, None)
    if numbers is None:
        return rest
    texts = rest.get(VERSION, Cells([None] * len(numbers.values), {}))
    twice = Fault("frame_column_twice", columns=(VERSION, VERSION_NUMBER))
    bad = {
        row: twice
        for row, pair in enumerate(zip(texts.values, numbers.values, strict=True))
        if None not in pair
    }
    values = [
        text if number is None else number for text, number in zip(texts.values, numbers.values, strict=True)
    ]
    rest[VERSION] = Cells(values, {**numbers.bad, **texts.bad, **bad})
    return rest
