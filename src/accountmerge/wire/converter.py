"""The converter: one for every value, built when the first is read or written."""

from __future__ import annotations

from functools import cache

from cattrs import Converter

from accountmerge.wire.class_readers import ColumnReader


@cache
def converter() -> Converter:
    """Return the converter of the library."""
    # A fifth of the time to import the library would go into this: only who reads or writes waits for it.
    from accountmerge.wire.class_hooks import built_converter

    return built_converter()


@cache
def rows_reader(cls: type) -> ColumnReader | None:
    """Return what reads many rows of a class at once; None for a class of which each row is read by itself."""
    from accountmerge.wire.class_hooks import built_column_reader

    return built_column_reader(converter(), cls)
