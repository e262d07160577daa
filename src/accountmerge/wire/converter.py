"""The one converter for every value, built at the first reading or writing."""

from __future__ import annotations

from functools import cache

from cattrs import Converter

from accountmerge.wire.class_readers import ColumnReader, Take, WireField


@cache
def converter() -> Converter:
    """Return the converter of the library."""
    from accountmerge.wire.change_hooks import register  # costly, and reading a snapshot does not need it

    whole = model_converter()
    register(whole)
    return whole


@cache
def model_converter() -> Converter:
    """Return the converter, which may know the values of the model only."""
    from accountmerge.wire.class_hooks import built_converter  # costly, and built on demand

    return built_converter()


@cache
def rows_reader(cls: type) -> ColumnReader | None:
    """Return the reader of many rows of a class, or None if each row must be read alone."""
    from accountmerge.wire.class_hooks import built_column_reader

    return built_column_reader(model_converter(), cls)


@cache
def fields_of_columns(cls: type) -> tuple[tuple[WireField, Take], ...]:
    """Return each field of a class with the reader of its column, for rows that come as columns."""
    from accountmerge.wire.class_hooks import built_column_takes

    return built_column_takes(model_converter(), cls)
