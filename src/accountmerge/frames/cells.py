"""The cells of a column in the form that a file has, whatever their types in a frame.

No cell is changed into another value. Whole numbers are taken as text in columns of ids, because many stores count
their rows; floats only if all of them are whole, because pandas keeps whole numbers with nulls so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import attrs
import numpy as np
import polars as pl

from accountmerge.errors import Fault, InvalidValueError
from accountmerge.frames.column_times import Zones, clock_at, instant_of, instants_of, of_invalid_value
from accountmerge.frames.columns import VERSION, Column, Form
from accountmerge.model.entities import KINDS
from accountmerge.model.instants import rfc3339
from accountmerge.model.json_text import LARGEST_INTEGER
from accountmerge.model.texts import IDENTIFIER, LABEL
from accountmerge.model.value_rules import rule_of
from accountmerge.wire.scalars import json_value, wrong_type

Words = Mapping[str, str]
"""Words of the caller, each with ours."""


class Cells(NamedTuple):
    """The cells of a column, in the order of the rows.

    Attributes:
        values: The value of each row as a file has it, instants in microseconds; None if it is absent or has a fault.
        bad: The faults of rows whose cells no file could have.
    """

    values: list[Any]
    bad: dict[int, Fault]


def cells_of(series: pl.Series, column: Column, zones: Zones, words: Words | None = None) -> Cells:
    """Return the cells of a column of a frame.

    Args:
        series: The column of the frame.
        column: The column that it is read as.
        zones: The zone of times without one.
        words: The caller's words, each with ours.
    """
    if words is not None:
        plain = _plain_values(series, column, zones)
        return Cells([_word(value, words) for value in plain.values], plain.bad)
    if column.form == "instant":
        return Cells(*instants_of(series, zones))
    return _plain_values(series, column, zones)


def _word(value: Any, words: Words) -> Any:
    name = word_key(value)
    return value if name is None else words.get(name, value)


def word_key(value: object) -> str | None:
    """Return the text for the look-up of a code of the caller, or None for another value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _plain_values(series: pl.Series, column: Column, zones: Zones) -> Cells:
    kind = series.dtype
    if kind == pl.Null:
        return Cells([None] * len(series), {})
    if isinstance(kind, pl.Categorical | pl.Enum):
        series = series.cast(pl.String)
    elif kind.is_float() or isinstance(kind, pl.Decimal):
        series = _whole(series)
    if series.dtype.is_integer() and takes_numbers(column) and column.name != VERSION:
        series = series.cast(pl.String)
    if series.dtype == pl.String and column.form in ("text", "words"):
        return Cells(series.to_list(), {})
    if column.form in ("date", "wall_time"):
        series = _written(series, column)
    return _one_by_one(series.to_list(), column, zones)


def takes_numbers(column: Column) -> bool:
    """Return whether whole numbers are text in a column, as in one of ids."""
    kind = next(kind for kind in KINDS if kind.collection == column.table)
    rule = rule_of(attrs.fields_dict(kind.cls)[column.field])
    return column.field in kind.store_given or (
        rule is not None and (rule.inner or rule) in (IDENTIFIER, LABEL)
    )


def _whole(series: pl.Series) -> pl.Series:
    """Return a column of floats or decimals as whole numbers if each one is."""
    present = series.drop_nulls()
    if series.dtype.is_float():
        numbers = present.to_numpy()
        if (
            np.isfinite(numbers).all()
            and (numbers % 1 == 0).all()
            and (abs(numbers) <= LARGEST_INTEGER).all()
        ):
            return series.cast(pl.Int64)
        return series
    return series if any(number % 1 for number in present) else series.cast(pl.Int128)


def _written(series: pl.Series, column: Column) -> pl.Series:
    """Return dates and wall times as the text of a file. Times of midnight are dates, which pandas has no type for."""
    kind = series.dtype
    if column.form == "date":
        if isinstance(kind, pl.Datetime) and kind.time_zone is None and _is_midnight(series):
            series = series.dt.date()
        return series.dt.to_string("%Y-%m-%d") if series.dtype == pl.Date else series
    if isinstance(kind, pl.Datetime) and kind.time_zone is None:
        return series.dt.to_string("%Y-%m-%dT%H:%M:%S%.f")
    return series


def _is_midnight(series: pl.Series) -> bool:
    return not (series.drop_nulls().dt.time().cast(pl.Int64) != 0).any()


def _one_by_one(values: list[Any], column: Column, zones: Zones) -> Cells:
    cells = Cells([], {})
    read = _READERS[column.form]
    for row, value in enumerate(values):
        try:
            cells.values.append(
                None if value is None else read(_native(value), column, partial(clock_at, zones, row))
            )
        except (Fault, InvalidValueError) as error:
            cells.values.append(None)
            cells.bad[row] = error if isinstance(error, Fault) else of_invalid_value(error)
    return cells


Clock = Callable[[], Callable[[int], int]]
"""Returns the clock of times without zone, or raises the fault that there is none."""


def _native(value: Any) -> Any:
    """Return a scalar of NumPy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value


def _text(value: Any, column: Column, _: Clock) -> Any:
    is_number = isinstance(value, int | UUID) and not isinstance(value, bool)
    if is_number and takes_numbers(column) and (column.name != VERSION or isinstance(value, UUID)):
        return str(value)
    if isinstance(value, str | bool | int | float | list | dict):
        return value  # the reader of files refuses what is no text
    raise wrong_type("text", value)


def _whole_number(value: Any, _: Column, __: Clock) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,16}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type("whole_number", value)
    return value


def _date(value: Any, _: Column, __: Clock) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
        value = value.date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        raise wrong_type("date", value)
    return _json_like(value, "date")


def _wall_time(value: Any, _: Column, __: Clock) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise InvalidValueError("wall_time_aware")
        return value.isoformat()
    return _json_like(value, "wall_time")


def _json_like(value: Any, wanted: str) -> Any:
    """Return a value that JSON has, which the reader of files takes or refuses."""
    if isinstance(value, str | bool | int | float | list | dict):
        return value
    raise wrong_type(wanted, value)


def _json(value: Any, _: Column, clock: Clock) -> Any:
    return json_value(value) if isinstance(value, str) else _nested(value, clock)


def _nested(value: Any, clock: Clock) -> Any:
    """Return lists and structs as JSON data. A field of a struct that is null is absent, as a null cell is."""
    if isinstance(value, dict):
        return {key: _nested(item, clock) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple | np.ndarray | pl.Series):
        return [_nested(_native(item), clock) for item in value]
    if isinstance(value, datetime):
        return rfc3339(instant_of(value, clock))
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None:
        return None
    return _json_like(value, "json_value")


_READERS: Mapping[Form, Callable[[Any, Column, Clock], Any]] = {
    "text": _text,
    "words": _text,
    "whole_number": _whole_number,
    "date": _date,
    "wall_time": _wall_time,
    "json": _json,
}
