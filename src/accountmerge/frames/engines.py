"""Frames of the caller's engine, made of frames of polars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from accountmerge.errors import InvalidValueError

EAGER = (nw.Implementation.POLARS, nw.Implementation.PANDAS, nw.Implementation.PYARROW)
LAZY = (
    nw.Implementation.POLARS,
    nw.Implementation.DUCKDB,
    nw.Implementation.PYSPARK,
    nw.Implementation.PYSPARK_CONNECT,
)
ENGINES = ("polars", "pandas", "pyarrow", "duckdb", "pyspark")
"""The engines whose frames bulk questions take."""


def known_frame(argument: str, frame: Any) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    """Return a frame of a caller, and refuse other values.

    Args:
        argument: The name of the argument, for the error.
        frame: The frame.
    """
    taken = nw.from_native(frame, pass_through=True)
    if not isinstance(taken, nw.DataFrame | nw.LazyFrame):
        raise InvalidValueError("frame_wanted", field=argument, allowed=ENGINES)
    known = EAGER if isinstance(taken, nw.DataFrame) else LAZY
    if taken.implementation not in known:
        raise InvalidValueError("frame_wanted", field=argument, allowed=ENGINES)
    if taken.implementation.is_pyarrow():
        plain: nw.DataFrame[Any] = nw.from_native(_without_views(taken.to_native()), eager_only=True)
        return plain
    return taken


def _without_views(table: Any) -> Any:
    """Return a table with plain text in the place of views, of which pyarrow cannot take rows."""
    import pyarrow as pa

    plain = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    if plain.keys().isdisjoint(table.schema.types):
        return table
    fields = [field.with_type(plain.get(field.type, field.type)) for field in table.schema]
    return table.cast(pa.schema(fields, table.schema.metadata))


def in_engine(frame: pl.DataFrame, like: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> Any:
    """Return a frame of polars as a frame of the engine of another one."""
    native = like.to_native()
    if isinstance(like, nw.LazyFrame):
        return _in_lazy_engine(frame, native)
    if like.implementation is nw.Implementation.PANDAS:
        return frame.to_pandas(use_pyarrow_extension_array=_is_arrow_backed(native))
    if like.implementation is nw.Implementation.PYARROW:
        return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return frame


def _in_lazy_engine(frame: pl.DataFrame, native: Any) -> Any:
    if isinstance(native, pl.LazyFrame):
        return frame.lazy()
    accountmerge_rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    if hasattr(native, "sparkSession"):
        return native.sparkSession.createDataFrame(accountmerge_rows)
    # DuckDB finds the variable by its name, which no table of the caller has.
    return native.query("accountmerge_bookings", "SELECT * FROM accountmerge_rows")


def _is_arrow_backed(native: Any) -> bool:
    """Return whether a column of a pandas frame is of the types of Arrow."""
    return any(type(dtype).__name__ == "ArrowDtype" for dtype in native.dtypes)


def collected(frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> pl.DataFrame:
    """Return a frame of any engine as one of polars."""
    if isinstance(frame, nw.DataFrame):
        return frame.to_polars()
    if frame.implementation is nw.Implementation.POLARS:
        native: pl.LazyFrame = frame.to_native()
        return native.collect(engine="streaming")
    taken: pl.DataFrame = frame.collect(backend="polars").to_native()
    return taken


def links_from(argument: str, given: Any, names: tuple[str, str]) -> dict[Any, Any]:
    """Return links between ids without the empty ones, from a mapping or a frame.

    Args:
        argument: The name of the argument, for errors.
        given: The links, or None.
        names: The columns of a frame, the link after the id.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {id: onward for id, onward in given.items() if onward is not None}
    frame = known_frame(argument, given)
    present = frame.collect_schema().names()
    missing = tuple(name for name in names if name not in present)
    if missing:
        raise InvalidValueError("frame_columns_missing", columns=missing)
    id, onward = names
    rows: Any = frame.select(*names)
    linked = collected(rows.filter(~nw.col(id).is_null() & ~nw.col(onward).is_null()))
    return dict(zip(linked[id].to_list(), linked[onward].to_list(), strict=True))
