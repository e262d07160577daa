"""Frames of every engine as eager polars frames, without a change of any value."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import narwhals as nw
import polars as pl

from accountmerge.errors import Fault


def polars_frame(frame: object) -> pl.DataFrame:
    """Return a frame of any engine that narwhals knows as an eager polars frame.

    A column whose values polars has no type for becomes one of Python objects.

    Raises:
        Fault: The value is no frame, or two of its columns have the same name.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    try:
        known: Any = nw.from_native(frame)
    except TypeError:
        raise Fault("wrong_type", wanted="frame", found="value") from None
    except nw.exceptions.DuplicateError:
        raise Fault("frame_names_repeat") from None
    return _converted(known)


def _converted(frame: Any) -> pl.DataFrame:
    if isinstance(frame, nw.LazyFrame):  # by Arrow, because one column of an unknown type would stop polars
        frame = frame.collect(backend="pyarrow")
    if len(set(frame.columns)) < len(frame.columns):
        raise Fault("frame_names_repeat")
    if frame.implementation.is_pandas():
        native = frame.to_native()
        return pl.DataFrame(
            [_of_pandas(name, native.iloc[:, place]) for place, name in enumerate(frame.columns)]
        )
    if frame.implementation.is_pyarrow():
        return pl.DataFrame([_of_arrow(name, frame[name].to_native()) for name in frame.columns])
    whole: pl.DataFrame = frame.to_polars()
    return whole


def _of_pandas(name: object, column: Any) -> pl.Series:
    """Return a column of pandas as polars has it.

    Python objects stay as they are: their guessed type would make a naive time one of UTC.
    """
    if column.dtype != object:
        with contextlib.suppress(Exception):  # a type that polars does not have, or one that needs pyarrow
            made: pl.Series = pl.from_pandas(column)
            return made.alias(str(name))
    values = [value if there else None for value, there in zip(column, column.notna(), strict=True)]
    return series_of_objects(str(name), values)


def _of_arrow(name: str, column: Any) -> pl.Series:
    with contextlib.suppress(Exception):  # a type that polars does not have
        made: Any = pl.from_arrow(column)
        return made.alias(name)  # type: ignore[no-any-return]
    return series_of_objects(name, column.to_pylist())


def series_of_objects(name: str, values: list[Any]) -> pl.Series:
    """Return Python objects as a series.

    It is one of text if every one is text that UTF-8 has, and one of decimals if all are decimals.
    """
    if all(value is None or type(value) is str for value in values):
        with contextlib.suppress(UnicodeEncodeError):
            return pl.Series(name, values, dtype=pl.String)
    elif all(value is None or type(value) is Decimal for value in values):
        with contextlib.suppress(Exception):  # one that polars cannot hold, such as NaN
            return pl.Series(name, values)
    return pl.Series(name, values, dtype=pl.Object)
